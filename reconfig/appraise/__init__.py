"""Every number that is reported: measures of a configuration, computed without a solver."""

from reconfig.appraise.appraise import Appraisal, appraise, measure_values
from reconfig.appraise.check import violations
from reconfig.appraise.compare import Comparison, compare
from reconfig.appraise.grid import Grid
from reconfig.appraise.measures import (
    MEASURES,
    Measure,
    check_measures,
    find_measure,
    known_measures,
)

__all__ = [
    "MEASURES",
    "Appraisal",
    "Comparison",
    "Grid",
    "Measure",
    "appraise",
    "check_measures",
    "compare",
    "find_measure",
    "known_measures",
    "measure_values",
    "violations",
]
