"""A sweep file: a base scenario, and the values that some of its keys take in turn."""

from __future__ import annotations

import itertools
import json
import math
import os
import random
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from reconfig.batch.paths import changed, place_of, unknown_path, within
from reconfig.batch.toml_text import toml_text, toml_value
from reconfig.core import Faults
from reconfig.data import data_folder
from reconfig.data.toml_file import (
    NUMBER,
    TABLE,
    TEXT,
    WHOLE,
    Kind,
    TomlFile,
    Where,
    tables_called,
)
from reconfig.scenario import scenario_file

TOP: dict[str, Kind] = {
    "name": TEXT,
    "scenario": TEXT,
    "grid": TABLE,
    "list": tables_called("list"),
    "sample": TABLE,
}
SAMPLE: dict[str, Kind] = {
    "number": Kind("a whole number above 0", lambda v: WHOLE.fits(v) and v > 0),
    "seed": WHOLE,
    "over": TABLE,
}
RANGE: dict[str, Kind] = {"from": NUMBER, "to": NUMBER}
STEPS: dict[str, Kind] = {
    **RANGE,
    "step": Kind("a number above 0", lambda v: NUMBER.fits(v) and v > 0),
}
# So many scenarios are far more likely to be a slip than a wish.
MOST = 100_000
Settings = dict[str, Any]


@dataclass(frozen=True, eq=False)
class Case:
    """One scenario of a sweep. number: from 1. settings: path -> value. content: the scenario's."""

    number: int
    settings: Mapping[str, Any]
    content: Mapping[str, Any]

    @property
    def label(self) -> str:
        """What tells it from the others, in words: "year = 2035, congestion = 1.3"."""
        return label_of(self.settings)

    @property
    def text(self) -> str:
        """The scenario as a file of its own, for `reconfig run`."""
        return toml_text(self.content)


def label_of(settings: Mapping[str, Any]) -> str:
    """Return settings in words."""
    return ", ".join(f"{path} = {toml_value(value)}" for path, value in settings.items())


@dataclass(frozen=True, eq=False)
class Sweep:
    """A sweep, read and checked. folder: where relative region folders of its scenarios start.

    base: name of the base scenario, as messages call it.
    """

    name: str
    base: str
    folder: Path
    cases: tuple[Case, ...]
    text: str


def sweep_file(name: str | Path) -> Path:
    """Return the path of a sweep: a file, or a sweep that comes with the package."""
    embedded = data_folder() / "sweeps" / f"{name}.toml"
    return embedded if not os.path.exists(name) and os.path.exists(embedded) else Path(name)


def read_sweep(path: str | Path) -> Sweep:
    """Read a sweep file and return its scenarios, expanded; raise InputError, listing every fault.

    Where it has more than one of [grid], [[list]] and [sample], every combination of them is a
    scenario. Whether a value is a good one is found when its scenario is read.
    """
    place = sweep_file(path)
    faults = Faults()
    file = TomlFile.read(place, faults)
    faults.raise_if_any()
    assert file is not None
    top = file.table(file.content, (), TOP)
    base, folder, base_name = _base(file, top, place.parent)
    parts = [_grid(file, top, base), _list(file, top, base), _sample(file, top, base)]
    given = [part for part in parts if part is not None]
    if not {"grid", "list", "sample"} & set(file.content):
        found = "neither [grid] nor [[list]] nor [sample]"
        file.note((), found, "one of them, with keys of the scenario and their values")
    _check_paths(file, top, base)
    faults.raise_if_any()
    cases = tuple(_cases(file, given, base))
    faults.raise_if_any()
    return Sweep(top.get("name", place.stem), base_name, folder, cases, file.text)


def _base(
    file: TomlFile, top: Mapping[str, Any], folder: Path
) -> tuple[Mapping[str, Any], Path, str]:
    """Return the base scenario's content, the folder it is in and its file's name."""
    if "scenario" not in top:
        if "scenario" not in file.content:
            expected = "the base: a scenario that comes with the package, or a file beside this one"
            file.note((), "no 'scenario'", expected)
        return {}, folder, ""
    beside = folder / top["scenario"]
    place = beside if os.path.isfile(beside) else scenario_file(top["scenario"])
    own = Faults()
    base = TomlFile.read(place if os.path.isfile(place) else beside, own)
    for fault in own.found:
        where = f", {fault.place}" if fault.place else ""
        found = f"{fault.file}{where}: {fault.found}"
        file.note(("scenario",), found, fault.expected, fault.fix)
    return (base.content if base is not None else {}), place.parent, place.name


def _check_paths(file: TomlFile, top: Mapping[str, Any], base: Mapping[str, Any]) -> None:
    """Note keys that are set twice over: in two parts, by two names, or by a part and the whole."""
    sample = top.get("sample", {}).get("over", {})
    parts: dict[str, set[str]] = {
        "grid": set(top.get("grid", {})),
        "list": {path for row in top.get("list", ()) for path in row},
        "sample": set(sample) if isinstance(sample, dict) else set(),
    }
    for (one, paths), (other, others) in itertools.combinations(parts.items(), 2):
        for path in sorted(paths & others):
            where: Where = (one, 0, path) if one == "list" else (one, path)
            file.note(where, f"'{path}' in [{other}] too", "a key in one of them only")
    everything = sorted(set().union(*parts.values()))
    places = {p: place_of(p, base) for p in everything if base and not unknown_path(p, base)}
    for path, other in itertools.permutations(places, 2):
        same = places[path] == places[other]
        if within(places[path], places[other]) and (not same or path < other):
            part = next(name for name, paths in parts.items() if path in paths)
            expected = "one name for one key" if same else "the whole or its parts, not both"
            file.note((part,), f"'{path}' beside '{other}'", expected)


def _good_path(file: TomlFile, path: str, where: Where, base: Mapping[str, Any]) -> bool:
    wrong = unknown_path(path, base) if base else None
    if wrong is not None:
        file.note(where, wrong.found, wrong.expected, wrong.fix)
    return wrong is None


def _values(file: TomlFile, given: Any, where: Where, example: str = "[3, 4, 5]") -> list[Any]:
    """Return the values that a key takes; note where they are none, or one of them twice."""
    if not isinstance(given, list):
        found = f"{where[-1]} = {toml_value(given)}"
        file.note(where, found, f"a list of values, such as {example}", "Write square brackets.")
        return []
    if not given:
        file.note(where, "an empty list", f"one value at least, such as {example}")
    seen: list[str] = []
    for value in given:
        text = _canonical(value)
        if text in seen:
            file.note(where, f"{toml_value(value)} twice", "every value once")
        seen.append(text)
    return given


def _canonical(value: Any) -> str:
    """Return a text that is the same for the same value; 1 and 1.0 are one number."""
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    return json.dumps(value, sort_keys=True, default=str)


def _grid(file: TomlFile, top: Mapping[str, Any], base: Mapping[str, Any]) -> list[Settings] | None:
    if "grid" not in top:
        return None
    grid: dict[str, list[Any]] = {}
    if not top["grid"]:
        file.note(
            ("grid",), "an empty grid", 'keys and their values, such as "year" = [2025, 2035]'
        )
    for path, values in top["grid"].items():
        where = ("grid", path)
        if isinstance(values, dict) and not set(values) & set(STEPS):
            expected = f'the path in quotes, such as "{path}.{next(iter(values), "key")}" = [...]'
            file.note(where, f"a table '{path}'", expected)
        elif _good_path(file, path, where, base):
            read = _steps if isinstance(values, dict) else _values
            grid[path] = read(file, values, where)
    return [dict(zip(grid, row, strict=True)) for row in itertools.product(*grid.values())]


def _steps(file: TomlFile, given: Mapping[str, Any], where: Where) -> list[Any]:
    """Return the numbers from one end to the other, both among them where the step says so."""
    ends = file.table(given, where, STEPS)
    if set(ends) != set(STEPS) or not ends["from"] < ends["to"]:
        file.note(where, toml_value(given), "{from = ..., to = ..., step = ...}, from the smaller")
        return []
    # A hair more, so that rounding does not lose the last.
    number = math.floor((ends["to"] - ends["from"]) / ends["step"] + 1e-9) + 1
    if number > MOST:
        file.note(where, f"{number:,} values", f"at most {MOST:,}")
        return []
    values = [ends["from"] + k * ends["step"] for k in range(number)]
    return [value if isinstance(value, int) else float(f"{value:.12g}") for value in values]


def _list(file: TomlFile, top: Mapping[str, Any], base: Mapping[str, Any]) -> list[Settings] | None:
    rows = top.get("list")
    if rows is None:
        return None
    if not rows:
        file.note(("list",), "no rows", "one [[list]] at least")
    seen: dict[str, int] = {}
    for number, row in enumerate(rows):
        if not row:
            file.note(("list", number), "an empty row", "keys of the scenario and their values")
        for path in row:
            _good_path(file, path, ("list", number, path), base)
        first = seen.setdefault(_canonical(row), number)
        if first != number:
            found = f"the same as row {first + 1}"
            file.note(("list", number), found, "every row once")
    return [dict(row) for row in rows]


def _sample(
    file: TomlFile, top: Mapping[str, Any], base: Mapping[str, Any]
) -> list[Settings] | None:
    if "sample" not in top:
        return None
    keys = file.table(top["sample"], ("sample",), SAMPLE)
    for key, kind in SAMPLE.items():
        if key not in top["sample"]:
            file.note(("sample",), f"no '{key}'", kind.words)
    draws: dict[str, Any] = {}
    over = keys.get("over", {})
    if "over" in keys and not over:
        expected = "keys with {from = 0.2, to = 0.8} or a list of choices"
        file.note(("sample", "over"), "an empty table", expected)
    for path, given in over.items():
        where = ("sample", "over", path)
        if not _good_path(file, path, where, base):
            continue
        if isinstance(given, dict):
            ends = file.table(given, where, RANGE)
            if set(given) != set(RANGE) or not ends["from"] < ends["to"]:
                file.note(where, toml_value(given), "{from = ..., to = ...}, the first the smaller")
            draws[path] = ends
        else:
            draws[path] = _values(file, given, where, "[3, 4, 5], or {from = 0.2, to = 0.8}")
    if file.faults or len(keys) < len(SAMPLE):
        return []
    chance = random.Random(keys["seed"])
    return [
        {path: _drawn(chance, given) for path, given in draws.items()}
        for _ in range(keys["number"])
    ]


def _drawn(chance: random.Random, given: Any) -> Any:
    """Draw a choice, or a number between two ends: a whole one where both ends are whole."""
    if isinstance(given, list):
        return given[int(chance.random() * len(given))]
    low, high = given["from"], given["to"]
    if isinstance(low, int) and isinstance(high, int):
        return low + int(chance.random() * (high - low + 1))
    # Few enough figures to be read, and to be typed again.
    return float(f"{low + chance.random() * (high - low):.6g}")


def _cases(file: TomlFile, parts: list[list[Settings]], base: Mapping[str, Any]) -> Iterator[Case]:
    total = 1
    for part in parts:
        total *= len(part)
    if total > MOST:
        expected = f"at most {MOST:,}"
        file.note((), f"{total:,} scenarios", expected, "Take values out, or draw a [sample].")
        return
    for number, rows in enumerate(itertools.product(*parts), start=1):
        settings = {path: value for row in rows for path, value in row.items()}
        yield Case(number, settings, changed(base, settings))
