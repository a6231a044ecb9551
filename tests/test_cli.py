"""The command line as a user meets it: exit codes, files, faults, nothing half-written."""

from __future__ import annotations

import errno
import json
import os
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

from reconfig.cli import main
from reconfig.report import pdf
from tests.instances import MINUTES, SITES, ZONES

BASE = """
name = "Tiny"
region = "region"

[[service]]
id = "surgery"
demand = "cases"
open = 2

[objective]
minimise = "mean_minutes"
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Return a folder that holds the tiny region and a good scenario."""
    region = tmp_path / "region"
    (region / "travel_times").mkdir(parents=True)
    (region / "region.toml").write_text('name = "Tiny"\n', encoding="utf-8")
    ZONES.to_csv(region / "zones.csv", index=False)
    SITES.to_csv(region / "sites.csv", index=False)
    MINUTES.to_csv(region / "travel_times" / "car.csv", index=False)
    (tmp_path / "good.toml").write_text(BASE, encoding="utf-8")
    return tmp_path


def scenario(folder: Path, text: str) -> Path:
    path = folder / "scenario.toml"
    path.write_text(text, encoding="utf-8")
    return path


def result(folder: Path) -> dict[str, object]:
    found: dict[str, object] = json.loads((folder / "result.json").read_text(encoding="utf-8"))
    return found


def test_run_writes_a_result_and_exits_with_0(folder: Path) -> None:
    assert main(["run", str(folder / "good.toml"), "--out", str(folder / "out")]) == 0
    found = result(folder / "out")
    assert found["status"] == "optimal"
    assert found["objective"] == pytest.approx(7.2)
    assert found["bound"] == pytest.approx(7.2)
    assert found["gap"] == pytest.approx(0.0)
    assert found["open"] == {"surgery": ["A", "C"]}
    measures = found["measures"]
    assert isinstance(measures, dict)
    assert measures["mean_minutes"] == pytest.approx(7.2)
    assert measures["max_minutes"] == pytest.approx(10.0)
    for name in ("report.html", "tables.xlsx", "manifest.json"):
        assert (folder / "out" / name).stat().st_size > 0


def test_the_page_shows_every_measure_that_is_aimed_at_or_limited(
    folder: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "200")  # so that no label is broken
    aim = 'minimise = "worst_mean_minutes_by_district"'
    text = BASE.replace('minimise = "mean_minutes"', aim)
    text += '[[limit]]\nmeasure = "gap_share_within_45_by_district"\nat_most = 0.9\n'
    path = scenario(folder, f'{text}[[limit]]\nmeasure = "open_sites"\nat_most = 2\n')
    assert main(["run", str(path), "--out", str(folder / "out")]) == 0
    page = capsys.readouterr().out.partition("Journeys, today and chosen")[2]
    table = page.partition("By district")[0]
    for word in ("worst district", "gap by district", "percentage points", "Sites open"):
        assert word in table


def test_the_manifest_says_how_to_reproduce_the_run(folder: Path) -> None:
    main(["run", str(folder / "good.toml"), "--out", str(folder / "out")])
    manifest = json.loads((folder / "out" / "manifest.json").read_text(encoding="utf-8"))
    text = json.dumps(manifest)
    assert BASE.strip().splitlines()[0].replace('"', '\\"') in text
    assert "zones.csv" in text
    assert "reconfig run" in text
    assert "highspy" in text


def test_check_reads_and_writes_nothing(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    before = sorted(folder.rglob("*"))
    assert main(["check", str(folder / "good.toml")]) == 0
    assert "nothing wrong" in capsys.readouterr().out
    assert sorted(folder.rglob("*")) == before


def test_every_typo_is_listed_at_once_and_exits_with_2(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    typos = BASE.replace("open = 2", 'opne = 2\nkeep = ["AA"]').replace(
        "mean_minutes", "mean_minuets"
    )
    path = scenario(folder, typos)
    assert main(["run", str(path), "--out", str(folder / "out")]) == 2
    said = " ".join(capsys.readouterr().err.split())
    for words in ("opne", "'open'", "'AA'", "mean_minuets", "'mean_minutes'", "scenario.toml"):
        assert words in said
    assert not (folder / "out").exists()


def test_a_proven_conflict_is_explained_and_exits_with_3(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    text = BASE.replace("open = 2", "open = 1") + (
        '\n[[limit]]\nmeasure = "max_minutes"\nat_most = 6\n'
    )
    path = scenario(folder, text)
    assert main(["run", str(path), "--out", str(folder / "out")]) == 3
    said = capsys.readouterr().out
    assert "infeasible" in said
    assert "max_minutes at most 6" in said
    found = result(folder / "out")
    assert found["status"] == "infeasible"
    assert any("max_minutes" in str(c) for c in found["conflict"])  # type: ignore[attr-defined]


def test_a_conflict_is_followed_by_what_would_resolve_it(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    text = BASE.replace("open = 2", "open = 1") + (
        '\n[[limit]]\nmeasure = "mean_minutes"\nat_most = 10\n'
    )
    assert main(["run", str(scenario(folder, text)), "--out", str(folder / "out")]) == 3
    said = " ".join(capsys.readouterr().out.split())
    ways = result(folder / "out")["relaxations"]
    assert ways == [
        "With 2 sites the other demands can be met; with 1 they cannot.",
        "Mean journey can be no lower than 10.2 minutes with the other demands kept, not 10 "
        "minutes.",
    ]
    assert "What would have to give way, one at a time: - " + " - ".join(ways) in said
    assert said.index("cannot hold together") < said.index("would have to give way")


def test_no_time_at_all_exits_with_4(folder: Path) -> None:
    path = scenario(folder, BASE + "\n[solve]\ntime_limit = 0.000001\n")
    assert main(["run", str(path), "--out", str(folder / "out")]) == 4
    assert result(folder / "out")["status"] == "no_solution"


def test_sites_that_people_chose_have_a_report_that_claims_no_proof(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    text = BASE + '\n[[limit]]\nmeasure = "mean_minutes"\nat_most = 9\n'
    path, out = scenario(folder, text), folder / "out"
    assert main(["report", str(path), "--out", str(out), "--open", "A"]) == 0
    said = " ".join(capsys.readouterr().out.split())
    assert "Chosen (1): Alder" in said
    assert "was given, not searched for" in said
    assert "does not keep a demand of the scenario: 1 sites open, not exactly 2 sites." in said
    assert said.count("does not keep a demand") == 2
    assert result(out)["status"] == "given"
    manifest = json.loads((out / "manifest.json").read_text(encoding="utf-8"))
    assert manifest["command"] == f"reconfig report {path} --open A --out {out}"


def test_the_result_of_a_run_can_be_reported_again_with_the_command_that_is_kept(
    folder: Path,
) -> None:
    path, first, second = folder / "good.toml", folder / "one out", folder / "two"
    assert main(["run", str(path), "--out", str(first)]) == 0
    given = ["--configuration", str(first / "result.json")]
    assert main(["report", str(path), *given, "--out", str(second)]) == 0
    assert result(second)["open"] == result(first)["open"]
    assert result(second)["measures"] == result(first)["measures"]
    manifest = json.loads((second / "manifest.json").read_text(encoding="utf-8"))
    words = shlex.split(manifest["command"])
    assert main(words[1:]) == 0


@pytest.mark.parametrize("given", ["A,Q", "N", "knees=A"])
def test_sites_that_are_not_there_are_bad_input_and_nothing_is_written(
    folder: Path, capsys: pytest.CaptureFixture[str], given: str
) -> None:
    command = ["report", str(folder / "good.toml"), "--out", str(folder / "out"), "--open", given]
    assert main(command) == 2
    assert "--open" in capsys.readouterr().err
    assert not (folder / "out").exists()


@pytest.mark.parametrize("command", ["run", "report"])
def test_without_a_browser_a_pdf_is_refused_before_anything_is_solved(
    folder: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    command: str,
) -> None:
    monkeypatch.setenv("PATH", str(folder))
    monkeypatch.setattr(pdf, "PLACES", ())
    monkeypatch.setattr("reconfig.cli.solve", None)
    chosen = ["--open", "A"] if command == "report" else []
    words = [command, str(folder / "good.toml"), "--out", str(folder / "out"), "--pdf", *chosen]
    assert main(words) == 2
    assert "no browser that can print" in " ".join(capsys.readouterr().err.split())
    assert not (folder / "out").exists()


def test_analyses_that_are_stopped_lose_no_report(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def stop(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("reconfig.cli.findings", stop)
    assert main(["run", str(folder / "good.toml"), "--out", str(folder / "out")]) == 0
    assert result(folder / "out")["status"] == "optimal"


def test_a_folder_that_is_not_a_report_is_never_overwritten(folder: Path) -> None:
    precious = folder / "out"
    precious.mkdir()
    (precious / "thesis.docx").write_text("years of work", encoding="utf-8")
    assert main(["run", str(folder / "good.toml"), "--out", str(precious)]) == 2
    assert [p.name for p in precious.iterdir()] == ["thesis.docx"]


def test_a_second_run_replaces_the_first(folder: Path) -> None:
    for _ in range(2):
        assert main(["run", str(folder / "good.toml"), "--out", str(folder / "out")]) == 0
    assert not [p for p in folder.iterdir() if p.name.startswith((".out", "out."))]


def test_seconds_instead_of_minutes_are_warned_about(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    seconds = MINUTES.set_index("zone_id") * 60
    seconds.to_csv(folder / "region" / "travel_times" / "car.csv")
    assert main(["check", str(folder / "good.toml")]) == 0
    assert "seconds" in capsys.readouterr().err


def test_an_unknown_command_exits_with_2(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as stopped:
        main(["optimise"])
    assert stopped.value.code == 2
    assert "demo" in capsys.readouterr().err


@pytest.mark.slow
def test_the_demo_prints_its_page_and_writes_its_report(tmp_path: Path) -> None:
    """Run as installed, away from the clone, so that the package must bring its data."""
    done = subprocess.run(
        [sys.executable, "-c", "from reconfig.cli import main; raise SystemExit(main(['demo']))"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
        timeout=300,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    said = " ".join(done.stdout.split())
    for words in (
        "Lives saved",
        "95 % interval",
        "chance of no gain or of harm",
        "next best choice",
        "would do better on both counts",
        "deaths at baseline",
        "Mean journey",
        "95th percentile",
        "Longest journey",
        "Within 30 minutes",
        "Within 45 minutes",
        "Proven best",
        "Status",
        "optimal",
        "bound",
        "Gap between value and bound",
        "Stockport",
        "1 most",
        "not a forecast",
        "Who counts",
        "estimates",
    ):
        assert words in said, words
    report = tmp_path / "reports" / "ten-to-four"
    for name in (
        "report.html",
        "tables.xlsx",
        "map.gpkg",
        "result.json",
        "manifest.json",
    ):
        assert (report / name).stat().st_size > 0
    assert list(report.rglob("*.csv"))
    found = result(report)
    assert found["status"] == "optimal"
    assert len(found["open"]["emergency-surgery"]) == 4  # type: ignore[index]


def test_brackets_in_names_are_printed_as_they_are(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = scenario(folder, BASE.replace('"Tiny"', '"Plan [a] or [/b]"'))
    sites = SITES.assign(name=["St [old] Mary", "Birch", "Cedar", "Nettle"])
    sites.to_csv(folder / "region" / "sites.csv", index=False)
    assert main(["run", str(path), "--out", str(folder / "out")]) == 0
    assert main(["check", str(path)]) == 0
    said = capsys.readouterr().out
    assert said.count("Plan [a] or [/b]") == 2
    assert "St [old] Mary" in said


def test_a_reader_who_stops_listening_loses_no_report(folder: Path) -> None:
    command = (
        f"{sys.executable} -m reconfig.cli run {folder / 'good.toml'} --out {folder / 'out'}"
        " | head -1"
    )
    subprocess.run(command, shell=True, check=True, capture_output=True, timeout=120)
    assert result(folder / "out")["status"] == "optimal"


def test_an_output_that_knows_few_letters_is_no_obstacle(folder: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "reconfig.cli", "run", "good.toml", "--out", "out"],
        cwd=folder,
        env=os.environ | {"PYTHONIOENCODING": "ascii"},
        capture_output=True,
        check=False,
        timeout=120,
    )
    assert done.returncode == 0, done.stderr
    assert (folder / "out" / "report.html").is_file()


def test_a_zone_that_todays_sites_cannot_reach_is_bad_input(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    sites = SITES.assign(proposed=["no", "no", "yes", "no"])
    sites.to_csv(folder / "region" / "sites.csv", index=False)
    minutes = MINUTES.astype({"A": object, "B": object, "N": object}).copy()
    minutes.loc[3, ["A", "B", "N"]] = "unreachable"
    minutes.to_csv(folder / "region" / "travel_times" / "car.csv", index=False)
    assert main(["run", str(folder / "good.toml"), "--out", str(folder / "out")]) == 2
    said = " ".join(capsys.readouterr().err.split())
    assert "no site open today can be reached from zone z4" in said
    assert not (folder / "out").exists()


def test_a_group_without_cases_is_said_to_have_none(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    zones = ZONES.assign(district=["north", "north", "south", "empty"], cases=[10, 20, 30, 0])
    zones.to_csv(folder / "region" / "zones.csv", index=False)
    assert main(["run", str(folder / "good.toml"), "--out", str(folder / "out")]) == 0
    said = capsys.readouterr().out
    assert "no cases" in said
    assert "nan" not in said


def test_a_full_disk_is_said_in_a_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def full(*_: object, **__: object) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr("reconfig.cli.report", full)
    words = ["report", "ten-to-four", "--open", "RM301,RW601", "--out", str(tmp_path / "out")]
    assert main(words) == 1
    assert os.strerror(errno.ENOSPC) in capsys.readouterr().err


@pytest.mark.parametrize("command", ["run", "report"])
def test_a_report_can_be_had_without_the_map_that_holds_every_zones_cases(
    folder: Path, command: str
) -> None:
    given = ["--open", "A,B"] if command == "report" else []
    words = [command, str(folder / "good.toml"), *given, "--out", str(folder / "out")]
    assert main([*words, "--no-explorer"]) == 0
    page = (folder / "out" / "report.html").read_text(encoding="utf-8")
    assert "was left out of this report (--no-explorer)" in page
    assert "<script" not in page
    manifest = json.loads((folder / "out" / "manifest.json").read_text(encoding="utf-8"))
    assert "--no-explorer" in manifest["command"].split()
