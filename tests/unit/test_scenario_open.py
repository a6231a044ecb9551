"""A configuration that people chose is read whole, or refused with everything wrong with it."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from reconfig.core import InputError, Problem, Region, minimise, open_sites, together
from reconfig.report import report
from reconfig.scenario_open import given_on_the_line, read_configuration
from reconfig.solve import solve
from tests.instances import MINUTES, SITES, ZONES, tiny_region, tiny_service


def one() -> Problem:
    """Return a problem of one service: candidates A, B and C, neighbour N."""
    region = tiny_region()
    return Problem(region, tiny_service(region), minimise("mean_minutes"), [open_sites(2)])


def two() -> Problem:
    """Return a problem of two services at the same sites."""
    region = tiny_region()
    first, second = (region.define_service(i, demand="cases") for i in ("hips", "eyes"))
    both = {first: [open_sites(2)], second: [open_sites(1)]}
    return together(region, both, minimise("mean_minutes"))


def written(folder: Path, content: Any) -> Path:
    """Write JSON, or text as it is, and return its path."""
    path = folder / "choice.json"
    text = content if isinstance(content, str) else json.dumps(content)
    path.write_text(text, encoding="utf-8")
    return path


def faults(error: pytest.ExceptionInfo[InputError]) -> str:
    return "\n".join(str(fault) for fault in error.value.faults)


def test_ids_on_the_command_line_are_the_open_sites() -> None:
    assert given_on_the_line(["A, C"], one()).sites("surgery") == ("A", "C")
    assert given_on_the_line(["surgery=A"], one()).sites("surgery") == ("A",)
    chosen = given_on_the_line(["hips=A,B", "eyes=C"], two())
    assert (chosen.sites("hips"), chosen.sites("eyes")) == (("A", "B"), ("C",))


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["A,AA"], ["'AA' is not a site of the region", "Did you mean 'A'?"]),
        (["A,A"], ["'A' twice"]),
        (["A,N"], ["'N' is a neighbour, which is always open"]),
        (["knees=A"], ["not a service of the scenario", "surgery: nothing"]),
        (["surgery=A", "surgery=B"], ["given twice"]),
    ],
)
def test_every_fault_of_the_command_line_is_named(words: list[str], said: list[str]) -> None:
    with pytest.raises(InputError) as error:
        given_on_the_line(words, one())
    for part in said:
        assert part in faults(error)


def test_of_several_services_each_must_be_given() -> None:
    with pytest.raises(InputError) as error:
        given_on_the_line(["A"], two())
    assert "SERVICE=ID,ID,... for each of hips, eyes" in faults(error)
    with pytest.raises(InputError) as error:
        given_on_the_line(["hips=A", "hips=B,Z"], two())
    for part in ("given twice", "'Z' is not a site"):
        assert part in faults(error)
    with pytest.raises(InputError) as error:
        given_on_the_line(["hips=A"], two())
    assert "eyes: nothing" in faults(error)


@pytest.mark.parametrize(
    "content",
    [
        {"made_by": "reconfig", "service": "surgery", "open": ["A", "C"]},
        {"open": ["A", "C"]},
        {"open": {"surgery": ["A", "C"]}, "region": "Tiny", "status": "optimal"},
    ],
)
def test_a_file_may_hold_a_list_or_one_for_each_service(tmp_path: Path, content: Any) -> None:
    assert read_configuration(written(tmp_path, content), one()).sites("surgery") == ("A", "C")


@pytest.mark.parametrize("problem", [one(), two()], ids=["one service", "two services"])
def test_the_result_of_an_earlier_run_is_read_back(tmp_path: Path, problem: Problem) -> None:
    best = solve(problem)
    folder = report(tmp_path / "out", problem.region.today(problem.service), best)
    back = read_configuration(folder / "result.json", problem)
    result = json.loads((folder / "result.json").read_text(encoding="utf-8"))
    assert {service: list(back.sites(service)) for service in back.open} == result["open"]


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("{", ["not JSON"]),
        ("[]", ["no object with 'open'"]),
        ("{}", ["no object with 'open'"]),
        ('{"open": "A"}', ["str"]),
        ('{"open": [1]}', ["[1]", "a list of site ids, as text"]),
        ('{"open": {"surgery": "A"}}', ["'A'", "a list of site ids, as text"]),
        ('{"open": ["Z"], "made_by": "me"}', ["made_by: 'me'", "'Z' is not a site"]),
        ('{"open": ["A"], "region": "Elsewhere"}', ["a configuration of 'Elsewhere'"]),
        ('{"open": ["A"], "service": "knees"}', ["'knees'", "surgery"]),
        ("[" * 100_000, ["choice.json"]),
    ],
)
def test_every_fault_of_a_file_is_named(tmp_path: Path, content: str, said: list[str]) -> None:
    with pytest.raises(InputError) as error:
        read_configuration(written(tmp_path, content), one())
    for part in said:
        assert part in faults(error)


def test_a_file_that_is_not_there_or_not_text_is_bad_input(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="No such file"):
        read_configuration(tmp_path / "none.json", one())
    (tmp_path / "bytes.json").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(InputError, match="not UTF-8"):
        read_configuration(tmp_path / "bytes.json", one())


def test_nobody_may_be_left_without_a_site(tmp_path: Path) -> None:
    region = tiny_region()
    minutes = region.minutes().copy()
    minutes.loc["z1", ["B", "C", "N"]] = float("nan")
    apart = replace(region, travel_times={"car": minutes})
    problem = Problem(apart, tiny_service(apart), minimise("mean_minutes"), [open_sites(2)])
    with pytest.raises(InputError, match="everybody can reach one"):
        given_on_the_line(["B,C"], problem)
    alone = SITES.assign(in_scope="yes")
    none = Region.from_tables(ZONES, alone, MINUTES, name="Tiny")
    problem = Problem(none, tiny_service(none), minimise("mean_minutes"), [open_sites(2)])
    with pytest.raises(InputError, match="one open site at least"):
        read_configuration(written(tmp_path, {"open": []}), problem)


@pytest.mark.parametrize("given", ["A C", "A;C", "A; C", "surgery=A C"])
def test_ids_without_commas_between_them_are_shown_with_commas(given: str) -> None:
    with pytest.raises(InputError) as error:
        given_on_the_line([given], one())
    assert "Put commas between the ids, without blanks: A,C." in faults(error)
