"""The section of maps: pictures with their figures in words, or a sentence where none can be."""

from __future__ import annotations

import pytest

from reconfig.appraise import Comparison, compare
from reconfig.appraise.beyond import cases_beyond
from reconfig.core import Configuration, InputError, minimise, together
from reconfig.report.map_flows import moved_flows
from reconfig.report.maps import change_map
from reconfig.report.sections import maps
from tests.unit.report.places import square_region
from tests.unit.report.test_map_contract import compared

NAMES = [
    "map-minutes",
    "map-change",
    "map-catchments",
    "map-beyond-standard",
    "map-isochrones",
    "map-flows",
]


@pytest.fixture(scope="module")
def comparison() -> Comparison:
    """Return a change by which one site closes."""
    return compared(before=("A", "B", "C"), after=("A", "B"))


def test_the_words_of_a_picture_have_its_figures(comparison: Comparison) -> None:
    found = maps(comparison)
    words = {picture.name: picture.alt for picture in found.pictures}
    assert (found.id, list(words)) == ("maps", NAMES)
    before, after = comparison.before, comparison.after
    for appraisal in (before, after):
        mean, longest = (appraisal.measures[m] for m in ("mean_minutes", "max_minutes"))
        assert f"mean journey {mean:.1f} minutes, longest {longest:.1f}" in words["map-minutes"]
    rise = comparison.overall["change"]["mean_minutes"]
    assert f"changes by {rise:+.1f} minutes" in words["map-change"]
    assert "By district: " in words["map-change"]
    far = [f"{cases_beyond(a, 12.0).sum():,.0f}" for a in (before, after)]
    assert f"{far[0]} cases a year before and {far[1]} after" in words["map-beyond-standard"]
    within = 100 * after.measures["share_within_15"]
    assert f"{within:.1f}% within 15" in words["map-isochrones"]
    moved = moved_flows(comparison)["cases"].sum()
    assert f"{moved:,.0f} cases a year would go" in words["map-flows"]
    assert all(picture.caption for picture in found.pictures)


def test_the_section_says_how_times_are_known(comparison: Comparison) -> None:
    assert any("are estimates, out by about 2.5" in s for s in maps(comparison).sentences)


def test_a_map_with_nothing_on_it_is_a_sentence_instead() -> None:
    found = maps(compared(before=("A", "B"), after=("A", "B"), standard=None))
    assert [p.name for p in found.pictures] == [
        n for n in NAMES if n not in ("map-beyond-standard", "map-flows")
    ]
    assert any("No case is beyond 45 minutes by car" in s for s in found.sentences)
    assert any("No patient goes to another site" in s for s in found.sentences)


def test_without_coordinates_a_sentence_says_why_there_is_no_map() -> None:
    found = maps(compared(square_region(coordinates=False, shapes=False)))
    assert found.pictures == []
    assert "no coordinates" in found.sentences[0]


def test_several_services_at_once_have_a_sentence_on_where_their_maps_are() -> None:
    region = square_region()
    parts = [region.define_service(name, demand="cases") for name in ("one", "two")]
    problem = together(region, dict.fromkeys(parts, ()), minimise("mean_minutes"))
    both = Configuration({name: frozenset("AB") for name in ("one", "two")})
    found = maps(compare(both, both, region=problem.region, service=problem.service))
    assert found.pictures == []
    assert "maps in its own report" in found.sentences[0]
    with pytest.raises(InputError, match="several services at once"):
        change_map(compare(both, both, region=problem.region, service=problem.service))
