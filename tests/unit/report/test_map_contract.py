"""Every map there is has a title, a key with units, a scale bar, a north arrow and its sources."""

from __future__ import annotations

import importlib
import inspect
import pkgutil
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from matplotlib.figure import Figure

from reconfig.appraise import Comparison, compare
from reconfig.core import Configuration, InputError, Region
from reconfig.report.figures import png_bytes
from reconfig.report.map_flows import flow_map
from reconfig.report.words import source_line
from tests.unit.report.places import FORMULA, SCRIPT, TEX, degree_region, square_region, surgery

StillMap = Callable[[Comparison], Figure]
# What the colours, circles and arrows of a map may be in.
UNITS = ("minutes by car", "cases a year")


def every_map() -> dict[str, StillMap]:
    """Return every function `<name>_map(comparison)` of the package that makes a figure."""
    package = importlib.import_module("reconfig.report.maps").__package__
    assert package is not None
    found: dict[str, StillMap] = {}
    paths = importlib.import_module("reconfig.report.words").__file__
    assert paths is not None
    for module in pkgutil.iter_modules([str(paths).rsplit("/", 1)[0]]):
        for name, thing in vars(importlib.import_module(f"{package}.{module.name}")).items():
            if not (name.endswith("_map") and inspect.isfunction(thing)):
                continue
            signature = inspect.signature(thing)
            first = next(iter(signature.parameters.values()), None)
            takes = first is not None and first.annotation == "Comparison"
            if takes and signature.return_annotation == "Figure":
                found[name] = thing
    return found


MAPS = every_map()


def compared(
    region: Region | None = None,
    *,
    before: tuple[str, ...] = ("A", "B"),
    after: tuple[str, ...] = ("A", "C"),
    standard: float | None = 12.0,
) -> Comparison:
    """Return a change of the square region in which one site opens and one closes."""
    place = region or square_region()
    service = replace(surgery(place), standard_minutes=standard)
    pair = [
        Configuration.of("surgery", sites, name=name)
        for sites, name in ((before, "Now"), (after, "Then"))
    ]
    return compare(*pair, region=place, service=service)


def faults(figure: Any, comparison: Comparison) -> list[str]:
    """Return what a map lacks of what every map must have."""
    keys = [legend.get_title().get_text() for legend in figure.legends]
    handles = [text.get_text() for legend in figure.legends for text in legend.get_texts()]
    texts = " ".join(text.get_text() for text in figure.texts).replace("\n", " ")
    service, region = comparison.before.service, comparison.before.region
    missing = {
        "a key of its colours": any(keys) and any(handles),
        "a unit in the key": any(unit in key.lower() for key in keys for unit in UNITS),
        "a key of its markers": "open" in handles,
        "its sources": source_line(region) in texts,
        "how times are known": "are estimates" in texts or "observed" in texts,
        "a title with service and region": f"{service.name} in {region.name}" in texts,
        "a panel": bool(figure.axes),
    }
    for axes in figure.axes:
        words = [text.get_text() for text in axes.texts]
        missing["a scale bar"] = any(word.endswith(" km") for word in words)
        missing["a north arrow"] = "N" in words
        missing["a title of each panel"] = "site" in axes.get_title(loc="left")
    return [what for what, there in missing.items() if not there]


def spilt(figure: Any) -> list[str]:
    """Return the words of a figure that are cut off at its edge."""
    figure.canvas.draw()
    whole = figure.bbox.padded(1.0)
    words = [*figure.texts, *(text for axes in figure.axes for text in axes.texts)]
    words += [text for legend in figure.legends for text in legend.get_texts()]
    boxes = [(w.get_text(), w.get_window_extent()) for w in words if w.get_text()]
    return [
        text
        for text, box in boxes
        if not (
            whole.x0 <= box.x0 and box.x1 <= whole.x1 and whole.y0 <= box.y0 and box.y1 <= whole.y1
        )
    ]


def test_the_maps_of_the_report_are_found() -> None:
    assert {
        "beyond_map",
        "catchment_map",
        "change_map",
        "comparison_map",
        "flow_map",
        "isochrone_map",
    } <= set(MAPS)


@pytest.mark.parametrize("name", MAPS)
def test_a_map_has_key_unit_source_scale_and_north_and_cuts_no_word_off(name: str) -> None:
    comparison = compared()
    figure = MAPS[name](comparison)
    assert faults(figure, comparison) == []
    assert spilt(figure) == []


@pytest.mark.parametrize("name", MAPS)
@pytest.mark.parametrize("kind", ["points", "degrees", "no projection", "choice", "nothing moves"])
def test_a_map_is_whole_whatever_the_region(name: str, kind: str) -> None:
    if kind == "choice":
        plain = compared()
        service = plain.before.service.with_choice(5.0, orders=3)
        pair = (plain.before.configuration, plain.after.configuration)
        comparison = compare(*pair, region=plain.before.region, service=service)
    elif kind == "nothing moves":
        comparison = compared(before=("A", "B"), after=("A", "B"))
    else:
        region = square_region(crs=None)
        if kind == "points":
            region = square_region(shapes=False, proposed=("B",))
        if kind == "degrees":
            region = degree_region()
        comparison = compared(region)
    figure = MAPS[name](comparison)
    assert faults(figure, comparison) == []
    assert png_bytes(figure).startswith(b"\x89PNG")


@pytest.mark.parametrize("name", MAPS)
def test_a_zone_without_a_shape_spoils_no_map(name: str) -> None:
    region = square_region()
    shapes = region.boundaries["zones"].iloc[3:]
    comparison = compared(replace(region, boundaries=dict(region.boundaries) | {"zones": shapes}))
    assert faults(MAPS[name](comparison), comparison) == []


@pytest.mark.parametrize("name", MAPS)
def test_a_region_without_coordinates_is_refused_in_words(name: str) -> None:
    comparison = compared(square_region(coordinates=False, shapes=False))
    with pytest.raises(InputError, match="no coordinates"):
        MAPS[name](comparison)


@pytest.mark.parametrize("name", MAPS)
def test_names_that_look_like_code_are_written_as_they_are(name: str) -> None:
    figure = MAPS[name](compared(before=("A", "B", "C"), after=("A", "B")))
    words = " ".join(text.get_text() for axes in figure.axes for text in axes.texts)
    assert all(site in words for site in (SCRIPT, FORMULA, TEX))
    png_bytes(figure)


def without_legend(figure: Any) -> None:
    """Take every key from a figure."""
    for legend in list(figure.legends):
        legend.remove()


def without_unit(figure: Any) -> None:
    """Take the units from the keys of a figure."""
    for legend in figure.legends:
        legend.get_title().set_text("Colours")


def without_source(figure: Any) -> None:
    """Take the last words, which are the small print, from a figure."""
    figure.texts[-1].remove()


@pytest.mark.parametrize(
    ("spoil", "expected"),
    [
        (without_legend, "a key of its colours"),
        (without_unit, "a unit in the key"),
        (without_source, "its sources"),
    ],
)
def test_a_map_that_loses_its_key_unit_or_source_is_found_out(
    spoil: Callable[[Any], None], expected: str
) -> None:
    comparison = compared()
    figure = flow_map(comparison)
    spoil(figure)
    assert expected in faults(figure, comparison)
