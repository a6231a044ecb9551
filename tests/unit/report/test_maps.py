"""Still maps and charts."""

from __future__ import annotations

import importlib
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from matplotlib.collections import PathCollection
from matplotlib.colors import to_hex
from shapely.geometry import MultiPolygon

from reconfig.core import InputError
from reconfig.report import frontier_chart, report, solution_map
from reconfig.report.classes import minute_classes
from reconfig.report.scale import round_length
from tests.unit.report.places import TwoPoints, degree_region, solved, square_region


def words(figure: Any) -> str:
    """Return every text of a figure."""
    texts = [t.get_text() for t in figure.texts]
    for legend in figure.legends:
        texts += [legend.get_title().get_text(), *(t.get_text() for t in legend.get_texts())]
    for axes in figure.axes:
        texts += [axes.get_title(loc="left"), *(t.get_text() for t in axes.texts)]
    return "\n".join(texts)


def zone_colours(axes: Any) -> list[str]:
    """Return the colours of the zones of a panel, in order."""
    shapes: Any = next(c for c in axes.collections if isinstance(c, PathCollection))
    return [to_hex(face) for face in shapes.get_facecolor()]


def test_both_panels_use_the_same_scale() -> None:
    from reconfig.appraise import compare

    solution = solved()
    region, service = solution.problem.region, solution.problem.service
    comparison = compare(region.today(service), solution)
    zones = comparison.zones
    scale = minute_classes([zones["minutes_before"], zones["minutes_after"]])
    left, right = solution_map(solution).axes
    assert zone_colours(left) == scale.colours_of(zones["minutes_before"])
    assert zone_colours(right) == scale.colours_of(zones["minutes_after"])


def test_the_map_has_title_legend_unit_source_and_says_what_is_estimated() -> None:
    text = words(solution_map(solved()))
    for part in (
        "Surgery in Squareland",
        "Minutes by car",
        "over 5 to 10",
        "Today: 3 sites",
        "Chosen: 2 sites",
        "Made up for <tests>",
        "are estimates, out by about 2.5 minutes",
        "closes",
        "2 km",
        "N",
        "@west",
    ):
        assert part in text


def test_the_map_names_no_site_exactly_where_its_words_say_that_they_are_too_many(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Two sites are open before and two after, three in all: both panels and the words agree."""
    solution = solved(square_region(proposed=("B",)))
    module = importlib.import_module("reconfig.report.map_marks")
    for most in (2, 3):
        monkeypatch.setattr(module, "MOST_NAMED", most)
        figure = solution_map(solution)
        said = "too many to be named" in words(figure)
        named = [any(t.get_zorder() == 6 for t in axes.texts) for axes in figure.axes]
        assert said == (most == 2)
        assert named == [not said, not said]


def test_names_on_the_map_cover_no_other_name() -> None:
    figure = solution_map(solved())
    figure.canvas.draw()
    for axes in figure.axes:
        boxes = [t.get_window_extent() for t in axes.texts if t.get_text() and t.get_zorder() == 6]
        pairs = [(a, b) for k, a in enumerate(boxes) for b in boxes[k + 1 :]]
        assert pairs
        assert not any(a.overlaps(b) for a, b in pairs)


def test_a_region_without_shapes_has_a_map_of_points() -> None:
    figure = solution_map(solved(square_region(shapes=False)))
    points: Any = figure.axes[0].collections[0].get_offsets()
    assert len(points) == 36


def test_a_zone_without_a_shape_is_left_blank_and_holes_are_kept(tmp_path: Path) -> None:
    region = square_region()
    zones = region.boundaries["zones"].iloc[1:].copy()
    holed = zones.geometry.iloc[0].difference(zones.geometry.iloc[0].buffer(-500))
    zones.loc[zones.index[0], "geometry"] = MultiPolygon([holed])
    layers = dict(region.boundaries) | {"zones": zones}
    solution = solved(replace(region, boundaries=layers))
    figure = solution_map(solution)
    assert len(zone_colours(figure.axes[0])) == 35
    folder = report(tmp_path / "out", region.today(solution.problem.service), solution)
    assert (folder / "map.gpkg").exists()


def test_a_region_in_degrees_is_drawn_in_metres() -> None:
    figure = solution_map(solved(degree_region()))
    west, east = figure.axes[0].get_xlim()
    assert 10_000 < east - west < 13_000
    assert "2 km" in words(figure)


def test_a_region_without_coordinates_has_no_map_and_says_why() -> None:
    with pytest.raises(InputError, match="no coordinates"):
        solution_map(solved(square_region(coordinates=False, shapes=False)))


def test_a_map_is_written_only_where_its_path_says(tmp_path: Path) -> None:
    solution_map(solved(), path=tmp_path / "a.png")
    assert (tmp_path / "a.png").read_bytes().startswith(b"\x89PNG")
    assert solved().map()._repr_png_().startswith(b"\x89PNG")


def test_drawing_leaves_no_figure_open() -> None:
    solution_map(solved())
    frontier_chart(TwoPoints())
    pyplot = sys.modules.get("matplotlib.pyplot")
    assert pyplot is None or not pyplot.get_fignums()


def test_the_chart_of_a_trade_off_names_both_measures_with_units() -> None:
    axes: Any = frontier_chart(TwoPoints()).axes[0]
    assert axes.get_xlabel() == "Lives saved (lives a year; higher is better)"
    assert axes.get_ylabel() == "Mean journey (minutes; lower is better)"
    assert [t.get_text() for t in axes.get_legend().get_texts()] == ["2 sites", "3 sites"]


def test_the_chosen_configuration_is_ringed_and_each_number_of_sites_labelled() -> None:
    axes: Any = frontier_chart(TwoPoints(), chosen=("B", "A")).axes[0]
    entries = [t.get_text() for t in axes.get_legend().get_texts()]
    assert entries == ["2 sites", "3 sites", "chosen here"]
    ring = next(line for line in axes.lines if line.get_label() == "chosen here")
    assert (list(ring.get_xdata()), list(ring.get_ydata())) == ([40.0], [12.0])
    assert [t.get_text() for t in axes.texts] == ["2", "3"]
    elsewhere: Any = frontier_chart(TwoPoints(), chosen=("A",)).axes[0]
    assert "chosen here" not in [t.get_text() for t in elsewhere.get_legend().get_texts()]


def test_a_chart_that_is_not_complete_says_so() -> None:
    cut = TwoPoints()
    cut.unfinished = (3,)
    assert "Not complete: stopped early for 3 sites" in words(frontier_chart(cut))


def test_one_extreme_point_is_named_at_the_edge_and_squashes_nothing() -> None:
    extreme = TwoPoints()
    row = extreme.points.iloc[[1]]
    more = [row.assign(number=k, mean_minutes=m) for k, m in ((4, 11.0), (5, 14.0), (0, 900.0))]
    extreme.points = pd.concat([extreme.points, *more], ignore_index=True)
    figure = frontier_chart(extreme)
    assert figure.axes[0].get_ylim()[1] < 15
    assert "0 sites: 20.0 lives a year, 900.0 minutes" in words(figure)


@pytest.mark.parametrize(("length", "rounded"), [(11_999.0, 10_000.0), (4_999, 2_000), (70, 50)])
def test_a_scale_bar_has_a_round_length(length: float, rounded: float) -> None:
    assert round_length(length) == rounded
