"""The trade-off of three measures as a picture and a table."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from reconfig.analyse import frontier
from reconfig.analyse.findings import Findings
from reconfig.core import Problem, maximise
from reconfig.report import frontier_chart, report
from reconfig.report.chart_axes import window
from reconfig.report.tables import frontier_table
from tests.unit.report.places import solved, square_region


class ThreeMeasures:
    """A trade-off of three measures over two numbers of sites."""

    measures: tuple[str, ...] = ("lives_saved", "mean_minutes", "share_within_30")
    unfinished: tuple[int, ...] = ()
    points = pd.DataFrame(
        {
            "number": [2, 2, 3],
            "lives_saved": [4.0, 2.0, 5.0],
            "mean_minutes": [12.0, 13.0, 11.0],
            "share_within_30": [0.90, 0.94, 0.99],
            "open": [("A", "B"), ("A", "C"), ("A", "B", "C")],
            "status": ["optimal"] * 3,
            "gap": [0.0] * 3,
            "efficient": [False, False, True],
        }
    )


def legend(axes: Any) -> list[str]:
    """Return what a legend says."""
    return [text.get_text() for text in axes.get_legend().get_texts()]


def sizes(axes: Any) -> list[tuple[float, float]]:
    """Return the value and the size of every point that is drawn."""
    return [
        (float(value), float(drawn.get_sizes()[0]))
        for drawn in axes.collections
        for value in drawn.get_array()
    ]


def test_the_third_measure_is_the_colour_and_has_a_scale_with_its_unit(tmp_path: Path) -> None:
    figure = frontier_chart(ThreeMeasures(), chosen=("B", "A"), path=tmp_path / "three.png")
    axes, scale = figure.axes
    assert axes.get_xlabel() == "Lives saved (lives a year; higher is better)"
    assert axes.get_ylabel() == "Mean journey (minutes; lower is better)"
    assert scale.get_ylabel() == "Within 30 minutes (share of cases; higher is better)"
    # So few values, so far apart, are named themselves.
    assert [tick.get_text() for tick in scale.get_yticklabels()] == ["90.0%", "94.0%", "99.0%"]
    assert axes.get_title("left") == "Lives saved against mean journey and within 30 minutes"
    assert legend(axes) == ["2 sites", "3 sites", "small: beaten by another number", "chosen here"]
    assert sorted(value for value, _ in sizes(axes)) == [0.90, 0.94, 0.99]
    assert (tmp_path / "three.png").read_bytes().startswith(b"\x89PNG")


def test_points_that_no_other_beats_are_larger() -> None:
    drawn = dict(sizes(frontier_chart(ThreeMeasures()).axes[0]))
    assert drawn[0.99] > drawn[0.90]


def test_of_three_measures_the_number_of_sites_is_colour_and_marker() -> None:
    found = ThreeMeasures()
    found.measures = ("lives_saved", "open_sites", "mean_minutes")
    axes: Any = frontier_chart(found).axes[0]
    assert legend(axes) == ["2 sites", "3 sites"]
    assert axes.get_title("left") == "Lives saved against mean journey, by number of sites"


def test_three_measures_without_a_point_or_not_complete_can_be_drawn() -> None:
    found = ThreeMeasures()
    found.unfinished = (3,)
    found.points = found.points.iloc[:0]
    axes: Any = frontier_chart(found).axes[0]
    assert "Not complete: stopped early for 3 sites" in [t.get_text() for t in axes.texts]


def test_a_point_far_from_all_others_is_named_with_all_three_values() -> None:
    found = ThreeMeasures()
    row = found.points.iloc[[0]]
    more = [row.assign(mean_minutes=m) for m in (12.5, 900.0)]
    found.points = pd.concat([found.points, *more], ignore_index=True)
    axes: Any = frontier_chart(found).axes[0]
    assert "2 sites: 4.0 lives a year, 900.0 minutes, 90.0%" in [t.get_text() for t in axes.texts]


@pytest.mark.parametrize("values", [[1.0, 2.0, 3.0, 5.0], [7.0, 7.4, 7.6, 7.8]])
def test_a_point_that_is_only_a_little_apart_is_shown(values: list[float]) -> None:
    low, high = window(pd.Series(values))
    assert low < min(values)
    assert high > max(values)


def test_the_table_has_a_column_for_each_of_three_measures() -> None:
    table = frontier_table(ThreeMeasures(), square_region())
    assert list(table.frame)[:4] == [
        "Open sites",
        "Lives saved",
        "Mean journey",
        "Within 30 minutes",
    ]
    assert table.units["Within 30 minutes"] == "share of cases"


def test_a_report_keeps_all_three_measures_of_its_trade_off(tmp_path: Path) -> None:
    solution = solved()
    problem = Problem(solution.problem.region, solution.problem.service, maximise("lives_saved"))
    found = Findings(frontier=frontier(problem, "lives_saved", "mean_minutes", "share_within_30"))
    today = problem.region.today(problem.service)
    folder = report(tmp_path / "out", today, solution, findings=found)
    assert '"share_within_30"' in (folder / "result.json").read_text(encoding="utf-8")
