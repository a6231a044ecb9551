"""Lives saved reads as one sentence with everything that qualifies it."""

from __future__ import annotations

from reconfig.core import LivesSaved, OutcomeModel
from tests.instances import HalfTheDeaths


def test_lives_saved_read_with_interval_chance_of_none_and_baseline() -> None:
    lives = LivesSaved(7.94, 0.4, 27.6, 115.0, 0.376, "estimated", "today's care")
    assert str(lives) == (
        "7.9 lives a year (95 % interval 0 to 28; 38% chance of no gain or of harm) "
        "of 115 deaths at baseline (today's care)"
    )


def test_the_outcome_model_of_the_tests_is_an_outcome_model() -> None:
    assert isinstance(HalfTheDeaths(), OutcomeModel)
