"""What a board is told beside the answer is true of the enumeration."""

from __future__ import annotations

from dataclasses import replace

from reconfig.analyse import frontier, more_sites_sentences, out_of_reach, rival_sentences
from reconfig.core import Problem, Region, Status, limit, maximise, minimise, open_sites
from reconfig.solve import solve
from tests.instances import tiny_region, tiny_service


def one_site(region: Region) -> Problem:
    """Return the choice of one site: B (10.2 minutes), then A (11.7), then C (14.7)."""
    return Problem(region, tiny_service(region), minimise("mean_minutes"), [open_sites(1)])


def test_the_rival_is_named_with_the_difference() -> None:
    said = rival_sentences(solve(one_site(tiny_region())))
    assert said[0] == "The next best choice of 1 is Alder: mean journey 1.50 minutes more."
    assert not any("cannot be told apart" in sentence for sentence in said)


def test_a_difference_below_the_error_of_the_times_is_called_none() -> None:
    region = tiny_region()
    guessed = region.sites.assign(time_kind="estimated", time_error_minutes=1.6)
    said = rival_sentences(solve(one_site(replace(region, sites=guessed))))
    assert any("cannot be told apart" in sentence for sentence in said)


def test_a_tie_is_called_a_tie() -> None:
    problem = one_site(tiny_region()).aiming(maximise("share_within_60"))
    (said,) = rival_sentences(solve(problem))[:1]
    assert "equally good" in said
    assert "arbitrary" in said


def test_the_difference_of_two_shares_is_in_percentage_points() -> None:
    # {A, C} has 40 of 100 cases within 5 minutes, {B, C} 30.
    problem = one_site(tiny_region()).aiming(maximise("share_within_5")).with_number(2)
    assert rival_sentences(solve(problem))[0] == (
        "The next best choice of 2 is Birch and Cedar: within 5 minutes 10.00 percentage points "
        "less."
    )
    # Shares of north and south: {A, C} 1/3 and 3/7, {A, B} 1/3 and none.
    gap = problem.aiming(minimise("gap_share_within_5_by_district"))
    assert rival_sentences(solve(gap))[0].endswith("gap by district 23.81 percentage points more.")


def test_more_sites_are_named_where_they_do_better_on_both_counts() -> None:
    region = tiny_region()
    problem = one_site(region)
    free = Problem(region, problem.service, problem.objective)
    trade_off = frontier(free, "share_within_5", "mean_minutes")
    (said,) = more_sites_sentences(trade_off, solve(problem))
    assert said.startswith("2 sites would do better on both counts in this model: Alder, Cedar")
    most = Problem(region, problem.service, problem.objective, [open_sites(3)])
    assert more_sites_sentences(trade_off, solve(most)) == []


def test_a_limit_out_of_reach_is_told_with_its_place() -> None:
    problem = one_site(tiny_region())
    said = out_of_reach(problem, limit("share_within_5", at_least=0.4, by="district"))
    assert [s.partition(",")[0] for s in said] == ["share_within_5 is 0.333333 in north"]
    assert out_of_reach(problem, limit("share_within_60", at_least=1.0, by="district")) == []


def test_nothing_is_said_of_a_rival_where_nothing_is_proven() -> None:
    best = solve(one_site(tiny_region()))
    assert rival_sentences(replace(best, status=Status.FEASIBLE)) == []
    assert rival_sentences(best, time_limit=1e-9) == []
