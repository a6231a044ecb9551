"""What a worker does: solve one scenario, or appraise configurations under it, as plain data."""

from __future__ import annotations

import json
import math
import time
import warnings
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from reconfig.analyse import explain_conflict
from reconfig.appraise import overall_values, violations
from reconfig.batch.key import code_digest
from reconfig.batch.shelf import DataChangedError, Shelf
from reconfig.core import (
    Configuration,
    Faults,
    InputError,
    InputWarning,
    Problem,
    Solution,
    Status,
    apart,
)
from reconfig.data.toml_file import TomlFile
from reconfig.scenario import Scenario, scenario_of
from reconfig.solve import solve

# What is sent to a worker and what comes back: JSON's own types only.
Plain = dict[str, Any]
FAILED = "failed"
# Keys of a scenario on which hangs what region is loaded.
REGION = ("region", "catchment", "year", "congestion", "assumptions")


def region_of(content: Mapping[str, Any]) -> str:
    """Return what tells the region that a scenario loads from others."""
    return json.dumps([content.get(key) for key in REGION], sort_keys=True, default=str)


def solving(key: str, content: Mapping[str, Any], *, base: str, folder: Path, data: str) -> Plain:
    """Return the task of solving a scenario.

    base: name of the file that messages name. folder: where a relative region folder starts.
    data: digest of the region's data.
    """
    return {
        "kind": "solve",
        "key": key,
        "content": dict(content),
        "base": base,
        "folder": str(folder),
        "data": data,
        "code": code_digest(),
    }


def appraising(task: Plain, configurations: list[Plain], measure: str) -> Plain:
    """Return the task of appraising configurations under the scenario of another task.

    configurations: service -> ids of its open sites, each.
    """
    return task | {"kind": "appraise", "configurations": configurations, "measure": measure}


def do(task: Plain, shelf: Shelf) -> Plain:
    """Do a task. Return {"result": ..., "seconds": ..., "warnings": [...]}, or {"stop": why}.

    "stop" is what no other scenario could get past either: other data, or another version.
    """
    if task["code"] != code_digest():
        return {"stop": "a worker has another version of reconfig, or of what it calculates with"}
    start = time.perf_counter()
    with warnings.catch_warnings(record=True) as noted:
        warnings.simplefilter("always", InputWarning)
        try:
            result = _solved(task, shelf) if task["kind"] == "solve" else _appraised(task, shelf)
        except DataChangedError as problem:
            return {"stop": str(problem)}
        except InputError as problem:
            result = _failed("; ".join(str(fault) for fault in problem.faults))
        except Exception as problem:  # whatever it is, it is of this scenario: the others go on
            result = _failed(f"{type(problem).__name__}: {problem}")
    said = [str(one.message) for one in noted if issubclass(one.category, InputWarning)]
    return {"result": plain(result), "seconds": time.perf_counter() - start, "warnings": said}


def _read(task: Plain, shelf: Shelf) -> Scenario:
    file = TomlFile(task["base"], "", task["content"], Faults())
    name = Path(task["base"]).stem
    return scenario_of(file, Path(task["folder"]), name=name, load=shelf.loader(task["data"]))


def _solved(task: Plain, shelf: Shelf) -> Plain:
    scenario = _read(task, shelf)
    limit = scenario.time_limit
    solution = solve(scenario.problem, time_limit=limit, gap=scenario.gap, solver=scenario.solver)
    if solution.stopped == "interrupted":
        raise KeyboardInterrupt
    reason = solution.verdict
    if solution.status is Status.INFEASIBLE:
        solution = explain_conflict(solution, time_limit=limit)
        reason = solution.verdict
    elif solution.status is Status.OPTIMAL:
        reason = ""
    return _result(scenario.problem, solution) | {"reason": reason}


def _result(problem: Problem, solution: Solution) -> Plain:
    """Return all that is kept of a solution, but its time."""
    lives, aim = solution.lives, problem.objective
    opened = {} if solution.configuration is None else _open(problem, solution.found())
    stages = ("measure", "sense", "status", "value", "bound", "gap", "stopped")
    return {
        "status": solution.status.value,
        "measure": aim.measure,
        "sense": aim.sense,
        "objective": solution.objective,
        "bound": solution.bound,
        "gap": solution.gap,
        "open": opened,
        "names": _names(problem),
        "measures": dict(solution.measures),
        "lives": None if lives is None else lives.qualifiers() | {"lives_saved": lives.central},
        "lives_baseline": "" if lives is None else lives.baseline,
        "directed": any(part.is_directed for part in _parts(problem)),
        "stages": [{name: getattr(stage, name) for name in stages} for stage in solution.stages],
        "conflict": [str(constraint) for constraint in solution.conflict],
        "region": problem.region.name,
        "who_counts": problem.region.who_counts,
    }


def _parts(problem: Problem) -> tuple[Any, ...]:
    return problem.service.parts or (problem.service,)


def _open(problem: Problem, found: Configuration) -> dict[str, list[str]]:
    """Return service -> ids of its open sites, one by one where several are decided together."""
    whole = apart(found) if problem.service.parts else found
    return {service: list(whole.sites(service)) for service in sorted(whole.open)}


def _names(problem: Problem) -> dict[str, str]:
    """Return site id -> short name, of every candidate."""
    region = problem.region.physical or problem.region
    sites = sorted({site for part in _parts(problem) for site in part.candidates})
    return dict(zip(sites, region.site_names(sites), strict=True))


def _failed(reason: str) -> Plain:
    return {"status": FAILED, "reason": reason}


def _appraised(task: Plain, shelf: Shelf) -> Plain:
    """Return one row a configuration: its value, and which constraints it breaks."""
    problem = _read(task, shelf).problem
    rows = [_judged(problem, opened, task["measure"]) for opened in task["configurations"]]
    return {"status": "appraised", "rows": rows}


def _judged(problem: Problem, opened: Mapping[str, list[str]], measure: str) -> Plain:
    parts = {part.id: part for part in _parts(problem)}
    if set(parts) != set(opened):
        return {"value": None, "broken": [f"it decides on {', '.join(sorted(parts))}"]}
    strange = [
        f"{site} is no candidate for {service}"
        for service, sites in opened.items()
        for site in sites
        if site not in parts[service].candidates
    ]
    if strange:
        return {"value": None, "broken": strange}
    chosen = Configuration({service: frozenset(sites) for service, sites in opened.items()})
    broken = violations(problem, chosen)
    try:
        values = overall_values(problem.region, problem.service, chosen, [measure])
    except ValueError as said:  # a zone that reaches no open site
        return {"value": None, "broken": broken or [str(said)]}
    return {"value": values[measure], "broken": broken}


def plain(value: Any) -> Any:
    """Return a value made of JSON's own types only: a number that is not known becomes null."""
    if isinstance(value, Mapping):
        return {str(key): plain(item) for key, item in value.items()}
    if isinstance(value, str) or value is None:
        return str(value) if isinstance(value, str) else None
    if isinstance(value, list | tuple):
        return [plain(item) for item in value]
    number = value.item() if hasattr(value, "item") else value
    return None if isinstance(number, float) and not math.isfinite(number) else number
