"""What the table [outcome] of a service file may ask for, and what is said of everything else."""

from __future__ import annotations

import itertools
from typing import Any

import numpy as np
import pytest

from reconfig.core import Assumptions, OutcomeModel
from reconfig.outcomes import (
    EFFECTS,
    MODELS,
    Draws,
    Register,
    RiskModel,
    StrokeDisability,
    StrokeUnits,
    make_outcome,
)
from reconfig.outcomes.make import KEYS, NEEDED
from tests.instances import shipped_register

HUB = {"model": "risk", "assumptions": "egs", "effects": ["hub"]}


class Noted:
    """Keeps the faults that are noted."""

    def __init__(self) -> None:
        self.faults: list[tuple[tuple[Any, ...], str]] = []

    def note(self, where: tuple[Any, ...], found: str, expected: str, fix: str = "") -> None:
        """Keep a fault: where it is, and what is said."""
        self.faults.append((where, f"{found}; expected {expected}. {fix}"))


def made(keys: dict[str, Any], register: Register | None = None) -> OutcomeModel | None:
    """Return a model that must be without fault."""
    noted = Noted()
    found = make_outcome(keys, register or shipped_register(), noted)
    assert noted.faults == []
    return found


def refused(keys: dict[str, Any], register: Register | None = None) -> list[tuple[Any, str]]:
    """Return key -> what is said, of a table that must be refused."""
    noted = Noted()
    held = shipped_register() if register is None else register
    assert make_outcome(keys, held, noted) is None
    assert all(where[0] == "outcome" and len(where) == 2 for where, _ in noted.faults)
    return [(where[1], said) for where, said in noted.faults]


def test_each_model_is_made_from_its_keys() -> None:
    register = shipped_register()
    keys = {**HUB, "effects": ["hub", "rota", "delay"], "deaths": "30-day deaths"}
    risk = made(keys, register)
    assert isinstance(risk, RiskModel)
    assert risk.register is register
    assert (risk.prefix, risk.effects) == ("egs", ("hub", "rota", "delay"))
    assert risk.deaths == "30-day deaths"
    assert isinstance(made({"model": "stroke-units"}), StrokeUnits)
    times = made({"model": "stroke-times", "centres": ["A", "B"]})
    assert isinstance(times, StrokeDisability)
    assert times.centres == ("A", "B")
    assert set(MODELS) == {"risk", "stroke-units", "stroke-times"}


def test_what_is_counted_is_deaths_unless_told() -> None:
    risk = made(HUB)
    assert isinstance(risk, RiskModel)
    assert risk.deaths == "deaths"


@pytest.mark.parametrize(
    "keys",
    [HUB, {"model": "stroke-units"}, {"model": "stroke-times", "centres": ["A"]}],
    ids=lambda keys: str(keys["model"]),
)
def test_demand_varies_as_the_factor_says(keys: dict[str, Any]) -> None:
    def twice(values: Assumptions) -> np.ndarray:
        return np.full(values.number, 2.0)

    found = make_outcome(keys, shipped_register(), Noted(), factor=twice)
    assert found is not None
    values = Draws.sample(shipped_register(), 3, 1)
    assert found.demand_factor(values).tolist() == [2.0, 2.0, 2.0]
    alone = made(keys)
    assert alone is not None
    assert alone.demand_factor(values).tolist() == [1.0, 1.0, 1.0]


# Effects that say nothing without another.
NEVER_ALONE = {"rota": "hub", "transfer": "delay"}


@pytest.mark.parametrize("number", range(1, len(EFFECTS) + 1))
def test_every_set_of_effects_is_a_model_unless_one_lacks_what_it_rests_on(number: int) -> None:
    for effects in itertools.combinations(EFFECTS, number):
        keys = {**HUB, "effects": list(effects)}
        lacking = [(e, on) for e, on in NEVER_ALONE.items() if e in effects and on not in effects]
        if lacking:
            found = refused(keys)
            assert [key for key, _ in found] == ["effects"] * len(lacking)
            for effect, on in lacking:
                expected = f"{effect} without {on}; expected {on} beside {effect}: it says"
                assert any(said.startswith(expected) for _, said in found)
        else:
            risk = made(keys)
            assert isinstance(risk, RiskModel)
            assert risk.effects == effects


# Faults ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("change", "key", "said"),
    [
        ({"model": None}, "model", "no model; expected one of risk, stroke-units, stroke-times"),
        ({"model": 3}, "model", "model = 3; expected one of risk"),
        ({"model": ["risk"]}, "model", "model = ['risk']; expected one of risk"),
        ({"model": "rsk"}, "model", "'rsk'; expected one of risk, stroke-units, stroke-times. "),
        ({"model": "rsk"}, "model", "Did you mean 'risk'"),
        ({"effect": ["hub"]}, "effect", f"no key 'effect'; expected {', '.join(KEYS)}. Did you"),
        ({"effects": []}, "effects", "effects = []; expected a list of different ones of hub"),
        ({"effects": "hub"}, "effects", "effects = hub; expected a list of different ones"),
        ({"effects": ["hub", "hub"]}, "effects", "a list of different ones of hub, rota, delay"),
        ({"effects": ["hub", "dealy"]}, "effects", "'dealy'; expected one of hub, rota, delay"),
        ({"effects": ["hub", "dealy"]}, "effects", "Did you mean 'delay'"),
        ({"effects": [["hub"]]}, "effects", "'['hub']'; expected one of hub, rota, delay"),
        ({"effects": ["rota", "delay"]}, "effects", "rota without hub"),
        ({"effects": ["hub", "transfer"]}, "effects", "transfer without delay"),
        ({"assumptions": None}, "assumptions", "None; expected the beginning of ids"),
        ({"assumptions": 7}, "assumptions", "7; expected the beginning of ids of assumptions.csv"),
        ({"deaths": 30}, "deaths", "30; expected what is counted"),
        ({"centres": ["A"]}, "centres", "centres beside 'risk'; expected assumptions and effects"),
    ],
)
def test_a_fault_is_named_with_its_key_what_was_found_and_what_was_expected(
    change: dict[str, Any], key: str, said: str
) -> None:
    found = refused({**HUB, **change})
    assert key in [where for where, _ in found]
    assert any(said in text for where, text in found if where == key)


def test_no_model_at_all_is_a_fault() -> None:
    ((key, said),) = refused({})
    assert key == "model"
    assert said.startswith("no model; expected one of risk")


@pytest.mark.parametrize("effect", ["", *EFFECTS])
def test_every_assumption_that_an_effect_needs_is_asked_of_the_register(effect: str) -> None:
    effects = [NEVER_ALONE[effect], effect] if effect in NEVER_ALONE else [effect or "hub"]
    keys = {**HUB, "effects": effects}
    plain = shipped_register()
    for name in NEEDED[effect]:
        rest = Register({key: one for key, one in plain.items() if key != f"egs.{name}"})
        ((key, said),) = refused(keys, rest)
        assert key == "assumptions"
        assert said.startswith(f"no assumption 'egs.{name}'; expected an id of assumptions.csv")


def test_every_missing_assumption_is_listed() -> None:
    found = refused({**HUB, "assumptions": "surgery"})
    missing = {f"surgery.{name}" for name in (*NEEDED[""], *NEEDED["hub"])}
    assert len(found) == len(missing)
    assert all(any(one in said for _, said in found) for one in missing)
    (fault,) = refused({**HUB, "assumptions": "eggs", "effects": ["delay"]})[:1]
    assert "Did you mean 'egs.baseline_mortality'" in fault[1]


def test_every_fault_of_a_table_is_noted_at_once() -> None:
    keys = {"model": "risk", "mode": 1, "effects": ["rota", "x"], "deaths": 3, "centres": ["A"]}
    found = [key for key, _ in refused(keys)]
    assert sorted(found) == ["assumptions", "centres", "deaths", "effects", "effects", "mode"]


# Never both stroke models ----------------------------------------------------------------------


def test_both_stroke_models_at_once_are_refused_as_the_same_lives_counted_twice() -> None:
    for models in (["stroke-units", "stroke-times"], ["stroke-times", "stroke-units", "risk"]):
        ((key, said),) = refused({"model": models})
        assert key == "model"
        assert said.startswith("both stroke-units and stroke-times; expected one of them")
        assert "it would be counted twice" in said


@pytest.mark.parametrize("model", ["stroke-units", "stroke-times"])
def test_effects_beside_a_stroke_model_are_refused_for_the_same_reason(model: str) -> None:
    keys: dict[str, Any] = {"model": model, "effects": ["delay"]}
    if model == "stroke-times":
        keys["centres"] = ["A"]
    ((key, said),) = refused(keys)
    assert key == "effects"
    assert said.startswith(f"effects beside '{model}'")
    assert "it would be counted twice" in said


@pytest.mark.parametrize("key", ["assumptions", "deaths", "centres"])
def test_a_key_that_hyper_acute_units_do_not_take_is_refused(key: str) -> None:
    ((where, said),) = refused({"model": "stroke-units", key: "egs"})
    assert where == key
    assert said.startswith(f"{key} beside 'stroke-units'; expected no other key")


@pytest.mark.parametrize("centres", [None, [], "RM301", [3], {}])
def test_stroke_times_need_the_centres_that_do_thrombectomies(centres: Any) -> None:
    keys = (
        {"model": "stroke-times"}
        if centres is None
        else {
            "model": "stroke-times",
            "centres": centres,
        }
    )
    ((key, said),) = refused(keys)
    assert key == "centres"
    assert "ids of the sites that do thrombectomies" in said
