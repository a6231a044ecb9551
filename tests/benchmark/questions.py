"""Questions a planner asks of Greater Manchester's ten sites: functions from region to words."""

from __future__ import annotations

from collections.abc import Callable

import reconfig as rc

FAIR = "gap_mean_minutes_by_deprivation_fifth"


def _four(region: rc.Region) -> rc.Problem:
    surgery = region.service("emergency-surgery")
    goal = rc.minimise("mean_minutes")
    return rc.Problem(region, surgery, goal, [rc.open_sites(4)])


def best_under_limits(region: rc.Region) -> str:
    """Four sites, 99 % within 30 minutes in every district, no fifth 5 minutes worse off."""
    problem = _four(region).having(
        rc.limit("share_within_30", at_least=0.99, by="district"),
        rc.limit("mean_minutes", at_most_over_today=5, by="deprivation_fifth"),
        rc.limit("min_volume", at_least=200),
    )
    return _told(rc.solve(problem))


def smallest_gap(region: rc.Region) -> str:
    """Four sites with the smallest gap between the most and the least deprived fifth."""
    return _told(rc.solve(_four(region).aiming(rc.minimise(FAIR))))


def two_measures(region: rc.Region) -> str:
    """The frontier of lives saved and the mean journey, every number of sites."""
    surgery = region.service("emergency-surgery")
    problem = rc.Problem(region, surgery, rc.maximise("lives_saved"))
    return _points(rc.frontier(problem, "lives_saved", "mean_minutes"))


def three_measures(region: rc.Region) -> str:
    """The frontier of lives saved, the mean journey and the gap between fifths, four sites."""
    return _points(rc.frontier(_four(region), "lives_saved", "mean_minutes", FAIR))


def alternatives(region: rc.Region) -> str:
    """Every choice of four within a minute of the best mean journey."""
    return f"{len(rc.alternatives(_four(region), within=1.0).table)} choices"


def importance(region: rc.Region) -> str:
    """What is lost with each site locked in or out."""
    return f"{len(rc.importance(_four(region)))} sites"


def why_not(region: rc.Region) -> str:
    """Why not Bolton? (Of four sites, minimising the mean journey.)"""
    problem = _four(region)
    solution = rc.solve(problem)
    site = next(s for s in problem.service.candidates if s not in solution.open)
    return f"{len(rc.why_not(solution, site).sentences())} sentences"


def conflict(region: rc.Region) -> str:
    """Four sites and 90 % within 15 minutes: what conflicts, and what would have to give way."""
    told = rc.explain_conflict(rc.solve(_four(region).having(rc.within(15, share=0.9))))
    ways = rc.relaxations(told)
    return f"{told.status.value}: {len(told.conflict)} demands, {len(ways)} ways out"


def together(region: rc.Region) -> str:
    """Four sites for surgery and three stroke units, a unit only where there is surgery."""
    surgery, stroke = region.service("emergency-surgery"), region.service("stroke")
    asked = {surgery: [rc.open_sites(4)], stroke: [rc.open_sites(3)]}
    needs = rc.needs("emergency-surgery", by="stroke")
    return _told(rc.solve(rc.together(region, asked, rc.minimise("mean_minutes"), needs)))


def two_tiers(region: rc.Region) -> str:
    """Three stroke units and one centre for thrombectomy among them, most QALYs, straight to it
    where it is at most fifteen minutes further."""
    units = region.service("stroke-times")
    share = "stroke.thrombectomy_rate"
    centres = rc.second_tier(units, "thrombectomy", share=share, direct_within=15)
    asked = {units: [rc.open_sites(3)], centres: [rc.open_sites(1)]}
    return _told(rc.solve(rc.together(region, asked, rc.maximise("qalys"))))


def choice(region: rc.Region) -> str:
    """Four sites, patients spread over five orders of the sites."""
    problem = _four(region)
    spread = problem.service.with_choice()
    return _told(rc.solve(rc.Problem(region, spread, problem.objective, problem.constraints)))


def directed(region: rc.Region) -> str:
    """Four sites of 270 cases at least, patients told where to go."""
    problem = _four(region).having(rc.limit("min_volume", at_least=270))
    sent = problem.service.directed()
    return _told(rc.solve(rc.Problem(region, sent, problem.objective, problem.constraints)))


def volume_curve(region: rc.Region) -> str:
    """Three vascular centres that save most lives, their volumes counted."""
    vascular = region.service("vascular")
    goal = rc.maximise("lives_saved")
    return _told(rc.solve(rc.Problem(region, vascular, goal, [rc.open_sites(3)])))


QUESTIONS: dict[str, Callable[[rc.Region], str]] = {
    ask.__name__: ask
    for ask in (
        best_under_limits,
        smallest_gap,
        two_measures,
        three_measures,
        alternatives,
        importance,
        why_not,
        conflict,
        together,
        two_tiers,
        choice,
        directed,
        volume_curve,
    )
}


def _told(solution: rc.Solution) -> str:
    return f"{solution.status.value}: {solution.objective:.4f}"


def _points(frontier: rc.Frontier) -> str:
    proven = (frontier.points["status"] == "optimal").sum()
    return f"{len(frontier.points)} points, {proven} proven"
