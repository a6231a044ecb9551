"""The part of a scenario file that chooses the region: region, catchment, year, assumptions ..."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

from reconfig.core import Fault, InputError, Region
from reconfig.data import CONGESTION, load_region
from reconfig.data.region_register import GIVEN
from reconfig.data.toml_file import NUMBER, TABLE, TEXT, WHOLE, Kind, TomlFile, Where

KEYS: dict[str, Kind] = {
    "region": TEXT,
    "catchment": TEXT,
    "year": WHOLE,
    "congestion": Kind(
        "a number above 0, such as 1.3",
        lambda v: NUMBER.fits(v) and v > 0,
        json={"type": "number", "exclusiveMinimum": 0},
    ),
    "assumptions": TABLE,
}
# Gives a region as `load_region` does.
Load = Callable[..., Region]
# Keys of the scenario that a fault of the region can be about, with the region being good.
OPTIONS = ("catchment", "year", "assumptions")


def read_region(
    file: TomlFile, top: Mapping[str, Any], folder: Path, load: Load = load_region
) -> Region | None:
    """Return the region of a scenario, or None with every fault noted.

    Where only what is asked of it is wrong (catchment, year, assumptions), the region as it is by
    itself: so that the faults of the rest show all the same. top: the good keys at the top level.
    """
    given: dict[str, tuple[Where, Any]] = {}
    asked = list(_flat(top.get("assumptions", {}), ("assumptions",)))
    if "congestion" in top:
        asked.append((CONGESTION, (("congestion",), top["congestion"])))
    for key, (where, value) in asked:
        if key in given:
            file.note(where, f"'{key}' a second time", "each assumption once")
        given[key] = (where, value)
    for where, value in given.values():
        if not NUMBER.fits(value):
            text = f'"{value}"' if isinstance(value, str) else str(value).lower()
            file.note(where, f"{where[-1]} = {text}", NUMBER.words, NUMBER.fix)
    if top.get("region") is None:
        if "region" not in file.content:
            file.note((), "no 'region'", "the name of an embedded region or a folder")
        return None
    options: dict[str, Any] = {key: top[key] for key in ("catchment", "year") if key in top}
    values = {key: value for key, (_, value) in given.items() if NUMBER.fits(value)}
    try:
        return load(top["region"], assumptions=values, relative_to=folder, **options)
    except InputError as problem:
        wrong = [_note(file, fault, top["region"], given) for fault in problem.faults]
    if set(wrong) <= set(OPTIONS):
        good = {key: value for key, value in options.items() if key not in wrong}
        values = values if "assumptions" not in wrong else {}
        return load(top["region"], assumptions=values, relative_to=folder, **good)
    return None


def _flat(table: Mapping[str, Any], where: Where) -> Iterator[tuple[str, tuple[Where, Any]]]:
    """Give id -> where it stands and its value: "egs.share_moved" in quotes or without."""
    for key, value in table.items():
        inside = (*where, key)
        if isinstance(value, dict):
            yield from _flat(value, inside)
        else:
            yield ".".join(map(str, inside[1:])), (inside, value)


def _note(file: TomlFile, fault: Fault, name: str, given: Mapping[str, tuple[Where, Any]]) -> str:
    """Note a fault of the region and return the key it is about.

    Where the scenario names what is not there, it is noted at that line; else as it is.
    """
    key, where = "", None
    if fault.file == GIVEN:
        key = "assumptions"
        where = given[fault.place][0] if fault.place in given else (key,)
    elif fault.place in OPTIONS:
        key, where = fault.place, (fault.place,)
    elif fault.file == name and not fault.place:
        key, where = "region", ("region",)
    if where is None:
        file.faults.found.append(fault)
    else:
        file.note(where, fault.found, fault.expected, fault.fix)
    return key
