"""Immutable types and their checks: no files, no solver, no pictures."""

from reconfig.core.configuration import Configuration
from reconfig.core.faults import Fault, Faults, InputError, InputWarning, ReconfigError, suggestion
from reconfig.core.outcome import Assumptions, Caseload, Journeys, LivesSaved, OutcomeModel
from reconfig.core.problem import (
    Close,
    Constraint,
    Keep,
    Limit,
    Objective,
    OpenSites,
    Problem,
    close,
    keep,
    limit,
    maximise,
    minimise,
    open_sites,
    within,
)
from reconfig.core.region import Region, TravelTimeEstimator
from reconfig.core.service import Service
from reconfig.core.solution import Solution, Stage, Status
from reconfig.core.standard import lscp, mclp, p_center, p_median

__all__ = [
    "Assumptions",
    "Caseload",
    "Close",
    "Configuration",
    "Constraint",
    "Fault",
    "Faults",
    "InputError",
    "InputWarning",
    "Journeys",
    "Keep",
    "Limit",
    "LivesSaved",
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
    "TravelTimeEstimator",
    "close",
    "keep",
    "limit",
    "lscp",
    "maximise",
    "mclp",
    "minimise",
    "open_sites",
    "p_center",
    "p_median",
    "suggestion",
    "within",
]
