"""A constraint, a measure and an outcome model from elsewhere work like those of the package."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pytest

from reconfig.analyse import relaxations
from reconfig.appraise import JUDGES, MEASURES, OfGroups, appraise, violations
from reconfig.core import InputError, Problem, Status, limit, minimise, open_sites
from reconfig.extend import (
    Assembly,
    Chosen,
    Constraint,
    Factor,
    Faults,
    Measure,
    Notes,
    OutcomeModel,
    Register,
    broken_by,
    linear,
    register_measure,
    register_outcome,
    room,
    rows_of,
    suggestion,
)
from reconfig.model import FORMULATIONS, ROWS, FormulationName
from reconfig.outcomes import MODELS, make_outcome
from reconfig.solve import solve
from tests.contract.models import NoFaults
from tests.instances import HalfTheDeaths, every_configuration, random_region, tiny_service


@dataclass(frozen=True)
class Together(Constraint):
    """One candidate is open only where another is, and at most so many cases a year go far."""

    site: str
    other: str
    most_far: float

    def check(self, problem: Problem, faults: Faults, *, file: str) -> None:
        """Note sites that are no candidates."""
        candidates = problem.service.candidates
        for site in (self.site, self.other):
            if site not in candidates:
                hint = suggestion(site, candidates)
                faults.add(file, "together", f"'{site}'", "a candidate", hint)

    def __str__(self) -> str:
        return f"{self.site} only with {self.other}, and at most {self.most_far:g} cases go far"


FAR = 30.0


def far(minutes: np.ndarray) -> np.ndarray:
    """Return 1 for journeys beyond FAR minutes, 0 for others."""
    return np.asarray(np.isfinite(minutes) & (minutes > FAR), dtype=float)


def judge(choice: Chosen, asked: Together) -> list[str]:
    """Say in which ways a choice breaks it."""
    grid = choice.grid
    minutes = grid.minutes[np.arange(len(grid.zones)), choice.treated_at]
    number = float((grid.cases * far(minutes)).sum())
    found = [f"{number:g} cases go far"] if number > asked.most_far + room(asked.most_far) else []
    alone = asked.site in choice.open and asked.other not in choice.open
    return [*found, f"{asked.site} without {asked.other}"] if alone else found


def add_rows(assembly: Assembly, asked: Together) -> None:
    """y(site) <= y(other); cases that go far <= most."""
    opened = assembly.opened
    assembly.add(linear(0.0, [(opened[asked.site], 1), (opened[asked.other], -1)]).at_most(0))
    table = assembly.grid.cases[:, None] * far(assembly.grid.minutes)
    number = assembly.sum_of(table, wants_small=True)
    assembly.bound(number, None, asked.most_far)


@pytest.fixture
def tables() -> Iterator[None]:
    """Take away afterwards what a test registers."""
    kept: list[tuple[dict[Any, Any], dict[Any, Any]]] = [
        (table, dict(table)) for table in (JUDGES, ROWS, MEASURES, MODELS)
    ]
    yield
    for table, before in kept:
        table.clear()
        table.update(before)


def problem(*constraints: Constraint, seed: int = 3) -> Problem:
    """Return a problem on a small region."""
    region = random_region(seed, zones=14, candidates=5, neighbours=0)
    return Problem(region, tiny_service(region), minimise("mean_minutes"), constraints)


@pytest.mark.usefixtures("tables")
@pytest.mark.parametrize("formulation", FORMULATIONS)
@pytest.mark.parametrize("seed", range(4))
def test_a_constraint_from_elsewhere_is_kept_at_the_least_cost(
    seed: int, formulation: FormulationName
) -> None:
    broken_by(Together)(judge)
    rows_of(Together)(add_rows)
    free = problem(open_sites(2), seed=seed)
    site, *_ = solve(free).open
    other = next(s for s in free.service.candidates if s not in solve(free).open)
    every = list(every_configuration(free.service, [2]))
    near = [appraise(free.region, free.service, c).measures["share_within_30"] for c in every]
    middle = sorted(near)[len(near) // 2]
    asked = free.having(Together(site, other, (1 - middle) * free.service.cases_per_year))
    kept = [c for c in every if not violations(asked, c)]
    said = [sentence for c in every for sentence in violations(asked, c)]
    assert kept
    assert any("without" in sentence for sentence in said)
    assert any("go far" in sentence for sentence in said)
    values = [appraise(asked.region, asked.service, c).measures["mean_minutes"] for c in kept]
    found = solve(asked, formulation=formulation)
    assert found.status is Status.OPTIMAL
    assert found.objective == pytest.approx(min(values))
    assert violations(asked, solve(free).found())
    assert violations(asked, found.found()) == []


@pytest.mark.usefixtures("tables")
def test_a_constraint_from_elsewhere_is_named_in_a_conflict() -> None:
    broken_by(Together)(judge)
    rows_of(Together)(add_rows)
    asked = Together("s0", "s1", -1.0)
    found = solve(problem(asked))
    assert found.status is Status.INFEASIBLE
    assert [way.sentence for way in relaxations(found)] == [
        f"Without '{asked}' the other demands can be met."
    ]


def test_a_constraint_from_elsewhere_is_checked_as_the_problem_is_made() -> None:
    with pytest.raises(InputError, match="problem, together: 's9'; expected a candidate"):
        problem(Together("s0", "s9", 1.0))


@pytest.mark.usefixtures("tables")
def test_what_nobody_can_judge_or_build_is_never_passed_over() -> None:
    asked = problem(Together("s0", "s1", 1.0))
    configuration = next(iter(every_configuration(asked.service, [2])))
    with pytest.raises(TypeError, match=r"register it with @broken_by\(Together\)"):
        violations(asked, configuration)
    rows_of(Together)(add_rows)
    with pytest.raises(TypeError, match=r"register it with @broken_by\(Together\)"):
        solve(asked)
    del ROWS[Together]
    broken_by(Together)(judge)
    with pytest.raises(TypeError, match=r"register it with @rows_of\(Together\)"):
        solve(asked)


@pytest.mark.usefixtures("tables")
def test_a_kind_that_derives_from_another_does_not_share_its_functions() -> None:
    broken_by(Together)(judge)

    class More(Together):
        """Asks for more."""

    with pytest.raises(TypeError, match=r"@broken_by\(More\)"):
        JUDGES.of(More("s0", "s1", 1.0))


@pytest.mark.usefixtures("tables")
def test_a_second_function_for_a_kind_and_what_is_no_kind_are_refused() -> None:
    broken_by(Together)(judge)
    with pytest.raises(ValueError, match="broken_by: Together has a function already"):
        broken_by(Together)(judge)
    with pytest.raises(TypeError, match="expected a class that derives from Constraint"):
        ROWS.register(str, add_rows)  # type: ignore[arg-type]


@pytest.mark.usefixtures("tables")
def test_a_table_of_another_shape_or_with_gaps_is_refused() -> None:
    broken_by(Together)(judge)
    asked = problem(Together("s0", "s1", 1.0))
    shape = (len(asked.region.zones), len(asked.service.candidates))
    for table in (np.zeros((1, 1)), np.full(shape, np.nan)):

        def wrong(assembly: Assembly, asked: Together, table: np.ndarray = table) -> None:
            assembly.sum_of(table, wants_small=True)

        ROWS[Together] = wrong
        with pytest.raises(ValueError, match="sum_of: a table of"):
            solve(asked)


CASES_FAR = Measure(
    "cases_far", "Cases that go far", "cases a year", "lower", lambda to: to.cases * far(to.minutes)
)
MEDIAN = Measure(
    "median_minutes",
    "Median journey",
    "minutes",
    "lower",
    statistic=lambda minutes, cases, volumes: float(np.median(minutes)),
)


@pytest.mark.usefixtures("tables")
def test_a_measure_from_elsewhere_is_optimised_limited_and_reported() -> None:
    register_measure(CASES_FAR)
    free = problem(open_sites(2))
    values = [
        appraise(free.region, free.service, c).measures
        for c in every_configuration(free.service, [2])
    ]
    fewest = min(v["cases_far"] for v in values)
    best = solve(free.aiming(minimise("cases_far")))
    assert best.objective == pytest.approx(fewest)
    shortest = min(v["mean_minutes"] for v in values if v["cases_far"] <= fewest + 1e-6)
    assert shortest > min(v["mean_minutes"] for v in values)
    limited = solve(free.having(limit("cases_far", at_most=fewest)))
    assert limited.objective == pytest.approx(shortest)
    assert limited.measures["cases_far"] == pytest.approx(fewest)


@pytest.mark.usefixtures("tables")
def test_a_statistic_from_elsewhere_is_reported_and_neither_optimised_nor_limited() -> None:
    register_measure(MEDIAN)
    free = problem(open_sites(2))
    assert solve(free).measures["median_minutes"] > 0
    with pytest.raises(InputError, match="'median_minutes' is reported only"):
        solve(free.having(limit("median_minutes", at_most=10)))
    with pytest.raises(InputError, match="'median_minutes' cannot be optimised"):
        solve(free.aiming(minimise("median_minutes")))


@pytest.mark.usefixtures("tables")
@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"name": "mean_minutes"}, "there is one of that name already"),
        ({"name": "share_within_20"}, "the name of a built-in measure"),
        ({"name": "gap_mean_minutes_by_district"}, "the name of a built-in measure"),
        ({"name": "Cases far"}, "small letters, digits and _"),
        ({"better": "less"}, "'lower' or 'higher'"),
        ({"table": None}, "neither table nor statistic"),
        ({"statistic": MEDIAN.statistic}, "table and statistic"),
        ({"table": None, "statistic": MEDIAN.statistic, "average": True}, "without a table"),
        ({"of_groups": OfGroups(CASES_FAR, "district", "gap")}, "of_groups"),
    ],
)
def test_a_measure_that_could_be_mistaken_or_not_computed_is_refused(
    changes: dict[str, Any], said: str
) -> None:
    before = dict(MEASURES)
    with pytest.raises(InputError, match="register_measure, measure") as refused:
        register_measure(replace(CASES_FAR, **changes))
    assert said in str(refused.value)
    assert before == MEASURES


def make_half(
    keys: Mapping[str, Any], register: Register, file: Notes, factor: Factor | None
) -> OutcomeModel | None:
    """Return the model of the tests, if it is told to halve."""
    if keys.get("divide_by") != 2:
        file.note(("outcome", "divide_by"), f"{keys.get('divide_by')}", "2")
        return None
    return HalfTheDeaths(register)


@pytest.mark.usefixtures("tables")
def test_an_outcome_model_from_elsewhere_is_made_by_its_name() -> None:
    register_outcome("half", make_half, keys=["divide_by"])
    keys = {"model": "half", "divide_by": 2}
    assert isinstance(make_outcome(keys, Register({}), NoFaults()), HalfTheDeaths)
    with pytest.raises(InputError, match=r"divide_by.*: 3; expected 2"):
        make_outcome({**keys, "divide_by": 3}, Register({}), NoFaults())
    with pytest.raises(InputError, match="divide_by beside 'stroke-units'"):
        make_outcome({"model": "stroke-units", "divide_by": 2}, Register({}), NoFaults())
    with pytest.raises(InputError, match="centres beside 'half'; expected divide_by"):
        make_outcome({**keys, "centres": ["s0"]}, Register({}), NoFaults())


@pytest.mark.usefixtures("tables")
@pytest.mark.parametrize(
    ("made", "said"), [(None, "gave none, and noted no fault"), ("a model", "not an OutcomeModel")]
)
def test_a_maker_that_gives_no_model_is_found_out(made: Any, said: str) -> None:
    register_outcome("odd", lambda keys, register, file, factor: made)
    with pytest.raises(TypeError, match=said):
        make_outcome({"model": "odd"}, Register({}), NoFaults())


@pytest.mark.usefixtures("tables")
@pytest.mark.parametrize(
    ("name", "keys", "said"),
    [
        ("risk", (), "there is one of that name already"),
        (" ", (), "expected a word"),
        ("half", ("model",), "names of keys beside 'model'"),
    ],
)
def test_a_name_or_key_that_is_taken_is_refused(
    name: str, keys: tuple[str, ...], said: str
) -> None:
    before = dict(MODELS)
    with pytest.raises(InputError, match=said):
        register_outcome(name, make_half, keys=keys)
    assert before == MODELS
