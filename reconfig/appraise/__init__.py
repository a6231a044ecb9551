"""Every number that is reported: measures of a configuration, computed without a solver."""

from reconfig.appraise.access import (
    access_by,
    access_table,
    labels_by,
    longer_by,
    share_within_curve,
)
from reconfig.appraise.appraise import (
    Appraisal,
    appraise,
    estimate_of,
    measure_values,
    overall_values,
)
from reconfig.appraise.bounds import Bounds, bounds_by_group
from reconfig.appraise.by_site import assumptions_used, by_site, standard_of
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
from reconfig.appraise.equality import (
    concentration_curve,
    concentration_index,
    contradicted_deprivation,
    deprivation_concentration,
    deprivation_order,
    deprivation_rank,
    gap_between,
    winners_and_losers,
)
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
from reconfig.appraise.movement import capacity_table, displaced, from_to, imports
from reconfig.appraise.people import (
    age_bands,
    density_fifths,
    incomplete_bands,
    people_table,
    rural_column,
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
    "access_by",
    "access_table",
    "age_bands",
    "amount",
    "apart",
    "appraise",
    "assumptions_used",
    "bounds_by_group",
    "broken_by",
    "by_site",
    "calibrate_choice",
    "can_be_optimised",
    "capacity_table",
    "caseload",
    "check_demand",
    "check_limit",
    "check_measures",
    "check_name",
    "check_stage",
    "compare",
    "concentration_curve",
    "concentration_index",
    "contradicted_deprivation",
    "density_fifths",
    "deprivation_concentration",
    "deprivation_order",
    "deprivation_rank",
    "displaced",
    "estimate_of",
    "every_amount",
    "find_measure",
    "from_to",
    "gap_between",
    "imports",
    "incomplete_bands",
    "is_share",
    "known_measures",
    "labels_by",
    "lives_saved",
    "longer_by",
    "measure_values",
    "overall_values",
    "people_table",
    "register_measure",
    "reported_measures",
    "room",
    "rural_column",
    "scale",
    "share_within_curve",
    "spent",
    "standard_of",
    "total_gain",
    "violations",
    "winners_and_losers",
]
