"""What every kind of constraint must hold, merely by deriving from Constraint."""

from __future__ import annotations

import dataclasses
import inspect
import pickle
from collections.abc import Iterator
from typing import Any

import pandas as pd
import pytest

from reconfig.analyse import explain_conflict
from reconfig.appraise import JUDGES, appraise, violations
from reconfig.core import (
    Among,
    Budget,
    Capacity,
    Close,
    Configuration,
    Constraint,
    Differ,
    InputError,
    Keep,
    Limit,
    Needs,
    OpenSites,
    Problem,
    Region,
    Service,
    Status,
    Workforce,
    among,
    budget,
    capacity,
    differ,
    joined,
    limit,
    minimise,
    needs,
    open_sites,
    together,
    workforce,
)
from reconfig.model import ROWS
from reconfig.solve import solve
from tests.instances import MINUTES, SITES, ZONES, every_configuration, tiny_service

# For each type: one that can be kept on the tiny region and is not kept by all, with its words.
EXAMPLES: dict[Any, tuple[Constraint, str]] = {
    OpenSites: (open_sites(at_most=1), "at most 1 site"),
    Keep: (Keep(frozenset("B")), "keep B"),
    Close: (Close(frozenset({"A", "C"})), "close A, C"),
    Among: (among(["A", "C"], at_most=1), "at most 1 site among A, C"),
    Differ: (differ(["A", "B"], by=2), "differ by at least 2 sites from A, B"),
    Limit: (
        limit("mean_minutes", at_most=9, by="district"),
        "mean_minutes at most 9 in every district",
    ),
    Needs: (
        needs("critical_care", within=10),
        "every site needs critical_care within 10 minutes",
    ),
    Capacity: (capacity({"B": 40, "C": 1500}), "at most 40 cases a year at B, 1,500 at C"),
    Budget: (
        budget(500, fixed="fixed_cost_gbp", per_case="case_cost_gbp"),
        "spend at most 500: fixed_cost_gbp a site and case_cost_gbp a case",
    ),
    Workforce: (workforce(20, each=8), "staff at hand 20: 8 a site"),
}

# Kinds that bind services to each other, or that nobody has said the meaning of for one of several.
JOINT_ONLY = {Differ}


def derived(kind: type[Any]) -> Iterator[type[Any]]:
    """Give every class that derives from one, and from those in turn."""
    for other in kind.__subclasses__():
        yield other
        yield from derived(other)


# Every kind of the package, wherever it shows: as a class, by its judge or by its rows.
TYPES = sorted(
    {
        kind
        for kind in (*derived(Constraint), *JUDGES, *ROWS)
        if kind.__module__.startswith("reconfig.") and not inspect.isabstract(kind)
    },
    key=lambda kind: kind.__name__,
)

every_type = pytest.mark.parametrize("kind", TYPES, ids=lambda kind: kind.__name__)


def problem(*constraints: Constraint) -> Problem:
    """Return a problem on the tiny region, with what its sites cost."""
    costs = {
        "fixed_cost_gbp": [100, 200, 300, ""],
        "case_cost_gbp": [1, 2, 3, 1],
        "critical_care": ["no", "no", "yes", "no"],  # C has it, B is 5 minutes from it, A 40
    }
    region = Region.from_tables(ZONES, pd.concat([SITES, pd.DataFrame(costs)], axis=1), MINUTES)
    return Problem(region, tiny_service(region), minimise("mean_minutes"), constraints)


@every_type
def test_it_has_an_example_a_judge_and_rows(kind: Any) -> None:
    assert kind in EXAMPLES
    assert kind in JUDGES
    assert kind in ROWS


@every_type
def test_it_reads_as_plain_words(kind: Any) -> None:
    constraint, words = EXAMPLES[kind]
    assert str(constraint) == words
    for code in ("None", "frozenset", "(", "=", kind.__name__ + "("):
        assert code not in str(constraint)


@every_type
def test_it_is_a_frozen_value(kind: Any) -> None:
    constraint, _ = EXAMPLES[kind]
    again = pickle.loads(pickle.dumps(constraint))
    assert again == constraint
    assert hash(again) == hash(constraint)
    field = dataclasses.fields(kind)[0].name
    with pytest.raises(dataclasses.FrozenInstanceError):
        setattr(constraint, field, None)


@every_type
def test_appraisal_finds_who_breaks_it_and_who_does_not(kind: Any) -> None:
    asked = problem(EXAMPLES[kind][0])
    judged = [violations(asked, c) for c in every_configuration(asked.service, range(4))]
    assert any(judged)
    assert not all(judged)
    assert all(isinstance(sentence, str) and sentence for v in judged for sentence in v)


@every_type
def test_it_means_the_same_for_one_of_several_services_or_is_listed_as_joint_only(
    kind: Any,
) -> None:
    alone = problem(EXAMPLES[kind][0])
    service, other = alone.service, dataclasses.replace(alone.service, id="other", name="Other")
    asked: dict[Service, list[Constraint]] = {service: [EXAMPLES[kind][0]], other: []}
    if kind in JOINT_ONLY:
        with pytest.raises(InputError, match="this kind goes among the joint ones"):
            together(alone.region, asked, alone.objective)
        return
    joint = together(alone.region, asked, alone.objective)
    for choice in every_configuration(service, range(4)):
        both = Configuration({service.id: choice.open[service.id], "other": frozenset("A")})
        said = violations(joint, joined(both, joint.service))
        assert bool(said) == bool(violations(alone, choice)), said


@every_type
def test_the_solver_gives_the_best_of_those_that_keep_it(kind: Any) -> None:
    asked = problem(EXAMPLES[kind][0])
    kept = [c for c in every_configuration(asked.service, range(4)) if not violations(asked, c)]
    values = [appraise(asked.region, asked.service, c).measures["mean_minutes"] for c in kept]
    found = solve(asked)
    assert found.status is Status.OPTIMAL
    assert found.objective == pytest.approx(min(values))
    assert violations(asked, found.found()) == []


@every_type
def test_it_is_named_when_it_is_what_cannot_be_kept(kind: Any) -> None:
    # Exactly what the constraint forbids, as limits that only its absence can meet.
    against: dict[Any, list[Constraint]] = {
        OpenSites: [limit("mean_minutes", at_most=8)],  # takes two: {A, C} 7.2
        Keep: [limit("max_volume", at_most=30)],  # with B open alone it has 60, with A 30
        Close: [limit("mean_minutes", at_most=8)],
        Among: [limit("mean_minutes", at_most=8)],
        Differ: [Keep(frozenset({"A", "B"})), open_sites(at_most=2)],
        Limit: [open_sites(1)],  # {B} has 13.3 in the north, {A} 13.1 in the south
        Needs: [Keep(frozenset("A"))],  # it is 40 minutes from C
        Capacity: [Keep(frozenset("B")), open_sites(1)],  # it then has 60
        Budget: [limit("mean_minutes", at_most=8)],  # {A, C} costs 560
        Workforce: [open_sites(at_least=3)],  # which need 24
    }
    constraint = EXAMPLES[kind][0]
    others = [*against[kind], open_sites(1)] if kind is Keep else against[kind]
    found = explain_conflict(solve(problem(*others, constraint)))
    assert found.status is Status.INFEASIBLE
    assert constraint in found.conflict
    assert str(constraint) in found.verdict
