"""What the analyses make of a decision, put together for its report."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from time import monotonic
from typing import Any

import pandas as pd

from reconfig.analyse.alternatives import MOST as MOST_ALTERNATIVES
from reconfig.analyse.alternatives import Alternatives, alternatives, importance
from reconfig.analyse.criteria import ESTIMATES
from reconfig.analyse.frontier import NUMBER, Frontier, frontier
from reconfig.analyse.left_out import FIXED, OF_DIRECTED, OF_SEVERAL, in_plain_words, sentence
from reconfig.analyse.long_list import LongList, long_list
from reconfig.analyse.sensitivity import Sensitivity, sensitivity
from reconfig.analyse.sentences import more_sites_sentences, rival_sentences
from reconfig.analyse.short_list import CHOSEN, ShortList, short_list
from reconfig.analyse.structural import Structural, structural
from reconfig.analyse.uncertainty import TRAVEL_ERROR, Uncertainty, uncertainty
from reconfig.analyse.weights import Weights
from reconfig.appraise.lives import DRAWS, FEWER_DRAWS, SEED
from reconfig.core import (
    Configuration,
    Faults,
    OpenSites,
    Problem,
    ReconfigError,
    Solution,
    Status,
)
from reconfig.core.choice import CHOICE_MINUTES
from reconfig.data import read_switches
from reconfig.solve import SolutionMismatchError
from reconfig.solve.by_appraisal import number_of_choices
from reconfig.solve.ranking import MOST_LISTED

# what is being done, how much of it is done, how much there is
OnProgress = Callable[[str, int, int], None]

# An analysis may take this share of the time that is left when it begins, near-ties, which rarely
# need more, less; and one solve is taken to need no less than this (seconds).
SHARE_OF_TIME, SHARE_OF_NEAR, SHORTEST = 0.5, 0.2, 0.05
# Solves that a number of sites may need where two measures are drawn.
SOLVES_A_NUMBER = 5
# With fewer draws than these an alternative view says too little.
FEWEST_DRAWS = 500
# How many numbers of sites on either side of the chosen one are drawn, where not all can be.
MOST_BESIDE = 10


@dataclass(frozen=True, eq=False)
class Findings:
    """What the analyses make of a decision; None for each that was not made.

    sentences: what a board should hear of them. left_out: what was not found, and why.
    """

    frontier: Frontier | None = None
    weights: Weights | None = None
    long_list: LongList | None = None
    alternatives: Alternatives | None = None
    importance: pd.DataFrame | None = None
    uncertainty: Uncertainty | None = None
    sensitivity: Sensitivity | None = None
    structural: Structural | None = None
    sentences: tuple[str, ...] = ()
    left_out: tuple[tuple[str, str], ...] = ()
    short_list: ShortList | None = None

    def reason(self, what: str) -> str:
        """Return why an analysis was not made, "" where that is not known."""
        return dict(self.left_out).get(what, "")


def findings(
    solution: Solution,
    *,
    time_limit: float | None = 60,
    weights: Mapping[str, float] | None = None,
    on_progress: OnProgress | None = None,
) -> Findings:
    """Return what every analysis within reach makes of a solution, for its report.

    time_limit: seconds for all of them together, about; None for no limit. What cannot be had, or
    not in that time, is in `left_out` with the reason and how to ask for it. weights: of the
    criteria of the short list (see `short_list`). on_progress: called with (what, done, in all).
    Ctrl-C ends the work and returns what is done.
    Raises ValueError for a solution without a configuration, InputError for impossible weights.
    """
    solution.found()
    if time_limit is not None and not time_limit > 0:
        faults = Faults()
        faults.add("findings", "time_limit", f"{time_limit:g}", "seconds, more than zero")
        faults.raise_if_any()
    work = _Work(solution, time_limit, on_progress, weights)
    found = Findings()
    for title, step in _STEPS.items():
        found = work.after(title, step, found)
    work.tell("", len(_STEPS))
    return replace(found, left_out=tuple(work.left_out.items()))


@dataclass
class _Work:
    """A solution, the time that is left, and what was left out.

    weighing: seconds that the uncertainty of the options took.
    """

    solution: Solution
    time_limit: float | None
    on_progress: OnProgress | None
    weights: Mapping[str, float] | None
    left_out: dict[str, str] = field(default_factory=dict)
    begun: float = field(default_factory=monotonic)
    done: int = 0
    stopped: bool = False
    weighing: float = 0.0

    @property
    def problem(self) -> Problem:
        return self.solution.problem

    @property
    def seconds(self) -> float | None:
        """Seconds that are left; None without a limit."""
        if self.time_limit is None:
            return None
        return max(self.time_limit - (monotonic() - self.begun), SHORTEST)

    def seconds_of(self, share: float) -> float | None:
        """Return a share of the seconds that are left."""
        left = self.seconds
        return None if left is None else share * left

    @property
    def share(self) -> float | None:
        """Seconds that one analysis may take."""
        return self.seconds_of(SHARE_OF_TIME)

    @property
    def each(self) -> float:
        """Seconds that one solve is expected to take."""
        return max(self.solution.seconds, SHORTEST)

    def solves(self, share: float = SHARE_OF_TIME) -> int | None:
        """Return how many solves one analysis may make; None for any number."""
        seconds = self.seconds_of(share)
        return None if seconds is None else int(seconds / self.each)

    def tell(self, what: str, done: int) -> None:
        if self.on_progress is not None:
            self.on_progress(what, done, len(_STEPS))

    def after(self, title: str, step: Step, found: Findings) -> Findings:
        """Return what is found after one more analysis, or note why it cannot be had.

        Only what is refused on purpose, and time that ran out, is noted. A solver that contradicts
        the appraisal is a fault in the model, and is raised.
        """
        self.tell(title, self.done)
        self.done += 1
        if not self.stopped:
            try:
                return step(self, found)
            except KeyboardInterrupt:
                self.stopped = True
            except _NoTimeError as error:
                self.leave_out(title, str(error))
                return found
            except SolutionMismatchError:
                raise
            except (ReconfigError, ValueError) as error:
                self.left_out[title] = in_plain_words(error)
                return found
        self.leave_out(title, "The work was stopped by hand")
        return found

    def leave_out(self, title: str, reason: str) -> None:
        """Note why an analysis, or a part of it, was not made, and how it can be had."""
        self.left_out[title] = f"{sentence(reason)} {HOW[title]}"


class _NoTimeError(ReconfigError):
    """An analysis needs more than the time that there is."""


Step = Callable[[_Work, Findings], Findings]


def _alternatives(work: _Work, found: Findings) -> Findings:
    problem, solves = work.problem, work.solves(SHARE_OF_NEAR)
    listed = not problem.service.is_directed and number_of_choices(problem) <= MOST_LISTED
    most = MOST_ALTERNATIVES if listed or solves is None else min(MOST_ALTERNATIVES, solves)
    if most < 2:
        raise _NoTimeError(f"each solve takes about {work.each:.0f} seconds, too many for the time")
    tolerance = problem.objective.tolerance
    near = alternatives(
        problem,
        within=tolerance if tolerance > 0 else None,
        most=most,
        time_limit=work.seconds_of(SHARE_OF_NEAR),
        progress=False,
    )
    if not near.complete:
        work.leave_out(ALTERNATIVES, f"only the best {len(near.table):,} were looked for")
    return replace(found, alternatives=near)


def _frontier(work: _Work, found: Findings) -> Findings:
    """Find the objective against the mean journey, or where it is that, the number of sites."""
    problem, solution = work.problem, work.solution
    first = problem.objective.measure
    one_service = not problem.service.parts
    second = "mean_minutes" if first != "mean_minutes" else NUMBER
    if first == NUMBER:
        first, second = "mean_minutes", NUMBER
    if problem.service.is_directed and second != NUMBER:
        second = NUMBER
    free = problem
    numbers = None
    if not one_service and max(problem.fewest, 1) >= problem.most:
        raise ValueError(FIXED.format(problem.most))
    if one_service:  # of several services the numbers are as they were given
        others = [c for c in problem.constraints if not isinstance(c, OpenSites)]
        free = Problem(problem.region, problem.service, problem.objective, others)
        numbers = _numbers(
            work, free, len(solution.open), 1 if second == NUMBER else SOLVES_A_NUMBER
        )
    traded = frontier(
        free, first, second, numbers=numbers, total_time_limit=work.share, progress=False
    )
    if traded.points.empty:
        raise _NoTimeError("time ran out before a point was found")
    if numbers is not None and len(numbers) < max(free.most - max(free.fewest, 1) + 1, 1):
        work.leave_out(FRONTIER, f"drawn for {numbers[0]} to {numbers[-1]} sites only")
    weights = traded.weights() if second != NUMBER else None
    return replace(found, frontier=traded, weights=weights)


def _numbers(work: _Work, problem: Problem, here: int, solves_each: int) -> list[int]:
    """Return for how many sites a frontier is drawn: all, or as many about the chosen as can be."""
    low, high = max(problem.fewest, 1), problem.most
    solves = work.solves()
    if solves is None or (high - low + 1) * solves_each <= solves:
        return list(range(low, high + 1))
    beside = min(MOST_BESIDE, (solves // solves_each - 1) // 2)
    return list(range(max(low, here - beside), min(high, here + beside) + 1))


def _long_list(work: _Work, found: Findings) -> Findings:
    try:
        return replace(found, long_list=long_list(work.problem, time_limit=work.share))
    except ValueError as error:
        work.left_out[LONG_LIST] = sentence(str(error))
    near = () if found.alternatives is None else found.alternatives.solutions
    points = () if found.frontier is None else found.frontier.solutions
    considered = [work.solution.found(), *(s.found() for s in (*near, *points))]
    return replace(found, long_list=long_list(work.problem, considered=considered))


def _short_list(work: _Work, found: Findings) -> Findings:
    if found.long_list is None:
        raise ValueError("there is no long list to choose from")
    near = found.alternatives
    shortened = short_list(
        found.long_list,
        chosen=work.solution.found(),
        within=None if near is None else near.within,
        weights=work.weights,
    )
    return replace(found, short_list=shortened)


def _importance(work: _Work, found: Findings) -> Findings:
    problem, solves = work.problem, work.solves()
    many = len(problem.service.candidates)
    if solves is not None and many > solves:
        raise _NoTimeError(
            f"{many} candidates need as many solves of about {work.each:.0f} seconds each, too "
            "many for the time"
        )
    return replace(found, importance=importance(problem, time_limit=work.share))


def _uncertain(work: _Work, found: Findings) -> tuple[dict[str, Any], list[Configuration]]:
    """Return what is weighed, and as what: the short list, or the chosen one and today."""
    problem = work.problem
    outcome = problem.service.outcome
    if problem.service.parts:
        raise ValueError(OF_SEVERAL)
    if problem.service.is_directed:
        raise ValueError(OF_DIRECTED)
    known = () if outcome is None else outcome.estimates
    of = next((e for e in ESTIMATES if e in known), None)
    if of is None:
        raise ValueError(f"{problem.service.name} has no outcome model of lives or QALYs")
    options = {CHOSEN: work.solution.found()}
    if found.short_list is not None:
        rows = zip(found.short_list.table.index, found.short_list.configurations, strict=True)
        options |= {str(name): one for name, one in rows}
    named = [replace(one, name=name) for name, one in options.items()]
    return {"service": problem.service, "of": of}, named


def _draws(estimate: str) -> int:
    return DRAWS if estimate == "lives_saved" else FEWER_DRAWS


def _uncertainty(work: _Work, found: Findings) -> Findings:
    asked, named = _uncertain(work, found)
    region = work.problem.region
    # The draws of the appraisal itself, so that a chance of no gain is one number in a report.
    asked |= {"draws": _draws(asked["of"]), "seed": SEED}
    begun = monotonic()
    weighed = uncertainty(region, named, **asked)
    work.weighing = monotonic() - begun
    return replace(found, uncertainty=weighed)


def _sensitivity(work: _Work, found: Findings) -> Findings:
    asked, named = _uncertain(work, found)
    region = work.problem.region
    return replace(found, sensitivity=sensitivity(region, named, **asked))


def _structural(work: _Work, found: Findings) -> Findings:
    asked, named = _uncertain(work, found)
    region = work.problem.region
    outcome = work.problem.service.outcome
    if outcome is not None:
        needed = {CHOICE_MINUTES, TRAVEL_ERROR, *(s.congestion for s in read_switches())} - {""}
        missing = sorted(one for one in needed if one not in outcome.register)
        if missing:
            raise ValueError(
                f"the register of the outcome model has no {', '.join(missing)}, on which other "
                "views of how patients travel rest"
            )
    most = draws = _draws(asked["of"])
    if work.share is not None:  # each alternative takes about as long as the uncertainty did
        all_of_them = (1 + len(read_switches())) * max(work.weighing, SHORTEST)
        draws = min(most, int(most * work.share / all_of_them))
    if draws < FEWEST_DRAWS:
        raise _NoTimeError(f"only {draws} draws of each could be made in the time")
    return replace(found, structural=structural(region, named, draws=draws, **asked))


def _more_sites(work: _Work, found: Findings) -> Findings:
    traded = found.frontier
    if traded is None or NUMBER in traded.measures:  # more sites are then on the chart itself
        return found
    return replace(found, sentences=tuple(more_sites_sentences(traded, work.solution)))


def _rival(work: _Work, found: Findings) -> Findings:
    solution, solves = work.solution, work.solves()
    if solution.status is not Status.OPTIMAL:
        raise ValueError("the choice is not proven best, so what comes next would be a guess")
    if solves is not None and len(solution.open) > solves:  # one solve a site that is open
        raise _NoTimeError("it was not looked for, for want of time")
    rival = rival_sentences(solution, time_limit=work.share)
    if not rival:
        work.leave_out(RIVAL, "there is none, or it was not proven within the time")
    return replace(found, sentences=(*rival, *found.sentences))


FRONTIER, LONG_LIST, SHORT_LIST = "trade-off", "long list", "short list"
ALTERNATIVES, IMPORTANCE, RIVAL = "near-ties", "importance of sites", "next best choice"
UNCERTAINTY, SENSITIVITY = "uncertainty", "sensitivity"
STRUCTURAL, MORE = "structural alternatives", "more sites"
# How to ask for each by itself, in Python.
HOW: dict[str, str] = {
    ALTERNATIVES: "rc.alternatives(problem) finds them.",
    FRONTIER: 'rc.frontier(problem, "mean_minutes") draws it, with as much time as it takes.',
    LONG_LIST: "rc.long_list(problem, most=...) lists them all.",
    SHORT_LIST: "rc.short_list(rc.long_list(problem)) makes one.",
    IMPORTANCE: "rc.importance(problem) finds it.",
    UNCERTAINTY: "rc.uncertainty(region, configurations) finds it.",
    SENSITIVITY: "rc.sensitivity(region, configurations) finds it.",
    STRUCTURAL: "rc.structural(region, configurations) goes through them.",
    MORE: "rc.frontier(problem, ...) says it.",
    RIVAL: "rc.alternatives(problem, most=2) finds it, with as much time as it takes.",
}
_STEPS: dict[str, Step] = {
    ALTERNATIVES: _alternatives,
    FRONTIER: _frontier,
    LONG_LIST: _long_list,
    SHORT_LIST: _short_list,
    UNCERTAINTY: _uncertainty,
    SENSITIVITY: _sensitivity,
    STRUCTURAL: _structural,
    IMPORTANCE: _importance,
    MORE: _more_sites,
    RIVAL: _rival,
}
