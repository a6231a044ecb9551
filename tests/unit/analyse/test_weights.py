"""Which weights choose what: against a fine grid of weights, and by hand."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from reconfig.analyse import frontier
from reconfig.analyse.weights import Weights, weights
from reconfig.core import InputError, Problem, minimise
from reconfig.report import weights_chart
from tests.instances import tiny_region, tiny_service

SIGNS = {"mean_minutes": 1.0, "max_minutes": 1.0, "share_within_5": -1.0, "lives_saved": -1.0}
SITES = [("A",), ("B",), ("C",), ("A", "B"), ("A", "C"), ("B", "C"), ("A", "B", "C")]


def points(**columns: list[float]) -> pd.DataFrame:
    """Return points as a frontier has them, on the sites of the tiny region."""
    many = len(next(iter(columns.values())))
    opened = [SITES[k % len(SITES)] for k in range(many)]
    return pd.DataFrame({"number": [len(o) for o in opened], **columns, "open": opened})


def weighed(**columns: list[float]) -> Weights:
    """Weigh some points on the tiny region."""
    return weights(tiny_region(), list(columns), points(**columns))


def row_of(found: Weights, *sites: str) -> Any:
    """Return the row of a configuration."""
    return next(row for row in found.table.to_dict("records") if row["open"] == sites)


def scaled(found: Weights) -> np.ndarray:
    """Return the costs of the rows from 0 (best) to 1 (worst), worked out again."""
    names = list(found.measures)
    costs = found.table[names].to_numpy(float) * [SIGNS[name] for name in names]
    span = costs.max(axis=0) - costs.min(axis=0)
    result: np.ndarray = (costs - costs.min(axis=0)) / np.where(span > 0, span, 1.0)
    return result


@pytest.mark.parametrize("seed", range(12))
def test_two_measures_choose_what_a_grid_of_weights_chooses(seed: int) -> None:
    rng = np.random.default_rng(seed)
    many = int(rng.integers(2, 25))
    found = weighed(
        mean_minutes=list(rng.uniform(10, 40, many)), lives_saved=list(rng.uniform(0, 9, many))
    )
    costs = scaled(found)
    table = found.table
    for weight in np.linspace(0.0, 1.0, 501):
        scores = costs @ [weight, 1.0 - weight]
        best = set(np.flatnonzero(scores <= scores.min() + 1e-9))
        low, high = table["mean_minutes_from"], table["mean_minutes_to"]
        assert best == set(np.flatnonzero((low <= weight + 1e-7) & (weight - 1e-7 <= high))), weight
    assert table["share"].sum() == pytest.approx(1.0)
    ends = [0.0, *found.breakpoints, 1.0]
    chosen = table[table["share"] > 0]
    assert chosen["mean_minutes_from"].tolist() == pytest.approx(ends[:-1])
    assert chosen["mean_minutes_to"].tolist() == pytest.approx(ends[1:])


@pytest.mark.parametrize("seed", range(8))
def test_three_measures_have_the_shares_of_a_fine_grid_of_weights(seed: int) -> None:
    rng = np.random.default_rng(seed)
    many = int(rng.integers(2, 25))
    found = weighed(
        mean_minutes=list(rng.uniform(10, 40, many)),
        max_minutes=list(rng.uniform(30, 90, many)),
        lives_saved=list(rng.uniform(0, 9, many)),
    )
    side = 300
    # The middles of small triangles of equal area, those that point up.
    a, b = np.meshgrid(np.arange(side), np.arange(side), indexing="ij")
    inside = a + b < side
    corner = np.stack([a[inside], b[inside], side - 1 - a[inside] - b[inside]], axis=1)
    grid = (corner + 1.0 / 3.0) / side
    winner = (grid @ scaled(found).T).argmin(axis=1)
    shares = np.bincount(winner, minlength=many) / len(grid)
    assert found.table["share"].to_numpy() == pytest.approx(shares, abs=0.02)
    assert found.table["share"].sum() == pytest.approx(1.0)
    for k in np.unique(winner):
        row = found.table.iloc[k]
        for j, name in enumerate(found.measures):
            taken = grid[winner == k, j]
            assert row[f"{name}_from"] <= taken.min() + 1e-9
            assert taken.max() - 1e-9 <= row[f"{name}_to"]


def test_breakpoints_are_exact() -> None:
    # Scaled: A (0, 1), B (1/4, 1/4), C (1, 0). With w on the first, A scores 1 - w, B 1/4 and C w.
    found = weighed(mean_minutes=[10.0, 15.0, 30.0], lives_saved=[0.0, 6.0, 8.0])
    assert found.breakpoints == pytest.approx((0.25, 0.75))
    assert found.table["open"].tolist() == [("C",), ("B",), ("A",)]
    assert found.ranges == {"mean_minutes": (10.0, 30.0), "lives_saved": (8.0, 0.0)}


def test_a_point_in_a_hollow_is_named_as_never_chosen() -> None:
    found = weighed(mean_minutes=[10.0, 22.0, 30.0], share_within_5=[0.0, 0.4, 1.0])
    assert found.unsupported["open"].tolist() == [("B",)]
    assert row_of(found, "B")["share"] == 0
    assert np.isnan(row_of(found, "B")["mean_minutes_from"])
    assert found.sentences()[-1] == (
        "Never chosen by any weights, though no other point beats them: Birch."
    )


def test_a_point_between_two_others_is_chosen_only_where_they_are_as_good() -> None:
    found = weighed(mean_minutes=[10.0, 20.0, 30.0], share_within_5=[0.0, 0.5, 1.0])
    assert row_of(found, "B")["supported"]
    assert row_of(found, "B")["share"] == 0
    assert row_of(found, "B")["mean_minutes_from"] == pytest.approx(0.5)
    assert found.sentences()[-1] == "Chosen only where another is as good: Birch."


def test_the_sentences_say_from_which_weight_on() -> None:
    found = weighed(mean_minutes=[10.0, 15.0, 30.0], share_within_5=[0.0, 0.6, 0.8])
    assert found.sentences() == [
        "The weights add up to 1 and are on measures scaled from 0, the best of these 3 points, to "
        "1, the worst: the mean journey (10.0 to 30.0 minutes) and the share within 5 minutes "
        "(80.0% to 0.0%).",
        "Up to a weight of 0.25 on the mean journey, Cedar is chosen.",
        "From a weight of 0.25 to 0.75 on the mean journey, Birch is chosen.",
        "From a weight of 0.75 on the mean journey upwards, Alder is chosen.",
    ]


def test_three_measures_are_told_by_share_the_largest_first() -> None:
    found = weighed(
        mean_minutes=[10.0, 20.0, 30.0],
        max_minutes=[40.0, 30.0, 40.0],
        share_within_5=[0.0, 0.0, 1.0],
    )
    said = found.sentences()
    assert len(said) == 4
    assert found.table["share"].is_monotonic_decreasing
    assert "of all weights, at the widest 0.00 to" in said[1]
    with pytest.raises(ValueError, match="two measures only"):
        assert found.breakpoints


def test_breakpoints_close_together_are_told_apart() -> None:
    # Scaled: B (0.499, 0.5) is chosen from w = 0.5 / 1.001 to w = 0.5 / 0.999.
    found = weighed(mean_minutes=[0.0, 499.0, 1000.0], max_minutes=[1000.0, 500.0, 0.0])
    assert [line.partition(" on ")[0] for line in found.sentences()[1:]] == [
        "Up to a weight of 0.500",
        "From a weight of 0.500 to 0.501",
        "From a weight of 0.501",
    ]


def test_configurations_with_the_same_values_share_a_region() -> None:
    found = weighed(mean_minutes=[10.0, 10.0, 20.0], lives_saved=[1.0, 1.0, 5.0])
    assert row_of(found, "A")["share"] == row_of(found, "B")["share"] == pytest.approx(0.5)
    assert row_of(found, "A")["point"] == row_of(found, "B")["point"]
    assert found.sentences()[-1].endswith("upwards, Alder, or Birch is chosen.")
    assert "Lives saved are estimated" in found.sentences()[0]


def test_one_point_is_chosen_whatever_the_weights() -> None:
    found = weighed(mean_minutes=[10.0], max_minutes=[30.0])
    assert found.sentences() == [
        "There is one point to choose: the mean journey (10.0 minutes) and the longest journey "
        "(30.0 minutes).",
        "Whatever the weights, Alder is chosen.",
    ]
    assert found.table["share"].tolist() == [1.0]
    assert found.breakpoints == ()


def test_a_measure_that_is_the_same_everywhere_decides_nothing() -> None:
    found = weighed(mean_minutes=[10.0, 20.0], max_minutes=[30.0, 30.0])
    assert row_of(found, "A")["share"] == pytest.approx(1.0)
    assert row_of(found, "B")["share"] == 0.0


def a_frontier(**options: Any) -> Any:
    region = tiny_region()
    problem = Problem(region, tiny_service(region), minimise("mean_minutes"))
    return frontier(problem, "mean_minutes", "share_within_5", **options)


def test_a_frontier_is_weighed_whole_or_for_one_number_of_sites() -> None:
    found = a_frontier(numbers=[1, 2])
    assert found.weights().table["open"].tolist() == [("A", "C")]
    one = found.weights(number=1)
    # Costs scaled: B (0, 1), A (1/3, 2/3), C (1, 0): all on one line.
    assert one.table["open"].tolist() == [("C",), ("B",), ("A",)]
    assert one.breakpoints == pytest.approx((0.5,))
    assert one.complete
    with pytest.raises(InputError, match="no points to weigh"):
        found.weights(number=3)


def test_weights_on_a_frontier_that_is_not_complete_say_so() -> None:
    cut = a_frontier(numbers=[1])
    cut = type(cut)(cut.problem, cut.measures, cut.points, cut.solutions, (1,))
    assert "Not complete: other points may be chosen" in cut.weights().sentences()[0]
    assert cut.weights(number=1).complete is False


def test_a_notebook_shows_the_sentences_and_names() -> None:
    shown = a_frontier(numbers=[1]).weights()._repr_html_()
    assert "From a weight of 0.50 on the mean journey upwards, Birch is chosen." in shown
    assert "Alder" in shown
    assert "Weights on mean_minutes and share_within_5" in repr(a_frontier(numbers=[1]).weights())


def words(figure: Any) -> str:
    """Return all that is written in a figure."""
    axes = figure.axes
    legends = [text.get_text() for a in axes if a.get_legend() for text in a.get_legend().texts]
    said = [figure.get_suptitle(), *legends, *(text.get_text() for a in axes for text in a.texts)]
    return " | ".join([*said, *(a.get_xlabel() for a in axes)])


def test_two_measures_are_a_bar_along_the_weight(tmp_path: Path) -> None:
    found = weighed(mean_minutes=[10.0, 15.0, 22.0, 30.0], share_within_5=[0.0, 0.6, 0.61, 0.8])
    figure = found.plot(path=tmp_path / "bar.png")
    bars = figure.axes[0].patches
    assert [bar.get_x() for bar in bars] == pytest.approx([0.0, *found.breakpoints])
    assert sum(bar.get_width() for bar in bars) == pytest.approx(1.0)
    assert "1: Alder and Birch (" in words(figure)
    assert "1 of the points are never chosen alone" in words(figure)
    assert "Weight on mean journey" in words(figure)
    assert (tmp_path / "bar.png").read_bytes().startswith(b"\x89PNG")


def test_three_measures_are_a_triangle_with_the_exact_regions() -> None:
    found = weighed(
        mean_minutes=[10.0, 20.0, 30.0],
        max_minutes=[40.0, 30.0, 40.0],
        share_within_5=[0.0, 0.0, 1.0],
    )
    figure = weights_chart(found)
    assert len(figure.axes[0].patches) == 3
    assert "all on longest journey" in words(figure)


def test_a_picture_of_weights_that_are_not_complete_says_so() -> None:
    found = weights(
        tiny_region(),
        ["mean_minutes", "max_minutes"],
        points(mean_minutes=[10.0, 20.0], max_minutes=[30.0, 20.0]),
        complete=False,
    )
    assert "Not complete" in words(weights_chart(found))


def test_of_many_choices_the_picture_names_twelve() -> None:
    turns = np.linspace(0.0, np.pi / 2, 20)
    found = weighed(mean_minutes=list(10 - np.sin(turns)), max_minutes=list(10 - np.cos(turns)))
    assert "and 8 more" in words(weights_chart(found))
    large = weighed(
        mean_minutes=list(10 - np.sin(turns)),
        max_minutes=list(10 - np.cos(turns)),
        lives_saved=[0.0] * 20,
    )
    assert "more are chosen by" in " ".join(large.sentences())


def test_a_measure_whose_name_has_a_comma_stays_one_measure_in_a_sentence() -> None:
    name = "worst_mean_minutes_by_district"
    found = weighed(**{"mean_minutes": [10.0, 15.0], name: [30.0, 20.0]})
    assert "and the mean journey (worst district) (20.0 to 30.0 minutes)" in found.sentences()[0]
    assert "mean journey and mean journey (worst district) choose" in words(weights_chart(found))


def test_what_rounding_left_of_a_measure_decides_nothing() -> None:
    exact = weighed(mean_minutes=[20.0, 21.0], max_minutes=[9.0, 8.0], share_within_5=[1.0, 1.0])
    noisy = weighed(
        mean_minutes=[20.0, 21.0], max_minutes=[9.0, 8.0], share_within_5=[1.0, 1.0 - 2e-16]
    )
    assert (
        noisy.table["share"].tolist() == exact.table["share"].tolist() == pytest.approx([0.5] * 2)
    )
