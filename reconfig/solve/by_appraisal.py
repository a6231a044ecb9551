"""Programs that see a little too much, made exact: appraise each answer, then leave it out.

A measure that depends on the volumes of sites has straight pieces in the program, which are never
below what there is (or never above, where small is wanted). So the best of the program is a bound;
what it chooses is appraised, and the program solved again for something better than that, without
that choice, until there is nothing. Where there are few choices at all, each is appraised.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable, Iterator

from reconfig.core import Objective, Problem, Status
from reconfig.model import BuiltModel
from reconfig.model.expression import linear
from reconfig.solve.judge import Judge
from reconfig.solve.settings import PROVEN_GAP, RawResult, Settings, agree, relative_gap

# Choices that are appraised one by one rather than by a program: about a millisecond each in a
# region of some thousand zones, where a program of as many takes minutes.
FEW_CHOICES = 20_000

# the program as it stands -> its best, and a bound that is true of it
Run = Callable[[BuiltModel], RawResult]


def few_choices(problem: Problem) -> bool:
    """Say whether the choices with as many sites as are allowed are few enough to value each."""
    return number_of_choices(problem) <= FEW_CHOICES


def number_of_choices(problem: Problem) -> int:
    """Return how many choices have as many sites as are allowed, those kept and none closed."""
    free = len(problem.service.candidates) - len(problem.closed) - len(problem.kept)
    numbers = range(problem.fewest - len(problem.kept), problem.most - len(problem.kept) + 1)
    return sum(math.comb(free, number) for number in numbers)


def best_of_each(problem: Problem, stage: Objective, settings: Settings, judge: Judge) -> RawResult:
    """Return the best choice of all, having appraised every one; the bound is its value."""
    best: tuple[float, frozenset[str]] | None = None
    sign = 1.0 if stage.sense == "minimise" else -1.0
    try:
        for chosen in choices(problem):
            settings.check()
            value = judge(chosen)
            if value is not None and (best is None or sign * (value - best[0]) < 0):
                best = value, chosen
    except TimeoutError:
        return _unproven(best, settings)
    except KeyboardInterrupt:
        settings.interrupted = True
        return _unproven(best, settings)
    if best is None:
        return RawResult(Status.INFEASIBLE, None, None, None)
    return RawResult(Status.OPTIMAL, best[0], best[0], best[1])


def choices(problem: Problem) -> Iterator[frozenset[str]]:
    """Yield every choice with as many sites as are allowed, those kept and none closed."""
    free = [s for s in problem.service.candidates if s not in problem.closed | problem.kept]
    for number in range(problem.fewest, problem.most + 1):
        for more in itertools.combinations(free, number - len(problem.kept)):
            yield problem.kept.union(more)


def _unproven(best: tuple[float, frozenset[str]] | None, settings: Settings) -> RawResult:
    if best is None:
        return RawResult(Status.NO_SOLUTION, None, None, None, settings.stopped)
    return RawResult(Status.FEASIBLE, best[0], None, best[1], settings.stopped)


def best_appraised(
    model: BuiltModel, stage: Objective, settings: Settings, run: Run, judge: Judge
) -> RawResult:
    """Return the choice with the best appraised value, and the best that any could have.

    Choices are finite and each is met once, so this ends; it ends early because few choices lie
    within the program's error of the best. The program is left with the rows that were added.
    """
    sign = 1.0 if stage.sense == "minimise" else -1.0
    best: RawResult | None = None
    value: float | None = None  # of the best
    bound: float | None = None  # of all choices but those left out
    stopped = ""
    try:
        for number in itertools.count():
            settings.check()
            found = run(model)
            if found.status is Status.INFEASIBLE:
                if best is None:
                    return found
                bound = value
                break
            if found.bound is not None:
                bound = found.bound
            stopped = found.stopped
            if found.opened is None:
                break
            worth = judge(found.opened)
            if worth is not None and (value is None or sign * (worth - value) < 0):
                best, value = found, worth
            if _settled(value, bound, sign, settings) or settings.over:
                break
            _leave_out(model, found.opened, f"other{number}")
            if value is not None:
                _beat(model, value, sign, f"better{number}")
    except TimeoutError:
        pass
    except KeyboardInterrupt:
        settings.interrupted = True
    stopped = settings.stopped or stopped
    if best is None or value is None:
        return RawResult(Status.NO_SOLUTION, None, bound, None, stopped)
    if bound is not None:
        bound = sign * min(sign * bound, sign * value)
        if agree(value, bound):
            return RawResult(Status.OPTIMAL, value, bound, best.opened)
    return RawResult(Status.FEASIBLE, value, bound, best.opened, stopped or "gap")


def _leave_out(model: BuiltModel, chosen: frozenset[str], name: str) -> None:
    """Add row (21): another choice than this one."""
    terms = [(y, -1.0 if site in chosen else 1.0) for site, y in model.opened.items()]
    model.lp.addConstraint(linear(float(len(chosen)), terms).at_least(1), name)


def _beat(model: BuiltModel, value: float, sign: float, name: str) -> None:
    """Add a row: better than a value that is known, by half of what counts as better at all."""
    step = PROVEN_GAP * max(1.0, abs(value)) / 2.0
    worth, edge = model.objective, value - sign * step
    model.lp.addConstraint(worth.at_most(edge) if sign > 0 else worth.at_least(edge), name)


def _settled(value: float | None, bound: float | None, sign: float, settings: Settings) -> bool:
    """Say whether nothing that is left could be better by more than was asked to be told."""
    if value is None or bound is None:
        return False
    if sign * (value - bound) <= 0 or agree(value, bound):
        return True
    gap = relative_gap(value, bound)
    return gap is not None and gap <= settings.gap
