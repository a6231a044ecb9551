"""A problem is checked as it is made, and every fault is in one error."""

from __future__ import annotations

import pytest

from reconfig.core import (
    Constraint,
    InputError,
    Limit,
    OpenSites,
    Problem,
    among,
    close,
    differ,
    keep,
    limit,
    maximise,
    minimise,
    open_sites,
    within,
)
from tests.instances import random_region, tiny_region, tiny_service


def problem(*constraints: Constraint) -> Problem:
    """Return a problem on the tiny region (candidates A, B, C; neighbour N always open)."""
    region = tiny_region()
    return Problem(region, tiny_service(region), minimise("mean_minutes"), constraints)


@pytest.mark.parametrize(
    ("constraint", "said"),
    [
        (keep("X"), "keep: 'X' is not a site of the region"),
        (keep("N"), "keep: 'N' is not a candidate for this service"),
        (close("Z9"), "close: 'Z9' is not a site of the region"),
        (open_sites(4), "open: 4 sites asked for; expected a whole number from 0 to 3"),
        (open_sites(at_least=-1), "open: -1 sites asked for"),
        (limit("mean_minutes", at_most=9, by="distict"), "Did you mean 'district'?"),
        (among(["A", "X"], at_least=1), "among: 'X' is not a site of the region"),
        (among("N", at_most=1), "among: 'N' is not a candidate for this service"),
        (differ(["Z9"]), "differ: 'Z9' is not a site of the region"),
    ],
)
def test_a_constraint_that_names_what_is_not_there_is_refused(
    constraint: Constraint, said: str
) -> None:
    with pytest.raises(InputError) as raised:
        problem(constraint)
    assert len(raised.value.faults) == 1
    assert said in str(raised.value)


@pytest.mark.parametrize(
    ("constraint", "said"),
    [
        (among(["A", "B"], at_least=3), "among: at least 3 of 2 sites; expected a number up to 2"),
        (among(["A"], at_least=2), "among: at least 2 of 1 site;"),
        (among(["A", "B"], at_least=2, at_most=1), "among: at_least 2 is above at_most 1"),
        (among(["A"], at_most=-1), "among: at_most = -1; expected a whole number, zero or more"),
        (among(["A"], at_least=1.5), "among: at_least = 1.5; expected a whole number"),  # type: ignore[arg-type]
        (among(["A"], at_least="1", at_most=True), "among: at_least = '1'; expected"),  # type: ignore[arg-type]
        (differ(["A"], by=4), "differ: at least 4 of 3 sites; expected a number up to 3"),
        (differ(["A"], by=-1), "differ: by = -1; expected a whole number"),
        (differ(["A"], by=float("nan")), "differ: by = nan"),  # type: ignore[arg-type]
    ],
)
def test_a_number_that_no_choice_could_have_is_refused(constraint: Constraint, said: str) -> None:
    with pytest.raises(InputError) as raised:
        problem(constraint)
    assert said in str(raised.value)


@pytest.mark.parametrize(
    "constraint",
    [
        among(["A", "B"], at_least=2),
        among(["A", "B"], at_most=5),  # more than there are: no demand
        among(["A"], at_least=0, at_most=0),
        differ([], by=3),
        differ(["A", "B", "C"], by=0),
    ],
)
def test_a_number_that_some_choice_has_is_taken(constraint: Constraint) -> None:
    assert problem(constraint).constraints == (constraint,)


def test_a_site_kept_and_closed_is_refused() -> None:
    with pytest.raises(InputError, match="A both kept and closed"):
        problem(keep("A", "B"), close("A"))


@pytest.mark.parametrize(
    "constraints",
    [
        [open_sites(1), keep("A", "B")],  # two kept, one wanted
        [open_sites(3), close("A")],  # two left, three wanted
        [open_sites(at_least=3), open_sites(at_most=2)],
    ],
)
def test_a_number_that_keep_and_close_make_impossible_is_refused(
    constraints: list[Constraint],
) -> None:
    with pytest.raises(InputError, match="sites must be open and at most"):
        problem(*constraints)


def test_all_faults_come_in_one_error() -> None:
    with pytest.raises(InputError) as raised:
        problem(keep("X", "A"), close("A", "Y"), open_sites(9), limit("a", at_most=1, by="b"))
    said = str(raised.value)
    # X, Y, nine sites, the column b, and A in both lists
    assert len(raised.value.faults) == 5
    assert said.startswith("5 faults in the input:")
    for word in ("'X'", "'Y'", "9 sites", "no zone column 'b'", "A both kept and closed"):
        assert word in said


def test_fewest_and_most_follow_from_every_constraint_on_the_number() -> None:
    # Three candidates and a neighbour that is always open: none need be open.
    assert (problem().fewest, problem().most) == (0, 3)
    assert (problem(keep("A", "B")).fewest, problem(close("C")).most) == (2, 2)
    both = problem(open_sites(at_least=1), open_sites(at_most=2), keep("B"))
    assert (both.fewest, both.most) == (1, 2)
    assert (both.with_number(2).fewest, both.with_number(2).most) == (2, 2)
    assert both.with_number(2).kept == {"B"}


def test_having_and_aiming_return_new_problems() -> None:
    first = problem(open_sites(2))
    second = first.having(keep("A")).aiming(maximise("lives_saved"))
    assert first.constraints == (open_sites(2),)
    assert second.constraints == (open_sites(2), keep("A"))
    assert str(second.objective) == "maximise lives_saved"


def test_constraints_and_objectives_read_as_plain_words() -> None:
    assert str(open_sites(4)) == "exactly 4 sites"
    assert str(open_sites(1)) == "exactly 1 site"
    assert str(OpenSites()) == "any number of sites"
    assert str(open_sites(at_least=2, at_most=3)) == "at least 2 sites and at most 3 sites"
    assert str(keep("B", "A")) == "keep A, B"
    assert str(close("C")) == "close C"
    assert str(among(["B", "A"], at_least=1)) == "at least 1 site among A, B"
    assert str(differ(["C"])) == "differ by at least 1 site from C"
    assert str(differ([], by=2)) == "differ by at least 2 sites from no site"
    assert str(within(45, share=0.95, by="district")) == (
        "share_within_45 at least 0.95 in every district"
    )
    assert str(limit("mean_minutes", at_least=5, at_most=9)) == (
        "mean_minutes at least 5 and mean_minutes at most 9"
    )
    objective = maximise("lives_saved", then=minimise("mean_minutes"))
    assert str(objective) == "maximise lives_saved, then minimise mean_minutes"
    assert [s.measure for s in objective.stages()] == ["lives_saved", "mean_minutes"]


def test_a_constraint_that_says_nothing_or_two_things_is_refused() -> None:
    with pytest.raises(ValueError, match="give a number"):
        open_sites()
    with pytest.raises(ValueError, match="not both"):
        open_sites(2, at_most=3)
    with pytest.raises(ValueError, match="at_least, at_most or"):
        limit("mean_minutes")
    with pytest.raises(ValueError, match="among: give at_least or at_most"):
        among(["A"])
    with pytest.raises(ValueError, match=r"0\.95, not 95"):
        within(45, share=95)


def test_the_short_ways_make_the_plain_constraints() -> None:
    assert open_sites(2) == OpenSites(2, 2)
    assert within(45) == Limit("share_within_45", at_least=1.0)


def test_a_limit_by_a_column_of_many_values_is_refused() -> None:
    region = random_region(1, zones=150, candidates=2, neighbours=0)
    service = region.define_service("surgery", demand="cases")
    with pytest.raises(InputError, match="different values"):
        Problem(
            region,
            service,
            minimise("mean_minutes"),
            [limit("share_within_30", at_least=0.5, by="cases")],
        )


@pytest.mark.parametrize("number", [2.5, "2", float("nan")])
def test_a_number_of_sites_that_is_not_whole_is_refused(number: object) -> None:
    with pytest.raises(InputError, match="sites asked for"):
        problem(OpenSites(number, number))  # type: ignore[arg-type]


def test_names_in_place_of_things_are_all_refused_at_once() -> None:
    with pytest.raises(InputError) as refused:
        Problem("greater-manchester", "surgery", "lives_saved", ["four"])  # type: ignore[arg-type, list-item]
    assert len(refused.value.faults) == 4
    assert "rc.load_region" in str(refused.value)


def test_one_constraint_need_not_be_in_a_list() -> None:
    region = tiny_region()
    one = Problem(region, tiny_service(region), minimise("mean_minutes"), open_sites(1))
    assert one.constraints == (open_sites(1),)


def test_sites_to_keep_may_be_given_as_a_list() -> None:
    assert keep(["A", "B"]) == keep("A", "B")
    assert close(["A"], "B") == close("A", "B")


def test_one_site_may_be_given_by_its_id_as_it_is() -> None:
    assert among("RM301", at_least=1) == among(["RM301"], at_least=1)
    assert differ("RM301") == differ(["RM301"])
