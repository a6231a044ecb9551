"""The short list: who is on it, how it is scored, and from which weights the order changes."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from reconfig.analyse import ShortList, long_list, short_list
from reconfig.core import Configuration, InputError, Problem, minimise, open_sites
from tests.instances import random_region, tiny_region, tiny_service
from tests.property.strategies import examples

CRITERIA = ("mean_minutes", "share_within_20", "neighbour_cases")


def problem_of(seed: int, *constraints: object) -> Problem:
    """Return a random problem of five candidates."""
    region = random_region(seed, zones=9, candidates=5, neighbours=1)
    service = region.define_service("care", demand="cases")
    return Problem(region, service, minimise("mean_minutes"), constraints or (open_sites(2),))  # type: ignore[arg-type]


@examples(20)
@given(st.integers(0, 9_999), st.integers(1, 12))
def test_what_no_other_option_beats_is_on_it_as_far_as_there_is_room(seed: int, most: int) -> None:
    found = long_list(problem_of(seed), measures=CRITERIA)
    shown = short_list(found, criteria=CRITERIA, most=most)
    table = found.table
    costs = table[list(CRITERIA)].to_numpy(float) * np.array([1.0, -1.0, 1.0])
    unbeaten = [
        sites
        for sites, cost in zip(table["open"], costs, strict=True)
        if not any((o <= cost + 1e-5).all() and (o < cost - 1e-5).any() for o in costs)
    ]
    listed = set(shown.table["open"].drop("Today"))
    assert len(listed) <= most
    if shown.left_out == 0:
        assert set(unbeaten) <= listed
    assert "Today" not in shown.places.index  # five open, not two
    assert np.isnan(shown.table["score"]["Today"])


@examples(20)
@given(st.integers(0, 9_999), st.lists(st.integers(0, 9), min_size=3, max_size=3))
def test_the_score_is_the_weighted_sum_of_scaled_criteria(seed: int, raw: list[int]) -> None:
    found = long_list(problem_of(seed), measures=CRITERIA)
    weights = dict(zip(CRITERIA, raw, strict=True))
    if not sum(raw):
        with pytest.raises(InputError, match="above zero"):
            short_list(found, criteria=CRITERIA, weights=weights)
        return
    shown = short_list(found, criteria=CRITERIA, weights=weights)
    rows = shown.table.drop("Today")
    total = np.zeros(len(rows))
    for name, weight in weights.items():
        values = rows[name].to_numpy(float)
        worst, best = values.max(), values.min()
        if name == "share_within_20":
            worst, best = best, worst
        points = 100 * (values - worst) / (best - worst) if abs(best - worst) > 1e-6 else 100.0
        total += weight / sum(raw) * points
    assert rows["score"].to_numpy(float) == pytest.approx(total)
    assert shown.table["score"][shown.first] == pytest.approx(total.max())


@examples(20)
@given(st.integers(0, 9_999))
def test_another_option_comes_first_just_past_the_weight_that_is_said(seed: int) -> None:
    found = long_list(problem_of(seed), measures=CRITERIA)
    shown = short_list(found, criteria=CRITERIA)
    others = {name: float(w) for name, w in shown.criteria["weight"].items()}
    for name, row in shown.weights_moved.iterrows():
        for at, other, side in (
            (row["below"], row["below_first"], -1.0),
            (row["above"], row["above_first"], 1.0),
        ):
            if np.isnan(at) or not 0.01 < at < 0.99:
                continue
            for past, who in ((1e-6, other), (-1e-6, None)):
                weight = at + side * past
                rest = 1.0 - others[str(name)]
                moved = {k: w * (1 - weight) / rest for k, w in others.items()} | {
                    str(name): weight
                }
                scores = shown.scores @ np.array([moved[str(k)] for k in shown.scores.columns])
                expected = shown.first if who is None else who
                # Before the weight the same option is first, past it the other.
                assert scores[expected] >= scores.max() - 1e-3


def test_the_chosen_and_today_are_beside_it_where_they_do_not_pass() -> None:
    found = long_list(problem_of(3), measures=CRITERIA)
    chosen = Configuration.of("care", ("s0", "s1", "s2"))
    shown = short_list(found, chosen=chosen, criteria=CRITERIA)
    assert shown.table["open"]["Chosen"] == ("s0", "s1", "s2")
    assert list(shown.table.index[shown.table["place"].isna()]) == ["Chosen", "Today"]
    assert "3 sites open" in shown.table["reasons"]["Chosen"]


def test_an_unknown_criterion_or_weight_is_refused_with_all_faults() -> None:
    found = long_list(problem_of(3), measures=CRITERIA)
    with pytest.raises(InputError) as raised:
        short_list(
            found, criteria=("mean_minutes", "nonsense"), weights={"other": 1, "mean_minutes": -1}
        )
    assert len(raised.value.faults) == 4


def test_one_option_that_passes_needs_no_ranking() -> None:
    region = tiny_region()
    problem = Problem(region, tiny_service(region), minimise("mean_minutes"), open_sites(3))
    shown: ShortList = short_list(long_list(problem))
    assert len(shown.table) == 1
    assert "no ranking" in " ".join(shown.sentences())
