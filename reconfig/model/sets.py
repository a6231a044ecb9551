"""Nearest-site sets: which sets of sites must all be closed before a zone goes further.

For zone i order the usable sites by travel time: j1, j2, ... Cases of i are treated at the k-th
exactly when the set of its first k-1 sites is wholly closed and the set of its first k is not. The
sets are shared: on real geography far fewer are distinct than there are zones times sites.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np

# Odd multipliers that spread the words of a set over one number, by which equal sets are found.
SPREAD = 0x9E3779B97F4A7C15


@dataclass(frozen=True, eq=False)
class Weights:
    """A sum of a table over some zones: constant + sum of value x (1 if the set is closed).

    sets: the numbers of the sets with a value that is not zero, rising.
    """

    constant: float
    sets: np.ndarray
    values: np.ndarray


@dataclass(frozen=True, eq=False)
class NearestSets:
    """The distinct sets, smallest first, each with one set that it grows from.

    order: zones x depth, the column of each zone's k-th nearest usable site, -1 past its last.
    prefix: zones x depth, which set holds the zone's first k+1 sites; -1 where no set is needed
    because the zone never goes past its k+1-th site.
    column, parent: by set, the site that was added last, and to which set (-1: the empty one).
    level: by size less one, where the sets of that size begin; one entry more than there are sizes.
    stuck: sets that hold every site some zone can reach, and so may never be wholly closed.
    """

    order: np.ndarray
    prefix: np.ndarray
    column: np.ndarray
    parent: np.ndarray
    level: np.ndarray
    stuck: np.ndarray
    columns: int
    memo: dict[Hashable, Weights] = field(default_factory=dict)

    def __len__(self) -> int:
        return len(self.column)

    def members(self, number: int) -> list[int]:
        """Return the columns in a set, the last added first."""
        columns = []
        while number >= 0:
            columns.append(int(self.column[number]))
            number = int(self.parent[number])
        return columns

    @cached_property
    def root(self) -> np.ndarray:
        """By set, the column that its chain of sets began with."""
        found = self.column.copy()
        for first, last in self.levels()[1:]:
            found[first:last] = found[self.parent[first:last]]
        return found

    @cached_property
    def steps(self) -> np.ndarray:
        """Each distinct (set before, or -1 for the empty one; column added; set after) once."""
        if not len(self):
            return np.zeros((0, 3), dtype=np.int64)
        found = []
        for k in range(self.prefix.shape[1]):
            live = self.prefix[:, k] >= 0
            after = self.prefix[live, k].astype(np.int64)
            before = self.prefix[live, k - 1].astype(np.int64) if k else np.full(len(after), -1)
            pairs, where = np.unique((before + 1) * len(self) + after, return_index=True)
            split = np.stack(np.divmod(pairs, len(self)), axis=1) - [1, 0]
            found.append(np.insert(split, 1, self.order[live, k][where], axis=1))
        return np.concatenate(found)

    def levels(self) -> list[tuple[int, int]]:
        """Return where the sets of each size begin and end, smallest size first."""
        return list(zip(self.level[:-1].tolist(), self.level[1:].tolist(), strict=True))

    def openness(self, open_share: np.ndarray) -> np.ndarray:
        """Return by set how much of it is open, the sum over its columns.

        Stops at the first size at which every set reaches one: the result has the sets so far, and
        every set that it leaves out holds one that reaches one.
        """
        total = np.empty(len(self))
        for first, last in self.levels():
            total[first:last] = open_share[self.column[first:last]]
            if first:
                total[first:last] += total[self.parent[first:last]]
            if total[first:last].min() >= 1.0:
                return total[:last]
        return total

    def by_column(self, amounts: np.ndarray, groups: np.ndarray, number: int) -> np.ndarray:
        """Return groups x columns: the sum of the amounts of the sets that hold the column.

        amounts: of the first sets, as many as there are amounts; groups: by set, 0 to number - 1.
        """
        held = amounts.copy()
        for first, last in reversed(self.levels()):
            if first and first < len(held):
                lower = int(self.level[np.searchsorted(self.level, first) - 1])
                parent = self.parent[first : min(last, len(held))] - lower
                held[lower:first] += np.bincount(
                    parent, weights=held[first:last], minlength=first - lower
                )
        place = groups[: len(held)] * self.columns + self.column[: len(held)]
        summed = np.bincount(place, weights=held, minlength=number * self.columns)
        return summed.reshape(number, self.columns)

    def coefficients(self, table: np.ndarray, rows: np.ndarray) -> tuple[float, np.ndarray]:
        """Return the constant and the coefficient of each set for the sum of a table.

        table: zones x columns. rows: which zones to sum over (boolean). The sum over who is treated
        where equals constant + sum of coefficient x (1 if the set is wholly closed).
        """
        index = np.flatnonzero(rows)
        order, prefix = self.order[index], self.prefix[index]
        constant = float(table[index, order[:, 0]].sum())
        total = np.zeros(len(self))
        for k in range(order.shape[1] - 1):
            live = np.flatnonzero((order[:, k + 1] >= 0) & (prefix[:, k] >= 0))
            if not live.size:
                break
            zone = index[live]
            change = table[zone, order[live, k + 1]] - table[zone, order[live, k]]
            total += np.bincount(prefix[live, k], weights=change, minlength=len(self))
        return constant, total

    def weights(self, table: Callable[[], np.ndarray], rows: np.ndarray, key: Hashable) -> Weights:
        """Return the coefficients that are not zero; kept for the next solve.

        key: names the table; whoever edits a column of groups asks for other rows.
        """
        key = (key, np.packbits(rows).tobytes())
        if key not in self.memo:
            constant, total = self.coefficients(table(), rows)
            total[np.abs(total) < 1e-12] = 0.0
            used = np.flatnonzero(total)
            self.memo[key] = Weights(constant, used, total[used])
        return self.memo[key]


def nearest_sets(
    minutes: np.ndarray,
    *,
    usable: np.ndarray,
    always_open: np.ndarray,
    fewest_open: int,
    certain: np.ndarray | None = None,
) -> NearestSets:
    """Return the nearest-site sets of a problem.

    minutes: zones x columns, infinite where there is no way; equal minutes are taken in the order
    of the columns. usable: which columns may be open at all. always_open: which are open whatever
    is decided: no zone goes past one. fewest_open: of the n usable columns that are not always
    open at least this many will be open, so no zone goes past its (n - fewest_open + 1)th.
    certain: which zones' last column is open, whatever is decided, if none before it is.
    Raises ValueError if a zone can reach no usable column.
    """
    order = _visiting_order(minutes, usable, always_open, fewest_open)
    if (order[:, 0] < 0).any():
        raise ValueError(f"{int((order[:, 0] < 0).sum())} zones can reach no usable site")
    zones, depth = order.shape
    last = (order >= 0).sum(axis=1) - 1
    final = order[np.arange(zones), last]
    free = int((usable & ~always_open).sum())
    # A zone's last site is open for sure if it is always open or fewest_open guarantees it;
    # otherwise the set of all that the zone can reach must not be wholly closed.
    guaranteed = always_open[final] | (last + 1 >= free - fewest_open + 1)
    if certain is not None:
        guaranteed |= certain
    words = np.zeros((zones, (minutes.shape[1] + 63) // 64), dtype=np.uint64)
    prefix = np.full((zones, depth), -1, dtype=np.int32)
    column, parent, level = [], [], [0]
    stuck: list[np.ndarray] = []
    for k in range(depth):
        live = np.flatnonzero((k < last) | ((k == last) & ~guaranteed))
        if not live.size:
            break
        added = order[live, k].astype(np.int64)
        words[live, added // 64] |= np.uint64(1) << (added % 64).astype(np.uint64)
        first, number = distinct(words[live])
        prefix[live, k] = level[-1] + number
        column.append(added[first])
        parent.append(prefix[live[first], k - 1] if k else np.full(len(first), -1, dtype=np.int32))
        stuck.append(np.unique(prefix[live[k == last[live]], k]))
        level.append(level[-1] + len(first))
    nothing = np.zeros(0, dtype=np.int64)
    return NearestSets(
        order,
        prefix,
        np.concatenate([nothing, *column]),
        np.concatenate([nothing, *parent]),
        np.array(level),
        np.concatenate([nothing, *stuck]),
        minutes.shape[1],
    )


def distinct(words: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return where each distinct row of words first stands, and by row which of them it is.

    words: rows x words of 64 bits. Rows are told apart by one number each, which is then checked.
    """
    width = words.shape[1]
    spread = np.array([pow(SPREAD, k, 2**64) | 1 for k in range(width)], dtype=np.uint64)
    _, first, number = np.unique(
        (words * spread).sum(axis=1, dtype=np.uint64), return_index=True, return_inverse=True
    )
    if width > 1 and not np.array_equal(words, words[first][number]):  # as good as never
        _, first, number = np.unique(words, axis=0, return_index=True, return_inverse=True)
    return first, number.reshape(-1)


def bits(chosen: np.ndarray) -> np.ndarray:
    """Return rows of true and false as words of 64 bits (rows x words)."""
    rows, columns = chosen.shape
    padded = np.zeros((rows, -(-columns // 64) * 64), dtype=bool)
    padded[:, :columns] = chosen
    return np.packbits(padded, axis=1, bitorder="little").view(np.uint64)


def _visiting_order(
    minutes: np.ndarray, usable: np.ndarray, always_open: np.ndarray, fewest_open: int
) -> np.ndarray:
    """Return the columns each zone would visit in turn (zones x depth), -1 past the last."""
    reachable = minutes if usable.all() else np.where(usable[None, :], minutes, np.inf)
    order = np.argsort(reachable, axis=1, kind="stable").astype(np.int16)
    possible = np.isfinite(np.take_along_axis(reachable, order.astype(np.int64), axis=1))
    always = always_open[order]
    before = np.cumsum(always, axis=1, dtype=np.int16) - always  # always-open sites passed so far
    free_before = np.cumsum(~always, axis=1, dtype=np.int16) - ~always
    most_closed = int((usable & ~always_open).sum()) - fewest_open
    visited = possible & (before == 0) & (free_before <= max(most_closed, 0))
    depth = max(int(visited.sum(axis=1).max()), 1)
    return np.where(visited, order, np.int16(-1))[:, :depth]
