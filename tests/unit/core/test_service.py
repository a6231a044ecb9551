"""Lives saved reads as one sentence with everything that qualifies it."""

from __future__ import annotations

import copy
import pickle
from dataclasses import FrozenInstanceError

import pytest

from reconfig.core import LivesSaved, OutcomeModel
from tests.instances import HalfTheDeaths, tiny_region, tiny_service

LIVES = LivesSaved(
    7.94, 0.4, 27.6, 115.0, 0.376, "estimated", "today's care", {"hub": 8.0, "delay": -0.06}
)


def test_lives_saved_read_with_interval_chance_of_none_and_baseline() -> None:
    assert str(LIVES) == (
        "7.9 lives a year (95 % interval 0.4 to 28; 38% chance of no gain or of harm) "
        "of 115 deaths at baseline (today's care)"
    )


@pytest.mark.parametrize(
    ("central", "low", "high", "said"),
    [
        (-0.04, -0.06, -0.02, "-0.04 lives a year (95 % interval -0.1 to -0.02;"),
        (-0.3, -1.4, 0.04, "-0.3 lives a year (95 % interval -1 to 0;"),
        (-0.004, -0.4, -0.0004, "-0.004 lives a year (95 % interval -0.4 to -0.0004;"),
        (-1e-14, -1e-14, 0.0, "0.0 lives a year (95 % interval 0 to 0;"),  # rounding, no harm
        (0.04, 0.0, 0.94, "0.0 lives a year (95 % interval 0 to 0.9;"),
    ],
)
def test_a_small_harm_is_never_rounded_away(
    central: float, low: float, high: float, said: str
) -> None:
    assert str(LivesSaved(central, low, high, 115.0, 0.9, "estimated", "care")).startswith(said)


def test_the_parts_of_lives_saved_are_what_they_were_whatever_is_done_to_them() -> None:
    given = {"hub": 8.0}
    lives = LivesSaved(8.0, 0.0, 9.0, 115.0, 0.4, "estimated", "today's care", given)
    given["hub"] = 300.0
    assert dict(lives.parts) == {"hub": 8.0}
    with pytest.raises(TypeError):
        lives.parts["hub"] = 300.0  # type: ignore[index]
    with pytest.raises(FrozenInstanceError):
        lives.central = 300.0  # type: ignore[misc]


def test_lives_saved_can_be_copied_and_sent_elsewhere() -> None:
    for again in (pickle.loads(pickle.dumps(LIVES)), copy.deepcopy(LIVES), copy.copy(LIVES)):
        assert again == LIVES
        assert dict(again.parts) == {"hub": 8.0, "delay": -0.06}
    assert dict(LivesSaved(1, 0, 2, 3, 0.4, "estimated", "care").parts) == {}


def test_the_outcome_model_of_the_tests_is_an_outcome_model() -> None:
    assert isinstance(HalfTheDeaths(), OutcomeModel)
    assert not isinstance(object(), OutcomeModel)


def test_a_candidate_that_is_always_open_is_a_neighbour_and_keeps_the_outcome_model() -> None:
    service = tiny_service(tiny_region())
    found = service.with_always_open("A")
    assert (found.candidates, found.always_open) == (("B", "C"), ("A", "N"))
    assert found.today == ("B", "C")
    assert found.outcome is service.outcome
    with pytest.raises(ValueError, match="X: not a candidate for surgery"):
        service.with_always_open("X")
