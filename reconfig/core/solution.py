"""A solution: a configuration, and what has been proven about it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

import pandas as pd

from reconfig.core.configuration import Configuration
from reconfig.core.constraints import Constraint
from reconfig.core.outcome import LivesSaved
from reconfig.core.problem import Problem


class Status(StrEnum):
    """What is known of a solution; a time-out is never "optimal"."""

    OPTIMAL = "optimal"
    FEASIBLE = "feasible"
    INFEASIBLE = "infeasible"
    NO_SOLUTION = "no_solution"


@dataclass(frozen=True)
class Stage:
    """One solve of a (lexicographic) objective, with the solver's own figures.

    value, bound: in the measure's unit; bound is the best that any configuration could reach.
    gap: |value - bound| / |value|, None where the solver gave no bound. stopped: what ended the
    solve early ("time limit", "gap" or "interrupted"), empty where nothing did; "interrupted" also
    where it was told to stop and was done by then.
    """

    measure: str
    sense: str
    status: Status
    value: float | None
    bound: float | None
    gap: float | None
    seconds: float
    stopped: str = ""


@dataclass(frozen=True, eq=False, repr=False)
class Solution:
    """The best configuration found and the proof that came with it.

    status: optimal (proven), feasible (found, not proven: see gap), infeasible (proven that there
    is none) or no_solution (stopped before one was found). objective: the first objective's value
    at the configuration, by appraisal. bound: the best value that any configuration could reach.
    gap: |objective - bound| / |objective|, or the gap of a later objective where that is larger;
    None where one is not known. With a tolerance on the first of several objectives, what was given
    up for the next is part of it. seconds: wall time, building included.
    measures: every measure of the configuration, by appraisal. lives: lives saved with interval,
    baseline and chance of no gain, where the service has a model of them.
    conflict: for an infeasible problem, a smallest set of constraints that cannot hold together.
    """

    problem: Problem
    configuration: Configuration | None
    status: Status
    objective: float | None
    bound: float | None
    gap: float | None
    seconds: float
    solver: str
    stages: tuple[Stage, ...] = ()
    measures: Mapping[str, float] = field(default_factory=dict)
    conflict: tuple[Constraint, ...] = ()
    lives: LivesSaved | None = None

    @property
    def flows(self) -> pd.DataFrame:
        """One row a zone and site, where patients are directed: site_id, cases, minutes.

        Index: zone ids. Raises ValueError where they are not, or nothing was found:
        `rc.appraise(...).flows` then says who goes where.
        """
        service = self.problem.service
        if not service.is_directed:
            raise ValueError(
                f"patients of {service.id} are not directed: see rc.appraise(...).flows"
            )
        sent = self.found().flows[service.id]
        table, minutes = service.demand.to_dict(), self.problem.region.minutes()
        return pd.DataFrame(
            {
                "site_id": [site for _, site, _ in sent],
                "cases": [table[zone] * share for zone, _, share in sent],
                "minutes": [float(str(minutes.at[zone, site])) for zone, site, _ in sent],
            },
            index=pd.Index([zone for zone, _, _ in sent], name="zone_id"),
        )

    @property
    def stopped(self) -> str:
        """What ended the solve early: "time limit", "gap", "interrupted", or "" for nothing."""
        return next((stage.stopped for stage in self.stages if stage.stopped), "")

    @property
    def open(self) -> tuple[str, ...]:
        """Ids of the open candidates, sorted; empty where there is no configuration."""
        if self.configuration is None:
            return ()
        return self.configuration.sites(self.problem.service.id)

    def found(self) -> Configuration:
        """Return the configuration; raise ValueError, with the reason, where there is none."""
        if self.configuration is None:
            raise ValueError(f"there is no configuration: the problem is {self.status.value}")
        return self.configuration

    @property
    def verdict(self) -> str:
        """Say in one sentence what has been proven."""
        if self.status is Status.INFEASIBLE:
            reasons = "; ".join(str(c) for c in self.conflict)
            detail = (
                f" These cannot hold together: {reasons}."
                if reasons
                else " rc.explain_conflict(solution) finds out which cannot hold together."
            )
            return f"Proven: no configuration meets every constraint.{detail}"
        if self.status is Status.NO_SOLUTION:
            why = self._why().capitalize()
            return f"{why} before any configuration was found; nothing is proven."
        if self.status is Status.OPTIMAL:
            loose = [
                f"{stage.tolerance:g} of the best {stage.measure.replace('_', ' ')}"
                for stage in self.problem.objective.stages()[:-1]
                if stage.tolerance > 0
            ]
            if loose:
                return (
                    f"Proven best, taking the objectives in turn: choices within "
                    f"{' and within '.join(loose)} count as equal, and the next objective decides "
                    "among them."
                )
            return "Proven best: no other choice that meets the constraints does better."
        named = [s.measure for s in self.stages if s.value is not None]
        if len(named) < len(self.problem.objective.stages()):
            return (
                f"Found but not proven best: {self._why()} before every objective was taken up; "
                f"decided by {' and '.join(named) or 'none'} only."
            )
        open_stage = next((s for s in self.stages if s.status is not Status.OPTIMAL), None)
        if open_stage is None or open_stage.gap is None:
            return "Found but not proven best: with no bound, another may be better by any amount."
        return (
            f"Found but not proven best: {open_stage.measure} could be at most "
            f"{open_stage.gap:.2%} better."
        )

    def _why(self) -> str:
        words = {"interrupted": "the solve was stopped by hand", "time limit": "time ran out"}
        return words.get(self.stopped, "the solver stopped")

    def map(self, **options: Any) -> Any:
        """Return a matplotlib figure: zones by minutes, today and in this configuration."""
        from reconfig.report import solution_map

        return solution_map(self, **options)

    def __repr__(self) -> str:
        names = ", ".join(self.problem.region.site_names(self.open)) or "none"
        return f"<Solution {self.status.value}: {names}. {self.verdict}>"

    def _repr_html_(self) -> str:
        from reconfig.report.displays import solution_display

        return solution_display(self)
