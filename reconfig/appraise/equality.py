"""Equality: who gains and who loses by a change, and whether journeys lean on the deprived.

The concentration index is that of Kakwani, Wagstaff and van Doorslaer (1997), Socioeconomic
inequalities in health: measurement, computation, and statistical inference, Journal of
Econometrics 77, 87-103, for grouped data:

    C = 2 / m x sum over t of f(t) m(t) R(t) - 1,     R(t) = sum over s before t of f(s) + f(t) / 2

with f(t) the share of the cases in the t-th class from the most deprived to the least, m(t) their
mean minutes and m the mean of all. Cases of equal rank are one class, which settles ties.
"""

from __future__ import annotations

import re

import numpy as np
import pandas as pd

from reconfig.appraise.access import DECIMALS, EVERYBODY, labels_by, members_by
from reconfig.appraise.compare import Comparison
from reconfig.appraise.measures import OfGroups, find_measure
from reconfig.core import Region

# Columns of the zones by which they are ranked, 1 the most deprived; the finest that is there.
DEPRIVATION = (
    "imd_rank",
    "imd_decile",
    "deprivation_decile",
    "deprivation_fifth",
    "deprivation_quintile",
)
# Journeys that change by no more than this count as unchanged, minutes.
UNCHANGED_WITHIN = 1.0
FIRST_NUMBER = re.compile(r"\d+(?:\.\d+)?")
# Labels that say which end they are: "5 most deprived", "1 least disadvantaged", "1 most affluent".
END = re.compile(r"\b(most|least)\b")
WELL_OFF = re.compile(r"\b(affluent|advantaged|prosperous|wealthy)\b")


def winners_and_losers(comparison: Comparison, column: str | None = None) -> pd.DataFrame:
    """Return for how many the journey is shorter, unchanged or longer, by a column of the zones.

    column: any column of the zones; None for one row, "all". cases, shorter, unchanged, longer:
    cases a year; unchanged is by one minute at most. share_shorter, share_longer: of the group's
    cases (0 to 1), NaN where it has none. Raises InputError if the zones have no such column.
    """
    rows = comparison.rows
    labels = (
        pd.Series(EVERYBODY, index=rows.index) if column is None else labels_by(comparison, column)
    )
    cases = rows["cases"].to_numpy(float)
    change = rows["minutes_change"].to_numpy(float).round(DECIMALS)
    kinds = {"shorter": change < -UNCHANGED_WITHIN, "longer": change > UNCHANGED_WITHIN}
    kinds["unchanged"] = ~(kinds["shorter"] | kinds["longer"])
    found = {}
    for name, members in members_by(labels).items():
        total = float(cases[members].sum())
        of = {kind: float(cases[members & which].sum()) for kind, which in kinds.items()}
        known = total if total > 0 else float("nan")
        found[name] = {
            "cases": total,
            **{kind: of[kind] for kind in ("shorter", "unchanged", "longer")},
            "share_shorter": of["shorter"] / known,
            "share_longer": of["longer"] / known,
        }
    return pd.DataFrame(found).T.rename_axis(column or "group")


def gap_between(table: pd.DataFrame, measure: str) -> dict[str, float]:
    """Return the gap between the groups of an `access_table`: largest less smallest.

    measure: mean_minutes, share_within_30 and so on. Keys: before, after, change. Groups without
    cases do not count; NaN where none has any.
    """
    average = find_measure(measure)
    assert average is not None
    gap = OfGroups(average, "", "gap")
    before, after = (
        gap.value(float(v) for v in table[f"{measure}_{word}"]) for word in ("before", "after")
    )
    return {"before": before, "after": after, "change": after - before}


def deprivation_rank(region: Region) -> tuple[str, pd.Series[float]] | None:
    """Return the column that ranks zones by deprivation, and the ranks; None where there is none.

    1 stands for the most deprived. Text is ranked by the first number in it, such as "1 most
    deprived"; NaN where a zone has none. Where the labels say that they number from the least
    deprived ("1 least deprived"), the ranks are turned round. A column without two different ranks
    is passed over, and so is one whose labels contradict each other (see `deprivation_order`).
    """
    for column in DEPRIVATION:
        if column not in region.zones.columns:
            continue
        ranks = region.zones[column].map(_rank).astype(float)
        order = deprivation_order(region, column)
        if ranks.nunique() > 1 and order != CONTRADICTED:
            return column, ranks.max() + ranks.min() - ranks if order == FROM_LEAST else ranks
    return None


FROM_MOST, FROM_LEAST, CONTRADICTED = "from the most", "from the least", "contradicted"


def deprivation_order(region: Region, column: str) -> str:
    """Return from which end a column of deprivation counts, as far as its own labels say.

    "from the most" deprived, which also stands for a column whose labels say nothing; "from the
    least"; or "contradicted" where labels say both, or call the most or the least deprived what has
    neither the lowest number nor the highest.
    """
    labels = pd.Series(region.zones[column].dropna().unique(), dtype=object)
    ranks = labels.map(_rank).astype(float)
    said = set()
    for label, rank in zip(labels, ranks, strict=True):
        text = str(label).casefold()
        end = END.search(text)
        if end is None or np.isnan(rank):
            continue
        most = (end.group() == "most") != bool(WELL_OFF.search(text))
        if rank not in (ranks.min(), ranks.max()):
            return CONTRADICTED
        said.add(FROM_MOST if most == (rank == ranks.min()) else FROM_LEAST)
    return CONTRADICTED if len(said) > 1 else next(iter(said), FROM_MOST)


def contradicted_deprivation(region: Region) -> list[str]:
    """Return the columns of deprivation of which the labels contradict each other."""
    there = [column for column in DEPRIVATION if column in region.zones.columns]
    return [column for column in there if deprivation_order(region, column) == CONTRADICTED]


def concentration_index(minutes: np.ndarray, cases: np.ndarray, ranks: np.ndarray) -> float:
    """Return the concentration index of minutes by rank, weighted by cases: from -1 to 1.

    0: minutes are spread as the cases are; below 0 those of low rank (1, the most deprived) have
    more than their share of them. Rows without a rank do not count. NaN where there are no cases
    or no minutes.
    """
    curve = _by_rank(minutes, cases, ranks)
    total = curve.sum()
    if not (total["cases"] > 0 and total["minutes"] > 0):
        return float("nan")
    share = curve / total
    middle = share["cases"].cumsum() - share["cases"] / 2
    return float(2 * (share["minutes"] * middle).sum() - 1)


def deprivation_concentration(comparison: Comparison) -> dict[str, float] | None:
    """Return the concentration index of journey minutes by deprivation: before, after, change.

    None where the zones have no rank of deprivation (see `deprivation_rank`).
    """
    ranks = _row_ranks(comparison)
    if ranks is None:
        return None
    rows = comparison.rows
    before, after = (
        concentration_index(
            rows[f"minutes_{word}"].to_numpy(float), rows["cases"].to_numpy(float), ranks
        )
        for word in ("before", "after")
    )
    return {"before": before, "after": after, "change": after - before}


def concentration_curve(comparison: Comparison) -> pd.DataFrame | None:
    """Return the concentration curve: cases, and minutes before and after, added up by rank.

    All are shares (0 to 1) of what all zones with a rank have, from the most deprived; the first
    row is 0. None where there is no rank, or no cases.
    """
    ranks = _row_ranks(comparison)
    if ranks is None:
        return None
    rows, found = comparison.rows, {}
    for word in ("before", "after"):
        curve = _by_rank(
            rows[f"minutes_{word}"].to_numpy(float), rows["cases"].to_numpy(float), ranks
        ).cumsum()
        if curve.empty or not (curve.iloc[-1] > 0).all():
            return None
        shares = curve / curve.iloc[-1]
        found["cases"], found[word] = shares["cases"], shares["minutes"]
    table = pd.DataFrame(found)
    return pd.concat([pd.DataFrame([dict.fromkeys(table, 0.0)]), table], ignore_index=True)


def _by_rank(minutes: np.ndarray, cases: np.ndarray, ranks: np.ndarray) -> pd.DataFrame:
    """Return cases and cases x minutes by rank, lowest first; rows without a rank are left out."""
    table = pd.DataFrame({"rank": ranks, "cases": cases, "minutes": cases * minutes})
    return table.groupby("rank", sort=True)[["cases", "minutes"]].sum()


def _row_ranks(comparison: Comparison) -> np.ndarray | None:
    found = deprivation_rank(comparison.after.region)
    return None if found is None else found[1].reindex(comparison.rows.index).to_numpy(float)


def _rank(value: object) -> float:
    if isinstance(value, int | float | np.number):
        return float(value)
    match = FIRST_NUMBER.search(str(value))
    return float(match.group()) if match else float("nan")
