"""What depends on volumes: the bound is true whenever the work ends, and "optimal" means that."""

from __future__ import annotations

import importlib
from dataclasses import replace

import pytest

from reconfig.appraise import appraise
from reconfig.core import Problem, Region, Service, Status, limit, maximise, open_sites
from reconfig.outcomes import RiskModel
from reconfig.solve import solve
from tests.instances import every_configuration, random_places, shipped_register

CURVES = importlib.import_module("reconfig.model.volume_curve")
MODULE = importlib.import_module("reconfig.solve.by_appraisal")
REGION: Region = random_places(3, zones=60, candidates=7)
MODEL = RiskModel(shipped_register(), "vascular", ("volume",), "deaths")
SERVICE: Service = replace(REGION.define_service("care", demand="cases"), outcome=MODEL)
PROBLEM = Problem(REGION, SERVICE, maximise("lives_saved"), [open_sites(3)])


def best() -> float:
    """Return the most lives that three sites save, by appraisal."""
    return max(
        appraise(REGION, SERVICE, c).measures["lives_saved"]
        for c in every_configuration(SERVICE, [3])
    )


@pytest.mark.parametrize("error", [1e-3, 0.3])
def test_the_optimum_does_not_depend_on_the_error_of_the_pieces(
    monkeypatch: pytest.MonkeyPatch, error: float
) -> None:
    monkeypatch.setattr(CURVES, "ERROR", error)
    found = solve(PROBLEM, formulation="exact-sets")
    assert found.status is Status.OPTIMAL
    assert found.objective == pytest.approx(best(), abs=1e-6)
    assert found.bound == pytest.approx(found.objective, abs=2e-6)


def test_a_gap_that_is_allowed_ends_the_work_with_a_true_bound(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(CURVES, "ERROR", 0.3)
    found = solve(PROBLEM, formulation="exact-sets", gap=0.9)
    assert found.objective is not None
    assert found.bound is not None
    assert found.objective <= best() + 1e-9 <= found.bound + 1e-6
    assert found.status is (Status.FEASIBLE if found.gap else Status.OPTIMAL)


def test_time_that_ran_out_after_an_answer_leaves_it_with_its_bound(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(CURVES, "ERROR", 0.3)

    def no_more(*_: object) -> None:
        raise TimeoutError

    monkeypatch.setattr(MODULE, "_leave_out", no_more)
    found = solve(PROBLEM, formulation="exact-sets")
    assert found.status is Status.FEASIBLE
    assert found.objective is not None
    assert found.bound is not None
    assert found.objective <= best() <= found.bound
    assert found.bound - found.objective > 1e-6  # the error of the pieces is part of the gap
    assert "not proven best" in found.verdict


def test_a_program_and_valuing_each_agree_on_what_cannot_be() -> None:
    asked = PROBLEM.having(limit("lives_saved", at_least=best() + 0.001))
    for formulation in ("nearest-sets", "exact-sets"):
        assert solve(asked, formulation=formulation).status is Status.INFEASIBLE


def test_few_choices_are_counted_with_what_is_kept_and_closed(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(MODULE, "FEW_CHOICES", 35)
    assert MODULE.few_choices(PROBLEM)  # 7 x 6 x 5 / 6
    monkeypatch.setattr(MODULE, "FEW_CHOICES", 34)
    assert not MODULE.few_choices(PROBLEM)
    assert solve(PROBLEM).objective == pytest.approx(best(), abs=1e-6)
