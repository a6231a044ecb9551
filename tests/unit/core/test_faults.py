"""Faults are collected, then raised together, each with its place and what to do."""

from __future__ import annotations

import pytest

from reconfig.core import Fault, Faults, InputError, ReconfigError, suggestion
from reconfig.core.faults import listing


def test_a_fault_says_where_what_was_found_what_was_expected_and_what_to_do() -> None:
    fault = Fault("zones.csv", "line 7", "blank zone_id", "an id in every row", "Fill it in.")
    assert (
        str(fault) == "zones.csv, line 7: blank zone_id; expected an id in every row. Fill it in."
    )
    assert str(Fault("zones.csv", "", "no rows", "one")) == "zones.csv: no rows; expected one."


def test_nothing_is_raised_without_faults_and_everything_with_them() -> None:
    faults = Faults()
    faults.raise_if_any()
    assert not faults
    faults.add("a.csv", "line 1", "x", "y")
    faults.add("b.csv", "line 2", "x", "y")
    with pytest.raises(InputError) as raised:
        faults.raise_if_any()
    assert [f.file for f in raised.value.faults] == ["a.csv", "b.csv"]
    assert str(raised.value).startswith("2 faults in the input:\n  - a.csv, line 1")
    assert isinstance(raised.value, ReconfigError)
    assert isinstance(raised.value, ValueError)


def test_one_fault_is_counted_in_the_singular() -> None:
    assert str(InputError([Fault("a", "", "b", "c")])).startswith("1 fault in the input:")


def test_a_suggestion_is_the_close_word_else_the_known_ones() -> None:
    assert suggestion("mean_minute", ["mean_minutes", "lives_saved"]) == (
        "Did you mean 'mean_minutes'?"
    )
    assert suggestion("zzz", ["b", "a"]) == "Known: a, b."
    assert suggestion("zzz", []) == ""
    assert suggestion("zzz", map(str, range(10, 40))).endswith("21 and 18 more.")


def test_a_long_list_is_cut_and_says_how_many_more() -> None:
    assert listing("abc") == "a, b, c"
    assert listing("abcdefg") == "a, b, c, d, e and 2 more"
