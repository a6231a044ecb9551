"""The plain rival of a road network: minutes from the straight-line distance alone."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from reconfig.network.paths import Floats


@dataclass(frozen=True)
class StraightLine:
    """minutes = fixed + per_km x km + per_root_km x square root of km."""

    fixed: float
    per_km: float
    per_root_km: float

    def minutes(self, km: Floats) -> Floats:
        """Minutes for these distances, of any shape."""
        result: Floats = self.fixed + self.per_km * km + self.per_root_km * np.sqrt(km)
        return result


def fit_straight_line(km: Floats, minutes: Floats, *, with_root: bool = True) -> StraightLine:
    """Least absolute deviations, by reweighted least squares, on pairs of distance and minutes."""
    columns = [np.ones_like(km), km] + ([np.sqrt(km)] if with_root else [])
    design = np.column_stack(columns)
    weight = np.ones(len(km))
    found = np.zeros(design.shape[1])
    for _ in range(30):
        root = np.sqrt(weight)
        found = np.linalg.lstsq(design * root[:, None], minutes * root, rcond=None)[0]
        weight = 1.0 / np.maximum(np.abs(minutes - design @ found), 0.05)
    return StraightLine(float(found[0]), float(found[1]), float(found[2]) if with_root else 0.0)
