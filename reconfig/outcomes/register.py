"""The assumption register: every clinical or cost number, with source and confidence."""

from __future__ import annotations

import csv
import math
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from reconfig.core import Faults, InputError, suggestion

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

Sampler = Callable[[float, Mapping[str, float], np.random.Generator, int], np.ndarray]


def _gamma(value: float, p: Mapping[str, float], rng: np.random.Generator, n: int) -> np.ndarray:
    shape = 1.0 / p["cv"] ** 2
    return rng.gamma(shape, value / shape, n)


# Distribution -> the parameters it needs, and how to draw from it.
DISTRIBUTIONS: dict[str, tuple[tuple[str, ...], Sampler]] = {
    "fixed": ((), lambda value, p, rng, n: np.full(n, value)),
    "normal": (("sd",), lambda value, p, rng, n: rng.normal(value, p["sd"], n)),
    "beta": (("a", "b"), lambda value, p, rng, n: rng.beta(p["a"], p["b"], n)),
    "gamma": (("cv",), _gamma),
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

    def draws(self, rng: np.random.Generator, number: int) -> np.ndarray:
        """Return that many draws from the distribution (shape: number)."""
        return DISTRIBUTIONS[self.distribution][1](self.value, self.parameters, rng, number)


class Register(Mapping[str, Assumption]):
    """Assumptions by id; `value(id)` is the short way to a central value."""

    def __init__(self, assumptions: Mapping[str, Assumption]) -> None:
        self._assumptions = dict(assumptions)

    @classmethod
    def from_csv(cls, path: Path) -> Register:
        """Read and check a register; raise InputError, listing every fault."""
        faults = Faults()
        found: dict[str, Assumption] = {}
        with path.open(newline="", encoding="utf-8") as file:
            reader = csv.DictReader(file)
            if tuple(reader.fieldnames or ()) != COLUMNS:
                faults.add(path.name, "header", f"{reader.fieldnames}", f"{', '.join(COLUMNS)}")
                raise InputError(faults.found)
            for line, row in enumerate(reader, start=2):
                assumption = _read_row(row, path.name, line, faults)
                if assumption is not None and assumption.id in found:
                    faults.add(path.name, f"line {line}", f"id '{assumption.id}' again", "once")
                elif assumption is not None:
                    found[assumption.id] = assumption
        faults.raise_if_any()
        return cls(found)

    def value(self, assumption_id: str) -> float:
        """Return the central value of an assumption."""
        return self[assumption_id].value

    def __getitem__(self, key: str) -> Assumption:
        if key not in self._assumptions:
            raise KeyError(f"no assumption '{key}'. {suggestion(key, self._assumptions)}")
        return self._assumptions[key]

    def __iter__(self) -> Iterator[str]:
        return iter(self._assumptions)

    def __len__(self) -> int:
        return len(self._assumptions)


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
    value = _number(row["value"], "value", file, place, faults)
    parameters: dict[str, float] = {}
    for part in filter(None, row["parameters"].split(";")):
        name, _, text = part.partition("=")
        parameters[name.strip()] = _number(text, name, file, place, faults)
    if row["distribution"] not in DISTRIBUTIONS:
        faults.add(
            file,
            place,
            f"distribution '{row['distribution']}'",
            "a known distribution",
            suggestion(row["distribution"], DISTRIBUTIONS),
        )
    elif set(parameters) != set(DISTRIBUTIONS[row["distribution"]][0]):
        needed = ", ".join(DISTRIBUTIONS[row["distribution"]][0]) or "none"
        faults.add(file, place, f"parameters '{row['parameters']}'", f"parameters: {needed}")
    elif any(parameter <= 0 for parameter in parameters.values()):
        faults.add(file, place, f"parameters '{row['parameters']}'", "parameters above zero")
    elif row["distribution"] == "beta":
        mean = parameters["a"] / (parameters["a"] + parameters["b"])
        if abs(mean - value) > 0.005 * max(abs(value), 1e-9):
            faults.add(file, place, f"value {value:g} but a mean of {mean:g}", "the same number")
    if len(faults.found) > before:
        return None
    return Assumption(
        row["id"],
        row["what"],
        value,
        row["distribution"],
        parameters,
        row["unit"],
        row["source"],
        row["confidence"],
        row["note"],
    )


def _number(text: str, what: str, file: str, place: str, faults: Faults) -> float:
    try:
        number = float(text)
    except ValueError:
        number = float("nan")
    if not math.isfinite(number):
        faults.add(file, place, f"{what} '{text}'", "a number")
    return number
