"""Keys of a scenario by dotted paths that an analyst can read: "service.stroke.open"."""

from __future__ import annotations

import copy
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from reconfig.core import suggestion
from reconfig.data.toml_file import Kind
from reconfig.scenario import LIMIT, OBJECTIVE, SOLVE, TOP
from reconfig.scenario_resources import BUDGET
from reconfig.scenario_service import SERVICE

# Lists of tables: what is known in each, and the key by which one of them may be named.
TABLES: dict[str, tuple[Mapping[str, Kind], str]] = {
    "service": (SERVICE, "id"),
    "limit": (LIMIT, "measure"),
    "budget": (BUDGET, ""),
}
ASSUMPTIONS = "assumptions"


@dataclass(frozen=True)
class Unknown:
    """Why a path leads nowhere: what was found, what was expected, what to do."""

    found: str
    expected: str
    fix: str = ""


def unknown_path(path: str, base: Mapping[str, Any]) -> Unknown | None:
    """Return what is wrong with a path into a scenario's content; None where nothing is."""
    first, _, rest = path.partition(".")
    if first not in TOP or first == "name":
        known = [key for key in TOP if key != "name"]
        return Unknown(f"'{first}'", "a key of a scenario", suggestion(first, known))
    if not rest:
        return None
    if first == ASSUMPTIONS:
        return None  # whether there is such an assumption, the region's register says
    if first in TABLES:
        return _unknown_in_tables(first, rest, base)
    if first == "objective":
        *stages, last = rest.split(".")
        if isinstance(base.get("objective"), list):
            return Unknown(
                "a base with [[objective]]", "one [objective] in it, with 'then' for more"
            )
        return None if set(stages) <= {"then"} and last in OBJECTIVE else _unknown(last, OBJECTIVE)
    if first == "solve":
        return None if rest in SOLVE else _unknown(rest, SOLVE)
    return Unknown(f"'{path}'", f"'{first}' alone: it is one value")


def _unknown(key: str, known: Mapping[str, Kind]) -> Unknown:
    return Unknown(f"'{key}'", "a known key", suggestion(key, known))


def _unknown_in_tables(first: str, rest: str, base: Mapping[str, Any]) -> Unknown | None:
    known, by = TABLES[first]
    tables = _tables(base, first)
    places = [place for place, _ in _split(first, rest, tables)]
    if not places:
        names = [str(table[by]) for table in tables if by in table]
        which = f"'{first}.<{by}>.<key>' or " if by else ""
        fix = suggestion(rest.partition(".")[0], [*names, *map(str, range(1, len(tables) + 1))])
        expected = f"{which}'{first}.<number>.<key>', one of those in the base scenario"
        return Unknown(f"'{rest}'", expected, fix)
    if len(places) > 1:
        found = f"{len(places)} [[{first}]] have that {by}"
        return Unknown(found, f"the number of one, such as '{first}.{places[0] + 1}.<key>'")
    place, key = next(_split(first, rest, tables))
    top, *steps = key.split(".")
    if top not in known:
        return _unknown(top, known)
    inside = tables[place].get(top)
    for step in steps:
        if isinstance(inside, list):
            return Unknown(f"'{step}' within a list", f"'{first}.{place + 1}.{top}' as a whole")
        inside = inside.get(step) if isinstance(inside, Mapping) else None
    return None


def _tables(content: Mapping[str, Any], first: str) -> list[dict[str, Any]]:
    found = content.get(first, [])
    good = isinstance(found, list) and all(isinstance(table, dict) for table in found)
    return found if good else []


def _split(first: str, rest: str, tables: list[dict[str, Any]]) -> Iterator[tuple[int, str]]:
    """Give which of the tables a path means, from 0, and the key in it: a number, or by name."""
    number, _, key = rest.partition(".")
    if number.isdecimal() and 1 <= int(number) <= len(tables) and key:
        yield int(number) - 1, key
        return
    by = TABLES[first][1]
    for place, table in enumerate(tables):
        name = str(table.get(by, "")) if by else ""
        if name and rest.startswith(f"{name}.") and len(rest) > len(name) + 1:
            yield place, rest[len(name) + 1 :]


def changed(base: Mapping[str, Any], settings: Mapping[str, Any]) -> dict[str, Any]:
    """Return a scenario's content with some keys set. settings: path -> value, all of them known.

    A path means the service or the limit that has that name in the base scenario.
    """
    content = copy.deepcopy(dict(base))
    for path, value in settings.items():
        _set(content, place_of(path, base), copy.deepcopy(value))
    return content


def within(place: tuple[str | int, ...], other: tuple[str | int, ...]) -> bool:
    """Say whether one place is in what another sets as a whole, or the same."""
    return place[: len(other)] == other


def place_of(path: str, base: Mapping[str, Any]) -> tuple[str | int, ...]:
    """Return the keys and numbers (from 0) that a known path leads by: one place has one only."""
    first, _, rest = path.partition(".")
    if not rest:
        return (first,)
    if first == ASSUMPTIONS:
        given = base.get(ASSUMPTIONS, {})
        return (first, *_nested(given if isinstance(given, Mapping) else {}, rest))
    if first in TABLES:
        number, key = next(_split(first, rest, _tables(base, first)))
        return (first, number, *key.split("."))
    return (first, *rest.split("."))


def _nested(table: Mapping[str, Any], name: str) -> tuple[str, ...]:
    """Return where an assumption's id stands: "egs.share" as one key, unless [egs] is a table."""
    first, _, rest = name.partition(".")
    if name not in table and rest and isinstance(table.get(first), Mapping):
        return (first, *_nested(table[first], rest))
    return (name,)


def _set(content: dict[str, Any], place: tuple[str | int, ...], value: Any) -> None:
    inside: Any = content
    for step in place[:-1]:
        # A number in place of a table, such as open = 4, gives way to {at_least = ...}.
        if isinstance(inside, dict) and not isinstance(inside.get(str(step)), dict | list):
            inside[step] = {}
        inside = inside[step]
    inside[place[-1]] = value
