"""The standard problems by their names, against what enumeration says."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from reconfig.core import Configuration, Problem, Region, Status, lscp, mclp, p_center, p_median
from reconfig.model import projected
from reconfig.solve import solve
from tests.instances import every_configuration, random_places, random_region, tiny_service

REGIONS = {
    "places": random_places(5, zones=40, candidates=7),
    "neighbours": random_region(6, zones=40, candidates=6, neighbours=2, without_cases=0.2),
    "ties": random_region(7, zones=40, candidates=7, neighbours=0, ties=True),
}
Value = Callable[[Region, Configuration], float]


def journeys(region: Region, configuration: Configuration) -> tuple[np.ndarray, np.ndarray]:
    """Return minutes and cases by zone, of zones with cases, by plain pandas."""
    service = tiny_service(region, outcome=False)
    opened = [*configuration.sites("surgery"), *service.always_open]
    cases = service.demand.to_numpy()
    minutes = region.minutes()[opened].min(axis=1).to_numpy()
    return minutes[cases > 0], cases[cases > 0]


def mean(region: Region, configuration: Configuration) -> float:
    minutes, cases = journeys(region, configuration)
    return float((minutes * cases).sum() / cases.sum())


def longest(region: Region, configuration: Configuration) -> float:
    return float(journeys(region, configuration)[0].max())


def covered(region: Region, configuration: Configuration, within: float = 20.0) -> float:
    minutes, cases = journeys(region, configuration)
    return float(cases[minutes <= within].sum() / cases.sum())


@pytest.fixture(params=[True, False], ids=["rows", "cuts"])
def _rows_or_cuts(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    if not request.param:
        monkeypatch.setattr(projected, "MOST_SETS", 0)


@pytest.mark.usefixtures("_rows_or_cuts")
@pytest.mark.parametrize("name", REGIONS)
@pytest.mark.parametrize(
    ("keep", "close"), [((), ()), (("s1",), ()), ((), ("s0", "s3")), (("s2",), ("s0",))]
)
@pytest.mark.parametrize("p", [2, 3])
def test_each_is_solved_to_the_best_of_every_configuration(
    name: str, keep: tuple[str, ...], close: tuple[str, ...], p: int
) -> None:
    region = _with_plain_ids(name)
    service = tiny_service(region, outcome=False)
    allowed = [
        c
        for c in every_configuration(service, [p])
        if set(keep) <= set(c.sites("surgery")) and not set(close) & set(c.sites("surgery"))
    ]
    fixed = {"keep": keep, "close": close}
    for problem, value, pick in (
        (p_median(region, service, p, **fixed), mean, min),
        (p_center(region, service, p, **fixed), longest, min),
        (mclp(region, service, p, 20, **fixed), covered, max),
    ):
        found = solve(problem)
        assert found.status is Status.OPTIMAL
        best = pick(value(region, c) for c in allowed)
        assert found.objective == pytest.approx(best)
        assert value(region, found.found()) == pytest.approx(best)


def _with_plain_ids(name: str) -> Region:
    """Return a region whose candidates are called s0, s1, ..."""
    region = REGIONS[name]
    if name != "places":
        return region
    short = {site: f"s{int(site[1:])}" for site in region.sites.index}
    return Region.from_tables(
        region.zones, region.sites.rename(index=short), region.minutes().rename(columns=short)
    )


@pytest.mark.usefixtures("_rows_or_cuts")
@pytest.mark.parametrize("name", REGIONS)
@pytest.mark.parametrize(("minutes", "share"), [(40, 1.0), (20, 0.6), (1, 1.0)])
def test_the_fewest_sites_that_cover_are_the_fewest_of_every_configuration(
    name: str, minutes: int, share: float
) -> None:
    region = REGIONS[name]
    service = tiny_service(region, outcome=False)
    numbers = [
        len(c.sites("surgery"))
        for c in every_configuration(service, range(len(service.candidates) + 1))
        if (c.sites("surgery") or service.always_open)
        and covered(region, c, minutes) >= share - 1e-12
    ]
    found = solve(lscp(region, service, minutes, share=share))
    if not numbers:
        assert found.status is Status.INFEASIBLE
    else:
        assert found.status is Status.OPTIMAL
        assert found.objective == len(found.open) == min(numbers)


def test_always_open_neighbours_take_patients_and_are_not_counted() -> None:
    region = REGIONS["places"]
    service = tiny_service(region, outcome=False)
    wider = service.with_always_open("s000", "s004")
    assert wider.always_open == ("s000", "s004")
    assert not {"s000", "s004"} & {*wider.candidates, *wider.today}
    found = solve(p_median(region, wider, 2))
    best = min(
        mean(region, Configuration.of("surgery", {*c.sites("surgery"), "s000", "s004"}))
        for c in every_configuration(wider, [2])
    )
    assert found.objective == pytest.approx(best)
    assert len(found.open) == 2
    with pytest.raises(ValueError, match="s999: not a candidate"):
        service.with_always_open("s999")


def test_a_share_above_one_is_refused() -> None:
    region = REGIONS["ties"]
    with pytest.raises(ValueError, match="share is 95"):
        lscp(region, tiny_service(region), 20, share=95)


def test_they_are_ordinary_problems() -> None:
    region = REGIONS["ties"]
    problem = p_median(region, tiny_service(region), 2)
    assert isinstance(problem, Problem)
    assert str(problem.objective) == "minimise mean_minutes"
