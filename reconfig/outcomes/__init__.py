"""Outcome models and the assumption register that feeds them."""

from collections.abc import Callable

from reconfig.core import OutcomeModel
from reconfig.outcomes.emergency_surgery import EmergencySurgery, upper_bound_scenario
from reconfig.outcomes.register import Assumption, Register
from reconfig.outcomes.stroke import Stroke

# Every outcome model by the name that a service file uses.
OUTCOME_MODELS: dict[str, Callable[[Register], OutcomeModel]] = {
    "emergency-surgery": EmergencySurgery,
    "stroke": Stroke,
}

__all__ = [
    "OUTCOME_MODELS",
    "Assumption",
    "EmergencySurgery",
    "Register",
    "Stroke",
    "upper_bound_scenario",
]
