"""Sweep files: what they expand to, and everything that can be wrong with them, said at once."""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest

from reconfig.batch import read_sweep
from reconfig.core import InputError
from tests.batch.sweeps import BASE, write_base, write_sweep

HEAD = 'scenario = "base.toml"\n'
TWO_PARTS = f"""{HEAD}
[grid]
year = [2025, 2035]
"service.surgery.open" = [2, {{at_least = 1, at_most = 3}}]

[sample]
number = 5
seed = 11

[sample.over]
congestion = {{from = 0.8, to = 1.6}}
"limit.max_minutes.at_most" = [60, 70]
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Return a folder with a region and a base scenario."""
    return write_base(tmp_path)


def faults(folder: Path, text: str) -> str:
    with pytest.raises(InputError) as raised:
        read_sweep(write_sweep(folder, text))
    return str(raised.value)


def test_a_grid_holds_every_combination_once(folder: Path) -> None:
    text = f'{HEAD}[grid]\nyear = [2025, 2035]\n"limit.1.at_most" = [60, 70, 80]\n'
    cases = read_sweep(write_sweep(folder, text)).cases
    rows = [tuple(case.settings.values()) for case in cases]
    assert sorted(rows) == sorted({(y, m) for y in (2025, 2035) for m in (60, 70, 80)})
    for case in cases:
        assert case.content["year"] == case.settings["year"]
        assert case.content["limit"][0]["at_most"] == case.settings["limit.1.at_most"]


def test_a_grid_takes_steps_from_one_end_to_the_other(folder: Path) -> None:
    text = f"{HEAD}[grid]\nyear = {{from = 1, to = 7, step = 2}}\n"
    text += "congestion = {from = 0.1, to = 0.4, step = 0.1}\n"
    cases = read_sweep(write_sweep(folder, text)).cases
    assert {case.settings["year"] for case in cases} == {1, 3, 5, 7}
    assert {case.settings["congestion"] for case in cases} == {0.1, 0.2, 0.3, 0.4}


def test_rows_of_a_list_may_set_different_keys(folder: Path) -> None:
    text = f'{HEAD}[[list]]\nyear = 2030\n[[list]]\ncatchment = "north"\n'
    first, second = read_sweep(write_sweep(folder, text)).cases
    assert (first.content["year"], first.content["catchment"]) == (2030, "all")
    assert second.content["catchment"] == "north"
    assert "year" not in second.content


def test_a_sample_meets_every_row_of_the_grid_with_the_same_draws(folder: Path) -> None:
    cases = read_sweep(write_sweep(folder, TWO_PARTS)).cases
    assert len(cases) == 2 * 2 * 5
    draws = [(c.settings["congestion"], c.settings["limit.max_minutes.at_most"]) for c in cases]
    assert draws == draws[:5] * 4
    assert all(0.8 <= congestion <= 1.6 for congestion, _ in draws)
    assert len({congestion for congestion, _ in draws}) == 5


def test_a_seed_is_a_sample(folder: Path) -> None:
    path = write_sweep(folder, TWO_PARTS)
    again = [case.settings for case in read_sweep(path).cases]
    assert [case.settings for case in read_sweep(path).cases] == again
    write_sweep(folder, TWO_PARTS.replace("seed = 11", "seed = 12"))
    assert [case.settings for case in read_sweep(path).cases] != again


def test_whole_ends_are_drawn_whole_and_both_can_come(folder: Path) -> None:
    text = f"{HEAD}[sample]\nnumber = 60\nseed = 1\n[sample.over]\nyear = {{from = 1, to = 3}}\n"
    years = {case.settings["year"] for case in read_sweep(write_sweep(folder, text)).cases}
    assert years == {1, 2, 3}


def test_the_text_of_a_case_is_the_scenario_itself(folder: Path) -> None:
    for case in read_sweep(write_sweep(folder, TWO_PARTS)).cases:
        assert tomllib.loads(case.text) == case.content


def test_the_base_is_left_as_it_is(folder: Path) -> None:
    read_sweep(write_sweep(folder, TWO_PARTS))
    sweep = read_sweep(write_sweep(folder, f"{HEAD}[[list]]\nyear = 2030\n"))
    whole = {**tomllib.loads(BASE), "year": 2030}
    assert sweep.cases[0].content == whole


def test_an_assumption_is_set_where_it_stands(folder: Path) -> None:
    base = BASE + '\n[assumptions]\n"egs.share_moved" = 0.4\ntravel.congestion = 1.1\n'
    (folder / "base.toml").write_text(base, encoding="utf-8")
    paths = '"assumptions.egs.share_moved" = 0.5\n"assumptions.travel.congestion" = 1.2\n'
    paths += '"assumptions.travel.error_sd" = 0.2\n"assumptions.stroke.los" = 3.0\n'
    sweep = read_sweep(write_sweep(folder, f"{HEAD}[[list]]\n{paths}"))
    assert sweep.cases[0].content["assumptions"] == {
        "egs.share_moved": 0.5,
        "travel": {"congestion": 1.2, "error_sd": 0.2},
        "stroke.los": 3.0,
    }


WRONG = {
    "nothing to do": (HEAD, "neither [grid] nor [[list]] nor [sample]"),
    "no base": ("[grid]\nyear = [1]\n", "no 'scenario'"),
    "a base that is not there": ('scenario = "bse.toml"\n[grid]\nyear = [1]\n', "'base.toml'"),
    "an unknown part": (f"{HEAD}[gird]\nyear = [1]\n", "Did you mean 'grid'?"),
    "an empty grid": (f"{HEAD}[grid]\n", "an empty grid"),
    "an empty list of values": (f"{HEAD}[grid]\nyear = []\n", "an empty list"),
    "a value without a list": (f"{HEAD}[grid]\nyear = 2030\n", "year = 2030; expected a list"),
    "a value twice": (f"{HEAD}[grid]\ncongestion = [1, 1.0]\n", "1.0 twice"),
    "an unknown key": (f"{HEAD}[grid]\nyaer = [1]\n", "Did you mean 'year'?"),
    "a key without quotes": (f"{HEAD}[grid]\nlimit.1.at_most = [1]\n", '"limit.1" = [...]'),
    "an unknown service": (
        f'{HEAD}[grid]\n"service.surgry.open" = [1]\n',
        "Did you mean 'surgery'?",
    ),
    "an unknown key of a service": (
        f'{HEAD}[grid]\n"service.surgery.opne" = [1]\n',
        "Did you mean 'open'?",
    ),
    "a limit beyond the last": (f'{HEAD}[grid]\n"limit.2.at_most" = [1]\n', "'2.at_most'"),
    "a key of the solver": (f'{HEAD}[grid]\n"solve.gpa" = [1]\n', "Did you mean 'gap'?"),
    "a whole and its part": (
        f'{HEAD}[grid]\n"objective.tolerance" = [1]\nobjective = [{{minimise = "x"}}]\n',
        "the whole or its parts, not both",
    ),
    "a service's key by two names": (
        f'{HEAD}[grid]\n"service.1.open" = [2]\n"service.surgery.open" = [4]\n',
        "one name for one key",
    ),
    "a limit's key by two names": (
        f'{HEAD}[grid]\n"limit.1.at_most" = [9]\n[[list]]\n"limit.max_minutes.at_most" = 8\n',
        "one name for one key",
    ),
    "a part of a whole that has another name": (
        f'{HEAD}[grid]\n"service.1.open.at_least" = [2]\n"service.surgery.open" = [4]\n',
        "the whole or its parts, not both",
    ),
    "a key in two parts": (f"{HEAD}[grid]\nyear = [1]\n[[list]]\nyear = 2\n", "in [list] too"),
    "a row twice": (f"{HEAD}[[list]]\nyear = 1\n[[list]]\nyear = 1\n", "the same as row 1"),
    "a sample without a seed": (f"{HEAD}[sample]\nnumber = 3\n", "no 'seed'"),
    "a range the wrong way": (
        f"{HEAD}[sample]\nnumber = 3\nseed = 1\n[sample.over]\nyear = {{from = 2, to = 1}}\n",
        "the first the smaller",
    ),
    "steps without a step": (f"{HEAD}[grid]\nyear = {{from = 1, to = 2}}\n", "step = ..."),
    "too many": (
        f"{HEAD}[grid]\nyear = {list(range(500))}\ncongestion = {list(range(500))}\n",
        "250,000 scenarios",
    ),
}


@pytest.mark.parametrize("what", WRONG)
def test_what_is_wrong_with_a_sweep_is_said(what: str, folder: Path) -> None:
    text, said = WRONG[what]
    assert said in faults(folder, text)


def test_every_fault_is_said_at_once_with_its_line(folder: Path) -> None:
    said = faults(folder, f"{HEAD}[grid]\nyaer = [1]\nyear = []\n")
    assert "line 3" in said
    assert "line 4" in said


def test_a_sweep_that_comes_with_the_package_is_found_by_its_name() -> None:
    assert len(read_sweep("ten-to-four-futures").cases) > 10


def test_a_base_with_a_list_of_objectives_is_refused_with_a_word(folder: Path) -> None:
    base = BASE.replace("[objective]", "[[objective]]")
    (folder / "base.toml").write_text(base, encoding="utf-8")
    said = faults(folder, f'{HEAD}[grid]\n"objective.tolerance" = [0.1]\n')
    assert "one [objective] in it" in said
