"""The report folder: whole or not at all, and each of its files."""

from __future__ import annotations

import html
import json
import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import geopandas as gpd
import openpyxl
import pandas as pd
import pyogrio
import pytest

from reconfig.appraise import Comparison
from reconfig.appraise.grid import Grid
from reconfig.core import (
    Configuration,
    InputError,
    Problem,
    Solution,
    Status,
    keep,
    limit,
    minimise,
    open_sites,
)
from reconfig.report import contents, prepare_folder, report, write_result
from reconfig.report import write as write_module
from reconfig.report.explore.binary import packed
from reconfig.report.figures import new_figure
from reconfig.report.results import plain, sha256_of
from reconfig.report.sections.block import Part, Picture, Section
from reconfig.report.tables import Table
from reconfig.solve import solve
from tests.unit.report.places import SCRIPT, solved, square_region, surgery
from tests.unit.report.whole import with_frontier

FILES = ["manifest.json", "map.gpkg", "report.html", "result.json", "tables.xlsx"]
WITHOUT_MAPS = ["csv", *(name for name in FILES if not name.startswith("map."))]


def written(folder: Path, solution: Solution | None = None, **options: Any) -> Path:
    """Write the report of a solution against today; by default one without maps, to be quick."""
    chosen = solution or solved(square_region(coordinates=False, shapes=False))
    problem = chosen.problem
    return report(folder, problem.region.today(problem.service), chosen, **options)


def refuse_constants(name: str) -> None:
    """Fail on NaN and Infinity, which are not JSON."""
    raise AssertionError(name)


def read(folder: Path, name: str) -> Any:
    """Return a JSON file, read strictly."""
    return json.loads((folder / name).read_text(), parse_constant=refuse_constants)


def names(folder: Path) -> list[str]:
    """Return the names in a folder, hidden ones included; but for the folder of figures."""
    return sorted(path.name for path in folder.iterdir() if path.name != "figures")


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder with a report in it, frontier included."""
    place = tmp_path_factory.mktemp("reports") / "deep" / "ten-to-four"
    solution = solved()
    found = with_frontier(solution)
    said = {"scenario_text": "name = 'x'", "command": "reconfig run"}
    return written(place, solution, findings=found, **said)


def test_a_report_holds_every_file_and_nothing_else(folder: Path) -> None:
    assert names(folder) == ["csv", *FILES]
    assert names(folder.parent) == ["ten-to-four"]


def test_result_json_says_what_was_found_and_how_sure_it_is(folder: Path) -> None:
    result = read(folder, "result.json")
    assert result["status"] == "optimal"
    assert result["open"] == {"surgery": ["A", "B"]}
    assert (result["objective"], result["bound"], result["gap"]) == (40.0, 40.0, 0.0)
    assert result["before"]["open"] == {"surgery": ["A", "B", "C"]}
    assert result["stages"][0]["measure"] == "lives_saved"
    assert set(result["lives"]) == {
        "central",
        "low",
        "high",
        "baseline",
        "baseline_deaths",
        "probability_of_no_gain",
        "basis",
        "parts",
    }
    assert result["lives"]["parts"] == {"hub": pytest.approx(result["lives"]["central"])}
    assert result["estimated_sites"] == ["B", "N"]
    assert result["measures"]["mean_minutes"] > result["before"]["measures"]["mean_minutes"]
    assert {point["number"] for point in result["frontier"]} == {1, 2, 3}
    assert result["frontier_unfinished"] == []


def test_a_number_that_is_not_known_is_null_in_json() -> None:
    assert plain({"a": float("nan"), "b": [float("inf")], "c": None}) == {
        "a": None,
        "b": [None],
        "c": None,
    }


def test_the_manifest_says_how_to_do_it_again(folder: Path) -> None:
    manifest = read(folder, "manifest.json")
    assert manifest["scenario"] == "name = 'x'"
    assert manifest["command"] == "reconfig run"
    assert manifest["inputs"] == {"zones.csv": "0" * 64}
    assert {"reconfig", "highspy", "pulp"} <= set(manifest["versions"])
    assert manifest["solver"] == "HiGHS"
    page = (folder / "report.html").read_bytes()
    assert manifest["outputs"]["report.html"] == sha256_of(page)
    assert "csv/zones.csv" in manifest["outputs"]


def test_the_workbook_has_a_sheet_and_the_folder_a_csv_for_every_table(folder: Path) -> None:
    sheets = openpyxl.load_workbook(folder / "tables.xlsx").sheetnames
    assert sheets[0] == "Summary"
    assert {"Measures", "Sites today", "Zones", "Sources", "Travel times", "Inputs"} <= set(sheets)
    files = {path.stem for path in (folder / "csv").iterdir()}
    assert files == {re.sub("[^a-z0-9]+", "_", name.lower()) for name in sheets}


def test_the_first_sheet_has_every_sentence_of_the_page(folder: Path) -> None:
    sheet = openpyxl.load_workbook(folder / "tables.xlsx")["Summary"]
    rows = list(sheet.iter_rows(values_only=True))
    assert rows[0] == ("Section", "Topic", "Text")
    page = (folder / "report.html").read_text(encoding="utf-8")
    shown = re.findall(r"<li>([^<]*)</li>", page)
    assert shown
    assert {html.unescape(sentence) for sentence in shown} <= {row[2] for row in rows}


def test_every_file_of_figures_says_how_the_times_are_known(folder: Path) -> None:
    book = openpyxl.load_workbook(folder / "tables.xlsx")
    rows = list(book["Measures"].iter_rows(values_only=True))
    assert [row[-1] for row in rows[:2]] == ["Travel times", "partly estimated"]
    lines = (folder / "csv" / "measures.csv").read_text(encoding="utf-8-sig").splitlines()
    assert lines[0].endswith(",Travel times")
    assert all(line.endswith(",partly estimated") for line in lines[1:])
    of_sites = list(book["Sites today"].iter_rows(values_only=True))
    assert of_sites[0][-1] == "Travel times"
    assert {row[-1] for row in of_sites[1:]} == {"observed", "estimated"}


def test_every_figure_is_there_as_png_and_svg_of_the_same_bytes_each_time(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def drawn(comparison: Comparison) -> Section:
        figure = new_figure(2, 1)
        figure.add_subplot().plot([0, 1], [0, 1], label=SCRIPT)
        return Section("access", "Access", (Picture("line", figure, "A line", "A line, rising"),))

    monkeypatch.setattr(contents, "access", drawn)
    files = [written(tmp_path / name) / "figures" for name in ("one", "two")]
    for name in ("line.png", "line.svg"):
        first, second = ((folder / name).read_bytes() for folder in files)
        assert first == second
    assert "<script" not in (files[0] / "line.svg").read_text(encoding="utf-8")
    page = (tmp_path / "one" / "report.html").read_text(encoding="utf-8")
    assert 'alt="A line, rising"' in page


@pytest.mark.parametrize(
    ("twice", "what"),
    [
        (Section("access", "Access", (Part("maps", "Maps", ()),)), "id"),
        (Section("access", "Access", (Table("measures", "", pd.DataFrame({"a": [1]})),)), "table"),
        (Section("access", "Access", (Table("x" * 32, "", pd.DataFrame({"a": [1]})),)), "too long"),
    ],
    ids=["an anchor", "a sheet", "a sheet's length"],
)
def test_a_name_that_would_clash_is_refused_before_anything_is_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, twice: Section, what: str
) -> None:
    monkeypatch.setattr(contents, "access", lambda comparison: twice)
    with pytest.raises(ValueError, match=what):
        written(tmp_path / "out")
    assert names(tmp_path) == []


def test_the_geopackage_says_how_times_are_known_and_where_cases_go(folder: Path) -> None:
    zones = gpd.read_file(folder / "map.gpkg", layer="zones")
    sites = gpd.read_file(folder / "map.gpkg", layer="sites").set_index("site_id")
    assert set(zones["time_kind_before"]) == {"observed", "estimated"}
    at_a = zones["site_after"] == "A"
    assert set(zones.loc[at_a, "time_kind_after"]) == {"observed"}
    for word in ("before", "after"):
        assert sites[f"cases_per_year_{word}"].sum() == pytest.approx(990)
    assert sites.loc["C", "cases_per_year_after"] == 0


def test_the_geopackage_opens_with_layers_and_projection(folder: Path) -> None:
    layers = {str(name) for name, _ in pyogrio.list_layers(folder / "map.gpkg")}
    assert layers == {"zones", "sites", "districts", "catchments", "flows", "layer_styles"}
    zones = gpd.read_file(folder / "map.gpkg", layer="zones").set_index("zone_id")
    sites = gpd.read_file(folder / "map.gpkg", layer="sites").set_index("site_id")
    assert zones.crs.to_epsg() == sites.crs.to_epsg() == 27700
    assert len(zones) == 36
    assert set(zones["site_after"]) <= {"A", "B", "N"}
    assert {"name", "district", "deprivation_fifth", "site_before"} <= set(zones.columns)
    change = zones["minutes_after"] - zones["minutes_before"]
    assert change.to_list() == pytest.approx(zones["minutes_change"].to_list())
    assert sites.loc["C", ["state_before", "state_after"]].to_list() == ["open", "closed"]


def test_a_geopackage_without_a_projection_is_written_too(tmp_path: Path) -> None:
    written(tmp_path / "out", solved(square_region(crs=None)))
    assert gpd.read_file(tmp_path / "out" / "map.gpkg", layer="zones").crs is None


def test_without_coordinates_there_is_no_map_and_the_page_says_why(tmp_path: Path) -> None:
    written(tmp_path / "out")
    assert names(tmp_path / "out") == WITHOUT_MAPS
    page = (tmp_path / "out" / "report.html").read_text()
    assert "no coordinates for its zones and sites, so there are no maps" in page


def test_a_given_configuration_claims_no_proof(tmp_path: Path) -> None:
    region = square_region()
    service = surgery(region)
    proposal = Configuration.of("surgery", ["A"])
    report(tmp_path / "out", region.today(service), proposal, region=region, service=service)
    assert read(tmp_path / "out", "result.json")["status"] == "given"
    assert "was given, not searched for" in (tmp_path / "out" / "report.html").read_text()


def test_measures_that_the_problem_names_are_in_every_file(tmp_path: Path) -> None:
    solution = solved()
    problem = solution.problem.having(limit("share_within_12", at_least=0.1))
    written(tmp_path / "out", replace(solution, problem=problem))
    result = read(tmp_path / "out", "result.json")
    assert 0 < result["measures"]["share_within_12"] < 1
    assert "share_within_12" in result["before"]["measures"]
    assert "Within 12 minutes" in (tmp_path / "out" / "report.html").read_text()


def test_a_service_without_outcome_model_has_a_report(tmp_path: Path) -> None:
    region = square_region()
    service = region.define_service("surgery", demand="cases")
    problem = Problem(region, service, minimise("mean_minutes"), [open_sites(2)])
    stage = replace(solved().stages[0], measure="mean_minutes", sense="minimise")
    written(tmp_path / "out", replace(solved(), problem=problem, stages=(stage,)))
    assert read(tmp_path / "out", "result.json")["lives"] is None
    assert (
        "How many lives it would save is not estimated."
        in (tmp_path / "out" / "report.html").read_text()
    )


def test_an_infeasible_problem_leaves_its_conflict_and_no_pictures(tmp_path: Path) -> None:
    found = solved()
    problem = found.problem.having(keep("A", "B"))
    conflict = (keep("A", "B"), open_sites(1))
    nothing = Solution(
        problem, None, Status.INFEASIBLE, None, None, None, 0.1, "HiGHS", conflict=conflict
    )
    write_result(tmp_path / "out", nothing)
    assert names(tmp_path / "out") == ["manifest.json", "result.json"]
    result = read(tmp_path / "out", "result.json")
    assert (result["status"], result["objective"]) == ("infeasible", None)
    assert result["conflict"] == ["keep A, B", str(open_sites(1))]
    assert result["open"] == {"surgery": []}
    assert result["before"]["measures"]["mean_minutes"] > 0


def test_a_solution_without_configuration_has_no_report(tmp_path: Path) -> None:
    nothing = replace(solved(), configuration=None, status=Status.NO_SOLUTION)
    with pytest.raises(ValueError, match="no configuration"):
        written(tmp_path / "out", nothing)
    assert names(tmp_path) == []


def test_an_earlier_report_is_replaced_and_a_readers_file_is_kept(tmp_path: Path) -> None:
    out = tmp_path / "out"
    written(out, solved())
    (out / "notes.txt").write_text("mine")
    assert (out / "map.gpkg").exists()
    written(out)
    assert not (out / "map.gpkg").exists()
    assert (out / "notes.txt").read_text() == "mine"
    assert names(tmp_path) == ["out"]


def test_an_empty_folder_is_filled(tmp_path: Path) -> None:
    (tmp_path / "out").mkdir()
    written(tmp_path / "out")
    assert "report.html" in names(tmp_path / "out")


@pytest.mark.parametrize("manifest", [None, "{}", "[]", "not json", '{"made_by": "me"}'])
def test_a_folder_of_someone_else_is_refused_and_untouched(
    tmp_path: Path, manifest: str | None
) -> None:
    out = tmp_path / "out"
    out.mkdir()
    (out / "thesis.txt").write_text("years of work")
    if manifest is not None:
        (out / "manifest.json").write_text(manifest)
    before = names(out)
    with pytest.raises(InputError, match="did not make"):
        written(out)
    assert names(out) == before
    assert names(tmp_path) == ["out"]


def test_a_file_in_the_place_of_the_folder_is_refused(tmp_path: Path) -> None:
    (tmp_path / "out").write_text("a file")
    with pytest.raises(InputError, match="is a file"):
        written(tmp_path / "out")
    assert (tmp_path / "out").read_text() == "a file"


def test_a_folder_that_cannot_be_written_is_known_before_the_work(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("a file")
    with pytest.raises(InputError, match="cannot be made in"):
        prepare_folder(tmp_path / "file" / "out")
    prepare_folder(tmp_path / "deep" / "out")
    assert names(tmp_path) == ["file"]


@pytest.mark.parametrize("step", ["html_page", "_write_manifest", "write_csv"])
def test_after_an_error_the_old_report_stands_and_nothing_is_left_over(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, step: str
) -> None:
    out = tmp_path / "out"
    written(out, command="the first")

    def fail(*_: object, **__: object) -> None:
        raise OSError("the disk is full")

    monkeypatch.setattr(write_module, step, fail)
    with pytest.raises(OSError, match="disk is full"):
        written(out, command="the second")
    assert read(out, "manifest.json")["command"] == "the first"
    assert names(out) == WITHOUT_MAPS
    assert names(tmp_path) == ["out"]


def test_if_the_last_step_fails_the_old_report_is_put_back(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    out = tmp_path / "out"
    written(out, command="the first")
    rename = Path.rename

    def fail_for_new(self: Path, target: Path) -> Path:
        if self.suffix == ".new":
            raise OSError("renaming failed")
        return rename(self, target)

    monkeypatch.setattr(Path, "rename", fail_for_new)
    with pytest.raises(OSError, match="renaming failed"):
        written(out, command="the second")
    assert read(out, "manifest.json")["command"] == "the first"
    assert names(tmp_path) == ["out"]


def test_a_report_on_patients_who_choose_says_so_and_does_not_say_nearest(tmp_path: Path) -> None:
    region = square_region()
    service = surgery(region).with_choice(15.0, orders=3)
    problem = Problem(region, service, minimise("mean_minutes"), [open_sites(2)])
    folder = written(tmp_path, solve(problem))
    page = (folder / "report.html").read_text(encoding="utf-8")
    assert "every 15 minutes further divide the odds of a site by e (3 orders a zone" in page
    assert "Every patient is taken to go to the nearest open site" not in page


def test_without_the_map_to_argue_with_the_page_holds_no_zones_cases(tmp_path: Path) -> None:
    region = square_region()
    marked = [1000.0625 + k for k in range(len(region.zones))]
    solution = solved(replace(region, zones=region.zones.assign(cases=marked)))
    problem = solution.problem
    pages = {
        shown: (written(tmp_path / str(shown), solution, explorer=shown) / "report.html").read_text(
            encoding="utf-8"
        )
        for shown in (True, False)
    }
    cases = packed(Grid.of(problem.region, problem.service).cases)["data"]
    assert {shown: cases in page for shown, page in pages.items()} == {True: True, False: False}
    # Neither in the clear nor in any script, which is where data of the page would be.
    assert not any(f"{one}" in pages[False] for one in marked)
    assert "<script" not in pages[False]
    assert html.escape(write_module.LEFT_OUT) in pages[False]
    assert 'id="explore"' in pages[False]
    assert "does not hold the cases of each zone" in pages[False]
    assert "--no-explorer, or explorer=False" in pages[True]


def test_the_page_promises_maps_for_qgis_only_where_they_are(folder: Path, tmp_path: Path) -> None:
    promise = "maps for QGIS in map.gpkg"
    without = written(tmp_path / "out")
    for place in (folder, without):
        page = (place / "report.html").read_text(encoding="utf-8")
        assert (promise in page) == (place / "map.gpkg").exists()
    assert not (without / "map.gpkg").exists()


def test_tables_that_rest_on_no_times_do_not_speak_of_them(folder: Path) -> None:
    book = openpyxl.load_workbook(folder / "tables.xlsx")
    silent = {
        sheet.title
        for sheet in book
        if "Travel times" not in next(sheet.iter_rows(values_only=True))
    }
    assert silent == {"Summary", "Sources", "Inputs"} | ({"Assumptions"} & set(book.sheetnames))
