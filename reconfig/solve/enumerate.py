"""Every choice that reduced costs leave open, valued one by one, where they are few enough.

The relaxation gives a bound and, for each site, what it costs at least to have it otherwise than
the relaxation has it. A choice whose costs add up past the best value known cannot be better; the
others are valued exactly. Where a relaxation is loose (minutes without geography) and sites are
few, that is quicker than branching.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

# Choices held at once, at the most.
MOST_CHOICES = 2_000_000
# Journeys valued, at the most: a blink where branching is quick, half a minute where the relaxation
# is so loose that branching takes far longer.
FEW_JOURNEYS, MOST_JOURNEYS = 1e8, 2e10
LOOSE = 0.02


@dataclass(frozen=True, eq=False)
class Room:
    """What a choice may cost: sites by what opening one costs more than closing it, cheapest first.

    columns: the free columns in that order. extra: what opening each costs more than closing it.
    number: how many of them are opened. budget: the most that the extras may add up to.
    """

    columns: np.ndarray
    extra: np.ndarray
    number: int
    budget: float

    def least(self, after: np.ndarray, wanted: int) -> np.ndarray:
        """Return the least that so many more can add, all of them at or past some places."""
        sums = np.concatenate([[0.0], np.cumsum(self.extra), np.full(wanted + 1, np.inf)])
        result: np.ndarray = sums[after + wanted] - sums[after]
        return result


def room_for(reduced: np.ndarray, free: np.ndarray, number: int, slack: float) -> Room:
    """Return which choices of so many free columns could still be better.

    reduced: reduced costs by column, of a minimisation. free: which columns are not fixed.
    number: how many of those will be open. slack: the best value known less the bound.
    """
    columns = np.flatnonzero(free)
    to_close = np.maximum(-reduced[columns], 0.0)
    extra = np.maximum(reduced[columns], 0.0) - to_close
    order = np.argsort(extra, kind="stable")
    return Room(columns[order], extra[order], number, slack - float(to_close.sum()))


def beginnings(
    room: Room, most: float, check_time: Callable[[], None] = lambda: None
) -> tuple[np.ndarray, np.ndarray] | None:
    """Return all but the last column of every choice, as places in the order, and their extras.

    None where there are more than `most` of them, or where there is nothing to choose.
    """
    if not 1 <= room.number <= len(room.columns):
        return None
    chosen = np.zeros((1, 0), dtype=np.int16)
    spent = np.zeros(1)
    for size in range(1, room.number):
        parts, sums, number = [], [], 0
        last = chosen[:, -1] if size > 1 else np.full(1, -1)
        for place in range(len(room.columns)):
            check_time()
            after = room.least(np.array(place + 1), room.number - size)
            live = (last < place) & (spent + room.extra[place] + after <= room.budget)
            number += int(live.sum())
            if number > most:
                return None
            if live.any():
                added = np.full((int(live.sum()), 1), place, dtype=np.int16)
                parts.append(np.hstack([chosen[live], added]))
                sums.append(spent[live] + room.extra[place])
        if not parts:
            return np.zeros((0, room.number - 1), np.int16), np.zeros(0)
        chosen, spent = np.concatenate(parts), np.concatenate(sums)
    return chosen, spent


def cheapest(
    costs: np.ndarray,
    opened: np.ndarray,
    room: Room,
    most_journeys: float,
    check_time: Callable[[], None],
) -> tuple[bool, np.ndarray | None]:
    """Return whether every choice in the room was looked at, and the cheapest of them.

    costs: zones x columns, every zone taking its cheapest open one. opened: columns open in every
    choice. most_journeys: beyond so many none is looked at. check_time: called now and then; what
    it raises ends the search.
    """
    found = beginnings(room, min(MOST_CHOICES, most_journeys / len(costs)), check_time)
    if found is None:
        return False, None
    chosen, spent = found
    begins = chosen[:, -1].astype(np.int64) + 1 if room.number > 1 else np.zeros(1, dtype=np.int64)
    ends = np.searchsorted(room.extra, room.budget - spent, side="right")
    journeys = float(np.maximum(ends - begins, 0).sum() + room.number * len(chosen)) * len(costs)
    if journeys > most_journeys:
        return False, None
    by_place = np.ascontiguousarray(costs[:, room.columns].T)
    always = costs[:, opened].min(axis=1) if opened.any() else np.full(len(costs), np.inf)
    best, least = None, np.inf
    for row, begin, end in zip(chosen, begins, ends, strict=True):
        check_time()
        if begin >= end:
            continue
        here = np.minimum(always, by_place[row].min(axis=0)) if len(row) else always
        values = np.minimum(here, by_place[begin:end]).sum(axis=1)
        place = int(values.argmin())
        if values[place] < least:
            least = float(values[place])
            best = np.append(room.columns[row], room.columns[begin + place])
    if best is None:
        return True, None
    choice = opened.copy()
    choice[best] = True
    return True, choice
