"""What the maps draw: catchments, cases beyond the standard, flows, bands, and marks of sites."""

from __future__ import annotations

import io
from itertools import combinations
from typing import Any

import numpy as np
import pandas as pd
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st
from matplotlib.patches import FancyArrowPatch

from reconfig.appraise import appraise
from reconfig.appraise.beyond import cases_beyond
from reconfig.report import map_marks
from reconfig.report.classes import band_classes, change_classes
from reconfig.report.dissolve import dissolved, neighbours
from reconfig.report.figures import new_figure
from reconfig.report.labels import MapName, place_names
from reconfig.report.map_beyond import beyond_map, circles_of, standard_of
from reconfig.report.map_catchments import COLOURS, catchments, coloured, site_colours
from reconfig.report.map_flows import flow_map, moved_flows, on_arrow
from reconfig.report.map_frame import layers_of, view_of
from reconfig.report.map_marks import CLOSES, NEIGHBOUR, OPEN, OPENS, PROPOSED, states_of
from reconfig.report.maps import change_map, comparison_map, isochrone_map
from tests.property.strategies import examples
from tests.unit.report.places import square_region
from tests.unit.report.test_map_contract import compared

GREY = np.array([0.2126, 0.7152, 0.0722])


@given(st.sets(st.tuples(st.integers(0, 9), st.integers(0, 9)), max_size=14))
@examples(100)
def test_neighbours_differ_in_colour_where_each_has_fewer_than_there_are_colours(
    found: set[tuple[int, int]],
) -> None:
    """With more colours than any has neighbours a free one is always left."""
    pairs = {frozenset(map(str, pair)) for pair in found if pair[0] != pair[1]}
    names = [str(k) for k in range(10)]
    most = max(sum(name in pair for pair in pairs) for name in names)
    colours = COLOURS[: most + 1]
    chosen = coloured(names, pairs, colours)
    assert set(chosen) == set(names)
    assert all(len({chosen[name] for name in pair}) == 2 for pair in pairs)


def test_no_more_names_than_colours_have_a_colour_each() -> None:
    names = [str(k) for k in range(len(COLOURS))]
    assert len(set(coloured(names, set(), COLOURS).values())) == len(COLOURS)


def test_a_site_has_the_same_colour_before_and_after_and_its_neighbours_another() -> None:
    comparison = compared(before=("A", "B", "C"), after=("A", "B"))
    layers = layers_of(comparison)
    colours = site_colours(comparison, layers)
    assert set(colours) == {"A", "B", "C", "N"}
    assert len(set(colours.values())) == 4


def test_catchments_cover_every_zone_once() -> None:
    comparison = compared()
    layers = layers_of(comparison)
    found = catchments(layers, comparison.zones["site_after"])
    assert set(found) == set(comparison.zones["site_after"])
    whole = layers.zones.geometry.area.groupby(comparison.zones["site_after"]).sum()
    assert {site: shape.area for site, shape in found.items()} == pytest.approx(whole.to_dict())
    assert not any(one.overlaps(other) for one, other in combinations(found.values(), 2))


def test_shapes_that_cross_themselves_are_made_one_all_the_same() -> None:
    bow = shapely.Polygon([(0, 0), (2, 2), (2, 0), (0, 2)])
    square = shapely.box(2, 0, 4, 2)
    found = dissolved([bow, square, None], ["a", "a", "b"])
    assert list(found) == ["a"]
    assert found["a"].area == pytest.approx(2.0 + 4.0)


def test_squares_in_a_row_are_neighbours_of_the_next_only() -> None:
    points = shapely.points([[0.0, 0.0], [1.0, 0.1], [2.0, 0.0], [3.0, 0.1], [4.0, 0.0]])
    pairs = {tuple(sorted(pair)) for pair in neighbours([*points[:4], None, points[4]]).tolist()}
    assert {(0, 1), (1, 2), (2, 3), (3, 5)} <= pairs
    assert not pairs & {(0, 3), (0, 5), (1, 5)}


def test_circles_hold_every_case_beyond_and_lie_among_its_zones() -> None:
    comparison = compared()
    layers = layers_of(comparison)
    far = cases_beyond(comparison.after, 12.0)
    circles = circles_of(far, layers, view_of(layers))
    assert circles["cases"].sum() == pytest.approx(far.sum())
    assert far.sum() > 0
    west, south, east, north = layers.zones[far > 0].total_bounds
    assert circles["x"].between(west, east).all()
    assert circles["y"].between(south, north).all()


def test_hot_spots_say_whose_standard_it_is_and_how_many_cases_are_beyond() -> None:
    own, usual = compared(standard=12.0), compared(standard=None)
    assert standard_of(own.before.service) == (12.0, "the standard of access of Surgery")
    assert standard_of(usual.before.service)[0] == 45.0
    figure: Any = beyond_map(own)
    for axes, appraisal in zip(figure.axes, (own.before, own.after), strict=True):
        beyond = cases_beyond(appraisal, 12.0).sum()
        assert f"{beyond:,.0f} cases a year beyond" in axes.get_title(loc="left")
    assert "has no standard of its own" in figure_words(beyond_map(usual))


def figure_words(figure: Any) -> str:
    """Return the words below and above the panels, in one line."""
    return " ".join(text.get_text() for text in figure.texts).replace("\n", " ")


def test_every_flow_has_an_arrow_and_the_wider_the_more_cases() -> None:
    comparison = compared(before=("A", "B", "C"), after=("A",))
    flows = moved_flows(comparison)
    figure = flow_map(comparison)
    arrows = [p for p in figure.axes[0].patches if isinstance(p, FancyArrowPatch)]
    assert len(arrows) == len(flows) > 1
    style: Any = [arrow.get_arrowstyle() for arrow in arrows]
    widths = [one.tail_width for one in style]
    assert widths == pytest.approx((flows["cases"] / flows["cases"].max() * widths[0]).to_list())
    numbers = [f"{cases:,.0f}" for cases in flows["cases"]]
    assert set(numbers) <= {text.get_text() for text in figure.axes[0].texts}


def test_an_arrow_begins_at_the_first_site_and_ends_at_the_next() -> None:
    start, end = (0.0, 0.0), (10.0, 4.0)
    assert on_arrow(start, end, 0.0) == start
    assert on_arrow(start, end, 1.0) == end
    there, back = on_arrow(start, end, 0.5), on_arrow(end, start, 0.5)
    assert np.hypot(there[0] - back[0], there[1] - back[1]) > 1.0


def test_sites_are_marked_by_what_happens_to_them() -> None:
    comparison = compared(square_region(proposed=("C",)), before=("A", "B"), after=("A",))
    marks = {"A": OPEN, "B": CLOSES, "C": PROPOSED, "N": NEIGHBOUR}
    assert states_of(comparison, comparison.after) == marks
    assert states_of(comparison, comparison.before) == marks | {"B": OPEN}
    opening = compared(after=("A", "C"))
    assert states_of(opening, opening.after)["C"] == OPENS
    assert "C" not in states_of(opening, opening.before)


def test_shorter_journeys_are_dotted_so_that_grey_print_tells_them_from_longer_ones() -> None:
    figure: Any = change_map(compared())
    patches = figure.legends[0].get_patches()
    words = [text.get_text() for text in figure.legends[0].get_texts()]
    dotted = [word for patch, word in zip(patches, words, strict=True) if patch.get_hatch()]
    assert dotted == [word for word in words if word.endswith("shorter")]
    assert len(dotted) == 2
    assert [p.get_hatch() for p in figure.axes[0].patches if p.get_hatch()]


@pytest.mark.parametrize("longest", [5.0, 15.0, 16.0, 45.0, 60.0, 61.0])
def test_bands_end_with_the_band_of_the_longest_journey(longest: float) -> None:
    classes = band_classes(pd.Series([1.0, longest]))
    assert len(classes.colours) == len(classes.labels) == len(classes.bounds) + 1
    label = classes.labels[int(classes.numbers(pd.Series([longest]))[0])]
    words = label.split()
    low, high = 0.0, float(words[-1])
    if label.startswith("over"):
        low, high = float(words[1]), float(words[-1]) if "to" in words else np.inf
    assert low < longest <= high


def test_longer_is_darker_and_so_is_a_further_band() -> None:
    def light(colours: tuple[str, ...]) -> list[float]:
        return [float(GREY @ [int(c[k : k + 2], 16) for k in (1, 3, 5)]) for c in colours]

    for colours in (band_classes(pd.Series([99.0])).colours, change_classes().colours[2:]):
        shades = light(colours)
        assert shades == sorted(shades, reverse=True)


def test_the_key_of_isochrones_shares_out_all_cases() -> None:
    figure: Any = isochrone_map(compared())
    words = [text.get_text() for text in figure.legends[0].get_texts()]
    shares = [float(word.split("(")[1].rstrip("%)")) for word in words]
    assert sum(shares) == pytest.approx(100.0, abs=0.2)
    within = compared().after.measures["share_within_15"]
    assert shares[0] == pytest.approx(100 * within, abs=0.06)


def test_a_map_of_very_many_zones_holds_them_as_an_image(monkeypatch: pytest.MonkeyPatch) -> None:
    comparison = compared()
    assert "<image" not in svg(comparison_map(comparison))
    monkeypatch.setattr(map_marks, "MOST_OUTLINES", 35)
    assert "<image" in svg(comparison_map(comparison))


def svg(figure: Any) -> str:
    """Return the figure as SVG."""
    stream = io.StringIO()
    figure.savefig(stream, format="svg")
    return stream.getvalue()


def test_a_name_that_may_be_left_out_covers_nothing() -> None:
    axes = new_figure(4.0, 4.0).add_subplot()
    large = MapName("LARGE AND IN THE WAY", 0.5, 0.5, 30.0, on_point=True)
    small = [
        MapName("dropped", 0.5, 0.5, 8.0, on_point=True, optional=True),
        MapName("kept", 0.5, 0.5, 8.0, on_point=True),
        MapName("free", 0.5, 0.95, 8.0, on_point=True, optional=True),
    ]
    place_names(axes, [large, *small], [])
    assert [text.get_text() for text in axes.texts] == ["LARGE AND IN THE WAY", "kept", "free"]


def test_cases_beyond_are_those_that_are_not_within() -> None:
    comparison = compared()
    for minutes in (15, 30, 45):
        share = comparison.after.measures[f"share_within_{minutes}"]
        total = comparison.after.service.cases_per_year
        beyond = cases_beyond(comparison.after, float(minutes))
        assert list(beyond.index) == list(comparison.after.region.zones.index)
        assert beyond.sum() == pytest.approx((1 - share) * total)


def test_cases_beyond_count_the_rows_of_patients_who_choose() -> None:
    plain = compared()
    service = plain.before.service.with_choice(20.0, orders=3)
    found = appraise(plain.before.region, service, plain.before.configuration)
    share = found.measures["share_within_15"]
    assert cases_beyond(found, 15.0).sum() == pytest.approx((1 - share) * service.cases_per_year)
