"""What every outcome model must hold, merely by being in OUTCOME_MODELS."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import asdict, replace

import numpy as np
import pytest

from reconfig.appraise import appraise
from reconfig.core import Configuration, OutcomeModel
from reconfig.data import load_register
from reconfig.outcomes import OUTCOME_MODELS, Assumption, Register
from tests.instances import every_configuration, random_region, tiny_service, with_values

Make = Callable[[Register], OutcomeModel]
CASES, AT_SITES = 1000.0, 800.0
NUMBERS = range(13)

every_model = pytest.mark.parametrize("make", OUTCOME_MODELS.values(), ids=OUTCOME_MODELS.keys())


class Watched(Register):
    """A register that remembers what was asked of it."""

    def __init__(self, register: Register) -> None:
        super().__init__(dict(register))
        self.asked: set[str] = set()

    def __getitem__(self, key: str) -> Assumption:
        self.asked.add(key)
        return super().__getitem__(key)


def answers(model: OutcomeModel) -> list[float]:
    """Return every number that a model gives."""
    found = [model.baseline_deaths_per_case, model.deaths_avoided_per_case]
    for number in NUMBERS:
        lives = model.lives_saved(cases_at_sites=AT_SITES, cases=CASES, number_open=number)
        found += [model.staffed_share(number), lives.central, lives.low, lives.high]
        found += [lives.baseline_deaths, lives.probability_of_no_gain]
    return found


@every_model
def test_it_is_an_outcome_model_that_says_it_is_an_estimate(make: Make) -> None:
    model = make(load_register())
    assert isinstance(model, OutcomeModel)
    assert "estimated" in model.basis
    lives = model.lives_saved(cases_at_sites=AT_SITES, cases=CASES, number_open=2)
    assert lives.basis == model.basis


@every_model
def test_deaths_avoided_are_between_none_and_all(make: Make) -> None:
    model = make(load_register())
    assert 0 <= model.deaths_avoided_per_case <= model.baseline_deaths_per_case <= 1


@every_model
@pytest.mark.parametrize("number", NUMBERS)
def test_lives_saved_lie_in_their_interval_and_under_the_baseline(make: Make, number: int) -> None:
    lives = make(load_register()).lives_saved(
        cases_at_sites=AT_SITES, cases=CASES, number_open=number
    )
    assert lives.low <= lives.central <= lives.high <= lives.baseline_deaths
    assert lives.central >= 0
    assert 0 <= lives.probability_of_no_gain <= 1


@every_model
def test_staffing_is_a_share_that_never_grows_with_the_number_of_sites(make: Make) -> None:
    shares = [make(load_register()).staffed_share(n) for n in NUMBERS]
    assert all(0 <= share <= 1 for share in shares)
    assert shares == sorted(shares, reverse=True)


@every_model
def test_nobody_treated_at_a_site_is_nobody_saved(make: Make) -> None:
    lives = make(load_register()).lives_saved(cases_at_sites=0.0, cases=CASES, number_open=2)
    assert (lives.central, lives.low, lives.high) == (0.0, 0.0, 0.0)
    assert lives.probability_of_no_gain == 1.0
    assert lives.baseline_deaths > 0


@every_model
def test_the_same_call_gives_the_same_answer(make: Make) -> None:
    model = make(load_register())
    assert answers(model) == answers(model) == answers(make(load_register()))


@every_model
def test_lives_saved_are_in_proportion_to_the_cases_treated(make: Make) -> None:
    model = make(load_register())
    one = model.lives_saved(cases_at_sites=100.0, cases=CASES, number_open=2)
    ten = model.lives_saved(cases_at_sites=1000.0, cases=CASES, number_open=2)
    assert ten.central == pytest.approx(10 * one.central)
    assert ten.high == pytest.approx(10 * one.high)
    assert ten.probability_of_no_gain == one.probability_of_no_gain


@every_model
def test_without_a_register_there_are_no_numbers(make: Make) -> None:
    with pytest.raises(KeyError, match="no assumption"):
        answers(make(Register({})))


@every_model
def test_every_number_follows_the_register(make: Make) -> None:
    plain = load_register()
    watched = Watched(plain)
    before = answers(make(watched))
    moved = {
        key
        for key in watched.asked
        if answers(make(with_values(plain, {key: 0.9 * plain.value(key)}))) != before
    }
    assert len(moved) >= 5
    assert any("baseline_mortality" in key for key in moved)
    # Nothing is built in: with every number it asks for halved, every estimate is another.
    halved = with_values(plain, {key: 0.5 * plain.value(key) for key in watched.asked})
    other = make(halved)
    assert other.baseline_deaths_per_case == pytest.approx(before[0] / 2)
    assert other.deaths_avoided_per_case < before[1]


@every_model
def test_what_moves_the_interval_moves_the_central_value(make: Make) -> None:
    plain = load_register()
    watched = Watched(plain)
    before = make(watched).lives_saved(cases_at_sites=AT_SITES, cases=CASES, number_open=2)
    compared = 0
    for key in watched.asked:
        changed = make(with_values(plain, {key: 0.5 * plain.value(key)}))
        after = changed.lives_saved(cases_at_sites=AT_SITES, cases=CASES, number_open=2)
        if abs(after.high / before.high - 1) > 0.05:
            assert abs(after.central / before.central - 1) > 0.01, key
            compared += 1
    assert compared >= 2


@every_model
@pytest.mark.parametrize("number", NUMBERS)
def test_the_central_value_is_cases_times_effect_times_staffing(make: Make, number: int) -> None:
    model = make(load_register())
    lives = model.lives_saved(cases_at_sites=AT_SITES, cases=CASES, number_open=number)
    expected = AT_SITES * model.deaths_avoided_per_case * model.staffed_share(number)
    assert lives.central == pytest.approx(expected)
    assert (lives.high == 0.0) == (model.staffed_share(number) == 0.0)


def configurations() -> Iterator[Configuration]:
    """Yield every configuration of a small region."""
    region = random_region(4, zones=9, candidates=4, neighbours=1)
    yield from every_configuration(tiny_service(region), [0, 1, 4])


@every_model
def test_the_measure_and_the_estimate_are_the_same_number(make: Make) -> None:
    region = random_region(4, zones=9, candidates=4, neighbours=1)
    service = replace(tiny_service(region), outcome=make(load_register()))
    for configuration in configurations():
        found = appraise(region, service, configuration)
        assert found.lives is not None
        assert found.measures["lives_saved"] == pytest.approx(found.lives.central)
        assert np.isfinite(list(asdict(found.lives).values())[:5]).all()
        assert found.lives.central <= found.lives.baseline_deaths
