"""A region is a folder that anyone can make by hand, and every fault of it is told at once."""

from __future__ import annotations

import re
import time
from pathlib import Path

import pandas as pd
import pytest

from reconfig.core import InputError, InputWarning, Region
from reconfig.data import load_region
from tests.unit.data.folders import (
    CAR,
    FILES,
    RICH,
    RICH_TOML,
    SITES,
    TOML,
    ZONES,
    faults_of,
    the_fault,
    write,
)


def test_a_folder_made_by_hand_is_a_region(tmp_path: Path) -> None:
    region = load_region(write(tmp_path))
    assert region.name == "Small"
    assert region.zones["cases"].to_dict() == {"z1": 10.0, "z2": 20.0, "z3": 30.0, "z4": 40.0}
    assert region.minutes().loc["z4"].to_dict() == {"A": 38.5, "B": 14.5, "N": 12.5}
    assert region.sites["in_scope"].to_dict() == {"A": True, "B": True, "N": False}
    assert set(region.sites["time_kind"]) == {"as supplied"}
    assert region.sites["time_error_minutes"].isna().all()
    assert region.crs == "EPSG:27700"
    assert set(region.sha256) == {"region.toml", "zones.csv", "sites.csv", "travel_times/car.csv"}


def test_only_name_ids_one_table_and_one_demand_column_are_needed(tmp_path: Path) -> None:
    files = {
        "zones.csv": "zone_id,cases\nz1,1\nz2,2\n",
        "sites.csv": "site_id\nA\nB\n",
        "travel_times/car.csv": "zone_id,A,B\nz1,1,2\nz2,3,4\n",
    }
    region = load_region(write(tmp_path, files))
    assert region.crs is None
    assert region.sites["name"].tolist() == ["A", "B"]
    assert region.sites["in_scope"].all()
    assert region.define_service("stroke", demand="cases").cases_per_year == 3.0


def test_rows_and_columns_may_come_in_any_order(tmp_path: Path) -> None:
    head, *rows = CAR.splitlines()
    backwards = "\n".join([head, *reversed(rows)]) + "\n"
    turned = pd.DataFrame([r.split(",") for r in backwards.splitlines()])[[0, 3, 1, 2]]
    text = turned.to_csv(index=False, header=False)
    region = load_region(write(tmp_path, {"travel_times/car.csv": text}))
    pd.testing.assert_frame_equal(region.minutes(), load_region(write(tmp_path / "good")).minutes())


def test_a_missing_entry_that_is_real_is_written_unreachable(tmp_path: Path) -> None:
    region = load_region(
        write(tmp_path, {"travel_times/car.csv": CAR.replace("50.5", "Unreachable")})
    )
    assert region.minutes().isna().to_numpy().sum() == 1
    assert region.minutes()["N"].isna().tolist() == [True, False, False, False]


# What is done to the good folder: file, text there, text instead; and what is said about it.
ONE_FAULT = {
    "a blank zone id": ("zones.csv", "z2,", ",", r"zones.csv, line 3: blank zone_id"),
    "a zone id twice": ("zones.csv", "z2,", "z1,", r"line 2, line 3: zone_id 'z1' more than once"),
    "a site id twice": ("sites.csv", "B,", "A,", r"sites.csv, line 2, line 3: site_id 'A'"),
    "blank minutes": ("travel_times/car.csv", "30.5", "", r"car.csv, column 'B', line 2 \(z1\)"),
    "NaN minutes": ("travel_times/car.csv", "30.5", "NaN", r"not a plain number \('NaN'\)"),
    "infinite": ("travel_times/car.csv", "30.5", "inf", r"\('inf'\).*Write 'unreachable'"),
    "too large": ("travel_times/car.csv", "30.5", "1e999", r"infinite"),
    "negative": ("travel_times/car.csv", "30.5", "-3", r"negative \('-3'\); expected minutes"),
    "text": ("travel_times/car.csv", "30.5", "half", r"not a plain number \('half'\)"),
    "a unit": ("travel_times/car.csv", "30.5", "30.5 min", r"not a plain number \('30.5 min'\)"),
    "a thousand": ("travel_times/car.csv", "30.5", '"1,234"', r"Write 1234 rather than 1,234"),
    "hexadecimal": ("travel_times/car.csv", "30.5", "0x1F", r"not a plain number \('0x1F'\)"),
    "underscore": ("travel_times/car.csv", "30.5", "3_0", r"not a plain number \('3_0'\)"),
    "yes for a number": ("travel_times/car.csv", "30.5", "True", r"not a plain number"),
    "stranded zone": (
        "travel_times/car.csv",
        "5.5,30.5,50.5",
        "unreachable,unreachable,unreachable",
        r"car.csv, line 2 \(z1\): no site can be reached",
    ),
    "no row for a zone": (
        "travel_times/car.csv",
        "z4,38.5,14.5,12.5\n",
        "",
        r"no row for 1 zones: z4",
    ),
    "an extra zone": (
        "zones.csv",
        "z4,south,396000,390000,40\n",
        "",
        r"car.csv, rows: 1 zones that are not in zones.csv: z4",
    ),
    "an extra column": (
        "sites.csv",
        "N,Nettle,400000,385000,no\n",
        "",
        r"column 'N': no such site",
    ),
    "a blank demand": ("zones.csv", ",20\n", ",\n", r"column 'cases', line 3 \(z2\): blank"),
    "a demand in words": ("zones.csv", ",20\n", ",twenty\n", r"not a plain number \('twenty'\)"),
    "negative cases": ("zones.csv", ",20\n", ",-20\n", r"column 'cases', .* negative \('-20'\)"),
    "cases in thousands": ("zones.csv", ",20\n", ',"1,020"\n', r"in Excel choose .* General"),
    "perhaps in scope": ("sites.csv", ",no\n", ",perhaps\n", r"'perhaps'; expected yes or no"),
    "blank in scope": ("sites.csv", ",no\n", ",\n", r"column 'in_scope', line 4 \(N\): blank"),
    "nothing in scope": ("sites.csv", "yes", "no", r"no site in scope"),
    "scope misspelt": ("sites.csv", "in_scope", "In scope", r"Did you mean 'in_scope'\?"),
    "no zone_id": ("zones.csv", "zone_id", "LSOA", r"zones.csv, header: no column 'zone_id'"),
    "zone_id otherwise": ("zones.csv", "zone_id", "ZoneID", r"Did you mean 'ZoneID'\?"),
    "header twice": ("zones.csv", "district", "cases", r"column 'cases' more than once"),
    "only easting": ("zones.csv", "northing", "height", r"only column 'easting'"),
    "one coordinate missing": ("sites.csv", "391000", "", r"column 'easting', line 3 \(B\): blank"),
    "an unclosed quote": ("zones.csv", "z3,", '"z3,', r"zones.csv, line 5: a quotation mark"),
    "a row cut short": (
        "zones.csv",
        ",390000,40\n",
        "\n",
        r"zones.csv, line 5: 3 cells; expected 5",
    ),
    "no name": ("region.toml", "name", "# name", r"region.toml, top level: no 'name'"),
    "a name of number": ("region.toml", '"Small"', "7", r"line 1, name: name = 7; expected a text"),
    "unknown key": ("region.toml", "\n", '\ncsr = "x"\n', r"line 2, csr: .* Did you mean 'crs'\?"),
    "crs as a number": ("region.toml", "\n", "\ncrs = 27700\n", r'such as "EPSG:27700"'),
    "unknown crs": ("region.toml", "\n", '\ncrs = "banana"\n', r"line 2, crs: 'banana'"),
    "services as text": ("region.toml", "\n", '\nservices = "stroke"\n', r"Write square brackets"),
    "unknown service": ("region.toml", "\n", '\nservices = ["strok"]\n', r"Did you mean 'stroke'"),
    "mode without table": ("region.toml", "\n", '\ndefault_mode = "bus"\n', r"'bus' has no table"),
    "network as number": ("region.toml", "\n", "\nnetwork = 3\n", r"expected a table"),
    "no licence": ("region.toml", "\n", '\n[[sources]]\nwhat = "x"\n', r"line 2, sources: no 'lic"),
    "one source": ("region.toml", "\n", '\n[sources]\nwhat = "x"\n', r"double brackets"),
    "key twice": ("region.toml", "\n", '\nname = "Big"\n', r"a key is given twice"),
    "TOML cut": ("region.toml", 'll"\n', "", r"region.toml, last line: a quotation mark without"),
    "TOML of another kind": ("region.toml", "name =", "name:", r"region.toml, line 1"),
    "TOML bare word": ("region.toml", '"Small"', "yes", r"neither a number, a text in quotes"),
    "a catchment without column": (
        "region.toml",
        "\n",
        '\n[catchments]\ninner = ["in"]\n',
        r"zones.csv, header: no column 'catchment'",
    ),
}


@pytest.mark.parametrize(("file", "good", "bad", "said"), ONE_FAULT.values(), ids=ONE_FAULT.keys())
def test_one_fault_gives_one_message_with_file_and_place(
    tmp_path: Path, file: str, good: str, bad: str, said: str
) -> None:
    assert good in FILES[file]
    folder = write(tmp_path, {file: FILES[file].replace(good, bad)})
    message = the_fault(folder)
    assert re.search(said, message), message


def test_all_faults_of_all_files_come_in_one_go(tmp_path: Path) -> None:
    files = {
        "region.toml": 'name = "Small"\ncsr = "EPSG:27700"\nservices = ["strok"]\n',
        "zones.csv": ZONES.replace("z2,", "z1,").replace(",30\n", ",thirty\n"),
        "sites.csv": SITES.replace(",no\n", ",maybe\n"),
        "travel_times/car.csv": CAR.replace("30.5", "-1").replace(
            "38.5,14.5,12.5", "unreachable,unreachable,unreachable"
        ),
        "travel_times/bus.csv": CAR.replace("5.5", "quick"),
    }
    text = "\n".join(str(f) for f in faults_of(write(tmp_path, files)))
    for said in (
        "unknown key 'csr'",
        "'strok'",
        "zone_id 'z1' more than once",
        "'thirty'",
        "'maybe'",
        "negative ('-1')",
        "no site can be reached",
        "bus.csv, column 'A', line 2 (z1): not a plain number ('quick')",
    ):
        assert said in text
    assert "bus.csv" in text
    assert "car.csv" in text


@pytest.mark.parametrize("name", ["region.toml", "zones.csv", "sites.csv", "travel_times/car.csv"])
@pytest.mark.parametrize("content", [b"", b"\n \n", None])
def test_an_empty_or_missing_file_is_one_fault(
    tmp_path: Path, name: str, content: bytes | None
) -> None:
    folder = write(tmp_path, {name: content or b""})
    if content is None:
        (folder / name).unlink()
    message = the_fault(folder)
    assert re.match(name.split("/")[0], message)
    assert (
        "empty" in message if content is not None else re.search("no such file|no travel", message)
    )


def test_a_file_by_another_name_is_pointed_out(tmp_path: Path) -> None:
    folder = write(tmp_path)
    (folder / "zones.csv").rename(folder / "Zones.csv")
    assert "Did you mean 'Zones.csv'?" in the_fault(folder)


def test_a_travel_time_table_of_another_kind_is_not_passed_over(tmp_path: Path) -> None:
    folder = write(tmp_path, {"travel_times/bus.xlsx": b"PK\x03\x04"})
    assert "bus.xlsx: a .xlsx file; expected one .csv file for each mode" in the_fault(folder)


@pytest.mark.parametrize("name", ["nowhere", "", "a\x00b", "x" * 5000])
def test_a_region_that_is_not_there_is_said_to_be_so(tmp_path: Path, name: str) -> None:
    with pytest.raises(InputError, match="no such region") as raised:
        load_region(name, relative_to=tmp_path)
    assert len(raised.value.faults) == 1


def test_a_misspelt_embedded_region_is_recognised() -> None:
    with pytest.raises(InputError, match="Did you mean 'greater-manchester'"):
        load_region("greater-mancester")


def test_a_file_in_place_of_a_region_folder_is_said_to_be_one(tmp_path: Path) -> None:
    folder = write(tmp_path)
    with pytest.raises(InputError, match="a file, as a path"):
        load_region(folder / "zones.csv")


def test_a_region_without_any_number_to_be_a_demand_is_refused(tmp_path: Path) -> None:
    text = "zone_id,district\nz1,n\nz2,n\nz3,s\nz4,s\n"
    assert "no column of numbers among district" in the_fault(write(tmp_path, {"zones.csv": text}))


def test_seconds_instead_of_minutes_are_warned_of(tmp_path: Path) -> None:
    table = pd.DataFrame([r.split(",") for r in CAR.splitlines()])
    table.iloc[1:, 1:] = (table.iloc[1:, 1:].astype(float) * 60).astype(str)
    text = table.to_csv(index=False, header=False)
    folder = write(tmp_path, {"travel_times/car.csv": text})
    with pytest.warns(InputWarning, match=r"car.csv: the median journey is 1,\d+ minutes.*seconds"):
        load_region(folder)


def test_who_counts_is_the_default_unless_another_is_asked_for(tmp_path: Path) -> None:
    folder = write(tmp_path, dict(RICH))
    assert list(load_region(folder).zones.index) == ["z1", "z2", "z3"]
    assert load_region(folder).catchment == "core"
    assert len(load_region(folder, catchment="wide").zones) == 4
    with pytest.raises(InputError, match="Did you mean 'wide'"):
        load_region(folder, catchment="wild")
    with pytest.raises(InputError, match="this one brings none"):
        load_region(write(tmp_path / "plain"), catchment="wide")
    with pytest.raises(InputError, match="'' is not there"):
        load_region(folder, catchment="")


@pytest.mark.parametrize(
    ("good", "bad", "said"),
    [
        ('default = "core"', 'default = "cor"', "catchments, default: 'cor'"),
        ('"rim"', '"rum"', "no zone has 'rum'.*Did you mean 'rim'"),
        ('core = ["core"]', 'core = "core"', "line 7, catchments, core.*list of texts"),
        ('core = ["core"]', "core = []", "catchments, core: no values"),
        ("[catchments]", "[catchment]", "Did you mean 'catchments'"),
        ("fixed_minutes = 2.5", "", "no 'fixed_minutes', though there is a network.csv"),
        ("fixed_minutes = 2.5", "fixed_minutes = nan", "fixed_minutes = nan; expected a number"),
        ("fixed_minutes = 2.5", "fixed_minutes = -1", "a number, 0 or more"),
        ("fixed_minutes = 2.5", "fixed_minute = 2.5", "Did you mean 'fixed_minutes'"),
        ("EPSG:27700", "EPSG:4326", "They look like metres"),
    ],
)
def test_catchments_and_network_of_region_toml_are_checked(
    tmp_path: Path, good: str, bad: str, said: str
) -> None:
    assert good in RICH_TOML
    folder = write(tmp_path, RICH | {"region.toml": RICH_TOML.replace(good, bad)})
    text = "\n".join(map(str, faults_of(folder)))
    assert re.search(said, text), text


def test_a_catchment_column_without_catchments_is_refused(tmp_path: Path) -> None:
    folder = write(tmp_path, RICH | {"region.toml": TOML + "[network]\nfixed_minutes = 0\n"})
    assert "no [catchments], though zones.csv has a column 'catchment'" in the_fault(folder)


def test_the_embedded_region_loads_within_two_seconds_of_work() -> None:
    load_region("greater-manchester")
    start = time.process_time()
    region = load_region("greater-manchester")
    assert time.process_time() - start < 2.0
    assert {"emergency-surgery", "stroke"} <= set(region.services)
    assert region.network is not None
    assert region.catchment == "greater-manchester"


def test_a_site_of_the_embedded_region_is_found_if_its_coordinates_are_swapped() -> None:
    region = load_region("greater-manchester", catchment="with-fringe")
    tables = {"car": region.minutes().astype(object).fillna("unreachable")}
    for site, (east, north) in region.sites[["easting", "northing"]].iterrows():
        if abs(east - north) < 20_000:
            continue  # swapped, it lies too near its own place to tell
        sites = region.sites.copy()
        sites.loc[site, ["easting", "northing"]] = [north, east]
        with pytest.raises(InputError, match=f"site {site}, .*seem to be swapped"):
            Region.from_tables(region.zones, sites, tables)
