"""Workbook and CSV files."""

from __future__ import annotations

import csv
from dataclasses import replace
from pathlib import Path

import openpyxl
import pandas as pd
import pytest

import reconfig as rc
from reconfig.appraise import Comparison, compare
from reconfig.report.tables import (
    CASES,
    Table,
    flows_table,
    frontier_table,
    gains_tables,
    lives_table,
    measures_table,
    sites_table,
    with_times_label,
    zones_table,
)
from reconfig.report.workbook import write_csv, write_workbook
from tests.unit.report.places import FORMULA, TwoPoints, solved, square_region

NASTY = ["=1+1", "+1", "-1", "@SUM(A1)", "fine"]


def comparison() -> Comparison:
    """Return today against two sites."""
    solution = solved()
    return compare(solution.problem.region.today(solution.problem.service), solution)


def test_text_that_looks_like_a_formula_stays_text_in_excel(tmp_path: Path) -> None:
    write_workbook(tmp_path / "t.xlsx", [Table("T", "", pd.DataFrame({"=A1": NASTY}))])
    sheet = openpyxl.load_workbook(tmp_path / "t.xlsx")["T"]
    cells = [cell for row in sheet.iter_rows() for cell in row]
    assert [cell.value for cell in cells] == ["=A1", *NASTY]
    assert {cell.data_type for cell in cells} == {"s"}
    assert [bool(cell.quotePrefix) for cell in cells] == [True] * 5 + [False]


def test_text_that_looks_like_a_formula_is_defused_in_csv(tmp_path: Path) -> None:
    frame = pd.DataFrame({"text": NASTY, "number": [-1.5] * 5})
    write_csv(tmp_path / "csv", [Table("T", "", frame)])
    with (tmp_path / "csv" / "t.csv").open(encoding="utf-8-sig", newline="") as stream:
        rows = list(csv.reader(stream))
    assert [row[0] for row in rows[1:]] == ["'=1+1", "'+1", "'-1", "'@SUM(A1)", "fine"]
    assert rows[1][1] == "-1.5"


def test_csv_files_open_as_utf8_in_excel(tmp_path: Path) -> None:
    write_csv(tmp_path / "csv", [Table("Ä", "", pd.DataFrame({"name": ["Ysbyty Gwynedd â"]}))])
    (file,) = (tmp_path / "csv").iterdir()
    assert file.read_bytes().startswith(b"\xef\xbb\xbf")


def test_headings_are_bold_frozen_and_carry_units(tmp_path: Path) -> None:
    write_workbook(tmp_path / "t.xlsx", [zones_table(comparison())])
    sheet = openpyxl.load_workbook(tmp_path / "t.xlsx")["Zones"]
    head = [cell.value for cell in sheet[1]]
    assert head == [
        "Zone id",
        "Name",
        "District",
        "Deprivation fifth",
        "Site before",
        "Site id before",
        "Times before",
        "Site after",
        "Site id after",
        "Times after",
        "Minutes before (minutes)",
        "Minutes after (minutes)",
        "Minutes change (minutes)",
    ]
    assert sheet.freeze_panes == "A2"
    assert all(cell.font.bold for cell in sheet[1])
    assert sheet["K2"].number_format == "0.0"


def test_every_sheet_can_be_filtered_by_its_headings(tmp_path: Path) -> None:
    write_workbook(tmp_path / "t.xlsx", [Table("T", "", pd.DataFrame({"a": [1, 2], "b": [3, 4]}))])
    assert openpyxl.load_workbook(tmp_path / "t.xlsx")["T"].auto_filter.ref == "A1:B3"


@pytest.mark.parametrize(
    "names", [["a/b:c*?[x]", "A b c", "a b c"], ["x" * 40, "x" * 41], ["", ""]]
)
def test_any_names_make_legal_and_distinct_sheets(tmp_path: Path, names: list[str]) -> None:
    tables = [Table(name, "", pd.DataFrame({"a": [1]})) for name in names]
    write_workbook(tmp_path / "t.xlsx", tables)
    write_csv(tmp_path / "csv", tables)
    sheets = openpyxl.load_workbook(tmp_path / "t.xlsx").sheetnames
    assert len({s.lower() for s in sheets}) == len(names)
    assert max(map(len, sheets)) <= 31
    assert len(list((tmp_path / "csv").iterdir())) == len(names)


def test_characters_that_excel_cannot_hold_are_left_out(tmp_path: Path) -> None:
    write_workbook(tmp_path / "t.xlsx", [Table("T", "", pd.DataFrame({"a": ["bell\x07"]}))])
    assert openpyxl.load_workbook(tmp_path / "t.xlsx")["T"]["A2"].value == "bell"


def test_measures_are_those_of_the_appraisal() -> None:
    found = comparison()
    frame = measures_table(found).frame.set_index("Measure")
    assert frame.loc["Mean journey", "Before"] == found.before.measures["mean_minutes"]
    assert frame.loc["Mean journey", "After"] == found.after.measures["mean_minutes"]
    assert found.after.lives is not None
    assert frame.loc["Lives saved", "After"] == found.after.lives.central


def test_gains_by_group_leave_out_lives_which_have_no_interval_there() -> None:
    assert gains_tables(comparison()) == []


def test_gains_by_group_add_up_to_the_gain_of_all() -> None:
    region = rc.load_region("greater-manchester")
    service = region.service("stroke-times")
    one = rc.Configuration.of(service.id, service.candidates[:3])
    found = rc.compare(region.today(service), one, region=region, service=service)
    tables = gains_tables(found)
    assert [table.name for table in tables] == ["Gains by district", "Gains by deprivation fifth"]
    for table in tables:
        total = table.frame["Quality-adjusted life years gained, after"].sum()
        assert total == pytest.approx(found.after.measures["qalys"])


def test_volumes_by_site_add_up_to_all_cases_before_and_after() -> None:
    frame = sites_table(comparison()).frame
    for word in ("before", "after"):
        assert frame[f"Cases a year {word}"].sum() == pytest.approx(36 * 10 + 35 * 18)
    state = frame.set_index("Site id")["State after"]
    assert list(state[["A", "C", "N"]]) == ["open", "closed", "neighbour, open"]


def test_every_zone_says_how_its_times_are_known() -> None:
    frame = zones_table(comparison()).frame
    for word in ("before", "after"):
        known = dict(zip(frame[f"Site id {word}"], frame[f"Times {word}"], strict=True))
        assert known["A"] == "observed"
        assert known["B"] == "estimated"


def test_a_table_with_the_times_of_each_site_gets_no_label_for_all() -> None:
    found = comparison()
    sites, flows = sites_table(found), flows_table(found)
    assert with_times_label(sites, "observed") is sites
    labelled = with_times_label(flows, "observed").frame
    assert labelled.columns[-1] == "Travel times"
    assert set(labelled["Travel times"]) == {"observed"}


def test_a_proposed_site_that_is_not_open_is_not_called_closed() -> None:
    solution = solved(square_region(proposed=("C",)))
    found = compare(solution.problem.region.today(solution.problem.service), solution)
    frame = sites_table(found).frame.set_index("Site id")
    assert list(frame.loc["C", ["State before", "State after"]]) == ["proposed", "proposed"]


def test_a_trade_off_that_is_not_complete_says_so() -> None:
    whole = TwoPoints()
    assert "Not complete" not in frontier_table(whole, square_region()).caption
    cut = TwoPoints()
    cut.unfinished = (2, 4)
    caption = frontier_table(cut, square_region()).caption
    assert "Not complete: stopped early for 2 and 4 sites" in caption


def test_flows_start_at_the_closing_site() -> None:
    frame = flows_table(comparison()).frame
    assert set(frame["From"]) == {"$$x$$"}
    assert FORMULA in set(frame["To"])
    assert list(frame["Cases a year"]) == sorted(frame["Cases a year"], reverse=True)


def test_zones_never_show_their_cases() -> None:
    assert not any("ases" in str(column) for column in zones_table(comparison()).frame.columns)


def test_lives_saved_have_a_table_with_all_that_qualifies_them() -> None:
    table = lives_table(comparison())
    assert table is not None
    said = table.frame["Estimate"].to_list()
    for words in ("95 % interval", "baseline (no care at all)", "no gain or of harm", "hubs"):
        assert any(words in text for text in said)
    assert len(table.row_units) == len(table.frame)
    plain = comparison()
    nothing = replace(plain, after=replace(plain.after, lives=None))
    assert lives_table(nothing) is None


def test_a_heading_has_its_unit_unless_its_own_words_say_it() -> None:
    columns = ["Cases a year", "Smallest volume", "Oldham"]
    table = Table("T", "t", pd.DataFrame(columns=columns), dict.fromkeys(columns, CASES))
    assert [table.heading(column) for column in columns] == [
        "Cases a year",
        f"Smallest volume ({CASES})",
        f"Oldham ({CASES})",
    ]
