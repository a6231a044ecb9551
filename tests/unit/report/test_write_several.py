"""The report of several services: one folder, whole, with that of each beneath it."""

from __future__ import annotations

from pathlib import Path

import pytest

from reconfig.core import InputError
from reconfig.report import prepare_folder, report
from tests.unit.report.kinds import change, of_several, without_groups
from tests.unit.report.test_write import read

SCENARIO = "name = 'Both'\n"


def of_both(folder: Path) -> Path:
    """Write the report of two services."""
    both = of_several()
    return report(folder, both.before, both.after, scenario_text=SCENARIO)


def test_the_manifest_has_every_file_of_the_services_beneath_it(tmp_path: Path) -> None:
    folder = of_both(tmp_path / "both")
    there = {p.relative_to(folder).as_posix() for p in folder.rglob("*") if p.is_file()}
    assert "surgery/report.html" in there
    assert "other/report.html" in there
    assert set(read(folder, "manifest.json")["outputs"]) == there - {"manifest.json"}
    assert read(folder, "surgery/manifest.json")["scenario"] == SCENARIO


def test_a_later_report_leaves_none_of_the_services_before_it(tmp_path: Path) -> None:
    folder = of_both(tmp_path / "both")
    (folder / "surgery" / "mine.txt").write_text("a reader's own")
    one = change(without_groups())
    report(folder, one.before, one.after)
    beneath = {p.relative_to(folder).as_posix() for p in folder.glob("*/*") if p.is_file()}
    assert {p for p in beneath if not p.startswith(("csv/", "figures/"))} == {"surgery/mine.txt"}


def test_a_report_that_could_not_be_replaced_is_refused_before_any_work(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    one = change(without_groups())
    folder = report(tmp_path / "above" / "mine", one.before, one.after)
    prepare_folder(folder)
    monkeypatch.setattr("os.access", lambda place, _: Path(place) != folder.parent)
    with pytest.raises(InputError, match="cannot be replaced"):
        prepare_folder(folder)
