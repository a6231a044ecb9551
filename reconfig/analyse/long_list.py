"""Every configuration considered, and the hurdles that each passed or failed.

Nothing is solved here: each configuration is appraised and judged by itself, so that what the
solver says is best can be held against all there are.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from html import escape
from time import monotonic

import numpy as np
import pandas as pd

from reconfig.analyse.criteria import criteria_of, hurdle_label, reason
from reconfig.analyse.progress import Progress
from reconfig.analyse.uncertainty import weigh
from reconfig.appraise import (
    JUDGES,
    Chosen,
    Grid,
    Measure,
    check_measures,
    check_name,
    lives_saved,
    measure_values,
    reported_measures,
)
from reconfig.appraise.lives import DRAWS, INTERVAL, NO_GAIN, SEED
from reconfig.core import (
    Among,
    Close,
    Configuration,
    Constraint,
    Differ,
    Faults,
    Keep,
    LivesSaved,
    OpenSites,
    Problem,
    joined,
)
from reconfig.core.problem import EQUAL_WITHIN
from reconfig.outcomes import Draws

MOST = 5_000
# Configurations whose draws are held at once.
AT_ONCE = 256
IN_REACH = "Every place has a site in reach"
# Demands on the sites themselves, which can be judged whoever goes where.
ON_SITES = (OpenSites, Keep, Close, Among, Differ)


@dataclass(frozen=True, eq=False, repr=False)
class LongList:
    """Every configuration considered, one row each, the best of those that pass first.

    table: open (site ids), number (of open sites), every measure (with what qualifies lives saved;
    NaN where a place can reach no open site), one column a hurdle (whether it is passed), passed
    (all of them), reasons (what is failed, in words), rank (by the objective, among those that
    pass; NaN for the others). Rank 1 is the best, rank 2 the best of the others, and so on, the
    objectives taken in turn; of equals the one whose sites come first. configurations: in the order
    of the rows. measures, hurdles: names of those columns. complete: whether these are all
    configurations with as many sites as the problem allows.
    """

    problem: Problem
    table: pd.DataFrame
    configurations: tuple[Configuration, ...]
    measures: tuple[str, ...]
    hurdles: tuple[str, ...]
    complete: bool

    @property
    def failures(self) -> pd.Series[int]:
        """How many configurations fail each hurdle; one may fail several."""
        failed = {hurdle: int((~self.table[hurdle]).sum()) for hurdle in self.hurdles}
        return pd.Series(list(failed.values()), index=pd.Index(list(failed)), name="failed")

    @property
    def qualifiers(self) -> tuple[str, ...]:
        """Columns with what qualifies lives saved; none where they are not estimated."""
        return tuple(name for name in _qualifiers(0.0, 0.0, 0.0, 0.0) if name in self.table)

    def sentences(self) -> list[str]:
        """Say how many were considered, how many pass, and what stops the others."""
        many, passed = len(self.table), int(self.table["passed"].sum())
        number = f"{many:,} configuration{' was' if many == 1 else 's were'} considered"
        said = [
            f"{number}: every one with as many sites as the problem allows."
            if self.complete
            else f"{number}, not every one that there is."
        ]
        if not self.hurdles:
            return [*said, "There is no hurdle beside the number of sites, so all of them pass."]
        verb = "passes" if passed == 1 else "pass"
        said.append(f"{passed:,} of them {verb} every hurdle.")
        failed = self.failures
        for hurdle, count in failed[failed > 0].sort_values(ascending=False).items():
            said.append(f"{count:,} {'fails' if count == 1 else 'fail'}: {hurdle}.")
        return said

    def __repr__(self) -> str:
        return f"<LongList: {' '.join(self.sentences())}>"

    def _repr_html_(self) -> str:
        names = [", ".join(self.problem.region.site_names(s)) for s in self.table["open"]]
        table = self.table.assign(open=names).to_html(float_format="{:,.3f}".format, max_rows=20)
        return f"<p>{escape(' '.join(self.sentences()))}</p>{table}"


def long_list(
    problem: Problem,
    *,
    considered: Iterable[Configuration] | None = None,
    measures: Iterable[str] = (),
    most: int = MOST,
    time_limit: float | None = None,
    on_progress: Progress | None = None,
) -> LongList:
    """Return every configuration with as many sites as the problem allows, each hurdle judged.

    Hurdles are all other constraints, sites to keep and to close among them. considered: these
    configurations in place of all, each once; the number of sites is then a hurdle too. measures:
    names of more of them, beside the usual ones and the problem's own. most: how
    many there may be. time_limit: seconds. on_progress: called with (done, in all).
    Raises ValueError where there are more, where patients are directed (sites are then not all
    there is to choose), or where time ran out; InputError for measures that cannot be.
    """
    faults = Faults()
    check_measures(problem, faults, file="long_list")
    faults.raise_if_any()
    whole = considered is None
    chosen = list(
        dict.fromkeys(
            _every(problem, most)
            if considered is None
            else (joined(one, problem.service) for one in considered)
        )
    )
    counted = [c for c in problem.constraints if not (whole and _is_number(c, problem))]
    asked = [*problem.measures, *criteria_of(problem), *measures]
    _check_names(asked, problem)
    reported = reported_measures(problem.service, asked, region=problem.region)
    hurdles = _labels(problem, counted)
    end = None if time_limit is None else monotonic() + time_limit
    rows = []
    for k, configuration in enumerate(chosen):
        if end is not None and monotonic() > end:
            raise ValueError(
                f"time ran out after {k:,} of {len(chosen):,} configurations were appraised"
            )
        rows.append(
            _row(problem, configuration, reported, list(zip(hurdles, counted, strict=True)))
        )
        if on_progress is not None:
            on_progress(k + 1, len(chosen))
    names = tuple(m.name for m in reported)
    columns = ["open", "number", *names, *hurdles, IN_REACH, "passed", "reasons"]
    table = pd.DataFrame(rows, columns=columns)
    if "lives_saved" in names:
        found = _lives(problem, chosen, table)
        qualifiers = pd.DataFrame(found, index=table.index)
        table = table.join(qualifiers)
    if table[IN_REACH].all():
        table = table.drop(columns=IN_REACH)
    else:
        hurdles = [*hurdles, IN_REACH]
    table = table.assign(rank=_ranks(problem, table))
    order = np.argsort(table["rank"].to_numpy(float), kind="stable")
    return LongList(
        problem,
        table.iloc[order].reset_index(drop=True),
        tuple(chosen[k] for k in order),
        names,
        tuple(hurdles),
        whole,
    )


def _check_names(names: Iterable[str], problem: Problem) -> None:
    """Refuse names that are no measures of the problem's service and region."""
    faults = Faults()
    for name in dict.fromkeys(names):
        check_name(name, problem, f"measure '{name}'", faults, file="long_list")
    faults.raise_if_any()


def number_considered(problem: Problem) -> int:
    """Return how many configurations have as many sites as the problem allows."""
    parts = _parts(problem)
    return sum(
        math.prod(math.comb(len(own), n) for (own, _), n in zip(parts, numbers, strict=True))
        for numbers in _numbers(problem, parts)
    )


def _every(problem: Problem, most: int) -> Iterator[Configuration]:
    """Return every configuration with as many sites as are allowed, whatever else must hold."""
    service = problem.service
    if service.is_directed:
        raise ValueError(
            f"patients of {service.id} are directed: a choice of sites is not all there is to "
            "choose, so there is no list of every configuration"
        )
    many = number_considered(problem)
    if many > most:
        raise ValueError(
            f"there are {many:,} configurations with as many sites as the problem allows, more "
            f"than the {most:,} that are listed one by one"
        )
    parts = _parts(problem)
    return (
        Configuration.of(service.id, itertools.chain(*sites))
        for numbers in _numbers(problem, parts)
        for sites in itertools.product(
            *(itertools.combinations(own, n) for (own, _), n in zip(parts, numbers, strict=True))
        )
    )


def _parts(problem: Problem) -> list[tuple[list[str], range]]:
    """Return the candidates of each service, and how many of them its own constraints allow."""
    service, found = problem.service, []
    for part in service.parts or (service,):
        own = [f"{part.id}@{s}" if service.parts else s for s in part.candidates]
        low, high = 0 if part.always_open else 1, len(own)
        for c in problem.constraints:
            if isinstance(c, Among | OpenSites) and (
                c.sites == frozenset(own) if isinstance(c, Among) else not service.parts
            ):
                low = max(low, c.at_least or 0)
                high = high if c.at_most is None else min(high, c.at_most)
        found.append((sorted(own), range(low, high + 1)))
    return found


def _numbers(
    problem: Problem, parts: Sequence[tuple[list[str], range]]
) -> Iterator[tuple[int, ...]]:
    """Yield how many sites of each service are open, for all that bounds on the sum allow."""
    bounds = [c for c in problem.constraints if isinstance(c, OpenSites)]
    for numbers in itertools.product(*(span for _, span in parts)):
        total = sum(numbers)
        if all(
            (c.at_least or 0) <= total <= (total if c.at_most is None else c.at_most)
            for c in bounds
        ):
            yield numbers


def _is_number(constraint: Constraint, problem: Problem) -> bool:
    """Say whether a constraint is on the number of sites of a service, or of all."""
    if isinstance(constraint, Among) and problem.service.parts:
        return any(constraint.sites == frozenset(own) for own, _ in _parts(problem))
    return isinstance(constraint, OpenSites)


def _labels(problem: Problem, constraints: Sequence[Constraint]) -> list[str]:
    """Return the name of each hurdle; those with the same name are numbered."""
    found: list[str] = []
    for constraint in constraints:
        label = hurdle_label(constraint, problem.region)
        alike = sum(one == label or one.startswith(f"{label} (") for one in found)
        found.append(f"{label} ({alike + 1})" if alike else label)
    return found


def _row(
    problem: Problem,
    configuration: Configuration,
    measures: Sequence[Measure],
    hurdles: Sequence[tuple[str, Constraint]],
) -> dict[str, object]:
    """Return what a configuration is worth and which hurdles it passes."""
    grid = Grid.of(problem.region, problem.service).under(configuration)
    opened = frozenset(configuration.sites(problem.service.id))
    treated_at = grid.nearest(opened)
    row: dict[str, object] = {"open": tuple(sorted(opened)), "number": len(opened)}
    stranded = sorted({grid.zones[k] for k in np.flatnonzero(treated_at < 0)})
    row[IN_REACH] = not stranded
    choice, reasons = Chosen(grid, opened, treated_at), list[str]()
    if stranded:  # nothing can be measured, nor can what rests on measures be judged
        many = f"{len(stranded):,} place{'' if len(stranded) == 1 else 's'}"
        row |= {m.name: float("nan") for m in measures}
        reasons.append(f"{many} can reach no open site")
    else:
        row |= measure_values(grid, measures, treated_at, opened, grid.everyone)[""]
    for label, constraint in hurdles:
        if stranded and not isinstance(constraint, ON_SITES):
            row[label] = True
            continue
        broken: list[str] = JUDGES.of(constraint)(choice, constraint)
        row[label] = not broken
        reasons += [reason(sentence, constraint, problem.region) for sentence in broken]
    return row | {"passed": not reasons, "reasons": "; ".join(reasons)}


def _lives(
    problem: Problem, chosen: Sequence[Configuration], table: pd.DataFrame
) -> list[dict[str, float]]:
    """Return what qualifies the lives saved of each row, as the appraisal has it."""
    nothing = _qualifiers(*(float("nan"),) * 4)
    found = [nothing for _ in chosen]
    reached = [k for k, flag in enumerate(table[IN_REACH]) if flag]
    if problem.service.parts or problem.service.is_directed:
        for k in reached:
            grid = Grid.of(problem.region, problem.service).under(chosen[k])
            values = {"lives_saved": float(table["lives_saved"].iloc[k])}
            lives = lives_saved(grid, chosen[k].sites(problem.service.id), values)
            found[k] = nothing if lives is None else lives.qualifiers()
        return found
    for begin in range(0, len(reached), AT_ONCE):
        some = reached[begin : begin + AT_ONCE]
        for k, one in zip(some, _drawn(problem, [chosen[k] for k in some]), strict=True):
            found[k] = one
    return found


def _drawn(problem: Problem, some: list[Configuration]) -> list[dict[str, float]]:
    """Return what qualifies the lives saved of some configurations, all on the same draws."""
    case = weigh(problem.region, some, service=problem.service)
    outcome = case.outcome
    gains = case.gains(Draws.sample(outcome.register, DRAWS, SEED))
    middle = Draws.central(outcome.register)
    deaths = float(outcome.baseline_deaths(middle)[0]) * case.loads[0].cases
    low, high = np.quantile(gains, INTERVAL, axis=0)
    none = (gains <= NO_GAIN * max(deaths, 1.0)).mean(axis=0)
    return [
        _qualifiers(float(low[k]), float(high[k]), deaths, float(none[k])) for k in range(len(some))
    ]


def _qualifiers(low: float, high: float, deaths: float, none: float) -> dict[str, float]:
    return LivesSaved(float("nan"), low, high, deaths, none, "", "").qualifiers()


def _ranks(problem: Problem, table: pd.DataFrame) -> np.ndarray:
    """Return the rank of each row that passes, NaN for the others.

    Each rank is the best of those that are left, as `solve` would have it: objectives in turn, and
    choices within the tolerance of the best (a rounding, where none is stated) equal.
    """
    stages = problem.objective.stages()
    signs = [1.0 if stage.sense == "minimise" else -1.0 for stage in stages]
    names = [stage.measure for stage in stages]
    costs = table[names].to_numpy(float) * signs
    ranks = np.full(len(table), np.nan)
    left = np.flatnonzero(table["passed"].to_numpy(bool) & ~np.isnan(costs).any(axis=1))
    for rank in range(1, len(left) + 1):
        pool = left
        for stage, column in zip(stages, costs.T, strict=True):
            best = column[pool].min()
            if stage.then is None:
                pool = pool[[int(column[pool].argmin())]]
            else:
                room = max(stage.tolerance, EQUAL_WITHIN * max(1.0, abs(best)))
                pool = pool[column[pool] <= best + room]
        ranks[pool[0]] = rank
        left = left[left != pool[0]]
    return ranks
