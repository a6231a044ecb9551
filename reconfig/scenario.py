"""A scenario file to a problem: the one place of wiring."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Literal

import numpy as np
import pandas as pd

from reconfig.appraise import Grid, check_measures, find_measure, known_measures
from reconfig.core import (
    Close,
    Constraint,
    Faults,
    InputError,
    Keep,
    Limit,
    Needs,
    Objective,
    OpenSites,
    Problem,
    Region,
    Service,
    suggestion,
)
from reconfig.core.faults import listing
from reconfig.core.problem import check_constraints
from reconfig.data import data_folder
from reconfig.data.toml_file import (
    NUMBER,
    TABLE,
    TEXT,
    TEXTS,
    WHOLE_OR_TABLE,
    Kind,
    TomlFile,
    Where,
    tables_called,
)
from reconfig.scenario_among import AMONG, ENDS, among_groups, among_sites, check_ends
from reconfig.scenario_choice import KEYS as CHOICE
from reconfig.scenario_choice import chosen_by
from reconfig.scenario_region import KEYS as REGION
from reconfig.scenario_region import read_region
from reconfig.scenario_resources import KEYS as RESOURCES
from reconfig.scenario_resources import read_resources
from reconfig.scenario_together import KEYS as NEEDS
from reconfig.scenario_together import joint_problem, read_needs
from reconfig.solve import check_solver

ABOVE_ZERO = Kind("a number of seconds above 0", lambda v: NUMBER.fits(v) and v > 0)
CASES = Kind("a number of cases a year, 0 or more", lambda v: NUMBER.fits(v) and v >= 0)
SHARE = Kind(
    "a share from 0 up to 1, such as 0.01 for 1 %", lambda v: NUMBER.fits(v) and 0 <= v < 1
)
TOP: dict[str, Kind] = {
    "name": TEXT,
    **REGION,
    "service": tables_called("service"),
    "objective": TABLE,
    "limit": tables_called("limit"),
    "solve": TABLE,
}
SERVICE: dict[str, Kind] = {
    "id": TEXT,
    "name": TEXT,
    "demand": TEXT,
    "open": WHOLE_OR_TABLE,
    "keep": TEXTS,
    "close": TEXTS,
    "always_open": TEXTS,
    "among": AMONG,
    "min_volume": CASES,
    "max_volume": CASES,
    **CHOICE,
    **RESOURCES,
    **NEEDS,
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
    file = TomlFile.read(place, faults)
    faults.raise_if_any()
    assert file is not None
    reader = _Reader(file, file.table(file.content, (), TOP))
    region = read_region(file, reader.top, place.parent)
    problem = reader.problem(region)
    settings = reader.settings()
    faults.raise_if_any()
    assert problem is not None
    time_limit = settings.get("time_limit")
    return Scenario(
        reader.top.get("name", place.stem),
        problem,
        None if time_limit is None else float(time_limit),
        float(settings.get("gap", 0.0)),
        settings.get("solver", "HiGHS"),
        file.text,
    )


@dataclass(frozen=True, eq=False)
class _Part:
    """One [[service]] as read: its good keys, where it stands, and what it asks for."""

    where: Where
    keys: Mapping[str, Any]
    constraints: tuple[Constraint, ...]


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
        limits = [self._limit(k) for k in range(len(self.top.get("limit", ())))]
        wanted = tuple(limit for limit in limits if limit is not None)
        if region is None:
            self._check_names(objective, wanted)
            return None
        if len(parts) > 1:
            problem = self._together(parts, region, objective, wanted)
        else:
            drafts = [self._draft(part, region, objective, wanted) for part in parts]
            problem = drafts[0] if drafts else None
        if problem is None or len(self.file.faults.found) > before:
            return None
        return Problem(problem.region, problem.service, problem.objective, problem.constraints)

    def _parts(self) -> list[_Part]:
        services = self.top.get("service", [])
        if not services and ("service" in self.top or "service" not in self.file.content):
            fix = "Write [[service]] and its id."
            self.file.note((), "no [[service]]", "one [[service]] at least", fix)
        found = []
        for number, content in enumerate(services):
            where: Where = ("service", number)
            keys = self.file.table(content, where, SERVICE)
            found.append(_Part(where, keys, tuple(self._constraints(keys, where))))
        return found

    def _constraints(self, keys: Mapping[str, Any], where: Where) -> Iterable[Constraint]:
        number = keys.get("open")
        if isinstance(number, int):
            yield OpenSites(number, number)
        elif number is not None:
            inside = (*where, "open")
            bounds = self.file.table(number, inside, ENDS)
            check_ends(self.file, bounds, number, inside)
            if bounds:
                yield OpenSites(bounds.get("at_least"), bounds.get("at_most"))
        if keys.get("keep"):
            yield Keep(frozenset(keys["keep"]))
        if keys.get("close"):
            yield Close(frozenset(keys["close"]))
        yield from among_sites(self.file, keys.get("among"), (*where, "among"))
        low, high = keys.get("min_volume"), keys.get("max_volume")
        if low is not None and high is not None and low > high:
            found = f"min_volume {low:g} above max_volume {high:g}"
            self.file.note((*where, "min_volume"), found, "a smallest volume below the largest")
        if low is not None:
            yield Limit("min_volume", at_least=float(low))
        if high is not None:
            yield Limit("max_volume", at_most=float(high))
        yield from read_resources(self.file, keys, where)
        yield from read_needs(self.file, keys, where)

    def _measure(self, name: str, keys: Mapping[str, Any], where: Where) -> str:
        """Return a measure's name, as that of one service where the file says which."""
        if "service" not in keys:
            return name
        ids = [part.get("id") for part in self.top.get("service", ())]
        if keys["service"] not in ids:
            found, known = f"no [[service]] '{keys['service']}'", [i for i in ids if i]
            hint = suggestion(keys["service"], known)
            self.file.note((*where, "service"), found, "the id of a service of this file", hint)
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

    def _limit(self, number: int) -> Limit | None:
        where: Where = ("limit", number)
        content = self.top["limit"][number]
        keys = self.file.table(content, where, LIMIT)
        if "measure" not in content:
            self.file.note(where, "no 'measure'", 'a measure, such as measure = "max_minutes"')
        check_ends(self.file, keys, content, where)
        if "measure" not in keys:
            return None
        bounds = (keys.get("at_least"), keys.get("at_most"))
        measure = self._measure(keys["measure"], keys, where)
        return Limit(measure, *bounds, keys.get("by"), keys.get("at_most_over_today"))

    def _together(
        self,
        parts: list[_Part],
        region: Region,
        objective: Objective | None,
        limits: tuple[Limit, ...],
    ) -> Problem | None:
        """Return the problem of several services, its faults noted; None if a part is missing."""
        drafts = []
        alone = Objective("mean_minutes", "minimise")
        for part in parts:
            asked = tuple(c for c in part.constraints if isinstance(c, Needs))
            rest = tuple(c for c in part.constraints if not isinstance(c, Needs))
            draft = self._draft(replace(part, constraints=rest), region, alone, ())
            if draft is not None:
                drafts.append((part.where, draft, asked))
        if len(drafts) < len(parts) or self.file.faults:
            self._check_names(objective, limits)
            return None
        problem, common = joint_problem(self.file, region, drafts, objective, limits)
        for fault in common.found:
            self.file.note(self._where(fault.place, None), fault.found, fault.expected, fault.fix)
        return problem

    def _draft(
        self,
        part: _Part,
        region: Region,
        objective: Objective | None,
        limits: tuple[Limit, ...],
    ) -> Problem | None:
        """Return the problem of one service, its faults noted; None if a part of it is missing."""
        service = self._service(part, region)
        # What is missing is stood in for, so that the faults of the rest show all the same.
        assumed = objective or Objective("mean_minutes", "minimise")
        wanted: tuple[Constraint, ...] = (*part.constraints, *limits)
        if service is not None:
            given, where = part.keys.get("among"), (*part.where, "among")
            wanted = (*wanted, *among_groups(self.file, given, where, region, service))
        draft = Problem.unchecked(region, service or _any_service(region), assumed, wanted)
        checks = Faults()
        check_constraints(draft, checks, file=self.file.file)
        if service is None:
            self._check_names(objective, limits)
        else:
            check_measures(draft, checks, file=self.file.file)
            self._check_today(region, service, part)
        for fault in checks.found:
            where = self._where(fault.place, part)
            self.file.note(where, fault.found, fault.expected, fault.fix)
        return draft if service is not None and objective is not None else None

    def _check_today(self, region: Region, service: Service, part: _Part) -> None:
        """Note zones that no site open today reaches: there is no "before" to compare with."""
        grid = Grid.of(region, service)
        nowhere = np.flatnonzero(grid.nearest(service.today) < 0)
        stranded = list(dict.fromkeys(grid.zones[k] for k in nowhere))
        if stranded:
            self.file.note(
                part.where,
                f"no site open today can be reached from zone {listing(stranded)}",
                "sites open today that every zone can reach, to compare with",
                "Give minutes to one of them, or take 'proposed' off a site that is open today.",
            )

    def _where(self, place: str, part: _Part | None) -> Where:
        """Return where in the file stands what a check calls "keep" or "limit on mean_minutes"."""
        key, _, rest = place.partition(" on ")
        if key == "objective":
            return ("objective",)
        measure, _, inside = rest.partition(", ")
        for number, content in enumerate(self.top.get("limit", ())):
            if measure.partition("[")[0] == content.get("measure") and (
                "[" not in measure or f"[service={content.get('service')}]" in measure
            ):
                return ("limit", number, inside) if inside else ("limit", number)
        if part is None:
            return ("service",)
        return (*part.where, measure or key.partition(" / ")[0])

    def _check_names(self, objective: Objective | None, limits: tuple[Limit, ...]) -> None:
        """Note unknown measures: all that can be said of them without a service."""
        named: list[tuple[Where, str]] = [
            (("objective",), stage.measure) for stage in (objective.stages() if objective else ())
        ]
        named += [
            (("limit", number), content["measure"])
            for number, content in enumerate(self.top.get("limit", ()))
            if content.get("measure") in {limit.measure.partition("[")[0] for limit in limits}
        ]
        for where, name in named:
            if find_measure(name) is None:
                hint = suggestion(name, known_measures())
                self.file.note(where, f"no measure '{name}'", "a known measure", hint)

    def _service(self, part: _Part, region: Region) -> Service | None:
        """Return the region's service, or the one defined here by a demand column."""
        content = self.top["service"][part.where[1]]
        if "id" not in content:
            hint = suggestion("", region.services)
            self.file.note(
                part.where, "no 'id'", 'the id of a service, such as id = "stroke"', hint
            )
        if "id" not in part.keys or ("demand" in content and "demand" not in part.keys):
            return None
        service_id = part.keys["id"]
        try:
            if "demand" not in part.keys:
                service = region.service(service_id)
            else:
                name = part.keys.get("name", "")
                service = region.define_service(service_id, demand=part.keys["demand"], name=name)
        except InputError as problem:
            key = "demand" if "demand" in part.keys else "id"
            otherwise = 'Or define it here: add demand = "<zone column of cases a year>".'
            for fault in problem.faults:
                fix = fault.fix if key == "demand" else f"{fault.fix} {otherwise}".strip()
                where: Where = ("year",) if fault.place == "year" else (*part.where, key)
                self.file.note(where, fault.found, fault.expected, fix)
            return None
        service = chosen_by(self.file, part.keys, part.where, region, service)
        return self._with_neighbours(service, part)

    def _with_neighbours(self, service: Service, part: _Part) -> Service | None:
        """Return the service with the sites that are said to be always open as neighbours."""
        always = part.keys.get("always_open", ())
        unknown = [site for site in always if site not in service.candidates]
        for site in unknown:
            self.file.note(
                (*part.where, "always_open"),
                f"'{site}' is not a candidate for this service",
                "ids of candidate sites",
                suggestion(site, service.candidates),
            )
        if set(always) >= set(service.candidates):
            self.file.note(
                (*part.where, "always_open"), "every candidate", "a candidate to decide on at least"
            )
            return None
        return None if unknown else service.with_always_open(*always)

    def settings(self) -> Mapping[str, Any]:
        """Return the keys of [solve]."""
        keys = self.file.table(self.top.get("solve", {}), ("solve",), SOLVE)
        checks = Faults()
        check_solver(keys.get("solver", "HiGHS"), checks)
        for fault in checks.found:
            self.file.note(("solve", "solver"), fault.found, fault.expected, fault.fix)
        return keys


def _any_service(region: Region) -> Service:
    """Return a service that every site in scope may host, for checks that need no demand."""
    candidates = tuple(sorted(region.sites.index[region.sites["in_scope"]]))
    nobody = pd.Series(0.0, index=region.zones.index)
    return Service("any", "Any service", nobody, candidates)
