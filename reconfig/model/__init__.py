"""The integer program, stated in PuLP: sites to open, and who then goes where."""

# The rows of each kind of constraint are known once its file is imported.
from reconfig.model import resources, rows_limit, rows_needs, rows_number, workforce
from reconfig.model.assembly import ROWS, Assembly, rows_of
from reconfig.model.assignment import AssignmentFormulation, shares_sent
from reconfig.model.build import (
    FORMULATIONS,
    BuiltModel,
    FormulationName,
    build,
    build_projected,
)
from reconfig.model.exact_sets import ExactSetFormulation
from reconfig.model.expression import Linear, linear
from reconfig.model.projected import Cut, ProjectedFormulation
from reconfig.model.sets import NearestSets, Weights, nearest_sets

__all__ = [
    "FORMULATIONS",
    "ROWS",
    "Assembly",
    "AssignmentFormulation",
    "BuiltModel",
    "Cut",
    "ExactSetFormulation",
    "FormulationName",
    "Linear",
    "NearestSets",
    "ProjectedFormulation",
    "Weights",
    "build",
    "build_projected",
    "linear",
    "nearest_sets",
    "resources",
    "rows_limit",
    "rows_needs",
    "rows_number",
    "rows_of",
    "shares_sent",
    "workforce",
]
