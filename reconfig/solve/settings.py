"""What a solve is given, and what it finds: settings, the clock, a raw result."""

from __future__ import annotations

import time
from dataclasses import dataclass

import numpy as np

from reconfig.core import ReconfigError, Status
from reconfig.model import FormulationName

# A solution is proven best when value and bound agree to this share of the value, or to this much
# in the objective's unit where the value is below one: the precision that the solvers work to.
PROVEN_GAP = 1e-6

# How far the solver's own value and the appraisal may differ before it counts as an error.
AGREEMENT = 1e-5


class SolverError(ReconfigError, RuntimeError):
    """A solver broke down or ran out of memory; the message says what can be done."""


@dataclass
class Settings:
    """How to solve. gap: relative gap at which to stop. deadline: of the monotonic clock.

    interrupted: whether the user stopped the solve; timed_out: whether the solver said that its
    time was over; set as soon as that is noticed.
    """

    solver: str
    gap: float
    deadline: float | None
    formulation: FormulationName
    interrupted: bool = False
    timed_out: bool = False

    def seconds_left(self) -> float | None:
        """Return the seconds that are left, None without a limit; never negative."""
        if self.deadline is None:
            return None
        return max(self.deadline - time.perf_counter(), 0.0)

    @property
    def usual(self) -> bool:
        """Whether any way to solve will do: neither a solver nor a formulation was asked for."""
        return self.solver == "HiGHS" and self.formulation == "nearest-sets"

    @property
    def over(self) -> bool:
        """Whether there is no time left, or the user stopped the solve."""
        return self.interrupted or self.timed_out or self.seconds_left() == 0.0

    def check(self) -> None:
        """Raise TimeoutError if there is no time left."""
        if self.over:
            raise TimeoutError

    @property
    def stopped(self) -> str:
        """What stopped a solve that is over, in words; empty where nothing did."""
        if self.interrupted:
            return "interrupted"
        return "time limit" if self.over else ""


@dataclass(frozen=True)
class RawResult:
    """What a solver found. value and bound are in the objective's unit, constant included.

    opened: ids of the open candidates; None where no solution was found. stopped: why the solver
    ended early ("time limit", "gap", "interrupted"); empty where it came to its end. shares: where
    patients are directed, of each zone's cases at each site (zones x columns).
    """

    status: Status
    value: float | None
    bound: float | None
    opened: frozenset[str] | None
    stopped: str = ""
    shares: np.ndarray | None = None


def agree(value: float, bound: float) -> bool:
    """Say whether a value and its bound are the same to the solvers' precision."""
    return abs(value - bound) <= PROVEN_GAP * max(1.0, abs(value))


def relative_gap(value: float | None, bound: float | None) -> float | None:
    """Return |value - bound| / |value|; differences below the solvers' precision are none.

    None where value or bound is not known, or the value is 0 and has no share to speak of.
    """
    if value is None or bound is None:
        return None
    if agree(value, bound):
        return 0.0
    return abs(value - bound) / abs(value) if value else None
