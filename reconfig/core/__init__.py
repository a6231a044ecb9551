"""Immutable types and their checks: no files, no solver, no pictures."""

from reconfig.core.configuration import Configuration
from reconfig.core.faults import Fault, Faults, InputError, InputWarning, ReconfigError, suggestion
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
from reconfig.core.service import LivesSaved, OutcomeModel, Service
from reconfig.core.solution import Solution, Stage, Status

__all__ = [
    "Close",
    "Configuration",
    "Constraint",
    "Fault",
    "Faults",
    "InputError",
    "InputWarning",
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
    "maximise",
    "minimise",
    "open_sites",
    "suggestion",
    "within",
]
