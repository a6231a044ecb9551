"""Every assumption that was changed is in the report: page, workbook and files for programs."""

from __future__ import annotations

import json
from pathlib import Path

import pandas as pd

from reconfig.appraise import appraise
from reconfig.core import Configuration, Region
from reconfig.data import load_region
from reconfig.report import report
from reconfig.report.summary import changed_assumptions, limits_of_knowledge
from tests.unit.data.aged import AGED
from tests.unit.data.folders import write

CHANGED = {"own.share_moved": 0.25, "travel.nearest_error": 0.3}


def reported(folder: Path, region: Region) -> Path:
    """Write the report of site A in place of B and return its folder."""
    service = region.service("own")
    before, after = (
        appraise(region, service, Configuration.of("own", [site])) for site in ("B", "A")
    )
    return report(folder, before, after)


def test_a_report_lists_every_override_with_both_values(tmp_path: Path) -> None:
    region = load_region(write(tmp_path / "region", AGED), year=2022, assumptions=CHANGED)
    folder = reported(tmp_path / "report", region)
    result = json.loads((folder / "result.json").read_text(encoding="utf-8"))
    assert result["year"] == 2022
    assert result["assumptions_changed"] == [
        {"id": "own.share_moved", "register_value": 0.5, "value_used": 0.25},
        {"id": "travel.nearest_error", "register_value": 0.17, "value_used": 0.3},
    ]
    page = (folder / "report.html").read_text(encoding="utf-8")
    summary = page[page.index('id="summary"') : page.index('id="summary-proof"')]
    assert "Assumptions changed" in summary
    for text in ("own.share_moved", "Share moved (share): 0.25 instead of the register&#39;s 0.5."):
        assert text in summary
    sheet = pd.read_excel(folder / "tables.xlsx", sheet_name="Summary", header=None)
    cells = sheet.fillna("").astype(str).to_numpy().ravel().tolist()
    assert any("own.share_moved" in cell for cell in cells)
    assert "wrong by a median of 30%" in page


def test_a_report_without_overrides_says_nothing_of_them(tmp_path: Path) -> None:
    region = load_region(write(tmp_path / "region", AGED))
    assert changed_assumptions(region) == []
    folder = reported(tmp_path / "report", region)
    result = json.loads((folder / "result.json").read_text(encoding="utf-8"))
    assert (result["year"], result["assumptions_changed"]) == (None, [])
    assert "Assumptions changed" not in (folder / "report.html").read_text(encoding="utf-8")


def test_the_year_is_said_with_the_demand(tmp_path: Path) -> None:
    region = load_region(write(tmp_path / "region", AGED), year=2022)
    said = dict(limits_of_knowledge(region, region.service("own")))
    assert "grown to 2022" in said["Demand"]
