"""Every number that is reported: measures of a configuration, computed without a solver."""

from reconfig.appraise.appraise import Appraisal, appraise, measure_values, overall_values
from reconfig.appraise.caseload import Flows, caseload
from reconfig.appraise.check import violations
from reconfig.appraise.compare import Comparison, compare
from reconfig.appraise.grid import Grid
from reconfig.appraise.lives import total_gain
from reconfig.appraise.measures import (
    ALSO_MINIMISED,
    MEASURES,
    Measure,
    check_measures,
    find_measure,
    known_measures,
    reported_measures,
)

__all__ = [
    "ALSO_MINIMISED",
    "MEASURES",
    "Appraisal",
    "Comparison",
    "Flows",
    "Grid",
    "Measure",
    "appraise",
    "caseload",
    "check_measures",
    "compare",
    "find_measure",
    "known_measures",
    "measure_values",
    "overall_values",
    "reported_measures",
    "total_gain",
    "violations",
]
