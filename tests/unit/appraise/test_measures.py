"""Measures are found by name, and what cannot be asked of them is refused in plain words."""

from __future__ import annotations

from dataclasses import replace

import pandas as pd
import pytest

from reconfig.appraise import (
    MEASURES,
    Grid,
    appraise,
    check_measures,
    find_measure,
    known_measures,
    reported_measures,
)
from reconfig.core import (
    Configuration,
    Constraint,
    Faults,
    InputError,
    Objective,
    Problem,
    Region,
    limit,
    maximise,
    minimise,
    within,
)
from reconfig.data import load_register
from reconfig.outcomes import RiskModel
from tests.instances import MINUTES, SITES, ZONES, HalfTheDeaths, tiny_region, tiny_service


def faults(objective: Objective, *constraints: Constraint, outcome: bool = True) -> list[str]:
    """Return what check_measures says of a problem on the tiny region."""
    region = tiny_region()
    problem = Problem(region, tiny_service(region, outcome=outcome), objective, constraints)
    noted = Faults()
    check_measures(problem, noted, file="problem")
    return [str(fault) for fault in noted.found]


def test_any_whole_number_of_minutes_is_a_standard() -> None:
    measure = find_measure("share_within_37")
    assert measure is not None
    assert measure.label == "Within 37 minutes"
    for name in ("share_within_", "share_within_4.5", "share_within_-3", "mean"):
        assert find_measure(name) is None
    assert "share_within_45" in known_measures()


@pytest.mark.parametrize(
    ("objective", "said"),
    [
        (minimise("mean_minute"), "Did you mean 'mean_minutes'?"),
        (minimise("p95_minutes"), "'p95_minutes' cannot be optimised"),
        (maximise("min_volume"), "'min_volume' cannot be optimised"),
        (maximise("max_minutes"), "expected minimise for the longest journey"),
        (minimise("mean_minutes", tolerance=-1), "tolerance -1"),
        (minimise("mean_minutes", then=minimise("nothing")), "no measure 'nothing'"),
    ],
)
def test_an_objective_that_cannot_be_is_refused(objective: Objective, said: str) -> None:
    found = faults(objective)
    assert len(found) == 1
    assert said in found[0]


@pytest.mark.parametrize(
    ("constraint", "said"),
    [
        (limit("nonsense", at_most=1), "no measure 'nonsense'"),
        (limit("share_within_45", at_least=95), "Write 0.95 for 95 %."),
        (limit("max_minutes", at_least=5), "expected at_most for journeys"),
        (limit("p95_minutes", at_least=5), "expected at_most for journeys"),
        (limit("min_volume", at_most=5), "at_least for smallest ones"),
        (limit("max_volume", at_least=5), "expected at_most for journeys, gaps"),
        (limit("min_volume", at_least=5, by="district"), "no 'by': it is known overall only"),
        (limit("lives_saved", at_least=1, by="district"), "no 'by': it is known overall only"),
    ],
)
def test_a_limit_that_cannot_be_is_refused(constraint: Constraint, said: str) -> None:
    found = faults(minimise("mean_minutes"), constraint)
    assert len(found) == 1
    assert said in found[0]


def test_lives_saved_need_an_outcome_model() -> None:
    found = faults(maximise("lives_saved"), limit("lives_saved", at_least=1), outcome=False)
    assert len(found) == 2
    for fault in found:
        assert "'lives_saved' is not estimated for this service" in fault
        assert "expected a service whose outcome model estimates it" in fault
    assert faults(maximise("lives_saved")) == []


@pytest.mark.parametrize("name", ["qalys", "independent"])
def test_what_the_outcome_model_does_not_estimate_can_be_neither_aimed_at_nor_limited(
    name: str,
) -> None:
    found = faults(maximise(name), limit(name, at_least=1))
    assert len(found) == 2
    assert all(f"'{name}' is not estimated for this service" in fault for fault in found)
    region = tiny_region()
    service = tiny_service(region)
    assert name not in [m.name for m in reported_measures(service, [name])]
    assert "lives_saved" in [m.name for m in reported_measures(service)]


class WithoutCurve(HalfTheDeaths):
    """A model that depends on volumes and does not say how."""

    by_volume = True


def test_what_depends_on_volumes_without_a_curve_is_refused() -> None:
    region = tiny_region()
    service = replace(tiny_service(region), outcome=WithoutCurve())
    noted = Faults()
    asked = [limit("lives_saved", at_least=1)]
    check_measures(Problem(region, service, maximise("lives_saved"), asked), noted, file="problem")
    said = [str(fault) for fault in noted.found]
    assert len(said) == 2
    for fault, place in zip(said, ("objective", "limit on lives_saved"), strict=True):
        assert f"problem, {place}: 'lives_saved' depends on the volumes of sites" in fault
        assert "Optimise a measure of access" in fault


def test_the_cost_of_sites_is_a_measure_only_where_they_have_one() -> None:
    assert any("no sites column 'fixed_cost_gbp'" in f for f in faults(minimise("cost_gbp")))
    region, service = tiny_region(), tiny_service()
    assert "cost_gbp" not in appraise(region, service, Configuration.of("surgery", ["B"])).measures
    with pytest.raises(InputError, match="no sites column 'fixed_cost_gbp'"):
        appraise(region, service, Configuration.of("surgery", ["B"]), measures=["cost_gbp"])


def test_a_cost_is_that_of_open_sites_and_of_cases_where_they_are_treated() -> None:
    costs = {"fixed_cost_gbp": [100, 200, 300, ""], "case_cost_gbp": [1, 2, 3, 0.5]}
    region = Region.from_tables(ZONES, pd.concat([SITES, pd.DataFrame(costs)], axis=1), MINUTES)
    service = tiny_service(region)
    found = appraise(region, service, Configuration.of("surgery", ["A", "C"]))
    # A and C are open; 30 cases at A, 30 at C and 40 at the neighbour.
    assert found.measures["cost_gbp"] == pytest.approx(100 + 300 + 30 + 90 + 20)
    assert "cost_gbp" not in found.by["district"]
    said = faults_of(region, minimise("cost_gbp"), limit("cost_gbp", at_most=1, by="district"))
    assert len(said) == 1
    assert "no 'by'" in said[0]


def test_a_cost_that_is_no_number_is_refused_with_its_site() -> None:
    costs = {"case_cost_gbp": [1, "", 3, "dear"]}
    region = Region.from_tables(ZONES, pd.concat([SITES, pd.DataFrame(costs)], axis=1), MINUTES)
    said = faults_of(region, minimise("cost_gbp"))
    assert any("blank at B" in fault for fault in said)
    assert any("no such number at N ('dear')" in fault for fault in said)


def faults_of(region: Region, objective: Objective, *constraints: Constraint) -> list[str]:
    """Return what check_measures says of a problem in a region."""
    noted = Faults()
    problem = Problem(region, tiny_service(region), objective, constraints)
    check_measures(problem, noted, file="problem")
    return [str(fault) for fault in noted.found]


def test_what_depends_on_volumes_counts_those_of_everybody() -> None:
    region = tiny_region()
    by_volume = RiskModel(load_register(), "vascular", ("volume",), "deaths")
    service = replace(tiny_service(region), outcome=by_volume)
    found = appraise(region, service, Configuration.of("surgery", ["B"]))
    # 60 cases at B; today 30 at A and 30 at C: odds (60/60)^-0.3 against (30/60)^-0.3 = 1.231
    then = 0.015 * (1 - 1.2311444 / (1 - 0.015 + 0.015 * 1.2311444))
    assert found.measures["lives_saved"] == pytest.approx(60 * (0 - then), rel=1e-6)
    # By journey it is what it is in all: volumes are those of everybody.
    grid = Grid.of(region, service)
    gains = MEASURES["lives_saved"].table
    assert gains is not None
    by_zone = gains(grid.journeys_to(grid.nearest(["B"]), 1))
    assert by_zone == pytest.approx([-10 * then, -20 * then, -30 * then, 0.0], rel=1e-6)


def test_only_what_depends_on_the_number_of_sites_is_solved_number_by_number() -> None:
    region = tiny_region()
    lives, mean = find_measure("lives_saved"), find_measure("mean_minutes")
    assert lives is not None
    assert mean is not None
    staffed = tiny_service(region)
    plain = replace(staffed, outcome=RiskModel(load_register(), "egs", ("hub",), "deaths"))
    nothing = tiny_service(region, outcome=False)
    assert [lives.by_number(s) for s in (staffed, plain, nothing)] == [True, False, False]
    assert [mean.by_number(s) for s in (staffed, plain, nothing)] == [False] * 3
    assert [lives.applies_to(s) for s in (staffed, plain, nothing)] == [True, True, False]


def test_a_service_that_nobody_needs_is_refused() -> None:
    region = tiny_region()
    service = tiny_service(region)
    nobody = replace(service, demand=service.demand * 0)
    noted = Faults()
    check_measures(Problem(region, nobody, minimise("mean_minutes")), noted, file="problem")
    assert "no cases in any zone" in str(noted.found[0])


def test_all_faults_of_a_problem_are_listed() -> None:
    found = faults(minimise("p95_minutes", then=minimise("x")), within(45), limit("y", at_most=1))
    assert len(found) == 3


def test_brackets_name_columns_and_values_in_their_order() -> None:
    found = find_measure("mean_minutes[district=Wigan][service=stroke]")
    assert found is not None
    assert found.only == (("district", "Wigan"), ("service", "stroke"))
    assert found.label == "Mean journey (Wigan, stroke)"
    assert found.base == "mean_minutes"
    for broken in ("mean_minutes[district=Wigan]x", "mean_minutes[]", "[district=Wigan]"):
        assert find_measure(broken) is None
