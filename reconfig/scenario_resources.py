"""The part of a scenario's service that says what sites can take, need and may cost."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from reconfig.core import Budget, Capacity, Constraint, Workforce
from reconfig.data.toml_file import NUMBER, TABLE, TEXT, Kind, TomlFile, Where


def _is_capacity(value: Any) -> bool:
    return isinstance(value, dict) or TEXT.fits(value)


def _one_or_more(value: Any, fits: Any) -> bool:
    return fits(value) or (isinstance(value, list) and bool(value) and all(map(fits, value)))


def _is_table(value: Any) -> bool:
    return isinstance(value, dict)


def one_or_more(json: Mapping[str, Any]) -> dict[str, Any]:
    """Return the JSON Schema of a value that fits one, or of a list of them."""
    return {"anyOf": [json, {"type": "array", "items": json, "minItems": 1}]}


KEYS: dict[str, Kind] = {
    "capacity": Kind(
        "a table of cases a year, such as {R0A02 = 300}, a column of the sites, such as "
        '"beds_as_cases", or a list of these, of which the smallest counts',
        lambda v: _one_or_more(v, _is_capacity),
        json=one_or_more({"anyOf": [TABLE.json, TEXT.json]}),
    ),
    "budget": Kind(
        'a table such as {at_most = 9e6, fixed = "cost"}, or a list of these',
        lambda v: _one_or_more(v, _is_table),
        json=one_or_more(TABLE.json),
    ),
    "workforce": Kind(
        "a table such as {pool = 45, each = 8}, or a list of these",
        lambda v: _one_or_more(v, _is_table),
        json=one_or_more(TABLE.json),
    ),
}
NUMBER_OR_COLUMN = Kind(
    "a number, or a column of the sites in quotes",
    lambda v: NUMBER.fits(v) or TEXT.fits(v),
    json={"anyOf": [NUMBER.json, TEXT.json]},
)
BUDGET: dict[str, Kind] = {"at_most": NUMBER, "fixed": NUMBER_OR_COLUMN, "per_case": TEXT}
WORKFORCE: dict[str, Kind] = {"pool": NUMBER, "each": NUMBER_OR_COLUMN}


def read_resources(
    file: TomlFile, keys: Mapping[str, Any], where: Where
) -> Iterator[tuple[Where, Constraint]]:
    """Give the constraints of a [[service]] on capacity, staff and cost; note what is wrong.

    Each comes with where it stands.
    """
    for most, inside in _each(keys, "capacity", where):
        if isinstance(most, str):
            yield inside, Capacity(column=most)
            continue
        good = file.table(most, inside, dict.fromkeys(most, NUMBER))
        if good or not most:
            cases = tuple(sorted((site, float(number)) for site, number in good.items()))
            yield inside, Capacity(cases)
    for content, inside in _each(keys, "budget", where):
        for budget in read_budget(file, content, inside):
            yield inside, budget
    for content, inside in _each(keys, "workforce", where):
        for workforce in _workforce(file, content, inside):
            yield inside, workforce


def _each(keys: Mapping[str, Any], key: str, where: Where) -> Iterator[tuple[Any, Where]]:
    """Give what is asked for by a key, once or in a list, with where it stands."""
    if isinstance(keys.get(key), list):
        for number, part in enumerate(keys[key]):
            yield part, (*where, key, number)
    elif key in keys:
        yield keys[key], (*where, key)


def read_budget(file: TomlFile, content: Mapping[str, Any], inside: Where) -> Iterator[Budget]:
    """Give the budget of a table, if it is one; note what is wrong."""
    asked = file.table(content, inside, BUDGET)
    if set(content) <= {"fixed", "per_case"}:
        file.note(inside, "no 'at_most'", "the most that may be spent, such as at_most = 1e6")
    if "at_most" not in asked:
        return
    fixed, per_case = asked.get("fixed", ""), asked.get("per_case", "")
    if fixed or per_case or not {"fixed", "per_case"} & set(content):
        column, each = (fixed, 0.0) if isinstance(fixed, str) else ("", float(fixed))
        yield Budget(float(asked["at_most"]), column, per_case, each)


def _workforce(file: TomlFile, content: Mapping[str, Any], inside: Where) -> Iterator[Workforce]:
    asked = file.table(content, inside, WORKFORCE)
    for key, expected in (
        ("pool", "the staff at hand, such as pool = 45"),
        ("each", "what an open site needs, such as each = 8 or a column of the sites"),
    ):
        if key not in content:
            file.note(inside, f"no '{key}'", expected)
    if len(asked) == len(WORKFORCE):
        each, pool = asked["each"], float(asked["pool"])
        if isinstance(each, str):
            yield Workforce(pool, column=each)
        else:
            yield Workforce(pool, float(each))
