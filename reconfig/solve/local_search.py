"""A good choice of sites where volumes are bounded: add, drop and exchange, past dead ends.

Tabu search (Glover 1989) with strategic oscillation: what volumes are out of bounds costs a price
that rises while they are and falls while they are not. All moves of a round are valued at once from
each zone's nearest and second nearest open site. Nothing is proven here.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from reconfig.solve.volumes import Volumes

# Zones with the same nearest sites are taken together, so far as that leaves so many of them.
MOST_CROWDS = 5_000
# Rounds for which a site that was moved stays as it is: at least, and less than.
TABU = (5, 15)
# Rounds without anything better: until sites are changed at random, and until the end.
SHAKE, GIVE_UP = 60, 200
SHAKEN = 8
PRICE_UP, PRICE_DOWN, PRICES = 1.15, 0.8, (1e-3, 1e3)
# Cases by which a volume may be out of bounds here, for rounding; the appraisal decides.
ROOM = 1e-7


@dataclass(frozen=True, eq=False)
class Crowds:
    """Zones taken together, by the order in which they visit the sites they visit first.

    rank: crowds x columns, the place of each column in the order of the crowd's first zone.
    cases: by crowd. costs: crowds x columns.
    """

    rank: np.ndarray
    cases: np.ndarray
    costs: np.ndarray

    @classmethod
    def of(cls, order: np.ndarray, cases: np.ndarray, costs: np.ndarray) -> Crowds:
        """Merge zones with cases. order: zones x columns, as visited; costs: likewise."""
        live = cases > 0
        order, cases, costs = order[live].astype(np.int64), cases[live], costs[live]
        crowd, first = np.zeros(len(order), dtype=np.int64), np.zeros(1, dtype=np.int64)
        for column in order.T:
            _, begins, number = np.unique(
                crowd * order.shape[1] + column, return_index=True, return_inverse=True
            )
            if len(begins) > MOST_CROWDS and len(first) > 1:
                break
            crowd, first = number.reshape(-1), begins
        rank = np.empty((len(first), order.shape[1]), dtype=np.int16)
        places = np.arange(order.shape[1], dtype=np.int16)
        np.put_along_axis(rank, order[first], np.broadcast_to(places, rank.shape), axis=1)
        by_crowd = np.argsort(crowd, kind="stable")
        begins = np.searchsorted(crowd[by_crowd], np.arange(len(first)))
        return cls(
            rank,
            np.bincount(crowd, weights=cases),
            np.add.reduceat(costs[by_crowd], begins, axis=0),
        )


@dataclass(frozen=True, eq=False)
class Task:
    """What is searched for: the least sum of the crowds' costs and of `opening` an open column.

    fixed: columns that stay as they are. fewest, most: columns that may be open.
    """

    crowds: Crowds
    volumes: Volumes
    fixed: np.ndarray
    fewest: int
    most: int
    opening: float = 0.0


@dataclass(frozen=True, eq=False)
class _Moves:
    """Cost and volume out of bounds of a choice and after every move from it.

    inside, outside: the open columns, and the closed ones that may open. drops: by inside; adds: by
    outside; swaps: inside x outside; each a pair of cost and volume.
    """

    inside: np.ndarray
    outside: np.ndarray
    now: tuple[float, float]
    drops: tuple[np.ndarray, np.ndarray]
    adds: tuple[np.ndarray, np.ndarray]
    swaps: tuple[np.ndarray, np.ndarray]


def search(
    task: Task,
    start: np.ndarray,
    accept: Callable[[np.ndarray], bool],
    check_time: Callable[[], None],
    *,
    seed: int = 1,
) -> None:
    """Hand every choice that is the best so far to `accept`, which says whether it will do.

    start: open columns (boolean). check_time: called every round; what it raises ends the search.
    The same seed gives the same choices.
    """
    rng = np.random.default_rng(seed)
    opened, best = start.copy(), start.copy()
    least, price, idle, shaken = np.inf, 1.0, 0, 0
    until = np.zeros(len(opened), dtype=np.int64)  # the round until which a column stays
    free = np.flatnonzero(~task.fixed)
    count = 0
    while idle < GIVE_UP and len(free):
        check_time()
        count, idle, shaken = count + 1, idle + 1, shaken + 1
        if opened.sum() > 0:
            moves = _value(task, opened)
            cost, wrong = moves.now
            within = task.fewest <= len(moves.inside) <= task.most
            better = wrong <= ROOM and cost < least - 1e-9 * max(1.0, abs(cost))
            if better and within and accept(opened.copy()):
                least, best, idle, shaken = cost, opened.copy(), 0, 0
            change = _step(task, moves, price, until > count, least)
            up = wrong > ROOM
            price = min(price * PRICE_UP, PRICES[1]) if up else max(price * PRICE_DOWN, PRICES[0])
        else:
            change = rng.choice(free, 1)
        if shaken >= SHAKE or not len(change):
            opened = best.copy()
            change = rng.choice(free, min(SHAKEN, len(free)), replace=False)
            shaken = 0
        opened[change] = ~opened[change]
        until[change] = count + rng.integers(*TABU)


def _step(task: Task, moves: _Moves, price: float, tabu: np.ndarray, least: float) -> np.ndarray:
    """Return the columns to change: of the best move that is allowed, none where there is none.

    A tabu move is allowed where it gives the best choice so far.
    """
    inside, outside = moves.inside, moves.outside
    stays, away = task.fixed[inside], tabu[inside]
    barred = tabu[outside]
    options = []
    number = len(inside)
    if number > task.fewest:
        options.append((moves.drops, away, stays))
    if number < task.most:
        options.append((moves.adds, barred, np.zeros(len(outside), dtype=bool)))
    either = away[:, None] | barred[None, :]
    options.append((moves.swaps, either, np.broadcast_to(stays[:, None], either.shape)))
    best, change = np.inf, np.zeros(0, dtype=np.int64)
    for (cost, wrong), held, never in options:
        better = (wrong <= ROOM) & (cost < least - 1e-9 * max(1.0, abs(least)))
        score = np.where(never | (held & ~better), np.inf, cost + price * wrong)
        if not score.size or score.min() >= best:
            continue
        best = float(score.min())
        place = np.unravel_index(int(score.argmin()), score.shape)
        if score.ndim == 2:
            change = np.array([inside[place[0]], outside[place[1]]])
        else:
            change = (inside if cost is moves.drops[0] else outside)[[place[0]]]
    return change


@dataclass(frozen=True, eq=False)
class _Sums:
    """What the moves from a choice are made of; sums over the crowds.

    here, next: by pair, places among the open columns of the nearest and the second nearest one.
    volume: cases by open column. moved: closed x open, the cases that a column sends on once it is
    closed. taken: open x new, the cases that a new column takes; taken_then: pairs x new, the same
    once the nearest is closed. total: cost as it is; lost: what closing a column adds to it;
    gained, gained_then: open x new, what opening adds to the costs of the crowds there.
    """

    here: np.ndarray
    next: np.ndarray
    volume: np.ndarray
    moved: np.ndarray
    taken: np.ndarray
    taken_then: np.ndarray
    total: float
    lost: np.ndarray
    gained: np.ndarray
    gained_then: np.ndarray

    @classmethod
    def of(cls, crowds: Crowds, inside: np.ndarray, outside: np.ndarray) -> _Sums:
        """Sum up by pairs of nearest and second nearest first: they are few."""
        number = len(inside)
        first, second = _nearest_two(crowds.rank[:, inside])
        order = np.argsort(first * number + second, kind="stable")
        first, second = first[order], second[order]
        starts = np.flatnonzero(np.diff(first * number + second, prepend=-1))
        here, after = first[starts], second[starts]
        rank, cases, costs = crowds.rank[order], crowds.cases[order][:, None], crowds.costs[order]
        rows = np.arange(len(order))
        near, far = inside[first], inside[second]
        cost_near, cost_far = costs[rows, near][:, None], costs[rows, far][:, None]
        to_new = rank[:, outside] < rank[rows, near][:, None]
        # Where the only open site closes, there is no second nearest to prefer.
        then_new = (rank[:, outside] < rank[rows, far][:, None]) | (number == 1)
        new = costs[:, outside]

        def by_first(values: np.ndarray) -> np.ndarray:
            total = np.zeros((number, values.shape[1]))
            np.add.at(total, here, np.add.reduceat(values, starts, axis=0))
            return total

        moved = np.zeros((number, number))
        moved[here, after] = np.add.reduceat(cases[:, 0], starts)
        return cls(
            here,
            after,
            np.bincount(first, weights=cases[:, 0], minlength=number),
            moved,
            by_first(to_new * cases),
            np.add.reduceat(then_new * cases, starts, axis=0),
            float(cost_near.sum()),
            by_first(cost_far - cost_near)[:, 0],
            by_first(np.where(to_new, new - cost_near, 0.0)),
            by_first(np.where(then_new, new - cost_far, 0.0)),
        )


def _value(task: Task, opened: np.ndarray) -> _Moves:
    """Value every move from a choice."""
    inside = np.flatnonzero(opened)
    outside = np.flatnonzero(~opened & ~task.fixed)
    sums = _Sums.of(task.crowds, inside, outside)
    low, high = task.volumes.low, task.volumes.high

    def wrong(amounts: np.ndarray, columns: np.ndarray) -> np.ndarray:
        shape = (len(columns), *[1] * (amounts.ndim - 1))
        under = np.maximum(low[columns].reshape(shape) - amounts, 0.0)
        over = np.maximum(amounts - high[columns].reshape(shape), 0.0)
        both: np.ndarray = under + over
        return both

    same = np.arange(len(inside))
    after_drop = wrong(sums.volume[:, None] + sums.moved.T, inside)  # open x closed
    after_drop[same, same] = 0.0
    all_taken = sums.taken.sum(axis=0)
    after_add = wrong(sums.volume[:, None] - sums.taken, inside).sum(axis=0)
    after_swap = sums.volume[:, None, None] + sums.moved.T[:, :, None] - sums.taken[:, None, :]
    after_swap[sums.next, sums.here, :] -= sums.taken_then  # open x closed x new
    after_swap = wrong(after_swap, inside)
    after_swap[same, same, :] = 0.0
    newly = all_taken[None, :] - sums.taken  # closed x new: the volume of the new column
    np.add.at(newly, sums.here, sums.taken_then)
    total = sums.total + task.opening * len(inside)
    swapped = sums.lost[:, None] + sums.gained.sum(axis=0) - sums.gained + sums.gained_then
    return _Moves(
        inside,
        outside,
        (total, float(wrong(sums.volume, inside).sum())),
        (total + sums.lost - task.opening, after_drop.sum(axis=0)),
        (
            total + sums.gained.sum(axis=0) + task.opening,
            after_add + wrong(all_taken, outside),
        ),
        (total + swapped, after_swap.sum(axis=0) + wrong(newly.T, outside).T),
    )


def _nearest_two(rank: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return by crowd the places of the least and the second least rank; the same where one is."""
    if rank.shape[1] == 1:
        nowhere = np.zeros(len(rank), dtype=np.int64)
        return nowhere, nowhere
    two = np.argpartition(rank, 1, axis=1)[:, :2]
    turned = np.take_along_axis(rank, two[:, :1], 1) > np.take_along_axis(rank, two[:, 1:], 1)
    two = np.where(turned, two[:, ::-1], two)
    return two[:, 0], two[:, 1]
