"""The risk model by hand on tiny numbers: each effect, staffing, and what is said of it."""

from __future__ import annotations

import math

import numpy as np
import pytest

from reconfig.core import Journeys
from reconfig.outcomes import Draws, Register, RiskModel, upper_bound_scenario
from reconfig.outcomes.risk import risk_ratio
from tests.instances import shipped_register, with_values
from tests.unit.outcomes.loads import CASES, HUBS, central, drawn, load, parts, register, surgery

TINY = register(
    baseline_mortality=0.2,
    hub_weight_none=0.5,
    hub_weight_moderate=0.3,
    hub_weight_strong=0.2,
    hub_ln_or_moderate=math.log(0.5),
    hub_ln_or_strong=math.log(0.25),
    share_moved=0.5,
    neighbour_effect=0.25,
    rota_consultants=4.0,
    rota_short=8.0,
    rota_sites=4.0,
    delay_ln_rr_per_hour=math.log(2.0),
    delay_share=0.5,
    transfer_share=0.4,
    transfer_minutes=60.0,
    volume_ln_or=-1.0,
    volume_reference=100.0,
)
# 0.5 / (0.8 + 0.1) = 0.5556 and 0.25 / (0.8 + 0.05) = 0.2941, in the mixture 0.3 and 0.2 of belief
CUT = 0.3 * (1 - 0.5 / 0.9) + 0.2 * (1 - 0.25 / 0.85)


def tiny(*effects: str, **changed: float) -> RiskModel:
    """Return the model on made-up numbers, some of them changed."""
    values = {f"x.{name}": value for name, value in changed.items()}
    return RiskModel(TINY.replaced(values), "x", effects, "deaths")


def journeys(model: RiskModel, *, number_open: int = 1, **arrays: list[float]) -> Journeys:
    """Return journeys of one case each: 30 minutes to a candidate, as today, unless told otherwise.

    30 minutes are also today's mean. Nobody is displaced unless told.
    """
    found = {name: np.array(values) for name, values in arrays.items()}
    still = np.full(len(next(iter(found.values()))), 30.0)
    return Journeys(
        model,
        found.get("minutes", still),
        np.ones(len(still)),
        found.get("is_candidate", np.ones(len(still))).astype(bool),
        found.get("minutes_today", still),
        found.get("candidate_today", np.ones(len(still))).astype(bool),
        found.get("displaced", np.zeros(len(still))).astype(bool),
        30.0,
        number_open,
        found.get("volume"),
        found.get("volume_today"),
    )


# Odds ratios -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("odds", "risk", "expected"),
    [
        (0.5, 0.1, 0.5 / 0.95),  # 0.5 / (1 - 0.1 + 0.05)
        (0.5, 0.5, 0.5 / 0.75),
        (1.0, 0.3, 1.0),
        (2.0, 0.5, 2.0 / 1.5),
        (2.0, 0.0, 2.0),  # of a rare death the two are the same
        (5.0, 1.0, 1.0),  # and whoever dies anyway can die no more
    ],
)
def test_an_odds_ratio_becomes_a_risk_ratio_at_the_baseline_risk(
    odds: float, risk: float, expected: float
) -> None:
    assert float(risk_ratio(np.array(odds), risk)) == pytest.approx(expected)


@pytest.mark.parametrize("risk", [0.01, 0.1, 0.42, 0.9])
@pytest.mark.parametrize("odds", [0.2, 0.69, 1.0, 1.7, 9.0])
def test_the_risk_after_is_the_one_that_has_these_odds(odds: float, risk: float) -> None:
    after = risk * float(risk_ratio(np.array(odds), risk))
    assert after / (1 - after) == pytest.approx(odds * risk / (1 - risk))


# Effects by hand -------------------------------------------------------------------------------


def test_the_hub_saves_baseline_deaths_times_share_moved_times_the_mixture() -> None:
    found = central(tiny("hub"), load(at_sites=80.0, cases=100.0))
    assert found == pytest.approx(80 * 0.2 * 0.5 * CUT)
    assert found == pytest.approx(2.196, abs=0.001)


def test_each_draw_of_the_hub_is_of_one_kind_and_the_shares_are_those_of_belief() -> None:
    found = drawn(tiny("hub"), load(at_sites=100.0), number=1000)
    by_kind = {0.0: 500, 100 * 0.1 * (1 - 0.5 / 0.9): 300, 100 * 0.1 * (1 - 0.25 / 0.85): 200}
    for lives, times in by_kind.items():
        assert int(np.isclose(found, lives).sum()) == times


@pytest.mark.parametrize("share", [0.0, 0.25, 1.0])
def test_a_case_at_a_neighbour_gains_the_neighbours_share_of_a_hubs_effect(share: float) -> None:
    """Against care at no such centre: today's sites and neighbours have the effect already."""
    model = tiny("hub", neighbour_effect=share)
    made = journeys(model, minutes=[9, 9, 9], is_candidate=[1, 0, 0], candidate_today=[1, 1, 0])
    gain = model.per_case("lives_saved", made)
    assert gain == pytest.approx(0.2 * 0.5 * CUT * np.array([1.0, share, share]))
    found = load(at_sites=60.0, at_neighbours=40.0, at_neighbours_today=30.0)
    assert central(model, found) == pytest.approx(0.2 * 0.5 * CUT * (60 + share * 40))


@pytest.mark.parametrize("share", [0.0, 0.25, 1.0])
def test_against_todays_care_nobody_gains_by_going_to_the_neighbour_of_today(share: float) -> None:
    """With staffing: hub to hub, hub to neighbour, neighbour to neighbour, neighbour to hub.

    Eight consultants fill two rotas of four sites: at three sites a third of what is to be gained.
    """
    model = tiny("hub", "rota", neighbour_effect=share)
    made = journeys(model, number_open=3, is_candidate=[1, 0, 0, 1], candidate_today=[1, 1, 0, 0])
    third = (8 / 12 - 8 / 16) / (1 - 8 / 16)
    assert third == pytest.approx(1 / 3)
    expected = 0.2 * 0.5 * CUT * np.array([third, share, 0.0, third - share])
    assert model.per_case("lives_saved", made) == pytest.approx(expected)
    found = load(at_sites=2.0, at_neighbours=2.0, at_neighbours_today=2.0, number_open=3)
    assert central(model, found) == pytest.approx(expected.sum())


def test_where_neighbours_are_hubs_lives_do_not_depend_on_who_is_sent_over_the_boundary() -> None:
    """As long as every hub is staffed; beyond that a neighbour, who is, gains a case more."""
    same = tiny("hub", "rota", neighbour_effect=1.0)
    for number in (1, 2):
        found = {
            central(
                same,
                load(
                    at_sites=100.0 - away,
                    at_neighbours=away,
                    at_neighbours_today=20.0,
                    number_open=number,
                ),
            )
            for away in (0.0, 20.0, 55.0, 100.0)
        }
        assert list(found) == pytest.approx([80 * 0.2 * 0.5 * CUT] * len(found))
    kept, sent = (
        load(at_sites=100.0 - a, at_neighbours=a, at_neighbours_today=20.0, number_open=3)
        for a in (20.0, 60.0)
    )
    assert central(same, sent) > central(same, kept)
    as_today = tiny("hub", "rota", neighbour_effect=0.0)
    assert central(as_today, sent) < central(as_today, kept)


def test_each_draw_of_a_neighbours_share_is_a_share() -> None:
    for share, counted in ((-0.5, 0.0), (1.7, 1.0)):
        model = tiny("hub", neighbour_effect=share)
        found = central(model, load(at_neighbours=10.0))
        assert found == pytest.approx(10 * 0.2 * 0.5 * CUT * counted)


def test_an_hour_more_doubles_the_deaths_of_those_for_whom_delay_matters() -> None:
    """Half of the cases, of whom a fifth die at today's mean of 30 minutes."""
    model = tiny("delay")
    gain = model.per_case("lives_saved", journeys(model, minutes=[30.0, 90.0, 60.0]))
    assert gain == pytest.approx([0.0, -0.1, 0.1 - 0.1 * math.sqrt(2)])
    back = model.per_case(
        "lives_saved", journeys(model, minutes=[30.0, 30.0], minutes_today=[90.0, 30.0])
    )
    assert back == pytest.approx([0.1, 0.0])
    moved = load(minutes={30: 2.0, 90: 8.0}, minutes_today={30: 10.0}, cases=10.0)
    assert central(model, moved) == pytest.approx(8 * -0.1)


def test_those_for_whom_delay_matters_have_a_risk_of_their_own_where_the_register_has_one() -> None:
    """Two in five of them die at today's mean journey, in place of one in five of all."""
    theirs = TINY.merged(register(delay_mortality=0.4))
    model = RiskModel(theirs, "x", ("delay",), "deaths")
    made = journeys(model, minutes=[30.0, 90.0, 60.0])
    expected = [0.0, -0.2, 0.2 - 0.2 * math.sqrt(2)]
    assert model.per_case("lives_saved", made) == pytest.approx(expected)
    assert model.baseline_deaths(Draws.central(theirs)) == pytest.approx([0.2])
    moved = load(minutes={90: 8.0}, minutes_today={30: 8.0}, cases=8.0)
    assert central(model, moved) == pytest.approx(8 * -0.2)
    hub = RiskModel(theirs, "x", ("hub",), "deaths")  # and nothing but delay goes by it
    assert central(hub, HUBS) == pytest.approx(central(tiny("hub"), HUBS))


def test_a_transfer_is_a_further_delay_for_those_who_lose_their_site() -> None:
    """Two in five present there all the same; an hour more doubles their deaths once more."""
    model = tiny("delay", "transfer")
    made = journeys(model, minutes=[30, 30, 90, 90], displaced=[0, 1, 0, 1])
    at_30, at_90 = 0.1 * 0.4, 0.2 * 0.4
    assert model.per_case("lives_saved", made) == pytest.approx([0.0, -at_30, -0.1, -0.1 - at_90])
    moved = load(
        minutes={30: 2.0, 90: 2.0},
        minutes_today={30: 4.0},
        displaced={30: 1.0, 90: 1.0},
        cases=4.0,
    )
    found = parts(model, moved)
    assert found == pytest.approx({"delay": -0.2, "transfer": -at_30 - at_90})
    assert parts(tiny("delay"), moved) == pytest.approx({"delay": -0.2})


@pytest.mark.parametrize("changed", [{"transfer_share": 0.0}, {"transfer_minutes": 0.0}])
def test_where_nobody_is_moved_or_a_transfer_takes_no_time_it_costs_nothing(
    changed: dict[str, float],
) -> None:
    lost = load(minutes={60: 9.0}, minutes_today={30: 9.0}, displaced={60: 9.0}, cases=9.0)
    found = parts(tiny("delay", "transfer", **changed), lost)
    assert found["transfer"] == 0.0
    assert found["delay"] < 0


def test_nobody_dies_more_than_once_of_delay() -> None:
    model = tiny("delay", delay_ln_rr_per_hour=math.log(1000.0))
    gain = model.per_case("lives_saved", journeys(model, minutes=[90.0, 120.0]))
    assert gain == pytest.approx([0.1 - 0.5] * 2)
    moved = tiny("delay", "transfer", delay_ln_rr_per_hour=math.log(1000.0), transfer_share=1.0)
    made = journeys(moved, minutes=[30.0, 90.0], displaced=[1, 1])
    assert moved.per_case("lives_saved", made) == pytest.approx([0.1 - 0.5] * 2)
    lost = load(minutes={30: 9.0}, minutes_today={30: 9.0}, displaced={30: 9.0}, cases=9.0)
    assert central(moved, lost) == pytest.approx(9 * (0.1 - 0.5))


def test_where_there_is_no_way_a_gain_is_a_number_all_the_same() -> None:
    model = tiny("delay")
    assert model.per_case("lives_saved", journeys(model, minutes=[math.inf])) == pytest.approx([0])


def test_odds_of_death_follow_the_logarithm_of_the_volume() -> None:
    """Twice the reference halves the odds, half of it doubles them."""
    at_200, at_50 = 0.2 * (1 - 0.5 / 0.9), 0.2 * (1 - 2 / 1.2)
    model = tiny("volume")
    gain = model.per_case(
        "lives_saved", journeys(model, volume=[200.0, 50, 100], volume_today=[100.0, 100, 100])
    )
    assert gain == pytest.approx([at_200, at_50, 0.0])
    merged = load(volumes=[200.0, 0.0], volumes_today=[50.0, 150.0], at_sites=200.0)
    at_150 = 0.2 * (1 - (100 / 150) / (0.8 + 0.2 * 100 / 150))
    assert central(model, merged) == pytest.approx(200 * at_200 - 50 * at_50 - 150 * at_150)


def test_a_site_without_cases_counts_for_nothing_in_the_effect_of_volume() -> None:
    model = tiny("volume")
    empty = load(volumes=[100.0, 0.0], volumes_today=[100.0, 0.0], at_sites=100.0)
    assert central(model, empty) == 0.0


def test_the_parts_are_by_effect_and_make_up_the_whole() -> None:
    given = load(
        at_sites=90.0,
        cases=100.0,
        number_open=3,
        minutes={60: 100.0},
        minutes_today={30: 100.0},
        at_neighbours=10.0,
        at_neighbours_today=5.0,
        displaced={60: 70.0},
        volumes=[90.0],
        volumes_today=[40.0],
    )
    model = tiny("hub", "rota", "delay", "transfer", "volume")
    found = parts(model, given)
    assert set(found) == {"hub", "delay", "transfer", "volume"}
    for effect in found:
        also = {"hub": ("rota",), "transfer": ("delay",)}.get(effect, ())
        assert parts(tiny(effect, *also), given)[effect] == pytest.approx(found[effect])
    assert central(model, given) == pytest.approx(sum(found.values()))


def test_what_would_save_more_than_all_saves_all() -> None:
    """Every hub case is saved, and half of the cases come home from an hour away beside."""
    model = tiny(
        "hub",
        "delay",
        share_moved=1.0,
        hub_weight_none=0.0,
        hub_ln_or_moderate=-99.0,
        hub_ln_or_strong=-99.0,
    )
    nearer = load(at_sites=100.0, minutes={30: 100.0}, minutes_today={90: 100.0})
    assert sum(parts(model, nearer).values()) == pytest.approx(20 + 10)
    assert central(model, nearer) == pytest.approx(20.0)
    gain = model.per_case("lives_saved", journeys(model, minutes=[30.0], minutes_today=[90.0]))
    assert gain == pytest.approx([0.2])


# Staffing --------------------------------------------------------------------------------------


def test_the_consultants_at_hand_fill_five_to_six_sites() -> None:
    """Ten sites with 8 each lack 35: 45 are at hand, which is 5.6 rotas."""
    assumed = shipped_register()
    at_hand = assumed.value("egs.rota_consultants") * assumed.value("egs.rota_sites")
    at_hand -= assumed.value("egs.rota_short")
    assert at_hand == 45.0
    assert at_hand / assumed.value("egs.rota_consultants") == pytest.approx(5.6, abs=0.03)


@pytest.mark.parametrize(
    ("number", "share"),
    [
        (1, 1.0),
        (4, 1.0),
        (5, 1.0),
        (6, (45 / 48 - 45 / 80) / (35 / 80)),  # 94 % of six rotas, 56 % of ten
        (8, (45 / 64 - 45 / 80) / (35 / 80)),
        (10, 0.0),
        (12, (45 / 96 - 45 / 80) / (35 / 80)),
    ],
)
def test_the_effect_is_whole_as_far_as_rotas_are_filled_and_none_at_todays_number(
    number: int, share: float
) -> None:
    model = surgery("hub", "rota")
    assert model.staffed_share(number) == pytest.approx(share)
    assert (share < 0) == (number > 10)
    full = central(surgery("hub"), HUBS)
    assert central(model, load(at_sites=CASES, number_open=number)) == pytest.approx(full * share)


def test_one_site_more_never_staffs_a_larger_share() -> None:
    shares = [surgery("hub", "rota").staffed_share(number) for number in range(15)]
    assert shares == sorted(shares, reverse=True)
    assert shares[0] == 1.0


def test_ten_sites_save_nobody_and_the_chance_of_none_is_certain() -> None:
    assert central(surgery("hub", "rota"), load(at_sites=CASES, number_open=10)) == 0.0
    assert (drawn(surgery("hub", "rota"), load(at_sites=CASES, number_open=10)) == 0).all()


@pytest.mark.parametrize("changed", [{"rota_short": 0.0}, {"rota_consultants": 0.0}])
def test_where_no_consultant_is_lacking_fewer_sites_gain_nothing(
    changed: dict[str, float],
) -> None:
    """Every site of today is staffed then: the effect is there without closing any."""
    model = surgery("hub", "rota", **changed)
    assert [model.staffed_share(number) for number in (1, 4, 10)] == [0.0, 0.0, 0.0]


# Words -----------------------------------------------------------------------------------------


def test_the_basis_says_what_the_estimate_rests_on() -> None:
    words = {
        "hub": "contested, so the range gives 35% weight to no effect at all",
        "rota": "today's consultants can staff",
        "delay": "longer journeys cost lives",
        "transfer": "so do transfers from a site that is closed",
        "volume": "by an association",
    }
    model = RiskModel(shipped_register(), "egs", tuple(words), "30-day deaths")
    assert model.basis.startswith("30-day deaths; ")
    alone = {"rota": "hub", "transfer": "delay"}  # what each is never without
    for effect, said in words.items():
        assert said in model.basis
        others = tuple(e for e in words if e != effect and alone.get(e) != effect)
        assert said not in surgery(*others).basis
    # A hub's effect by itself does not tell one choice from another.
    assert surgery("hub").basis.endswith("the same wherever the sites are; estimated")
    assert "wherever" not in model.basis
    assert "wherever" not in surgery("hub", "rota").basis
    other = surgery("hub", hub_weight_none=0.0)
    assert "0% weight to no effect" in other.basis


def test_the_baseline_is_todays_care_unless_todays_sites_have_the_effect_already() -> None:
    assert surgery("hub", "rota").baseline == "today's standard of care"
    assert surgery("delay").baseline == "today's standard of care"
    assert surgery("hub").baseline != "today's standard of care"


def test_the_claim_of_300_lives_is_an_upper_bound_and_not_a_forecast() -> None:
    said = upper_bound_scenario(shipped_register())
    assert "301 lives a year" in said  # 537 x (1 - 0.44) = 300.7
    assert "not a forecast" in said
    assert said.startswith("Upper-bound scenario")
    other = with_values(shipped_register(), {"egs.upper_bound_deaths": 100.0})
    assert "= 56 lives a year" in upper_bound_scenario(other)


def test_a_model_without_its_assumptions_has_no_numbers() -> None:
    with pytest.raises(KeyError, match=r"no assumption 'egs\."):
        central(RiskModel(Register({}), "egs", ("hub",), "deaths"), HUBS)


def test_the_rota_says_who_is_at_hand_and_who_is_needed() -> None:
    register = shipped_register()
    model = RiskModel(register, "egs", ("hub", "rota"), "deaths")
    pool, each = model.rota()
    # Ten sites with a rota of eight would need 80, and 35 were lacking: decision 0002.
    assert (pool, each) == (10 * 8 - 35, 8)


def test_what_a_volume_adds_is_nothing_at_no_cases_and_at_the_reference() -> None:
    model = RiskModel(shipped_register(), "vascular", ("volume",), "deaths")
    added = model.at_volume("lives_saved", np.array([0.0, 30.0, 60.0, 120.0]))
    assert added[[0, 2]] == pytest.approx(0.0, abs=1e-15)
    assert added[1] < 0 < added[3]
    without = RiskModel(shipped_register(), "egs", ("hub",), "deaths")
    assert (without.at_volume("lives_saved", np.array([5.0])) == 0).all()
