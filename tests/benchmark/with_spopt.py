"""What spopt is asked, with the same minutes and cases; only what is needed, no post-processing."""

from __future__ import annotations

from typing import Any

import numpy as np
import pulp
from spopt.locate import PMedian

from tests.benchmark.instances import arrays, load
from tests.benchmark.one import Clock
from tests.benchmark.runs import Measured, Run

SOLVERS = {"HiGHS": pulp.HiGHS, "CBC": pulp.PULP_CBC_CMD}


def p_median(run: Run, clock: Clock) -> Measured:
    """Build and solve; the objective is the mean journey to the sites that spopt opened."""
    minutes, cases = arrays(*load(run.instance, clock))
    with clock:
        model = PMedian.from_cost_matrix(minutes, cases, p_facilities=run.p)
        model.solve(SOLVERS[run.solver](msg=False), results=False)
    opened = _opened(model)
    mean = float((minutes[:, opened].min(axis=1) * cases).sum() / cases.sum())
    status = pulp.LpStatus[model.problem.status].lower()
    return Measured(status=status, objective=mean, sites=len(opened))


def _opened(model: Any) -> np.ndarray:
    return np.flatnonzero([v.value() > 0.5 for v in model.fac_vars])
