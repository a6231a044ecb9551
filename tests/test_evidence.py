"""docs/evidence.md is what the register says, and holds the reviewer's checklist."""

from __future__ import annotations

import re
import runpy
from pathlib import Path

from reconfig.data import load_register

ROOT = Path(__file__).resolve().parents[1]
PAGE = (ROOT / "docs" / "evidence.md").read_text(encoding="utf-8")


def test_the_page_is_made_from_the_register() -> None:
    made = runpy.run_path(str(ROOT / "data" / "build" / "evidence_page.py"))["page"]
    assert made(load_register()) == PAGE, "run python -m data.build.evidence_page"


def test_every_assumption_is_on_the_page_with_its_source() -> None:
    for key, assumption in load_register().items():
        (row,) = [
            line
            for line in PAGE.splitlines()
            if line.startswith(f"| `{key}` | {assumption.what} | ")
        ]
        assert f" | {assumption.confidence} | " in row
        assert assumption.source.replace("*", "\\*") in row


def test_the_ten_traps_are_answered() -> None:
    traps = re.findall(r"^\| (\d+)\. \*\*.+\| .{40,} \|$", PAGE, flags=re.M)
    assert [int(number) for number in traps] == list(range(1, 11))


def test_every_assumption_the_page_speaks_of_exists() -> None:
    register = load_register()
    named = set(
        re.findall(
            r"`((?:egs|egs_all|stroke|travel|trauma|ppci|vascular|demand)\.[a-z0-9_*]+)`", PAGE
        )
    )
    for name in named:
        assert [key for key in register if re.fullmatch(name.replace("*", ".*"), key)], name


def test_what_is_no_number_and_was_only_recalled_is_listed() -> None:
    listed = PAGE.partition("## Recalled, to be checked")[2].partition("\n## ")[0]
    for name in ("ppci", "vascular", "major-trauma"):
        file = ROOT / "data" / "services" / f"{name}.toml"
        assert "recalled, to be checked" in file.read_text(encoding="utf-8")
        assert f"`data/services/{name}.toml`" in listed


def test_the_folders_said_to_be_searched_for_strays_are() -> None:
    said = re.findall(r"`((?:reconfig|data)/[a-z]+)`", PAGE.partition("| tag |")[0])
    strays = (ROOT / "tests/unit/outcomes/test_strays.py").read_text(encoding="utf-8")
    assert said == ["reconfig/outcomes", "reconfig/appraise", "reconfig/analyse", "data/services"]
    assert 'SEARCHED = ("outcomes", "appraise", "analyse")' in strays


def test_the_readme_points_to_the_page() -> None:
    assert "(docs/evidence.md)" in (ROOT / "README.md").read_text(encoding="utf-8")
