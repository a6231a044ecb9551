"""The key `among` of a scenario's service: how many of some candidates are open."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from reconfig.core import Among, Region, Service, suggestion
from reconfig.data.toml_file import TABLE, TEXTS, WHOLE, Kind, TomlFile, Where

ENDS: dict[str, Kind] = {"at_least": WHOLE, "at_most": WHOLE}
PART: dict[str, Kind] = {"sites": TEXTS, **ENDS}
AMONG = Kind(
    'a list such as [{sites = ["A", "B"], at_least = 1}], or a table by a column of the sites '
    "such as {trust = {at_most = 1}}",
    lambda v: (
        isinstance(v, dict) or (isinstance(v, list) and all(isinstance(part, dict) for part in v))
    ),
    json={"anyOf": [TABLE.json, {"type": "array", "items": TABLE.json}]},
)


def check_ends(
    file: TomlFile, ends: Mapping[str, Any], given: Mapping[str, Any], where: Where
) -> bool:
    """Say whether a bound has ends that do not cross, and note it if not. ends: the good ones."""
    low, high = ends.get("at_least"), ends.get("at_most")
    if not {*ENDS, "at_most_over_today"} & set(given):
        file.note(where, "neither at_least nor at_most", "one of them or both")
    if low is not None and high is not None and low > high:
        found = f"at_least {low:g} is above at_most {high:g}"
        file.note(where, found, "at_least no larger than at_most")
        return False
    return bool(ends)


def among_sites(file: TomlFile, given: Any, where: Where) -> Iterator[Among]:
    """Yield the constraints on sites that are listed: among = [{sites = [...], at_least = 1}]."""
    for number, content in enumerate(given if isinstance(given, list) else ()):
        inside = (*where, number)
        keys = file.table(content, inside, PART)
        if content.get("sites", []) == []:
            file.note(inside, "no 'sites'", 'ids of candidate sites, such as sites = ["A", "B"]')
        ends = {end: keys[end] for end in ENDS if end in keys}
        if check_ends(file, ends, content, inside) and keys.get("sites"):
            yield Among(frozenset(keys["sites"]), ends.get("at_least"), ends.get("at_most"))


def among_groups(
    file: TomlFile, given: Any, where: Where, region: Region, service: Service
) -> Iterator[Among]:
    """Yield the constraints on sites by a column: among = {trust = {at_most = 1}}.

    One for each value that candidates have in that column; a candidate without one is in no group.
    """
    columns = [c for c in region.sites.columns if c not in ("name", "short_name")]
    schema = dict.fromkeys(columns, TABLE)
    for column, content in file.table(
        given if isinstance(given, dict) else {}, where, schema
    ).items():
        inside = (*where, column)
        ends = file.table(content, inside, ENDS)
        if not check_ends(file, ends, content, inside):
            continue
        values = region.sites.loc[list(service.candidates), column]
        values = values[values.notna() & (values.astype(str).str.strip() != "")]
        if values.empty:
            hint = suggestion("", [c for c in columns if region.sites[c].notna().any()])
            file.note(inside, "no candidate has a value there", "a column that groups them", hint)
        for value, sites in values.groupby(values).groups.items():
            low, high = ends.get("at_least"), ends.get("at_most")
            if low is not None and low > len(sites):
                found = f"at_least = {low}, but '{value}' has {len(sites)} of the candidates"
                file.note(inside, found, f"a number up to {len(sites)}")
            elif (low or 0) > 0 or (high is not None and high < len(sites)):
                yield Among(frozenset(map(str, sites)), low, high)
