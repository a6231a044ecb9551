"""Patients who are told where to go: what is said of them, and what is refused.

The tiny region with B full at 30 cases: z3 (30 cases) and z1, z2 (30 between them) want it.
"""

from __future__ import annotations

import pickle
from dataclasses import replace
from pathlib import Path

import pytest

from reconfig.analyse import frontier, relaxations, structural, uncertainty, why_not
from reconfig.appraise import appraise, compare, violations
from reconfig.core import (
    Budget,
    Capacity,
    Configuration,
    Constraint,
    InputError,
    Problem,
    Solution,
    Status,
    keep,
    maximise,
    minimise,
    open_sites,
    p_center,
)
from reconfig.report import report
from reconfig.solve import runner_up, solve
from tests.instances import tiny_region, tiny_service
from tests.unit.analyse.uncertain import region_of, service_of

FULL = Capacity((("B", 30.0),))


def solved(*more: Constraint) -> Solution:
    """Only B open, with the neighbour, and so many cases at B as may be."""
    region = tiny_region()
    service = tiny_service(region).directed()
    wanted = [open_sites(1), keep("B"), *more]
    return solve(Problem(region, service, minimise("mean_minutes"), wanted))


def test_who_gains_most_by_the_full_site_is_sent_there() -> None:
    best = solved(FULL)
    assert best.status is Status.OPTIMAL
    # To B rather than N: z1 and z2 save 40 minutes, z3 10, z4 loses: so z1 and z2, who fill it.
    sent = best.flows.reset_index().set_index(["zone_id", "site_id"])["cases"].to_dict()
    assert sent == pytest.approx(
        {("z1", "B"): 10.0, ("z2", "B"): 20.0, ("z3", "N"): 30.0, ("z4", "N"): 40.0}
    )
    assert best.objective == pytest.approx((10 * 20 + 20 * 10 + 30 * 20 + 40 * 8) / 100)


def test_a_zone_is_split_where_that_is_best() -> None:
    best = solved(Capacity((("B", 45.0),)))
    z3 = best.flows.loc["z3"].set_index("site_id")
    assert z3["cases"].to_dict() == pytest.approx({"B": 15.0, "N": 15.0})
    assert z3["minutes"].to_dict() == {"B": 10.0, "N": 20.0}
    found = appraise(best.problem.region, best.problem.service, best.found())
    assert found.assignment.loc["z3", "minutes"] == pytest.approx(15.0)
    assert found.by["district"].loc["south", "mean_minutes"] == pytest.approx(
        (15 * 10 + 15 * 20 + 40 * 8) / 70
    )


def test_without_flows_all_go_to_the_nearest_and_that_is_said_to_break_the_capacity() -> None:
    best = solved(FULL)
    nearest = Configuration.of("surgery", ["B"])
    assert violations(best.problem, best.found()) == []
    assert violations(best.problem, nearest) == ["B has 60 cases a year, more than its capacity 30"]
    assert nearest != best.found()
    assert pickle.loads(pickle.dumps(best.found())) == best.found()


def test_the_comparison_counts_who_moves_by_cases() -> None:
    best = solved(Capacity((("B", 45.0),)))
    found = compare(best.problem.region.today(best.problem.service), best)
    moves = found.flows.set_index(["site_before", "site_after"])["cases"].to_dict()
    assert moves == pytest.approx({("A", "B"): 30.0, ("C", "B"): 15.0, ("C", "N"): 15.0})


@pytest.mark.parametrize(
    ("flows", "said"),
    [
        ([("z1", "B", 1.0)], "flows of zone z2 do not add up to 1"),
        ([("z9", "B", 1.0)], "a flow that cannot be: .*z9"),
        ([("z1", "X", 1.0)], "a flow that cannot be: .*X"),
        ([("z1", "B", -0.5), ("z1", "N", 1.5)], "a flow that cannot be"),
        ([(z, "A", 1.0) for z in ("z1", "z2", "z3", "z4")], "no open site can be reached"),
    ],
)
def test_flows_that_cannot_be_are_refused(flows: list[tuple[str, str, float]], said: str) -> None:
    region = tiny_region()
    service = tiny_service(region).directed()
    with pytest.raises(ValueError, match=said):
        appraise(region, service, Configuration.of("surgery", ["B"], flows=flows))


def test_flows_of_a_service_whose_patients_are_not_directed_are_refused() -> None:
    best = solved(FULL)
    with pytest.raises(ValueError, match=r"not directed: use service.directed\(\)"):
        appraise(best.problem.region, tiny_service(best.problem.region), best.found())
    plain = solve(replace_service(best.problem))
    with pytest.raises(ValueError, match=r"not directed: see rc.appraise\(...\).flows"):
        _ = plain.flows
    with pytest.raises(ValueError, match="patients choose their site otherwise"):
        compare(plain, best)


def replace_service(problem: Problem) -> Problem:
    """The same problem with patients who go to the nearest site, and room for all."""
    plain = replace(problem.service, is_directed=False)
    return Problem(problem.region, plain, problem.objective, [open_sites(1)])


def test_a_service_is_directed_or_chosen_not_both() -> None:
    service = tiny_service()
    with pytest.raises(ValueError, match="patients choose their site"):
        service.with_choice(3.0).directed()
    with pytest.raises(ValueError, match="patients are directed"):
        service.directed().with_choice(3.0)


def test_sets_of_nearest_sites_are_refused_and_the_assignment_model_taken_by_itself() -> None:
    problem = solved(FULL).problem
    with pytest.raises(InputError, match="say nothing of patients who are sent elsewhere"):
        solve(problem, formulation="exact-sets")
    values = [solve(problem, formulation=f).objective for f in ("nearest-sets", "assignment")]
    assert values[0] == pytest.approx(values[1])


def test_another_solver_says_who_goes_where_too() -> None:
    problem = solved(FULL).problem
    other = solve(problem, solver="PULP_CBC_CMD")
    assert other.objective == pytest.approx(solved(FULL).objective)
    assert other.flows["cases"].sum() == pytest.approx(100.0)


def test_what_is_not_answered_yet_is_refused() -> None:
    best = solved(FULL)
    region, service = best.problem.region, best.problem.service
    for weighed in (uncertainty, structural):
        with pytest.raises(ValueError, match="directed: that is not weighed yet"):
            weighed(region, [best], service=service, draws=10)
    with pytest.raises(ValueError, match="why not is not answered"):
        why_not(best, "A")


def test_the_runner_up_is_directed_as_well() -> None:
    region = tiny_region()
    service = tiny_service(region).directed()
    caps = Capacity((("A", 20.0), ("B", 20.0), ("C", 20.0)))
    best = solve(Problem(region, service, minimise("mean_minutes"), [open_sites(2), caps]))
    second = runner_up(best)
    assert second is not None
    assert second.objective is not None
    assert best.objective is not None
    assert second.objective >= best.objective
    assert violations(second.problem, second.found()) == []


def test_the_shortest_longest_journey_sends_some_past_a_full_site() -> None:
    region = tiny_region()
    service = tiny_service(region).directed()
    wide = p_center(region, service, 2)
    full = wide.having(Capacity((("A", 10.0), ("B", 10.0), ("C", 90.0), ("N", 40.0))))
    free, bound = solve(wide).objective, solve(full).objective
    assert free is not None
    assert bound is not None
    assert bound > free


@pytest.mark.parametrize("asked", [Capacity((("B", 30.0), ("N", 60.0))), Budget(40.0, "fixed")])
def test_relaxations_are_of_what_directing_reaches(asked: Capacity | Budget) -> None:
    sites = tiny_region().sites.assign(fixed=[50.0, 60.0, 70.0, 0.0])
    region = replace(tiny_region(), sites=sites)
    service = tiny_service(region).directed()
    problem = Problem(region, service, minimise("mean_minutes"), [open_sites(1), keep("B"), asked])
    solution = solve(problem)
    assert solution.status is Status.INFEASIBLE
    ways = relaxations(solution)
    eased = [way.instead for way in ways if isinstance(way.instead, Capacity | Budget)]
    assert len(eased) == 1
    others = [c for c in problem.constraints if c != asked]
    again = solve(Problem(region, service, problem.objective, [*others, eased[0]]))
    assert again.status is Status.OPTIMAL
    if isinstance(eased[0], Capacity):  # 100 cases, 90 places: a ninth more of each
        assert dict(eased[0].at(region, service))["B"] == pytest.approx(30 * 100 / 90, rel=2e-3)
    else:
        assert eased[0].total == pytest.approx(60.0)


@pytest.mark.parametrize("kind", ["choice", "directed"])
def test_lives_saved_are_the_sum_of_their_parts_whoever_goes_where(kind: str) -> None:
    region = region_of()
    usual = service_of(region, "hub", "rota", "delay", "transfer")
    service = usual.directed() if kind == "directed" else usual.with_choice(10.0)
    room = Capacity(tuple((s, usual.cases_per_year / 2.5) for s in usual.candidates))
    wanted: list[Constraint] = [open_sites(2)]
    if kind == "directed":
        wanted.append(room)
    best = solve(Problem(region, service, maximise("lives_saved"), wanted))
    assert best.lives is not None
    assert best.objective == pytest.approx(sum(best.lives.parts.values()))
    assert best.lives.parts["transfer"] != 0.0


def test_a_report_says_that_patients_are_directed(tmp_path: Path) -> None:
    best = solved(FULL)
    folder = report(tmp_path / "r", best.problem.region.today(best.problem.service), best)
    page = (folder / "report.html").read_text(encoding="utf-8")
    assert "Patients are taken to go where they are told" in page


def test_a_frontier_of_two_measures_is_refused_because_its_points_never_end() -> None:
    region = tiny_region()
    service = tiny_service(region, outcome=False).directed()
    asked = Problem(region, service, minimise("mean_minutes"), [open_sites(2)])
    with pytest.raises(ValueError, match="directed, so that the points"):
        frontier(asked, "mean_minutes", "neighbour_cases")
    free = Problem(region, service, minimise("mean_minutes"))
    assert len(frontier(free, "mean_minutes").points) == 3
