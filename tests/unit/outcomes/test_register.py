"""The register is checked row by row, and every fault is listed at once."""

from __future__ import annotations

import csv
from pathlib import Path

import numpy as np
import pytest

from reconfig.core import InputError
from reconfig.outcomes import Register
from reconfig.outcomes.register import COLUMNS, CONFIDENCE, DISTRIBUTIONS
from tests.instances import ASSUMPTIONS, shipped_register

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
    draws = assumption.draws(np.random.default_rng(1), 40_000)
    spread = float(draws.std()) / 200
    assert float(draws.mean()) == pytest.approx(assumption.value, abs=5 * spread + 1e-12)


def test_the_mean_of_a_shipped_beta_is_its_value_exactly() -> None:
    betas = [a for a in shipped_register().values() if a.distribution == "beta"]
    assert betas
    for a in betas:
        mean = a.parameters["a"] / (a.parameters["a"] + a.parameters["b"])
        assert mean == pytest.approx(a.value, rel=1e-9)


def test_the_weights_of_belief_sum_to_one() -> None:
    register = shipped_register()
    for service, kinds in (
        ("egs.hub", ("none", "moderate", "strong")),
        ("stroke.hasu", ("none", "gm2015", "london")),
    ):
        total = sum(register.value(f"{service}_weight_{kind}") for kind in kinds)
        assert total == pytest.approx(1.0)


def test_every_distribution_draws_as_many_as_asked() -> None:
    needed = {"sd": 0.1, "a": 10.0, "b": 90.0, "cv": 0.1}
    rng = np.random.default_rng(1)
    for parameters, sample in DISTRIBUTIONS.values():
        draws = sample(0.1, {p: needed[p] for p in parameters}, rng, 1000)
        assert draws.shape == (1000,)
        assert float(draws.mean()) == pytest.approx(0.1, rel=0.15)


def test_the_shipped_register_is_where_the_tests_look_for_it() -> None:
    assert ASSUMPTIONS.is_file()
