"""The JSON Schema of the scenario file and the reader of it say the same of every key."""

from __future__ import annotations

import copy
import json
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from hypothesis import given
from hypothesis import strategies as st

from reconfig import (
    scenario,
    scenario_among,
    scenario_choice,
    scenario_region,
    scenario_resources,
    scenario_service,
)
from reconfig.appraise import find_measure
from reconfig.cli import main
from reconfig.core import Fault, InputError, Region
from reconfig.data import data_folder, load_region
from reconfig.data.toml_file import Kind
from reconfig.scenario import read_scenario
from reconfig.scenario_schema import ABOUT, scenario_schema
from tests.unit.data.folders import FILES, write

TABLES: dict[str, dict[str, Kind]] = {
    "scenario": scenario.TOP,
    "objective": scenario.OBJECTIVE,
    "limit": scenario.LIMIT,
    "solve": scenario.SOLVE,
    "service": scenario_service.SERVICE,
    "open": scenario_among.ENDS,
    "among": scenario_among.PART,
    "choice": scenario_choice.PARTS,
    "budget": scenario_resources.BUDGET,
    "workforce": scenario_resources.WORKFORCE,
}
SITES = """site_id,name,easting,northing,in_scope,trust,beds,cost,itu
A,Alder,381000,411000,yes,t,500,1,yes
B,Birch,391000,396000,yes,t,500,2,yes
N,Nettle,400000,385000,no,u,500,3,no
"""
# Scenarios on the small region that use every table, each in every form that it has.
ONE: dict[str, Any] = {
    "name": "All keys",
    "region": "region",
    "congestion": 1.25,
    "assumptions": {"egs.share_moved": 0.5, "egs": {"baseline_mortality": 0.1}},
    "service": [
        {
            "id": "surgery",
            "name": "Surgery",
            "demand": "cases",
            "open": {"at_least": 1, "at_most": 2},
            "keep": ["A"],
            "among": {"trust": {"at_least": 1}},
            "min_volume": 1,
            "max_volume": 90.5,
            "choice": {"minutes": 3.5, "orders": 2, "seed": 1},
            "capacity": {"A": 300, "B": 300},
            "budget": {"at_most": 9e6, "fixed": "cost", "per_case": "cost"},
            "workforce": {"pool": 45, "each": 8},
            "needs": ["itu"],
            "needs_within": {"itu": 60},
        }
    ],
    "objective": {
        "minimise": "mean_minutes",
        "tolerance": 0.5,
        "then": {"minimise": "max_minutes", "service": "surgery"},
    },
    "limit": [
        {"measure": "mean_minutes", "at_most": 90, "by": "district", "service": "surgery"},
        {"measure": "mean_minutes", "at_least": 1, "at_most_over_today": 80},
    ],
    "solve": {"time_limit": 60, "gap": 0.01, "solver": "HiGHS"},
}
LISTS: dict[str, Any] = {
    "region": "region",
    "service": [
        {
            "id": "surgery",
            "demand": "cases",
            "open": 1,
            "always_open": ["B"],
            "among": [{"sites": ["A"], "at_most": 1, "at_least": 0}],
            "capacity": [{"A": 300}, "beds"],
            "budget": [{"at_most": 9e6, "fixed": 2.5}],
            "workforce": [{"pool": 45, "each": "beds"}],
            "directed": False,
        }
    ],
    "objective": {"maximise": "share_within_30"},
}
LISTS["service"][0]["workforce"][0]["pool"] = 5000
TWO: dict[str, Any] = {
    "region": "region",
    "service": [
        {"id": "units", "demand": "cases", "open": 2},
        {
            "id": "centres",
            "second_tier_of": "units",
            "share": 0.5,
            "direct_within": 5,
            "candidates": ["A", "B"],
            "today": ["A"],
            "open": 1,
        },
    ],
    "objective": {"minimise": "mean_minutes"},
    "budget": [{"at_most": 9e6, "fixed": "cost"}],
}
DOCUMENTS = {"one": ONE, "lists": LISTS, "two": TWO}
VALUES: list[Any] = [
    *(True, -1, 2, 2.5, "", "A", [], ["A"], [1], {}),
    *({"A": 1}, {"x": {}}, {"at_most": "1"}, [{}], [{"at_most": 1}]),
]
# What the reader says of a key that must be there and is not.
MISSING = {"no 'region'", "no [[service]]", "no [objective]", "no 'id'", "no 'measure'"}
MISSING |= {"no 'pool'", "no 'each'", "no 'at_most'", "no 'sites'", "no 'share'"}
MISSING |= {"neither at_least nor at_most", "neither maximise nor minimise"}

VALIDATOR = jsonschema.Draft202012Validator(scenario_schema())
Place = tuple[str | int, ...]


def toml(value: Any) -> str:
    """Return a value as TOML writes it."""
    if isinstance(value, dict):
        return "{" + ", ".join(f"{json.dumps(k)} = {toml(v)}" for k, v in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(map(toml, value)) + "]"
    return json.dumps(value)


def written(document: dict[str, Any], folder: Path) -> Path:
    """Write a scenario beside the small region, each key of the top level on one line."""
    path = folder / "scenario.toml"
    text = "\n".join(f"{json.dumps(key)} = {toml(value)}" for key, value in document.items())
    assert tomllib.loads(text) == document
    path.write_text(text, encoding="utf-8")
    return path


def faults(document: dict[str, Any], folder: Path) -> tuple[Fault, ...]:
    """Return what the reader has against a scenario."""
    try:
        read_scenario(written(document, folder))
    except InputError as problem:
        return problem.faults
    return ()


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """Return a folder with the small region in it, which is read once for all documents."""
    made = tmp_path_factory.mktemp("schema")
    write(made / "region", {**FILES, "sites.csv": SITES})
    regions: dict[str, Region] = {}

    def load_once(*name: Any, **options: Any) -> Region:
        asked = repr((name, sorted(options.items())))
        if asked not in regions:
            regions[asked] = load_region(*name, **options)
        return regions[asked]

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(scenario_region, "load_region", load_once)
        yield made


def places(value: Any, place: Place = ()) -> Iterator[Place]:
    """Give where each table of a document stands."""
    if isinstance(value, dict):
        yield place
    pairs = value.items() if isinstance(value, dict) else enumerate(value)
    for key, inner in pairs:
        if isinstance(inner, dict | list):
            yield from places(inner, (*place, key))


def at(document: dict[str, Any], place: Place) -> dict[str, Any]:
    """Return the table at a place."""
    found: Any = document
    for step in place:
        found = found[step]
    assert isinstance(found, dict)
    return found


def table_of(place: Place) -> str:
    """Return which of the reader's tables stands at a place; "" for one with keys of its own."""
    words = [step for step in place if isinstance(step, str)]
    if not words:
        return "scenario"
    if words[0] == "assumptions" or words[-1] in ("capacity", "needs_within"):
        return ""
    if words[-1] == "among":  # a table by columns, or one of a list
        return "among" if isinstance(place[-1], int) else ""
    if "among" in words:
        return "open"
    return "objective" if words[-1] == "then" else words[-1]


def changed(
    document: dict[str, Any], place: Place, keys: tuple[str, ...]
) -> Iterator[tuple[str, dict[str, Any]]]:
    """Give a document without each key that a table has, and with each value at each of `keys`."""
    for key in at(document, place):
        other = copy.deepcopy(document)
        del at(other, place)[key]
        yield f"without {key}", other
    for key in keys:
        for value in VALUES:
            other = copy.deepcopy(document)
            at(other, place)[key] = value
            yield f"{key} = {value!r}", other


@pytest.mark.parametrize("name", DOCUMENTS)
def test_the_documents_to_be_changed_are_good(name: str, folder: Path) -> None:
    assert not faults(DOCUMENTS[name], folder)
    assert VALIDATOR.is_valid(DOCUMENTS[name])


def cases() -> Iterator[tuple[str, Place, tuple[str, ...]]]:
    """Give each table of each document, with its keys that no table of its kind had before."""
    seen: set[tuple[str, str]] = set()
    for name, document in DOCUMENTS.items():
        for place in places(document):
            table, held = table_of(place), at(document, place)
            kind = table or str(place)
            keys = {**TABLES.get(table, {}), **held, "strange": None}
            tables = {key for key in held if table and isinstance(held[key], dict | list)}
            yield name, place, tuple(k for k in keys if (kind, k) not in seen or k in tables)
            seen |= {(kind, key) for key in keys}


CASES = list(cases())
IDS = [".".join(map(str, (name, *place))) for name, place, _ in CASES]


@pytest.mark.parametrize(("name", "place", "keys"), CASES, ids=IDS)
def test_schema_and_reader_refuse_the_same_keys_and_kinds(
    name: str, place: Place, keys: tuple[str, ...], folder: Path
) -> None:
    words = {kind.words for table in TABLES.values() for kind in table.values()}
    refused = 0
    for what, document in changed(DOCUMENTS[name], place, keys):
        found = faults(document, folder)
        if not VALIDATOR.is_valid(document):
            refused += 1
            assert found, f"the schema refuses what the reader takes: {what}"
            continue
        for fault in found:
            kind = fault.expected in words or fault.found.startswith("unknown key")
            assert not kind, f"the schema takes {what}, the reader: {fault}"
            assert fault.found not in MISSING, f"the schema takes {what}: {fault}"
    assert refused or not keys


def test_every_table_is_changed_somewhere() -> None:
    assert {table_of(place) for _, place, _ in CASES} == {*TABLES, ""}
    used = {(table_of(p), key) for n, p, _ in CASES for key in at(DOCUMENTS[n], p) if table_of(p)}
    every = {(name, key) for name, table in TABLES.items() for key in table}
    assert every - used == {("scenario", "catchment"), ("scenario", "year"), ("service", "close")}


def test_every_key_is_told_what_it_means() -> None:
    assert {name: set(keys) for name, keys in ABOUT.items()} == {
        name: set(keys) for name, keys in TABLES.items()
    }


KINDS = {f"{name}.{key}": kind for name, table in TABLES.items() for key, kind in table.items()}
# JSON has neither inf nor nan, and knows no difference between 3 and 3.0; the reader does.
PLAIN = st.one_of(
    st.booleans(),
    st.integers(-(10**9), 10**9),
    st.floats(-1e299, 1e299).filter(lambda v: not v.is_integer()),
    st.text(max_size=3),
    st.sampled_from([-1, 0, 1, 0.5]),
)
ANYTHING = st.recursive(
    PLAIN,
    lambda inner: (
        st.lists(inner, max_size=2) | st.dictionaries(st.text(max_size=2), inner, max_size=2)
    ),
    max_leaves=3,
)


@given(value=ANYTHING)
def test_a_kind_and_its_schema_take_the_same_values(value: Any) -> None:
    for name, kind in KINDS.items():
        taken = jsonschema.Draft202012Validator(kind.json).is_valid(value)
        assert kind.json, name
        assert taken == kind.fits(value), name


def test_it_is_a_schema_of_2020_12() -> None:
    jsonschema.Draft202012Validator.check_schema(scenario_schema())


@pytest.mark.parametrize(
    "path", sorted((data_folder() / "scenarios").glob("*.toml")), ids=lambda p: p.stem
)
def test_every_embedded_scenario_is_valid(path: Path) -> None:
    VALIDATOR.validate(tomllib.loads(path.read_text(encoding="utf-8")))


def test_the_measures_that_are_offered_are_measures() -> None:
    offered = scenario_schema()["properties"]["limit"]["items"]["properties"]["measure"]
    names = offered["anyOf"][0]["enum"]
    assert "mean_minutes" in names
    assert all(find_measure(name) is not None for name in names)


def test_the_command_prints_it_or_writes_it(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["schema"]) == 0
    assert json.loads(capsys.readouterr().out) == scenario_schema()
    path = tmp_path / "scenario.schema.json"
    assert main(["schema", "--out", str(path)]) == 0
    assert json.loads(path.read_text(encoding="utf-8")) == scenario_schema()
    assert main(["schema", "--out", str(tmp_path / "none" / "x.json")]) == 2
    assert "none" in capsys.readouterr().err
