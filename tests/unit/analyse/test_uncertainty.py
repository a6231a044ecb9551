"""Uncertainty: a table that a plain loop gives too, on draws that all configurations share."""

from __future__ import annotations

import math
import re
import tracemalloc
from collections.abc import Callable
from dataclasses import replace
from itertools import combinations
from typing import Any

import numpy as np
import pandas as pd
import pytest

from reconfig.analyse import uncertainty
from reconfig.analyse.uncertainty import REPLICATES, weigh
from reconfig.appraise import appraise
from reconfig.core import (
    Configuration,
    Problem,
    Region,
    Service,
    limit,
    maximise,
    minimise,
    open_sites,
)
from reconfig.data import load_region
from reconfig.outcomes import Draws
from reconfig.solve import solve
from tests.instances import HalfTheDeaths, every_configuration, tiny_region, tiny_service
from tests.unit.analyse.uncertain import ESTIMATED, NEIGHBOUR, SITES, pairs, region_of, service_of

NUMBERS = ["mean", "median", "low", "high", "central", "probability_best", "mean_rank"]


def plain_gain(region: Region, v: dict[str, float], opened: tuple[str, ...]) -> float:
    """Return lives saved by the formulas of the documentation, zone by zone, nothing shared."""
    minutes: Any = region.minutes()
    cases: Any = region.zones["cases"]

    def nearest(zone: str, sites: tuple[str, ...]) -> str:
        return min(sorted((*sites, NEIGHBOUR)), key=lambda s: float(minutes.loc[zone, s]))

    now = {zone: nearest(zone, SITES) for zone in cases.index}
    then = {zone: nearest(zone, opened) for zone in cases.index}
    mean_today = sum(cases[z] * minutes.loc[z, now[z]] for z in cases.index) / cases.sum()
    risk, total = v["baseline_mortality"], 0.0
    hub = 0.0
    for kind in ("moderate", "strong"):
        odds = math.exp(v[f"hub_ln_or_{kind}"])
        hub += v[f"hub_weight_{kind}"] * (1 - odds / (1 - risk + risk * odds))
    rota, sites = v["rota_consultants"], v["rota_sites"]
    at_hand = sites * rota - v["rota_short"]
    today = min(1.0, at_hand / (sites * rota))
    staffed = (min(1.0, at_hand / (len(opened) * rota)) - today) / (1 - today)
    for zone in cases.index:
        gained = staffed if then[zone] != NEIGHBOUR else v["neighbour_effect"]
        gained -= v["neighbour_effect"] if now[zone] == NEIGHBOUR else 0.0
        total += cases[zone] * risk * v["share_moved"] * hub * gained
        for site, sign in ((now[zone], 1), (then[zone], -1)):
            hours = (minutes.loc[zone, site] - mean_today) / 60
            delayed = v["delay_mortality"] * v["delay_share"]
            delayed *= math.exp(v["delay_ln_rr_per_hour"] * hours)
            total += sign * cases[zone] * delayed
        if now[zone] not in (*opened, NEIGHBOUR):  # every site is open today, so none is nearer
            worse = math.exp(v["delay_ln_rr_per_hour"] * v["transfer_minutes"] / 60) - 1
            total -= cases[zone] * delayed * v["transfer_share"] * worse
    for treated, sign in ((now, -1), (then, 1)):
        for site in SITES:
            volume = sum(cases[z] for z in cases.index if treated[z] == site)
            if volume:
                odds = math.exp(v["volume_ln_or"] * math.log(volume / v["volume_reference"]))
                total += sign * volume * risk * (1 - odds / (1 - risk + risk * odds))
    demand = v["laparotomy_rate"] / v["usual_rate"]
    return float(demand * min(total, risk * cases.sum()))


def values_of(draws: Draws, row: int) -> dict[str, float]:
    """Return what one draw says, by the name after the dot."""
    register = draws.register
    found = {k[4:]: float(draws[k][row]) for k in register if k.startswith("egs.")}
    kinds = ("none", "moderate", "strong")
    weights = draws.weights("egs.hub", kinds)[row]
    found |= {f"hub_weight_{k}": float(w) for k, w in zip(kinds, weights, strict=True)}
    return found | {"usual_rate": register.value("egs.laparotomy_rate")}


@pytest.mark.parametrize("neighbour", [0.0, 0.4, 1.0])
def test_the_table_is_what_a_plain_loop_over_draws_configurations_and_zones_gives(
    neighbour: float,
) -> None:
    region = region_of()
    service = service_of(
        region,
        *("hub", "rota", "delay", "transfer", "volume"),
        values={"egs.neighbour_effect": neighbour},
    )
    assert service.outcome is not None
    chosen = list(every_configuration(service, [1, 2, 4]))
    found = uncertainty(region, chosen, service=service, draws=30, seed=11)
    draws = Draws.sample(service.outcome.register, 30, 11)
    middle = values_of(Draws.central(service.outcome.register), 0)
    looped = pd.DataFrame(
        {
            ", ".join(c.sites(service.id)): [
                plain_gain(region, values_of(draws, d), c.sites(service.id)) for d in range(30)
            ]
            for c in chosen
        }
    )
    assert found.gains == pytest.approx(looped.to_numpy(), abs=1e-5)
    ranks = looped.rank(axis=1, ascending=False)
    expected = pd.DataFrame(
        {
            "mean": looped.mean(),
            "median": looped.median(),
            "low": looped.quantile(0.025),
            "high": looped.quantile(0.975),
            "central": [plain_gain(region, middle, c.sites(service.id)) for c in chosen],
            "probability_best": (ranks == 1).mean(),
            "mean_rank": ranks.mean(),
        }
    ).loc[found.table.index]
    for column in NUMBERS:
        assert found.table[column].tolist() == pytest.approx(expected[column].tolist(), abs=1e-5)
    assert (
        found.table["probability_of_gain"].tolist()
        == (looped > 1e-6).mean().loc[found.table.index].tolist()
    )
    deaths = middle["baseline_mortality"] * float(region.zones["cases"].sum())
    assert found.table["baseline_deaths"].tolist() == pytest.approx([deaths] * len(chosen))
    assert found.table["mean"].is_monotonic_decreasing
    assert found.best == expected["mean"].idxmax()


def test_the_same_seed_gives_the_same_answer_and_another_seed_another() -> None:
    region = region_of()
    service = service_of(region)
    once, again, other = (
        uncertainty(region, pairs(service), service=service, draws=50, seed=seed, travel_error=True)
        for seed in (3, 3, 4)
    )
    assert (once.gains == again.gains).all()
    pd.testing.assert_frame_equal(once.table, again.table)
    assert not np.isclose(once.gains, other.gains).all(axis=0).any()


@pytest.mark.parametrize("travel_error", [False, True])
def test_the_gains_of_a_configuration_do_not_depend_on_which_others_are_asked(
    travel_error: bool,
) -> None:
    region = region_of()
    service = service_of(region, "hub", "rota", "delay", "volume")
    chosen = pairs(service)
    together = uncertainty(
        region, chosen, service=service, draws=90, travel_error=travel_error
    ).gains
    for k, one in enumerate(chosen):
        alone = uncertainty(region, [one], service=service, draws=90, travel_error=travel_error)
        assert alone.gains[:, 0] == pytest.approx(together[:, k], abs=1e-9)


def test_the_chances_of_being_best_sum_to_1_and_ties_are_shared() -> None:
    region = region_of()
    # Three times the same, so that each is best as often, and of the same rank.
    service = service_of(region)
    one = Configuration.of(service.id, ["s0", "s1"])
    table = uncertainty(region, [one] * 3, service=service, draws=40).table
    assert table["probability_best"].tolist() == pytest.approx([1 / 3] * 3)
    assert table["mean_rank"].tolist() == [2.0] * 3
    assert list(table.index) == ["s0, s1", "s0, s1 (2)", "s0, s1 (3)"]
    # Where a hub changes nothing and no minute matters, all are as good.
    none = {"egs.hub_weight_none": 1.0, "egs.hub_weight_moderate": 0.0, "egs.hub_weight_strong": 0}
    idle = service_of(region, "hub", values=none)
    table = uncertainty(region, pairs(idle), service=idle, draws=40).table
    assert table["probability_best"].tolist() == pytest.approx([0.1] * 10)
    assert table["mean_rank"].tolist() == pytest.approx([5.5] * 10)
    assert (table["probability_of_gain"] == 0).all()
    usual = uncertainty(region, pairs(service), service=service, draws=400).table
    assert usual["probability_best"].sum() == pytest.approx(1.0)
    assert usual["mean_rank"].sum() == pytest.approx(55.0)


def test_ties_that_only_rounding_tells_apart_are_ties() -> None:
    region = region_of(zones=300)
    service = service_of(region, "hub", always_open=())  # every case is treated at a candidate
    chosen = list(every_configuration(service, [1, 2, 3, 4]))
    table = uncertainty(region, chosen, service=service, draws=60).table
    assert table["probability_best"].tolist() == pytest.approx([1 / 30] * 30)
    assert table["mean_rank"].tolist() == pytest.approx([15.5] * 30)


def test_deaths_saved_never_exceed_deaths_at_baseline_in_any_draw() -> None:
    region = region_of()
    extreme = {
        "egs.hub_ln_or_strong": -6.0,
        "egs.hub_weight_none": 0.0,
        "egs.hub_weight_moderate": 0.0,
        "egs.share_moved": 0.99,
        "egs.volume_ln_or": -2.0,
        "egs.volume_reference": 5000.0,
    }
    service = service_of(region, "hub", "delay", "volume", values=extreme, always_open=())
    found = uncertainty(region, pairs(service), service=service, draws=200)
    assert service.outcome is not None
    deaths = service.outcome.demand_factor(found.values) * found.values["egs.baseline_mortality"]
    most = (deaths * service.cases_per_year)[:, None]
    assert (found.gains <= most * (1 + 1e-12)).all()
    assert np.isclose(found.gains, most).any()  # it is a limit that they come up against


def test_memory_does_not_grow_with_draws_times_zones() -> None:
    def peak(zones: int) -> int:
        region = region_of(zones)
        service = service_of(region, "hub", "rota", "delay", "volume")
        case = weigh(region, pairs(service), service=service)
        assert service.outcome is not None
        values = Draws.sample(service.outcome.register, 2000, 1)
        case.gains(values)  # so that the draws are there already
        values = Draws.sample(service.outcome.register, 2000, 1)
        tracemalloc.start()
        case.gains(values)
        most = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        return most

    few, many = peak(2000), peak(4000)
    assert many < 1.1 * few
    assert many < 2000 * 4000 * 8 / 2  # draws x zones of numbers would be 64 MB


def test_convergence_ends_at_the_mean_of_the_table_and_begins_early() -> None:
    region = region_of()
    service = service_of(region)
    for draws in (2, 7, 20, 333):
        found = uncertainty(region, pairs(service), service=service, draws=draws)
        steps = found.convergence
        assert steps.index[-1] == draws
        assert steps.index[0] <= 20
        assert steps.index.is_monotonic_increasing
        first = found.table.iloc[0]
        assert steps.iloc[-1]["mean"] == pytest.approx(first["mean"])
        assert steps.iloc[-1]["probability_best"] == pytest.approx(first["probability_best"])
        column = found.gains[:, found.case.names.index(found.best)]
        error = column.std() / math.sqrt(draws)
        assert steps.iloc[-1]["standard_error"] == pytest.approx(error)


def test_the_central_column_is_what_an_appraisal_says() -> None:
    region = region_of()
    service = service_of(region, "hub", "rota", "delay", "volume")
    found = uncertainty(region, pairs(service), service=service, draws=5)
    for one, name in zip(found.case.configurations, found.case.names, strict=True):
        lives = appraise(region, service, one).measures["lives_saved"]
        assert found.table.loc[name, "central"] == pytest.approx(lives, abs=1e-5)


def test_solutions_and_appraisals_can_be_weighed_as_configurations_can() -> None:
    region = region_of()
    service = service_of(region)
    best = solve(Problem(region, service, maximise("lives_saved"), [open_sites(2)]))
    appraisal = appraise(region, service, best.found())
    found = uncertainty(region, [best, appraisal, best.found()], service=service, draws=10)
    assert (found.gains == found.gains[:, :1]).all()


def test_errors_of_times_change_estimated_sites_only() -> None:
    region = region_of(60)
    service = service_of(region, "hub")
    observed = Configuration.of(service.id, ["s0", "s2", "s4"])
    doubted = Configuration.of(service.id, ["s0", "s1"])
    usual, errors = (
        weigh(region, [observed, doubted], service=service, travel_error_seed=seed).loads
        for seed in (None, 5)
    )
    assert len(errors) == REPLICATES
    for load in errors:
        assert load.volumes[0] == pytest.approx(usual[0].volumes[0])
    assert not np.allclose([load.volumes[1] for load in errors], usual[0].volumes[1])
    certain = region_of(60, estimated=())
    same = service_of(certain)
    first, second = (
        uncertainty(certain, pairs(same), service=same, draws=20, travel_error=e).gains
        for e in (False, True)
    )
    assert (first == second).all()


def test_errors_of_times_are_common_to_configurations_with_mean_1_and_the_registers_spread() -> (
    None
):
    region = region_of(20)
    # Nobody else is open, so that all go to the one site.
    service = service_of(region, "hub", always_open=())
    single = [Configuration.of(service.id, [s]) for s in ESTIMATED]
    case = weigh(region, [*single, *single[:1]], service=service, travel_error_seed=5)
    usual = weigh(region, [*single, *single[:1]], service=service).loads[0]

    def totals(load: Any) -> np.ndarray:
        return np.asarray(load.by_minutes @ load.minutes)

    factors = np.array([totals(load) / totals(usual) for load in case.loads])
    assert factors[:, 0] == pytest.approx(factors[:, 2])
    assert abs(np.corrcoef(factors[:, 0], factors[:, 1])[0, 1]) < 0.5  # each site has its own
    assert factors.mean(axis=0) == pytest.approx(1.0, abs=0.01)
    assert service.outcome is not None
    sd = service.outcome.register.value("travel.error_sd")
    assert np.log(factors).std(axis=0) == pytest.approx(sd, rel=0.1)


def test_spread_choice_shares_cases_by_the_exponential_of_minutes() -> None:
    region = region_of(9)
    service = service_of(region, "hub")
    opened = ("s0", "s3")
    load = weigh(
        region, [Configuration.of(service.id, opened)], service=service, choice="spread"
    ).loads[0]
    assert service.outcome is not None
    scale = service.outcome.register.value("travel.choice_minutes")
    expected = dict.fromkeys((*SITES, NEIGHBOUR), 0.0)
    minutes: Any = region.minutes()
    for zone, cases in region.zones["cases"].items():
        pull = {s: math.exp(-float(minutes.loc[zone, s]) / scale) for s in (*opened, NEIGHBOUR)}
        for site, one in pull.items():
            expected[site] += cases * one / sum(pull.values())
    assert load.volumes[0] == pytest.approx([expected[s] for s in SITES])
    assert load.by_minutes.sum() == pytest.approx(service.cases_per_year)


def test_congestion_is_a_region_with_longer_minutes() -> None:
    def gains(stretch: float, congestion: float) -> np.ndarray:
        region = region_of(stretch=stretch)
        service = service_of(region, "hub", "rota", "delay", "volume")
        chosen = pairs(service)
        return uncertainty(region, chosen, service=service, draws=20, congestion=congestion).gains

    assert gains(1.0, 1.3) == pytest.approx(gains(1.3, 1.0), abs=1e-9)
    assert not np.allclose(gains(1.0, 1.3), gains(1.0, 1.0), atol=1e-9)


def test_it_says_what_a_board_may_take_from_it() -> None:
    region = region_of()
    service = service_of(region)
    found = uncertainty(region, pairs(service), service=service, draws=200)
    said = found.sentence()
    for part in (
        found.best,
        "lives a year (95 % interval",
        "deaths under today's standard of care",
        "no gain or of",
    ):
        assert part in said
    assert "Estimated." in said
    assert said in repr(found)
    assert "<table" in found._repr_html_()
    assert found.settings == {
        "draws": 200,
        "seed": 1,
        "choice": "nearest",
        "congestion": 1.0,
        "travel_error": False,
    }


def unreachable() -> tuple[Region, Service]:
    """Return the tiny region where z1 can reach A alone, and its service."""
    region = tiny_region()
    minutes = region.minutes().astype(object)
    minutes.loc["z1", ["B", "C", "N"]] = "unreachable"
    region = Region.from_tables(
        region.zones.reset_index()[["zone_id", "cases"]],
        region.sites.reset_index()[["site_id", "name", "in_scope"]],
        minutes,
        name="Cut off",
    )
    return region, tiny_service(region)


def impossible() -> Any:
    """Return a solution of a problem that has none."""
    region = tiny_region()
    problem = Problem(
        region,
        tiny_service(region),
        maximise("lives_saved"),
        [open_sites(1), limit("max_minutes", at_most=1)],
    )
    return uncertainty(region, [solve(problem)])


REGION = region_of()
SERVICE = service_of(REGION)
GOOD = Configuration.of("emergency-surgery", ["s0"])
WRONG: dict[str, Callable[[], Any]] = {
    "draws = 1: two at least": lambda: uncertainty(REGION, [GOOD], service=SERVICE, draws=1),
    "seed = -1: 0 or above": lambda: uncertainty(REGION, [GOOD], service=SERVICE, seed=-1),
    "no configuration to weigh": lambda: uncertainty(REGION, []),
    "no configuration to weigh ": lambda: uncertainty(REGION, iter(()), service=SERVICE),
    "no configuration to weigh  ": lambda: uncertainty(REGION, [Configuration({})]),
    "configurations of several services (a, b): say which": lambda: uncertainty(
        REGION, [Configuration.of("b", ["s0"]), Configuration.of("a", ["s0"])]
    ),
    "nothing is said of emergency-surgery in <Configuration": lambda: uncertainty(
        REGION, [GOOD, Configuration.of("a", ["s0"])], service=SERVICE
    ),
    "n0, s9: not a candidate for emergency-surgery; candidates: s0, s1": lambda: uncertainty(
        REGION, [Configuration.of("emergency-surgery", ["s9", "n0", "s1"])], service=SERVICE
    ),
    "'qalys' is not estimated for emergency-surgery, only lives_saved": lambda: uncertainty(
        REGION, [GOOD], service=SERVICE, of="qalys"
    ),
    "'lives_saved' is not estimated for surgery, only nothing": lambda: uncertainty(
        tiny_region(),
        [Configuration.of("surgery", ["A"])],
        service=tiny_service(outcome=False),
    ),
    "choice = 'far': one of nearest, spread": lambda: uncertainty(
        REGION, [GOOD], service=SERVICE, choice="far"
    ),
    "congestion = 0: a number above 0": lambda: uncertainty(
        REGION, [GOOD], service=SERVICE, congestion=0.0
    ),
    "congestion = nan: a number above 0": lambda: uncertainty(
        REGION, [GOOD], service=SERVICE, congestion=math.nan
    ),
    "congestion = inf: a number above 0": lambda: uncertainty(
        REGION, [GOOD], service=SERVICE, congestion=math.inf
    ),
    "with B open, some zones with cases can reach no open site": lambda: uncertainty(
        unreachable()[0], [Configuration.of("surgery", ["B"])], service=unreachable()[1]
    ),
    "there is no configuration: the problem is infeasible": impossible,
}


@pytest.mark.parametrize("said", WRONG)
def test_what_cannot_be_weighed_is_refused_in_plain_words(said: str) -> None:
    with pytest.raises(ValueError, match=re.escape(said.strip())):
        WRONG[said]()


def test_a_model_without_assumptions_is_certain() -> None:
    region = tiny_region()
    service = tiny_service(region)
    assert isinstance(service.outcome, HalfTheDeaths)
    chosen = [Configuration.of("surgery", s) for s in (["A"], ["B"])]
    found = uncertainty(region, chosen, service=service, draws=10)
    assert found.table["mean"].tolist() == pytest.approx([3.0, 1.5])
    assert (found.table["low"] == found.table["high"]).all()
    assert found.information.to_numpy().tolist() == [[0.0, 0.0]]


def test_configurations_that_are_as_good_are_counted_in_the_sentence() -> None:
    region = load_region("greater-manchester")
    stroke = region.service("stroke")  # every site and neighbour alike, wherever it is
    some = stroke.candidates[:5]
    chosen = [Configuration.of(stroke.id, sites) for sites in combinations(some, 3)]
    found = uncertainty(region, chosen, draws=200)
    assert "has the largest mean, as have 9 more" in found.sentence()
    assert found.table["probability_best"].to_numpy() == pytest.approx(0.1)


def test_a_solution_is_weighed_with_the_choice_of_site_that_it_was_found_with() -> None:
    region = region_of()
    service = service_of(region)
    region = replace(region, services={service.id: service})
    chosen = service.with_choice(5.0)
    goal, two = minimise("mean_minutes"), [open_sites(2)]
    best = solve(Problem(region, chosen, goal, two))
    own = uncertainty(region, [best], draws=20).gains
    assert np.array_equal(own, uncertainty(region, [best], draws=20, service=chosen).gains)
    assert not np.allclose(own, uncertainty(region, [best.found()], draws=20).gains)
    nearest = solve(Problem(region, service, goal, two))
    with pytest.raises(ValueError, match="patients choose their site otherwise"):
        uncertainty(region, [best, nearest], draws=20)
