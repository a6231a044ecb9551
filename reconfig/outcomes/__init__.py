"""Outcome models and the assumption register that feeds them."""

from reconfig.outcomes.claim import upper_bound_scenario
from reconfig.outcomes.draws import Draws
from reconfig.outcomes.make import MODELS, Factor, Notes, make_outcome, register_outcome
from reconfig.outcomes.register import Assumption, Register
from reconfig.outcomes.risk import EFFECTS, RiskModel
from reconfig.outcomes.stroke import StrokeUnits
from reconfig.outcomes.stroke_disability import StrokeDisability

__all__ = [
    "EFFECTS",
    "MODELS",
    "Assumption",
    "Draws",
    "Factor",
    "Notes",
    "Register",
    "RiskModel",
    "StrokeDisability",
    "StrokeUnits",
    "make_outcome",
    "register_outcome",
    "upper_bound_scenario",
]
