"""A mixture gives each possibility exactly its share of the draws."""

from __future__ import annotations

import numpy as np
import pytest

from reconfig.outcomes.mixture import SampledEffect, choose_component


def test_each_component_has_its_share_of_the_draws_to_one_draw() -> None:
    chosen = choose_component([0.35, 0.45, 0.20], np.random.default_rng(1), 1000)
    counts = np.bincount(chosen, minlength=3)
    assert np.abs(counts - [350, 450, 200]).max() <= 1


def test_weights_need_not_sum_to_one_and_the_order_is_mixed() -> None:
    chosen = choose_component([1.0, 3.0], np.random.default_rng(1), 400)
    assert np.bincount(chosen).tolist() == [100, 300]
    assert 0 < chosen[:200].sum() < 200 + 100
    assert len(set(chosen[:50])) == 2


def test_lives_scale_with_cases_at_sites_and_with_staffing() -> None:
    effect = SampledEffect(0.2, 0.5, np.array([0.0, 0.1, 0.2, 0.3, 0.4]), "estimated", "today")
    full = effect.lives_saved(cases_at_sites=100, cases=150, staffed_share=1.0)
    half = effect.lives_saved(cases_at_sites=100, cases=150, staffed_share=0.5)
    assert full.central == pytest.approx(20.0)
    assert half.central == pytest.approx(10.0)
    assert half.high == pytest.approx(full.high / 2)
    assert full.baseline_deaths == pytest.approx(75.0)  # of all cases, wherever treated
    assert full.probability_of_no_gain == pytest.approx(0.2)  # one draw of five
