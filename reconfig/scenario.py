"""A scenario file to a problem: the one place of wiring."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from reconfig.appraise import check_measures
from reconfig.core import (
    Close,
    Constraint,
    Faults,
    InputError,
    Keep,
    Limit,
    Objective,
    OpenSites,
    Problem,
    Region,
    Service,
    suggestion,
)
from reconfig.core.problem import check_constraints
from reconfig.data import data_folder, load_region
from reconfig.data.tables import read_toml, sha256
from reconfig.solve import available_solvers

NUMBER = (int, float)
# Section -> key -> the types it may have.
SCHEMA: dict[str, dict[str, tuple[type, ...]]] = {
    "top level": {
        "name": (str,),
        "region": (str,),
        "catchment": (str,),
        "service": (list,),
        "objective": (dict,),
        "limit": (list,),
        "solve": (dict,),
    },
    "service": {
        "id": (str,),
        "name": (str,),
        "demand": (str,),
        "open": (int, dict),
        "keep": (list,),
        "close": (list,),
        "min_volume": NUMBER,
        "max_volume": NUMBER,
    },
    "open": {"at_least": (int,), "at_most": (int,)},
    "objective": {
        "maximise": (str,),
        "minimise": (str,),
        "then": (dict,),
        "tolerance": NUMBER,
    },
    "limit": {"measure": (str,), "at_least": NUMBER, "at_most": NUMBER, "by": (str,)},
    "solve": {"time_limit": NUMBER, "gap": NUMBER, "solver": (str,)},
}
WORDS = {
    str: "a text in quotes",
    int: "a whole number",
    float: "a number",
    list: "a list [...]",
    dict: "a table {...}",
}


@dataclass(frozen=True, eq=False)
class Scenario:
    """A scenario file, read and checked: a problem, and how to solve it.

    text, sha256: the file as it was read. time_limit: seconds. gap: relative gap.
    """

    name: str
    problem: Problem
    time_limit: float | None
    gap: float
    solver: str
    text: str
    sha256: str


def scenario_file(name: str | Path) -> Path:
    """Return the path of a scenario: a file, or a scenario that comes with the package."""
    path = Path(name)
    embedded = data_folder() / "scenarios" / f"{name}.toml"
    return embedded if not path.exists() and embedded.exists() else path


def read_scenario(path: str | Path) -> Scenario:
    """Read a scenario file and return its problem; raise InputError, listing every fault.

    A relative region folder starts from the scenario file's own folder.
    """
    file = scenario_file(path)
    faults = Faults()
    content = read_toml(file, faults)
    faults.raise_if_any()
    text = file.read_text(encoding="utf-8-sig")
    reader = _Reader(file.name, text, faults)
    reader.check_keys("top level", content)
    region = reader.region(content, file.parent)
    problem = reader.problem(content, region)
    settings = reader.section(content, "solve")
    time_limit: float | None = settings.get("time_limit")
    gap: float = settings.get("gap", 0.0)
    solver = str(settings.get("solver", "HiGHS"))
    if time_limit is not None and not time_limit > 0:
        reader.note("solve", "time_limit", f"{time_limit:g}", "seconds, more than zero")
    if not 0 <= gap < 1:
        reader.note("solve", "gap", f"{gap:g}", "a share from 0 up to 1, such as 0.01")
    if solver not in available_solvers():
        reader.note(
            "solve",
            "solver",
            f"'{solver}' is not installed here",
            "an installed solver",
            suggestion(solver, available_solvers()),
        )
    faults.raise_if_any()
    assert problem is not None
    return Scenario(
        str(content.get("name", file.stem)),
        problem,
        None if time_limit is None else float(time_limit),
        float(gap),
        solver,
        text,
        sha256(file),
    )


@dataclass(eq=False)
class _Reader:
    """Reads the parts of one file, noting every fault with its line."""

    file: str
    text: str
    faults: Faults

    def note(self, section: str, key: str, found: str, expected: str, fix: str = "") -> None:
        self.faults.add(self.file, self.place(section, key), found, expected, fix)

    def place(self, section: str, key: str) -> str:
        """Return "line 7, service, open", the line where the key first stands in the file."""
        for number, line in enumerate(self.text.splitlines(), start=1):
            if re.match(rf"\s*(\[+)?\s*{re.escape(key)}\b|.*[{{,]\s*{re.escape(key)}\s*=", line):
                return f"line {number}, {section}, {key}"
        return f"{section}, {key}" if key else section

    def check_keys(self, section: str, content: Mapping[str, Any]) -> None:
        """Note unknown keys and values of the wrong kind."""
        known = SCHEMA[section]
        for key, value in content.items():
            if key not in known:
                self.note(
                    section, key, f"unknown key '{key}'", "a known key", suggestion(key, known)
                )
            elif not isinstance(value, known[key]) or isinstance(value, bool):
                kinds = " or ".join(dict.fromkeys(WORDS[t] for t in known[key]))
                self.note(section, key, f"{value!r}", kinds)

    def section(self, content: Mapping[str, Any], name: str) -> Mapping[str, Any]:
        """Return a table of the file, its keys checked; {} if it is absent or not a table."""
        part = content.get(name, {})
        if not isinstance(part, dict):
            return {}
        self.check_keys(name, part)
        return {k: v for k, v in part.items() if _is_kind(name, k, v)}

    def sections(self, content: Mapping[str, Any], name: str) -> list[Mapping[str, Any]]:
        """Return an array of tables of the file, their keys checked."""
        found = content.get(name, [])
        if not isinstance(found, list):
            return []
        return [self.section({name: part}, name) for part in found]

    def region(self, content: Mapping[str, Any], folder: Path) -> Region | None:
        if not isinstance(content.get("region"), str):
            if "region" not in content:
                self.note(
                    "top level",
                    "region",
                    "no 'region'",
                    "the name of an embedded region or a folder",
                )
            return None
        catchment = content.get("catchment")
        try:
            return load_region(
                content["region"],
                catchment=catchment if isinstance(catchment, str) else None,
                relative_to=folder,
            )
        except InputError as problem:
            for fault in problem.faults:
                place = (
                    fault.place
                    if fault.file != content["region"]
                    else self.place("top level", "region")
                )
                name = self.file if fault.file == content["region"] else fault.file
                self.faults.add(name, place, fault.found, fault.expected, fault.fix)
            return None

    def problem(self, content: Mapping[str, Any], region: Region | None) -> Problem | None:
        services = self.sections(content, "service")
        if len(services) != 1:
            self.note(
                "top level",
                "service",
                f"{len(services)} services",
                "one [[service]]",
                "Several services decided together are not supported yet.",
            )
        objective = self.objective(self.section(content, "objective"))
        limits = [self.limit(part) for part in self.sections(content, "limit")]
        if objective is None or not services:
            return None
        constraints = self.constraints(services[0]) + [x for x in limits if x is not None]
        if region is None:
            return None
        service = self.service(services[0], region)
        if service is None:
            return None
        # Made without its checks, so that what they find joins the other faults of the file.
        draft = Problem(region, service, objective)
        object.__setattr__(draft, "constraints", tuple(constraints))
        checks = Faults()
        check_constraints(draft, checks, file=self.file)
        check_measures(draft, checks, file=self.file)
        for fault in checks.found:
            section, _, key = fault.place.partition(" on ")
            place = (
                self.place("service", section)
                if not key and section != "objective"
                else (fault.place)
            )
            self.faults.add(self.file, place, fault.found, fault.expected, fault.fix)
        return draft

    def service(self, part: Mapping[str, Any], region: Region) -> Service | None:
        service_id = part.get("id")
        if not isinstance(service_id, str):
            self.note(
                "service", "id", "no 'id'", "the id of a service", suggestion("", region.services)
            )
            return None
        try:
            if "demand" in part:
                name = str(part.get("name", ""))
                return region.define_service(service_id, demand=part["demand"], name=name)
            return region.service(service_id)
        except InputError as problem:
            for fault in problem.faults:
                key = "demand" if "demand" in part else "id"
                fix = fault.fix
                if key == "id" and not region.services:
                    fix = 'This region brings no services: add demand = "<zone column>".'
                self.note("service", key, fault.found, fault.expected, fix)
            return None

    def constraints(self, part: Mapping[str, Any]) -> list[Constraint]:
        found: list[Constraint] = []
        number = part.get("open")
        if isinstance(number, int):
            found.append(OpenSites(number, number))
        elif isinstance(number, dict):
            bounds = self.section({"open": number}, "open")
            found.append(OpenSites(bounds.get("at_least"), bounds.get("at_most")))
        for key, kind in (("keep", Keep), ("close", Close)):
            if key in part:
                found.append(kind(frozenset(map(str, part[key]))))
        if "min_volume" in part:
            found.append(Limit("min_volume", at_least=float(part["min_volume"])))
        if "max_volume" in part:
            found.append(Limit("max_volume", at_most=float(part["max_volume"])))
        return found

    def objective(self, part: Mapping[str, Any]) -> Objective | None:
        senses = [s for s in ("maximise", "minimise") if s in part]
        if len(senses) != 1:
            self.note(
                "objective",
                "objective",
                f"{len(senses)} of maximise and minimise",
                'one of them, such as minimise = "mean_minutes"',
            )
            return None
        then = None
        if "then" in part:
            then = self.objective(self.section({"objective": part["then"]}, "objective"))
        return Objective(
            part[senses[0]],
            "maximise" if senses[0] == "maximise" else "minimise",
            then,
            float(part.get("tolerance", 0.0)),
        )

    def limit(self, part: Mapping[str, Any]) -> Limit | None:
        if "measure" not in part or not {"at_least", "at_most"} & set(part):
            self.note(
                "limit",
                "limit",
                f"{', '.join(part) or 'nothing'} given",
                "a measure, and at_least or at_most",
            )
            return None
        return Limit(part["measure"], part.get("at_least"), part.get("at_most"), part.get("by"))


def _is_kind(section: str, key: str, value: object) -> bool:
    kinds = SCHEMA[section].get(key)
    return kinds is not None and isinstance(value, kinds) and not isinstance(value, bool)
