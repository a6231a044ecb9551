"""What docs/extend.md shows runs as it stands, prints what it says, and is right."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import reconfig as rc
from reconfig.appraise import Grid, caseload, violations
from reconfig.outcomes import Draws
from tests.documents import DOCS, page_run, shown

PAGE = DOCS / "extend.md"


@pytest.fixture(scope="module")
def page(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[dict[str, Any], list[str]]]:
    """Run the page in a fresh namespace and folder: the namespace, what each block printed."""
    folder = tmp_path_factory.mktemp("page")
    with page_run(PAGE, folder) as found:
        yield found


Page = tuple[dict[str, Any], list[str]]


def test_each_block_prints_what_is_shown_below_it(page: Page) -> None:
    below = [text or "" for text in shown(PAGE)]
    assert sum(map(bool, below)) == 3
    assert page[1] == below


def test_the_added_measure_is_that_of_the_journeys_counted_one_by_one(page: Page) -> None:
    names, _ = page
    problem = names["problem"]
    today = rc.appraise(problem.region, problem.service, problem.region.today(problem.service))
    for found in (names["shortest"], names["fairest"]):
        new = rc.appraise(problem.region, problem.service, found.found())
        rise = new.assignment["minutes"] - today.assignment["minutes"]
        cases = new.assignment["cases"]
        share = cases[rise > 10].sum() / cases.sum()
        assert found.measures["share_much_further"] == pytest.approx(share)


def fours(problem: rc.Problem) -> list[tuple[str, ...]]:
    """Return every choice of four sites."""
    return list(itertools.combinations(problem.service.candidates, 4))


def test_the_added_measure_is_as_small_as_in_any_of_the_choices(page: Page) -> None:
    problem = page[0]["problem"]
    grid = Grid.of(problem.region, problem.service)
    rows = np.arange(len(grid.zones))
    far = [
        float(grid.cases[grid.minutes[rows, grid.nearest(c)] > grid.minutes_today + 10].sum())
        for c in fours(problem)
    ]
    assert page[0]["fairest"].objective == pytest.approx(min(far) / grid.cases.sum())


@pytest.mark.parametrize("minutes", [19, 22, 24])
def test_the_added_constraint_gives_the_best_of_the_choices_that_keep_it(
    page: Page, minutes: float
) -> None:
    names, _ = page
    problem, asked = names["problem"], names["Spread"](minutes)
    between = problem.region.between_sites()
    kept = [
        c
        for c in fours(problem)
        if min(between.at[a, b] for a in c for b in c if a != b) >= minutes
    ]
    assert 0 < len(kept) < len(fours(problem))
    limited = problem.having(asked)
    for sites in fours(problem):
        said = violations(limited, rc.Configuration.of(problem.service.id, sites))
        assert (said == []) == (sites in kept)
    grid = Grid.of(problem.region, problem.service)
    rows = np.arange(len(grid.zones))
    means = [np.average(grid.minutes[rows, grid.nearest(c)], weights=grid.cases) for c in kept]
    found = rc.solve(limited)
    assert found.status == "optimal"
    assert found.objective == pytest.approx(min(means))


def test_the_added_constraint_may_be_asked_of_one_of_several_services(page: Page) -> None:
    names, _ = page
    problem = names["problem"]
    between = problem.region.between_sites()
    chosen = sorted(names["both"].sites("emergency-surgery"))
    assert min(between.at[a, b] for a in chosen for b in chosen if a != b) >= 22
    means = [
        rc.appraise(
            problem.region, problem.service, rc.Configuration.of(problem.service.id, c)
        ).measures["mean_minutes"]
        for c in (chosen, names["spread"].open)
    ]
    assert means[0] == pytest.approx(means[1])
    with pytest.raises(rc.InputError, match="problem, spread: no service; expected by = one"):
        rc.together(
            problem.region,
            {problem.service: [], problem.region.service("stroke"): []},
            rc.minimise("mean_minutes"),
            [names["Spread"](22)],
        )


def test_the_added_constraint_refuses_what_is_no_time(page: Page) -> None:
    names, _ = page
    for minutes in (0, float("nan"), float("inf")):
        with pytest.raises(rc.InputError, match=r"problem, spread: .*; expected minutes"):
            names["problem"].having(names["Spread"](minutes))


def test_the_added_outcome_model_says_the_same_by_journey_and_by_configuration(
    page: Page,
) -> None:
    names, _ = page
    region, service = names["valleys"], names["dialysis"]
    grid, model = Grid.of(region, service), service.outcome
    central = Draws.central(model.register)
    every = [c for n in (1, 2, 3) for c in itertools.combinations(service.candidates, n)]
    gains = sum(model.gains("qalys", caseload(grid, every), central).values())
    weight = model.register["dialysis.travel_weight"].value
    for column, sites in enumerate(every):
        to = grid.journeys_to(grid.nearest(sites), len(sites))
        by_journey = float((to.cases * model.per_case("qalys", to)).sum())
        longer = region.minutes()[list(sites)].min(axis=1) - region.minutes()["A"]
        lost = float((2 * longer * service.demand).sum()) / (365.25 * 24 * 60)
        assert by_journey == pytest.approx(-weight * lost)
        assert gains[0, column] == pytest.approx(-weight * lost)


def test_the_added_service_is_the_best_of_the_choices(page: Page) -> None:
    names, _ = page
    service, two = names["dialysis"], names["two"]
    weighed = rc.uncertainty(names["valleys"], names["pairs"], of="qalys", draws=50, seed=1)
    assert two.objective == pytest.approx(weighed.table["central"].max())
    assert service.cases_per_year == 156 * 100


def test_a_service_file_that_names_no_such_assumption_is_refused_with_its_line(
    page: Page,
) -> None:
    path = Path("my-region/services/dialysis.toml")
    good = path.read_text(encoding="utf-8")
    path.write_text(good.replace("travel_weight", "travel_wait"), encoding="utf-8")
    try:
        with pytest.raises(rc.InputError, match=r"line 13, outcome, weight.*travel_weight"):
            rc.load_region("my-region")
    finally:
        path.write_text(good, encoding="utf-8")
