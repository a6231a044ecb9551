"""Charts of uncertainty: they show what the tables say, and no label is cut off or covered."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from matplotlib.figure import Figure
from matplotlib.transforms import Bbox

from reconfig.analyse import Sensitivity, Uncertainty, sensitivity, uncertainty
from reconfig.core import Configuration
from reconfig.data import load_region
from reconfig.report import tornado_chart, uncertainty_chart
from tests.unit.analyse.uncertain import pairs, region_of, service_of

PNG = b"\x89PNG"


def small(number: int = 10, draws: int = 50) -> Uncertainty:
    """Return the uncertainty of some configurations of the small region."""
    region = region_of()
    service = service_of(region)
    return uncertainty(region, pairs(service)[:number], service=service, draws=draws)


def moved(*effects: str) -> Sensitivity:
    """Return the sensitivity of the small region's configurations."""
    region = region_of()
    service = service_of(region, *effects)
    return sensitivity(region, pairs(service), service=service)


def texts(figure: Figure) -> Iterator[tuple[str, Bbox]]:
    """Yield every text that is drawn, with its place in dots."""
    figure.draw_without_rendering()
    renderer = figure.canvas.get_renderer()  # type: ignore[attr-defined]
    some = [axes.xaxis.label for axes in figure.axes] + [a.yaxis.label for a in figure.axes]
    for axes in figure.axes:
        low, high = sorted(axes.get_xlim())
        ticks = zip(axes.get_xticks(), axes.get_xticklabels(), strict=True)
        some += [label for at, label in ticks if low <= at <= high]
        some += [axes.title]
    some += [text for legend in figure.legends for text in legend.get_texts()]
    for axes in figure.axes:
        low, high = sorted(axes.get_ylim())
        rows = zip(axes.get_yticks(), axes.get_yticklabels(), strict=True)
        some += [label for at, label in rows if low <= at <= high]
    for text in some:
        if text.get_text():
            yield text.get_text(), text.get_window_extent(renderer)


def assert_readable(figure: Figure) -> None:
    """Every text is inside the figure, and none lies over another."""
    found = list(texts(figure))
    width, height = figure.canvas.get_width_height()
    for text, box in found:
        inside = box.x0 >= 0 and box.y0 >= 0 and box.x1 <= width and box.y1 <= height
        assert inside, (text, box)
    for (one, first), (other, second) in itertools.combinations(found, 2):
        # A dot of overlap is the rounding of places.
        apart = (
            first.x1 - 1 <= second.x0
            or second.x1 - 1 <= first.x0
            or first.y1 - 1 <= second.y0
            or second.y1 - 1 <= first.y0
        )
        assert apart, (one, other)


def test_intervals_are_those_of_the_table() -> None:
    found = small()
    axes = uncertainty_chart(found).axes[0]
    drawn = sorted(tuple(s[:, 0]) for s in axes.collections[0].get_segments())  # type: ignore[attr-defined]
    table = found.table
    expected = sorted(zip(table["low"], table["high"], strict=True))
    assert [x for pair in drawn for x in pair] == pytest.approx(
        [x for pair in expected for x in pair]
    )
    labels = [label.get_text() for label in axes.get_yticklabels()]
    assert labels[-1].startswith(found.best)  # the best on top
    share = f"{table['probability_best'].iloc[0]:.0%}"
    assert labels[-1].endswith(f"best in {share} of draws")
    assert axes.get_xlabel() == "lives a year (estimated)"


def test_ten_are_shown_at_most_and_it_says_of_how_many() -> None:
    region = region_of()
    service = service_of(region)
    many = [
        Configuration.of(service.id, sites)
        for n in (2, 3)
        for sites in itertools.combinations(service.candidates, n)
    ]
    axes = uncertainty_chart(uncertainty(region, many, service=service, draws=20)).axes[0]
    assert len(axes.get_yticks()) == 10
    assert "the 10 of 20 with the largest mean" in axes.get_title()


def test_bars_of_the_tornado_are_those_of_the_table() -> None:
    found = moved()
    axes = tornado_chart(found).axes[0]
    bars = [(b.get_x(), b.get_x() + b.get_width()) for b in axes.patches]  # type: ignore[attr-defined]
    assert len(found.table) > 10
    rows = found.table.iloc[9::-1]  # ten at most, the one that moves most on top
    ends = [*rows["gain_low"], *rows["gain_high"]]
    assert len(bars) == len(ends) == 20
    for (start, end), gain in zip(bars, ends, strict=True):
        assert start == pytest.approx(found.central)
        assert end == pytest.approx(gain)
    said = [label.get_text().replace("\n", " ") for label in axes.get_yticklabels()]
    assert said[-1].endswith("0 to 1 share")  # a weight of belief
    assert any(label.endswith("-0.356 to 0.036 log odds ratio") for label in said)


def test_a_star_marks_an_end_at_which_another_is_preferred() -> None:
    def stars(found: Sensitivity) -> int:
        lines: Any = tornado_chart(found).axes[0].get_lines()
        return sum(len(x.get_xdata()) for x in lines if x.get_marker() == "*")

    assert stars(moved()) == 0
    found = moved("hub", "rota", "delay", "volume")
    shown = found.table.head(10)
    behind = (shown[["advantage_low", "advantage_high"]] < 0).to_numpy().sum()
    assert stars(found) == behind > 0
    names = [text.get_text() for text in tornado_chart(found).legends[0].get_texts()]
    assert names.count("another would be preferred") == 1


@pytest.mark.parametrize("number", [1, 2, 10])
def test_no_label_is_cut_off_or_covered_however_many_rows_there_are(number: int) -> None:
    assert_readable(uncertainty_chart(small(number)))
    assert_readable(uncertainty_chart(small(number, draws=2)))


def test_labels_of_greater_manchester_are_whole() -> None:
    region = load_region("greater-manchester")
    for service_id, open_sites in (("emergency-surgery", 7), ("vascular", 3)):
        service = region.service(service_id)
        chosen = [
            Configuration.of(service.id, sites)
            for sites in itertools.combinations(service.candidates, open_sites)
        ]
        assert_readable(uncertainty_chart(uncertainty(region, chosen, draws=300)))
        assert_readable(tornado_chart(sensitivity(region, chosen)))


def test_pngs_are_written_and_plot_gives_the_same_figures(tmp_path: Path) -> None:
    found, tornado = small(), moved()
    uncertainty_chart(found, path=tmp_path / "a.png")
    tornado_chart(tornado, path=tmp_path / "b.png")
    uncertainty_chart(small(), path=tmp_path / "c.png")
    for name in "abc":
        assert (tmp_path / f"{name}.png").read_bytes().startswith(PNG)
    assert (tmp_path / "a.png").read_bytes() == (tmp_path / "c.png").read_bytes()
    assert isinstance(found.plot(), Figure)
    assert isinstance(tornado.plot(), Figure)
