"""What the README shows runs as it stands."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

from reconfig.cli import main

ROOT = Path(__file__).resolve().parents[1]


def blocks(language: str) -> list[str]:
    """Return the README's code blocks in a language."""
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    return re.findall(rf"```{language}\n(.*?)```", text, flags=re.S)


@pytest.mark.slow
def test_every_block_of_python_runs_after_the_one_before(tmp_path: Path) -> None:
    code = "\n".join(blocks("python"))
    assert len(blocks("python")) >= 2
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", code],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
        timeout=300,
    )
    assert done.returncode == 0, done.stderr
    assert (tmp_path / "reports" / "ten-to-four" / "report.html").is_file()


@pytest.mark.slow
def test_the_scenario_file_runs(tmp_path: Path) -> None:
    (text,) = blocks("toml")
    path = tmp_path / "scenario.toml"
    path.write_text(text, encoding="utf-8")
    assert main(["check", str(path)]) == 0
    assert main(["run", str(path), "--out", str(tmp_path / "out")]) == 0


def test_every_file_that_is_linked_is_there() -> None:
    for page in [ROOT / "README.md", *(ROOT / "docs").rglob("*.md")]:
        text = page.read_text(encoding="utf-8")
        for target in re.findall(r"\]\(([^)#:]+?)\)", text):
            assert (page.parent / target).exists(), f"{page.name}: {target}"
