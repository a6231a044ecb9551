"""Structural alternatives: each that is about the service, and what it changes."""

from __future__ import annotations

import sys
from dataclasses import replace
from typing import Any

import pandas as pd
import pytest

from reconfig.analyse import structural, uncertainty
from reconfig.core import Configuration, Region
from reconfig.data import Switch, read_switches
from reconfig.outcomes import RiskModel, StrokeUnits
from tests.instances import every_configuration, shipped_register, tiny_region
from tests.unit.analyse.uncertain import pairs, region_of, service_of

FLOWS = {
    "Choice of site: patients spread over near sites": {"choice": "spread"},
    "Roads: busy": {"congestion": 1.3},
    "Roads: at the worst hour": {"congestion": 1.6},
    "Estimated times: with their errors": {"travel_error": True},
}
HUB = {
    "Effect of a hub: none": {"none": 1.0, "moderate": 0.0, "strong": 0.0},
    "Effect of a hub: strong": {"none": 0.0, "moderate": 0.0, "strong": 1.0},
}
STAFFING = {
    "Staffing: ten consultants fewer": {"egs.rota_short": 45.0},
    "Staffing: ten consultants more": {"egs.rota_short": 25.0},
}
VOLUME = "Volume: an effect of volume, as uncertain as it is"
# An effect of volume takes the place of a moderate one of a hub, which rests on volume itself.
NO_MODERATE = {
    "egs.hub_weight_none": 0.8,
    "egs.hub_weight_moderate": 0.0,
    "egs.hub_weight_strong": 0.2,
}
NEIGHBOURS = "Neighbours: care as today"


def test_each_alternative_that_is_about_the_service_is_there_the_usual_view_first() -> None:
    region = region_of()
    service = service_of(region)
    found = structural(region, pairs(service), service=service, draws=20)
    assert list(found.found) == ["as usual", *HUB, *STAFFING, VOLUME, NEIGHBOURS, *FLOWS]
    titles = [
        f"{g}: {a}" if g else a
        for g, a in zip(found.table["group"], found.table["alternative"], strict=True)
    ]
    assert titles == list(found.found)


def test_who_goes_where_is_as_uncertainty_has_it() -> None:
    region = region_of()
    service = service_of(region)
    found = structural(region, pairs(service), service=service, draws=30, seed=4).found
    for title, options in FLOWS.items():
        expected = uncertainty(
            region,
            pairs(service),
            service=service,
            draws=30,
            seed=4,
            **options,  # type: ignore[arg-type]
        )
        pd.testing.assert_frame_equal(found[title].table, expected.table)
        assert not (found[title].gains == found["as usual"].gains).all(), title


def test_a_switched_value_is_an_overridden_register() -> None:
    region = region_of()
    service = service_of(region)
    found = structural(region, pairs(service), service=service, draws=30).found
    for title, weights in HUB.items():
        changed = {f"egs.hub_weight_{kind}": weight for kind, weight in weights.items()}
        other = service_of(region, values=changed)
        expected = uncertainty(region, pairs(other), service=other, draws=30)
        pd.testing.assert_frame_equal(found[title].table, expected.table)
        assert found[title].case.outcome.register.overrides.keys() == {
            k for k, v in changed.items() if v != shipped_register().value(k)
        }


def test_a_switched_value_is_certain() -> None:
    region = region_of()
    volume = RiskModel(shipped_register(), "vascular", ("volume",), "deaths")
    service = replace(service_of(region, service_id="vascular"), outcome=volume)
    found = structural(region, pairs(service), service=service, draws=30)
    none = found.found["Volume: no effect of volume"]
    assert none.gains == pytest.approx(0.0, abs=1e-9)
    assert (none.table["probability_of_gain"] == 0).all()
    assert none.table["probability_best"].tolist() == pytest.approx([0.1] * 10)
    # Nothing tells the configurations apart, so nothing says that another is best.
    row = found.table.set_index("alternative").loc["no effect of volume"]
    assert not row["changes"]
    assert row["best"] == found.table.iloc[0]["best"]


def test_ten_consultants_more_or_fewer_are_certain_and_leave_the_baseline_as_it_is() -> None:
    """At six sites all the more count; the care that gains are counted against is today's."""
    region = region_of()
    service = service_of(region)
    four = list(every_configuration(service, [4]))
    usual = service.outcome
    assert isinstance(usual, RiskModel)
    found = structural(region, four, service=service, draws=30).found
    for title, values in STAFFING.items():
        outcome = found[title].case.outcome
        assert isinstance(outcome, RiskModel)
        assert (outcome.effects, outcome.baseline) == (usual.effects, usual.baseline)
        assert not outcome.register["egs.rota_short"].is_spread
        assert {k: v[1] for k, v in outcome.register.overrides.items()} == values
    fewer, more = (
        found[title].case.outcome.staffed_share(6)  # type: ignore[attr-defined]
        for title in STAFFING
    )
    # Of ten sites 35 and 55 consultants fill 4.4 and 6.9 rotas, 45 fill 5.6.
    assert fewer == pytest.approx((35 / 48 - 35 / 80) / (1 - 35 / 80))
    assert usual.staffed_share(6) == pytest.approx((45 / 48 - 45 / 80) / (1 - 45 / 80))
    assert fewer < usual.staffed_share(6) < more == pytest.approx(1.0)


def test_effects_of_the_risk_model_are_added_and_left_out(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    region = region_of()
    service = service_of(region)
    without = Switch("Staffing", "as many as there are sites", without_effects=("rota",))
    shipped = read_switches()
    module = sys.modules["reconfig.analyse.structural"]
    monkeypatch.setattr(module, "read_switches", lambda: (*shipped, without))
    found = structural(region, pairs(service), service=service, draws=30).found
    for title, effects, values in (
        (VOLUME, ("hub", "rota", "delay", "volume"), NO_MODERATE),
        (NEIGHBOURS, ("hub", "rota", "delay"), {"egs.neighbour_effect": 0.0}),
        (without.title, ("hub", "delay"), {}),
    ):
        other = service_of(region, *effects, values=values)
        expected = uncertainty(region, pairs(other), service=other, draws=30)
        assert found[title].gains == pytest.approx(expected.gains, abs=1e-12)
        outcome = found[title].case.outcome
        assert isinstance(outcome, RiskModel)
        assert outcome.effects == effects


def test_what_would_be_the_same_as_usual_is_left_out() -> None:
    region = region_of()
    service = service_of(region, "delay", "volume")  # no hub, no rota, and volume already
    found = structural(region, pairs(service), service=service, draws=20)
    assert list(found.found) == ["as usual", *FLOWS]


def test_stroke_has_the_three_studies() -> None:
    region = region_of()
    service = replace(
        region.define_service("stroke", demand="cases"), outcome=StrokeUnits(shipped_register())
    )
    found = structural(region, pairs(service), service=service, draws=300).table
    table = found[found["group"] == "Effect of hyper-acute units"].set_index("alternative")
    assert len(table) == 3
    assert table["mean"].between(0, float(service.cases_per_year)).all()
    assert table.loc["none, as in Greater Manchester from 2010", "mean"] == 0
    means = table["mean"]
    assert means["as in Greater Manchester from 2015"] > means["as in London"] > 0


def wider() -> Region:
    """Return the region with more zones."""
    return region_of(20)


def test_another_catchment_is_another_view() -> None:
    region = region_of()
    service = service_of(region)
    other = wider()
    theirs = service_of(other)
    other = replace(other, services={theirs.id: theirs})
    found = structural(region, pairs(service), service=service, catchments={"wide": other}, draws=9)
    assert list(found.found)[-1] == "Who counts: wide"
    assert found.table.iloc[-1][["group", "alternative"]].tolist() == ["Who counts", "wide"]
    expected = uncertainty(other, pairs(theirs), service=theirs, draws=9)
    pd.testing.assert_frame_equal(found.found["Who counts: wide"].table, expected.table)
    # A neighbour that was made of a candidate stays one.
    fewer = service.with_always_open("s4")
    chosen = pairs(fewer)
    found = structural(region, chosen, service=fewer, catchments={"wide": other}, draws=9)
    assert found.found["Who counts: wide"].case.service.always_open == ("n0", "s4")


def test_what_cannot_be_weighed_is_refused() -> None:
    region = region_of()
    service = service_of(region)
    with pytest.raises(ValueError, match="no configuration to weigh"):
        structural(region, [])
    with pytest.raises(ValueError, match="catchment 'tiny' has no site n0, s0, s1"):
        structural(
            region, pairs(service), service=service, catchments={"tiny": tiny_region()}, draws=5
        )
    other = replace(wider(), services={})
    with pytest.raises(ValueError, match="'emergency-surgery' is not there"):
        structural(region, pairs(service), service=service, catchments={"wide": other}, draws=5)


def test_it_says_which_views_change_what_is_best() -> None:
    region = region_of()
    service = service_of(region)
    found = structural(region, pairs(service), service=service, draws=100)
    usual, changed = found.table.iloc[0]["best"], found.table[found.table["changes"]]
    said = found.sentences()
    assert "Neighbours, care as today: " in " ".join(said)
    assert len(said) == 1 + len(changed)
    views = len(found.table) - 1
    head = f"{usual} is best as usual, and under {views - len(changed)} of {views} alternative"
    assert said[0].startswith(head)
    assert (changed["mean"] > changed["usual_mean"]).all()
    rows: Any = list(found.table.itertuples())
    for title, row in zip(found.found, rows, strict=True):
        own: Any = found.found[title].table.loc[usual]
        assert (row.usual_mean, row.usual_low, row.usual_high) == (own["mean"], own.low, own.high)
        assert row.baseline_deaths == own["baseline_deaths"] > row.usual_high
        assert row.usual_low <= row.usual_mean <= row.usual_high
    for row in changed.itertuples():
        assert f"{row.group}, {row.alternative}: {row.best} would be best." in said
    assert said[0] in repr(found)
    assert "<table" in found._repr_html_()


def test_one_configuration_is_best_under_every_view() -> None:
    region = region_of()
    service = service_of(region)
    one = Configuration.of(service.id, ["s0", "s1"], name="The plan")
    found = structural(region, [one], service=service, draws=10)
    assert found.sentences() == ["The plan is best under each of 10 alternative views."]


def test_another_catchment_keeps_the_choice_of_site() -> None:
    region = region_of()
    service = service_of(region)
    other = replace(region_of(20), services={service.id: service_of(region_of(20))})
    chosen = service.with_choice(5.0)
    found = structural(
        region, pairs(service), catchments={"wider": other}, service=chosen, draws=20
    )
    assert found.found["Who counts: wider"].case.service.choice == chosen.choice
