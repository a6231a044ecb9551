"""The integer program, stated in PuLP: sites to open, and who then goes where."""

from reconfig.model.assignment import AssignmentFormulation
from reconfig.model.build import BuiltModel, build
from reconfig.model.nearest_sets import NearestSetFormulation
from reconfig.model.sets import NearestSets, nearest_sets

__all__ = [
    "AssignmentFormulation",
    "BuiltModel",
    "NearestSetFormulation",
    "NearestSets",
    "build",
    "nearest_sets",
]
