"""Sentences about more sites than anybody reads aloud, and names that carry commas."""

from __future__ import annotations

import numpy as np
import pandas as pd

from reconfig.appraise import compare
from reconfig.core import Configuration, Region
from reconfig.report.movement import moved_sentences
from reconfig.report.sections.summary import public_sentences
from reconfig.report.words import MOST_LISTED, counted_words, heading, listed, sites_listed

MANY = 2 * MOST_LISTED + 3


def line_region() -> Region:
    """Return a zone beside each of many sites on a line; later ones have more cases."""
    ids = [f"S{k:02}" for k in range(MANY)]
    zones = pd.DataFrame(
        {
            "zone_id": [f"z{k:02}" for k in range(MANY)],
            "icb": ["West" if k < MOST_LISTED else "East" for k in range(MANY)],
            "cases": [10.0 + k for k in range(MANY)],
        }
    )
    sites = pd.DataFrame({"site_id": ids, "name": [f"Site {k}, Town" for k in range(MANY)]})
    far = np.abs(np.subtract.outer(np.arange(MANY), np.arange(MANY))) * 10.0 + 5.0
    minutes = pd.DataFrame(far, columns=ids, index=pd.Index(zones["zone_id"], name="zone_id"))
    return Region.from_tables(zones, sites, minutes, name="Line")


REGION = line_region()
SERVICE = REGION.define_service("care", demand="cases")


def test_of_many_sites_that_stop_the_largest_have_a_sentence_and_the_rest_are_counted() -> None:
    comparison = compare(
        REGION.today(SERVICE),
        Configuration.of("care", ["S00"]),
        region=REGION,
        service=SERVICE,
    )
    said = moved_sentences(comparison)
    stops = [s for s in said if s.startswith("If ")]
    largest = [f"Site {k}, Town" for k in reversed(range(MANY))][:MOST_LISTED]
    assert [s.removeprefix("If ").partition(" stops")[0] for s in stops] == largest
    assert any(
        f"of {MANY - 1} sites that have cases and stop" in s and "table Sites" in s for s in said
    )
    assert comparison.sentences()[-1].partition(", the largest")[2] in said[-1]
    assert said[-1].startswith("By integrated care board, ")


def test_of_few_sites_every_sentence_stays() -> None:
    few = Configuration.of("care", SERVICE.candidates[:-1])
    comparison = compare(REGION.today(SERVICE), few, region=REGION, service=SERVICE)
    assert moved_sentences(comparison)[:-1] == comparison.sentences()[:-1]


def test_many_sites_are_counted_and_the_largest_named() -> None:
    half = SERVICE.candidates[: MOST_LISTED + 1]
    comparison = compare(
        REGION.today(SERVICE), Configuration.of("care", half), region=REGION, service=SERVICE
    )
    both = (comparison.before, comparison.after)
    said = sites_listed(both, half, SERVICE)
    volumes = comparison.after.volumes[list(half)]
    assert REGION.site_names([str(volumes.idxmin())])[0] not in said
    assert said.startswith(REGION.site_names([str(volumes.idxmax())])[0])
    assert "1 more" in said
    assert any("table Sites has all" in s for s in public_sentences(comparison))
    assert "more" not in sites_listed(both, half[:MOST_LISTED], SERVICE)


def test_names_with_commas_are_parted_by_semicolons() -> None:
    assert listed(["A, B", "C", "D"]) == "A, B; C; and D"
    assert listed(["A", "B", "C", "D"], most=2) == "A, B and 2 more"


def test_abbreviations_of_columns_are_written_out() -> None:
    assert heading("icb") == "Integrated care board"
    assert heading("imd_decile") == "Index of Multiple Deprivation decile"


def test_who_counts_is_said_in_words() -> None:
    zones = REGION.zones.assign(catchment=["in"] * MANY)
    for name, region_name, words in (
        ("greater-line", "The Greater Line", "the people of Greater Line"),
        ("with-fringe", "Line", "the people of Line, with fringe"),
    ):
        whole = Region.from_tables(
            zones.reset_index(),
            REGION.sites.reset_index(),
            REGION.minutes(),
            name=region_name,
            catchments={name: ("in",)},
        )
        assert counted_words(whole.for_catchment(name)).startswith(words)
    assert counted_words(REGION) == f"{MANY} zones"
