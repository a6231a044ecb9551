"""What local search needs to begin where volumes are bounded: a task, a first choice, its time."""

from __future__ import annotations

import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass

import numpy as np

from reconfig.appraise import Grid
from reconfig.solve.costs import Costs
from reconfig.solve.local_search import Crowds, Task, search
from reconfig.solve.settings import Settings
from reconfig.solve.volumes import Volumes

# The share of the time left that local search may take; it mostly stops long before. Until a choice
# is found that keeps the volumes it may have most of it: a value is worth more than a bound.
SEARCH_SHARE = 0.2
FIRST_SHARE = 0.8


@dataclass(frozen=True, eq=False)
class Start:
    """What is known before anything is solved.

    costs: as `nearest_costs` gives them; None where the objective is no sum over the zones. ends:
    least and largest value of each site's variable, by column. numbers: the fewest and the most
    open columns. opening: what an open column adds to what is made small.
    """

    grid: Grid
    volumes: Volumes
    costs: Callable[[], Costs] | None
    ends: tuple[np.ndarray, np.ndarray]
    numbers: tuple[int, int]
    opening: float

    @property
    def usual_number(self) -> int:
        """A number of open columns in the middle of what the volumes may leave possible."""
        total, free = float(self.grid.cases.sum()), self.ends[0] < self.ends[1]
        low, high = self.volumes.low[free], self.volumes.high[free]
        fewest, most = self.numbers
        if len(low) and 0 < high.max() < np.inf:
            fewest = max(fewest, int(total / float(high.max())))
        if len(low) and low.min() > 0:
            most = min(most, int(total / float(low.min())))
        return int(np.clip((fewest + most) // 2, *self.numbers))

    def first_choice(self) -> np.ndarray:
        """Return as many columns as is usual, at even distances in their order."""
        opened: np.ndarray = self.ends[0] > 0
        free = np.flatnonzero(self.ends[0] < self.ends[1])
        wanted = int(np.clip(self.usual_number - int(opened.sum()), 0, len(free)))
        if wanted:
            opened[free[np.arange(wanted) * len(free) // wanted]] = True
        return opened

    def search(
        self,
        start: np.ndarray,
        accept: Callable[[np.ndarray], bool],
        settings: Settings,
        *,
        seed: int,
    ) -> None:
        """Look for good choices from one on, for a share of the time that is left at the most."""
        left = settings.seconds_left()
        began, found = time.perf_counter(), False

        def check_time() -> None:
            settings.check()
            share = SEARCH_SHARE if found else FIRST_SHARE
            if left is not None and time.perf_counter() > began + share * left:
                raise _EnoughError

        def take(opened: np.ndarray) -> bool:
            nonlocal found
            good = accept(opened)
            found |= good
            return good

        with suppress(_EnoughError):
            search(self.task(), start, take, check_time, seed=seed)

    def task(self) -> Task:
        """Return what local search looks for, with costs of about 1 a case."""
        grid = self.grid
        costs = np.zeros(grid.minutes.shape)
        if self.costs is not None:
            costs = self.costs().costs
            nearest = np.abs(costs[np.arange(len(costs)), grid.visiting_order[:, 0]]).sum()
            costs = costs / max(float(nearest) / float(grid.cases.sum()), 1e-12)
        crowds = Crowds.of(grid.visiting_order, grid.cases, costs)
        fixed = self.ends[0] == self.ends[1]
        return Task(crowds, self.volumes, fixed, *self.numbers, self.opening)


class _EnoughError(Exception):
    """Local search has had its share of the time."""
