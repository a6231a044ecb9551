"""The value of information: by hand, and where the answer is known."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
from scipy.stats import norm

from reconfig.analyse import uncertainty
from reconfig.analyse.information import group_of, information_table
from reconfig.outcomes import Draws, Register
from tests.unit.analyse.uncertain import pairs, region_of, register_of, service_of

DRAWS = 5000
AT_0 = norm.pdf(0.0)  # mean of the larger of 0 and a standard normal


def nothing_varies(number: int) -> Draws:
    """Return draws of which nothing was asked."""
    return Draws.at(register_of(a__x=("fixed", 1.0, {})), {"a.x": np.ones(number)})


def of_normals(number: int = DRAWS) -> Draws:
    """Return draws of two standard normals: a.x and b.y."""
    register = register_of(a__x=("normal", 0.0, {"sd": 1.0}), b__y=("normal", 0.0, {"sd": 1.0}))
    return Draws.sample(register, number, 1)


def against_nothing(gain: np.ndarray) -> np.ndarray:
    """Return the gains of doing nothing and of something."""
    return np.column_stack([np.zeros_like(gain), gain])


def test_the_value_of_perfect_information_is_what_it_is_by_hand() -> None:
    # Means 1 and 1.25; best of each draw 1, 3, 3, 1: 2 on average, so 0.75 over the better mean.
    gains = np.array([[1.0, 0.0], [0.0, 3.0], [3.0, 1.0], [0.0, 1.0]])
    table: Any = information_table(gains, nothing_varies(4))
    assert list(table.index) == ["everything"]
    assert table.loc["everything"].tolist() == [0.75, 1.0]


def test_it_is_worth_nothing_to_know_more_where_one_is_always_best() -> None:
    rng = np.random.default_rng(1)
    base = rng.normal(7.1, 3.3, (999, 1))
    gains = base + np.array([[0.3, 0.7, 0.1]])
    table = information_table(gains, nothing_varies(999))
    assert table.to_numpy().tolist() == [[0.0, 0.0]]
    assert information_table(gains[:, :1], nothing_varies(999))["value"].tolist() == [0.0]
    # The same configuration twice, but for rounding.
    twice = np.column_stack([gains[:, 0], gains[:, 0] * (1 + 1e-15)])
    assert information_table(twice, nothing_varies(999))["value"].tolist() == [0.0]


def test_each_of_two_assumptions_is_worth_its_part_of_a_sum() -> None:
    values = of_normals()
    table: Any = information_table(against_nothing(values["a.x"] + 2 * values["b.y"]), values)
    assert table.loc["everything", "value"] == pytest.approx(AT_0 * math.sqrt(5), rel=0.06)
    assert table.loc["a.x", "value"] == pytest.approx(AT_0, rel=0.08)
    assert table.loc["b.y", "value"] == pytest.approx(2 * AT_0, rel=0.08)
    assert table.loc["b.y", "share"] == pytest.approx(2 / math.sqrt(5), rel=0.06)


def test_what_matters_only_together_is_worth_nothing_by_itself() -> None:
    values = of_normals()
    table: Any = information_table(against_nothing(values["a.x"] * values["b.y"]), values)
    assert table.loc["everything", "value"] == pytest.approx(1 / math.pi, rel=0.05)
    assert table.loc[["a.x", "b.y"], "value"].max() < 0.03


def test_the_regression_finds_a_curve() -> None:
    values = of_normals()
    noise = values["b.y"] / 10
    table: Any = information_table(against_nothing(values["a.x"] ** 2 - 1 + noise), values)
    assert table.loc["a.x", "value"] == pytest.approx(2 * norm.pdf(1.0), rel=0.05)


def test_the_weights_of_a_mixture_and_its_effects_are_one_group() -> None:
    register = register_of(
        a__hub_weight_none=("fixed", 0.4, {}),
        a__hub_weight_some=("fixed", 0.6, {}),
        a__hub_effect=("normal", 0.0, {"sd": 1.0}),
        a__other=("normal", 0.0, {"sd": 0.1}),
    )
    values = Draws.sample(register, DRAWS, 1)
    some = values.weights("a.hub", ("none", "some"))[:, 1]
    # Nothing but the hub matters, so to know of it is to know all.
    gain = some * values["a.hub_effect"] - 0.2
    assert values["a.other"].std() > 0
    table: Any = information_table(against_nothing(gain), values)
    assert list(table.index) == ["everything", "a.hub", "a.other"]
    known = 0.6 * (norm.pdf(0.2) - 0.2 * norm.sf(0.2))
    assert table.loc["a.hub", "value"] == pytest.approx(known, rel=0.05)
    assert table.loc["a.hub", "share"] == pytest.approx(1.0, abs=1e-9)
    assert table.loc["a.other", "value"] < 0.02 * known


def test_groups_are_worth_between_nothing_and_the_whole() -> None:
    region = region_of()
    service = service_of(region, "hub", "delay", "volume")
    found: Any = uncertainty(region, pairs(service), service=service, draws=1000).information
    assert found.loc["everything", "value"] > 0
    assert {"egs.hub", "egs.delay", "egs.volume", "egs.share", "egs.baseline"} <= set(found.index)
    assert found["value"].between(0.0, found.loc["everything", "value"]).all()
    assert found["share"].between(0.0, 1.0).all()


def test_too_few_draws_give_no_number_rather_than_noise() -> None:
    values = of_normals(20)
    table: Any = information_table(against_nothing(values["a.x"] + values["b.y"]), values)
    assert table.loc["everything", "value"] > 0
    assert table.loc[["a.x", "b.y"], "value"].isna().all()


def test_what_is_fixed_has_no_row() -> None:
    register = register_of(a__x=("fixed", 1.0, {}), b__y=("normal", 0.0, {"sd": 1.0}))
    values = Draws.sample(register, 100, 1)
    table: Any = information_table(against_nothing(values["a.x"] * values["b.y"]), values)
    assert list(table.index) == ["everything", "b.y"]


def test_a_group_is_named_after_the_effect() -> None:
    assert group_of("egs.hub_ln_or_strong") == group_of("egs.hub_weight_none") == "egs.hub"
    assert group_of("vascular.rate") == "vascular.rate"


def test_no_assumptions_no_groups() -> None:
    table: Any = information_table(np.array([[0.0, 1.0]]), Draws.central(Register({})))
    assert table["value"].tolist() == [0.0]
