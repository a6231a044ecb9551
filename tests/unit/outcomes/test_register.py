"""The register is checked row by row, and every fault is listed at once."""

from __future__ import annotations

import csv
import pickle
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from reconfig.core import InputError
from reconfig.data import data_folder
from reconfig.outcomes import Assumption, Register
from reconfig.outcomes.correlations import COLUMNS as PAIR_COLUMNS
from reconfig.outcomes.distributions import DISTRIBUTIONS
from reconfig.outcomes.register import COLUMNS, CONFIDENCE
from tests.instances import shipped_register

ASSUMPTIONS = data_folder() / "assumptions.csv"
CORRELATIONS = data_folder() / "correlations.csv"

GOOD = {
    "id": "x.risk",
    "what": "Risk of something",
    "value": "0.10",
    "distribution": "beta",
    "parameters": "a=10;b=90",
    "unit": "deaths per case",
    "source": "A study",
    "confidence": "found",
    "note": "",
}


def write(folder: Path, *rows: dict[str, str], header: tuple[str, ...] = COLUMNS) -> Path:
    """Write a register of some rows."""
    path = folder / "assumptions.csv"
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(header)
        writer.writerows(list(row.values()) for row in rows)
    return path


def faults(folder: Path, *rows: dict[str, str]) -> list[str]:
    """Return the faults that reading these rows raises."""
    with pytest.raises(InputError) as raised:
        Register.from_csv(write(folder, *rows))
    return [str(fault) for fault in raised.value.faults]


def test_a_good_row_is_read_with_its_parameters(tmp_path: Path) -> None:
    found = Register.from_csv(write(tmp_path, GOOD))["x.risk"]
    assert found.value == 0.10
    assert found.parameters == {"a": 10.0, "b": 90.0}
    assert found.confidence == "found"


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"value": "ten"}, "value 'ten'"),
        ({"value": ""}, "value ''"),
        ({"value": "nan"}, "value 'nan'"),
        ({"value": "inf", "distribution": "fixed", "parameters": ""}, "value 'inf'"),
        ({"confidence": "sure"}, "confidence 'sure'"),
        ({"confidence": ""}, "confidence ''"),
        ({"distribution": "bta"}, "Did you mean 'beta'?"),
        ({"parameters": "a=10"}, "parameters: a, b"),
        ({"parameters": "a=10;b=x"}, "b 'x'"),
        ({"parameters": "a=10;b"}, "b ''"),
        ({"parameters": "a=-10;b=110"}, "parameters above zero"),
        ({"distribution": "normal", "parameters": "sd=0"}, "parameters above zero"),
        ({"distribution": "fixed"}, "parameters: none"),
        ({"value": "0.2"}, "value 0.2 but a mean of 0.1"),
        ({"distribution": "uniform", "parameters": "low=0.2;high=0"}, "low below high"),
        ({"distribution": "uniform", "parameters": "low=0;high=0.1"}, "but a mean of 0.05"),
        ({"distribution": "gamma", "parameters": "cv=0.1", "value": "0"}, "a value a gamma"),
        ({"distribution": "lognormal", "parameters": "cv=0.1", "value": "-1"}, "a value a log"),
        ({"distribution": "fixed", "parameters": "", "unit": "share", "value": "1.2"}, "0 to 1"),
        ({"distribution": "fixed", "parameters": "", "unit": "minutes", "value": "-1"}, "least 0"),
        ({"source": " "}, "blank source"),
        ({"unit": ""}, "blank unit"),
        ({"what": ""}, "blank what"),
        ({"id": ""}, "blank id"),
    ],
)
def test_a_bad_row_is_refused_with_file_and_line(
    tmp_path: Path, change: dict[str, str], said: str
) -> None:
    found = faults(tmp_path, GOOD | {"id": "x.first"}, GOOD | change)
    assert len(found) == 1
    assert found[0].startswith("assumptions.csv, line 3")
    assert said in found[0]


def test_all_bad_rows_are_listed_at_once(tmp_path: Path) -> None:
    found = faults(
        tmp_path,
        GOOD | {"value": "ten"},
        GOOD | {"id": "x.other", "confidence": "sure", "source": ""},
        GOOD,
        GOOD,
    )
    places = [fault.split(" (")[0].split(":")[0] for fault in found]
    assert [p.removeprefix("assumptions.csv, ") for p in places] == [
        "line 2",
        "line 3",
        "line 3",
        "line 5",  # the id of line 4 again
    ]


def test_a_row_with_too_few_or_too_many_fields_is_refused(tmp_path: Path) -> None:
    short = {k: GOOD[k] for k in COLUMNS[:4]}
    long = GOOD | {"extra": "1"}
    found = faults(tmp_path, short, long)
    assert [("too few or too many" in fault) for fault in found] == [True, True]


def test_another_header_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="header"):
        Register.from_csv(write(tmp_path, GOOD, header=("id", *COLUMNS[2:], "what")))


def test_an_unknown_assumption_is_refused_with_a_suggestion(tmp_path: Path) -> None:
    register = Register.from_csv(write(tmp_path, GOOD))
    with pytest.raises(KeyError, match=r"no assumption 'x\.rsk'.*Did you mean 'x\.risk'"):
        register.value("x.rsk")


def test_every_shipped_assumption_has_a_source_a_unit_and_a_confidence_tag() -> None:
    register = shipped_register()
    assert len(register) > 15
    for assumption in register.values():
        assert assumption.source.strip()
        assert assumption.unit.strip()
        assert assumption.confidence in CONFIDENCE


@pytest.mark.parametrize("key", sorted(shipped_register()))
def test_the_mean_of_a_shipped_distribution_is_its_value(key: str) -> None:
    assumption = shipped_register()[key]
    quantiles = assumption.quantile((np.arange(20_000) + 0.5) / 20_000)
    assert float(quantiles.mean()) == pytest.approx(assumption.value, rel=1e-4, abs=1e-6)


def test_the_weights_of_belief_sum_to_one() -> None:
    register = shipped_register()
    for service, kinds in (
        ("egs.hub", ("none", "moderate", "strong")),
        ("stroke.hasu", ("none", "gm2015", "london")),
    ):
        total = sum(register.value(f"{service}_weight_{kind}") for kind in kinds)
        assert total == pytest.approx(1.0)


def test_the_volume_prior_of_emergency_surgery_spans_zero() -> None:
    low, high = shipped_register()["egs.volume_ln_or"].quantile(np.array([0.025, 0.975]))
    assert low < 0 < high


def test_the_consultants_of_ten_sites_fill_five_rotas() -> None:
    value = shipped_register().value
    at_hand = value("egs.rota_consultants") * value("egs.rota_sites") - value("egs.rota_short")
    assert 5 <= at_hand / value("egs.rota_consultants") < 6
    assert shipped_register()["egs.rota_short"].confidence == "judgement"  # its reading is


def test_neighbours_are_taken_to_care_as_well_as_hubs_and_units() -> None:
    for service in ("egs", "stroke"):
        assert shipped_register().value(f"{service}.neighbour_effect") == 1


def test_those_to_whom_delay_matters_are_not_more_than_all_who_die() -> None:
    value = shipped_register().value
    assert value("egs.delay_share") * value("egs.delay_mortality") < value("egs.baseline_mortality")


@pytest.mark.parametrize(
    ("key", "low", "high"),
    [
        ("ppci.baseline_mortality", 0.020, 0.035),  # West 2011
        ("demand.growth_80_plus", 0.012, 0.046),
        ("egs.delay_ln_rr_per_hour", 0.011, 0.036),  # Buck 2013
    ],
)
def test_the_spread_of_an_assumption_is_the_interval_it_is_said_to_be(
    key: str, low: float, high: float
) -> None:
    ends = shipped_register()[key].quantile(np.array([0.025, 0.975]))
    assert ends == pytest.approx([low, high], abs=0.001)


def test_quality_years_are_eight_years_discounted_as_health_is() -> None:
    years = (1 - 1.015**-8) / 0.015
    assert shipped_register().value("stroke.quality_years") == pytest.approx(years, abs=0.05)


def test_major_trauma_has_no_number_to_count_lives_by() -> None:
    there = {key.removeprefix("trauma.") for key in shipped_register() if key.startswith("trauma.")}
    assert {key for key in there if not key.startswith("age_weight_")} == {
        "rate",
        "standard_minutes",
    }


def test_the_shipped_register_is_where_the_tests_look_for_it() -> None:
    assert ASSUMPTIONS.is_file()


PARAMETERS = {
    "fixed": {},
    "normal": {"sd": 0.02},
    "beta": {"a": 20.0, "b": 80.0},
    "gamma": {"cv": 0.3},
    "lognormal": {"cv": 0.3},
    "uniform": {"low": 0.1, "high": 0.3},
}
# How widely a distribution of mean 0.2 is spread, and one moved to 0.4: standard deviations.
SPREADS = {
    "fixed": (0.0, 0.0),
    "normal": (0.02, 0.02),
    "beta": ((0.2 * 0.8 / 101) ** 0.5, (0.4 * 0.6 / 101) ** 0.5),
    "gamma": (0.06, 0.12),
    "lognormal": (0.06, 0.12),
    "uniform": (0.2 / 12**0.5, 0.2 / 12**0.5),
}


def one(distribution: str, value: float = 0.2, unit: str = "anything") -> Assumption:
    """Return an assumption of that distribution."""
    parameters = PARAMETERS[distribution]
    return Assumption("x.a", "A", value, distribution, parameters, unit, "A study", "found", "")


def test_every_distribution_is_tried_here() -> None:
    assert set(PARAMETERS) == set(SPREADS) == set(DISTRIBUTIONS)


@pytest.mark.parametrize("name", DISTRIBUTIONS)
def test_a_moved_assumption_keeps_its_spread_round_the_new_value(name: str) -> None:
    uniform = (np.arange(100_000) + 0.5) / 100_000
    for assumption, sd in zip((one(name), one(name).moved(0.4)), SPREADS[name], strict=True):
        quantiles = assumption.quantile(uniform)
        assert quantiles.shape == uniform.shape
        assert (np.diff(quantiles) >= 0).all()
        assert quantiles.mean() == pytest.approx(assumption.value, rel=1e-3)
        assert quantiles.std() == pytest.approx(sd, rel=0.01)


def test_a_share_moved_to_its_end_has_no_spread_left() -> None:
    assert (one("beta").moved(1.0).quantile(np.array([0.1, 0.9])) == 1.0).all()
    assert (one("gamma").moved(0.0).quantile(np.array([0.1, 0.9])) == 0.0).all()


def test_replaced_values_are_listed_as_overrides_of_the_registers_own() -> None:
    register = shipped_register()
    own = register.value("egs.share_moved")
    first = register.replaced({"egs.share_moved": 0.5, "egs.delay_share": 0.2})
    assert first.value("egs.share_moved") == 0.5
    assert first.overrides == {"egs.share_moved": (own, 0.5), "egs.delay_share": (0.27, 0.2)}
    assert register.overrides == {}
    assert register.value("egs.share_moved") == own
    again = first.replaced({"egs.share_moved": 0.7})
    assert again.overrides["egs.share_moved"] == (own, 0.7)
    back = again.replaced({"egs.share_moved": own})
    assert back.overrides == {"egs.delay_share": (0.27, 0.2)}
    assert back.correlations == register.correlations


def test_every_bad_override_is_refused_at_once_with_its_place() -> None:
    given: dict[str, Any] = {
        "egs.share_mved": 0.5,
        "egs.share_moved": 1.2,
        "egs.delay_share": float("nan"),
        "egs.laparotomy_rate": -1,
        "egs.hub_weight_none": -0.1,
        "egs.rota_sites": "ten",
        "egs.rota_short": True,
    }
    with pytest.raises(InputError) as raised:
        shipped_register().replaced(given, file="mine.toml", place="[assumptions]")
    said = [str(fault) for fault in raised.value.faults]
    assert len(said) == len(given)
    assert all(
        text.startswith(f"mine.toml, [assumptions] {key}: ")
        for text, key in zip(said, given, strict=True)
    )
    assert "Did you mean 'egs.share_moved'?" in said[0]
    assert "1.2; expected a number from 0 to 1 (share)" in said[1]
    assert "'ten'; expected a number" in said[5]


def test_weights_that_are_all_zero_are_refused() -> None:
    none = {f"egs.hub_weight_{kind}": 0.0 for kind in ("none", "moderate", "strong")}
    with pytest.raises(InputError, match=r"egs\.hub_weight_\*: every weight is 0"):
        shipped_register().replaced(none)


def test_a_merged_register_has_the_rows_of_both_and_lists_what_it_changes(tmp_path: Path) -> None:
    theirs = GOOD | {"id": "egs.share_moved", "value": "0.5", "parameters": "a=50;b=50"}
    other = Register.from_csv(write(tmp_path, GOOD, theirs))
    shipped = shipped_register()
    merged = shipped.merged(other)
    assert len(merged) == len(shipped) + 1
    assert merged.value("egs.share_moved") == 0.5
    assert merged.overrides == {"egs.share_moved": (0.6, 0.5)}
    assert merged.merged(other).overrides == merged.overrides
    assert shipped.merged(shipped).overrides == {}


def test_a_register_survives_pickling() -> None:
    register = read_with_pairs().replaced({"egs.share_moved": 0.5})
    copy = pickle.loads(pickle.dumps(register))
    assert dict(copy) == dict(register)
    assert copy.overrides == register.overrides
    assert copy.correlations == register.correlations


def read_with_pairs() -> Register:
    """Return the shipped register with its correlations."""
    return Register.from_csv(ASSUMPTIONS, CORRELATIONS)


def pair_faults(folder: Path, *pairs: tuple[str, str, str]) -> list[str]:
    """Return the faults of a file of correlations over four numbers x.a to x.d, x.d fixed."""
    spread = GOOD | {"distribution": "normal", "parameters": "sd=1"}
    rows = [spread | {"id": f"x.{letter}"} for letter in "abc"]
    rows.append(GOOD | {"id": "x.d", "distribution": "fixed", "parameters": ""})
    path = folder / "correlations.csv"
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(PAIR_COLUMNS)
        writer.writerows([*pair, "A study", "found", ""] for pair in pairs)
    try:
        Register.from_csv(write(folder, *rows), path)
    except InputError as problem:
        return [str(fault) for fault in problem.faults]
    return []


def test_good_correlations_are_read_as_groups(tmp_path: Path) -> None:
    assert pair_faults(tmp_path, ("x.a", "x.b", "0.5"), ("x.b", "x.c", "-0.5")) == []
    groups = read_with_pairs().groups
    assert sorted(len(group.ids) for group in groups)[0] >= 2
    assert len({key for group in groups for key in group.ids}) == sum(len(g.ids) for g in groups)


@pytest.mark.parametrize(
    ("pair", "said"),
    [
        (("x.a", "x.q", "0.5"), "id 'x.q'"),
        (("x.a", "x.d", "0.5"), "'x.d' is fixed"),
        (("x.a", "x.a", "0.5"), "with itself"),
        (("x.a", "x.b", "1"), "correlation '1'"),
        (("x.a", "x.b", "half"), "correlation 'half'"),
        (("x.a", "x.b", "nan"), "correlation 'nan'"),
        (("x.c", "x.b", "0.1"), "x.c with x.b again"),
    ],
)
def test_a_bad_correlation_is_refused_with_its_line(
    tmp_path: Path, pair: tuple[str, str, str], said: str
) -> None:
    (fault,) = pair_faults(tmp_path, ("x.b", "x.c", "0.1"), pair)
    assert fault.startswith("correlations.csv, line 3")
    assert said in fault


def test_correlations_that_cannot_hold_together_are_refused(tmp_path: Path) -> None:
    (fault,) = pair_faults(
        tmp_path, ("x.a", "x.b", "0.9"), ("x.b", "x.c", "0.9"), ("x.a", "x.c", "-0.9")
    )
    assert "x.a, x.b, x.c" in fault
    assert "not positive definite" in fault
