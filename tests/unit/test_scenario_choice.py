"""Patients who do not all go to the nearest site, in a scenario file."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from reconfig.core import Choice
from reconfig.data import load_register
from tests.unit.test_scenario import GOOD, read, said_of

USUAL = load_register().value("travel.choice_minutes")


@pytest.mark.parametrize(
    ("written", "choice"),
    [
        ("true", Choice(USUAL)),
        ("false", None),
        ("{}", Choice(USUAL)),
        ("{minutes = 4}", Choice(4.0)),
        ("{minutes = 2.5, orders = 3, seed = 9}", Choice(2.5, 3, 9)),
        ("{orders = 7}", Choice(USUAL, 7)),
    ],
)
def test_the_choice_of_site_is_a_key_of_the_service(
    tmp_path: Path, written: str, choice: Choice | None
) -> None:
    text = GOOD.replace("open = 1", f"open = 1\nchoice = {written}")
    assert read(tmp_path, text).problem.service.choice == choice


def test_minutes_come_from_the_register_with_the_scenarios_own_values(tmp_path: Path) -> None:
    changed = '[assumptions]\n"travel.choice_minutes" = 4.5\n\n[[service]]'
    text = GOOD.replace("[[service]]", changed).replace("open = 1", "open = 1\nchoice = true")
    assert read(tmp_path, text).problem.service.choice == Choice(4.5)


@pytest.mark.parametrize(
    ("written", "said"),
    [
        ("3.0", r"line \d+.*choice = 3.0; expected true \(so spread as the register has it\)"),
        ('"yes"', r"line \d+.*expected true"),
        ("{minutes = -1}", r"line \d+.*-1; expected a number of minutes, 0 or more"),
        ('{minutes = "3"}', r"line \d+.*expected a number without quotes"),
        ("{orders = 0}", r"line \d+.*0; expected a whole number from 1 to"),
        ("{seed = -2}", r"line \d+.*-2; expected a whole number, 0 or more"),
        ("{minuts = 3}", r"line \d+.*minuts.*Did you mean 'minutes'"),
    ],
)
def test_what_is_wrong_is_said_with_its_line(tmp_path: Path, written: str, said: str) -> None:
    text = GOOD.replace("open = 1", f"open = 1\nchoice = {written}")
    faults = said_of(tmp_path, text)
    assert len(faults) == 1
    assert re.search(said, faults[0]), faults


@pytest.mark.parametrize("written", ["true", "false"])
def test_whether_patients_are_directed_is_a_key_of_the_service(
    tmp_path: Path, written: str
) -> None:
    text = GOOD.replace("open = 1", f"open = 1\ndirected = {written}")
    assert read(tmp_path, text).problem.service.is_directed == (written == "true")


@pytest.mark.parametrize(
    ("written", "said"),
    [
        ("directed = 1", r"line \d+.*directed = 1; expected true or false"),
        ("directed = true\nchoice = true", r"line \d+.*choice: directed = true beside it"),
    ],
)
def test_directed_patients_who_choose_are_refused(tmp_path: Path, written: str, said: str) -> None:
    faults = said_of(tmp_path, GOOD.replace("open = 1", f"open = 1\n{written}"))
    assert len(faults) == 1
    assert re.search(said, faults[0]), faults
