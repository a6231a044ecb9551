"""A configuration is a value: compared by what is open, never changed, carried anywhere."""

from __future__ import annotations

import copy
import dataclasses
import pickle

import pytest

from reconfig.core import Configuration


def test_configurations_are_equal_when_the_same_sites_are_open_whatever_their_order_or_name() -> (
    None
):
    one = Configuration.of("surgery", ["A", "B"], name="one")
    other = Configuration.of("surgery", ["B", "A", "A"], name="other")
    assert one == other
    assert hash(one) == hash(other)
    assert len({one, other}) == 1


def test_configurations_differ_by_sites_and_by_service() -> None:
    one = Configuration.of("surgery", ["A"])
    assert one != Configuration.of("surgery", ["A", "B"])
    assert one != Configuration.of("stroke", ["A"])
    assert one != "A"


def test_nothing_in_a_configuration_can_be_changed() -> None:
    source = {"surgery": frozenset({"A"})}
    one = Configuration(source)
    source["surgery"] = frozenset({"B"})
    assert one.sites("surgery") == ("A",)
    with pytest.raises(TypeError):
        one.open["surgery"] = frozenset({"B"})  # type: ignore[index]
    with pytest.raises(dataclasses.FrozenInstanceError):
        one.name = "other"  # type: ignore[misc]


@pytest.mark.parametrize(
    "carry", [copy.copy, copy.deepcopy, lambda c: pickle.loads(pickle.dumps(c))]
)
def test_a_copy_or_a_pickle_keeps_sites_and_name(carry) -> None:  # type: ignore[no-untyped-def]
    one = Configuration({"surgery": frozenset({"A", "B"}), "stroke": frozenset()}, name="one")
    again = carry(one)
    assert again == one
    assert again.name == "one"
    assert again.sites("stroke") == ()


def test_sites_are_sorted_and_an_unknown_service_raises() -> None:
    one = Configuration.of("surgery", ["C", "A", "B"])
    assert one.sites("surgery") == ("A", "B", "C")
    with pytest.raises(KeyError, match="stroke"):
        one.sites("stroke")
