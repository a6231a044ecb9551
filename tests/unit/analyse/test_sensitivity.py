"""One assumption at a time: the tornado's ends and the switching values, worked out another way."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from reconfig.analyse import sensitivity
from reconfig.appraise import overall_values
from reconfig.core import Configuration, Region, Service
from reconfig.outcomes import Register, RiskModel
from tests.instances import shipped_register, tiny_region, tiny_service
from tests.unit.analyse.uncertain import pairs, region_of, service_of

LIVES = "lives_saved"
EFFECTS = ("hub", "rota", "delay", "transfer", "volume")
BELIEFS = tuple(f"egs.hub_weight_{kind}" for kind in ("none", "moderate", "strong"))
# Neighbours at today's care: then it matters how much a hub gains that sends fewer there.
AS_TODAY = {"egs.neighbour_effect": 0.0}


def values_at(register: Register, assumption_id: str, value: float) -> dict[str, float]:
    """Return what changes in a register: of three beliefs the others share the rest as now."""
    if assumption_id not in BELIEFS:
        return {assumption_id: value}
    others = {key: register.value(key) for key in BELIEFS if key != assumption_id}
    return {assumption_id: value} | {
        key: (1 - value) * now / sum(others.values()) for key, now in others.items()
    }


def gains_at(
    region: Region, service: Service, assumption_id: str, value: float, chosen: list[Configuration]
) -> dict[str, float]:
    """Return lives saved by configuration, measured with one value of the register changed."""
    assert isinstance(service.outcome, RiskModel)
    usual = service.outcome.register
    register = usual.replaced(values_at(usual, assumption_id, value))
    changed = replace(service, outcome=replace(service.outcome, register=register))
    return {
        ", ".join(one.sites(service.id)): overall_values(region, changed, one, [LIVES])[LIVES]
        for one in chosen
    }


def test_the_ends_of_the_tornado_are_what_the_measure_says_there() -> None:
    region = region_of()
    service = service_of(region, *EFFECTS)
    chosen = pairs(service)
    found = sensitivity(region, chosen, service=service)
    assert {"egs.volume_ln_or", "egs.laparotomy_rate", *BELIEFS} < set(found.table.index)
    for one, row in found.table.iterrows():
        for end in ("low", "high"):
            if one == "egs.laparotomy_rate":  # the demand of the measure is the central one
                continue
            gains = gains_at(region, service, str(one), row[end], chosen)
            best = max(gains, key=lambda name: gains[name])
            assert row[f"gain_{end}"] == pytest.approx(gains[found.best], abs=1e-5)
            assert row[f"best_{end}"] == best
            others = [gain for name, gain in gains.items() if name != found.best]
            advantage = gains[found.best] - max(others)
            assert row[f"advantage_{end}"] == pytest.approx(advantage, abs=1e-5)
    rate = found.table.loc["egs.laparotomy_rate"]
    assert rate["gain_high"] / found.central == pytest.approx(rate["high"] / rate["value"])


def test_the_assumption_that_moves_the_gain_most_comes_first() -> None:
    region = region_of()
    service = service_of(region, *EFFECTS)
    table = sensitivity(region, pairs(service), service=service).table
    widths = (table["gain_high"] - table["gain_low"]).abs()
    assert widths.is_monotonic_decreasing
    assert (table["low"] < table["value"]).all()
    assert (table["value"] < table["high"]).all()


@pytest.mark.parametrize("neighbours", [AS_TODAY, {"egs.neighbour_effect": 1.0}])
def test_a_weight_of_belief_is_in_the_tornado_from_none_to_one(
    neighbours: dict[str, float],
) -> None:
    region = region_of()
    service = service_of(region, "hub", "rota", "delay", values=neighbours)
    found = sensitivity(region, pairs(service), service=service)
    table: Any = found.table.loc[list(BELIEFS)]
    assert table["low"].tolist() == [0.0] * 3
    assert table["high"].tolist() == [1.0] * 3
    assert table["value"].tolist() == pytest.approx([0.35, 0.45, 0.20])
    # All belief in no effect: what is left is what journeys cost.
    alone = service_of(region, "delay")
    (best,) = (c for c in pairs(alone) if ", ".join(c.sites(alone.id)) == found.best)
    lost = overall_values(region, alone, best, [LIVES])[LIVES]
    assert table.loc["egs.hub_weight_none", "gain_high"] == pytest.approx(lost, abs=1e-5)
    # The more of it the less is gained, and of a strong effect the more.
    assert table.loc["egs.hub_weight_none", "gain_low"] > found.central > lost
    strong = table.loc["egs.hub_weight_strong"]
    assert strong["gain_low"] < found.central < strong["gain_high"]


def test_weights_of_belief_that_do_not_sum_to_one_are_moved_as_shares() -> None:
    """0.7, 0.9 and 0.4 are 0.35, 0.45 and 0.20 of their sum."""
    region = region_of()
    twice = dict(zip(BELIEFS, (0.7, 0.9, 0.4), strict=True))
    found, usual = (
        sensitivity(region, pairs(service), service=service).table
        for service in (service_of(region, values=values) for values in (twice, {}))
    )
    columns = ["value", "low", "high", "gain_low", "gain_high"]
    for name in columns:
        assert found[name].to_dict() == pytest.approx(usual[name].to_dict(), abs=1e-9)


@pytest.mark.parametrize(
    ("effects", "values", "one"),
    [
        (EFFECTS, {}, "egs.volume_ln_or"),
        (EFFECTS[:4], {}, "egs.transfer_share"),
        (EFFECTS[:4], AS_TODAY, "egs.hub_ln_or_moderate"),
        (EFFECTS[:4], AS_TODAY, "egs.hub_weight_none"),
    ],
)
def test_a_switching_value_is_the_one_that_bisection_finds(
    effects: tuple[str, ...], values: dict[str, float], one: str
) -> None:
    region = region_of()
    service = service_of(region, *effects, values=values)
    chosen = pairs(service)
    found = sensitivity(region, chosen, service=service)
    row: Any = found.table.loc[one]

    def is_best(value: float) -> bool:
        gains = gains_at(region, service, one, value, chosen)
        return gains[found.best] >= max(gains.values())

    # From the central value, where it is best, to just beyond, where it is not.
    near, far = row["value"], row["switches_at"] + 0.1 * (row["switches_at"] - row["value"])
    assert is_best(near)
    assert not is_best(far)
    for _ in range(26):
        middle = (near + far) / 2
        near, far = (middle, far) if is_best(middle) else (near, middle)
    assert row["switches_at"] == pytest.approx(near, abs=1e-6)
    beyond = far + (1e-5 if far > row["value"] else -1e-5)
    gains = gains_at(region, service, one, beyond, chosen)
    assert row["switches_to"] == max(gains, key=lambda name: gains[name])
    (said,) = [s for s in found.sentences() if s.startswith(row["what"])]
    assert f"{row['switches_to']} would be preferred to {found.best}." in said
    assert f"at {row['switches_at']:.3g} in place of {row['value']:.3g} ({row['unit']})" in said


def test_there_is_no_switching_value_where_nothing_changes_what_is_preferred() -> None:
    region = region_of()
    service = service_of(region, "delay")
    found = sensitivity(region, pairs(service), service=service)
    assert len(found.table)
    assert found.table["switches_at"].isna().all()
    assert (found.table["switches_to"] == "").all()
    assert found.sentences() == [
        f"None of the {len(found.table)} assumptions with a spread, moved by itself over its whole "
        f"range, makes another configuration better than {found.best}."
    ]
    assert dict(found.not_moved) == {}  # nothing that delay rests on is without a spread
    assert found.sentences()[0] in repr(found)
    assert "<table" in found._repr_html_()


def test_the_sentences_name_what_was_not_moved_because_it_has_no_spread() -> None:
    region = region_of()
    for effects, values, names in (
        (("hub", "delay"), {}, ("neighbour_effect",)),
        (("hub", "rota", "delay"), AS_TODAY, ("neighbour_effect", "rota_sites")),
        (EFFECTS, {}, ("neighbour_effect", "rota_sites", "volume_reference")),
    ):
        service = service_of(region, *effects, values=values)
        found = sensitivity(region, pairs(service), service=service)
        register = shipped_register()
        assert dict(found.not_moved) == {f"egs.{n}": register[f"egs.{n}"].what for n in names}
        assert not set(found.not_moved) & set(found.table.index)
        said = found.sentences()[-1]
        assert said.startswith("Not moved, because the register gives no spread: ")
        for name in names:
            assert register[f"egs.{name}"].what[1:] in said
        assert said in found._repr_html_().replace("&#x27;", "'")


def test_a_single_configuration_has_a_tornado_and_nothing_to_switch_to() -> None:
    region = region_of()
    service = service_of(region)
    found = sensitivity(region, pairs(service)[:1], service=service)
    assert found.table["advantage_low"].isna().all()
    assert found.table["switches_at"].isna().all()
    assert found.sentences() == [
        f"{found.best} is the only configuration, so nothing else can be preferred."
    ]


def test_a_model_without_assumptions_has_an_empty_tornado() -> None:
    region = tiny_region()
    chosen = [Configuration.of("surgery", s) for s in (["A"], ["B"])]
    found = sensitivity(region, chosen, service=tiny_service(region))
    assert found.table.empty
    assert found.best == "Birch"
    assert found.central == pytest.approx(3.0)
    assert "None of the 0 assumptions" in found.sentences()[0]


def test_what_cannot_be_weighed_is_refused() -> None:
    with pytest.raises(ValueError, match="no configuration to weigh"):
        sensitivity(region_of(), [])
    region = region_of()
    service = service_of(region)
    with pytest.raises(ValueError, match="choice = 'far': one of nearest, spread"):
        sensitivity(region, pairs(service), service=service, choice="far")
