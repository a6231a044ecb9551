"""The runner-up is the best of all other choices of as many sites."""

from __future__ import annotations

import pytest

from reconfig.appraise import appraise
from reconfig.core import Problem, keep, minimise, open_sites
from reconfig.solve import runner_up, solve
from tests.instances import every_configuration, random_region, tiny_region, tiny_service


@pytest.mark.parametrize("seed", range(8))
def test_the_runner_up_is_the_second_best_of_the_enumeration(seed: int) -> None:
    region = random_region(seed, zones=12, candidates=6, neighbours=1)
    service = region.define_service("surgery", demand="cases")
    problem = Problem(region, service, minimise("mean_minutes"), [open_sites(3)])
    best = solve(problem)
    values = sorted(
        appraise(region, service, c).measures["mean_minutes"]
        for c in every_configuration(service, [3])
        if c != best.configuration
    )
    second = runner_up(best)
    assert second is not None
    assert second.open != best.open
    assert second.objective == pytest.approx(values[0], rel=1e-6)


def test_there_is_no_runner_up_where_there_is_no_other_choice() -> None:
    region = tiny_region()
    service = tiny_service(region)
    everything = Problem(region, service, minimise("mean_minutes"), [open_sites(3)])
    assert runner_up(solve(everything)) is None
    kept = Problem(region, service, minimise("mean_minutes"), [open_sites(1), keep("A")])
    assert runner_up(solve(kept)) is None
