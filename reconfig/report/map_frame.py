"""The sheet of a still map: panels, title, keys (legends) and small print, each with its room."""

from __future__ import annotations

import textwrap
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.legend import Legend
from matplotlib.patches import Patch

from reconfig.appraise import Appraisal, Comparison
from reconfig.core import InputError, Service
from reconfig.core.faults import Faults
from reconfig.report.classes import Classes
from reconfig.report.figures import DOTS_PER_INCH, new_figure
from reconfig.report.layers import NO_MAP, Layers, map_layers
from reconfig.report.words import count_of, estimated_times, name_of, source_line

TWO_PANELS_INCHES, ONE_PANEL_INCHES, SIDE_INCHES, GAP_INCHES = 11.0, 8.0, 0.15, 0.15
# A page of A4 holds a panel of so many inches with all that belongs to it.
TALLEST_INCHES, NARROWEST_INCHES = 7.2, 5.5
# A panel is as high as its region asks for, within reason (height / width).
FLATTEST, TALLEST = 0.5, 1.4
TITLE_POINTS, PANEL_POINTS, KEY_POINTS, SMALL_POINTS = 13.0, 11.0, 8.5, 7.5
LINE_SPACING = 1.35
# How wide a character is on average, as a share of its height.
BOLD_CHARACTER, CHARACTER = 0.6, 0.55
POINTS_AN_INCH = 72.0
MARGIN = 0.04
# Room below the zones for the scale bar, as a share of their height.
FOOT = 0.06
# Height of a handle that is higher than a line, in lines.
TALL = 2.4

View = tuple[float, float, float, float]


@dataclass(frozen=True, eq=False)
class Key:
    """A legend below the panels: handles with their labels, under a title or none.

    tall: whether some handles are higher than a line of text.
    """

    handles: Sequence[Any]
    title: str | None = None
    tall: bool = False


@dataclass(frozen=True, eq=False)
class Sheet:
    """A figure with its panels, which are ready to be drawn on; view: west, south, east, north."""

    figure: Figure
    panels: list[Axes]
    view: View


def layers_of(comparison: Comparison) -> Layers:
    """Return the shapes of a comparison in metres; raise InputError where there are none."""
    region, service = comparison.before.region, comparison.before.service
    layers = map_layers(region, service)
    if layers is None:
        faults = Faults()
        if service.parts:
            found, expected = "several services at once", "one service, as each has its own maps"
        else:
            found, expected = NO_MAP, "easting and northing of zones and of sites"
        faults.add(region.name, "map", found, expected)
        raise InputError(faults.found)
    return layers.in_metres()


def view_of(layers: Layers, more: Iterable[tuple[float, float]] = ()) -> View:
    """Return west, south, east and north of a map: the zones, some points more, and a margin."""
    west, south, east, north = map(float, layers.zones.total_bounds)
    for x, y in more:
        west, south, east, north = min(west, x), min(south, y), max(east, x), max(north, y)
    spare = MARGIN * max(east - west, north - south, 1.0)
    foot = FOOT * (north - south)
    return west - spare, south - spare - foot, east + spare, north + spare


def sheet(
    view: View, title: str, panels: Sequence[str], keys: Sequence[Key], small_print: Sequence[str]
) -> Sheet:
    """Return a sheet with one or two panels, its words written and its panels empty.

    panels: a title each. small_print: sentences, wrapped to the width of the sheet.
    """
    count, gaps = len(panels), GAP_INCHES * (len(panels) - 1)
    panel, panel_height = _panel_inches(view, count)
    width = max(count * panel + gaps + 2 * SIDE_INCHES, NARROWEST_INCHES)
    figure = new_figure(width, width)
    figure.set_dpi(DOTS_PER_INCH)
    inside = width - 2 * SIDE_INCHES
    heading = _wrapped(title, inside, TITLE_POINTS, BOLD_CHARACTER)
    names = [_wrapped(name, panel, PANEL_POINTS, BOLD_CHARACTER) for name in panels]
    small = [
        line for text in small_print for line in _wrapped(text, inside, SMALL_POINTS, CHARACTER)
    ]
    legends = [_legend(figure, key, inside) for key in keys if key.handles]
    head = 0.2 + _line(TITLE_POINTS) * len(heading) + _line(PANEL_POINTS) * max(map(len, names))
    small_inches = _line(SMALL_POINTS) * len(small) + SIDE_INCHES
    foot = 0.16 + sum(inches for _, inches in legends) + small_inches
    height = head + panel_height + foot
    figure.set_size_inches(width, height)
    left = SIDE_INCHES / width
    words: dict[str, Any] = {"va": "top", "linespacing": LINE_SPACING, "parse_math": False}
    top = 1 - 0.1 / height
    figure.text(left, top, "\n".join(heading), fontsize=TITLE_POINTS, weight="bold", **words)
    figure.text(left, small_inches / height, "\n".join(small), fontsize=SMALL_POINTS, **words)
    under = foot - 0.06
    for legend, inches in legends:
        legend.set_bbox_to_anchor((left - 0.06 / width, under / height), figure.transFigure)
        under -= inches
    start = (width - count * panel - gaps) / 2
    found = []
    for k, lines in enumerate(names):
        x = start + k * (panel + GAP_INCHES)
        box = (x / width, foot / height, panel / width, panel_height / height)
        axes = figure.add_axes(box)
        axes.set_title(
            "\n".join(lines), fontsize=PANEL_POINTS, weight="bold", loc="left", parse_math=False
        )
        set_view(axes, view)
        found.append(axes)
    return Sheet(figure, found, view)


def _panel_inches(view: View, count: int) -> tuple[float, float]:
    """Return width and height of each of one or two panels, of the shape of the view."""
    west, south, east, north = view
    shape = min(max((north - south) / (east - west), FLATTEST), TALLEST)
    whole = TWO_PANELS_INCHES if count > 1 else ONE_PANEL_INCHES
    width = (whole - 2 * SIDE_INCHES - GAP_INCHES * (count - 1)) / count
    width = min(width, TALLEST_INCHES / shape)
    return width, width * shape


def _line(points: float) -> float:
    return LINE_SPACING * points / POINTS_AN_INCH


def _wrapped(text: str, inches: float, points: float, character: float) -> list[str]:
    across = inches * POINTS_AN_INCH / (character * points)
    return textwrap.wrap(text, max(int(across), 20))


def _legend(figure: Figure, key: Key, inches: float) -> tuple[Legend, float]:
    """Return a key in as many columns as there is room for, and its height in inches."""
    for columns in range(len(key.handles), 0, -1):
        legend = figure.legend(
            handles=list(key.handles),
            title=key.title,
            ncols=columns,
            loc="upper left",
            frameon=False,
            fontsize=KEY_POINTS,
            title_fontsize=KEY_POINTS,
            alignment="left",
            columnspacing=1.2,
            handletextpad=0.5,
            borderpad=0.25,
            labelspacing=0.35,
            handleheight=TALL if key.tall else None,
        )
        for text in (*legend.get_texts(), legend.get_title()):
            text.set_parse_math(False)
        box = legend.get_window_extent(figure.canvas.get_renderer())  # type: ignore[attr-defined]
        if columns == 1 or box.width <= inches * figure.dpi:
            break
        legend.remove()
    return legend, float(box.height) / figure.dpi


def set_view(axes: Axes, view: View) -> None:
    """Frame a map: equal scales, no ticks, a grey edge."""
    west, south, east, north = view
    axes.set_xlim(west, east)
    axes.set_ylim(south, north)
    axes.set_aspect("equal")
    axes.set_xticks([])
    axes.set_yticks([])
    for edge in axes.spines.values():
        edge.set_color("#bbbbbb")
    axes.apply_aspect()


def colour_key(
    classes: Classes, title: str, *, hatched: Sequence[int] = (), hatch: str = ""
) -> Key:
    """Return the key of the classes; some of them hatched."""
    patches = [
        Patch(
            facecolor=colour,
            label=label,
            edgecolor="#555555" if k in hatched else "#999999",
            linewidth=0.4,
            hatch=hatch if k in hatched else None,
        )
        for k, (colour, label) in enumerate(zip(classes.colours, classes.labels, strict=True))
    ]
    return Key(patches, title)


def panel_title(appraisal: Appraisal, otherwise: str) -> str:
    """Return what a panel shows: "Today: 10 sites"."""
    name = name_of(appraisal.configuration, otherwise)
    return f"{name}: {count_of(len(appraisal.open), 'site')}"


def both_titles(comparison: Comparison) -> list[str]:
    """Return the titles of the panels before and after."""
    return [panel_title(comparison.before, "Before"), panel_title(comparison.after, "After")]


def change_title(comparison: Comparison) -> str:
    """Return the title of a panel about the change: "Today: 10 sites → After: 4 sites"."""
    before, after = both_titles(comparison)
    return f"{before} → {after}"


def small_print(comparison: Comparison, *more: str) -> list[str]:
    """Return the sentences below a map: any of its own, which times are estimates, the sources."""
    region, service = comparison.before.region, comparison.before.service
    return [*(text for text in more if text), estimated_times(region, service), source_line(region)]


def of_most_cases(service: Service) -> str:
    """Say which site stands for a zone whose cases go to several; "" where they go to one."""
    if service.is_directed or (service.choice is not None and service.choice.minutes > 0):
        return "Each zone is shown by the site to which most of its cases go."
    return ""
