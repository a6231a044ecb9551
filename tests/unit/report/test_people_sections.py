"""Access, flows, equality and bodies: whole for every kind of change, and true to the appraisal."""

from __future__ import annotations

import importlib
import io
import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import openpyxl
import pandas as pd
import pytest

from reconfig.appraise import compare
from reconfig.core import capacity
from reconfig.data import load_region
from reconfig.report.naming import slug, table_name
from reconfig.report.page import page_table
from reconfig.report.sections.access import access
from reconfig.report.sections.block import Block, Part, Section
from reconfig.report.sections.bodies import bodies
from reconfig.report.sections.equality import equality
from reconfig.report.sections.flows import flows
from reconfig.report.tables import Table
from reconfig.report.workbook import write_workbook
from tests.unit.report.kinds import KINDS, change, with_columns
from tests.unit.report.places import FORMULA, SCRIPT, solved, square_region

SECTIONS = (access, flows, equality, bodies)


@pytest.fixture(scope="module", params=KINDS)
def sections(request: pytest.FixtureRequest) -> list[Section]:
    """Return the four sections of a change of every kind in turn."""
    comparison = KINDS[request.param]()
    return [section(comparison) for section in SECTIONS]


def parts(blocks: tuple[Block, ...]) -> list[Part]:
    """Return every part, those within parts included."""
    own = [block for block in blocks if isinstance(block, Part)]
    return own + [inner for part in own for inner in parts(part.blocks)]


def table(section: Section, name: str) -> Table:
    """Return the table of a name."""
    return next(t for t in section.tables if t.name == name)


def column(section: Section, name: str, head: str) -> pd.Series[Any]:
    """Return a column of a table by the table's first column."""
    frame = table(section, name).frame
    return frame.set_index(frame.columns[0])[head]


def texts(figure: Any) -> str:
    """Return every text of a figure."""
    found = [t.get_text() for t in figure.texts]
    for axes in figure.axes:
        found += [axes.get_title(loc="left"), axes.get_xlabel(), axes.get_ylabel()]
        found += [t.get_text() for t in (*axes.get_xticklabels(), *axes.get_yticklabels())]
    return "\n".join(found)


def test_names_are_short_and_each_is_there_once(sections: list[Section]) -> None:
    tables = [t.name for section in sections for t in section.tables]
    assert len({name.lower() for name in tables}) == len(tables)
    assert max(map(len, tables)) <= 31
    anchors = [section.id for section in sections]
    anchors += [part.id for section in sections for part in parts(section.blocks)]
    anchors += [p.name for section in sections for p in section.pictures]
    assert len(set(anchors)) == len(anchors)
    assert all(re.fullmatch(r"[a-z0-9-]+", name) for name in anchors)


def test_every_table_can_be_shown_and_written(sections: list[Section], tmp_path: Path) -> None:
    tables = [t for section in sections for t in section.tables]
    assert all(t.on_page or t.in_workbook for t in tables)
    for shown in tables:
        found = page_table(shown)
        assert len(found.headings) == len(set(found.headings)) == len(shown.frame.columns)
        assert len(found.rows) == len(shown.frame) > 0
        assert not any("nan" in cell for row in found.rows for cell in row)
    write_workbook(tmp_path / "tables.xlsx", [t for t in tables if t.in_workbook])
    book = openpyxl.load_workbook(tmp_path / "tables.xlsx")
    assert book.sheetnames == [t.name for t in tables if t.in_workbook]
    kinds = {c.data_type for sheet in book for row in sheet.iter_rows() for c in row}
    assert "f" not in kinds  # no formula


def test_every_figure_has_title_unit_source_and_words(sections: list[Section]) -> None:
    pictures = [p for section in sections for p in section.pictures]
    assert pictures
    for picture in pictures:
        said = texts(picture.figure)
        assert picture.figure.axes[0].get_title(loc="left")
        assert "Made up for <tests>" in said
        assert "Travel times: partly estimated" in said
        assert re.search(r"minutes by car|%\)|Cases a year", said)
        assert len(picture.alt) > 20
        for kind in ("png", "svg"):
            picture.figure.savefig(io.BytesIO(), format=kind)


def test_no_sentence_has_a_number_that_is_none(sections: list[Section]) -> None:
    said = [s for section in sections for s in section.sentences]
    assert said
    assert not [s for s in said if "nan" in s or "none minutes" in s or not s.endswith(".")]


def test_names_are_written_as_they_are() -> None:
    found = flows(change(square_region()))
    said = texts(found.pictures[0].figure)
    assert SCRIPT in said
    assert "$$x$$" in said
    assert not any(
        label.get_parse_math()
        for axes in found.pictures[0].figure.axes[:1]
        for label in (*axes.get_xticklabels(), *axes.get_yticklabels())
    )


def test_access_is_that_of_the_appraisal() -> None:
    found = change(square_region())
    section = access(found)
    for word, appraisal in (("before", found.before), ("after", found.after)):
        shown = column(section, "Access by district", f"Mean journey, {word}")
        assert shown.to_dict() == appraisal.by["district"]["mean_minutes"].to_dict()
        everybody = column(section, "Access, everybody", word.capitalize())
        assert everybody["Longest journey"] == appraisal.measures["max_minutes"]


def test_a_region_says_whether_the_fringe_is_counted() -> None:
    region = square_region()
    zones = region.zones.assign(
        catchment=["fringe" if d == "@west" else "core" for d in region.zones["district"]]
    )
    catchments = {"inner": ("core",), "with-fringe": ("core", "fringe")}
    whole = replace(region, zones=zones, catchments=catchments)
    wide = access(change(whole.for_catchment("with-fringe")))
    assert set(column(wide, "Access by catchment", "Cases a year").index) == {"core", "fringe"}
    narrow = access(change(whole.for_catchment("inner")))
    assert "Access by catchment" not in [t.name for t in narrow.tables]
    assert any("catchment with-fringe" in s for s in narrow.sentences)
    assert any("names no fringe" in s for s in access(change(region)).sentences)


def test_a_column_of_many_groups_is_in_the_workbook_and_the_page_says_so(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    found = change(square_region())
    fifths = len(set(found.before.region.zones["deprivation_fifth"]))
    module = importlib.import_module("reconfig.report.sections.access")
    monkeypatch.setattr(module, "MOST_ON_PAGE", fifths - 1)
    section = access(found)
    assert table(section, "Journeys by district").on_page
    assert "Journeys by deprivation fifth" not in [t.name for t in section.tables]
    assert len(table(section, "Access by deprivation fifth").frame) == fifths
    assert any("'Access by deprivation fifth' of the workbook" in s for s in section.sentences)


def test_flows_hold_everybody_and_displaced_those_who_move() -> None:
    found = change(with_columns())
    section = flows(found)
    matrix = table(section, "From site to site").frame.set_index("From")
    assert matrix.to_numpy(float).sum() == pytest.approx(found.rows["cases"].sum())
    moved = table(section, "Displaced").frame["Cases a year that leave"].sum()
    assert moved == pytest.approx(found.moved["cases"].sum())
    neighbours = table(section, "Neighbours").frame["Cases a year after"].sum()
    assert neighbours == pytest.approx(found.after.measures["neighbour_cases"])


def test_sites_that_would_have_too_many_are_named() -> None:
    section = flows(change(with_columns()))
    assert any(SCRIPT in s and "too many" in s for s in section.sentences)
    assert column(section, "Capacity", "Room left, cases a year")[SCRIPT] < 0
    assert column(section, "Capacity", "Said by")[SCRIPT] == "Beds as cases"


def test_without_capacities_the_page_says_how_to_give_them() -> None:
    solution = solved()
    found = change(square_region())
    assert any("rc.beds_to_cases" in s for s in flows(found, solution=solution).sentences)
    asked = replace(solution, problem=solution.problem.having(capacity({"A": 1e6})))
    section = flows(found, solution=asked)
    assert table(section, "Capacity").frame["Can take, cases a year"].tolist() == [1e6]
    assert any("No site of which the capacity is known" in s for s in section.sentences)


def test_equality_speaks_of_what_the_region_has_and_names_what_it_lacks() -> None:
    rich = equality(change(with_columns()))
    said = " ".join(rich.sentences)
    assert "People of 75 and over: their mean journey" in said
    assert "concentration index" in said
    assert "Equality by rural urban" in [t.name for t in rich.tables]
    poor = equality(KINDS["no groups"]())
    said = " ".join(poor.sentences)
    for missing in ("no column of deprivation", "do not say how old", "which zones are rural"):
        assert missing in said
    assert [t.name for t in poor.tables] == []


def test_every_district_and_trust_has_a_page_with_its_people_and_its_sites() -> None:
    found = change(with_columns())
    section = bodies(found)
    pages = {
        part.title: Section(part.id, part.title, part.blocks) for part in parts(section.blocks)
    }
    assert sorted(pages) == sorted(
        ["District: @west", "District: East & <b>bold</b>", f"Trust: {SCRIPT}", f"Trust: {FORMULA}"]
    )
    west = pages["District: @west"]
    go = next(t for t in west.tables if "Treated at" in t.frame).frame
    own = found.rows[(found.before.region.zones["district"] == "@west").to_numpy()]
    assert go["Cases a year after"].sum() == pytest.approx(own["cases"].sum())
    # By their coordinates site A and the neighbour stand in the west; C, of A's trust, in the east.
    sites = next(t for t in west.tables if "State after" in t.frame).frame
    assert sites["Site"].tolist() == [SCRIPT, "Nettle & Sons"]
    trust = pages[f"Trust: {SCRIPT}"]
    states = next(t for t in trust.tables if "State after" in t.frame).frame
    assert states["State after"].tolist() == ["open", "closed"]
    assert any("Nettle & Sons" in s and "no trust's page" in s for s in section.sentences)


def test_every_site_of_greater_manchester_is_on_the_page_of_one_district() -> None:
    region = load_region("greater-manchester")
    service = region.service("emergency-surgery")
    today = region.today(service)
    section = bodies(compare(today, today, region=region, service=service))
    pages = [part for part in parts(section.blocks) if part.title.startswith("District: ")]
    assert len(pages) == region.zones["district"].nunique()
    tables = [t for part in pages for t in Section(part.id, part.title, part.blocks).tables]
    named = [name for t in tables if "State after" in t.frame for name in t.frame["Site"]]
    assert sorted(named) == sorted(region.site_names(service.candidates))


def test_people_of_all_trusts_are_those_whom_their_sites_treat() -> None:
    found = change(with_columns())
    frame = table(bodies(found), "People by trust").frame
    volumes = found.before.volumes
    assert frame["Cases a year"].sum() == pytest.approx(volumes[["A", "B", "C"]].sum())


def test_more_bodies_than_pages_are_in_the_workbook(monkeypatch: pytest.MonkeyPatch) -> None:
    module = importlib.import_module("reconfig.report.sections.bodies")
    monkeypatch.setattr(module, "MOST_BODIES", 1)
    section = bodies(change(square_region()))
    assert parts(section.blocks) == []
    assert any("'People by district'" in s for s in section.sentences)
    assert len(table(section, "People by district").frame) == 2


def test_names_of_anchors_and_tables_stay_apart() -> None:
    taken: set[str] = set()
    assert [slug(text, taken) for text in ("A b", "a-B", "<>", "éé")] == [
        "a-b",
        "a-b-2",
        "part",
        "part-2",
    ]
    names = {table_name("x" * 40, taken) for _ in range(3)}
    assert len(names) == 3
    assert {len(name) for name in names} == {31}


def test_the_table_of_a_body_does_not_say_that_it_is_of_all_cases() -> None:
    shown = bodies(change(with_columns()))._repr_html_()
    assert "Access before and after, over the cases of" in shown
    assert "over all cases" not in shown


def test_a_column_named_after_a_site_says_what_it_counts() -> None:
    matrix = table(flows(change(with_columns())), "From site to site")
    of_sites = [c for c in matrix.frame.columns if c not in ("From", "Travel times")]
    assert of_sites
    assert all("cases a year" in matrix.heading(c).lower() for c in of_sites)
