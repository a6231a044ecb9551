"""What can be asked of the local page: one problem a service, and the form for it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from reconfig.appraise import check_limit, check_stage, is_share, reported_measures
from reconfig.core import (
    Constraint,
    Faults,
    InputError,
    Limit,
    Objective,
    OpenSites,
    Problem,
    Region,
    Service,
    minimise,
)
from reconfig.report import measure_label, measure_unit
from reconfig.scenario import Scenario

SENSES = ("minimise", "maximise")
# Seconds that a solve may take unless somebody says otherwise: most are done in one.
USUAL_LIMIT = 60.0
# Minutes within which the form asks for a share of cases, where the service has no standard.
USUAL_STANDARD = 45


@dataclass(frozen=True, eq=False)
class Desk:
    """What can be asked: service id -> its problem, with what is asked unless told otherwise.

    time_limit: seconds of a solve, unless told. notes: sentences that the form shows.
    """

    problems: Mapping[str, Problem]
    time_limit: float = USUAL_LIMIT
    notes: tuple[str, ...] = field(default=())

    @classmethod
    def of_region(cls, region: Region, service: Service) -> Desk:
        """Return the desk of a service of which nothing is asked yet."""
        return cls({service.id: Problem(region, service, minimise("mean_minutes"))})

    @classmethod
    def of_scenario(cls, scenario: Scenario) -> Desk:
        """Return the desk of a scenario: what it asks for is asked unless told otherwise.

        Of several services each is asked for alone, without what the scenario asks for, which is
        about all of them; a note says so. Raises InputError for two tiers of one service.
        """
        problem = scenario.problem
        limit = scenario.time_limit or USUAL_LIMIT
        if not problem.service.parts:
            return cls({problem.service.id: problem}, limit)
        _refuse_tiers(problem.service)
        region = problem.region.physical
        assert region is not None
        alone = {
            part.id: Problem(region, part, minimise("mean_minutes"))
            for part in problem.service.parts
        }
        note = (
            "The scenario decides several services together. Optimise looks at one of them at a "
            "time, and leaves aside what the scenario asks for; `reconfig run` solves them jointly."
        )
        return cls(alone, limit, (note,))

    def form(self) -> dict[str, Any]:
        """Return what the form is made of, ready for JSON: one entry a service, and the notes."""
        return {
            "services": [_form(problem) for problem in self.problems.values()],
            "time_limit": self.time_limit,
            "notes": list(self.notes),
        }


def _refuse_tiers(service: Service) -> None:
    """Raise InputError for two tiers, of which neither can be decided without the other."""
    tiers = [part.id for part in service.parts if part.tier is not None]
    if tiers:
        faults = Faults()
        faults.add(
            "scenario",
            "service",
            f"'{tiers[0]}' is a second tier",
            "services that can each be decided alone, to explore them",
            "Use `reconfig run`, which decides both tiers together.",
        )
        raise InputError(faults.found)


def others(problem: Problem) -> list[Constraint]:
    """Return what a problem asks for beside the number of sites, in the order of the form."""
    return [c for c in problem.constraints if not isinstance(c, OpenSites)]


def _form(problem: Problem) -> dict[str, Any]:
    service, stages = problem.service, problem.objective.stages()
    numbers = [c for c in problem.constraints if isinstance(c, OpenSites)]
    low = max((c.at_least for c in numbers if c.at_least is not None), default=None)
    high = min((c.at_most for c in numbers if c.at_most is not None), default=None)
    return {
        "service": service.id,
        "name": service.name,
        "candidates": len(service.candidates),
        "goals": list(_goals(problem)),
        "objective": [
            {"measure": s.measure, "sense": s.sense, "tolerance": s.tolerance} for s in stages
        ],
        "sites": {"at_least": low, "at_most": high},
        "asked": [str(constraint) for constraint in others(problem)],
        "limits": list(_limits(problem)),
    }


def _goals(problem: Problem) -> Iterator[dict[str, str]]:
    """Give every goal that there is for a service, those of the problem first."""
    own = [(s.measure, s.sense) for s in problem.objective.stages()]
    usual = [
        (measure.name, sense)
        for measure in reported_measures(problem.service, region=problem.region)
        for sense in sorted(SENSES, key=lambda s: (s == "maximise") != (measure.better == "higher"))
    ]
    for measure, sense in dict.fromkeys([*own, *usual]):
        faults = Faults()
        stage = Objective(measure, "minimise" if sense == "minimise" else "maximise")
        check_stage(stage, problem, faults, file="form")
        if not faults:
            unit = measure_unit(measure)
            label = f"{sense.capitalize()}: {measure_label(measure)}"
            words = f"{label} ({unit})" if unit else label
            yield {"measure": measure, "sense": sense, "label": words}


def _limits(problem: Problem) -> Iterator[dict[str, Any]]:
    """Give the limits that the form asks for, as far as they can be set for a service."""
    region, service = problem.region, problem.service
    given = service.standard_minutes
    standard = USUAL_STANDARD if given is None or given != int(given) else int(given)
    column = "district" if "district" in region.groups else next(iter(region.groups), None)
    asked = [
        ("Longest journey: at most", Limit("max_minutes", at_most=1.0)),
        (f"Within {standard} minutes: at least", Limit(f"share_within_{standard}", at_least=1.0)),
        ("Cases a year at every open site: at least", Limit("min_volume", at_least=1.0)),
        ("Cases a year at every open site: at most", Limit("max_volume", at_most=1.0)),
    ]
    if column is not None:
        words = f"No {column.replace('_', ' ')}'s mean journey longer than today by more than"
        asked.append((words, Limit("mean_minutes", at_most_over_today=1.0, by=column)))
    for words, limit in asked:
        faults = Faults()
        limit.check(problem, faults, file="form")
        check_limit(limit, problem, faults, file="form")
        if not faults:
            ends = ("at_least", "at_most", "at_most_over_today")
            unit = measure_unit(limit.measure)
            yield {
                "label": words,
                "measure": limit.measure,
                "end": next(end for end in ends if getattr(limit, end) is not None),
                "by": limit.by,
                "unit": "%" if is_share(unit) else unit,
                "percent": is_share(unit),
            }
