"""What a batch came to: one tidy table, a row a scenario."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from html import escape
from pathlib import Path
from typing import Any

import pandas as pd

from reconfig.appraise import find_measure
from reconfig.batch.export import write_table
from reconfig.batch.store import FILE, Member, Store, StoreError
from reconfig.batch.sweep import label_of
from reconfig.batch.toml_text import toml_text, toml_value
from reconfig.batch.work import FAILED, Plain
from reconfig.core import Faults, suggestion

# Statuses of scenarios that have a configuration.
FOUND = ("optimal", "feasible")
WAITING = "not yet"
# Columns of the table after those of the sweep's keys, before the measures.
FIXED = ("status", "measure", "objective", "bound", "gap", "open", "number_open")
LAST = ("lives_baseline", "reason", "seconds", "finished", "key")


@dataclass(frozen=True, eq=False)
class Row:
    """One scenario with what came of it. result: None where nothing did yet."""

    member: Member
    result: Plain | None
    seconds: float | None
    finished: str

    @property
    def status(self) -> str:
        """What is known of it: a solution's status, "failed", or "not yet"."""
        return WAITING if self.result is None else str(self.result["status"])

    @property
    def open(self) -> Mapping[str, list[str]]:
        """Service -> ids of the sites chosen; empty where there is no configuration."""
        found: Mapping[str, list[str]] = (self.result or {}).get("open", {})
        return found if self.status in FOUND else {}

    @property
    def label(self) -> str:
        """What tells it from the others."""
        return label_of(self.member.settings)


def configuration_id(opened: Mapping[str, list[str]]) -> str:
    """Return sites in words: "A, B", or "surgery: A, B; stroke: A" where there are services."""
    if len(opened) == 1:
        return ", ".join(next(iter(opened.values()))) or "none"
    return "; ".join(f"{s}: {', '.join(sites) or 'none'}" for s, sites in sorted(opened.items()))


@dataclass(frozen=True, eq=False, repr=False)
class Batch:
    """The scenarios of a sweep with their results. folder: of the store."""

    folder: Path
    sweep: str
    base: str
    scenarios: Path
    rows: tuple[Row, ...]

    @cached_property
    def table(self) -> pd.DataFrame:
        """One row a scenario (index: its number in the sweep).

        Columns: the keys of the sweep; status; measure (the first objective), objective, bound,
        gap; open (ids of the sites chosen) and number_open; every measure; where lives are
        estimated, their interval, baseline and chance of no gain; reason (why there is no
        configuration, or no proof); seconds, finished and key (of the scenario in the store).
        """
        paths = list(dict.fromkeys(path for row in self.rows for path in row.member.settings))
        names = list(dict.fromkeys(name for row in self.rows for name in _measures(row)))
        records = [_record(row, paths, names) for row in self.rows]
        columns = list(dict.fromkeys([*paths, *FIXED, *names, *LAST]))
        numbers = pd.Index([row.member.number for row in self.rows], name="scenario")
        return pd.DataFrame(records, index=numbers, columns=columns)

    @property
    def counts(self) -> dict[str, int]:
        """Status -> how many scenarios have it."""
        return dict(Counter(row.status for row in self.rows).most_common())

    @property
    def solved(self) -> tuple[Row, ...]:
        """The scenarios that have a configuration."""
        return tuple(row for row in self.rows if row.open)

    def where(self, **settings: Any) -> Batch:
        """Return the scenarios alone that have such values: where(year=2035, status="optimal")."""
        return self.only(settings)

    def only(self, settings: Mapping[str, Any]) -> Batch:
        """Return the scenarios alone whose columns have these values, by column of the table.

        Numbers are the same however they are written. Raises InputError for an unknown column, and
        for a value that no scenario has.
        """
        kept = pd.Series(True, index=self.table.index)
        for column, value in settings.items():
            faults = Faults()
            if column not in self.table.columns:
                hint = suggestion(column, self.table.columns)
                faults.add(self.sweep, column, "no such column", "a column of the table", hint)
                faults.raise_if_any()
            same = self.table[column].map(lambda held, asked=value: _same(held, asked))
            if not same.any():
                there = dict.fromkeys(map(_written, self.table[column]))
                found = f"no scenario with {_written(value)}"
                faults.add(self.sweep, column, found, "a value of it", suggestion("", there))
                faults.raise_if_any()
            kept &= same
        rows = [row for row, keep in zip(self.rows, kept, strict=True) if keep]
        return replace(self, rows=tuple(rows))

    def ranking(self, by: str) -> pd.DataFrame:
        """Return the scenarios that have a measure, the best of it first."""
        found = find_measure(by)
        if by not in self.table.columns or not (found or by in FIXED):
            faults = Faults()
            known = [c for c in self.table.columns if find_measure(c) is not None]
            hint = suggestion(by, known)
            faults.add(self.sweep, by, "no such measure", "a measure of the table", hint)
            faults.raise_if_any()
        rising = found is None or found.better == "lower"
        table = self.table[self.table[by].notna()]
        return table.sort_values(by, ascending=rising, kind="stable")

    @cached_property
    def sites(self) -> pd.DataFrame:
        """How often each site is chosen, the most often first: service, site, name, times, share.

        share: of the scenarios that have a configuration and decide on that service.
        """
        times: dict[tuple[str, str], int] = {}
        names: dict[str, str] = {}
        decided: dict[str, int] = {}
        for row in self.solved:
            names |= (row.result or {}).get("names", {})
            for service, chosen in row.open.items():
                decided[service] = decided.get(service, 0) + 1
                for site in chosen:
                    times[service, site] = times.get((service, site), 0) + 1
        records = [
            (service, site, names.get(site, site), number, number / decided[service])
            for (service, site), number in times.items()
        ]
        columns = ["service", "site", "name", "times", "share"]
        table = pd.DataFrame(records, columns=columns)
        return table.sort_values(
            ["service", "times", "site"], ascending=[True, False, True], ignore_index=True
        )

    def regret(self, measure: str | None = None, **options: Any) -> Any:
        """Return what each choice loses in every scenario: see `reconfig.batch.regrets.regret`."""
        from reconfig.batch.regrets import regret

        return regret(self, measure, **options)

    def text(self, number: int) -> str:
        """Return one scenario as a file of its own, for `reconfig run`; KeyError if unknown."""
        found = {row.member.number: row.member for row in self.rows}
        return toml_text(found[number].content)

    def write_results(self) -> Path:
        """Write the table into the folder, whole or not at all; return the file.

        results.parquet; results.csv where pyarrow is not installed (pip install
        'reconfig[parquet]'). Raises StoreError where the disk is full; the store has it all.
        """
        try:
            return write_table(self.table, self.folder, "results")
        except OSError as problem:
            raise StoreError(
                f"the table of results cannot be written ({problem.strerror or problem}); every "
                f"result is in {self.folder / FILE}: make room and run the same command again"
            ) from problem

    def __repr__(self) -> str:
        counts = ", ".join(f"{number} {status}" for status, number in self.counts.items())
        return f"<Batch {self.sweep}: {len(self.rows)} scenarios, {counts}>"

    def _repr_html_(self) -> str:
        return f"<p>{escape(repr(self)[1:-1])}</p>{self.table.to_html(max_rows=20)}"


def read_batch(folder: str | Path, *, sweep: str | None = None) -> Batch:
    """Return what `reconfig batch` stored in a folder, be it finished or not.

    sweep: name of the sweep; by default the one that was begun last.
    Raises InputError where there is no store, or no such sweep in it.
    """
    place = Path(folder)
    faults = Faults()
    if not (place / FILE).is_file():
        faults.add(str(folder), "", f"no {FILE}", "a folder that reconfig batch wrote")
        faults.raise_if_any()
    store = Store(place)
    try:
        known = store.sweeps()
        if not known or (sweep is not None and sweep not in known):
            found = "no sweep" if not known else f"no sweep '{sweep}'"
            hint = suggestion(sweep or "", known)
            faults.add(str(folder), "", found, "a sweep of the store", hint)
            faults.raise_if_any()
        name = known[0] if sweep is None else sweep
        base, scenarios = store.sweep(name)
        rows = tuple(Row(*found) for found in store.members(name))
    finally:
        store.close()
    return Batch(place, name, base, scenarios, rows)


def _measures(row: Row) -> Collection[str]:
    result = row.result or {}
    return [*result.get("measures", {}), *(result.get("lives") or {})]


def _record(row: Row, paths: list[str], names: list[str]) -> dict[str, Any]:
    result = row.result or {}
    values = {**(result.get("lives") or {}), **result.get("measures", {})}
    opened = row.open
    record: dict[str, Any] = {path: _cell(row.member.settings.get(path)) for path in paths}
    record |= {name: values.get(name) for name in names}
    return record | {
        "status": row.status,
        "measure": result.get("measure"),
        "objective": result.get("objective"),
        "bound": result.get("bound"),
        "gap": result.get("gap"),
        "open": configuration_id(opened) if opened else None,
        "number_open": sum(map(len, opened.values())) if opened else None,
        "lives_baseline": result.get("lives_baseline") or None,
        "reason": result.get("reason") or ("failed" if row.status == FAILED else None),
        "seconds": row.seconds,
        "finished": row.finished or None,
        "key": row.member.key[:12],
    }


def _cell(value: Any) -> Any:
    """Return a value of a sweep's key as a cell: tables and lists as the file has them."""
    return toml_value(value) if isinstance(value, dict | list) else value


def _same(held: Any, asked: Any) -> bool:
    if held == asked or _written(held) == _written(asked):
        return True
    try:
        return float(held) == float(asked)
    except (TypeError, ValueError):
        return False


def _written(value: Any) -> str:
    """Return a value as one would type it: no quotes, true and false in small letters."""
    return value if isinstance(value, str) else toml_value(_cell(value))
