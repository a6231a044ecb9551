"""Every number that is reported: measures of a configuration, computed without a solver."""

from reconfig.appraise.appraise import Appraisal, appraise, measure_values, overall_values
from reconfig.appraise.bounds import Bounds, bounds_by_group
from reconfig.appraise.caseload import Flows, caseload
from reconfig.appraise.check import JUDGES, Chosen, broken_by, room, spent, violations
from reconfig.appraise.check_measures import (
    can_be_optimised,
    check_demand,
    check_limit,
    check_measures,
    check_name,
    check_stage,
)
from reconfig.appraise.choice import calibrate_choice
from reconfig.appraise.compare import Comparison, compare
from reconfig.appraise.cost import COST
from reconfig.appraise.grid import Grid
from reconfig.appraise.joint import every_amount
from reconfig.appraise.lives import lives_saved, total_gain
from reconfig.appraise.measures import (
    ALSO_MINIMISED,
    MEASURES,
    Measure,
    OfGroups,
    find_measure,
    known_measures,
    reported_measures,
)
from reconfig.appraise.register_measure import register_measure
from reconfig.appraise.units import SHARE, SHARE_APART, amount, apart, is_share, scale

__all__ = [
    "ALSO_MINIMISED",
    "COST",
    "JUDGES",
    "MEASURES",
    "SHARE",
    "SHARE_APART",
    "Appraisal",
    "Bounds",
    "Chosen",
    "Comparison",
    "Flows",
    "Grid",
    "Measure",
    "OfGroups",
    "amount",
    "apart",
    "appraise",
    "bounds_by_group",
    "broken_by",
    "calibrate_choice",
    "can_be_optimised",
    "caseload",
    "check_demand",
    "check_limit",
    "check_measures",
    "check_name",
    "check_stage",
    "compare",
    "every_amount",
    "find_measure",
    "is_share",
    "known_measures",
    "lives_saved",
    "measure_values",
    "overall_values",
    "register_measure",
    "reported_measures",
    "room",
    "scale",
    "spent",
    "total_gain",
    "violations",
]
