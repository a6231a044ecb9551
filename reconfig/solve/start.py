"""A good choice of sites to start from: exchange of one open site for a closed one, while it helps.

The interchange heuristic of Teitz and Bart (1968), all exchanges of a round valued at once.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

# Zones valued at once: keeps the arrays of a round within some tens of megabytes.
BLOCK = 4_096


def exchange(
    costs: np.ndarray,
    chosen: np.ndarray,
    fixed: np.ndarray,
    *,
    rounds: int = 50,
    check_time: Callable[[], None] = lambda: None,
) -> np.ndarray:
    """Return the columns to open, no worse than those given.

    costs: zones x columns, what a zone's cases cost at a site; every zone takes its cheapest open
    one. chosen: columns that are open (boolean). fixed: columns that stay as they are. check_time:
    called before every round; what it raises ends the search.
    """
    best = chosen.copy()
    for _ in range(rounds):
        check_time()
        swap = _best_exchange(costs, best, fixed)
        if swap is None:
            break
        leaves, comes = swap
        best[leaves], best[comes] = False, True
    return best


def _best_exchange(
    costs: np.ndarray, chosen: np.ndarray, fixed: np.ndarray
) -> tuple[int, int] | None:
    """Return which site to close and which to open, by what that saves; None if nothing does."""
    inside = np.flatnonzero(chosen)
    outside = np.flatnonzero(~chosen & ~fixed)
    if len(inside) < 2 or not len(outside):
        return None
    loss = np.zeros(len(inside))
    gain = np.zeros(len(outside))
    both = np.zeros((len(inside), len(outside)))
    total = 0.0
    for first in range(0, len(costs), BLOCK):
        block = costs[first : first + BLOCK]
        here = block[:, inside]
        pair = np.argpartition(here, 1, axis=1)[:, :2]
        two = np.take_along_axis(here, pair, axis=1)
        swapped = two[:, 0] > two[:, 1]
        nearest = np.where(swapped, pair[:, 1], pair[:, 0])
        now, second = two.min(axis=1), two.max(axis=1)
        total += float(now.sum())
        loss += np.bincount(nearest, weights=second - now, minlength=len(inside))
        there = block[:, outside]
        gain += np.maximum(now[:, None] - there, 0.0).sum(axis=0)
        # Where its own site closes, a zone goes to the newcomer rather than to its second.
        saved = np.maximum(second[:, None] - np.maximum(now[:, None], there), 0.0)
        order = np.argsort(nearest, kind="stable")
        begins = np.searchsorted(nearest[order], np.arange(len(inside)))
        filled = np.diff(np.append(begins, len(order))) > 0
        both[filled] += np.add.reduceat(saved[order], begins[filled], axis=0)
    saves = gain[None, :] + both - loss[:, None]
    saves[fixed[inside]] = -np.inf
    place = int(np.argmax(saves))
    row, column = divmod(place, len(outside))
    if saves[row, column] <= 1e-9 * max(1.0, abs(total)):
        return None
    return int(inside[row]), int(outside[column])
