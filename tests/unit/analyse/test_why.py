"""Why not that? The best choice with it, what it costs, who loses, what would let it win.

On the tiny region the shortest mean journey of two sites is 7.2 minutes, at Alder (A) and Cedar
(C); with Birch (B) it is 8.7 in both pairs.
"""

from __future__ import annotations

import importlib
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from reconfig.analyse import WhyNot, why_not
from reconfig.appraise import overall_values, violations
from reconfig.core import (
    Configuration,
    Constraint,
    InputError,
    Objective,
    Problem,
    Region,
    Service,
    Solution,
    Status,
    close,
    keep,
    limit,
    maximise,
    minimise,
    open_sites,
)
from reconfig.solve import solve
from tests.instances import MINUTES, SITES, ZONES, random_region, tiny_region, tiny_service
from tests.property.strategies import Case, cases, constraints, examples, objectives

MODULE = importlib.import_module("reconfig.analyse.why")


def solved(*constraints: Constraint, goal: Objective | None = None) -> Solution:
    """Solve a problem on the tiny region; by default for the best two sites."""
    region = tiny_region()
    chosen = constraints or (open_sites(2),)
    return solve(Problem(region, tiny_service(region), goal or minimise("mean_minutes"), chosen))


def surgery(*sites: str) -> Configuration:
    """Return a configuration of the tiny region's service."""
    return Configuration.of("surgery", sites)


def at_factor(region: Region, sites: set[str], factor: float) -> Region:
    """Return a region where journeys to some sites take so much of what they take."""
    minutes = region.minutes().copy()
    minutes[sorted(sites)] *= factor
    return replace(region, travel_times={**region.travel_times, region.default_mode: minutes})


def loss_at(found: WhyNot, service: Service, sites: set[str], factor: float) -> float:
    """Return what the rival loses, in the first objective, with nearer sites; by appraising."""
    problem = found.solution.problem
    goal, rival = problem.objective, found.rival
    assert rival is not None
    other = rival.found() if isinstance(rival, Solution) else rival
    nearer = at_factor(problem.region, sites, factor)
    before, after = (
        overall_values(nearer, service, c, [goal.measure])[goal.measure]
        for c in (found.solution.found(), other)
    )
    return after - before if goal.sense == "minimise" else before - after


def test_a_site_is_answered_in_sentences_with_figures() -> None:
    found = why_not(solved(), "B")
    assert isinstance(found.rival, Solution)
    assert found.rival.open == ("A", "B")
    assert found.sentences() == [
        "The best choice with it (Alder and Birch) is worse in mean journey: 8.7 minutes instead "
        "of 7.2 minutes.",
        "30 cases a year would travel 5.0 minutes further on average.",
        "By district, south loses most (2.1 minutes longer on average).",
        found.sentences()[-1],
    ]
    assert found.sentences()[-1].startswith("It would be as good in mean journey if every journey")


@pytest.mark.parametrize("name", ["B", "Birch", "birch", ["B"]])
def test_a_site_may_be_given_by_id_or_by_name(name: Any) -> None:
    found = why_not(solved(), name)
    assert found.asked == "Birch"
    assert isinstance(found.rival, Solution)
    assert "B" in found.rival.open


def test_several_sites_are_asked_about_together() -> None:
    found = why_not(solved(), ["Birch", "C"])
    assert found.asked == "Birch and Cedar"
    assert isinstance(found.rival, Solution)
    assert found.rival.open == ("B", "C")
    assert "The best choice with them" in found.sentences()[0]
    assert "every journey to Birch were" in found.sentences()[-1]  # Cedar is chosen already


def test_a_site_that_was_chosen_is_no_question() -> None:
    found = why_not(solved(), "A")
    assert found.sentences() == ["Alder is chosen already."]
    assert found.comparison is None
    assert why_not(solved(), ["A", "C"]).sentences() == ["Alder and Cedar are chosen already."]


def test_the_factor_is_where_the_two_are_as_good_as_appraised() -> None:
    found = why_not(solved(), "B")
    assert found.factor is not None
    service = found.solution.problem.service
    assert loss_at(found, service, {"B"}, found.factor) <= 0
    assert loss_at(found, service, {"B"}, found.factor + 2e-4) > 0
    percent = int(found.sentences()[-1].split(" were ")[1].split("%")[0])
    assert 0 <= percent / 100 - (1 - found.factor) < 0.01
    assert loss_at(found, service, {"B"}, 1 - percent / 100) <= 0


@examples(40)
@given(st.data(), cases(most_candidates=5, most_zones=8), objectives())
def test_the_rival_is_the_best_with_the_site_and_the_factor_lets_it_win(
    data: st.DataObject, case: Case, goal: Objective
) -> None:
    chosen = data.draw(constraints(case, most_limits=1))
    allowed = case.naive.allowed(chosen)
    assume(allowed)
    solution = solve(Problem(case.region, case.service, goal, chosen))
    site = data.draw(st.sampled_from(case.service.candidates))
    assume(site not in solution.open)
    found = why_not(solution, site)
    having = [o for o in allowed if site in o]
    if not having:
        assert found.rival is None
        assert found.sentences()[0].startswith(f"No choice with {site}: ")
        return
    pick = min if goal.sense == "minimise" else max
    best = pick(case.naive.value(goal.measure, o) for o in having)
    assert isinstance(found.rival, Solution)
    assert found.rival.open in having
    assert found.rival.objective == pytest.approx(best, rel=2e-6, abs=2e-6)
    if found.factor is None:
        return
    assert loss_at(found, case.service, {site}, found.factor) <= 0
    assert found.factor < 1.0


def test_a_whole_configuration_is_compared_as_it_is() -> None:
    found = why_not(solved(), surgery("B", "C"))
    assert found.asked == "Birch and Cedar"
    assert found.rival == surgery("B", "C")
    assert found.sentences()[0] == (
        "This choice is worse in mean journey: 8.7 minutes instead of 7.2 minutes."
    )
    assert found.comparison is not None
    assert found.comparison.after.open == ("B", "C")
    assert why_not(solved(), surgery("A", "C")).sentences() == [
        "Alder and Cedar: this is the choice."
    ]


def test_a_configuration_that_breaks_a_constraint_is_told_which_and_compared() -> None:
    found = why_not(solved(), surgery("A", "B", "C"))
    assert found.sentences()[0] == "It is not allowed: 3 sites open, not exactly 2 sites."
    assert "is as good in mean journey" in found.sentences()[1]


def test_a_configuration_may_be_better_where_a_constraint_forbids_it() -> None:
    found = why_not(solved(open_sites(1)), surgery("A", "C"))
    assert found.sentences()[0] == "It is not allowed: 2 sites open, not exactly 1 site."
    assert found.sentences()[1] == (
        "This choice is better in mean journey: 7.2 minutes instead of 10.2 minutes."
    )
    assert found.factor is None


def test_a_configuration_that_leaves_somebody_without_a_site_is_not_compared() -> None:
    minutes = MINUTES.astype({"N": object, "A": object})
    minutes.loc[0, ["A", "N"]] = "unreachable"
    region = Region.from_tables(ZONES, SITES, minutes)
    problem = Problem(region, tiny_service(region), minimise("mean_minutes"), [open_sites(1)])
    found = why_not(solve(problem), surgery("A"))
    assert found.sentences() == ["It is not allowed: some zones cannot reach an open site."]
    assert found.comparison is None


@pytest.mark.parametrize(
    ("constraints", "reason"),
    [
        ((open_sites(1), close("B")), "B both kept and closed"),
        ((open_sites(1), keep("A")), "at least 2 sites must be open and at most 1 can be"),
        (
            (open_sites(2), limit("mean_minutes", at_most=8)),
            "it cannot be had with: exactly 2 sites; mean_minutes at most 8",
        ),
    ],
)
def test_a_site_that_no_choice_can_have_is_told_why(
    constraints: tuple[Constraint, ...], reason: str
) -> None:
    found = why_not(solved(*constraints), "B")
    assert found.rival is None
    assert found.sentences() == [f"No choice with Birch: {reason}."]


def test_a_rival_that_was_not_found_in_time_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    def stopped(asked: Problem, **options: Any) -> Solution:
        return replace(solve(asked), status=Status.NO_SOLUTION, configuration=None)

    best = solved()
    monkeypatch.setattr(MODULE, "solve", stopped)
    assert why_not(best, "B", time_limit=1).sentences() == [
        "No choice with Birch: none was found before time ran out."
    ]


def test_a_rival_that_is_not_proven_is_called_the_best_found(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def unproven(asked: Problem, **options: Any) -> Solution:
        return replace(solve(asked), status=Status.FEASIBLE)

    best = solved()
    monkeypatch.setattr(MODULE, "solve", unproven)
    assert why_not(best, "B").sentences()[0].startswith("The best found choice with it (")


def test_a_tie_is_decided_by_the_next_objective_or_called_arbitrary() -> None:
    lives = maximise("lives_saved", tolerance=0.1, then=minimise("mean_minutes"))
    found = why_not(solved(open_sites(1), goal=lives), "C")  # B and C save 3.0 each
    assert found.sentences()[:2] == [
        "The best choice with it (Cedar) is as good in lives saved (3 lives a year).",
        "It is worse in mean journey: 14.7 minutes instead of 10.2 minutes.",
    ]
    found = why_not(solved(open_sites(1), goal=maximise("lives_saved")), "C")
    if found.comparison is not None:  # unless it is the one that was chosen
        assert found.sentences()[1] == "Which of the two is chosen is arbitrary."
        assert found.factor is None


def test_what_is_within_the_tolerance_counts_as_equal() -> None:
    goal = minimise("mean_minutes", tolerance=2.0, then=minimise("neighbour_cases"))
    found = why_not(solved(open_sites(2), goal=goal), "B")
    if found.comparison is not None:
        assert "minutes, which counts as equal, in mean journey" in " ".join(found.sentences())


def test_a_measure_beyond_the_usual_ones_can_be_the_objective() -> None:
    found = why_not(solved(open_sites(1), goal=maximise("share_within_5")), "A")
    assert found.sentences()[0] == (
        "The best choice with it (Alder) is worse in the share within 5 minutes: 10% instead of "
        "30%."
    )


def test_a_site_that_could_not_win_even_without_a_journey_is_told_so() -> None:
    found = why_not(solved(open_sites(1), goal=minimise("open_sites")), "A")
    assert found.factor is None
    goal = maximise("mean_minutes")  # shorter journeys only make it worse
    found = why_not(solved(open_sites(1), goal=goal), "A")
    assert found.factor is None
    assert found.sentences()[-1] == (
        "Even if nobody had to travel to Alder at all, it would not be as good in mean journey."
    )


def test_unknown_names_are_all_refused_with_a_suggestion() -> None:
    with pytest.raises(InputError) as raised:
        why_not(solved(), ["Brich", "Z"])
    assert len(raised.value.faults) == 2
    assert "'Brich'; expected ids or names of candidates. Did you mean 'Birch'?" in str(
        raised.value
    )
    with pytest.raises(InputError, match="Known: A, Alder, B"):
        why_not(solved(), [])
    with pytest.raises(InputError, match="Nettle"):  # a neighbour is no candidate
        why_not(solved(), "Nettle")
    with pytest.raises(InputError, match="'X'"):
        why_not(solved(), surgery("A", "X"))


def test_a_problem_without_a_choice_has_no_why() -> None:
    with pytest.raises(ValueError, match="the problem is infeasible"):
        why_not(solved(limit("mean_minutes", at_most=1)), "B")


def test_it_reads_as_a_question_and_its_answer() -> None:
    found = why_not(solved(), "B")
    assert repr(found).startswith("<Why not Birch? The best choice with it (Alder and Birch)")
    assert found._repr_html_().startswith("<b>Why not Birch?</b><ul><li>The best choice")


def test_a_gap_between_groups_has_no_factor_because_shorter_is_not_always_better() -> None:
    found = solved(open_sites(1), goal=minimise("gap_mean_minutes_by_district"))
    (site, *_) = sorted({"A", "B", "C"} - set(found.open))
    answer = why_not(found, site)
    assert answer.rival is not None
    assert answer.factor is None
    assert not any("would be as good" in s or "nobody had" in s for s in answer.said)


def test_the_factor_counts_as_equal_what_the_tolerance_does() -> None:
    strict = why_not(solved(open_sites(1)), "C")
    # C alone is some minutes worse than the best; all but half a minute of that is forgiven.
    assert strict.comparison is not None
    behind = float(strict.comparison.overall["change"]["mean_minutes"])
    goal = minimise("mean_minutes", tolerance=behind - 0.5, then=minimise("max_minutes"))
    loose = MODULE._winning_factor(strict.comparison, goal, frozenset({"C"}))
    assert strict.factor is not None
    assert loose is not None
    assert loose > strict.factor


def test_a_rival_that_shorter_journeys_would_overfill_is_told_so() -> None:
    said = []
    for seed in range(6):
        region = random_region(seed, zones=10, candidates=4, neighbours=0)
        service = region.define_service("care", demand="cases")
        most = limit("max_volume", at_most=0.62 * service.cases_per_year)
        asked = Problem(region, service, minimise("mean_minutes"), [open_sites(2), most])
        best = solve(asked)
        for site in service.candidates if best.configuration is not None else ():
            answer = why_not(best, site)
            if answer.factor is None or answer.rival is None:
                continue
            minutes = region.minutes().copy()
            minutes[site] *= answer.factor
            nearer = replace(region, travel_times={"car": minutes})
            there = Problem(nearer, service, asked.objective, asked.constraints)
            assert isinstance(answer.rival, Solution)
            broken = violations(there, answer.rival.found())
            warned = any("it would break a constraint" in s for s in answer.sentences())
            assert warned == bool(broken)
            said.append(warned)
    assert any(said)
    assert not all(said)


def test_a_cost_has_no_factor_because_shorter_journeys_may_cost_more() -> None:
    region = random_region(20, zones=10, candidates=5, neighbours=0)
    service = region.define_service("care", demand="cases")
    best = solve(Problem(region, service, minimise("cost_gbp"), [open_sites(2)]))
    for site in service.candidates:
        answer = why_not(best, site)
        assert answer.factor is None
        assert not any("Even if nobody had to travel" in s for s in answer.sentences())
