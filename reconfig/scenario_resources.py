"""The part of a scenario's service that says what sites can take and may cost."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from reconfig.core import Budget, Capacity, Constraint
from reconfig.data.toml_file import NUMBER, TABLE, TEXT, Kind, TomlFile, Where

KEYS: dict[str, Kind] = {
    "capacity": Kind(
        'a table of cases a year, such as {R0A02 = 300}, or a column of the sites, such as "beds"',
        lambda v: isinstance(v, dict) or TEXT.fits(v),
    ),
    "budget": TABLE,
}
BUDGET: dict[str, Kind] = {"at_most": NUMBER, "fixed": TEXT, "per_case": TEXT}


def read_resources(file: TomlFile, keys: Mapping[str, Any], where: Where) -> Iterator[Constraint]:
    """Give the constraints on capacity and cost of a [[service]]; note what is wrong with them."""
    most = keys.get("capacity")
    if isinstance(most, str):
        yield Capacity(column=most)
    elif most is not None:
        inside = (*where, "capacity")
        good = file.table(most, inside, dict.fromkeys(most, NUMBER))
        if good or not most:
            yield Capacity(tuple(sorted((site, float(cases)) for site, cases in good.items())))
    if "budget" in keys:
        inside = (*where, "budget")
        asked = file.table(keys["budget"], inside, BUDGET)
        if set(keys["budget"]) <= {"fixed", "per_case"}:
            file.note(inside, "no 'at_most'", "the most that may be spent, such as at_most = 1e6")
        if "at_most" in asked:
            columns = (asked.get("fixed", ""), asked.get("per_case", ""))
            if any(columns) or not {"fixed", "per_case"} & set(keys["budget"]):
                yield Budget(float(asked["at_most"]), *columns)
