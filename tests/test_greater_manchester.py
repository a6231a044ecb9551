"""The real region: every configuration enumerated, the published cross-checks, who counts."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from functools import cache

import numpy as np
import pytest

import reconfig as rc
from reconfig.core import Configuration

SERVICE = "emergency-surgery"
FIXED = ("R0A02", "RM301", "RW603")  # MRI, Salford, Oldham: fixed in every option of 2014
STEPPING_HILL, WYTHENSHAWE = "RWJ09", "R0A07"


@cache
def region(catchment: str = "greater-manchester") -> rc.Region:
    return rc.load_region("greater-manchester", catchment=catchment)


@cache
def enumerated(catchment: str) -> dict[tuple[str, ...], dict[str, float]]:
    """Return the measures of all 1,023 configurations, by a plain loop that shares no code."""
    here = region(catchment)
    service = here.service(SERVICE)
    minutes, cases = here.minutes(), service.demand.to_numpy()
    assert service.outcome is not None
    per_case = service.outcome.deaths_avoided_per_case
    found = {}
    for number in range(1, len(service.candidates) + 1):
        for chosen in itertools.combinations(service.candidates, number):
            columns = sorted({*chosen, *service.always_open})
            table = minutes[columns].to_numpy()
            nearest = table.argmin(axis=1)
            journey = table.min(axis=1)
            at_hub = np.isin(np.array(columns)[nearest], chosen)
            staffed = service.outcome.staffed_share(number)
            found[chosen] = {
                "mean_minutes": float((journey * cases).sum() / cases.sum()),
                "max_minutes": float(journey.max()),
                "share_within_15": float(cases[journey <= 15].sum() / cases.sum()),
                "share_within_30": float(cases[journey <= 30].sum() / cases.sum()),
                "lives_saved": float(cases[at_hub].sum() * per_case * staffed),
            }
    return found


def of_size(catchment: str, number: int) -> Iterator[tuple[tuple[str, ...], dict[str, float]]]:
    return ((c, m) for c, m in enumerated(catchment).items() if len(c) == number)


def test_there_are_1023_configurations() -> None:
    assert len(enumerated("greater-manchester")) == 1023


@pytest.mark.parametrize("catchment", ["greater-manchester", "with-fringe"])
@pytest.mark.parametrize("number", range(1, 11))
@pytest.mark.parametrize(
    "objective",
    [
        rc.minimise("mean_minutes"),
        rc.minimise("max_minutes"),
        rc.maximise("share_within_15"),
        rc.maximise("share_within_30"),
        rc.maximise("lives_saved"),
    ],
    ids=str,
)
def test_the_solver_finds_the_best_of_all_configurations(
    catchment: str, number: int, objective: rc.Objective
) -> None:
    here = region(catchment)
    problem = rc.Problem(here, here.service(SERVICE), objective, [rc.open_sites(number)])
    values = [m[objective.measure] for _, m in of_size(catchment, number)]
    best = min(values) if objective.sense == "minimise" else max(values)
    solution = rc.solve(problem)
    assert solution.status is rc.Status.OPTIMAL
    assert solution.objective == pytest.approx(best, rel=1e-6)


@pytest.mark.parametrize("number", range(1, 11))
def test_the_second_objective_decides_among_those_equal_in_the_first(number: int) -> None:
    here = region()
    goal = rc.maximise("lives_saved", tolerance=0.1, then=rc.minimise("mean_minutes"))
    problem = rc.Problem(here, here.service(SERVICE), goal, [rc.open_sites(number)])
    options = [m for _, m in of_size("greater-manchester", number)]
    most = max(m["lives_saved"] for m in options)
    shortest = min(m["mean_minutes"] for m in options if m["lives_saved"] >= most - 0.1 - 1e-9)
    assert rc.solve(problem).measures["mean_minutes"] == pytest.approx(shortest, rel=1e-6)


def test_the_frontier_is_the_filtered_enumeration() -> None:
    here = region()
    free = rc.Problem(here, here.service(SERVICE), rc.minimise("mean_minutes"))
    points = rc.frontier(free, "lives_saved", "mean_minutes", numbers=[3, 4, 5]).points
    for number in (3, 4, 5):
        options = [
            (m["lives_saved"], m["mean_minutes"]) for _, m in of_size("greater-manchester", number)
        ]
        unbeaten = {
            (round(a, 6), round(b, 6))
            for a, b in options
            if not any((x >= a and y < b) or (x > a and y <= b) for x, y in options)
        }
        rows = points[points["number"] == number]
        found = {
            (round(a, 6), round(b, 6))
            for a, b in zip(rows["lives_saved"], rows["mean_minutes"], strict=True)
        }
        assert found == unbeaten


def test_the_region_has_every_area_and_site_of_its_description() -> None:
    everyone = region("with-fringe")
    assert len(everyone.zones) == 1930
    assert len(region().zones) == 1673
    assert int(everyone.sites["in_scope"].sum()) == 10
    assert int((~everyone.sites["in_scope"]).sum()) == 9


def test_only_observed_sites_are_called_observed() -> None:
    sites = region().sites
    assert set(sites["time_kind"]) == {"observed", "estimated"}
    assert {"RM301", "RW601", "RWJ09"} <= set(sites.index[sites["time_kind"] == "observed"])
    assert (sites.loc[sites["time_kind"] == "estimated", "time_error_minutes"] > 0.5).all()


def test_counting_the_fringe_favours_stepping_hill_over_wythenshawe_both_near_ties() -> None:
    """Who counts moves the fourth site, by far less than the error of the estimated times."""
    gain = {}
    for catchment in ("greater-manchester", "with-fringe"):
        here = region(catchment)
        service = here.service(SERVICE)
        mean = {
            fourth: rc.appraise(
                here, service, Configuration.of(SERVICE, [*FIXED, fourth])
            ).measures["mean_minutes"]
            for fourth in (STEPPING_HILL, WYTHENSHAWE)
        }
        gain[catchment] = mean[WYTHENSHAWE] - mean[STEPPING_HILL]
    assert gain["greater-manchester"] < gain["with-fringe"]
    assert max(map(abs, gain.values())) < 0.4


def test_lives_saved_come_with_baseline_interval_and_chance_of_none() -> None:
    here = region()
    service = here.service(SERVICE)
    lives = rc.appraise(here, service, Configuration.of(SERVICE, [*FIXED, "RMC01"])).lives
    assert lives is not None
    assert lives.low < 0.5 < lives.central < lives.high < lives.baseline_deaths
    assert lives.probability_of_no_gain == pytest.approx(0.38, abs=0.02)
    assert lives.baseline_deaths == pytest.approx(115, abs=15)


def test_today_saves_no_lives_because_it_is_the_baseline() -> None:
    here = region()
    service = here.service(SERVICE)
    today = rc.appraise(here, service, here.today(service))
    assert today.measures["lives_saved"] == 0
    assert today.lives is not None
    assert today.lives.probability_of_no_gain == 1


def test_stroke_admissions_add_up_to_the_published_total() -> None:
    """Hospital records: 4,370 a year in Greater Manchester, 2017 to 2019."""
    assert region().service("stroke").cases_per_year == pytest.approx(4370, abs=1)
    assert region().service("stroke").today == ("RM301", "RW601", "RWJ09")


def test_a_new_site_anywhere_can_be_chosen() -> None:
    here = region().with_site("NEW", "New hospital, Trafford", easting=379000, northing=394500)
    service = here.service(SERVICE)
    assert "NEW" in service.candidates
    assert "NEW" not in service.today
    problem = rc.Problem(
        here, service, rc.minimise("mean_minutes"), [rc.open_sites(4), rc.keep("NEW")]
    )
    solution = rc.solve(problem)
    assert "NEW" in solution.open
    assert here.sites.loc["NEW", "time_kind"] == "estimated"


@pytest.mark.slow
def test_both_formulations_agree_on_the_real_region() -> None:
    here = region()
    goal = rc.minimise("mean_minutes")
    problem = rc.Problem(here, here.service(SERVICE), goal, [rc.open_sites(4)])
    sets, assignment = rc.solve(problem), rc.solve(problem, formulation="assignment")
    assert sets.status is assignment.status is rc.Status.OPTIMAL
    assert sets.objective == pytest.approx(assignment.objective, rel=1e-6)
