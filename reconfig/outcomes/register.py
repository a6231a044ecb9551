"""The assumption register: every clinical or cost number, with source and confidence."""

from __future__ import annotations

import csv
import math
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from numbers import Real
from pathlib import Path

import numpy as np

from reconfig.core import Faults, InputError, suggestion
from reconfig.outcomes.correlations import (
    CorrelatedGroup,
    Correlation,
    check_groups,
    groups,
    read_correlations,
)
from reconfig.outcomes.distributions import DISTRIBUTIONS, parameter_fault

COLUMNS = (
    "id",
    "what",
    "value",
    "distribution",
    "parameters",
    "unit",
    "source",
    "confidence",
    "note",
)
CONFIDENCE = ("found", "recalled", "derived", "judgement")

# What a value can be, by how its unit begins: lowest and highest, ends included.
LIMITS: dict[str, tuple[float, float]] = {
    r"share( of .*)?": (0.0, 1.0),
    r"deaths per case": (-1.0, 1.0),
    r"(cases|deaths) per (person per )?year|minutes|hours|days|consultants|sites|year": (
        0.0,
        np.inf,
    ),
    r"ratio|relative rate": (0.0, np.inf),
}


@dataclass(frozen=True)
class Assumption:
    """One number with its distribution, unit, source and how far to trust it.

    value: the central value (the mean of the distribution). parameters: what the distribution
    needs beside it. confidence: found, recalled, derived or judgement.
    """

    id: str
    what: str
    value: float
    distribution: str
    parameters: Mapping[str, float]
    unit: str
    source: str
    confidence: str
    note: str

    @property
    def is_spread(self) -> bool:
        """Say whether anything but the value itself is possible."""
        return self.distribution != "fixed"

    def quantile(self, uniform: np.ndarray) -> np.ndarray:
        """Return the quantiles of the distribution at numbers inside 0 to 1 (same shape)."""
        return DISTRIBUTIONS[self.distribution].quantile(self.value, self.parameters, uniform)

    def moved(self, value: float) -> Assumption:
        """Return it with another value, as widely spread round it as it was round its own.

        Normal: same standard deviation; beta: same a + b; gamma and lognormal: same share of the
        mean; uniform: same width. A share moved to 0 or 1, or an amount to 0, has no spread left.
        """
        distribution = DISTRIBUTIONS[self.distribution]
        if distribution.at_an_end(value):
            return replace(self, value=value, distribution="fixed", parameters={})
        parameters = distribution.moved(self.value, self.parameters, value)
        return replace(self, value=value, parameters=parameters)

    def impossible(self, value: float) -> str:
        """Return what a value should have been, or nothing if it is a possible one."""
        low, high = DISTRIBUTIONS[self.distribution].low, DISTRIBUTIONS[self.distribution].high
        for unit, (lowest, highest) in LIMITS.items():
            if re.fullmatch(unit, self.unit):
                low, high = max(low, lowest), min(high, highest)
        if low <= value <= high:
            return ""
        return f"a number from {low:g} to {high:g}" if math.isfinite(high) else f"at least {low:g}"


class Register(Mapping[str, Assumption]):
    """Assumptions by id; `value(id)` is the short way to a central value.

    overrides: id -> (the register's own value, the value used), for every assumption that was
    changed after the register was read.
    """

    def __init__(
        self,
        assumptions: Mapping[str, Assumption],
        correlations: Iterable[Correlation] = (),
        overrides: Mapping[str, tuple[float, float]] | None = None,
    ) -> None:
        self._assumptions = dict(assumptions)
        self.correlations = tuple(correlations)
        self.overrides: Mapping[str, tuple[float, float]] = dict(overrides or {})

    @classmethod
    def from_csv(cls, path: Path, correlations: Path | None = None) -> Register:
        """Read and check a register and its correlations; raise InputError, listing every fault."""
        faults = Faults()
        found: dict[str, Assumption] = {}
        with path.open(newline="", encoding="utf-8-sig") as file:
            reader = csv.DictReader(file)
            if tuple(reader.fieldnames or ()) != COLUMNS:
                faults.add(path.name, "header", f"{reader.fieldnames}", f"{', '.join(COLUMNS)}")
                raise InputError(faults.found)
            seen: set[str] = set()
            for line, row in enumerate(reader, start=2):
                seen.add(row["id"])
                assumption = _read_row(row, path.name, line, faults)
                if assumption is not None and assumption.id in found:
                    faults.add(path.name, f"line {line}", f"id '{assumption.id}' again", "once")
                elif assumption is not None:
                    found[assumption.id] = assumption
        linked: list[Correlation] = []
        if correlations is not None:
            spread = {key for key in seen if key not in found or found[key].is_spread}
            linked = read_correlations(correlations, spread, seen, CONFIDENCE, faults)
            check_groups(linked, correlations.name, faults)
        faults.raise_if_any()
        return cls(found, linked)

    def value(self, assumption_id: str) -> float:
        """Return the central value of an assumption."""
        return self[assumption_id].value

    @cached_property
    def groups(self) -> tuple[CorrelatedGroup, ...]:
        """The groups of assumptions that move together."""
        return groups(self.correlations)

    def replaced(
        self, values: Mapping[str, float], *, file: str = "assumptions", place: str = ""
    ) -> Register:
        """Return a register where some assumptions have another value, as widely spread as before.

        file, place: where the values come from, for the faults. Raise InputError, listing every id
        that is unknown and every value that is no number or impossible.
        """
        faults, changed = Faults(), dict(self._assumptions)
        overrides = dict(self.overrides)
        for key, given in values.items():
            value, where = _finite(given), f"{place} {key}".strip()
            if key not in changed:
                fix = suggestion(key, changed)
                faults.add(file, where, "an unknown id", "an id of assumptions.csv", fix)
                continue
            if value is None:
                faults.add(file, where, f"{given!r}", "a number")
                continue
            if expected := changed[key].impossible(value):
                faults.add(file, where, f"{value:g}", f"{expected} ({changed[key].unit})")
                continue
            own = overrides.pop(key, (changed[key].value, value))[0]
            changed[key] = changed[key].moved(value)
            if value != own:
                overrides[key] = (own, value)
        if not faults:
            _check_weights(changed, file, place, faults)
        faults.raise_if_any()
        return Register(changed, self.correlations, overrides)

    def merged(self, other: Register) -> Register:
        """Return both registers in one; where both have an id or a correlation, other's counts.

        An id of other that has another value or spread here is listed among the overrides.
        """
        overrides = {**self.overrides, **other.overrides}
        for key, theirs in other.items():
            ours = self._assumptions.get(key)
            if ours is not None and _spread(ours) != _spread(theirs):
                overrides[key] = (self.overrides.get(key, (ours.value,))[0], theirs.value)
        linked = {c.pair: c for c in (*self.correlations, *other.correlations)}
        faults, merged = Faults(), {**self._assumptions, **other._assumptions}
        _check_weights(merged, "assumptions.csv", "", faults)
        check_groups(linked.values(), "correlations.csv", faults)
        faults.raise_if_any()
        return Register(merged, linked.values(), overrides)

    def __getitem__(self, key: str) -> Assumption:
        if key not in self._assumptions:
            raise KeyError(f"no assumption '{key}'. {suggestion(key, self._assumptions)}")
        return self._assumptions[key]

    def __contains__(self, key: object) -> bool:
        return key in self._assumptions

    def __iter__(self) -> Iterator[str]:
        return iter(self._assumptions)

    def __len__(self) -> int:
        return len(self._assumptions)


def _finite(given: object) -> float | None:
    """Return a number that was given, as a float; None if it is none."""
    if isinstance(given, bool | np.bool_) or not isinstance(given, Real):
        return None
    return float(given) if math.isfinite(given) else None


def _spread(assumption: Assumption) -> tuple[float, str, Mapping[str, float]]:
    return assumption.value, assumption.distribution, assumption.parameters


def _check_weights(
    assumptions: Mapping[str, Assumption], file: str, place: str, faults: Faults
) -> None:
    """Weights <prefix>_weight_<kind> are shares of their sum: not all may be zero."""
    totals: dict[str, float] = {}
    for key, assumption in assumptions.items():
        prefix, weight, _ = key.partition("_weight_")
        if weight:
            totals[prefix] = totals.get(prefix, 0.0) + abs(assumption.value)
    for prefix, total in totals.items():
        if total == 0:
            where = f"{place} {prefix}_weight_*".strip()
            faults.add(file, where, "every weight is 0", "at least one above 0")


def _read_row(row: dict[str, str], file: str, line: int, faults: Faults) -> Assumption | None:
    before = len(faults.found)
    place = f"line {line} ({row['id']})"
    if None in row.values() or None in row:
        faults.add(file, place, "too few or too many fields", f"{len(COLUMNS)} fields")
        return None
    for key in ("id", "what", "unit", "source"):
        if not row[key].strip():
            faults.add(file, place, f"blank {key}", "a text")
    if row["confidence"] not in CONFIDENCE:
        faults.add(file, place, f"confidence '{row['confidence']}'", f"one of {CONFIDENCE}")
    name = row["distribution"]
    value = _number(row["value"], "value", file, place, faults)
    parameters: dict[str, float] = {}
    for part in filter(None, row["parameters"].split(";")):
        key, _, text = part.partition("=")
        parameters[key.strip()] = _number(text, key, file, place, faults)
    if name not in DISTRIBUTIONS:
        fix = suggestion(name, DISTRIBUTIONS)
        faults.add(file, place, f"distribution '{name}'", "a known distribution", fix)
    elif set(parameters) != set(DISTRIBUTIONS[name].parameters):
        needed = ", ".join(DISTRIBUTIONS[name].parameters) or "none"
        faults.add(file, place, f"parameters '{row['parameters']}'", f"parameters: {needed}")
    elif len(faults.found) == before and (fault := parameter_fault(name, value, parameters)):
        faults.add(file, place, *fault)
    if len(faults.found) > before:
        return None
    texts = (row["unit"], row["source"], row["confidence"], row["note"])
    found = Assumption(row["id"], row["what"], value, name, parameters, *texts)
    if expected := found.impossible(value):
        faults.add(file, place, f"value {value:g}", f"{expected} ({found.unit})")
        return None
    return found


def _number(text: str, what: str, file: str, place: str, faults: Faults) -> float:
    try:
        number = float(text)
    except ValueError:
        number = float("nan")
    if not math.isfinite(number):
        faults.add(file, place, f"{what} '{text}'", "a number")
    return number
