"""The measure cost_gbp: what open sites and cases cost a year, by columns of the sites."""

from __future__ import annotations

import numpy as np

from reconfig.appraise.measures import Measure
from reconfig.appraise.register_measure import register_measure
from reconfig.core import Journeys
from reconfig.core.resources import CASE_COST, FIXED_COST


def _case_costs(to: Journeys) -> np.ndarray:
    assert to.case_cost is not None
    return np.asarray(to.cases * to.case_cost)


# Open candidates, and cases wherever they are treated; that a neighbour is open costs nothing here.
COST = register_measure(
    Measure(
        "cost_gbp",
        "Cost of sites and cases",
        "pounds a year",
        "lower",
        _case_costs,
        by_group=False,  # what it costs that a site is open is nobody's in particular
        per_site=FIXED_COST,
        columns=(FIXED_COST, CASE_COST),
    )
)
