"""The long list, checked by hand: hurdles in words, figures as the appraisal has them."""

from __future__ import annotations

import itertools

import pandas as pd
import pytest

from reconfig.analyse import long_list
from reconfig.analyse.criteria import criteria_of
from reconfig.appraise import appraise
from reconfig.core import (
    Configuration,
    InputError,
    Problem,
    Region,
    among,
    capacity,
    close,
    keep,
    limit,
    maximise,
    minimise,
    open_sites,
    together,
    within,
)
from tests.instances import tiny_region, tiny_service
from tests.unit.analyse.uncertain import region_of, service_of


def tiny(*constraints: object) -> Problem:
    """Return the tiny problem with some constraints."""
    region = tiny_region()
    return Problem(region, tiny_service(region), minimise("mean_minutes"), constraints)  # type: ignore[arg-type]


def test_every_configuration_is_on_it_with_the_hurdles_it_fails_in_words() -> None:
    found = long_list(
        tiny(open_sites(2), keep("A"), limit("mean_minutes", at_most=12, by="district"))
    )
    assert found.complete
    assert found.hurdles == ("Keeps Alder", "Mean journey: at most 12 minutes in every district")
    rows = {row["open"]: row for row in found.table.to_dict("records")}
    # A and B: z3 goes to B in 10 minutes, z4 to the neighbour in 8; the north in 5 and 10.
    assert rows[("A", "B")]["passed"]
    assert rows[("B", "C")]["reasons"] == (
        "Alder is closed, not kept; Mean journey in north is 13.33 minutes"
    )
    assert found.failures.to_dict() == {found.hurdles[0]: 1, found.hurdles[1]: 1}
    assert "1 fails: Keeps Alder." in found.sentences()
    assert list(found.table["rank"])[:2] == [1, 2]


def test_any_number_is_considered_where_none_is_said_and_all_pass_without_hurdles() -> None:
    found = long_list(tiny())
    assert len(found.table) == 8  # none open too: the neighbour takes everybody
    assert found.table["passed"].all()
    assert found.failures.empty
    assert "no hurdle" in " ".join(found.sentences())


def test_lives_saved_have_the_very_qualifiers_of_the_appraisal() -> None:
    region = region_of()
    service = service_of(region, "hub", "delay")
    found = long_list(Problem(region, service, maximise("lives_saved"), open_sites(2)))
    assert len(found.table) == 10
    for row, one in zip(found.table.to_dict("records"), found.configurations, strict=True):
        lives = appraise(region, service, one).lives
        assert lives is not None
        assert row["lives_saved"] == pytest.approx(lives.central, rel=1e-12)
        for name, value in lives.qualifiers().items():
            assert row[name] == pytest.approx(value, rel=1e-9, abs=1e-12), name


def test_a_configuration_that_leaves_somebody_without_a_site_fails_for_that() -> None:
    region = tiny_region()
    service = tiny_service(region)
    service = type(service)(**{**service.__dict__, "always_open": ()})
    found = long_list(
        Problem(region, service, minimise("mean_minutes")),
        considered=[Configuration.of("surgery", ())],
    )
    assert found.table["reasons"].tolist() == ["4 places can reach no open site"]
    assert found.table["mean_minutes"].isna().all()
    assert found.hurdles == ("Every place has a site in reach",)


def test_demands_on_the_sites_are_judged_where_somebody_is_left_without_one_too() -> None:
    region = Region.from_tables(
        pd.DataFrame({"zone_id": ["y", "z"], "cases": [10.0, 20.0]}),
        pd.DataFrame({"site_id": ["A", "B"], "name": ["Alder", "Birch"]}),
        pd.DataFrame({"zone_id": ["y", "z"], "A": [5.0, 10.0], "B": ["unreachable", 5.0]}),
        name="Two",
    )
    service = region.define_service("surgery", demand="cases")
    problem = Problem(region, service, minimise("mean_minutes"), [open_sites(1), keep("A")])
    found = long_list(problem)
    row = found.table.set_index("open").loc[[("B",)]].iloc[0]
    assert not row["Keeps Alder"]
    assert row["reasons"] == "1 place can reach no open site; Alder is closed, not kept"
    assert found.failures["Keeps Alder"] == 1


def test_given_configurations_are_judged_by_their_number_too() -> None:
    given = [Configuration.of("surgery", s) for s in (("A",), ("A", "B"), ("A",))]
    found = long_list(tiny(open_sites(2)), considered=given)
    assert not found.complete
    assert [len(sites) for sites in found.table["open"]] == [2, 1]
    assert found.table["reasons"].tolist() == ["", "1 sites open, not exactly 2 sites"]


def test_more_configurations_than_asked_for_are_refused_with_their_number() -> None:
    with pytest.raises(ValueError, match="8 configurations"):
        long_list(tiny(), most=7)


def test_directed_patients_have_no_list_of_every_configuration() -> None:
    region = tiny_region()
    service = tiny_service(region, outcome=False).directed()
    with pytest.raises(ValueError, match="directed"):
        long_list(Problem(region, service, minimise("mean_minutes"), open_sites(2)))


def test_time_that_runs_out_is_said() -> None:
    with pytest.raises(ValueError, match="time ran out after"):
        long_list(tiny(), time_limit=1e-9)


def test_an_unknown_measure_is_refused_at_the_door() -> None:
    region = tiny_region()
    service = tiny_service(region, outcome=False)
    with pytest.raises(InputError, match="not estimated"):
        long_list(Problem(region, service, maximise("lives_saved")))


def test_of_several_services_every_pair_of_choices_is_considered() -> None:
    region = tiny_region()
    one = region.define_service("one", demand="cases")
    two = region.define_service("two", demand="cases")
    both = together(
        region, {one: [open_sites(1)], two: [open_sites(2), keep("A")]}, minimise("mean_minutes")
    )
    found = long_list(both)
    singles, pairs = range(3), list(itertools.combinations(range(3), 2))
    assert len(found.table) == len(singles) * len(pairs)
    assert int(found.table["passed"].sum()) == 3 * 2
    assert found.complete


def test_hurdles_of_the_same_name_are_told_apart_and_sites_have_their_names() -> None:
    problem = tiny(
        open_sites(2),
        among(["A", "B"], at_most=1),
        among(["A", "B"], at_most=1),
        close("C"),
        capacity({"B": 5}),
        within(30),
    )
    found = long_list(problem)
    assert found.hurdles[:3] == (
        "At most 1 site among Alder and Birch",
        "At most 1 site among Alder and Birch (2)",
        "Closes Cedar",
    )
    said = " ".join(found.table["reasons"])
    assert "Cedar is open, not closed" in said
    assert "Birch has" in said


def test_criteria_are_what_the_region_and_the_service_know() -> None:
    names = criteria_of(tiny())
    assert names == ("lives_saved", "mean_minutes", "p95_minutes", "worst_mean_minutes_by_district")
