"""What a constraint, a measure or an outcome model of your own is made of, in one place.

A constraint is a frozen dataclass that derives from `Constraint`, with a function that judges
choices (`broken_by`) and one that adds its rows to the program (`rows_of`); a third says what it
means for one of several services, where it is to be asked of one (`of_part`). A measure is a
`Measure`, made known by `register_measure`; an outcome model is what `OutcomeModel` says, made
known to service files by `register_outcome`.
"""

from reconfig.appraise import Chosen, Grid, Measure, broken_by, register_measure, room
from reconfig.core import (
    Assumptions,
    Caseload,
    Constraint,
    Faults,
    Journeys,
    OutcomeModel,
    Problem,
    VolumeCurve,
    of_part,
    suggestion,
)
from reconfig.model import Assembly, Linear, linear, rows_of
from reconfig.outcomes import Draws, Factor, Notes, Register, register_outcome

__all__ = [
    "Assembly",
    "Assumptions",
    "Caseload",
    "Chosen",
    "Constraint",
    "Draws",
    "Factor",
    "Faults",
    "Grid",
    "Journeys",
    "Linear",
    "Measure",
    "Notes",
    "OutcomeModel",
    "Problem",
    "Register",
    "VolumeCurve",
    "broken_by",
    "linear",
    "of_part",
    "register_measure",
    "register_outcome",
    "room",
    "rows_of",
    "suggestion",
]
