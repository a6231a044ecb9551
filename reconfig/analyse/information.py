"""Value of information: what it would be worth to know the truth before choosing."""

from __future__ import annotations

from itertools import combinations_with_replacement

import numpy as np
import pandas as pd

from reconfig.outcomes import Draws

# Fewer draws than this for each term of a regression would fit noise.
DRAWS_PER_TERM = 15
# A value smaller than this, or than this share of the largest gain, is what rounding left.
ROUNDING = 1e-12


def information_table(gains: np.ndarray, values: Draws) -> pd.DataFrame:
    """Return the value of perfect information: in all, and by group of assumptions.

    gains: a year (draws x configurations). values: the draws behind them. One row a group (and
    "everything"): value (same unit as the gains; NaN where there are too few draws to tell), share
    of the whole.
    In all: mean of the best of each draw - best of the means. Of a group: the same for the
    expected gains given the group's assumptions, by least squares on them, their squares and
    products (after Strong, Oakley and Brennan 2014, who smooth in place of least squares).
    """
    nothing = ROUNDING * max(1.0, float(np.abs(gains).max()))
    whole = _value(gains, nothing)
    rows = {"everything": whole}
    groups: dict[str, list[str]] = {}
    for one in sorted(values.asked):
        groups.setdefault(group_of(one), []).append(one)
    for group, ids in groups.items():
        columns = _columns(values, ids)
        if columns:
            rows[group] = min(_value(_expected(gains, columns), nothing), whole)
    table = pd.DataFrame({"value": rows}).rename_axis("assumptions")
    return table.assign(share=table["value"] / whole if whole > 0 else 0.0)


def group_of(assumption_id: str) -> str:
    """Return the group of an assumption: the words of its id up to the effect it belongs to."""
    prefix, _, name = assumption_id.partition(".")
    return f"{prefix}.{name.partition('_')[0]}"


def _value(gains: np.ndarray, nothing: float) -> float:
    """Return the mean of the best of each draw - the best of the means."""
    value = float(gains.max(axis=1).mean()) - float(gains.mean(axis=0).max())
    return 0.0 if value < nothing else value


def _columns(values: Draws, ids: list[str]) -> list[np.ndarray]:
    """Return the draws of a group's assumptions that vary, scaled; none where all are fixed."""
    mixtures = {p: k for p, k in values.mixtures if any(i.startswith(f"{p}_weight_") for i in ids)}
    columns = [values[i] for i in ids if values.register[i].is_spread and "_weight_" not in i]
    # A mixture's weights sum to 1: one kind less than there are says it all.
    columns += [c for p, kinds in sorted(mixtures.items()) for c in values.weights(p, kinds).T[1:]]
    return [(c - c.mean()) / c.std() for c in columns if np.ptp(c) > 0]


def _expected(gains: np.ndarray, columns: list[np.ndarray]) -> np.ndarray:
    """Return expected gains given some assumptions (draws x configurations); NaN if too few."""
    design = [np.ones(len(gains)), *columns]
    most = len(gains) // DRAWS_PER_TERM
    if len(design) > most:
        return np.full(gains.shape, np.nan)
    for a, b in combinations_with_replacement(range(len(columns)), 2):
        if len(design) >= most:
            break
        design.append(columns[a] * columns[b])
    matrix = np.column_stack(design)
    return np.asarray(matrix @ np.linalg.lstsq(matrix, gains, rcond=None)[0])
