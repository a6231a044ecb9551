"""What every measure must hold, merely by being in MEASURES (or a share within some minutes)."""

from __future__ import annotations

import math
import re
from dataclasses import replace

import numpy as np
import pytest

from reconfig.appraise import (
    MEASURES,
    Appraisal,
    Grid,
    Measure,
    appraise,
    find_measure,
    violations,
)
from reconfig.appraise.measures import ESTIMATES
from reconfig.core import InputError, Journeys, Limit, Objective, Problem, Status
from reconfig.solve import solve
from tests.instances import HalfTheDeaths, every_configuration, random_region


class AllEstimates(HalfTheDeaths):
    """An outcome model for tests that estimates all there is; time is worth something too."""

    estimates = tuple(name for name, *_ in ESTIMATES)  # type: ignore[assignment]

    def per_case(self, estimate: str, to: Journeys) -> np.ndarray:
        """Lives as half the deaths, anything else by the minutes that are saved."""
        if estimate == "lives_saved":
            return super().per_case(estimate, to)
        after = np.where(np.isfinite(to.minutes), to.minutes, to.reference_minutes)
        worth = 0.01 if estimate == "qalys" else 0.003
        return np.asarray(worth * (to.minutes_today - after))


REGION = random_region(11, zones=12, candidates=5, neighbours=1, unreachable=0.1, without_cases=0.2)
GAINS = AllEstimates()
SERVICE = replace(REGION.define_service("care", demand="cases"), outcome=GAINS, today=("s1", "s4"))
GRID = Grid.of(REGION, SERVICE)
NUMBER = 2  # of open sites, where what is gained depends on it
SHARES = ["share_within_10", "share_within_30", "share_within_60"]
COMPARED = [f"{k}_{m}_by_district" for k in ("worst", "gap") for m in ("mean_minutes", SHARES[1])]
NAMES = [*MEASURES, *SHARES, *COMPARED]


def measure(name: str) -> Measure:
    """Return a measure by its name."""
    found = find_measure(name)
    assert found is not None
    return found


def appraisals() -> list[Appraisal]:
    """Appraise every configuration that reaches everybody."""
    return [
        appraise(REGION, SERVICE, c, measures=NAMES)
        for c in every_configuration(SERVICE, range(6))
        if (GRID.nearest(c.sites("care")) >= 0).all()
    ]


APPRAISALS = appraisals()
SUMS = [name for name in NAMES if measure(name).table is not None]
BY_GROUP = [name for name in NAMES if measure(name).by_group]

every_measure = pytest.mark.parametrize("name", NAMES)


def test_there_are_configurations_to_judge_by() -> None:
    assert len(APPRAISALS) > 10


@every_measure
def test_it_has_a_label_a_unit_and_a_better_direction(name: str) -> None:
    found = measure(name)
    assert found.name == name
    assert found.label[0] == found.label[0].upper()
    assert found.label != name
    assert found.unit
    assert found.better in ("lower", "higher")
    assert [found.table, found.statistic, found.of_groups].count(None) == 2
    assert found.estimated == (name in GAINS.estimates)


@pytest.mark.parametrize("name", SUMS)
def test_its_table_is_finite_zones_by_sites_and_not_negative(name: str) -> None:
    table_of = measure(name).table
    assert table_of is not None
    table = table_of(GRID.every_journey(NUMBER))
    assert table.shape == (len(GRID.zones), len(GRID.sites))
    assert np.isfinite(table).all()
    assert (table >= 0).all() or measure(name).estimated  # a change for the worse is a loss


@pytest.mark.parametrize("name", SUMS)
def test_its_table_counts_nothing_for_zones_without_cases(name: str) -> None:
    table_of = measure(name).table
    assert table_of is not None
    assert (GRID.cases == 0).any()
    assert (table_of(GRID.every_journey(NUMBER))[GRID.cases == 0] == 0).all()


@pytest.mark.parametrize("name", SUMS)
def test_its_value_is_the_sum_over_who_is_treated_where(name: str) -> None:
    found = measure(name)
    assert found.table is not None
    for appraisal in APPRAISALS:
        table = found.table(GRID.every_journey(len(appraisal.open)))
        amount = 0.0
        for row, zone in enumerate(GRID.zones):
            column = GRID.sites.index(str(appraisal.assignment.loc[zone, "site_id"]))
            amount += float(table[row, column])
        if found.per_site:
            amount += sum(float(str(REGION.sites.loc[s, found.per_site])) for s in appraisal.open)
        if found.average:
            amount /= float(GRID.cases.sum())
        assert appraisal.measures[name] == pytest.approx(amount)


@pytest.mark.parametrize("name", SUMS)
def test_its_table_says_of_a_journey_alone_what_it_says_among_all(name: str) -> None:
    table_of = measure(name).table
    assert table_of is not None
    for appraisal in APPRAISALS:
        number = len(appraisal.open)
        table = table_of(GRID.every_journey(number))
        treated_at = GRID.nearest(appraisal.open)
        alone = table_of(GRID.journeys_to(treated_at, number))
        assert (alone == table[np.arange(len(GRID.zones)), treated_at]).all()


@pytest.mark.parametrize("name", BY_GROUP)
def test_the_groups_make_up_the_whole(name: str) -> None:
    found = measure(name)
    for appraisal in APPRAISALS:
        whole, table = appraisal.measures[name], appraisal.by["district"]
        values, cases = table[name], table["cases"]
        if found.average:
            assert (values * cases).sum() / cases.sum() == pytest.approx(whole)
        elif found.table is not None:
            assert values.sum() == pytest.approx(whole)
        else:  # the longest, or a percentile
            assert values.min() <= whole <= values.max()


@every_measure
def test_it_is_the_same_number_each_time_and_whatever_else_is_asked(name: str) -> None:
    for appraisal in APPRAISALS[:5]:
        again = appraise(REGION, SERVICE, appraisal.configuration, measures=[name])
        assert again.measures[name] == appraisal.measures[name]


@every_measure
@pytest.mark.parametrize("sense", ["minimise", "maximise"])
def test_it_is_optimised_as_enumeration_says_or_refused(name: str, sense: str) -> None:
    problem = Problem(REGION, SERVICE, Objective(name, sense), [])  # type: ignore[arg-type]
    if not measure(name).can_be(sense):
        with pytest.raises(InputError):
            solve(problem)
        return
    pick = min if sense == "minimise" else max
    best = pick(a.measures[name] for a in APPRAISALS)
    assert solve(problem).objective == pytest.approx(best)


@every_measure
def test_a_limit_on_it_is_honoured_in_the_direction_that_is_better(name: str) -> None:
    values = sorted({a.measures[name] for a in APPRAISALS if a.open})
    # Between two values that configurations have, so that some keep the limit and some do not.
    place = len(values) // 2
    bound = (values[place - 1] + values[place]) / 2 if len(values) > 1 else values[0]
    lower = measure(name).better == "lower"
    limit = Limit(name, at_most=bound) if lower else Limit(name, at_least=bound)
    problem = Problem(REGION, SERVICE, Objective("mean_minutes", "minimise"), [limit])
    found = solve(problem)
    assert found.status is Status.OPTIMAL
    value = found.measures[name]
    assert math.isnan(value) or (value <= bound if lower else value >= bound)
    broken = [a for a in APPRAISALS if violations(problem, a.configuration)]
    assert bool(broken) == (len(values) > 1)


@pytest.mark.parametrize(
    "name",
    [
        n
        for n in NAMES
        if not re.search("volume|gap", n) and n not in ("lives_saved", "open_sites", "cost_gbp")
    ],
)
def test_one_site_more_never_makes_access_worse(name: str) -> None:
    worse = 1 if measure(name).better == "lower" else -1
    pairs = [(a, b) for a in APPRAISALS for b in APPRAISALS if set(a.open) < set(b.open)]
    assert pairs
    for fewer, more in pairs:
        assert worse * (more.measures[name] - fewer.measures[name]) <= 1e-9


@pytest.mark.parametrize("name", COMPARED)
def test_what_compares_groups_is_the_worst_or_the_gap_of_their_averages(name: str) -> None:
    compared = measure(name).of_groups
    assert compared is not None
    for appraisal in APPRAISALS:
        averages = appraisal.by[compared.column][compared.average.name].dropna()
        expected = {
            "gap": averages.max() - averages.min(),
            "worst": averages.max() if compared.average.better == "lower" else averages.min(),
        }
        assert appraisal.measures[name] == pytest.approx(expected[compared.kind])
