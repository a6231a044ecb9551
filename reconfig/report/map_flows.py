"""A still map of the patients who move: from the site that they use today to the next."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from matplotlib import patheffects
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import FancyArrowPatch, Patch

from reconfig.appraise import Comparison
from reconfig.report.layers import Layers
from reconfig.report.map_frame import (
    Key,
    View,
    change_title,
    layers_of,
    sheet,
    small_print,
    view_of,
)
from reconfig.report.map_marks import (
    PLAIN,
    draw_districts,
    draw_furniture,
    draw_sites,
    draw_zones,
    inside,
    is_crowded,
    marks_key,
    names_note,
)
from reconfig.report.maps import saved
from reconfig.report.scale import round_length

MOVED, ARROW = "#fbd3b6", "#54278f"
WIDEST_POINTS, CROWDED_POINTS, THINNEST_POINTS = 8.0, 4.0, 0.7
# How far an arrow bends, as a share of its length: the way back is then another line.
BEND = 0.18
# More arrows than these cannot all bear a number.
MOST_NUMBERED = 30
# Where on its arrow a number may stand, the best place first, and how far from all else.
ALONG = (0.5, 0.4, 0.6, 0.3, 0.7)
CLEAR_POINTS = 13.0

Where = Mapping[str, tuple[float, float]]


def flow_map(comparison: Comparison, *, path: str | Path | None = None) -> Figure:
    """Return a map of arrows from the sites that patients leave to those that they go to.

    An arrow is as wide as the cases a year are many, and has their number. path: a PNG file to
    write as well. Raises InputError where the region has no coordinates, or for several services at
    once.
    """
    layers = layers_of(comparison)
    region, service = comparison.before.region, comparison.before.service
    flows = moved_flows(comparison)
    sites = pd.unique(pd.concat([flows["site_before"], flows["site_after"]]))
    ends = layers.sites.geometry.loc[list(sites)]
    view = view_of(layers, zip(ends.x, ends.y, strict=True))
    most = float(flows["cases"].max()) if len(flows) else 0.0
    crowded = is_crowded(comparison, layers, view)
    numbered = flows.head(0) if crowded else flows.head(MOST_NUMBERED)
    widest = CROWDED_POINTS if crowded else WIDEST_POINTS
    drawn = sheet(
        view,
        f"{service.name} in {region.name}: patients who change site",
        [f"{change_title(comparison)}; {flows['cases'].sum():,.0f} cases a year move"],
        [_key(most, widest), marks_key(comparison, layers, view, comparison.after)],
        small_print(
            comparison,
            *_notes(flows, len(numbered), most, widest),
            names_note(comparison, layers, view),
        ),
    )
    axes = drawn.panels[0]
    going = comparison.moved.loc[comparison.moved["cases"] > 0].index
    is_going = comparison.zones.index.isin(going)
    draw_zones(axes, layers, [MOVED if own else PLAIN for own in is_going])
    draw_districts(axes, layers)
    where = {str(site): (point.x, point.y) for site, point in layers.sites.geometry.items()}
    _draw_arrows(axes, flows, where, most, widest)
    _draw_all_names(axes, comparison, layers, view, numbered, where)
    draw_furniture(axes, layers)
    return saved(drawn.figure, path)


def moved_flows(comparison: Comparison) -> pd.DataFrame:
    """Return the flows of those who move that are of any cases, the largest first."""
    flows = comparison.flows
    return flows[flows["cases"] > 0].sort_values("cases", ascending=False, kind="stable")


def _draw_arrows(axes: Axes, flows: pd.DataFrame, where: Where, most: float, widest: float) -> None:
    # The widest first, so that the thin ones lie on top.
    for row in flows.itertuples():
        start, end = where[str(row.site_before)], where[str(row.site_after)]
        if start == end:
            continue
        tail = _points(float(str(row.cases)), most, widest)
        head = 3.0 + 1.7 * tail
        axes.add_patch(
            FancyArrowPatch(
                start,
                end,
                connectionstyle=f"arc3,rad={BEND}",
                arrowstyle=f"simple,tail_width={tail},head_width={head},head_length={head}",
                mutation_scale=1.0,
                facecolor=ARROW,
                edgecolor="white",
                linewidth=0.4 if tail > 2 * THINNEST_POINTS else 0.0,
                alpha=0.85,
                shrinkA=4.0,
                shrinkB=5.0,
                zorder=3,
            )
        )


def _points(cases: float, most: float, widest: float) -> float:
    """Return the width of an arrow in points, in proportion to its cases but never too thin."""
    return max(widest * cases / most, THINNEST_POINTS)


def on_arrow(
    start: tuple[float, float], end: tuple[float, float], share: float
) -> tuple[float, float]:
    """Return the point at a share (0 to 1) of the way along an arrow from start to end.

    An arrow is a quadratic Bezier curve, whose middle corner is off the straight line by BEND.
    """
    (x1, y1), (x2, y2) = start, end
    x = (x1 + x2) / 2 + BEND * (y2 - y1)
    y = (y1 + y2) / 2 - BEND * (x2 - x1)
    first, middle, last = (1 - share) ** 2, 2 * share * (1 - share), share**2
    return first * x1 + middle * x + last * x2, first * y1 + middle * y + last * y2


def _draw_all_names(
    axes: Axes,
    comparison: Comparison,
    layers: Layers,
    view: View,
    numbered: pd.DataFrame,
    where: Where,
) -> None:
    """Write the number of each arrow on it, and the names of sites clear of the numbers."""
    middles: list[tuple[float, float]] = []
    sites = list(inside(layers, view).values())
    for row in numbered.itertuples():
        start, end = where[str(row.site_before)], where[str(row.site_after)]
        x, y = _clear(axes, [on_arrow(start, end, share) for share in ALONG], [*sites, *middles])
        note = axes.text(
            x, y, f"{row.cases:,.0f}", fontsize=7.5, color=ARROW, ha="center", va="center", zorder=6
        )
        note.set_path_effects([patheffects.withStroke(linewidth=2.4, foreground="white")])
        middles.append((x, y))
    draw_sites(axes, comparison, comparison.after, layers, view, taken=middles, districts=False)


def _clear(
    axes: Axes, places: Sequence[tuple[float, float]], taken: Sequence[tuple[float, float]]
) -> tuple[float, float]:
    """Return the first of some places that is clear of others, or else the one clear by most."""
    if not taken:
        return places[0]
    pixels = axes.transData.transform
    away = [float(np.hypot(*(pixels(taken) - pixels(place)).T).min()) for place in places]
    enough = CLEAR_POINTS * axes.figure.dpi / 72.0
    return places[next((k for k, far in enumerate(away) if far >= enough), int(np.argmax(away)))]


def _notes(flows: pd.DataFrame, numbered: int, most: float, widest: float) -> list[str]:
    """Say which arrows have no number, and which are drawn wider than their cases."""
    said = []
    if len(flows) > numbered:
        which = f"The {numbered} widest arrows have" if numbered else "No arrow has"
        said.append(f"{which} a number, for want of room: the table of flows has all {len(flows)}.")
    thin = THINNEST_POINTS * most / widest
    if len(flows) and float(flows["cases"].min()) < thin:
        said.append(f"Arrows of fewer than {thin:,.3g} cases a year are all of one width.")
    return said


def _key(most: float, widest: float) -> Key:
    handles: list[Any] = []
    if most > 0:
        largest = round_length(most)
        for cases in dict.fromkeys((round_length(largest / 9), round_length(largest / 3), largest)):
            width = _points(cases, most, widest)
            line = Line2D([], [], color=ARROW, linewidth=width, label=f"{cases:,g}")
            line.set_solid_capstyle("butt")
            handles.append(line)
    for colour, label in ((MOVED, "zones whose patients move"), (PLAIN, "other zones")):
        handles.append(Patch(facecolor=colour, edgecolor="#999999", linewidth=0.4, label=label))
    return Key(handles, "Arrows, from a site to the next: cases a year")
