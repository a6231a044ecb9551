"""Immutable types and their checks: no files, no solver, no pictures."""

from reconfig.core.by_kind import ByKind
from reconfig.core.choice import Choice
from reconfig.core.configuration import Configuration
from reconfig.core.constraints import (
    Among,
    Close,
    Constraint,
    Differ,
    Keep,
    OpenSites,
    among,
    close,
    differ,
    keep,
    open_sites,
)
from reconfig.core.faults import Fault, Faults, InputError, InputWarning, ReconfigError, suggestion
from reconfig.core.limit import Limit, limit, within
from reconfig.core.needs import Needs, needs
from reconfig.core.outcome import (
    Assumptions,
    Caseload,
    Journeys,
    LivesSaved,
    OutcomeModel,
    VolumeCurve,
)
from reconfig.core.problem import Objective, Problem, maximise, minimise
from reconfig.core.region import Region, TravelTimeEstimator
from reconfig.core.resources import Budget, Capacity, beds_to_cases, budget, capacity
from reconfig.core.service import Service
from reconfig.core.solution import Solution, Stage, Status
from reconfig.core.standard import lscp, mclp, p_center, p_median
from reconfig.core.theatres import theatre_to_cases
from reconfig.core.tiers import Tier, refuse_alone, second_tier
from reconfig.core.together import apart, joined, of_part, together
from reconfig.core.workforce import Workforce, workforce

__all__ = [
    "Among",
    "Assumptions",
    "Budget",
    "ByKind",
    "Capacity",
    "Caseload",
    "Choice",
    "Close",
    "Configuration",
    "Constraint",
    "Differ",
    "Fault",
    "Faults",
    "InputError",
    "InputWarning",
    "Journeys",
    "Keep",
    "Limit",
    "LivesSaved",
    "Needs",
    "Objective",
    "OpenSites",
    "OutcomeModel",
    "Problem",
    "ReconfigError",
    "Region",
    "Service",
    "Solution",
    "Stage",
    "Status",
    "Tier",
    "TravelTimeEstimator",
    "VolumeCurve",
    "Workforce",
    "among",
    "apart",
    "beds_to_cases",
    "budget",
    "capacity",
    "close",
    "differ",
    "joined",
    "keep",
    "limit",
    "lscp",
    "maximise",
    "mclp",
    "minimise",
    "needs",
    "of_part",
    "open_sites",
    "p_center",
    "p_median",
    "refuse_alone",
    "second_tier",
    "suggestion",
    "theatre_to_cases",
    "together",
    "within",
    "workforce",
]
