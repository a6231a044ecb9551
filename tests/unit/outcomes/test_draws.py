"""Draws: own stream an assumption, stratified, correlated; the same seed gives the same."""

from __future__ import annotations

import pickle
import time
from dataclasses import replace

import numpy as np
import pytest

from reconfig.outcomes import Register
from reconfig.outcomes.correlations import Correlation
from reconfig.outcomes.draws import Draws
from tests.instances import shipped_register

KINDS = ("none", "moderate", "strong")
REGISTER = shipped_register()
SPREAD = [key for key, assumption in REGISTER.items() if assumption.is_spread]


def correlated(register: Register, id_a: str, id_b: str, correlation: float) -> Register:
    """Return a register with that correlation and no other."""
    one = Correlation(id_a, id_b, correlation, "A study", "found", "")
    return Register(dict(register), [one], register.overrides)


def test_central_draws_are_one_draw_of_the_values() -> None:
    draws = Draws.central(REGISTER)
    assert draws.number == 1
    assert all(draws[key].tolist() == [REGISTER.value(key)] for key in REGISTER)
    assert draws.weights("egs.hub", KINDS).tolist() == [pytest.approx([0.35, 0.45, 0.20])]


def test_the_same_seed_gives_the_same_draws_and_another_seed_others() -> None:
    one, same, other = (Draws.sample(REGISTER, 200, seed) for seed in (1, 1, 2))
    for key in SPREAD:
        assert (one[key] == same[key]).all()
        assert (one[key] != other[key]).any()
    assert (one.weights("egs.hub", KINDS) == same.weights("egs.hub", KINDS)).all()


def test_the_order_of_asking_changes_nothing() -> None:
    one, other = (Draws.sample(REGISTER, 50, 3) for _ in range(2))
    forward = {key: one[key] for key in SPREAD}
    backward = {key: other[key] for key in reversed(SPREAD)}
    assert all((forward[key] == backward[key]).all() for key in SPREAD)


def test_adding_or_moving_an_assumption_changes_no_other_draw() -> None:
    added = replace(REGISTER["egs.share_moved"], id="aaa.new")
    more = Register({"aaa.new": added, **REGISTER}, REGISTER.correlations)
    moved = REGISTER.replaced({"egs.share_moved": 0.3})
    base = Draws.sample(REGISTER, 100, 5)
    for other in (more, moved):
        draws = Draws.sample(other, 100, 5)
        same = [key for key in SPREAD if key != "egs.share_moved"]
        assert all((draws[key] == base[key]).all() for key in same)


def test_different_assumptions_have_different_streams() -> None:
    draws = Draws.sample(REGISTER, 2000, 1)
    lone = [key for key in SPREAD if key not in {k for g in REGISTER.groups for k in g.ids}]
    table = np.corrcoef([draws[key] for key in lone])
    assert np.abs(table - np.eye(len(lone))).max() < 0.12


@pytest.mark.parametrize("key", SPREAD)
def test_every_slice_of_probability_has_one_draw(key: str) -> None:
    number = 400
    draws = Draws.sample(REGISTER, number, 7)[key]
    edges = REGISTER[key].quantile(np.arange(1, number) / number)
    assert np.array_equal(np.sort(np.searchsorted(edges, draws)), np.arange(number))


@pytest.mark.parametrize("key", SPREAD)
def test_the_mean_of_the_draws_is_the_value(key: str) -> None:
    draws = Draws.sample(REGISTER, 5000, 11)[key]
    error = float(draws.std()) / 5000**0.5
    assert float(draws.mean()) == pytest.approx(REGISTER.value(key), abs=0.25 * error)


def test_fixed_assumptions_stay_where_they_are() -> None:
    draws = Draws.sample(REGISTER, 9, 1)
    assert (draws["egs.rota_sites"] == REGISTER.value("egs.rota_sites")).all()
    assert draws["egs.rota_sites"].shape == (9,)


@pytest.mark.parametrize("wanted", [-0.8, 0.3, 0.9])
def test_correlated_assumptions_go_together_as_much_as_stated(wanted: float) -> None:
    register = correlated(REGISTER, "egs.volume_ln_or", "egs.delay_ln_rr_per_hour", wanted)
    draws = Draws.sample(register, 20_000, 1)
    found = np.corrcoef(draws["egs.volume_ln_or"], draws["egs.delay_ln_rr_per_hour"])[0, 1]
    assert found == pytest.approx(wanted, abs=0.02)


def test_a_chain_of_correlations_holds_between_its_ends_too() -> None:
    keys = ("egs.volume_ln_or", "egs.delay_ln_rr_per_hour", "ppci.volume_ln_or")
    pairs = [
        Correlation(a, b, r, "A study", "found", "")
        for a, b, r in ((keys[0], keys[1], 0.6), (keys[2], keys[1], 0.6))
    ]
    draws = Draws.sample(Register(dict(REGISTER), pairs), 20_000, 1)
    found = np.corrcoef([draws[key] for key in keys])
    assert found == pytest.approx(np.array([[1, 0.6, 0], [0.6, 1, 0.6], [0, 0.6, 1]]), abs=0.02)


def test_a_mixture_takes_one_kind_a_draw_in_exact_shares() -> None:
    number = 1001
    weights = Draws.sample(REGISTER, number, 1).weights("egs.hub", KINDS)
    assert weights.shape == (number, 3)
    assert set(np.unique(weights)) == {0.0, 1.0}
    assert (weights.sum(axis=1) == 1).all()
    shares = np.array([0.35, 0.45, 0.20])
    assert (np.abs(weights.sum(axis=0) - number * shares) <= 1).all()


def test_a_kind_without_weight_is_never_taken() -> None:
    for kind in KINDS:
        only = {f"egs.hub_weight_{k}": float(k == kind) for k in KINDS}
        weights = Draws.sample(REGISTER.replaced(only), 500, 1).weights("egs.hub", KINDS)
        assert weights.mean(axis=0).tolist() == [float(k == kind) for k in KINDS]


def test_the_kind_is_independent_of_the_numbers() -> None:
    draws = Draws.sample(REGISTER, 5000, 1)
    none = draws.weights("egs.hub", KINDS)[:, 0]
    assert all(abs(np.corrcoef(none, draws[key])[0, 1]) < 0.06 for key in SPREAD)


def test_given_values_are_used_and_the_others_are_central() -> None:
    draws = Draws.at(REGISTER, {"egs.share_moved": np.array([0.0, 0.5, 1.0])})
    assert draws.number == 3
    assert draws["egs.share_moved"].tolist() == [0.0, 0.5, 1.0]
    assert draws["egs.delay_share"].tolist() == [0.27] * 3
    assert draws.weights("egs.hub", KINDS).tolist() == [pytest.approx([0.35, 0.45, 0.20])] * 3


def test_a_given_weight_shares_the_whole_with_the_others() -> None:
    draws = Draws.at(REGISTER, {"egs.hub_weight_none": np.array([0.0, 0.65])})
    assert draws.weights("egs.hub", KINDS).tolist() == [
        pytest.approx([0, 0.45 / 0.65, 0.20 / 0.65]),
        pytest.approx([0.5, 0.45 / 1.3, 0.20 / 1.3]),
    ]


@pytest.mark.parametrize(
    "values",
    [
        {},
        {"egs.share_moved": np.array([])},
        {"egs.share_moved": np.array(0.5)},
        {"egs.share_moved": np.zeros(2), "egs.delay_share": np.zeros(3)},
    ],
)
def test_given_values_of_different_lengths_are_refused(values: dict[str, np.ndarray]) -> None:
    with pytest.raises(ValueError, match="all as long"):
        Draws.at(REGISTER, values)


def test_an_unknown_assumption_is_refused_with_a_suggestion() -> None:
    for draws in (Draws.central(REGISTER), Draws.sample(REGISTER, 5, 1)):
        with pytest.raises(KeyError, match=r"Did you mean 'egs\.share_moved'"):
            draws["egs.share_mved"]
        with pytest.raises(KeyError, match="no assumption"):
            draws.weights("egs.hub", ("none", "weak"))
    with pytest.raises(KeyError, match="no assumption"):
        Draws.at(REGISTER, {"egs.share_mved": np.zeros(2)})


def test_no_draws_at_all_are_refused() -> None:
    with pytest.raises(ValueError, match="expected at least 1"):
        Draws.sample(REGISTER, 0, 1)


def test_draws_remember_what_was_asked() -> None:
    draws = Draws.sample(REGISTER, 5, 1)
    assert draws.asked == frozenset()
    draws["egs.share_moved"]
    draws.weights("egs.hub", KINDS)
    weights = {f"egs.hub_weight_{kind}" for kind in KINDS}
    assert draws.asked == {"egs.share_moved"} | weights


def test_some_of_the_draws_are_the_same_numbers() -> None:
    draws = Draws.sample(REGISTER, 10, 1)
    some = draws.rows(np.array([7, 2]))
    assert some.number == 2
    assert (some["egs.share_moved"] == draws["egs.share_moved"][[7, 2]]).all()
    assert (some.weights("egs.hub", KINDS) == draws.weights("egs.hub", KINDS)[[7, 2]]).all()
    assert some.asked == draws.asked


def test_draws_cannot_be_written_to() -> None:
    given = np.array([0.1, 0.2])
    for draws in (
        Draws.central(REGISTER),
        Draws.sample(REGISTER, 2, 1),
        Draws.at(REGISTER, {"egs.share_moved": given}),
    ):
        for array in (draws["egs.share_moved"], draws.weights("egs.hub", KINDS)):
            with pytest.raises(ValueError, match="read-only"):
                array[0] = 1
    given[0] = 0.3  # the caller's own array is left alone


def test_draws_survive_pickling() -> None:
    draws = Draws.sample(REGISTER, 20, 1)
    copy = pickle.loads(pickle.dumps(draws))
    assert (copy["egs.share_moved"] == draws["egs.share_moved"]).all()


def test_the_prior_for_hubs_gives_about_eight_lives_and_a_38_percent_chance_of_none() -> None:
    """The figures of the evidence: mean 8, 95 % 0 to 28, of 1,150 laparotomies a year."""
    draws = Draws.sample(REGISTER, 20_000, 1)
    weights = draws.weights("egs.hub", KINDS)
    ln_odds = weights[:, 1] * draws["egs.hub_ln_or_moderate"]
    ln_odds = ln_odds + weights[:, 2] * draws["egs.hub_ln_or_strong"]
    odds, risk = np.exp(ln_odds), draws["egs.baseline_mortality"]
    cases = 1150 * draws["egs.laparotomy_rate"] / REGISTER.value("egs.laparotomy_rate")
    lives = cases * risk * (1 - odds / (1 - risk + risk * odds)) * draws["egs.share_moved"]
    assert lives.mean() == pytest.approx(8, abs=0.5)
    assert np.quantile(lives, [0.025, 0.975]) == pytest.approx([0, 28], abs=1)
    assert (lives <= 0).mean() == pytest.approx(0.38, abs=0.01)


def test_five_thousand_draws_of_twenty_assumptions_take_a_moment() -> None:
    start = time.perf_counter()
    draws = Draws.sample(REGISTER, 5000, 1)
    for key in SPREAD[:20]:
        draws[key]
    assert time.perf_counter() - start < 1.0  # 0.05 s when nothing else runs
