"""A scenario file to a problem: the one place of wiring."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Literal

from reconfig.core import Faults, Limit, Needs, Objective, Problem, Region, Service, suggestion
from reconfig.data import data_folder, load_region
from reconfig.data.tables import similar_file
from reconfig.data.toml_file import NUMBER, TABLE, TEXT, Kind, TomlFile, Where, tables_called
from reconfig.scenario_among import check_ends
from reconfig.scenario_check import Placed, check_names, note_all
from reconfig.scenario_region import KEYS as REGION
from reconfig.scenario_region import Load, read_region
from reconfig.scenario_resources import read_budget
from reconfig.scenario_service import Part
from reconfig.scenario_together import joint_problem
from reconfig.solve import check_solver

ABOVE_ZERO = Kind(
    "a number of seconds above 0",
    lambda v: NUMBER.fits(v) and v > 0,
    json={"type": "number", "exclusiveMinimum": 0},
)
SHARE = Kind(
    "a share from 0 up to 1, such as 0.01 for 1 %",
    lambda v: NUMBER.fits(v) and 0 <= v < 1,
    json={"type": "number", "minimum": 0, "exclusiveMaximum": 1},
)
TOP: dict[str, Kind] = {
    "name": TEXT,
    **REGION,
    "service": tables_called("service"),
    "objective": TABLE,
    "limit": tables_called("limit"),
    "budget": tables_called("budget"),
    "solve": TABLE,
}
OBJECTIVE: dict[str, Kind] = {
    "maximise": TEXT,
    "minimise": TEXT,
    "service": TEXT,
    "then": TABLE,
    "tolerance": NUMBER,
}
LIMIT: dict[str, Kind] = {
    "measure": TEXT,
    "service": TEXT,
    "at_least": NUMBER,
    "at_most": NUMBER,
    "at_most_over_today": NUMBER,
    "by": TEXT,
}
SOLVE: dict[str, Kind] = {"time_limit": ABOVE_ZERO, "gap": SHARE, "solver": TEXT}


@dataclass(frozen=True, eq=False)
class Scenario:
    """A scenario file, read and checked: a problem, and how to solve it.

    text: the file as it was read. time_limit: seconds. gap: relative gap.
    """

    name: str
    problem: Problem
    time_limit: float | None
    gap: float
    solver: str
    text: str


def scenario_file(name: str | Path) -> Path:
    """Return the path of a scenario: a file, or a scenario that comes with the package."""
    embedded = data_folder() / "scenarios" / f"{name}.toml"
    return embedded if not os.path.exists(name) and os.path.exists(embedded) else Path(name)


def read_scenario(path: str | Path) -> Scenario:
    """Read a scenario file and return its problem; raise InputError, listing every fault.

    A relative region folder starts from the scenario file's own folder.
    """
    place = scenario_file(path)
    faults = Faults()
    _check_there(path, place, faults)
    faults.raise_if_any()
    file = TomlFile.read(place, faults)
    faults.raise_if_any()
    assert file is not None
    return scenario_of(file, place.parent, name=place.stem)


def scenario_of(file: TomlFile, folder: Path, *, name: str, load: Load = load_region) -> Scenario:
    """Return the scenario that the content of a file is; raise InputError, listing every fault.

    folder: where a relative region folder starts from. name: what it is called if it does not say.
    load: reads a region, as `load_region` does.
    """
    reader = _Reader(file, file.table(file.content, (), TOP))
    region = read_region(file, reader.top, folder, load)
    problem = reader.problem(region)
    settings = reader.settings()
    file.faults.raise_if_any()
    assert problem is not None
    time_limit = settings.get("time_limit")
    return Scenario(
        reader.top.get("name", name),
        problem,
        None if time_limit is None else float(time_limit),
        float(settings.get("gap", 0.0)),
        settings.get("solver", "HiGHS"),
        file.text,
    )


def _check_there(name: str | Path, place: Path, faults: Faults) -> None:
    """Note a scenario that is no file, naming the file or the scenario that may be meant."""
    if os.path.exists(place):
        return
    embedded = sorted(path.stem for path in (data_folder() / "scenarios").glob("*.toml"))
    meant = similar_file(place) or suggestion(str(name), embedded)
    # Of those that come with the package one cannot look up the names in one's own folder.
    known = f"Scenarios that come with reconfig: {', '.join(embedded)}."
    fix = f"{meant} {known}" if meant.startswith("Did") else known
    expected = f"a file at {place}, or the name of a scenario that comes with reconfig"
    faults.add(str(name), "", "no such file", expected, fix)


@dataclass(frozen=True, eq=False)
class _Reader:
    """Reads the parts of one file; top: the keys at its top level that are good."""

    file: TomlFile
    top: Mapping[str, Any]

    def problem(self, region: Region | None) -> Problem | None:
        """Return the problem, or None with every fault noted."""
        before = len(self.file.faults.found)
        parts = self._parts()
        objective = self._objective()
        shared = (*self._limits(), *self._budgets())
        if region is None or not parts:
            check_names(self.file, objective, shared)
            return None
        if len(parts) > 1:
            problem = self._together(parts, region, objective, shared)
        else:
            drafts = [part.alone(self.file, region, objective, shared) for part in parts]
            problem = drafts[0][0] if drafts and drafts[0] is not None else None
        if problem is None or len(self.file.faults.found) > before:
            return None
        return Problem(problem.region, problem.service, problem.objective, problem.constraints)

    def _parts(self) -> list[Part]:
        services = self.top.get("service", [])
        if not services and ("service" in self.top or "service" not in self.file.content):
            fix = "Write [[service]] and its id."
            self.file.note((), "no [[service]]", "one [[service]] at least", fix)
        parts = [
            Part.read(self.file, content, ("service", number))
            for number, content in enumerate(services)
        ]
        ids = [part.keys.get("id") for part in parts]
        for number, service in enumerate(ids):
            if service is not None and service in ids[:number]:
                where = (*parts[number].where, "id")
                self.file.note(where, f"'{service}' twice", "every service once")
        return parts

    def _measure(self, name: str, keys: Mapping[str, Any], where: Where) -> str:
        """Return a measure's name, as that of one service where the file says which."""
        if "service" not in keys:
            return name
        ids = [part.get("id") for part in self.top.get("service", ())]
        if keys["service"] not in ids:
            found, known = f"no [[service]] '{keys['service']}'", [i for i in ids if i]
            hint = suggestion(keys["service"], known)
            self.file.note((*where, "service"), found, "the id of a service of this file", hint)
            return name  # all that can still be said of it
        return name if len(ids) == 1 else f"{name}[service={keys['service']}]"

    def _objective(self) -> Objective | None:
        if "objective" in self.top:
            return self._stage(self.top["objective"], ("objective",))
        if "objective" not in self.file.content:
            expected = '[objective] with a measure, such as minimise = "mean_minutes"'
            self.file.note((), "no [objective]", expected)
        return None

    def _stage(self, content: Mapping[str, Any], where: Where) -> Objective | None:
        keys = self.file.table(content, where, OBJECTIVE)
        then = self._stage(keys["then"], (*where, "then")) if "then" in keys else None
        senses: list[Literal["maximise", "minimise"]] = ["maximise", "minimise"]
        given = [sense for sense in senses if sense in content]
        if len(given) != 1:
            self.file.note(
                where,
                "both maximise and minimise" if given else "neither maximise nor minimise",
                'one of them, such as minimise = "mean_minutes"',
                "A second measure goes in then = {minimise = ...}." if given else "",
            )
            return None
        if given[0] not in keys:
            return None
        measure = self._measure(keys[given[0]], keys, where)
        return Objective(measure, given[0], then, float(keys.get("tolerance", 0.0)))

    def _limits(self) -> Iterator[Placed]:
        for number, content in enumerate(self.top.get("limit", ())):
            where: Where = ("limit", number)
            keys = self.file.table(content, where, LIMIT)
            if "measure" not in content:
                self.file.note(where, "no 'measure'", 'a measure, such as measure = "max_minutes"')
            check_ends(self.file, keys, content, where)
            if "measure" in keys:
                bounds = (keys.get("at_least"), keys.get("at_most"))
                measure = self._measure(keys["measure"], keys, where)
                over = keys.get("at_most_over_today")
                yield where, Limit(measure, *bounds, keys.get("by"), over)

    def _budgets(self) -> Iterator[Placed]:
        """Give the budgets of all services together, each with where it stands."""
        for number, content in enumerate(self.top.get("budget", ())):
            where: Where = ("budget", number)
            for budget in read_budget(self.file, content, where):
                yield where, budget

    def _together(
        self,
        parts: list[Part],
        region: Region,
        objective: Objective | None,
        shared: tuple[Placed, ...],
    ) -> Problem | None:
        """Return the problem of several services, its faults noted; None if a part is missing."""
        found = {}
        alone = Objective("mean_minutes", "minimise")
        firsts: dict[str, Service] = {}
        # A second tier is made from its first, which may stand after it in the file.
        for part in sorted(parts, key=lambda part: "second_tier_of" in part.keys):
            needs = tuple(asked for asked in part.asked if isinstance(asked[1], Needs))
            rest = tuple(asked for asked in part.asked if asked not in needs)
            made = replace(part, asked=rest).alone(self.file, region, alone, (), firsts)
            if made is not None:
                draft, placed = made
                found[part.where] = (part.where, draft, (*placed, *needs))
                if draft.service.tier is None:
                    firsts[draft.service.id] = draft.service
        drafts = [found[part.where] for part in parts if part.where in found]
        if len({draft.service.id for _, draft, _ in drafts}) < len(parts):
            check_names(self.file, objective, shared)
            return None
        return joint_problem(self.file, region, drafts, objective, shared)

    def settings(self) -> Mapping[str, Any]:
        """Return the keys of [solve]."""
        keys = self.file.table(self.top.get("solve", {}), ("solve",), SOLVE)
        checks = Faults()
        check_solver(keys.get("solver", "HiGHS"), checks)
        note_all(self.file, ("solve", "solver"), checks.found)
        return keys
