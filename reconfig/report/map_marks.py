"""What is drawn on a panel of a map: zones, districts, sites by what happens to them, and names."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np
import shapely
from matplotlib.axes import Axes
from matplotlib.collections import LineCollection, PathCollection
from matplotlib.lines import Line2D
from matplotlib.path import Path as Outline

from reconfig.appraise import Appraisal, Comparison
from reconfig.report.dissolve import polygons
from reconfig.report.labels import MapName, place_names
from reconfig.report.layers import Layers
from reconfig.report.map_frame import Key, View
from reconfig.report.scale import draw_scale_and_north

# With more sites than these no name can be read: markers are small, and the tables have the names.
MOST_NAMED = 40
CROWDED = "Sites are too many to be named here: the tables name them."
NAMES_LEFT_OUT = "A name of a district or a neighbour that would cover another is left out."
SMALLER = 0.35
# More zones than these are drawn as an image even in a file of lines and curves, which stays small.
MOST_OUTLINES = 3000
# The colour of zones of which a map says nothing, and of water and of what is outside.
PLAIN = "#e4e4e4"
# The line around an area; how many steps a reader sees across a panel; how many squares of a step
# an area must have to be worth a line.
LIMIT = "#222222"
FINEST, SPECK = 2500.0, 60.0
# Zones without shapes are spots, which share an area (square points); the ends of their size.
SPOTS, SMALLEST_SPOT, LARGEST_SPOT = 30_000.0, 3.0, 70.0
# The corner that a scale bar and a north arrow need, as shares of a panel.
BAR_ACROSS, BAR_UP = 0.35, 0.12

OPEN, OPENS, CLOSES = "open", "opens", "closes"
PROPOSED, NEIGHBOUR = "proposed, not open", "neighbour, always open (inside the frame)"
# In the order of the key; what must be named first comes first.
MARKS: dict[str, dict[str, Any]] = {
    OPEN: {"marker": "o", "s": 60, "facecolor": "white", "edgecolor": "black", "linewidth": 2.0},
    OPENS: {"marker": "D", "s": 62, "facecolor": "white", "edgecolor": "black", "linewidth": 2.4},
    CLOSES: {"marker": "X", "s": 70, "facecolor": "black", "edgecolor": "white", "linewidth": 1.0},
    PROPOSED: {
        "marker": "D",
        "s": 36,
        "facecolor": "white",
        "edgecolor": "#555555",
        "linewidth": 0.9,
    },
    NEIGHBOUR: {
        "marker": "s",
        "s": 26,
        "facecolor": "#666666",
        "edgecolor": "white",
        "linewidth": 0.8,
    },
}
NAMES: dict[str, dict[str, Any]] = {
    OPEN: {"size": 8.5, "weight": "bold"},
    OPENS: {"size": 8.5, "weight": "bold"},
    CLOSES: {"size": 7.5, "colour": "#222222"},
    PROPOSED: {"size": 7.5, "colour": "#444444"},
    NEIGHBOUR: {"size": 6.5, "colour": "#444444", "optional": True},
}


def draw_zones(axes: Axes, layers: Layers, colours: Sequence[str]) -> None:
    """Colour every zone, given one colour a zone; zones without a shape stay blank."""
    image = len(colours) > MOST_OUTLINES
    if not layers.areas:
        spots = layers.zones.geometry
        size = min(max(SPOTS / max(len(colours), 1), SMALLEST_SPOT), LARGEST_SPOT)
        axes.scatter(spots.x, spots.y, s=size, c=list(colours), zorder=1, rasterized=image)
        return
    drawn = [
        (outline(shape), colour)
        for shape, colour in zip(layers.zones.geometry, colours, strict=True)
        if shape is not None and not shape.is_empty
    ]
    faces = [colour for _, colour in drawn]
    # Edges in the face's own colour close the hairlines between neighbours.
    axes.add_collection(
        PathCollection(
            [o for o, _ in drawn],
            facecolors=faces,
            edgecolors=faces,
            linewidths=0.3,
            rasterized=image,
        )
    )


def outline(shape: Any) -> Outline:
    """Return a polygon, or several, holes included, as one matplotlib path."""
    rings = [
        Outline(shapely.get_coordinates(ring), closed=True)
        for polygon in polygons(shape)
        for ring in (polygon.exterior, *polygon.interiors)
    ]
    if len(rings) == 1:
        return rings[0]
    return Outline.make_compound_path(*rings) if rings else Outline(np.empty((0, 2)))


def draw_areas(
    axes: Axes, areas: Mapping[Any, Any], colours: Mapping[Any, str], width: float
) -> None:
    """Fill areas (key -> shape) with colours by key, and draw their limits.

    Corners that a reader cannot see are left out, and so are the limits of specks.
    """
    west, east = axes.get_xlim()
    seen = (east - west) / FINEST
    faces = [colours[key] for key in areas]
    paths = [outline(shapely.simplify(shape, seen)) for shape in areas.values()]
    axes.add_collection(
        PathCollection(paths, facecolors=faces, edgecolors=faces, linewidths=0.4, zorder=1)
    )
    rings = [
        ring
        for shape in areas.values()
        for part in polygons(shape)
        for ring in (part.exterior, *part.interiors)
        if shapely.area(shapely.Polygon(ring)) > SPECK * seen**2
    ]
    lines = [shapely.get_coordinates(shapely.simplify(ring, seen)) for ring in rings]
    axes.add_collection(LineCollection(lines, colors=LIMIT, linewidths=width, zorder=1.5))


def draw_districts(axes: Axes, layers: Layers, colour: str = "white", width: float = 1.1) -> None:
    """Draw the outlines of the districts, where the region has them."""
    if layers.districts is None:
        return
    lines = [
        np.asarray(line.coords)[:, :2]
        for shape in layers.districts.geometry.boundary
        for line in getattr(shape, "geoms", [shape])
    ]
    axes.add_collection(LineCollection(lines, colors=colour, linewidths=width, zorder=2))


def draw_furniture(axes: Axes, layers: Layers) -> None:
    """Draw the scale bar and the north arrow at the foot, on the side with fewer zones."""
    box = layers.zones.geometry.bounds.dropna()
    west, east = axes.get_xlim()
    south, north = axes.get_ylim()
    across = ((box["minx"] + box["maxx"]) / 2 - west) / (east - west)
    low = across[((box["miny"] + box["maxy"]) / 2 - south) / (north - south) < BAR_UP]
    right = (low > 1 - BAR_ACROSS).sum() < (low < BAR_ACROSS).sum()
    draw_scale_and_north(axes, right=bool(right))


def states_of(comparison: Comparison, shown: Appraisal) -> dict[str, str]:
    """Return site -> one of MARKS, for the sites that a panel marks.

    shown: the appraisal of the panel. Sites closed both before and after, unless they are only
    proposed, are no news and are left out.
    """
    before, after = comparison.before, comparison.after
    service, proposed = after.service, after.region.sites["proposed"]
    found = {}
    for site in sorted({*service.candidates, *service.always_open}):
        if site in service.always_open:
            found[site] = NEIGHBOUR
        elif site in shown.open:
            found[site] = OPEN if shown is before or site in before.open else OPENS
        elif site in before.open:
            found[site] = CLOSES
        elif proposed[site]:
            found[site] = PROPOSED
    return found


def inside(layers: Layers, view: View) -> dict[str, tuple[float, float]]:
    """Return the places of the sites inside the frame, by id."""
    west, south, east, north = view
    where = {str(site): (point.x, point.y) for site, point in layers.sites.geometry.items()}
    return {s: (x, y) for s, (x, y) in where.items() if west < x < east and south < y < north}


def is_crowded(comparison: Comparison, layers: Layers, view: View) -> bool:
    """Say whether sites are too many to be named, on every panel of a sheet alike."""
    marked = {*comparison.before.open, *comparison.after.open}
    return len(marked & inside(layers, view).keys()) > MOST_NAMED


def names_note(comparison: Comparison, layers: Layers, view: View) -> str:
    """Say which names a sheet leaves out."""
    if is_crowded(comparison, layers, view):
        return CROWDED
    return NAMES_LEFT_OUT


def draw_sites(
    axes: Axes,
    comparison: Comparison,
    shown: Appraisal,
    layers: Layers,
    view: View,
    *,
    numbers: Mapping[str, str] | None = None,
    more: Sequence[MapName] = (),
    taken: Sequence[tuple[float, float]] = (),
    districts: bool = True,
) -> None:
    """Mark the sites inside the frame by their state, and name them and the districts.

    Names are left out where sites are too many to be named. numbers: site -> what follows its
    name. more: further names. taken: further points that no name may cover. districts: whether to
    name them.
    """
    where, crowded = inside(layers, view), is_crowded(comparison, layers, view)
    states = {s: kind for s, kind in states_of(comparison, shown).items() if s in where}
    names: list[MapName] = []
    for kind, mark in MARKS.items():
        sites = [site for site, state in states.items() if state == kind]
        if not sites:
            continue
        x, y = zip(*(where[s] for s in sites), strict=True)
        axes.scatter(x, y, zorder=5, **(_smaller(mark) if crowded else mark))
        for name, site in zip(shown.region.site_names(sites), sites, strict=True):
            text = f"{name} {numbers[site]}" if numbers and site in numbers else name
            names.append(MapName(text, *where[site], **NAMES[kind]))
    if crowded:
        return
    names += more
    if districts:
        names += _district_names(layers)
    place_names(axes, names, [*(where[s] for s in states), *taken])


def _district_names(layers: Layers) -> Iterable[MapName]:
    if layers.districts is None:
        return []
    centres = layers.districts.geometry.representative_point()
    return [
        MapName(
            str(district),
            point.x,
            point.y,
            7.0,
            "#222222",
            style="italic",
            on_point=True,
            optional=True,
        )
        for district, point in zip(layers.districts["district"], centres, strict=True)
    ]


def _smaller(mark: Mapping[str, Any]) -> dict[str, Any]:
    return {**mark, "s": SMALLER * mark["s"], "linewidth": 0.5 * mark["linewidth"]}


def marks_key(comparison: Comparison, layers: Layers, view: View, *shown: Appraisal) -> Key:
    """Return the key of the markers that some panels have inside the frame."""
    where = inside(layers, view)
    there = {
        kind
        for appraisal in shown
        for site, kind in states_of(comparison, appraisal).items()
        if site in where
    }
    return Key([_handle(kind, mark) for kind, mark in MARKS.items() if kind in there])


def _handle(kind: str, mark: Mapping[str, Any]) -> Line2D:
    return Line2D(
        [],
        [],
        linestyle="none",
        marker=mark["marker"],
        markersize=0.9 * float(np.sqrt(mark["s"])),
        markerfacecolor=mark["facecolor"],
        markeredgecolor=mark["edgecolor"],
        markeredgewidth=0.8 * mark["linewidth"],
        label=kind,
    )
