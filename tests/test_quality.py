"""The habits, held by the tests: style, types, one-way imports."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]


def run(*command: str) -> str:
    """Run a command in the clone; fail with what it printed."""
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    printed = done.stdout + done.stderr
    assert done.returncode == 0, printed
    return printed


def tool(name: str) -> str:
    """Return where a tool of this environment is."""
    found = shutil.which(name, path=str(Path(sys.executable).parent)) or shutil.which(name)
    assert found, f"{name} is not installed: pip install '.[dev]'"
    return found


def test_ruff_finds_nothing() -> None:
    run(tool("ruff"), "check", ".")


def test_the_code_is_formatted() -> None:
    run(tool("ruff"), "format", "--check", ".")


@pytest.mark.slow
def test_mypy_strict_finds_nothing() -> None:
    run(sys.executable, "-m", "mypy")


def test_data_flows_one_way() -> None:
    assert "0 broken" in run(tool("lint-imports"), "--no-cache")


def test_gitignore_does_not_hide_the_data_package() -> None:
    ignored = (ROOT / ".gitignore").read_text(encoding="utf-8").split()
    assert not {"data", "data/", "reports", "/data/"} & set(ignored)


def test_no_module_grows_past_400_lines() -> None:
    long = {
        path.name: lines
        for path in (ROOT / "reconfig").rglob("*.py")
        if (lines := len(path.read_text(encoding="utf-8").splitlines())) > 400
    }
    assert not long
