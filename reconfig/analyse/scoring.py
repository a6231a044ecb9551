"""Weighted scores of options, and how their order hangs on the weights: plain arrays.

scores: options x criteria, from 0 to 100. weights: one a criterion, none below 0, adding up to 1.
A total is the sum of weight x score (Keeney and Raiffa 1976; Belton and Stewart 2002, chapter 5).
Totals that differ by less than a rounding are equal, and share the better place.
"""

from __future__ import annotations

import itertools

import numpy as np
from scipy.stats import rankdata

# Totals, and values of a criterion, that are closer than this share of them (or than this, below
# one) are the same.
SAME = 1e-9
FULL = 100.0
# Random weights that are tried, and where they begin.
TRIED, SEED = 20_000, 1

Piece = tuple[float, float, int]


def scaled(values: np.ndarray, higher: np.ndarray) -> np.ndarray:
    """Return scores: 0 at the worst and 100 at the best of the options, a straight line between.

    values: options x criteria. higher: by criterion, whether more is better. A criterion in which
    all are the same tells nothing apart: 100 for all.
    """
    costs = np.where(higher, -values, values)
    best, worst = costs.min(axis=0), costs.max(axis=0)
    apart = worst - best
    same = apart <= SAME * np.maximum(1.0, np.abs(best))
    found = FULL * (worst - costs) / np.where(same, 1.0, apart)
    return np.asarray(np.where(same, FULL, found))


def ends(scores: np.ndarray, weights: np.ndarray, criterion: int) -> tuple[np.ndarray, np.ndarray]:
    """Return totals with no weight on a criterion and with all of it, a line between them.

    The other weights keep their proportions; where all of them are 0, they are alike.
    """
    others = np.delete(weights, criterion)
    total = others.sum()
    share = others / total if total > 0 else np.full(len(others), 1.0 / max(len(others), 1))
    rest = np.delete(scores, criterion, axis=1) @ share if len(others) else scores[:, criterion]
    return rest, scores[:, criterion]


def places(totals: np.ndarray) -> np.ndarray:
    """Return the place of each option, 1 for the first; equals share the better place."""
    return np.asarray(rankdata(-_steps(totals), method="min"), dtype=int)


def _steps(totals: np.ndarray) -> np.ndarray:
    """Return totals in which those closer than a rounding are the very same.

    In order of size, each joins those before it if it is within a rounding of the largest of them.
    """
    order = np.argsort(-totals, kind="stable")
    found = totals.astype(float).copy()
    for before, here in itertools.pairwise(order):
        if found[before] - totals[here] <= SAME * FULL:
            found[here] = found[before]
    return found


def crossings(at_none: np.ndarray, at_all: np.ndarray) -> np.ndarray:
    """Return the weights strictly between 0 and 1 at which two totals cross, in order."""
    slopes = at_all - at_none
    gap = at_none[:, None] - at_none[None, :]
    turn = slopes[None, :] - slopes[:, None]
    with np.errstate(divide="ignore", invalid="ignore"):
        spots = gap / turn
    within = np.isfinite(spots) & (spots > SAME) & (spots < 1.0 - SAME) & (np.abs(turn) > SAME)
    return np.unique(spots[within])


def place_ranges(at_none: np.ndarray, at_all: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return the best and the worst place of each option over all weights on one criterion.

    Places change at crossings only, so each crossing, and a weight between two of them, say it all.
    """
    spots = np.concatenate([[0.0], crossings(at_none, at_all), [1.0]])
    middles = (spots[1:] + spots[:-1]) / 2
    table = np.array([places(_between(at_none, at_all, w)) for w in (*spots, *middles)])
    return table.min(axis=0), table.max(axis=0)


def firsts(at_none: np.ndarray, at_all: np.ndarray) -> list[Piece]:
    """Return which option comes first along the weight on one criterion: from, to, option.

    Of options that are equal throughout a piece, the one given first.
    """
    spots = np.concatenate([[0.0], crossings(at_none, at_all), [1.0]])
    found: list[Piece] = []
    for low, high in itertools.pairwise(spots):
        here = places(_between(at_none, at_all, (low + high) / 2))
        option = int(np.argmin(here))
        if found and found[-1][2] == option:
            found[-1] = (found[-1][0], float(high), option)
        else:
            found.append((float(low), float(high), option))
    return found


def _between(at_none: np.ndarray, at_all: np.ndarray, weight: float) -> np.ndarray:
    return np.asarray(at_none + (at_all - at_none) * weight)


def share_first(scores: np.ndarray, tried: int = TRIED, seed: int = SEED) -> np.ndarray:
    """Return by option the share of all weights under which it comes first; equals share alike.

    Weights are drawn evenly from all that add up to 1 (a Dirichlet distribution with every
    parameter 1), the same ones for the same seed.
    """
    drawn = np.random.default_rng(seed).dirichlet(np.ones(scores.shape[1]), tried)
    totals = drawn @ scores.T
    first = totals >= totals.max(axis=1, keepdims=True) - SAME * FULL
    return np.asarray((first / first.sum(axis=1, keepdims=True)).mean(axis=0))
