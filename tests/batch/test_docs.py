"""What docs/batch.md shows runs as it stands."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.batch.forks import ROOT

PAGE = ROOT / "docs" / "batch.md"


@pytest.mark.slow
def test_the_sweep_and_the_python_of_the_page_run(tmp_path: Path) -> None:
    text = PAGE.read_text(encoding="utf-8")
    (sweep,) = re.findall(r"```toml\n(.*?)```", text, flags=re.S)
    (code,) = re.findall(r"```python\n(.*?)```", text, flags=re.S)
    (tmp_path / "sweep.toml").write_text(sweep, encoding="utf-8")
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", code],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
        timeout=300,
    )
    assert done.returncode == 0, done.stderr
    assert "loses least across 8 futures" in done.stdout
    assert 'region = "greater-manchester"' in done.stdout
