"""What the page's map is coloured by: the still maps' classes, and a colour for every site."""

from __future__ import annotations

from typing import Any

import numpy as np

from reconfig.appraise import Comparison
from reconfig.report.classes import Classes, change_classes, minute_classes
from reconfig.report.words import minutes_by, name_of, where_to

# Paul Tol's light scheme: told apart by people with any of the common colour blindnesses, and
# light enough for black names to be read on them.
CATCHMENTS = (
    "#77aadd",
    "#ee8866",
    "#eedd88",
    "#ffaabb",
    "#44bb99",
    "#99ddff",
    "#bbcc33",
    "#aaaa00",
)
# So many of a site's nearest neighbours have other colours than it, where there are enough.
NEAREST = 7


def classes_for(comparison: Comparison) -> dict[str, Any]:
    """Return the classes of minutes and of changes as the page knows them.

    The scale is the still maps'; its last class has no end here, since any map can be asked for.
    """
    zones = comparison.zones
    minutes = minute_classes([zones["minutes_before"], zones["minutes_after"]])
    open_ended = (*minutes.labels[:-1], f"over {minutes.bounds[-1]:g}")
    return {
        "minutes": _told(Classes(minutes.bounds, minutes.colours, open_ended)),
        "change": _told(change_classes()),
    }


def _told(classes: Classes) -> dict[str, Any]:
    return {
        "bounds": list(classes.bounds),
        "colours": list(classes.colours),
        "labels": list(classes.labels),
    }


def key_titles(comparison: Comparison) -> dict[str, str]:
    """Return the title of the key for each way of colouring the map."""
    region, service = comparison.before.region, comparison.before.service
    before = name_of(comparison.before.configuration, "Before")
    unit = minutes_by(region)
    return {
        "minutes": f"Your map: {unit} {where_to(service)}",
        "change": f"Your map against {before}: change, in {unit}",
        "site": "Your map: where most cases of each place go; colours tell neighbours apart",
    }


def site_colours(points: np.ndarray) -> list[str]:
    """Return a colour for every site (points: sites x 2, metres) other than its neighbours'."""
    between = np.hypot(*(points[:, None, :] - points[None, :, :]).transpose(2, 0, 1))
    chosen: list[int] = []
    for site in range(len(points)):
        near = [k for k in np.argsort(between[site], kind="stable") if k < site][:NEAREST]
        used = [chosen[k] for k in near]
        # The colour that no near site has, or else that of the one furthest off.
        counts = [
            (used.count(c), -used.index(c) if c in used else 0, chosen.count(c), c)
            for c in range(len(CATCHMENTS))
        ]
        chosen.append(min(counts)[3])
    return [CATCHMENTS[c] for c in chosen]
