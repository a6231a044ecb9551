"""Access: how long journeys are before and after a change, and for how many they grow, by group.

Every figure is of the rows of a comparison, each by its cases, so that shares of a zone's cases
that go to different sites count as what they are. Where `appraise` has the same measure, the
number is the same.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd

from reconfig.appraise.compare import Comparison
from reconfig.appraise.measures import REPORTED_STANDARDS, weighted_percentile
from reconfig.core.faults import Faults, suggestion

# Journeys longer by at least so many minutes are counted.
LONGER_BY = (10, 20)
# Minutes are compared to so many decimals: 30.3 less 20.3 is 10.
DECIMALS = 6
NOT_STATED = "not stated"
EVERYBODY = "all"


def access_table(comparison: Comparison, column: str | None = None) -> pd.DataFrame:
    """Return how long journeys are before and after, one row a group of a zone column.

    column: any column of the zones; None for one row, "all". cases: a year. mean_minutes,
    median_minutes, p95_minutes, max_minutes and share_within_15, _30, _45, _60 (0 to 1): each with
    _before, _after, _change; NaN in a group without cases. cases_10_longer, cases_20_longer: cases
    a year whose journey is longer by at least so many minutes. patient_minutes_before, _after: sum
    over cases of their minutes, a year; patient_minutes_added: the difference.
    Raises InputError if the zones have no such column.
    """
    if column is None:
        labels = pd.Series(EVERYBODY, index=comparison.rows.index)
    else:
        labels = labels_by(comparison, column)
    return access_by(comparison.rows, labels).rename_axis(column or "group")


def access_by(rows: pd.DataFrame, labels: pd.Series[str]) -> pd.DataFrame:
    """Return the same as `access_table`, given rows such as those of a comparison and their groups.

    rows: cases, minutes_before, minutes_after, minutes_change. labels: one a row, in their order;
    those of missing value are in no group.
    """
    found = {name: _statistics(rows[members]) for name, members in members_by(labels).items()}
    return pd.DataFrame.from_dict(found, orient="index", columns=list(_statistics(None)))


def longer_by(comparison: Comparison, minutes: float) -> float:
    """Return the cases a year whose journey is longer by at least so many minutes."""
    return _longer(comparison.rows, minutes)


def share_within_curve(
    comparison: Comparison, minutes: Sequence[float] | np.ndarray
) -> pd.DataFrame:
    """Return the share of cases (0 to 1) within so many minutes before and after, one row each."""
    rows, at = comparison.rows, np.asarray(minutes, dtype=float)
    found = {}
    for word in ("before", "after"):
        own = rows[f"minutes_{word}"].to_numpy(float)
        order = np.argsort(own, kind="stable")
        running = np.concatenate([[0.0], np.cumsum(rows["cases"].to_numpy(float)[order])])
        total = running[-1] if running[-1] > 0 else np.nan
        found[word] = running[np.searchsorted(own[order], at, side="right")] / total
    return pd.DataFrame(found, index=pd.Index(at, name="minutes"))


def labels_by(comparison: Comparison, column: str) -> pd.Series[str]:
    """Return the group of every row of a comparison, by a column of the zones, as text.

    A zone without a value is in the group "not stated". Raises InputError if there is no such
    column.
    """
    zones = comparison.after.region.zones
    if column not in zones.columns:
        faults = Faults()
        hint = suggestion(column, zones.columns)
        faults.add("access_table", "column", f"'{column}'", "a column of the zones", hint)
        faults.raise_if_any()
    values = zones[column]
    stated = values.notna() & (values.astype(str) != "")
    in_order = sorted(values[stated].unique(), key=lambda value: (isinstance(value, str), value))
    text = values.map(_name).where(stated, NOT_STATED)
    order = [*map(_name, in_order), *([] if stated.all() else [NOT_STATED])]
    groups = pd.Categorical(text, categories=list(dict.fromkeys(order)), ordered=True)
    return pd.Series(groups, index=zones.index).reindex(comparison.rows.index)


def _name(value: object) -> str:
    """Return a group's name: a whole number without its point."""
    return str(int(value)) if isinstance(value, float) and value.is_integer() else str(value)


def members_by(labels: pd.Series[str]) -> dict[str, np.ndarray]:
    """Return group -> which rows are in it (boolean), groups in order."""
    codes, groups = pd.factorize(labels, sort=True)
    return {str(group): np.asarray(codes == code) for code, group in enumerate(groups)}


def _longer(rows: pd.DataFrame, minutes: float) -> float:
    change = rows["minutes_change"].to_numpy(float).round(DECIMALS)
    return float(rows["cases"].to_numpy(float)[change >= minutes].sum())


def _statistics(rows: pd.DataFrame | None) -> Mapping[str, float]:
    """Return the figures of one group; of None their names, each without a value."""
    blank = pd.DataFrame(
        columns=["cases", "minutes_before", "minutes_after", "minutes_change"], dtype=float
    )
    own = blank if rows is None else rows
    cases = own["cases"].to_numpy(float)
    either = {
        word: _of_journeys(own[f"minutes_{word}"].to_numpy(float), cases)
        for word in ("before", "after")
    }
    found = {"cases": float(cases.sum())}
    for name, before in either["before"].items():
        after = either["after"][name]
        if name == "patient_minutes":
            continue
        found |= {
            f"{name}_before": before,
            f"{name}_after": after,
            f"{name}_change": after - before,
        }
    found |= {f"cases_{m}_longer": _longer(own, m) for m in LONGER_BY}
    before, after = (either[word]["patient_minutes"] for word in ("before", "after"))
    found |= {"patient_minutes_before": before, "patient_minutes_after": after}
    return found | {"patient_minutes_added": after - before}


def _of_journeys(minutes: np.ndarray, cases: np.ndarray) -> dict[str, float]:
    """Return the figures of some journeys, as the measures of an appraisal have them."""
    total, used = float(cases.sum()), minutes[cases > 0]
    sum_of = float((cases * minutes).sum())
    nothing = float("nan")
    found = {
        "mean_minutes": sum_of / total if total > 0 else nothing,
        "median_minutes": weighted_percentile(minutes, cases, 0.5),
        "p95_minutes": weighted_percentile(minutes, cases, 0.95),
        "max_minutes": float(used.max()) if used.size else nothing,
    }
    for standard in REPORTED_STANDARDS:
        within = float((cases * (minutes <= standard)).sum())
        found[f"share_within_{standard}"] = within / total if total > 0 else nothing
    return found | {"patient_minutes": sum_of}
