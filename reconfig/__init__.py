"""reconfig: which sites should host which services, proven, with its uncertainty on show.

import reconfig as rc

region = rc.load_region("greater-manchester")
surgery = region.service("emergency-surgery")
problem = rc.Problem(region, surgery, rc.maximise("lives_saved"), [rc.open_sites(4)])
best = rc.solve(problem)
"""

from importlib.metadata import PackageNotFoundError, version

from reconfig.analyse import (
    Alternatives,
    Frontier,
    Relaxation,
    Sensitivity,
    Structural,
    Uncertainty,
    Weights,
    WhyNot,
    alternatives,
    explain_conflict,
    frontier,
    importance,
    relaxations,
    sensitivity,
    structural,
    uncertainty,
    why_not,
)
from reconfig.appraise import (
    Appraisal,
    Comparison,
    appraise,
    calibrate_choice,
    compare,
    known_measures,
    violations,
)
from reconfig.core import (
    Choice,
    Configuration,
    Fault,
    InputError,
    InputWarning,
    LivesSaved,
    Objective,
    Problem,
    ReconfigError,
    Region,
    Service,
    Solution,
    Stage,
    Status,
    among,
    apart,
    beds_to_cases,
    budget,
    capacity,
    close,
    differ,
    keep,
    limit,
    lscp,
    maximise,
    mclp,
    minimise,
    needs,
    open_sites,
    p_center,
    p_median,
    together,
    within,
)
from reconfig.data import embedded_regions, load_region, load_register
from reconfig.report import report
from reconfig.scenario import Scenario, read_scenario
from reconfig.solve import SolutionMismatchError, SolverError, available_solvers, solve

try:
    __version__ = version("reconfig")
except PackageNotFoundError:  # a clone that was never installed
    __version__ = "unknown"

__all__ = [
    "Alternatives",
    "Appraisal",
    "Choice",
    "Comparison",
    "Configuration",
    "Fault",
    "Frontier",
    "InputError",
    "InputWarning",
    "LivesSaved",
    "Objective",
    "Problem",
    "ReconfigError",
    "Region",
    "Relaxation",
    "Scenario",
    "Sensitivity",
    "Service",
    "Solution",
    "SolutionMismatchError",
    "SolverError",
    "Stage",
    "Status",
    "Structural",
    "Uncertainty",
    "Weights",
    "WhyNot",
    "alternatives",
    "among",
    "apart",
    "appraise",
    "available_solvers",
    "beds_to_cases",
    "budget",
    "calibrate_choice",
    "capacity",
    "close",
    "compare",
    "differ",
    "embedded_regions",
    "explain_conflict",
    "frontier",
    "importance",
    "keep",
    "known_measures",
    "limit",
    "load_region",
    "load_register",
    "lscp",
    "maximise",
    "mclp",
    "minimise",
    "needs",
    "open_sites",
    "p_center",
    "p_median",
    "read_scenario",
    "relaxations",
    "report",
    "sensitivity",
    "solve",
    "structural",
    "together",
    "uncertainty",
    "violations",
    "why_not",
    "within",
]
