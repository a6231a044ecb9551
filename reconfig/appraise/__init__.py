"""Every number that is reported: measures of a configuration, computed without a solver."""

from reconfig.appraise.appraise import Appraisal, appraise, measure_values, overall_values
from reconfig.appraise.bounds import Bounds, bounds_by_group
from reconfig.appraise.caseload import Flows, caseload
from reconfig.appraise.check import spent, violations
from reconfig.appraise.compare import Comparison, compare
from reconfig.appraise.grid import Grid
from reconfig.appraise.lives import lives_saved, total_gain
from reconfig.appraise.measures import (
    ALSO_MINIMISED,
    MEASURES,
    Measure,
    OfGroups,
    check_measures,
    find_measure,
    known_measures,
    reported_measures,
)

__all__ = [
    "ALSO_MINIMISED",
    "MEASURES",
    "Appraisal",
    "Bounds",
    "Comparison",
    "Flows",
    "Grid",
    "Measure",
    "OfGroups",
    "appraise",
    "bounds_by_group",
    "caseload",
    "check_measures",
    "compare",
    "find_measure",
    "known_measures",
    "lives_saved",
    "measure_values",
    "overall_values",
    "reported_measures",
    "spent",
    "total_gain",
    "violations",
]
