"""Who is treated where, as sums: every number of the tiny region by hand.

      A    B    C    N
z1    5   20   40   60    10 cases
z2   10   10   30   50    20        A and B equally near: A, the first by id
z3   30   10    5   20    30
z4   50   30   10    8    40        nearest the neighbour N, always open
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from reconfig.appraise import Flows, Grid, caseload
from reconfig.core import Caseload, Region
from reconfig.data import load_register
from reconfig.outcomes import StrokeDisability
from tests.instances import MINUTES, SITES, ZONES, random_region, tiny_region, tiny_service

CONFIGURATIONS = [("A", "B", "C"), ("B",), ()]


def grid(*, today: tuple[str, ...] = ("A", "B", "C"), region: Region | None = None) -> Grid:
    """Return the arrays of the tiny region."""
    chosen = region or tiny_region()
    return Grid.of(chosen, replace(tiny_service(chosen), today=today))


def by_minute(load: Caseload, row: int | None) -> dict[float, float]:
    """Return minutes -> cases of one configuration, of today where row is None."""
    cases = load.today_by_minutes if row is None else load.by_minutes[row]
    return {float(m): round(float(c), 12) for m, c in zip(load.minutes, cases, strict=True) if c}


def test_the_sums_of_the_tiny_region_are_as_worked_out_by_hand() -> None:
    load = caseload(grid(), CONFIGURATIONS)
    assert load.cases == 100.0
    assert load.number_open.tolist() == [3, 1, 0]
    assert load.at_candidates.tolist() == [60.0, 60.0, 0.0]  # the neighbour has 40, or all
    assert load.volumes.tolist() == [[30.0, 0.0, 30.0], [0.0, 60.0, 0.0], [0.0, 0.0, 0.0]]
    assert load.volumes_today.tolist() == [30.0, 0.0, 30.0]
    assert by_minute(load, 0) == {5.0: 40.0, 8.0: 40.0, 10.0: 20.0}
    assert by_minute(load, 1) == {8.0: 40.0, 10.0: 50.0, 20.0: 10.0}
    assert by_minute(load, 2) == {8.0: 40.0, 20.0: 30.0, 50.0: 20.0, 60.0: 10.0}
    assert by_minute(load, None) == by_minute(load, 0)
    assert load.reference_minutes == pytest.approx(7.2)


def test_today_is_the_same_whatever_is_decided() -> None:
    load = caseload(grid(today=("B",)), [("A", "C"), ("C",)])
    assert by_minute(load, None) == {8.0: 40.0, 10.0: 50.0, 20.0: 10.0}
    assert load.volumes_today.tolist() == [0.0, 60.0, 0.0]
    assert load.reference_minutes == pytest.approx(10.2)


def lost_by_minute(load: Caseload, row: int) -> dict[float, float]:
    """Return minutes -> cases of those whose site of today is closed."""
    cases = load.displaced_by_minutes[row]
    return {float(m): round(float(c), 12) for m, c in zip(load.minutes, cases, strict=True) if c}


def test_who_goes_to_neighbours_now_and_today_is_counted() -> None:
    load = caseload(grid(today=("A",)), CONFIGURATIONS)
    assert load.at_neighbours.tolist() == [40.0, 40.0, 100.0]
    assert load.at_neighbours_today == 70.0  # z3 has the neighbour at 20 minutes, A at 30
    assert (load.at_candidates + load.at_neighbours).tolist() == [load.cases] * 3


def test_those_whose_site_of_today_is_closed_are_counted_by_their_longer_journey() -> None:
    """Today z1 and z2 are at A, z3 at C; without either z1 to z3 go to B, or all to N."""
    load = caseload(grid(), [*CONFIGURATIONS, ("A", "B")])
    assert lost_by_minute(load, 0) == {}
    assert lost_by_minute(load, 1) == {10.0: 50.0, 20.0: 10.0}  # z2 and z3, z1
    assert lost_by_minute(load, 2) == {20.0: 30.0, 50.0: 20.0, 60.0: 10.0}
    assert lost_by_minute(load, 3) == {10.0: 30.0}  # z3 alone


def test_who_loses_a_site_but_gets_a_nearer_new_one_is_not_displaced() -> None:
    """B of today is closed: C is nearer for z3, A for z1; A is z2's 10 minutes as B was."""
    load = caseload(grid(today=("B",)), [("C",), ("A",), ("A", "C")])
    assert lost_by_minute(load, 0) == {30.0: 20.0, 40.0: 10.0}  # z2 and z1; z3 at C gains
    assert lost_by_minute(load, 1) == {20.0: 30.0}  # z3, to the neighbour; z1 and z2 have A
    assert lost_by_minute(load, 2) == {}
    chosen = grid(today=("B",))
    for k, sites in enumerate([("C",), ("A",), ("A", "C")]):
        to = chosen.journeys_to(chosen.nearest(sites))
        lost = float((to.cases * to.displaced).sum())
        assert lost == pytest.approx(float(load.displaced_by_minutes[k].sum()))


def test_of_equally_near_sites_the_later_one_is_the_longer_way() -> None:
    """z2 has A and B at 10 minutes: it goes from A to B only where A is closed, never back."""
    assert grid(today=("A", "B", "C")).displaced.tolist() == [
        [False, True, True, True],
        [False, True, True, True],
        [True, True, False, True],
        [True, True, True, False],
    ]
    assert grid(today=("B",)).displaced[1].tolist() == [False, False, True, True]


def test_journeys_say_who_is_treated_at_a_candidate_today() -> None:
    chosen = grid(today=("A",))
    assert chosen.candidate_today.tolist() == [True, True, False, False]
    every, made = chosen.every_journey(), chosen.journeys_to(chosen.nearest(("B",)))
    assert every.candidate_today[:, 0].tolist() == made.candidate_today.tolist()
    # z1 and z2 lose A; z3 comes home from the neighbour to B.
    assert made.displaced.tolist() == [True, True, False, False]


@pytest.mark.parametrize("choice", [0.0, 4.0])
def test_nobody_is_displaced_where_every_site_of_today_stays_open(choice: float) -> None:
    region = random_region(2, zones=40, candidates=6, neighbours=2, unreachable=0.1)
    chosen = grid(region=region, today=("s0", "s3"))
    opened = [("s0", "s3"), ("s0", "s2", "s3"), tuple(chosen.service.candidates)]
    load = caseload(chosen, opened, Flows(choice_minutes=choice))
    assert not load.displaced_by_minutes.any()


def test_a_configuration_says_the_same_alone_and_among_others() -> None:
    together = caseload(grid(), CONFIGURATIONS)
    for k, sites in enumerate(CONFIGURATIONS):
        alone = caseload(grid(), [sites])
        assert by_minute(alone, 0) == by_minute(together, k)
        assert alone.volumes[0].tolist() == together.volumes[k].tolist()


def test_cases_between_two_steps_are_shared_so_that_what_is_linear_is_exact() -> None:
    minutes = MINUTES.copy()
    minutes.loc[0, "A"] = 5.1  # between 5 and 5.25
    region = Region.from_tables(ZONES, SITES, minutes)
    load = caseload(grid(region=region), [("A", "B", "C")])
    assert by_minute(load, 0) == {5.0: 36.0, 5.25: 4.0, 8.0: 40.0, 10.0: 20.0}
    assert float(load.by_minutes[0] @ load.minutes) == pytest.approx(7.21 * 100)


@pytest.mark.parametrize("choice", [0.0, 4.0])
def test_sums_over_the_grid_of_minutes_are_those_over_zones(choice: float) -> None:
    region = random_region(2, zones=40, candidates=6, neighbours=2, unreachable=0.1)
    chosen = grid(region=region, today=("s0", "s3"))
    opened = [("s0", "s2", "s5"), ("s1", "s3", "s4"), tuple(chosen.service.candidates)]
    load = caseload(chosen, opened, Flows(choice_minutes=choice))
    assert load.by_minutes.sum(axis=1) == pytest.approx([chosen.cases.sum()] * 3)
    assert float(load.today_by_minutes.sum()) == pytest.approx(chosen.cases.sum())
    assert float(load.today_by_minutes @ load.minutes) == pytest.approx(
        load.reference_minutes * chosen.cases.sum()
    )
    if choice == 0.0:
        for k, sites in enumerate(opened):
            at = chosen.nearest(sites)
            minutes = chosen.minutes[np.arange(len(at)), at]
            total = float((chosen.cases * minutes).sum())
            assert float(load.by_minutes[k] @ load.minutes) == pytest.approx(total)
            assert load.volumes[k] == pytest.approx(chosen.volumes(at)[chosen.is_candidate])


# Other flows -----------------------------------------------------------------------------------


def test_a_spread_choice_is_as_worked_out_by_hand_and_loses_nobody() -> None:
    """Of z1, A at 5 and B at 20 minutes draw 1 and e^(-15/10); N at 60 draws e^(-55/10)."""
    load = caseload(grid(), [("A", "B")], Flows(choice_minutes=10.0))
    at = {"A": 0.0, "B": 0.0}
    for cases, minutes in zip(
        (10, 20, 30, 40), ((5, 20, 60), (10, 10, 50), (30, 10, 20), (50, 30, 8)), strict=True
    ):
        pull = np.exp(-np.array(minutes) / 10.0)
        at["A"] += cases * pull[0] / pull.sum()
        at["B"] += cases * pull[1] / pull.sum()
    assert load.volumes[0] == pytest.approx([at["A"], at["B"], 0.0])
    assert load.at_candidates[0] == pytest.approx(at["A"] + at["B"])
    assert load.by_minutes[0].sum() == pytest.approx(100.0)
    # z2 has A and B equally near, and halves itself between them but for a few at N.
    assert load.by_minutes[0][40] > 19.0


def test_a_choice_hardly_spread_is_the_nearest_but_for_ties() -> None:
    near = caseload(grid(), [("B", "C"), ("A", "B")], Flows(choice_minutes=1e-3))
    assert near.volumes[0] == pytest.approx(caseload(grid(), [("B", "C")]).volumes[0])
    assert near.volumes[1] == pytest.approx([20.0, 40.0, 0.0])  # z2's 20 are halved


def test_a_site_of_today_that_is_nearest_to_nobody_still_draws_some_where_choice_is_spread() -> (
    None
):
    """With A, B and C open nobody is nearest to B alone; spread, B has patients today too."""
    assert caseload(grid(), [("B",)]).volumes_today[1] == 0.0
    load = caseload(grid(), [("A", "B", "C")], Flows(choice_minutes=10.0))
    assert load.volumes_today[1] > 10.0
    assert load.volumes_today == pytest.approx(load.volumes[0])


def test_a_place_that_cannot_be_reached_draws_nobody() -> None:
    minutes = MINUTES.astype({"B": object, "A": object, "C": object, "N": object})
    minutes.loc[0, "B"] = "unreachable"
    region = Region.from_tables(ZONES, SITES, minutes)
    load = caseload(grid(region=region), [("A", "B")], Flows(choice_minutes=1e6))
    assert load.volumes[0][1] == pytest.approx(90 / 3, rel=1e-3)  # all but z1's, by three sites
    assert load.by_minutes[0].sum() == pytest.approx(100.0)


def test_congestion_scales_every_journey_and_moves_nobody() -> None:
    usual = caseload(grid(), CONFIGURATIONS)
    busy = caseload(grid(), CONFIGURATIONS, Flows(congestion=1.5))
    assert busy.volumes.tolist() == usual.volumes.tolist()
    assert lost_by_minute(busy, 1) == {15.0: 50.0, 30.0: 10.0}
    assert by_minute(busy, 1) == {12.0: 40.0, 15.0: 50.0, 30.0: 10.0}
    assert busy.reference_minutes == pytest.approx(1.5 * 7.2)
    assert by_minute(busy, None) == {7.5: 40.0, 12.0: 40.0, 15.0: 20.0}


def test_an_error_of_a_sites_times_changes_who_is_nearest() -> None:
    """Three times as far, A loses z2 to B (10) but keeps z1 (15 against 20)."""
    load = caseload(grid(), [("A", "B", "C")], Flows(site_factor=np.array([3.0, 1.0, 1.0, 1.0])))
    assert load.volumes[0].tolist() == [10.0, 20.0, 30.0]
    assert by_minute(load, 0) == {5.0: 30.0, 8.0: 40.0, 10.0: 20.0, 15.0: 10.0}
    assert load.volumes_today.tolist() == [10.0, 20.0, 30.0]  # today's journeys are as uncertain


def test_an_error_of_a_sites_times_changes_who_loses_their_site() -> None:
    """Three times as far, A is not where z2 is treated today: it does not miss A, but B."""
    flows = Flows(site_factor=np.array([3.0, 1.0, 1.0, 1.0]))
    load = caseload(grid(), [("B", "C"), ("A", "C"), ("A", "B", "C")], flows)
    assert lost_by_minute(load, 0) == {20.0: 10.0}  # z1, from A at 15
    assert lost_by_minute(load, 1) == {30.0: 20.0}  # z2, from B at 10 to A or C: A first
    assert lost_by_minute(load, 2) == {}
    # The other way about: B is no longer near for z2 and z3, who keep A and C.
    load = caseload(grid(), [("A", "C")], Flows(site_factor=np.array([1.0, 9.0, 1.0, 1.0])))
    assert lost_by_minute(load, 0) == {}


def test_the_grid_is_not_changed_by_what_is_asked_of_it() -> None:
    chosen = grid()
    before = chosen.minutes.copy()
    caseload(chosen, [("A",)], Flows(2.0, 3.0, np.array([1.0, 2.0, 3.0, 4.0])))
    assert (chosen.minutes == before).all()


# On to a centre --------------------------------------------------------------------------------


def by_onward(load: Caseload) -> dict[tuple[float, float], float]:
    """Return (minutes on to a centre, minutes) -> cases of the first configuration."""
    return {
        (float(load.onward[k]), float(load.minutes[m])): float(load.by_onward[0, k, m])
        for k, m in zip(*np.nonzero(load.by_onward[0]), strict=True)
    }


def with_centre(region: Region, *, today: tuple[str, ...] = ("A", "B", "C")) -> Grid:
    """Return the arrays with a model whose patients are sent on to C."""
    model = StrokeDisability(load_register(), ("C",))
    return Grid.of(region, replace(tiny_service(region), outcome=model, today=today))


def test_minutes_on_to_a_centre_are_those_from_the_zone_nearest_to_the_site() -> None:
    """A is nearest to z1, 40 minutes from C; B to z2 (z3 is as near), 30; N to z4, 10."""
    chosen = with_centre(tiny_region())
    assert chosen.onward is not None
    assert chosen.onward.tolist() == [40.0, 30.0, 0.0, 10.0]
    load = caseload(chosen, [("A", "C")])
    expected = {(40.0, 5.0): 10.0, (40.0, 10.0): 20.0, (0.0, 5.0): 30.0, (10.0, 8.0): 40.0}
    assert by_onward(load) == pytest.approx(expected)


def test_congestion_scales_the_minutes_on_to_a_centre_too() -> None:
    load = caseload(with_centre(tiny_region()), [("A", "C")], Flows(congestion=1.5))
    expected = {(60.0, 7.5): 10.0, (60.0, 15.0): 20.0, (0.0, 7.5): 30.0, (15.0, 12.0): 40.0}
    assert by_onward(load) == pytest.approx(expected)


def test_minutes_on_to_a_centre_do_not_depend_on_who_counts() -> None:
    """Without z1 the zone nearest to A would be z2, 30 minutes from C in place of 40."""
    zones = ZONES.assign(catchment=["out", "in", "in", "in"])
    region = Region.from_tables(zones, SITES, MINUTES, catchments={"inner": ("in",)})
    inner = with_centre(region.for_catchment("inner"))
    assert inner.zones == ("z2", "z3", "z4")
    assert inner.onward is not None
    assert inner.onward.tolist() == [40.0, 30.0, 0.0, 10.0]


# Who cannot go anywhere ------------------------------------------------------------------------


def cut_off(row: int, *sites: str) -> Region:
    """Return the tiny region where one zone can reach only some sites."""
    minutes = MINUTES.astype(dict.fromkeys("ABCN", object))
    minutes.loc[row, [site for site in "ABCN" if site not in sites]] = "unreachable"
    return Region.from_tables(ZONES, SITES, minutes)


@pytest.mark.parametrize("choice", [0.0, 5.0])
def test_a_configuration_that_leaves_cases_stranded_is_refused_by_name(choice: float) -> None:
    chosen = grid(region=cut_off(0, "A"))
    flows = Flows(choice_minutes=choice)
    with pytest.raises(ValueError, match="with B, C open, some zones with cases can reach no"):
        caseload(chosen, [("A",), ("B", "C")], flows)
    with pytest.raises(ValueError, match="with none open"):
        caseload(chosen, [()], flows)


@pytest.mark.parametrize("choice", [0.0, 5.0])
def test_a_zone_without_cases_may_be_stranded(choice: float) -> None:
    region = cut_off(0, "A")
    service = tiny_service(region)
    empty = replace(service, demand=service.demand.where(service.demand.index != "z1", 0.0))
    load = caseload(Grid.of(region, empty), [("B", "C")], Flows(choice_minutes=choice))
    assert load.cases == 90.0
    assert load.by_minutes[0].sum() == pytest.approx(90.0)


@pytest.mark.parametrize("choice", [0.0, 1e-3])
def test_only_who_can_reach_no_site_of_today_goes_elsewhere_today(choice: float) -> None:
    """z1 reaches C alone, B is open today: z3 stays at B, though C would be nearer."""
    chosen = grid(region=cut_off(0, "C"), today=("B",))
    load = caseload(chosen, [("C",)], Flows(choice_minutes=choice))
    assert load.volumes_today == pytest.approx([0.0, 50.0, 10.0])
    assert load.volumes_today == pytest.approx(chosen.volumes(chosen.today)[chosen.is_candidate])
    assert load.reference_minutes == pytest.approx(chosen.reference_minutes)


def test_a_site_that_is_no_candidate_is_refused() -> None:
    with pytest.raises(ValueError, match="N, X: not a candidate for surgery"):
        caseload(grid(), [("A",), ("N", "X")])


def test_nobody_with_a_case_is_a_caseload_of_nothing() -> None:
    region = tiny_region()
    service = tiny_service(region)
    load = caseload(Grid.of(region, replace(service, demand=service.demand * 0)), [("A",)])
    assert (load.cases, load.reference_minutes) == (0.0, 0.0)
    assert not load.by_minutes.any()
    assert not load.volumes.any()
