"""A still map of catchments: who goes where, before and after."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import shapely
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Patch

from reconfig.appraise import Appraisal, Comparison
from reconfig.report.dissolve import dissolved, neighbours
from reconfig.report.labels import MapName
from reconfig.report.layers import Layers
from reconfig.report.map_frame import (
    Key,
    View,
    both_titles,
    layers_of,
    of_most_cases,
    sheet,
    small_print,
    view_of,
)
from reconfig.report.map_marks import (
    draw_areas,
    draw_furniture,
    draw_sites,
    draw_zones,
    inside,
    is_crowded,
    marks_key,
    names_note,
)
from reconfig.report.maps import saved

# Paul Tol's light scheme, made for areas with black names on them and for every colour vision.
COLOURS = (
    "#77AADD",
    "#EE8866",
    "#EEDD88",
    "#99DDFF",
    "#44BB99",
    "#FFAABB",
    "#BBCC33",
    "#AAAA00",
    "#DDDDDD",
)


def catchment_map(comparison: Comparison, *, path: str | Path | None = None) -> Figure:
    """Return two maps side by side of the zones that go to each site, before and after.

    A site has one colour on both; catchments side by side differ in colour where the nine colours
    allow, and a line is between them. path: a PNG file to write as well. Raises InputError where
    the region has no coordinates, or for several services at once.
    """
    layers = layers_of(comparison)
    view = view_of(layers)
    region, service = comparison.before.region, comparison.before.service
    colours = site_colours(comparison, layers)
    named = not is_crowded(comparison, layers, view)
    pair = (comparison.before, comparison.after)
    keys = [_key(colours, layers.areas, named), marks_key(comparison, layers, view, *pair)]
    notes = [of_most_cases(service), names_note(comparison, layers, view)]
    if named:
        notes.insert(0, "An arrow and a name on a catchment: its site is outside the frame.")
    title = f"{service.name} in {region.name}: catchments of sites"
    drawn = sheet(view, title, both_titles(comparison), keys, small_print(comparison, *notes))
    for axes, appraisal in zip(drawn.panels, pair, strict=True):
        _draw_catchments(axes, layers, appraisal, colours)
        numbers = {str(s): f"{n:,.0f}" for s, n in appraisal.volumes.items()}
        draw_sites(
            axes,
            comparison,
            appraisal,
            layers,
            view,
            numbers=numbers,
            more=_outside(appraisal, layers, view) if named else (),
            districts=False,
        )
        draw_furniture(axes, layers)
    return saved(drawn.figure, path)


def site_colours(comparison: Comparison, layers: Layers) -> dict[str, str]:
    """Return a colour for every site that zones go to, before or after, the same for both."""
    zones = comparison.zones
    beside = neighbours(layers.zones.geometry.representative_point().to_numpy())
    pairs: set[frozenset[str]] = set()
    for column in ("site_before", "site_after"):
        ends = zones[column].to_numpy(object)[beside]
        pairs |= {frozenset(pair) for pair in ends.tolist() if pair[0] != pair[1]}
    used = pd.unique(pd.concat([zones["site_before"], zones["site_after"]]))
    return coloured(sorted(map(str, used)), pairs, COLOURS)


def coloured(
    names: Sequence[str], pairs: Collection[frozenset[str]], colours: Sequence[str]
) -> dict[str, str]:
    """Return name -> colour such that neighbours differ, as far as the colours allow.

    By saturation (Brelaz 1979): always the name whose neighbours have most colours is next. Where
    its neighbours have every colour it takes the one that fewest of them have. No more names than
    colours: each has a colour of its own.
    """
    beside: dict[str, set[str]] = {name: set() for name in names}
    for one, other in map(tuple, pairs):
        beside[one].add(other)
        beside[other].add(one)
    found: dict[str, str] = {}
    while len(found) < len(names):
        waiting = [name for name in names if name not in found]
        name = max(
            waiting, key=lambda n: (len({found.get(m) for m in beside[n]} - {None}), len(beside[n]))
        )
        around = [found[other] for other in beside[name] if other in found]
        whole = list(found.values())
        # Of the colours that are free, the one least used: a few sites have a colour each.
        found[name] = min(colours, key=lambda c: (around.count(c), whole.count(c)))
    return found


def _draw_catchments(
    axes: Axes, layers: Layers, appraisal: Appraisal, colours: Mapping[str, str]
) -> None:
    sites = appraisal.assignment["site_id"].to_numpy(object)
    if not layers.areas:
        draw_zones(axes, layers, [colours[site] for site in sites])
        return
    draw_areas(axes, catchments(layers, sites), colours, 0.8)


def _outside(appraisal: Appraisal, layers: Layers, view: View) -> list[MapName]:
    """Return the names of sites outside the frame, to be written on their catchments."""
    sites = appraisal.assignment["site_id"].to_numpy(object)
    there = inside(layers, view)
    found = []
    for site, shape in catchments(layers, sites).items():
        if site not in there:
            spot = shape.representative_point()
            name = f"→ {appraisal.region.site_names([site])[0]} {appraisal.volumes[site]:,.0f}"
            found.append(MapName(name, spot.x, spot.y, 7.0, on_point=True))
    return found


def catchments(layers: Layers, sites: Any) -> dict[str, Any]:
    """Return site -> the area (or points) of the zones that go to it, given one site a zone."""
    codes, names = pd.factorize(np.asarray(sites, dtype=object), sort=True)
    shapes = layers.zones.geometry.to_numpy()
    found = dissolved(shapes, codes)
    return {str(names[code]): shape for code, shape in found.items() if _is_shape(shape)}


def _is_shape(shape: Any) -> bool:
    return bool(shape.geom_type.endswith("Point")) or bool(shapely.area(shape) > 0)


def _key(colours: Mapping[str, str], areas: bool, named: bool) -> Key:
    shown = list(dict.fromkeys(colours.values()))[:3]
    handles: list[Any] = [
        Patch(facecolor=colour, edgecolor="#222222", label="") for colour in shown
    ]
    handles[-1].set_label("colours part neighbours; a site keeps its colour; read the names")
    if areas:
        handles.append(Line2D([], [], color="#222222", linewidth=0.8, label="limit of a catchment"))
    title = "Where the cases of each zone are treated"
    return Key(handles, f"{title}; after a site's name: its cases a year" if named else title)
