"""Expected cases: people x weight of their age, with totals that stay what they are."""

from __future__ import annotations

import pickle

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from reconfig.data import load_register
from reconfig.outcomes import Draws
from reconfig.outcomes.demand import DemandFactor, cases_by_age, grown, needy

PEOPLE = pd.DataFrame(
    {"young": [100.0, 100.0, 300.0, 0.0], "old": [0.0, 100.0, 50.0, 50.0]},
    index=["z1", "z2", "z3", "z4"],
)
GROUPS = pd.Series(["north", "north", "south", "south"], index=PEOPLE.index)
WEIGHTS = {"young": 1.0, "old": 3.0}


def test_cases_follow_people_times_weight_by_hand() -> None:
    """North: 100 and 100 + 300 of 500 in need; south: 300 + 150 and 150 of 600."""
    totals = pd.Series({"north": 50.0, "south": 12.0})
    cases = cases_by_age(PEOPLE, WEIGHTS, totals, GROUPS)
    expected = pd.DataFrame(
        {"young": [10.0, 10.0, 6.0, 0.0], "old": [0.0, 30.0, 3.0, 3.0]}, index=PEOPLE.index
    )
    pd.testing.assert_frame_equal(cases, expected)


def test_only_ratios_of_weights_count() -> None:
    totals = pd.Series({"north": 50.0, "south": 12.0})
    tenfold = {age: 10.0 * weight for age, weight in WEIGHTS.items()}
    pd.testing.assert_frame_equal(
        cases_by_age(PEOPLE, tenfold, totals, GROUPS),
        cases_by_age(PEOPLE, WEIGHTS, totals, GROUPS),
    )


def test_growth_is_by_age_and_compounds() -> None:
    """Two years at -10 % and +50 %: x 0.81 and x 2.25."""
    cases = pd.DataFrame({"young": [10.0, 0.0], "old": [4.0, 8.0]})
    after = grown(cases, {"young": -0.1, "old": 0.5}, 2)
    assert after["young"].tolist() == pytest.approx([8.1, 0.0])
    assert after["old"].tolist() == pytest.approx([9.0, 18.0])
    pd.testing.assert_frame_equal(grown(cases, {"young": -0.1, "old": 0.5}, 0), cases)


@given(
    people=st.lists(st.tuples(st.integers(0, 500), st.integers(0, 500)), min_size=1, max_size=8),
    weights=st.tuples(st.floats(0.01, 10), st.floats(0, 10)),
    data=st.data(),
)
def test_every_group_keeps_its_total(
    people: list[tuple[int, int]], weights: tuple[float, float], data: st.DataObject
) -> None:
    frame = pd.DataFrame(people, columns=["young", "old"], dtype=float)
    labels = data.draw(st.lists(st.sampled_from("ab"), min_size=len(frame), max_size=len(frame)))
    groups = pd.Series(labels, index=frame.index)
    given_weights = dict(zip(("young", "old"), weights, strict=True))
    need = needy(frame, given_weights).sum(axis="columns").groupby(groups).sum()
    totals = pd.Series({group: 7.0 if need[group] > 0 else 0.0 for group in need.index})
    cases = cases_by_age(frame, given_weights, totals, groups)
    assert (cases.to_numpy() >= 0).all()
    found = cases.sum(axis="columns").groupby(groups).sum()
    pd.testing.assert_series_equal(found, totals, check_names=False, check_index_type=False)


def test_cases_where_nobody_could_have_them_are_refused() -> None:
    nobody = PEOPLE.where(GROUPS.eq("north"), other=0.0, axis="index")
    with pytest.raises(ValueError, match="nobody who could have them: south"):
        cases_by_age(nobody, WEIGHTS, pd.Series({"north": 1.0, "south": 1.0}), GROUPS)
    none = pd.Series({"north": 1.0, "south": 0.0})
    assert not cases_by_age(nobody, WEIGHTS, none, GROUPS)[GROUPS == "south"].to_numpy().any()


def test_the_factor_of_demand_is_one_at_the_central_values_and_one_on_average() -> None:
    register = load_register()
    growth = {"demand.growth_18_44": 30.0, "demand.growth_80_plus": 70.0}
    factor = DemandFactor.of(register, "egs.laparotomy_rate", growth, 10)
    assert factor(Draws.central(register)) == pytest.approx([1.0])
    drawn = factor(Draws.sample(register, 4000, seed=1))
    assert drawn.shape == (4000,)
    assert drawn.mean() == pytest.approx(1.0, abs=0.01)
    assert drawn.std() > 0.07
    again = pickle.loads(pickle.dumps(factor))
    assert np.array_equal(again(Draws.sample(register, 4000, seed=1)), drawn)


def test_the_factor_follows_the_rate_and_the_growth_by_hand() -> None:
    register = load_register()
    growth = {"demand.growth_18_44": 30.0, "demand.growth_80_plus": 70.0}
    factor = DemandFactor.of(register, "egs.laparotomy_rate", growth, 2)
    rate, young, old = (register.value(name) for name in ("egs.laparotomy_rate", *growth))
    values = Draws.at(
        register,
        {"egs.laparotomy_rate": np.array([2 * rate]), "demand.growth_80_plus": np.array([0.1])},
    )
    central = 30.0 * (1 + young) ** 2 + 70.0 * (1 + old) ** 2
    moved = 30.0 * (1 + young) ** 2 + 70.0 * 1.21
    assert factor(values) == pytest.approx([2 * moved / central])
