"""The integer program, stated in PuLP: sites to open, and who then goes where."""

from reconfig.model.assignment import AssignmentFormulation
from reconfig.model.build import FORMULATIONS, BuiltModel, FormulationName, build
from reconfig.model.exact_sets import ExactSetFormulation
from reconfig.model.projected import Cut, ProjectedFormulation
from reconfig.model.sets import NearestSets, Weights, nearest_sets

__all__ = [
    "FORMULATIONS",
    "AssignmentFormulation",
    "BuiltModel",
    "Cut",
    "ExactSetFormulation",
    "FormulationName",
    "NearestSets",
    "ProjectedFormulation",
    "Weights",
    "build",
    "nearest_sets",
]
