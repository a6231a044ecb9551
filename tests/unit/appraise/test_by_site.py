"""What is said of each site is what its own cases, added up one by one, come to."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reconfig.appraise import appraise, assumptions_used, by_site, overall_values, standard_of
from reconfig.core import Configuration, Region, Service
from reconfig.data import load_region
from reconfig.scenario import read_scenario
from tests.instances import random_region, tiny_region, tiny_service


def with_standard(region: Region, *, choice: bool, minutes: float | None) -> Service:
    """Return the region's service with a standard of access, and patients who choose if so."""
    service = replace(region.define_service("hips", demand="cases"), standard_minutes=minutes)
    return service.with_choice(12.0) if choice else service


@settings(max_examples=40, deadline=None)
@given(
    seed=st.integers(0, 10_000),
    number=st.integers(1, 4),
    choice=st.booleans(),
    minutes=st.sampled_from([None, 20.0, 45.0]),
)
def test_a_site_has_the_cases_journeys_and_standard_of_its_own_patients(
    seed: int, number: int, choice: bool, minutes: float | None
) -> None:
    region = random_region(
        seed, zones=9, candidates=4, neighbours=1, ties=seed % 2 == 0, without_cases=0.2
    )
    service = with_standard(region, choice=choice, minutes=minutes)
    found = appraise(region, service, Configuration.of("hips", service.candidates[:number]))
    journeys: dict[str, list[tuple[float, float]]] = defaultdict(list)
    for _, row in found.flows.iterrows():
        if row["cases"] > 0:
            journeys[row["site_id"]].append((row["cases"], row["minutes"]))
    table = by_site(found)
    assert list(table.index) == [*found.open, *service.always_open]
    assert table["share"].sum() == pytest.approx(1.0)
    for site, row in table.iterrows():
        own = journeys[str(site)]
        cases = sum(n for n, _ in own)
        assert row["cases"] == pytest.approx(cases)
        if not own:
            assert row[["mean_minutes", "longest_minutes", "within_standard"]].isna().all()
            continue
        assert row["mean_minutes"] == pytest.approx(sum(n * m for n, m in own) / cases)
        assert row["longest_minutes"] == max(m for _, m in own)
        if minutes is None:
            assert row[["standard_minutes", "within_standard"]].isna().all()
        else:
            within = sum(n for n, m in own if m <= minutes) / cases
            assert row["within_standard"] == pytest.approx(within)


def test_sites_together_have_the_measures_of_the_appraisal() -> None:
    region = load_region("greater-manchester")
    service = region.service("stroke")
    found = appraise(region, service, region.today(service))
    table = by_site(found)
    assert table["cases"].sum() == pytest.approx(service.cases_per_year)
    mean = (table["cases"] * table["mean_minutes"]).sum() / table["cases"].sum()
    assert mean == pytest.approx(found.measures["mean_minutes"])
    assert table["longest_minutes"].max() == found.measures["max_minutes"]
    within = (table["cases"] * table["within_standard"]).sum() / table["cases"].sum()
    assert within == pytest.approx(found.measures[f"share_within_{service.standard_minutes:g}"])


def test_a_site_of_several_services_has_the_standard_of_its_own() -> None:
    service = read_scenario("stroke-two-tiers").problem.service
    units, centres = service.parts
    for part in (units, centres):
        site = f"{part.id}@{part.candidates[0]}"
        assert standard_of(service, site) == part.standard_minutes
    assert units.standard_minutes != centres.standard_minutes


def test_the_assumptions_named_are_those_that_change_the_estimate_and_no_others() -> None:
    region = load_region("greater-manchester")
    service = region.service("emergency-surgery")
    found = appraise(region, service, region.today(service).of(service.id, service.candidates[:4]))
    (used,) = assumptions_used(found).values()
    assert {"egs.share_moved", "egs.hub_weight_none", "egs.laparotomy_rate"} <= set(used)
    assert not [key for key in used if key.startswith("stroke.")]
    assert used["egs.share_moved"].source == service.outcome.register["egs.share_moved"].source  # type: ignore[union-attr]


@pytest.mark.parametrize("service_id", ["emergency-surgery", "stroke", "ppci"])
def test_an_assumption_that_moves_the_estimate_is_among_those_named(service_id: str) -> None:
    region = load_region("greater-manchester")
    service = region.service(service_id)
    chosen = Configuration.of(service_id, service.candidates[:2])
    outcome: Any = service.outcome
    usual = appraise(region, service, chosen)
    used = assumptions_used(usual)[service.name]
    group = next(iter(used)).partition(".")[0]
    tried, moved = 0, []
    for key, one in outcome.register.items():
        if key in used or not key.startswith(f"{group}.") or not one.is_spread:
            continue
        register = outcome.register.replaced({key: one.value * 0.99})
        other = replace(service, outcome=replace(outcome, register=register))
        values = overall_values(region, other, chosen, outcome.estimates)
        tried += 1
        moved += [key for name in outcome.estimates if values[name] != usual.measures[name]]
    assert tried > 0
    assert moved == []


def test_a_service_without_outcome_model_uses_no_assumption() -> None:
    region = tiny_region()
    service = tiny_service(region, outcome=False)
    assert assumptions_used(appraise(region, service, region.today(service))) == {}
