"""The real region: every configuration enumerated, the published cross-checks, who counts."""

from __future__ import annotations

import csv
import itertools
import math
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import numpy as np
import pytest

import reconfig as rc
from reconfig.core import Configuration

SERVICE = "emergency-surgery"
FIXED = ("R0A02", "RM301", "RW603")  # MRI, Salford, Oldham: fixed in every option of 2014
STEPPING_HILL, WYTHENSHAWE = "RWJ09", "R0A07"
ASSUMPTIONS = Path(__file__).parents[1] / "data" / "assumptions.csv"


@cache
def region(catchment: str = "greater-manchester") -> rc.Region:
    return rc.load_region("greater-manchester", catchment=catchment)


@cache
def assumed() -> dict[str, float]:
    """Return the central values of the assumptions on laparotomies, read as a plain table."""
    with ASSUMPTIONS.open(newline="", encoding="utf-8") as file:
        rows = {row["id"]: float(row["value"]) for row in csv.DictReader(file)}
    return {key.removeprefix("egs."): rows[key] for key in rows if key.startswith("egs.")}


def saved_at_a_hub() -> float:
    """Return deaths avoided per case at a fully staffed hub."""
    a = assumed()
    p, total = a["baseline_mortality"], 0.0
    for kind in ("moderate", "strong"):
        odds = math.exp(a[f"hub_ln_or_{kind}"]) * p / (1 - p)
        total += a[f"hub_weight_{kind}"] * (p - odds / (1 + odds))
    weights = sum(a[f"hub_weight_{kind}"] for kind in ("none", "moderate", "strong"))
    return a["share_moved"] * total / weights


def staffed(number: int) -> float:
    """Return how much of it can be staffed at so many sites, none at the sites of today."""
    a = assumed()
    rotas = a["rota_sites"] - a["rota_short"] / a["rota_consultants"]  # that can be filled
    met, met_today = min(1.0, rotas / number), min(1.0, rotas / a["rota_sites"])
    return (met - met_today) / (1 - met_today)


def lost_to_delay(journey: np.ndarray, usual: float) -> np.ndarray:
    """Return deaths per case by minutes of the journey, of those for whom delay matters."""
    a = assumed()
    hours = (journey - usual) / 60
    return np.asarray(
        a["delay_mortality"]
        * a["delay_share"]
        * np.array([math.exp(a["delay_ln_rr_per_hour"] * h) for h in hours])
    )


def lost_to_a_transfer() -> float:
    """Return by how much more of them die whose site of today is closed, as some are moved."""
    a = assumed()
    hours = a["transfer_minutes"] / 60
    return a["transfer_share"] * (math.exp(a["delay_ln_rr_per_hour"] * hours) - 1)


@cache
def enumerated(catchment: str) -> dict[tuple[str, ...], dict[str, float]]:
    """Return the measures of all 1,023 configurations, by a plain loop that shares no code."""
    here = region(catchment)
    service = here.service(SERVICE)
    minutes, cases = here.minutes(), service.demand.to_numpy()
    per_case = saved_at_a_hub()
    open_today = sorted({*service.today, *service.always_open})
    today = minutes[open_today].to_numpy().min(axis=1)
    site_today = np.array(open_today)[minutes[open_today].to_numpy().argmin(axis=1)]
    away_today = float(cases[~np.isin(site_today, service.candidates)].sum())
    usual = float((today * cases).sum() / cases.sum())
    lost_today = float((lost_to_delay(today, usual) * cases).sum())
    found = {}
    for number in range(1, len(service.candidates) + 1):
        for chosen in itertools.combinations(service.candidates, number):
            columns = sorted({*chosen, *service.always_open})
            table = minutes[columns].to_numpy()
            nearest = table.argmin(axis=1)
            journey = table.min(axis=1)
            at_hub = np.isin(np.array(columns)[nearest], chosen)
            lost_by_zone = lost_to_delay(journey, usual) * cases
            # Every site in scope is open today, so a closed one is always a longer journey.
            closed = ~np.isin(site_today, columns)
            lost = float(lost_by_zone.sum() + lost_by_zone[closed].sum() * lost_to_a_transfer())
            away = float(cases[~at_hub].sum()) - away_today
            like_hubs = assumed()["neighbour_effect"] * away
            at_hubs = (float(cases[at_hub].sum()) * staffed(number) + like_hubs) * per_case
            found[chosen] = {
                "mean_minutes": float((journey * cases).sum() / cases.sum()),
                "max_minutes": float(journey.max()),
                "share_within_15": float(cases[journey <= 15].sum() / cases.sum()),
                "share_within_30": float(cases[journey <= 30].sum() / cases.sum()),
                "lives_saved": at_hubs + lost_today - lost,
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


@pytest.mark.parametrize(
    "measures",
    [
        ("lives_saved", "mean_minutes", "max_minutes"),
        ("share_within_15", "mean_minutes", "share_within_30"),
    ],
)
def test_the_frontier_of_three_measures_is_the_filtered_enumeration(
    measures: tuple[str, str, str],
) -> None:
    here = region()
    free = rc.Problem(here, here.service(SERVICE), rc.minimise("mean_minutes"))
    found = rc.frontier(free, *measures, numbers=[4], every=True)
    signs = [1.0 if name.endswith("_minutes") else -1.0 for name in measures]
    costs = {
        chosen: np.array([sign * m[name] for name, sign in zip(measures, signs, strict=True)])
        for chosen, m in of_size("greater-manchester", 4)
    }
    unbeaten = {
        chosen
        for chosen, cost in costs.items()
        if not any((c <= cost + 1e-6).all() and (c < cost - 1e-6).any() for c in costs.values())
    }
    assert sorted(found.points["open"]) == sorted(unbeaten)
    assert set(found.points["status"]) == {"optimal"}
    weighed = found.weights()
    assert weighed.table.drop_duplicates("point")["share"].sum() == pytest.approx(1.0)


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


@pytest.mark.parametrize("catchment", ["greater-manchester", "with-fringe"])
def test_an_appraisal_says_the_lives_of_the_plain_loop(catchment: str) -> None:
    here = region(catchment)
    service = here.service(SERVICE)
    for number in (1, 4, 5, 9, 10):
        for chosen, expected in list(of_size(catchment, number))[:: 1 + number * 7]:
            found = rc.appraise(here, service, Configuration.of(SERVICE, chosen))
            for name, value in expected.items():
                assert found.measures[name] == pytest.approx(value, rel=1e-9, abs=1e-9)
            assert found.lives is not None
            assert sum(found.lives.parts.values()) == pytest.approx(
                expected["lives_saved"], abs=1e-6
            )


def test_four_hubs_save_about_seven_lives_as_transfers_cost_nearly_one() -> None:
    """The trade-off is of staff and access: what journeys cost is small in a conurbation.

    Of 1,150 cases 27 % of 60 % who lose their site and half of whom are moved, an hour and a half:
    1,150 x 0.6 x 0.5 x 0.27 x 0.265 x (1.024^1.5 - 1) = 0.9.
    """
    here = region()
    service = here.service(SERVICE)
    chosen = tuple(sorted([*FIXED, STEPPING_HILL]))
    lives = rc.appraise(here, service, Configuration.of(SERVICE, chosen)).lives
    assert lives is not None
    total = enumerated("greater-manchester")[chosen]["lives_saved"]
    assert total == pytest.approx(7.0, abs=0.3)
    assert lives.parts["hub"] == pytest.approx(7.9, abs=0.2)  # 8.0 less who is at neighbours today
    assert lives.parts["transfer"] == pytest.approx(-0.9, abs=0.1)
    assert -0.15 < lives.parts["delay"] < -0.05
    assert sum(lives.parts.values()) == pytest.approx(total, abs=1e-6)
    assert lives.low < -1  # where the effect of a hub is none, closing sites costs lives


@pytest.mark.parametrize("catchment", ["greater-manchester", "with-fringe"])
def test_what_hubs_save_does_not_depend_on_who_is_sent_over_the_boundary(catchment: str) -> None:
    """As many as can be staffed, and neighbours that are like hubs; cases there differ much."""
    here = region(catchment)
    service = here.service(SERVICE)
    found = [
        rc.appraise(here, service, Configuration.of(SERVICE, chosen))
        for number in (1, 3, 5)
        for chosen, _ in list(of_size(catchment, number))[:: 3 * number]
    ]
    away = [one.measures["neighbour_cases"] for one in found]
    assert max(away) > 1.5 * min(away)
    saved = [one.lives.parts["hub"] for one in found if one.lives is not None]
    assert saved == pytest.approx([saved[0]] * len(found), rel=1e-9)


def test_the_number_of_hubs_is_limited_by_staff() -> None:
    """Forty-five consultants fill 5.6 rotas: each hub beyond five saves fewer lives."""
    best = [
        max(m["lives_saved"] for _, m in of_size("greater-manchester", number))
        for number in range(1, 11)
    ]
    assert best[5] > best[6] > best[7] > best[8] > best[9]
    assert best[9] == pytest.approx(0.0, abs=1e-12)  # ten sites are what there is today
    assert max(best) == best[4] or max(best) == best[3]


def test_laparotomies_follow_age_and_their_total_the_rate() -> None:
    """0.41 per 1,000 people a year; shared among areas by age, so not by people alone."""
    everyone = region("with-fringe")
    service = everyone.service(SERVICE)
    people = everyone.zones.filter(regex=r"^pop_\d").sum(axis=1)
    assert service.cases_per_year == pytest.approx(0.00041 * people.sum())
    per_person = (service.demand / people)[people > 0]
    assert float(per_person.max()) > 2 * float(per_person.min())


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


@pytest.mark.slow
def test_vascular_centres_by_volume_are_the_best_of_all_that_there_are() -> None:
    here = region()
    service = here.service("vascular")
    threes = [
        Configuration.of("vascular", c) for c in itertools.combinations(service.candidates, 3)
    ]
    lives = [rc.appraise(here, service, c).measures["lives_saved"] for c in threes]
    problem = rc.Problem(here, service, rc.maximise("lives_saved"), [rc.open_sites(3)])
    found = rc.solve(problem)
    by_program = rc.solve(problem, formulation="exact-sets")
    for solution in (found, by_program):
        assert solution.status is rc.Status.OPTIMAL
        assert solution.objective == pytest.approx(max(lives), abs=1e-6)
        assert solution.bound == pytest.approx(max(lives), abs=2e-6)


def test_the_consultants_at_hand_staff_five_rotas_at_most() -> None:
    here = region()
    service = here.service(SERVICE)
    a = assumed()
    at_hand = a["rota_sites"] * a["rota_consultants"] - a["rota_short"]
    staff = rc.workforce(at_hand, each=a["rota_consultants"])
    problem = rc.Problem(here, service, rc.minimise("mean_minutes"), [staff])
    found = rc.solve(problem)
    assert found.status is rc.Status.OPTIMAL
    assert len(found.open) == int(at_hand // a["rota_consultants"])
