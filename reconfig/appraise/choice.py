"""How far patients' choice of site must spread for a share of them to go past the nearest."""

from __future__ import annotations

import math

import numpy as np

from reconfig.appraise.grid import Grid
from reconfig.core import Faults, Region, Service
from reconfig.data import load_register

NEAREST_ERROR = "travel.nearest_error"
# Minutes between which a spread is sought, and how well it is found (a share of it).
LEAST, MOST = 1e-3, 1e4
PRECISION = 1e-9


def calibrate_choice(region: Region, service: Service, share: float | None = None) -> float:
    """Return the minutes of a `Choice` at which a share of cases goes past its nearest site today.

    share: of all cases that have a site, with the sites open that are today (neighbours too); where
    it is not given, travel.nearest_error of the region's register (the package's, where the region
    has none): the published error of sending everybody to the nearest unit. That is an error of the
    volumes of units. Patients who pass each other on the way cancel out in it, so at least about so
    many go elsewhere, and volumes move by less than it.
    The logit's share rises with the minutes, and is halved in on without sampling.
    Raises InputError for a share that no spread gives.
    """
    faults = Faults()
    if share is None:
        register = region.register if NEAREST_ERROR in region.register else load_register()
        share = float(register[NEAREST_ERROR].value)
    near = _further_by(Grid.of(region, service))
    if near is None:
        expected = "cases that can reach a site open today"
        faults.add(service.id, "calibrate_choice", "nobody reaches a site open today", expected)
        faults.raise_if_any()
    assert near is not None
    further, cases = near
    least, most = (share_elsewhere(further, cases, m) for m in (LEAST, MOST))
    if not least < share < most:
        faults.add(
            service.id,
            "calibrate_choice",
            f"share = {share:g}",
            f"a share above {least:.3g} and below {most:.3g}, which is what sites at random give",
        )
    faults.raise_if_any()
    low, high = LEAST, MOST
    while high - low > PRECISION * high:
        middle = math.sqrt(low * high)
        if share_elsewhere(further, cases, middle) < share:
            low = middle
        else:
            high = middle
    return high


def share_elsewhere(further: np.ndarray, cases: np.ndarray, minutes: float) -> float:
    """Return the share of cases that the logit sends elsewhere than to the nearest site.

    further: zones x open sites, minutes beyond the nearest (infinite where there is no way).
    """
    at_nearest = 1.0 / np.exp(-further / minutes).sum(axis=1)
    return float(((1.0 - at_nearest) * cases).sum() / cases.sum())


def _further_by(grid: Grid) -> tuple[np.ndarray, np.ndarray] | None:
    """Return minutes beyond the nearest site of today (rows x sites) and cases, of who has one."""
    opened = grid.columns({*grid.service.today, *grid.service.always_open})
    minutes = grid.minutes[:, opened]
    used = np.isfinite(minutes).any(axis=1) & (grid.cases > 0)
    if not used.any():
        return None
    reached = minutes[used]
    return reached - reached.min(axis=1, keepdims=True), grid.cases[used]
