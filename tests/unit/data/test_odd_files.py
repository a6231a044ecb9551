"""Files as Excel, Windows and haste leave them: read as meant, or refused in plain words."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pytest

from reconfig.core import Faults, Region
from reconfig.data import load_region
from reconfig.data.tables import read_table
from reconfig.data.toml_file import TomlFile
from tests.unit.data.folders import CAR, FILES, SITES, TOML, ZONES, faults_of, the_fault, write

TABLES = ("zones.csv", "sites.csv", "travel_times/car.csv")


def same(one: Region, other: Region) -> bool:
    """Say whether two regions hold the same data."""
    return (
        one.zones.equals(other.zones)
        and one.sites.equals(other.sites)
        and all(t.equals(other.travel_times[m]) for m, t in one.travel_times.items())
        and (one.name, one.crs, one.catchments, one.catchment, one.sources)
        == (other.name, other.crs, other.catchments, other.catchment, other.sources)
    )


HARMLESS: dict[str, Callable[[str], bytes]] = {
    "a byte order mark": lambda text: b"\xef\xbb\xbf" + text.encode(),
    "Windows line ends": lambda text: text.replace("\n", "\r\n").encode(),
    "old Mac line ends": lambda text: text.replace("\n", "\r").encode(),
    "no line break at the end": lambda text: text.removesuffix("\n").encode(),
    "blank lines": lambda text: (text + "\n\n").encode(),
    "blank lines between": lambda text: text.replace("\n", "\n\n").encode(),
}
HARMLESS_TO_TABLES: dict[str, Callable[[str], str]] = {
    "rows of commas": lambda text: text + ",,\n,,,,,\n",
    "columns of commas": lambda text: text.replace("\n", ",,,\n"),
    "blank cells beyond the header": lambda text: text.replace("\n", ", ,\n").replace(", ,", "", 1),
    "spaces around cells": lambda text: text.replace(",", " , "),
    "quotes around ids": lambda text: re.sub(r"(?m)^(\w+)", r'"\1"', text),
}


@pytest.mark.parametrize("odd", HARMLESS)
def test_what_editors_do_to_any_file_changes_nothing(tmp_path: Path, odd: str) -> None:
    files = {name: HARMLESS[odd](text) for name, text in FILES.items()}
    good = load_region(write(tmp_path / "good"))
    assert same(load_region(write(tmp_path / "odd", files)), good)


@pytest.mark.parametrize("odd", HARMLESS_TO_TABLES)
def test_what_excel_does_to_tables_changes_nothing(tmp_path: Path, odd: str) -> None:
    files = {name: HARMLESS_TO_TABLES[odd](FILES[name]) for name in TABLES}
    good = load_region(write(tmp_path / "good"))
    assert same(load_region(write(tmp_path / "odd", files)), good)


@pytest.mark.parametrize("name", TABLES)
@pytest.mark.parametrize(
    ("odd", "said"),
    [
        (lambda t: t.replace(",", ";").encode(), "line 1: columns separated by semicolons or tabs"),
        (
            lambda t: t.replace(",", "\t").encode(),
            "line 1: columns separated by semicolons or tabs",
        ),
        (lambda t: b"PK\x03\x04" + t.encode(), "an Excel workbook, whatever its name says"),
        (lambda t: b"\xd0\xcf\x11\xe0" + t.encode(), "an Excel workbook"),
        (lambda t: t.encode("utf-16"), "not text in UTF-8"),
        (
            lambda t: t.replace("\n", "\n\xe9", 1).encode("latin-1"),
            "line 2: a character that is not",
        ),
        (lambda t: b"\x00" * 100, "not text in UTF-8"),
        (lambda t: b",,,\n,,,\n", "nothing but blanks and commas"),
        (lambda t: t.split("\n")[0].encode() + b"\n", "no rows below the header"),
        (lambda t: ("x" * 200_000 + "," + t).encode(), "a quotation mark out of place|header"),
    ],
)
def test_a_file_of_another_kind_is_one_fault_in_plain_words(
    tmp_path: Path, name: str, odd: Callable[[str], bytes], said: str
) -> None:
    message = the_fault(write(tmp_path, {name: odd(FILES[name])}))
    assert message.startswith(name)
    assert re.search(said, message)


def test_a_column_with_values_but_no_name_is_refused(tmp_path: Path) -> None:
    text = ZONES.replace(",cases", ",cases,").replace(",10\n", ",10,x\n")
    text = re.sub(r"(?m)(,[234]0)$", r"\1,", text)
    assert "zones.csv, header: column 6 has no name" in the_fault(
        write(tmp_path, {"zones.csv": text})
    )


def test_ids_are_text_with_their_zeros_and_without_stray_spaces(tmp_path: Path) -> None:
    swap = {"z1": "001", "z2": "002", "z3": " 10 ", "z4": "1e3"}
    files = {}
    for name in ("zones.csv", "travel_times/car.csv"):
        text = FILES[name]
        for old, new in swap.items():
            text = text.replace(f"{old},", f"{new},")
        files[name] = text
    region = load_region(write(tmp_path, files))
    assert list(region.zones.index) == ["001", "002", "10", "1e3"]
    assert list(region.minutes().index) == ["001", "002", "10", "1e3"]


def test_zeros_that_excel_took_from_ids_are_pointed_out(tmp_path: Path) -> None:
    files = {
        "zones.csv": re.sub(r"(?m)^z", "00", ZONES).replace("00one_id", "zone_id"),
        "travel_times/car.csv": re.sub(r"(?m)^z(?=\d)", "", CAR),
    }
    for fault in faults_of(write(tmp_path, files)):
        assert "Leading zeros seem to be lost" in str(fault)


@pytest.mark.parametrize(
    "values",
    [
        ["1 most deprived", "2", "3", "4 least deprived"],
        ["1 - most", "2", "2", "3 (least)"],
        ["001", "002", "003", "004"],
        ["A1", "2", "B3", "4"],
        ["2019/20", "2020/21", "2021/22", "2022/23"],
    ],
)
def test_a_column_of_labels_that_are_mostly_digits_stays_text(
    tmp_path: Path, values: list[str]
) -> None:
    head, *rows = ZONES.splitlines()
    text = "\n".join([f"{head},fifth", *(f"{r},{v}" for r, v in zip(rows, values, strict=True))])
    region = load_region(write(tmp_path, {"zones.csv": text + "\n"}))
    assert region.zones["fifth"].tolist() == values
    assert "fifth" in region.groups


def test_a_decile_column_is_one_of_numbers(tmp_path: Path) -> None:
    text = re.sub(r"(?m)^(z\d.*)$", r"\1,7", ZONES).replace(",cases", ",cases,imd_decile")
    region = load_region(write(tmp_path, {"zones.csv": text}))
    assert region.zones["imd_decile"].tolist() == [7.0] * 4


def test_longitudes_beside_eastings_may_be_negative(tmp_path: Path) -> None:
    text = re.sub(r"(?m)^(z\d.*)$", r"\1,-2.5", ZONES).replace(",cases", ",cases,LONG")
    assert load_region(write(tmp_path, {"zones.csv": text})).zones["LONG"].tolist() == [-2.5] * 4


def test_names_with_commas_and_line_breaks_in_quotes_are_kept(tmp_path: Path) -> None:
    text = SITES.replace("Alder", '"Alder, St ""A""\nNorth"')
    region = load_region(write(tmp_path, {"sites.csv": text}))
    assert region.sites.loc["A", "name"] == 'Alder, St "A"\nNorth'


def test_a_row_is_named_by_its_line_in_an_editor(tmp_path: Path) -> None:
    text = ZONES.replace("z3,", "\nz3,").replace(",40\n", ",forty\n")
    assert "line 6 (z4)" in the_fault(write(tmp_path, {"zones.csv": text}))


def test_a_table_is_read_as_text_by_lines(tmp_path: Path) -> None:
    path = tmp_path / "t.csv"
    path.write_text("a,b\n01,x\n\n2,\n")
    faults = Faults()
    table = read_table(path, "a", faults)
    assert not faults
    assert table is not None
    expected = pd.DataFrame({"a": ["01", "2"], "b": ["x", ""]}, index=["line 2", "line 4"])
    pd.testing.assert_frame_equal(table, expected, check_names=False, check_index_type=False)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("a = 1\n\na = 2\n", "a key is given twice"),
        ("[a]\nb = 1\n[a]\n", "line 3: a table is given twice"),
        ("[[a]]\n[a]\n", "line 2: a table is given twice, or once as"),
        ("a = [1, 2", "last line: "),
        ("a = {b = 1", "last line: a bracket without its pair"),
        ('a = "x', "last line: a quotation mark without its pair"),
        ("a =\n", "line 1: a value that is neither"),
        ("a 1\n", "line 1: a key without ="),
        ('a = "C:\\data"\n', "line 1: a backslash in a text"),
        ("a = " + "[" * 5000, "not TOML"),
        ("a = " + "9" * 5000, "not TOML"),
    ],
)
def test_a_broken_toml_file_is_one_fault_with_its_line(
    tmp_path: Path, text: str, said: str
) -> None:
    path = tmp_path / "x.toml"
    path.write_text(text)
    faults = Faults()
    assert TomlFile.read(path, faults) is None
    assert len(faults.found) == 1
    assert str(faults.found[0]).startswith("x.toml, ")
    assert said in str(faults.found[0])


def test_a_key_is_found_on_its_line(tmp_path: Path) -> None:
    path = tmp_path / "x.toml"
    path.write_text(
        '# open = 3\nname = "open"\n\n[[service]]\nid = "a"\nopen = {at_most = 1}\n'
        '[[limit]]\nmeasure = "m"\n[[limit]]\n  "measure" = "n"\n[objective.then]\nminimise = "x"\n'
    )
    faults = Faults()
    file = TomlFile.read(path, faults)
    assert file is not None
    assert file.place(("service", 0, "open")) == "line 6, service, open"
    assert file.place(("service", 0, "open", "at_most")) == "line 6, service, open, at_most"
    assert file.place(("service", 0, "keep")) == "line 4, service, keep"
    assert file.place(("limit", 1, "measure")) == "line 10, limit 2, measure"
    assert file.place(("limit", 0)) == "line 7, limit 1"
    assert file.place(("objective", "then", "minimise")) == "line 12, objective, then, minimise"
    assert file.place(("solve",)) == "solve"
    assert file.place(()) == "top level"


def test_the_toml_of_a_region_may_have_comments_and_dotted_keys(tmp_path: Path) -> None:
    text = f'# made by hand\n{TOML}crs = "EPSG:27700"  # the national grid\n'
    assert load_region(write(tmp_path, {"region.toml": text})).crs == "EPSG:27700"
