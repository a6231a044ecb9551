"""A still map of hot spots: the zones beyond the standard of access, and how many cases they have.

A large area may hold few people, so the cases are drawn as circles by number, not only as areas.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Patch

from reconfig.appraise import Comparison
from reconfig.appraise.beyond import cases_beyond
from reconfig.core import Service
from reconfig.report.layers import Layers
from reconfig.report.map_frame import (
    Key,
    View,
    layers_of,
    panel_title,
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
    marks_key,
    names_note,
)
from reconfig.report.maps import saved
from reconfig.report.scale import round_length
from reconfig.report.words import minutes_by

# Of a service without a standard of its own, minutes.
USUAL_STANDARD = 45.0
FAR, CIRCLE = "#f4a574", "#7a0177"
# Cases are added up in squares, so many across the map.
SQUARES_ACROSS = 25
LARGEST_POINTS = 21.0


def standard_of(service: Service) -> tuple[float, str]:
    """Return the minutes of the standard of access, and whose standard it is, in words."""
    if service.standard_minutes is not None:
        return service.standard_minutes, f"the standard of access of {service.name}"
    return USUAL_STANDARD, "the usual mark, as the service has no standard of its own"


def beyond_map(comparison: Comparison, *, path: str | Path | None = None) -> Figure:
    """Return two maps side by side of the cases beyond the standard of access, before and after.

    The standard is the service's own, or else 45 minutes; the map says which. path: a PNG file to
    write as well. Raises InputError where the region has no coordinates, or for several services at
    once.
    """
    layers = layers_of(comparison)
    view = view_of(layers)
    region, service = comparison.before.region, comparison.before.service
    minutes, whose = standard_of(service)
    unit = minutes_by(region)
    pair = (comparison.before, comparison.after)
    far = [cases_beyond(appraisal, minutes) for appraisal in pair]
    circles = [circles_of(cases, layers, view) for cases in far]
    most = max((float(c["cases"].max()) for c in circles if len(c)), default=0.0)
    titles = [
        f"{panel_title(appraisal, otherwise)}, {cases.sum():,.0f} cases a year beyond"
        for appraisal, otherwise, cases in zip(pair, ("Before", "After"), far, strict=True)
    ]
    side = _side(view) / 1000
    drawn = sheet(
        view,
        f"{service.name} in {region.name}: beyond {minutes:g} {unit}",
        titles,
        [_key(most, minutes, unit), marks_key(comparison, layers, view, *pair)],
        small_print(
            comparison,
            f"{minutes:g} minutes is {whose}. A circle stands for all cases beyond it in a square "
            f"of {side:.2g} km by {side:.2g} km, so that few people in a large area look few.",
            names_note(comparison, layers, view),
        ),
    )
    for axes, appraisal, cases, spots in zip(drawn.panels, pair, far, circles, strict=True):
        draw_zones(axes, layers, [FAR if own > 0 else PLAIN for own in cases])
        draw_districts(axes, layers)
        _draw_circles(axes, spots, most)
        draw_sites(axes, comparison, appraisal, layers, view)
        draw_furniture(axes, layers)
    return saved(drawn.figure, path)


def circles_of(cases: pd.Series[float], layers: Layers, view: View) -> pd.DataFrame:
    """Return x, y and cases of every square of the map in which there are cases.

    x, y: the centre of the cases, not of the square. Zones without a shape are left out.
    """
    points = layers.zones.geometry.representative_point()
    table = pd.DataFrame(
        {"x": points.x.to_numpy(), "y": points.y.to_numpy(), "cases": cases.to_numpy(float)}
    ).dropna()
    table = table[table["cases"] > 0]
    side = _side(view)
    square = [(table["x"] - view[0]) // side, (table["y"] - view[1]) // side]
    weighted = table.assign(x=table["x"] * table["cases"], y=table["y"] * table["cases"])
    found = weighted.groupby(square).sum().reset_index(drop=True)
    return found.assign(x=found["x"] / found["cases"], y=found["y"] / found["cases"])


def _side(view: View) -> float:
    """Return the side of a square, in metres."""
    west, south, east, north = view
    return max(east - west, north - south) / SQUARES_ACROSS


def _points(cases: float, most: float) -> float:
    """Return the diameter of a circle in points: its area goes with the cases."""
    return LARGEST_POINTS * float(np.sqrt(cases / most))


def _draw_circles(axes: Axes, spots: pd.DataFrame, most: float) -> None:
    sizes = [_points(cases, most) ** 2 for cases in spots["cases"]]
    axes.scatter(
        spots["x"],
        spots["y"],
        s=sizes,
        facecolor=CIRCLE,
        edgecolor="white",
        linewidth=0.6,
        alpha=0.75,
        zorder=3,
    )


def _key(most: float, minutes: float, unit: str) -> Key:
    handles: list[Patch | Line2D] = [
        Patch(facecolor=FAR, edgecolor="#999999", linewidth=0.4, label=f"zone beyond {minutes:g}"),
        Patch(facecolor=PLAIN, edgecolor="#999999", linewidth=0.4, label=f"within {minutes:g}"),
    ]
    for cases in _examples(most):
        handles.append(
            Line2D(
                [],
                [],
                linestyle="none",
                marker="o",
                markersize=_points(cases, most),
                markerfacecolor=CIRCLE,
                markeredgecolor="white",
                alpha=0.75,
                label=f"{cases:,g}",
            )
        )
    title = f"Shading: {unit}"
    if most > 0:
        title += ". Circles: cases a year beyond"
    return Key(handles, title, tall=most > 0)


def _examples(most: float) -> Sequence[float]:
    """Return the numbers of cases that the key shows, the smallest first."""
    if most <= 0:
        return ()
    largest = round_length(most)
    return (round_length(largest / 9), round_length(largest / 3), largest)
