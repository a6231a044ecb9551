"""What must not matter does not: names, the order of rows and columns; and what must hold holds."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from reconfig.appraise import Grid, appraise
from reconfig.core import (
    Among,
    Capacity,
    Close,
    Configuration,
    Constraint,
    Differ,
    Keep,
    Objective,
    OpenSites,
    Problem,
    Region,
    Service,
)
from reconfig.solve import solve
from tests.instances import HalfTheDeaths
from tests.property.strategies import Case, cases, constraints, examples, objectives


def rebuilt(
    case: Case,
    *,
    zone_names: dict[str, str] | None = None,
    site_names: dict[str, str] | None = None,
    seed: int | None = None,
) -> tuple[Region, Service]:
    """Return the same region with other names, or with rows and columns in another order."""
    new_zone, new_site = zone_names or {}, site_names or {}
    zones = case.region.zones.rename(index=new_zone)
    columns = ["name", "in_scope", "fixed_cost_gbp", "case_cost_gbp"]
    sites = case.region.sites[columns].rename(index=new_site)
    minutes = case.region.minutes().rename(index=new_zone, columns=new_site)
    minutes = minutes.astype(object).mask(minutes.isna(), "unreachable")
    if seed is not None:
        rng = np.random.default_rng(seed)
        zones = zones.iloc[rng.permutation(len(zones))]
        sites = sites.iloc[rng.permutation(len(sites))]
        minutes = minutes.iloc[rng.permutation(len(zones)), rng.permutation(len(sites))]
    sites = sites.assign(in_scope=sites["in_scope"].map({True: "yes", False: "no"}))
    region = Region.from_tables(
        zones.rename_axis("zone_id"), sites.rename_axis("site_id"), minutes.rename_axis("zone_id")
    )
    service = replace(
        region.define_service("care", demand="cases"),
        outcome=HalfTheDeaths(),
        today=tuple(new_site.get(site, site) for site in case.service.today),
    )
    return region, service


def shuffled(names: pd.Index[str], seed: int) -> dict[str, str]:
    """Return new names, in an order that has nothing to do with the old one."""
    order = np.random.default_rng(seed).permutation(len(names))
    return {str(name): f"new{k:03d}" for name, k in zip(names, order, strict=True)}


def renamed(chosen: list[Constraint], names: dict[str, str]) -> list[Constraint]:
    """Return the same constraints on sites under their new names."""
    found: list[Constraint] = []
    for c in chosen:
        if isinstance(c, Keep | Close | Among | Differ):
            found.append(replace(c, sites=frozenset(names[s] for s in c.sites)))
        elif isinstance(c, Capacity):
            found.append(replace(c, cases=tuple((names[s], most) for s, most in c.cases)))
        else:
            found.append(c)
    return found


def assert_same_answer(
    case: Case,
    objective: Objective,
    chosen: list[Constraint],
    other: tuple[Region, Service],
    names: dict[str, str],
) -> None:
    """Solve both regions and compare status and value."""
    if not case.naive.allowed(chosen):
        return
    before = solve(Problem(case.region, case.service, objective, chosen))
    after = solve(Problem(*other, objective, renamed(chosen, names) if names else chosen))
    assert after.status is before.status
    assert after.objective == pytest.approx(before.objective, rel=2e-6, abs=2e-6)
    carried = Configuration.of("care", [names.get(s, s) for s in before.open])
    assert appraise(*other, carried).measures == pytest.approx(
        dict(appraise(case.region, case.service, before.found()).measures), nan_ok=True
    )


@examples(25)
@given(st.data(), cases(), objectives(), st.integers(0, 999))
def test_the_names_of_zones_do_not_matter(
    data: st.DataObject, case: Case, objective: Objective, seed: int
) -> None:
    other = rebuilt(case, zone_names=shuffled(case.region.zones.index, seed))
    assert_same_answer(case, objective, data.draw(constraints(case)), other, {})


@examples(25)
@given(st.data(), cases(ties=False), objectives(), st.integers(0, 999))
def test_the_names_of_sites_do_not_matter_where_there_are_no_ties(
    data: st.DataObject, case: Case, objective: Objective, seed: int
) -> None:
    names = shuffled(case.region.sites.index, seed)
    other = rebuilt(case, site_names=names)
    assert_same_answer(case, objective, data.draw(constraints(case)), other, names)


@examples(25)
@given(st.data(), cases(), objectives(), st.integers(0, 999))
def test_the_order_of_rows_and_columns_does_not_matter(
    data: st.DataObject, case: Case, objective: Objective, seed: int
) -> None:
    other = rebuilt(case, seed=seed)
    assert_same_answer(case, objective, data.draw(constraints(case)), other, {})


@examples(80)
@given(cases())
def test_closing_a_site_never_shortens_a_journey(case: Case) -> None:
    grid = Grid.of(case.region, case.service)
    rows = np.arange(len(grid.zones))

    def journeys(opened: set[str]) -> np.ndarray:
        treated_at = grid.nearest(opened)
        return np.where(treated_at < 0, np.inf, grid.minutes[rows, treated_at])

    for opened in case.naive.subsets():
        before = journeys(set(opened))
        for closing in opened:
            assert (journeys(set(opened) - {closing}) >= before).all()


@examples(30)
@given(cases())
def test_the_best_mean_journey_never_gets_longer_with_one_more_site(case: Case) -> None:
    bests = []
    for number in range(1, len(case.service.candidates) + 1):
        chosen: list[Constraint] = [OpenSites(number, number)]
        if case.naive.allowed(chosen):
            problem = Problem(
                case.region, case.service, Objective("mean_minutes", "minimise"), chosen
            )
            bests.append(solve(problem).objective)
    assert bests
    assert bests == sorted(bests, key=lambda value: -(value or 0.0))
