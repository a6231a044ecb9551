"""result.json and manifest.json: the answer and how it was come by, for programs."""

from __future__ import annotations

import hashlib
import json
import math
import platform
from collections.abc import Mapping
from dataclasses import asdict, fields
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

import pandas as pd

from reconfig.appraise import Appraisal, Comparison
from reconfig.core import LivesSaved, Region, Solution, apart
from reconfig.report.charts import FrontierLike
from reconfig.report.words import used_sites

MADE_BY = "reconfig"
PACKAGES = ("reconfig", "pulp", "highspy", "numpy", "pandas", "geopandas", "matplotlib", "bokeh")
# A configuration that was given rather than solved for.
GIVEN = "given"


def result_of(
    comparison: Comparison, solution: Solution | None, frontier: FrontierLike | None = None
) -> dict[str, Any]:
    """Return the content of result.json for a configuration that was found, or was given.

    status is that of the solution; "given" for a configuration that was not solved for.
    """
    before, after = comparison.before, comparison.after
    found = _solved(solution) if solution is not None else _given()
    found |= {
        "service": after.service.id,
        "open": _open(after),
        "measures": dict(after.measures),
        "volumes": {str(k): float(v) for k, v in after.volumes.items()},
        "lives": _lives(after.lives),
        "before": {
            "open": _open(before),
            "measures": dict(before.measures),
            "lives": _lives(before.lives),
        },
    }
    if frontier is not None:
        found["frontier"] = json.loads(frontier.points.to_json(orient="records"))
        found["frontier_unfinished"] = list(frontier.unfinished)
    return found | _context(after.region, used_sites(after.service))


def result_without_configuration(
    solution: Solution, before: Appraisal | None, conflict: list[str], relaxations: list[str]
) -> dict[str, Any]:
    """Return the content of result.json for a problem without a solution.

    conflict: one sentence a constraint of those that cannot hold together. relaxations: sentences
    on how far each of them must give way.
    """
    service = solution.problem.service
    found = _solved(solution) | {
        "service": service.id,
        "open": {part.id: [] for part in service.parts or (service,)},
        "measures": {},
        "lives": None,
        "conflict": conflict,
        "relaxations": relaxations,
    }
    if before is not None:
        found["before"] = {"open": _open(before)}
        found["before"]["measures"] = dict(before.measures)
    return found | _context(solution.problem.region, used_sites(service))


def _open(appraisal: Appraisal) -> dict[str, list[str]]:
    """Return service -> ids of its open sites, one by one where several are decided together."""
    found = appraisal.configuration
    whole = apart(found) if appraisal.service.parts else found
    return {service: list(whole.sites(service)) for service in whole.open}


def _solved(solution: Solution) -> dict[str, Any]:
    stages = [asdict(stage) | {"status": stage.status.value} for stage in solution.stages]
    return {
        "status": solution.status.value,
        "objective": solution.objective,
        "bound": solution.bound,
        "gap": solution.gap,
        "seconds": solution.seconds,
        "solver": solution.solver,
        "verdict": solution.verdict,
        "stages": stages,
        "constraints": [str(constraint) for constraint in solution.problem.constraints],
    }


def _lives(lives: LivesSaved | None) -> dict[str, Any] | None:
    if lives is None:
        return None
    # Not asdict: it copies deeply, which a read-only mapping does not allow.
    found = {part.name: getattr(lives, part.name) for part in fields(lives)}
    return found | {"parts": dict(lives.parts)}


def _given() -> dict[str, Any]:
    nothing = dict.fromkeys(("objective", "bound", "gap", "seconds", "solver", "verdict"))
    return {"status": GIVEN, **nothing, "stages": []}


def _context(region: Region, used: list[str]) -> dict[str, Any]:
    sites = region.sites.loc[used]
    return {
        "region": region.name,
        "catchment": region.catchment,
        "who_counts": region.who_counts,
        "year": region.year,
        "assumptions_changed": [
            {"id": key, "register_value": own, "value_used": used}
            for key, (own, used) in region.assumptions.items()
        ],
        "travel_mode": region.default_mode,
        "estimated_sites": [site for site in used if site in region.estimated_sites],
        "time_error_minutes": {s: float(v) for s, v in sites["time_error_minutes"].items()},
    }


def manifest_of(
    region: Region,
    *,
    solver: str | None,
    scenario_text: str | None,
    command: str | None,
    outputs: Mapping[str, str],
) -> dict[str, Any]:
    """Return the content of manifest.json: all that is needed to do the same again.

    outputs: file -> SHA-256 of every other file in the folder.
    """
    return {
        "made_by": MADE_BY,
        "written": datetime.now(UTC).isoformat(timespec="seconds"),
        "command": command,
        "scenario": scenario_text,
        "scenario_sha256": None if scenario_text is None else sha256_of(scenario_text.encode()),
        "region": region.name,
        "catchment": region.catchment,
        "inputs": dict(region.sha256),
        "outputs": dict(outputs),
        "solver": solver,
        "solver_version": versions()["highspy"] if solver == "HiGHS" else None,
        "python": platform.python_version(),
        "platform": platform.platform(),
        "versions": versions(),
    }


def versions() -> dict[str, str]:
    """Return package -> version, of reconfig and of what its numbers depend on."""
    found: dict[str, str] = {}
    for package in PACKAGES:
        try:
            found[package] = version(package)
        except PackageNotFoundError:
            found[package] = "unknown"
    return found


def sha256_of(content: bytes) -> str:
    """Return the SHA-256 of some bytes, in hexadecimal."""
    return hashlib.sha256(content).hexdigest()


def write_json(path: Path, content: Mapping[str, Any]) -> None:
    """Write JSON that any reader accepts: a number that is not known becomes null."""
    text = json.dumps(plain(content), indent=2, ensure_ascii=False, allow_nan=False)
    path.write_text(text + "\n", encoding="utf-8")


def plain(value: Any) -> Any:
    """Return a value made of JSON's own types only."""
    if isinstance(value, Mapping):
        return {str(key): plain(item) for key, item in value.items()}
    if isinstance(value, str) or value is None:
        return value
    if isinstance(value, list | tuple | set | frozenset):
        return [plain(item) for item in value]
    if isinstance(value, pd.Series):
        return plain(value.to_dict())
    number = value.item() if hasattr(value, "item") else value
    if isinstance(number, float) and not math.isfinite(number):
        return None
    return number
