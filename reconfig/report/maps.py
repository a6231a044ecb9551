"""Still maps of minutes: before and after on one scale, the change, and isochrones."""

from __future__ import annotations

import itertools
from pathlib import Path

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import PathPatch

from reconfig.appraise import Comparison, compare
from reconfig.core import Solution
from reconfig.report.classes import (
    CHANGE_BOUNDS,
    Classes,
    band_classes,
    change_classes,
    minute_classes,
)
from reconfig.report.dissolve import dissolved
from reconfig.report.figures import save_png
from reconfig.report.layers import Layers
from reconfig.report.map_frame import (
    both_titles,
    change_title,
    colour_key,
    layers_of,
    panel_title,
    sheet,
    small_print,
    view_of,
)
from reconfig.report.map_marks import (
    draw_areas,
    draw_districts,
    draw_furniture,
    draw_sites,
    draw_zones,
    marks_key,
    names_note,
    outline,
)
from reconfig.report.words import minutes_by, number, where_to

# Zones whose journey is shorter are dotted, so that they are told apart in print without colour.
HATCH = "...."
SHORTER = tuple(k for k, bound in enumerate(CHANGE_BOUNDS) if bound < 0)


def solution_map(solution: Solution, *, path: str | Path | None = None) -> Figure:
    """Return two maps side by side: today, and the solution's configuration.

    path: a PNG file to write as well. Raises ValueError where the solution has no configuration,
    InputError where the region has no coordinates.
    """
    problem = solution.problem
    return comparison_map(compare(problem.region.today(problem.service), solution), path=path)


def comparison_map(comparison: Comparison, *, path: str | Path | None = None) -> Figure:
    """Return two maps side by side, before and after, coloured by minutes on the same scale.

    path: a PNG file to write as well. Raises InputError where the region has no coordinates, or for
    several services at once.
    """
    layers = layers_of(comparison)
    view = view_of(layers)
    region, service = comparison.before.region, comparison.before.service
    unit = minutes_by(region)
    scale = minute_classes([comparison.zones["minutes_before"], comparison.zones["minutes_after"]])
    pair = (comparison.before, comparison.after)
    drawn = sheet(
        view,
        f"{service.name} in {region.name}: {unit} {where_to(service)}",
        both_titles(comparison),
        [
            colour_key(scale, _capital(unit)),
            marks_key(comparison, layers, view, *pair),
        ],
        small_print(comparison, names_note(comparison, layers, view)),
    )
    for axes, appraisal in zip(drawn.panels, pair, strict=True):
        draw_zones(axes, layers, scale.colours_of(appraisal.assignment["minutes"]))
        draw_districts(axes, layers)
        draw_sites(axes, comparison, appraisal, layers, view)
        draw_furniture(axes, layers)
    return saved(drawn.figure, path)


def change_map(comparison: Comparison, *, path: str | Path | None = None) -> Figure:
    """Return a map of the change in minutes: blue and dotted is shorter, red is longer.

    path: a PNG file to write as well. Raises InputError as `comparison_map` does.
    """
    layers = layers_of(comparison)
    view = view_of(layers)
    region, service = comparison.before.region, comparison.before.service
    unit = minutes_by(region)
    scale = change_classes()
    change = comparison.zones["minutes_change"]
    found = scale.numbers(change)
    drawn = sheet(
        view,
        f"{service.name} in {region.name}: change in {unit} {where_to(service)}",
        [change_title(comparison)],
        [
            colour_key(scale, f"Change in {unit}", hatched=SHORTER, hatch=HATCH),
            marks_key(comparison, layers, view, comparison.after),
        ],
        small_print(comparison, names_note(comparison, layers, view)),
    )
    axes = drawn.panels[0]
    draw_zones(axes, layers, scale.colours_of(change))
    _dot(axes, layers, np.isin(found, SHORTER))
    draw_districts(axes, layers, "#888888", 0.8)
    draw_sites(axes, comparison, comparison.after, layers, view)
    draw_furniture(axes, layers)
    return saved(drawn.figure, path)


def isochrone_map(comparison: Comparison, *, path: str | Path | None = None) -> Figure:
    """Return a map of bands of 15, 30, 45 and 60 minutes after the change, each one area.

    A zone is in the band of its own minutes. The key says what share of cases is in each band.
    path: a PNG file to write as well. Raises InputError as `comparison_map` does.
    """
    layers = layers_of(comparison)
    view = view_of(layers)
    after = comparison.after
    region, service = after.region, after.service
    unit = minutes_by(region)
    minutes = after.assignment["minutes"]
    scale = band_classes(minutes)
    drawn = sheet(
        view,
        f"{service.name} in {region.name}: isochrones, {unit} {where_to(service)}",
        [panel_title(after, "After")],
        [
            colour_key(with_shares(scale, comparison), f"{_capital(unit)} (share of cases)"),
            marks_key(comparison, layers, view, after),
        ],
        small_print(comparison, names_note(comparison, layers, view)),
    )
    axes = drawn.panels[0]
    _draw_bands(axes, layers, scale, scale.numbers(minutes))
    draw_districts(axes, layers, "white", 0.8)
    draw_sites(axes, comparison, after, layers, view)
    draw_furniture(axes, layers)
    return saved(drawn.figure, path)


def with_shares(scale: Classes, comparison: Comparison) -> Classes:
    """Return the classes of isochrones with the share of cases of each in its label."""
    measures = comparison.after.measures
    within = [measures[f"share_within_{bound:g}"] for bound in scale.bounds]
    edges = [0.0, *within, 1.0]
    shares = [more - less for less, more in itertools.pairwise(edges)]
    labels = [
        f"{label} ({number(share, 'share of cases').removesuffix(' of cases')})"
        for label, share in zip(scale.labels, shares, strict=True)
    ]
    return Classes(scale.bounds, scale.colours, tuple(labels))


def saved(figure: Figure, path: str | Path | None) -> Figure:
    """Return the figure, written to a PNG file first where a path is given."""
    if path is not None:
        save_png(figure, path)
    return figure


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]


def _dot(axes: Axes, layers: Layers, chosen: np.ndarray) -> None:
    """Put dots over some zones."""
    shapes = layers.zones.geometry.to_numpy()
    if not layers.areas:
        spots = layers.zones.geometry[chosen]
        axes.scatter(spots.x, spots.y, s=1.5, c="#222222", zorder=1.5)
        return
    for shape in dissolved(shapes[chosen], np.ones(int(chosen.sum()))).values():
        patch = PathPatch(
            outline(shape), facecolor="none", edgecolor="#333333", linewidth=0.0, hatch=HATCH
        )
        patch.set_zorder(1.5)
        axes.add_patch(patch)


def _draw_bands(axes: Axes, layers: Layers, scale: Classes, bands: np.ndarray) -> None:
    if not layers.areas:
        draw_zones(axes, layers, [scale.colours[band] for band in bands])
        return
    areas = dissolved(layers.zones.geometry.to_numpy(), bands)
    draw_areas(axes, areas, dict(enumerate(scale.colours)), 0.5)
