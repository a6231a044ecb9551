"""Nearest-site sets: which sets of sites must all be closed before a zone goes further.

For zone i order the usable sites by travel time: j1, j2, ... Cases of i are treated at the k-th
exactly when the set of its first k-1 sites is wholly closed and the set of its first k is not. The
sets are shared: on real geography far fewer are distinct than there are zones times sites.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True, eq=False)
class NearestSets:
    """The distinct sets and the steps between them.

    order: zones x depth, the column of each zone's k-th nearest usable site, -1 past its last.
    prefix: zones x depth, which set holds the zone's first k+1 sites; -1 where no set is needed
    because the zone never goes past its k+1-th site.
    members: sets x columns, which sites are in each set.
    steps: (set before, or -1 for the empty one; column added; set after), each distinct step once.
    stuck: sets that hold every site some zone can reach, and so may never be wholly closed.
    """

    order: np.ndarray
    prefix: np.ndarray
    members: np.ndarray
    steps: np.ndarray
    stuck: np.ndarray

    def __len__(self) -> int:
        return len(self.members)

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
            live = (order[:, k + 1] >= 0) & (prefix[:, k] >= 0)
            zone = index[live]
            change = table[zone, order[live, k + 1]] - table[zone, order[live, k]]
            total += np.bincount(prefix[live, k], weights=change, minlength=len(self))
        return constant, total


def nearest_sets(
    minutes: np.ndarray, *, usable: np.ndarray, always_open: np.ndarray, fewest_open: int
) -> NearestSets:
    """Return the nearest-site sets of a problem.

    minutes: zones x columns, infinite where there is no way; equal minutes are taken in the order
    of the columns. usable: which columns may be open at all. always_open: which are open whatever
    is decided: no zone goes past one. fewest_open: of the n usable columns that are not always
    open at least this many will be open, so no zone goes past its (n - fewest_open + 1)th.
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
    packed = np.zeros((zones, (minutes.shape[1] + 7) // 8), dtype=np.uint8)
    prefix = np.full((zones, depth), -1, dtype=np.int64)
    keys: list[np.ndarray] = []
    found = 0
    stuck: list[np.ndarray] = []
    for k in range(depth):
        live = np.flatnonzero((k < last) | ((k == last) & ~guaranteed))
        if not live.size:
            break
        column = order[live, k]
        packed[live, column // 8] |= (128 >> (column % 8)).astype(np.uint8)
        unique, inverse = np.unique(packed[live], axis=0, return_inverse=True)
        prefix[live, k] = found + inverse.reshape(-1)
        stuck.append(np.unique(prefix[live[k == last[live]], k]))
        keys.append(unique)
        found += len(unique)
    members = np.unpackbits(np.concatenate(keys), axis=1) if keys else np.zeros((0, 0), np.uint8)
    return NearestSets(
        order,
        prefix,
        members[:, : minutes.shape[1]].astype(bool),
        _steps(order, prefix),
        np.concatenate(stuck) if stuck else np.zeros(0, dtype=np.int64),
    )


def _visiting_order(
    minutes: np.ndarray, usable: np.ndarray, always_open: np.ndarray, fewest_open: int
) -> np.ndarray:
    """Return the columns each zone would visit in turn (zones x depth), -1 past the last."""
    reachable = np.where(usable[None, :], minutes, np.inf)
    order = np.argsort(reachable, axis=1, kind="stable")
    rows = np.arange(len(minutes))[:, None]
    possible = np.isfinite(reachable[rows, order])
    always = always_open[order]
    before = np.cumsum(always, axis=1) - always  # always-open sites passed so far
    free_before = np.cumsum(~always, axis=1) - ~always
    most_closed = int((usable & ~always_open).sum()) - fewest_open
    visited = possible & (before == 0) & (free_before <= max(most_closed, 0))
    depth = max(int(visited.sum(axis=1).max()), 1)
    return np.where(visited, order, -1)[:, :depth]


def _steps(order: np.ndarray, prefix: np.ndarray) -> np.ndarray:
    """Return each distinct (set before, column added, set after) once."""
    found = []
    for k in range(prefix.shape[1]):
        live = prefix[:, k] >= 0
        before = prefix[live, k - 1] if k else np.full(int(live.sum()), -1)
        found.append(np.stack([before, order[live, k], prefix[live, k]], axis=1))
    joined = np.concatenate(found) if found else np.zeros((0, 3), dtype=np.int64)
    return np.unique(joined, axis=0) if len(joined) else joined.astype(np.int64)
