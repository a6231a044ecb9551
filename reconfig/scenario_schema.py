"""The scenario file as a JSON Schema, from the tables by which it is read.

Which keys there are and what each may be is never said here: that comes from the reader's own
tables of kinds, so the two cannot part. Added are what a key means, what must be there, and names
that an editor can offer. What hangs on the region (sites, columns) only the reader can check.
"""

from __future__ import annotations

import json
import tomllib
from collections.abc import Mapping, Sequence
from typing import Any

from reconfig import scenario, scenario_among, scenario_choice, scenario_resources
from reconfig.appraise import known_measures
from reconfig.core import Choice, Tier
from reconfig.data import embedded_regions, load_register
from reconfig.data.england import CATCHMENTS, NAME
from reconfig.data.services import service_folder
from reconfig.data.toml_file import NUMBER, TEXT, Kind
from reconfig.scenario_resources import one_or_more
from reconfig.scenario_service import SERVICE

Schema = dict[str, Any]

DIALECT = "https://json-schema.org/draft/2020-12/schema"
# table -> key -> what it means, with its unit.
ABOUT: dict[str, dict[str, str]] = {
    "scenario": {
        "name": "Title of the report. Left out: the file's name.",
        "region": "An embedded region, or a folder in the region format; a relative folder starts "
        "from this file.",
        "catchment": "Who counts: a name of [catchments] in region.toml.",
        "year": "Grow the demand of every service, by age, to this year.",
        "congestion": "All minutes times this, above 0; short for assumptions.travel.congestion.",
        "assumptions": "Other values for ids of assumptions.csv, each in the unit it has there.",
        "service": "A service to decide on. Several are decided together.",
        "objective": "What is to be as large or as small as can be.",
        "limit": "A measure that must keep within bounds.",
        "budget": "The most that open sites and cases may cost, over all services together.",
        "solve": "How to solve it.",
    },
    "service": {
        "id": "A service of the region; or, with demand or second_tier_of, a new one.",
        "name": "Name of a new service. Left out: its id.",
        "demand": "Column of zones.csv with the cases a year of a new service.",
        "open": "How many candidates are open: a number, or at_least and at_most.",
        "keep": "Ids of candidates that must host it.",
        "close": "Ids of candidates that may not host it.",
        "always_open": "Ids of sites that take patients whatever is decided, and do not count.",
        "among": "How many of some candidates are open: in each group of a column of sites.csv, "
        "or of sites that are listed.",
        "min_volume": "The fewest cases a year of an open candidate.",
        "max_volume": "The most cases a year of an open candidate.",
        "choice": "Patients choose among near sites: true (spread as in assumptions.csv) or how "
        "they are spread. Left out or false: all go to the nearest.",
        "directed": "True: patients are told where to go, and the plan decides where.",
        "capacity": "Cases a year that sites can take: by site id, or a column of sites.csv. Of "
        "several the smallest counts.",
        "budget": "The most that open sites and cases of this service may cost.",
        "workforce": "Staff that open candidates need, against those at hand.",
        "needs": "What must be at the same site: another service of this file, one of the region "
        "as it is today, or a yes/no column of sites.csv.",
        "needs_within": "What must be near: the same, with minutes to it.",
        "second_tier_of": "Id of the service of this file by way of which its patients come.",
        "share": "Of the first tier's patients, the share who need it: a number above 0 and up to "
        "1, or the id of an assumption.",
        "direct_within": "Minutes: a patient goes straight to a centre that is at most so much "
        "further than the nearest unit. inf: everybody does.",
        "candidates": "Ids of sites that may be centres. Left out: the first tier's candidates.",
        "today": "Ids of the centres of today. Left out: those of the first tier's model.",
    },
    "open": {
        "at_least": "The fewest that are open.",
        "at_most": "The most that are open.",
    },
    "among": {
        "sites": "Ids of candidates.",
        "at_least": "The fewest of them that are open.",
        "at_most": "The most of them that are open.",
    },
    "choice": {
        "minutes": "A site so many minutes further has its odds divided by e. 0: the nearest.",
        "orders": "Orders of the sites that the cases of each zone are split over.",
        "seed": "Seed of the noise.",
    },
    "budget": {
        "at_most": "The most that may be spent, in the unit of the columns.",
        "fixed": "Cost of an open candidate: a column of sites.csv, or a number for each.",
        "per_case": "Cost of a case where it is treated: a column of sites.csv.",
    },
    "workforce": {
        "pool": "Staff at hand for all open candidates together.",
        "each": "Staff that an open candidate needs: a number, or a column of sites.csv.",
    },
    "objective": {
        "maximise": "The measure to make as large as can be.",
        "minimise": "The measure to make as small as can be.",
        "service": "Count this service of the file alone.",
        "then": "What decides among choices that count as equal.",
        "tolerance": "So close to the best, in the measure's unit, choices count as equal.",
    },
    "limit": {
        "measure": "The measure to bound.",
        "service": "Count this service of the file alone.",
        "at_least": "The least it may be, in the measure's unit (a share: 0 to 1).",
        "at_most": "The most it may be, in the measure's unit (a share: 0 to 1).",
        "at_most_over_today": "So much above today's value it may be, in each group its own.",
        "by": "A column of zones.csv: the bound holds in each of its groups.",
    },
    "solve": {
        "time_limit": "Seconds. Left out: until it is proven.",
        "gap": "Stop at this relative gap, such as 0.01 for 1 %.",
        "solver": "The solver, by the name that PuLP has for it.",
    },
}
ENDS = ("at_least", "at_most")
# Keys that a second tier alone may have.
OF_TIERS = ("share", "direct_within", "candidates", "today")


def scenario_schema() -> Schema:
    """Return the JSON Schema (2020-12) of a scenario file.

    What it refuses the reader refuses. It takes some of what the reader refuses: names that are not
    there, bounds that cross, whole numbers written as 3.0 (JSON knows no difference), inf and nan.
    """
    measure = _offered(known_measures())
    assumption, assumptions = {"$ref": "#/$defs/assumption"}, {"$ref": "#/$defs/assumptions"}
    inside = {
        "region": _offered([*embedded_regions(), NAME]),
        "catchment": _offered(_catchments()),
        "assumptions": {**assumptions, "properties": _assumptions()},
        "service": _tables(_service()),
        "objective": {"$ref": "#/$defs/objective"},
        "limit": _tables(_limit(measure)),
        "budget": _tables({"$ref": "#/$defs/budget"}),
        "solve": _table("solve", scenario.SOLVE, {}, {"gap": 0.0, "solver": "HiGHS"}),
    }
    inside["service"]["minItems"] = 1
    required = ["region", "service", "objective"]
    return {
        "$schema": DIALECT,
        "title": "reconfig scenario",
        **_table("scenario", scenario.TOP, inside, required=required),
        "$defs": {
            "assumption": {"anyOf": [NUMBER.json, assumptions]},
            "assumptions": {"type": "object", "additionalProperties": assumption},
            "budget": _table("budget", scenario_resources.BUDGET, required=["at_most"]),
            "objective": _objective(measure),
        },
    }


def schema_text() -> str:
    """Return the JSON Schema of a scenario file as text that ends with a line end."""
    return json.dumps(scenario_schema(), indent=2, ensure_ascii=False) + "\n"


def _table(
    name: str,
    keys: Mapping[str, Kind],
    inside: Mapping[str, Schema] | None = None,
    defaults: Mapping[str, object] | None = None,
    required: Sequence[str] = (),
) -> Schema:
    """Return the schema of a table: its keys and no other.

    inside: key -> a schema that says more than the key's kind. defaults: key -> what is taken where
    it is left out.
    """
    inside, defaults = inside or {}, defaults or {}
    properties = {
        key: {
            "description": ABOUT[name][key],
            **inside.get(key, kind.json),
            **({"default": defaults[key]} if key in defaults else {}),
        }
        for key, kind in keys.items()
    }
    table: Schema = {"type": "object", "properties": properties, "additionalProperties": False}
    return {**table, "required": list(required)} if required else table


def _tables(table: Schema) -> Schema:
    return {"type": "array", "items": table}


def _offered(names: Sequence[str]) -> Schema:
    """Return the schema of a text, with names that an editor may offer; others are let through."""
    return {"anyOf": [{"enum": sorted(names)}, TEXT.json]}


def _one_at_least(table: Schema, keys: Sequence[str]) -> Schema:
    return {**table, "anyOf": [{"required": [key]} for key in keys]}


def _service() -> Schema:
    ends = _one_at_least(_table("open", scenario_among.ENDS), ENDS)
    listed = _table("among", scenario_among.PART, required=["sites"])
    listed["properties"]["sites"]["minItems"] = 1
    listed = _one_at_least(listed, ENDS)
    numbers = {"type": "object", "additionalProperties": NUMBER.json}
    choice = _table(
        "choice",
        scenario_choice.PARTS,
        defaults={"orders": Choice.orders, "seed": Choice.seed},
    )
    workforce = _table("workforce", scenario_resources.WORKFORCE, required=["pool", "each"])
    inside: dict[str, Schema] = {
        "id": _offered([path.stem for path in service_folder().glob("*.toml")]),
        "open": {"anyOf": [{"type": "integer"}, ends]},
        "among": {
            "anyOf": [{"type": "object", "additionalProperties": ends}, _tables(listed)],
        },
        "choice": {"anyOf": [{"type": "boolean"}, choice]},
        "capacity": one_or_more({"anyOf": [numbers, TEXT.json]}),
        "budget": one_or_more({"$ref": "#/$defs/budget"}),
        "workforce": one_or_more(workforce),
        "needs_within": numbers,
    }
    defaults = {"choice": False, "directed": False, "direct_within": Tier.direct_within}
    table = _table("service", SERVICE, inside, defaults, required=["id"])
    tiers = {key: ["second_tier_of"] for key in OF_TIERS}
    return {**table, "dependentRequired": {"second_tier_of": ["share"], **tiers}}


def _objective(measure: Schema) -> Schema:
    inside = {
        "maximise": measure,
        "minimise": measure,
        "then": {"$ref": "#/$defs/objective"},
    }
    table = _table("objective", scenario.OBJECTIVE, inside, {"tolerance": 0.0})
    return {**table, "oneOf": [{"required": ["maximise"]}, {"required": ["minimise"]}]}


def _limit(measure: Schema) -> Schema:
    table = _table("limit", scenario.LIMIT, {"measure": measure}, required=["measure"])
    return _one_at_least(table, [*ENDS, "at_most_over_today"])


def _catchments() -> list[str]:
    """Return the names of the catchments of the regions that come with the package."""
    names = dict.fromkeys(CATCHMENTS)
    for folder in embedded_regions().values():
        given = tomllib.loads((folder / "region.toml").read_text(encoding="utf-8"))
        names.update(dict.fromkeys(given.get("catchments", {})))
    names.pop("default", None)
    return list(names)


def _assumptions() -> Schema:
    """Return the ids of the package's assumptions: what each is, its unit, its value."""
    value = {"$ref": "#/$defs/assumption"}
    return {
        key: {
            "description": f"{one.what} ({one.unit}). {one.source}. {one.confidence}.",
            **value,
            "default": one.value,
        }
        for key, one in sorted(load_register().items())
    }
