"""Caseloads: who is treated where under many configurations, as the sums outcome models need.

Nothing here grows with the number of draws, and what an outcome model makes of it does not grow
with the number of zones.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Sequence
from dataclasses import dataclass

import numpy as np

from reconfig.appraise.grid import Grid, further_than
from reconfig.core import Caseload

STEP_MINUTES = 0.25
# Grids of minutes end at a multiple of this, so that few lengths occur.
ROUND_TO_MINUTES = 30


@dataclass(frozen=True, eq=False)
class Flows:
    """How patients find their site, where that differs from the region's own minutes.

    congestion: every minute is multiplied by it. choice_minutes: 0 sends all cases where the
    service does, to the nearest open site or as its `Choice` has it; above 0 spreads them, whatever
    the service has, each open site drawing exp(-minutes / choice_minutes).
    site_factor: by column of the grid, what a site's minutes are multiplied by (errors of estimated
    times, say); None for as they are.
    """

    congestion: float = 1.0
    choice_minutes: float = 0.0
    site_factor: np.ndarray | None = None


def caseload(
    grid: Grid, configurations: Sequence[Collection[str]], flows: Flows | None = None
) -> Caseload:
    """Return the sums over who is treated where, for sets of open candidates.

    Today is as `Grid.today` has it: a zone that can reach no site of today goes to any other.
    Raises ValueError naming a site that is no candidate, or the configuration from which a zone
    with cases can reach no site.
    """
    _refuse_unknown(grid, configurations)
    flows = flows or Flows()
    minutes = grid.minutes * flows.congestion
    if flows.site_factor is not None:
        minutes = minutes * flows.site_factor
    candidates, neighbours = np.flatnonzero(grid.is_candidate), np.flatnonzero(~grid.is_candidate)
    spread = flows.choice_minutes
    chosen = [frozenset(c) for c in configurations]
    onward, group = np.zeros(1), np.zeros(len(grid.sites), dtype=int)
    if grid.onward is not None:
        onward, group = np.unique(grid.onward, return_inverse=True)
    seen = minutes if grid.by_minutes or spread > 0 else minutes + grid.noise
    usual = seen if grid.usual is grid.perceived else minutes
    seen_now, open_now = _today(grid, usual)
    today, displaced = grid.today, grid.displaced
    as_they_are = grid.by_minutes or (flows.congestion == 1.0 and not spread > 0)
    if flows.site_factor is not None or not as_they_are:  # another one of today may be nearest
        today = _nearest(grid, seen_now, open_now)
        displaced = further_than(usual, today)
    sums = [_Sums.of(grid, minutes, seen, one, spread, group, today, displaced) for one in chosen]
    sums.append(_Sums.of(grid, minutes, seen_now, open_now, spread, group, today, displaced))
    longest = max(one.by_step.shape[1] for one in sums)
    per_round = round(ROUND_TO_MINUTES / STEP_MINUTES)
    length = math.ceil(longest / per_round) * per_round + 1
    by_onward = np.zeros((len(sums), len(onward), length))
    for table, one in zip(by_onward, sums, strict=True):
        table[:, : one.by_step.shape[1]] = one.by_step
    by_minutes = by_onward.sum(axis=1)
    known = len(onward) if grid.onward is not None else 0
    volumes = np.array([one.volumes[candidates] for one in sums])
    now = sums[-1]
    return Caseload(
        cases=float(grid.cases.sum()),
        number_open=np.array([len(c) for c in chosen]),
        at_candidates=volumes[:-1].sum(axis=1),
        at_neighbours=np.array([one.volumes[neighbours].sum() for one in sums[:-1]]),
        at_neighbours_today=float(now.volumes[neighbours].sum()),
        minutes=np.arange(length) * STEP_MINUTES,
        by_minutes=by_minutes[:-1],
        displaced_by_minutes=_padded([one.displaced for one in sums[:-1]], length),
        today_by_minutes=by_minutes[-1],
        volumes=volumes[:-1],
        volumes_today=volumes[-1],
        reference_minutes=now.case_minutes / now.cases if now.cases > 0 else 0.0,
        onward=onward[:known] * flows.congestion,
        by_onward=by_onward[:-1, :known],
        today_by_onward=by_onward[-1, :known],
    )


def _padded(rows: Sequence[np.ndarray], length: int) -> np.ndarray:
    """Return rows of several lengths as a table, zeros where a row ends earlier."""
    table = np.zeros((len(rows), length))
    for line, row in zip(table, rows, strict=True):
        line[: len(row)] = row
    return table


def _refuse_unknown(grid: Grid, configurations: Sequence[Collection[str]]) -> None:
    unknown = sorted({s for c in configurations for s in c}.difference(grid.service.candidates))
    if unknown:
        raise ValueError(f"{', '.join(unknown)}: not a candidate for {grid.service.id}")


def _today(grid: Grid, minutes: np.ndarray) -> tuple[np.ndarray, Collection[str]]:
    """Return minutes and open candidates of today: other sites only for whom no other is in reach.

    minutes: those that patients choose by. Of those returned, the ones of a site that is closed to
    a row today are infinite.
    """
    service = grid.service
    open_now = grid.columns({*service.today, *service.always_open})
    lost = ~np.isfinite(minutes[:, open_now]).any(axis=1) & (grid.cases > 0)
    if not lost.any():
        return minutes, frozenset(service.today).intersection(service.candidates)
    closed = np.ones(minutes.shape, dtype=bool)
    closed[:, open_now] = False
    closed[lost] = False
    return np.where(closed, np.inf, minutes), service.candidates


def _nearest(grid: Grid, minutes: np.ndarray, opened: Collection[str]) -> np.ndarray:
    """Return the column of each row's nearest open site by these minutes; -1 where none is."""
    columns = grid.columns({*opened, *grid.service.always_open})
    if not len(columns):
        return np.full(len(grid.zones), -1)
    part = minutes[:, columns]
    found = columns[part.argmin(axis=1)]
    return np.where(np.isfinite(part.min(axis=1)), found, -1)


@dataclass(frozen=True, eq=False)
class _Sums:
    """One configuration's sums. by_step: cases by group of sites and step of the grid; displaced:
    by step, those whose site of today is closed and who go further."""

    by_step: np.ndarray
    displaced: np.ndarray
    volumes: np.ndarray
    cases: float
    case_minutes: float

    @classmethod
    def of(
        cls,
        grid: Grid,
        minutes: np.ndarray,
        seen: np.ndarray,
        opened: Collection[str],
        choice_minutes: float,
        group: np.ndarray,
        today: np.ndarray,
        displaced: np.ndarray,
    ) -> _Sums:
        """Return the sums; minutes: of the journeys, seen: those by which patients choose."""
        columns = grid.columns({*opened, *grid.service.always_open})
        counted = grid.cases > 0
        part, cases = seen[:, columns][counted], grid.cases[counted]
        if not len(columns) or not np.isfinite(part.min(axis=1)).all():
            names = ", ".join(sorted(opened)) or "none"
            raise ValueError(f"with {names} open, some zones with cases can reach no open site")
        directed = grid.usual is not grid.perceived  # further even where today's site is open
        shut = ~np.isin(today[counted], columns) | directed
        displaced = displaced[:, columns][counted] & shut[:, None]
        true = minutes[:, columns][counted]
        if choice_minutes > 0:
            near = part - part.min(axis=1, keepdims=True)
            pull = np.exp(-np.where(np.isfinite(part), near, np.inf) / choice_minutes)
            shared = cases[:, None] * pull / pull.sum(axis=1, keepdims=True)
            used = np.isfinite(part) & (shared > 0)
            where = np.broadcast_to(columns, part.shape)[used]
            return cls._add_up(true[used], shared[used], where, displaced[used], group)
        best = np.argmin(part, axis=1)  # the first of equals, and columns are sorted by id
        journeys = true[np.arange(len(part)), best]
        lost = displaced[np.arange(len(part)), best]
        return cls._add_up(journeys, cases, columns[best], lost, group)

    @classmethod
    def _add_up(
        cls,
        minutes: np.ndarray,
        cases: np.ndarray,
        columns: np.ndarray,
        displaced: np.ndarray,
        group: np.ndarray,
    ) -> _Sums:
        steps = minutes / STEP_MINUTES
        lower = np.floor(steps).astype(int)
        above = steps - lower
        length = int(lower.max()) + 2 if lower.size else 2
        place, size = group[columns] * length + lower, (int(group.max()) + 1) * length
        by_step = np.bincount(place, weights=cases * (1 - above), minlength=size)
        by_step += np.bincount(place + 1, weights=cases * above, minlength=size)
        lost = cases * displaced
        by_lost = np.bincount(lower, weights=lost * (1 - above), minlength=length)
        by_lost += np.bincount(lower + 1, weights=lost * above, minlength=length)
        volumes = np.bincount(columns, weights=cases, minlength=len(group))
        case_minutes = float((cases * minutes).sum())
        by_group = by_step.reshape(-1, length)
        return cls(by_group, by_lost, volumes, float(cases.sum()), case_minutes)
