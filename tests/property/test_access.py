"""Access, movement and equality are what plain loops over patients find, ties and NaN included."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from reconfig.appraise import (
    Comparison,
    access_table,
    compare,
    concentration_index,
    displaced,
    from_to,
    imports,
    longer_by,
    share_within_curve,
    winners_and_losers,
)
from reconfig.core import Configuration
from tests.property.strategies import Case, cases, examples

# district -> (cases, minutes before, minutes after, site before, site after) of every share
Trips = list[tuple[str, float, float, float, str, str]]


@st.composite
def changes(draw: st.DrawFn) -> tuple[Case, Comparison, Trips]:
    """Draw a change from one choice of sites to another, with its journeys by plain loops."""
    case = draw(cases(choosing=draw(st.booleans())))
    every = [tuple(o) for o in case.naive.subsets() if case.naive.treated(o) is not None]
    first, second = draw(st.sampled_from(every)), draw(st.sampled_from(every))
    before, after = (Configuration.of("care", sites) for sites in (first, second))
    found = compare(before, after, region=case.region, service=case.service)
    old, new = case.naive.treated(first), case.naive.treated(second)
    assert old is not None
    assert new is not None
    minutes = case.naive.minutes
    trips = [
        (case.naive.group[z], n, minutes[z, old[z]], minutes[z, new[z]], old[z], new[z])
        for z, n in case.naive.cases.items()
    ]
    return case, found, trips


def percentile(journeys: list[tuple[float, float]], share: float) -> float:
    """The shortest time that so large a share of the cases is within."""
    total = sum(n for n, _ in journeys)
    times = sorted(m for _, m in journeys)
    return min(t for t in times if sum(n for n, m in journeys if m <= t) >= share * total - 1e-9)


@examples(60)
@given(changes())
def test_access_by_group_is_what_loops_over_patients_find(
    drawn: tuple[Case, Comparison, Trips],
) -> None:
    case, comparison, trips = drawn
    tables = {None: access_table(comparison), "district": access_table(comparison, "district")}
    for district in [None, *case.naive.districts]:
        row = tables["district" if district else None].loc[district or "all"]
        own = [t for t in trips if district in (None, t[0])]
        total = sum(t[1] for t in own)
        assert row["cases"] == pytest.approx(total)
        for word, at in (("before", 2), ("after", 3)):
            journeys = [(float(t[1]), float(t[at])) for t in own]
            weighted = sum(n * m for n, m in journeys)
            assert row[f"patient_minutes_{word}"] == pytest.approx(weighted)
            if not total > 0:
                assert row[[f"mean_minutes_{word}", f"median_minutes_{word}"]].isna().all()
                continue
            assert row[f"mean_minutes_{word}"] == pytest.approx(weighted / total)
            assert row[f"median_minutes_{word}"] == pytest.approx(percentile(journeys, 0.5))
            assert row[f"p95_minutes_{word}"] == pytest.approx(percentile(journeys, 0.95))
            assert row[f"max_minutes_{word}"] == max(m for n, m in journeys if n > 0)
            for standard in (15, 30, 45, 60):
                near = sum(n for n, m in journeys if m <= standard)
                assert row[f"share_within_{standard}_{word}"] == pytest.approx(near / total)
        for minutes in (10, 20):
            longer = sum(t[1] for t in own if round(t[3] - t[2], 6) >= minutes)
            assert row[f"cases_{minutes}_longer"] == pytest.approx(longer)


@examples(40)
@given(changes())
def test_access_is_exactly_what_an_appraisal_reports(drawn: tuple[Case, Comparison, Trips]) -> None:
    _, comparison, _ = drawn
    names = ("mean_minutes", "p95_minutes", "max_minutes", "share_within_15", "share_within_60")
    for word, appraisal in (("before", comparison.before), ("after", comparison.after)):
        row = access_table(comparison).loc["all"]
        for name in names:
            assert row[f"{name}_{word}"] == pytest.approx(appraisal.measures[name], rel=0, abs=0)
        for column, table in appraisal.by.items():
            found = access_table(comparison, column)
            assert list(found.index) == list(table.index)
            for name in names:
                own, other = found[f"{name}_{word}"], table[name]
                assert np.array_equal(own, other, equal_nan=True)


@examples(40)
@given(changes())
def test_everybody_who_moves_is_counted_once(drawn: tuple[Case, Comparison, Trips]) -> None:
    case, comparison, trips = drawn
    matrix = from_to(comparison)
    pairs = {(a, b) for _, n, _, _, a, b in trips if n > 0}
    for a, b in pairs:
        own = sum(t[1] for t in trips if (t[4], t[5]) == (a, b))
        assert matrix.loc[a, b] == pytest.approx(own)
    assert matrix.to_numpy().sum() == pytest.approx(sum(t[1] for t in trips))
    table = displaced(comparison)
    assert set(table.index) == {a for a, b in pairs if a != b}
    for site, row in table.iterrows():
        moved = [t for t in trips if t[4] == site and t[5] != site]
        assert row["moved"] == pytest.approx(sum(t[1] for t in moved))
        added = sum(t[1] * (t[3] - t[2]) for t in moved) / sum(t[1] for t in moved)
        assert row["mean_added_minutes"] == pytest.approx(added, abs=1e-9)
        to = {b: sum(t[1] for t in moved if t[5] == b) for b in {t[5] for t in moved}}
        assert row["next_cases"] == pytest.approx(max(to.values()))
        assert to[row["next_site"]] == pytest.approx(max(to.values()))
    for site, row in imports(comparison).iterrows():
        assert row["before"] == pytest.approx(sum(t[1] for t in trips if t[4] == site))
        assert row["after"] == pytest.approx(sum(t[1] for t in trips if t[5] == site))
    assert list(imports(comparison).index) == list(case.service.always_open)


@examples(40)
@given(changes(), st.floats(-30.0, 60.0))
def test_who_gains_and_who_loses_is_everybody_once(
    drawn: tuple[Case, Comparison, Trips], minutes: float
) -> None:
    _, comparison, trips = drawn
    table = winners_and_losers(comparison, "district")
    for district, row in table.iterrows():
        own = [(t[1], round(t[3] - t[2], 6)) for t in trips if t[0] == district]
        assert row["shorter"] == pytest.approx(sum(n for n, c in own if c < -1))
        assert row["longer"] == pytest.approx(sum(n for n, c in own if c > 1))
        assert row["shorter"] + row["unchanged"] + row["longer"] == pytest.approx(row["cases"])
    longer = sum(t[1] for t in trips if round(t[3] - t[2], 6) >= minutes)
    assert longer_by(comparison, minutes) == pytest.approx(longer)
    curve = share_within_curve(comparison, [minutes])
    total = sum(t[1] for t in trips)
    if total > 0:
        near = sum(t[1] for t in trips if t[3] <= minutes)
        assert curve["after"].iloc[0] == pytest.approx(near / total)


ROWS = st.lists(
    st.tuples(st.integers(0, 60), st.integers(0, 9), st.integers(1, 4)), min_size=1, max_size=8
)


@examples(200)
@given(ROWS)
def test_the_concentration_index_is_that_of_every_pair_of_patients(
    rows: list[tuple[int, int, int]],
) -> None:
    """Over all pairs: minutes of i by whether i is less (+) or more (-) deprived than j."""
    minutes, cases, ranks = (np.array(column, dtype=float) for column in zip(*rows, strict=True))
    found = concentration_index(minutes, cases, ranks)
    total, sum_of = float(cases.sum()), float((cases * minutes).sum())
    if not (total > 0 and sum_of > 0):
        assert math.isnan(found)
        return
    pairs = sum(n * other * m * ((r > s) - (r < s)) for m, n, r in rows for _, other, s in rows)
    assert found == pytest.approx(pairs / (total * sum_of), abs=1e-12)
