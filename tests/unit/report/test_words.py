"""Numbers and names as people read them."""

from __future__ import annotations

from dataclasses import replace

import pandas as pd
import pytest

from reconfig.core import Region
from reconfig.report.words import (
    estimated_times,
    heading,
    listed,
    measure_unit,
    number,
    source_line,
    times_label,
)
from tests.unit.report.places import square_region, surgery


def test_a_column_name_becomes_words() -> None:
    assert heading("deprivation_fifth") == "Deprivation fifth"


def test_a_share_is_a_percentage_and_its_change_is_in_points() -> None:
    assert number(0.985, "share of cases") == "98.5%"
    assert number(-0.012, "share of cases", signed=True) == "-1.2 points"
    gap = measure_unit("gap_share_within_45_by_district")
    assert number(0.012, gap) == "1.2 percentage points"
    assert number(-0.012, gap, signed=True) == "-1.2 percentage points"


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
    assert "mostly by the same amount for all zones of a site" in text
    assert "Nettle & Sons" in text
    assert text.endswith("Those to the other sites are observed.")


def with_kinds(**kinds: str) -> Region:
    """Return the region with other kinds of times at some sites."""
    region = square_region()
    sites = region.sites.assign(time_kind=pd.Series(kinds).reindex(region.sites.index))
    return replace(region, sites=sites)


def test_times_as_supplied_are_not_said_to_be_no_estimates() -> None:
    region = with_kinds(A="as supplied", B="as supplied", C="as supplied", N="as supplied")
    assert estimated_times(region, surgery(region)) == (
        "Travel times are as supplied; how far they may be out is not stated."
    )


def test_times_of_every_kind_are_each_named() -> None:
    region = with_kinds(A="observed", B="estimated", C="as supplied", N="as supplied")
    text = estimated_times(region, surgery(region))
    assert "1 of 4 sites are estimates" in text
    assert "2 of 4 sites are as supplied: $$x$$ and Nettle & Sons; how far they may be" in text
    assert text.endswith("Those to the other sites are observed.")


@pytest.mark.parametrize(
    ("kinds", "label"),
    [
        ("observed observed observed observed", "observed"),
        ("estimated estimated estimated estimated", "estimated"),
        ("observed estimated observed observed", "partly estimated"),
        ("observed as-supplied observed observed", "as supplied"),
    ],
)
def test_one_label_says_how_the_times_of_a_service_are_known(kinds: str, label: str) -> None:
    named = dict(zip("ABCN", kinds.split(), strict=True))
    region = with_kinds(**{site: kind.replace("-", " ") for site, kind in named.items()})
    assert times_label(region, surgery(region)) == label


def test_the_source_line_carries_the_attribution() -> None:
    assert source_line(square_region()) == "Sources: Made up for <tests>."
