"""Every fault of a scenario file is told, with its line, and hides no other."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from reconfig.core import InputError
from reconfig.data import data_folder
from reconfig.scenario import read_scenario
from tests.unit.data.aged import BY_COLUMN, BY_DISTRICT
from tests.unit.data.folders import CAR, RICH, ZONES, write
from tests.unit.test_scenario import (
    AGED_SCENARIO,
    GOOD,
    aged,
    faults_of,
    said_of,
    write_scenario,
)

# What stands in the good scenario, what is put instead, and what is said of it.
ONE_FAULT = {
    "unknown key": ("name =", "nmae =", r"line 1, nmae: unknown key.*Did you mean 'name'\?"),
    "unknown section": ("[solve]", "[solver]", r"line 18, solver.*Did you mean 'solve'\?"),
    "name of number": ('"Small"', "5", r"line 1, name: name = 5; expected a text in quotes"),
    "no region": ('region = "region"', "", "no 'region'"),
    "unknown region": ('"region"', '"regoin"', r"line 2, region: no such region"),
    "catchment of none": ("[[service]]", 'catchment = "x"\n[[service]]', r"line 4, catchment: 'x'"),
    "open text": ("open = 1", 'open = "1"', r'line 7, service, open: open = "1"; expected a whole'),
    "open true": ("open = 1", "open = true", r"open = true; expected a whole number"),
    "open fraction": ("open = 1", "open = 1.5", r"open = 1.5; expected a whole number"),
    "open list": ("open = 1", "open = [1]", r"open = \[1\]; expected a whole number"),
    "open nothing": ("open = 1", "open = {}", r"line 7, service, open: neither at_least nor"),
    "open too many": ("open = 1", "open = 3", r"line 7, service, open: 3 sites asked for"),
    "open below zero": ("open = 1", "open = -1", r"line 7, service, open: -1 sites asked for"),
    "open unknown key": ("open = 1", "open = {most = 1, at_least = 1}", r"line 7.*'at_most'"),
    "keep text": ('["A"]', '"A"', r'line 8, service, keep: keep = "A".*square brackets'),
    "keep numbers": ('["A"]', '["A", 5]', r'keep = \["A", 5\]; expected a list of texts'),
    "keep unknown": ('["A"]', '["AA"]', r"line 8, service, keep: 'AA' is not a site.*mean 'A'"),
    "keep neighbour": ('["A"]', '["N"]', r"line 8.*'N' is not a candidate"),
    "kept and closed": ('["A"]', '["A"]\nclose = ["A"]', r"both kept and closed"),
    "no id": ('id = "surgery"\n', "", r"line 4, service: no 'id'"),
    "blank id": ('"surgery"', '""', r"line 5, service, id: id = \"\"; expected a text"),
    "no such service": ('demand = "cases"\n', "", r"line 5.*add demand = \"<zone column"),
    "no such column": (
        '"cases"',
        '"case"',
        r"line 6, service, demand: no zone column 'case'.*mean",
    ),
    "a column of text": ('"cases"', '"district"', r"line 6.*'district' is not one of numbers"),
    "negative volume": ("open = 1", "min_volume = -1", r"line 7, service, min_volume.*0 or more"),
    "single brackets": ("[[service]]", "[service]", r"line 4, service.*double brackets"),
    "limit in single": ("[[limit]]", "[limit]", r"line 13, limit.*double brackets"),
    "the same service twice": (
        "[objective]",
        '[[service]]\nid = "surgery"\ndemand = "cases"\n[objective]',
        r"'surgery' twice",
    ),
    "no objective": ('[objective]\nminimise = "mean_minutes"', "", r"no \[objective\]"),
    "both senses": (
        "minimise",
        'maximise = "mean_minutes"\nminimise',
        r"line 10.*both maximise and",
    ),
    "no sense": ('minimise = "mean_minutes"', "", r"line 10, objective: neither maximise nor min"),
    "objectives": ("[objective]", "[[objective]]", r"line 10, objective.*expected a table"),
    "unknown measure": (
        '"mean_minutes"',
        '"mean_minute"',
        r"line 10, objective: no measure 'mean_m",
    ),
    "no outcomes": ('"mean_minutes"', '"lives_saved"', r"line 10.*'lives_saved' is not estimated"),
    "then text": ('"mean_minutes"', '"mean_minutes"\nthen = "x"', r"line 12, objective, then"),
    "then empty": (
        '"mean_minutes"',
        '"mean_minutes"\nthen = {}',
        r"line 12, objective, then: neither",
    ),
    "tolerance": ('"mean_minutes"', '"mean_minutes"\ntolerance = -1', r"tolerance -1"),
    "tolerance nan": (
        '"mean_minutes"',
        '"mean_minutes"\ntolerance = nan',
        r"tolerance = nan; expected",
    ),
    "share of 95": ("0.5", "95", r"line 13, limit: at_least = 95; expected a share.*Write 0.95"),
    "limit without bound": (
        "at_least = 0.5\n",
        "",
        r"line 13, limit: neither at_least nor at_most",
    ),
    "limit nan": ("0.5", "nan", r"line 15, limit, at_least: at_least = nan; expected a number"),
    "limit inf": ("0.5", "inf", r"line 15, limit, at_least: at_least = inf; expected a number"),
    "limit text": ("0.5", '"0.5"', r"line 15, limit, at_least.*a number without quotes"),
    "limit of nothing": ('measure = "share_within_45"\n', "", r"line 13, limit: no 'measure'"),
    "limit crossed": (
        "0.5",
        "0.5\nat_most = 0.4",
        r"line 13, limit: at_least 0.5 is above at_most",
    ),
    "limit unknown": ('"share_within_45"', '"share_45"', r"line 13, limit: no measure 'share_45'"),
    "by unknown": ('"district"', '"distict"', r"line 16, limit, by.*Did you mean 'district'"),
    "no time": ("60", "0", r"line 19, solve, time_limit: time_limit = 0; expected a number of sec"),
    "less than no time": ("60", "-5", r"line 19, solve, time_limit"),
    "time in words": ("60", '"60 s"', r"line 19, solve, time_limit"),
    "time huge": ("60", "9" * 400, r"line 19, solve, time_limit"),
    "gap in per cent": ("0.01", "1", r"line 20, solve, gap: gap = 1; expected a share"),
    "gap nan": ("0.01", "nan", r"line 20, solve, gap"),
    "among number": (
        'keep = ["A"]',
        "among = 1",
        r"line 8, service, among: among = 1; expected a l",
    ),
    "among texts": ('keep = ["A"]', 'among = ["A"]', r"line 8, service, among.*a list such as"),
    "among without sites": (
        'keep = ["A"]',
        "among = [{at_least = 1}]",
        r"line 8, service, among: no 'sites'",
    ),
    "among no sites": (
        'keep = ["A"]',
        "among = [{sites = [], at_least = 1}]",
        r"line 8, service, among: no 'sites'",
    ),
    "among without ends": (
        'keep = ["A"]',
        'among = [{sites = ["A"]}]',
        r"line 8, service, among: neither at_least nor",
    ),
    "among crossed": (
        'keep = ["A"]',
        'among = [{sites = ["A", "B"], at_least = 2, at_most = 1}]',
        r"line 8, service, among: at_least 2 is above",
    ),
    "among unknown site": (
        'keep = ["A"]',
        'among = [{sites = ["AA"], at_most = 1}]',
        r"line 8, service, among: 'AA' is not a site.*mean 'A'",
    ),
    "among too many": (
        'keep = ["A"]',
        'among = [{sites = ["A"], at_least = 2}]',
        r"line 8, service, among: at least 2 of 1 site",
    ),
    "among below zero": (
        'keep = ["A"]',
        'among = [{sites = ["A"], at_most = -1}]',
        r"line 8, service, among: at_most = -1",
    ),
    "among unknown key": (
        'keep = ["A"]',
        'among = [{sites = ["A"], at_mst = 1, at_least = 1}]',
        r"line 8, service, among, at_mst: unknown key.*mean 'at_most'",
    ),
    "among unknown column": (
        'keep = ["A"]',
        "among = {in_scop = {at_most = 1}}",
        r"line 8, service, among, in_scop: unknown key.*mean 'in_scope'",
    ),
    "among column of number": (
        'keep = ["A"]',
        "among = {in_scope = 1}",
        r"line 8, service, among, in_scope: in_scope = 1; expected a table",
    ),
    "among column without ends": (
        'keep = ["A"]',
        "among = {in_scope = {}}",
        r"line 8, service, among, in_scope: neither at_least nor",
    ),
    "among column too many": (
        'keep = ["A"]',
        "among = {in_scope = {at_least = 3}}",
        r"line 8, service, among, in_scope: at_least = 3, but 'True' has 2 of the candidates",
    ),
    "always open unknown": (
        'keep = ["A"]',
        'always_open = ["Z"]',
        r"line 8, service, always_open: 'Z' is not a candidate",
    ),
    "always open all": (
        'open = 1\nkeep = ["A"]',
        'always_open = ["A", "B"]',
        r"line 7, service, always_open: every candidate",
    ),
    "solver not here": (
        "gap = 0.01",
        'solver = "GUROBI"',
        r"line 20, solve, solver: 'GUROBI' is not installed here.*pip install gurobipy",
    ),
    "solver": ("gap = 0.01", 'solver = "HIGS"', r"line 20, solve, solver.*Did you mean 'HiGHS"),
    "key twice": ("gap = 0.01", "gap = 0.01\ngap = 0.02", r"a key is given twice"),
    "cut short": ("gap = 0.01\n", "ga", r"last line: a key without ="),
}


@pytest.mark.parametrize(("good", "bad", "said"), ONE_FAULT.values(), ids=ONE_FAULT.keys())
def test_one_fault_gives_one_message_with_its_line(
    tmp_path: Path, good: str, bad: str, said: str
) -> None:
    assert good in GOOD
    messages = said_of(tmp_path, GOOD.replace(good, bad, 1))
    assert len(messages) == 1, messages
    assert messages[0].startswith("scenario.toml, ")
    assert re.search(said, messages[0]), messages[0]


def test_three_typos_are_all_named_with_their_lines(tmp_path: Path) -> None:
    text = (
        GOOD.replace("time_limit", "time_limt")
        .replace('["A"]', '["a1"]')
        .replace('"mean_minutes"', '"mean_mins"')
        .replace('"share_within_45"', '"share_wihtin"')
        .replace('"cases"', '"casse"')
    )
    messages = said_of(tmp_path, text)
    assert len(messages) == 5
    for line, word in (
        (6, "casse"),
        (8, "a1"),
        (10, "mean_mins"),
        (13, "share_wihtin"),
        (19, "time_limt"),
    ):
        assert any(f"line {line}," in m and word in m for m in messages), (word, messages)
    assert sum("Did you mean" in m for m in messages) >= 4


def test_faults_of_the_region_and_of_the_scenario_come_together(tmp_path: Path) -> None:
    path = write_scenario(
        tmp_path,
        GOOD.replace("gap", "gapp").replace('"mean_minutes"', '"minutes"'),
        zones=ZONES.replace("z2,", "z1,"),
        travel_times__car=CAR.replace("30.5", "-1"),
    )
    files = {fault.file for fault in faults_of(path)}
    assert files == {"scenario.toml", "zones.csv", "travel_times/car.csv"}
    text = "\n".join(map(str, faults_of(path)))
    assert "gapp" in text
    assert "no measure 'minutes'" in text


def test_an_unknown_catchment_hides_no_other_fault(tmp_path: Path) -> None:
    write(tmp_path / "region", dict(RICH))
    path = tmp_path / "scenario.toml"
    path.write_text(
        GOOD.replace("[[service]]", 'catchment = "wid"\n[[service]]').replace('["A"]', '["X"]')
    )
    messages = [str(fault) for fault in faults_of(path)]
    assert len(messages) == 2
    assert "line 4, catchment: 'wid' is not there" in messages[0]
    assert "Did you mean 'wide'?" in messages[0]
    assert "'X' is not a site of the region" in messages[1]


def test_numbers_of_sites_that_cannot_be_are_refused(tmp_path: Path) -> None:
    crossed = GOOD.replace("open = 1", "open = {at_least = 2, at_most = 1}")
    assert any("at_least 2 is above at_most 1" in m for m in said_of(tmp_path, crossed))
    kept = GOOD.replace('["A"]', '["A", "B"]')
    assert any("at most 1 can be" in m for m in said_of(tmp_path, kept))


@pytest.mark.parametrize("content", ["", "\n  \n", "# nothing\n"])
def test_an_empty_scenario_says_what_it_lacks(tmp_path: Path, content: str) -> None:
    text = "\n".join(said_of(tmp_path, content))
    assert "the file is empty" in text or all(
        word in text for word in ("no 'region'", "[[service]]", "no [objective]")
    )


def test_a_scenario_that_is_not_there_or_is_a_folder_is_said_to_be_so(tmp_path: Path) -> None:
    (fault,) = faults_of(tmp_path / "nowhere.toml")
    assert "no such file" in str(fault)
    (fault,) = faults_of(tmp_path)
    assert "a folder; expected a file" in str(fault)
    (fault,) = faults_of(Path("x" * 5000))
    assert "no such file" in str(fault)


@pytest.mark.parametrize(
    "content", [b"PK\x03\x04", "name = \u201cSmall\u201d".encode(), b"name = \xff", b"\x00" * 9]
)
def test_a_scenario_of_another_kind_is_one_fault(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "scenario.toml"
    path.write_bytes(content)
    assert len(faults_of(path)) == 1


def test_a_scenario_cut_anywhere_is_refused_or_a_scenario(tmp_path: Path) -> None:
    path = write_scenario(tmp_path, GOOD)
    content, refused = path.read_bytes(), 0
    for length in range(0, len(content), 5):
        path.write_bytes(content[:length])
        try:
            read_scenario(path)
        except InputError:
            refused += 1
    assert refused > 30


def test_values_of_any_wrong_kind_never_give_a_traceback(tmp_path: Path) -> None:
    values = ["1", "-1", "1.5", "nan", "true", '""', '"x"', "[]", "[1]", "[[]]", "{}", "{a = 1}"]
    values += ["1979-05-27", "07:32:00", "[{}]", '["A", "A"]', "9" * 30]
    path = write_scenario(tmp_path, GOOD)
    assignments = [line for line in GOOD.splitlines() if " = " in line]
    refused = 0
    for line in assignments:
        for value in values:
            path.write_text(GOOD.replace(line, f"{line.split(' = ')[0]} = {value}", 1))
            try:
                read_scenario(path)
            except InputError as error:
                refused += bool(error.faults)
    assert refused > 150


def aged_faults(folder: Path, text: str, **files: str) -> list[str]:
    """Return what is said of a scenario on the small region by age."""
    return [str(fault) for fault in faults_of(aged(folder, text, **files))]


ASSUMPTION_FAULTS = {
    "unknown": (
        "own.share_moved",
        "own.share_move",
        r"line 5, assumptions, own.share_move: .*own.s",
    ),
    "unknown, bare": ("own.rate", "own.rat", r"line 6, assumptions, own, rat: .*'own.rate'"),
    "impossible": ("0.25", "25", r"line 5, assumptions, own.share_moved: 25; .*from 0 to 1"),
    "not a number": ("0.25", '"0.25"', r'line 5, .* = "0.25"; expected a number without quotes'),
    "yes": ("0.25", "true", r"line 5, .* = true; expected a number without quotes"),
    "infinite": ("0.25", "inf", r"line 5, .* = inf; expected a number"),
    "below zero": ("own.rate = 0.2", "own.rate = -0.2", r"line 6, assumptions, own, rate: -0.2"),
    "a number": ("[assumptions]\n", "[other]\n", r"line 4, other: unknown key 'other'"),
    "twice": (
        "own.rate = 0.2",
        "own.rate = 0.2\nown.share_moved = 0.1",
        r"line 7, assumptions, own, share_moved: 'own.share_moved' a second time",
    ),
    "year before": ("2022", "2019", r"line 2, year: 2019; expected a year from 2020"),
    "year in quotes": ("2022", '"2022"', r"line 2, year: .*a whole number without quotes"),
    "half a year": ("2022", "2022.5", r"line 2, year: .*a whole number without quotes"),
    "year misspelt": ("year", "yaer", r"line 2, yaer: unknown key.*Did you mean 'year'"),
}


@pytest.mark.parametrize(
    ("good", "bad", "said"), ASSUMPTION_FAULTS.values(), ids=ASSUMPTION_FAULTS.keys()
)
def test_a_fault_of_year_or_assumptions_has_its_line_and_hides_no_other(
    tmp_path: Path, good: str, bad: str, said: str
) -> None:
    assert good in AGED_SCENARIO
    text = AGED_SCENARIO.replace(good, bad, 1).replace('"mean_minutes"', '"mean_minuts"')
    messages = aged_faults(tmp_path, text)
    assert len(messages) == 2, messages
    assert any(re.search(said, m) for m in messages), messages
    assert any("mean_minuts" in m for m in messages)


def test_a_year_without_ages_is_a_fault_at_the_year(tmp_path: Path) -> None:
    messages = aged_faults(tmp_path, AGED_SCENARIO, own=BY_COLUMN)
    assert len(messages) == 1
    assert messages[0].startswith("scenario.toml, line 2, year: 2022, but service 'own'")
    spot = AGED_SCENARIO.replace('id = "own"', 'id = "spot"\ndemand = "cases"')
    (message,) = aged_faults(tmp_path, spot)
    assert message.startswith("scenario.toml, line 2, year: 2022, but column 'cases'")


def test_wrong_year_catchment_and_assumption_come_in_one_message(tmp_path: Path) -> None:
    text = AGED_SCENARIO.replace("2022", '1999\ncatchment = "inner"')
    text = text.replace("own.share_moved", "own.share_move").replace('"own"\n', '"onw"\n')
    messages = aged_faults(tmp_path, text, own=BY_DISTRICT)
    for said in ("line 2, year", "line 3, catchment", "line 6, assumptions", "'onw'"):
        assert sum(said in m for m in messages) == 1, (said, messages)


def test_a_scenario_that_comes_with_the_package_is_suggested_and_all_are_named() -> None:
    embedded = sorted(path.stem for path in (data_folder() / "scenarios").glob("*.toml"))
    (fault,) = faults_of(Path("ten-to-fuor"))
    assert "Did you mean 'ten-to-four'?" in fault.fix
    assert all(name in fault.fix for name in embedded)
    (fault,) = faults_of(Path("nothing-like-it-at-all"))
    assert "Did you mean" not in fault.fix
    assert all(name in fault.fix for name in embedded)


def test_a_file_of_the_same_folder_that_may_be_meant_comes_first(tmp_path: Path) -> None:
    (tmp_path / "plan.toml").write_text("", encoding="utf-8")
    (fault,) = faults_of(tmp_path / "plam.toml")
    assert fault.fix.startswith("Did you mean 'plan.toml'?")
