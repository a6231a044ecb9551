"""The file of structural alternatives: what comes with the package, and every fault of another."""

from __future__ import annotations

from pathlib import Path

import pytest

from reconfig.core import InputError
from reconfig.data import load_region, load_register, read_switches
from reconfig.data.switches import CHOICES
from reconfig.outcomes import EFFECTS

BROKEN = """[[switch]]
group = "Effect"
name = "unknown id and an impossible share"
assumptions = { "egs.hub_weight_nnone" = 1, "egs.share_moved" = 1.5, "egs.delay_share" = "all" }

[[switch]]
name = "without a group"
choice = "spraed"

[[switch]]
group = "Volume"
name = 3
with_effects = ["volum"]
without_effects = ["hubs"]

[[switch]]
group = "Roads"
name = "busy"
congestion = "travel.congestion_bussy"
travel_error = "yes"
services = "stroke"
colour = "red"

[[switch]]
group = "Roads"
name = "busy"
congestion = "travel.congestion_busy"

[[switch]]
group = "Nothing"
name = "as it is"
services = ["stroke"]
"""
# Where each fault is, what is found, and what is said of it.
FAULTS = [
    ("line 4, switch 1, assumptions, egs.hub_weight_nnone", "an unknown id", "egs.hub_weight_none"),
    ("line 4, switch 1, assumptions, egs.share_moved", "1.5", "a number from 0 to 1"),
    ("line 4, switch 1, assumptions, egs.delay_share", "'all'", "a number"),
    ("switch 2", "no 'group'", "a text in quotes"),
    ("line 8, switch 2, choice", "'spraed'", "'spread'"),
    ("line 12, switch 3, name", "name = 3", "a text in quotes"),
    ("line 13, switch 3, with_effects", "'volum'", "'volume'"),
    ("line 14, switch 3, without_effects", "'hubs'", "'hub'"),
    ("line 19, switch 4, congestion", "'travel.congestion_bussy'", "'travel.congestion_busy'"),
    ("line 20, switch 4, travel_error", 'travel_error = "yes"', "true or false"),
    ("line 21, switch 4, services", 'services = "stroke"', "a list of texts"),
    ("line 22, switch 4, colour", "unknown key 'colour'", "a known key"),
    ("switch 5", "'Roads: busy' again", "once"),
    ("switch 6", "nothing that it changes", "assumptions, choice, congestion, travel_error"),
]


def faults_of(folder: Path, text: str) -> list[str]:
    """Return what is wrong with a file of alternatives."""
    path = folder / "switches.toml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(InputError) as wrong:
        read_switches(path)
    return [str(fault) for fault in wrong.value.faults]


def test_the_shipped_alternatives_are_those_that_the_method_promises() -> None:
    switches = read_switches()
    titles = [s.title for s in switches]
    assert len(set(titles)) == len(titles)
    for title in (
        "Effect of hyper-acute units: as in London",
        "Effect of hyper-acute units: as in Greater Manchester from 2015",
        "Effect of hyper-acute units: none, as in Greater Manchester from 2010",
        "Effect of a hub: none",
        "Staffing: ten consultants fewer",
        "Staffing: ten consultants more",
        "Volume: no effect of volume",
        "Neighbours: care as today",
        "Neighbours: care without hyper-acute units",
        "Choice of site: patients spread over near sites",
        "Roads: busy",
        "Roads: at the worst hour",
        "Estimated times: with their errors",
    ):
        assert title in titles
    known = load_region("greater-manchester").services
    for one in switches:
        assert set(one.services) <= set(known), one.title
        assert set(one.with_effects) | set(one.without_effects) <= set(EFFECTS)
        assert one.choice in CHOICES


def test_a_mixture_that_is_switched_says_all_its_weights() -> None:
    for one in read_switches():
        weights = [k for k in one.assumptions if "_weight_" in k]
        if weights:
            assert sum(one.assumptions[k] for k in weights) == 1, one.title
            assert len(weights) == 3, one.title


def test_ten_consultants_fewer_or_more_are_ten_from_the_usual_number() -> None:
    """Values, not an effect left out: the care that gains are counted against stays the same."""
    usual = load_register().value("egs.rota_short")
    staffing = {s.name: s for s in read_switches() if s.group == "Staffing"}
    assert {name: dict(s.assumptions) for name, s in staffing.items()} == {
        "ten consultants fewer": {"egs.rota_short": usual + 10},
        "ten consultants more": {"egs.rota_short": usual - 10},
    }
    assert not any(s.without_effects for s in read_switches())


def test_every_fault_of_a_file_is_listed_with_its_place(tmp_path: Path) -> None:
    found = faults_of(tmp_path, BROKEN)
    for place, what, expected in FAULTS:
        match = [f for f in found if f", {place}:" in f or f"{place}: " in f]
        assert any(what in f and expected in f for f in match), (place, found)
    assert len(found) == len(FAULTS)


def test_all_weights_of_0_are_refused(tmp_path: Path) -> None:
    names = ("none", "moderate", "strong")
    weights = ", ".join(f'"egs.hub_weight_{n}" = 0' for n in names)
    text = f'[[switch]]\ngroup = "A"\nname = "b"\nassumptions = {{ {weights} }}\n'
    (fault,) = faults_of(tmp_path, text)
    assert "every weight is 0" in fault
    assert "line 4" in fault


def test_a_missing_or_broken_file_is_a_fault(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"none\.toml"):
        read_switches(tmp_path / "none.toml")
    (fault,) = faults_of(tmp_path, '[[switch]]\ngroup = "a\n')
    assert "line 2" in fault


def test_a_single_bracket_is_told(tmp_path: Path) -> None:
    (fault,) = faults_of(tmp_path, '[switch]\ngroup = "a"\nname = "b"\n')
    assert "[[switch]]" in fault
