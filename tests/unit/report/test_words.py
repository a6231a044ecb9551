"""Numbers and names as people read them."""

from __future__ import annotations

from reconfig.report.words import estimated_times, heading, listed, number, source_line
from tests.unit.report.places import square_region, surgery


def test_a_column_name_becomes_words() -> None:
    assert heading("deprivation_fifth") == "Deprivation fifth"


def test_a_share_is_a_percentage_and_its_change_is_in_points() -> None:
    assert number(0.985, "share of cases") == "98.5%"
    assert number(-0.012, "share of cases", signed=True) == "-1.2 points"


def test_nothing_is_shown_as_minus_zero() -> None:
    assert number(-0.0001, "minutes") == "0.0"
    assert number(-0.0001, "minutes", signed=True) == "0.0"


def test_a_number_that_is_not_there_is_said_in_words() -> None:
    assert number(float("nan"), "minutes") == "none"


def test_a_list_reads_as_a_sentence() -> None:
    assert [listed(x) for x in ("", "A", "AB", "ABC")] == ["", "A", "A and B", "A, B and C"]


def test_estimated_times_are_named_with_their_error() -> None:
    region = square_region()
    text = estimated_times(region, surgery(region))
    assert text.startswith("Travel times to 2 of 4 sites are estimates, out by about 2.5 minutes")
    assert "Nettle & Sons" in text


def test_the_source_line_carries_the_attribution() -> None:
    assert source_line(square_region()) == "Sources: Made up for <tests>."
