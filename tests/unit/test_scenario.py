"""A good scenario file becomes a problem; for its faults see test_scenario_faults."""

from __future__ import annotations

import warnings
from pathlib import Path

import pytest

from reconfig.core import Among, Fault, InputError, InputWarning, Limit, Objective, OpenSites
from reconfig.data import data_folder
from reconfig.scenario import Scenario, read_scenario, scenario_file
from tests.unit.data.aged import AGED
from tests.unit.data.folders import RICH, write

GOOD = """name = "Small"
region = "region"

[[service]]
id = "surgery"
demand = "cases"
open = 1
keep = ["A"]

[objective]
minimise = "mean_minutes"

[[limit]]
measure = "share_within_45"
at_least = 0.5
by = "district"

[solve]
time_limit = 60
gap = 0.01
"""


def write_scenario(folder: Path, text: str, **region: str) -> Path:
    """Write the small region and a scenario beside it; return the scenario's path."""
    write(folder / "region", {name.replace("__", "/") + ".csv": t for name, t in region.items()})
    path = folder / "scenario.toml"
    path.write_text(text, encoding="utf-8")
    return path


def read(folder: Path, text: str) -> Scenario:
    """Return the scenario of a text on the small region."""
    return read_scenario(write_scenario(folder, text))


def faults_of(path: Path) -> tuple[Fault, ...]:
    """Return the faults of a scenario file; fail if there are none."""
    with pytest.raises(InputError) as raised:
        read_scenario(path)
    return raised.value.faults


def said_of(folder: Path, text: str) -> list[str]:
    """Return what is said of a scenario text that is refused."""
    return [str(fault) for fault in faults_of(write_scenario(folder, text))]


def test_a_scenario_is_a_problem_and_how_to_solve_it(tmp_path: Path) -> None:
    scenario = read(tmp_path, GOOD)
    assert scenario.name == "Small"
    assert (scenario.time_limit, scenario.gap, scenario.solver) == (60.0, 0.01, "HiGHS")
    assert scenario.text == GOOD
    problem = scenario.problem
    assert problem.service.cases_per_year == 100.0
    assert problem.objective == Objective("mean_minutes", "minimise")
    assert problem.kept == {"A"}
    assert OpenSites(1, 1) in problem.constraints
    assert Limit("share_within_45", at_least=0.5, by="district") in problem.constraints


def test_only_region_service_and_objective_are_needed(tmp_path: Path) -> None:
    scenario = read(
        tmp_path,
        'region = "region"\nservice = [{id = "x", demand = "cases"}]\n'
        'objective = {minimise = "max_minutes"}\n',
    )
    assert scenario.name == "scenario"
    assert scenario.time_limit is None
    assert scenario.gap == 0.0


def test_the_region_folder_starts_from_the_scenario_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = write_scenario(tmp_path, GOOD)
    (tmp_path / "elsewhere").mkdir()
    monkeypatch.chdir(tmp_path / "elsewhere")
    assert read_scenario(Path("..") / path.name).problem.region.name == "Small"
    absolute = GOOD.replace('"region"', f'"{tmp_path / "region"}"')
    assert read(tmp_path / "other", absolute).problem.region.name == "Small"


def test_open_may_be_a_table_and_volumes_are_limits(tmp_path: Path) -> None:
    text = GOOD.replace("open = 1", "open = {at_least = 1, at_most = 2}\nmin_volume = 5")
    constraints = read(tmp_path, text).problem.constraints
    assert OpenSites(1, 2) in constraints
    assert Limit("min_volume", at_least=5.0) in constraints


def test_a_second_objective_decides_among_equals(tmp_path: Path) -> None:
    text = GOOD.replace(
        'minimise = "mean_minutes"',
        'maximise = "share_within_30"\ntolerance = 0.01\nthen = {minimise = "mean_minutes"}',
    )
    assert read(tmp_path, text).problem.objective == Objective(
        "share_within_30", "maximise", Objective("mean_minutes", "minimise"), 0.01
    )


def test_so_many_of_some_sites_may_be_asked_for(tmp_path: Path) -> None:
    text = GOOD.replace(
        'keep = ["A"]',
        'among = [{sites = ["A", "B"], at_least = 1}, {sites = ["B"], at_most = 0}]',
    )
    constraints = read(tmp_path, text).problem.constraints
    assert Among(frozenset({"A", "B"}), 1, None) in constraints
    assert Among(frozenset({"B"}), None, 0) in constraints


# A column of the sites: two candidates of one trust, and a third that has none.
TRUSTS = """site_id,name,in_scope,trust
A,Alder,yes,East
B,Birch,yes,East
N,Nettle,yes,
"""


@pytest.mark.parametrize(
    ("ends", "expected"),
    [
        ("at_most = 1", [Among(frozenset({"A", "B"}), None, 1)]),
        ("at_least = 1, at_most = 2", [Among(frozenset({"A", "B"}), 1, 2)]),
        ("at_most = 2", []),  # no more than there are
    ],
)
def test_so_many_of_each_group_of_sites_may_be_asked_for(
    tmp_path: Path, ends: str, expected: list[Among]
) -> None:
    text = GOOD.replace('keep = ["A"]', f"among = {{trust = {{{ends}}}}}")
    problem = read_scenario(write_scenario(tmp_path, text, sites=TRUSTS)).problem
    assert [c for c in problem.constraints if isinstance(c, Among)] == expected


@pytest.mark.parametrize("path", sorted((data_folder() / "scenarios").glob("*.toml")))
def test_the_scenarios_that_come_with_the_package_are_good(path: Path) -> None:
    assert scenario_file(path.stem) == path
    with warnings.catch_warnings():
        # The national region names the areas that it has to leave out.
        warnings.filterwarnings("ignore", message="england-stroke", category=InputWarning)
        assert read_scenario(path.stem).problem.service.candidates


def test_sites_may_be_always_open_and_the_fewest_be_asked_for(tmp_path: Path) -> None:
    text = GOOD.replace('open = 1\nkeep = ["A"]', 'always_open = ["A"]')
    text = text.replace('"mean_minutes"', '"open_sites"')
    problem = read(tmp_path, text).problem
    assert problem.service.always_open == ("A", "N")
    assert problem.service.candidates == ("B",)
    assert problem.objective == Objective("open_sites", "minimise")


def test_who_counts_is_a_key_of_the_scenario(tmp_path: Path) -> None:
    write(tmp_path / "region", dict(RICH))
    path = tmp_path / "scenario.toml"
    path.write_text(GOOD)
    assert read_scenario(path).problem.service.cases_per_year == 60.0  # the core: 10 + 20 + 30
    path.write_text(GOOD.replace("[[service]]", 'catchment = "wide"\n[[service]]'))
    assert read_scenario(path).problem.service.cases_per_year == 100.0


AGED_SCENARIO = """region = "region"
year = 2022

[assumptions]
"own.share_moved" = 0.25
own.rate = 0.2

[[service]]
id = "own"
open = 1

[objective]
minimise = "mean_minutes"
"""


def aged(folder: Path, text: str, **files: str) -> Path:
    """Write the small region by age and a scenario beside it; return the scenario's path."""
    write(folder / "region", AGED | {f"services/{k}.toml": v for k, v in files.items()})
    path = folder / "scenario.toml"
    path.write_text(text, encoding="utf-8")
    return path


def test_year_and_assumptions_are_keys_of_the_scenario(tmp_path: Path) -> None:
    """At the rate of 0.2: z1 140 / 11 x 0.81, and so on; ids stand in quotes or without."""
    problem = read_scenario(aged(tmp_path, AGED_SCENARIO)).problem
    assert problem.region.year == 2022
    assert dict(problem.region.assumptions) == {
        "own.rate": (0.1, 0.2),
        "own.share_moved": (0.5, 0.25),
    }
    young, old = 500 * 140 / 1100 * 0.81, 600 * 140 / 1100 * 2.25
    assert problem.service.cases_per_year == pytest.approx(young + old)


def test_assumptions_may_stand_in_one_line(tmp_path: Path) -> None:
    text = AGED_SCENARIO.replace("[assumptions]\n", "").replace("own.rate = 0.2\n", "")
    text = text.replace('"own.share_moved" = 0.25', 'assumptions = {"own.share_moved" = 0.25}')
    region = read_scenario(aged(tmp_path, text)).problem.region
    assert dict(region.assumptions) == {"own.share_moved": (0.5, 0.25)}
