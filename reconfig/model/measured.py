"""A measure as an expression: its journeys, its open sites, and the volumes of sites."""

from __future__ import annotations

import numpy as np

from reconfig.appraise import Measure
from reconfig.model.assembly import Assembly
from reconfig.model.expression import Linear, linear
from reconfig.model.volume_curve import measured_by_volume


def measured(
    assembly: Assembly, measure: Measure, group: str, rows: np.ndarray, *, wants_small: bool | None
) -> Linear | None:
    """Return a measure of a group as an expression; None for an average over no cases.

    group, rows, wants_small: as for `Assembly.measured`, which has the part that is a sum over
    journeys. An expression of what depends on volumes is never too good, and exact only almost.
    """
    if measure.by_volume(assembly.problem.service):
        return measured_by_volume(assembly, measure, rows, wants_small=wants_small)
    journeys = assembly.measured(measure, group, rows, wants_small=wants_small)
    if journeys is None or not measure.per_site:
        return journeys
    amounts = dict(zip(assembly.grid.sites, assembly.grid.of_sites(measure.per_site), strict=True))
    here = assembly.candidates(measure.only)
    sites = [(assembly.opened[site], amounts[site]) for site in here]
    return linear(journeys.constant, [*journeys.terms, *sites])
