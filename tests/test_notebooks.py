"""Every notebook runs from top to bottom, shows what it promises, and keeps no output in git."""

from __future__ import annotations

import base64
from pathlib import Path
from typing import Any

import nbformat
import pytest
from nbclient import NotebookClient

NOTEBOOKS = sorted((Path(__file__).resolve().parents[1] / "notebooks").glob("*.ipynb"))
# Lines of code that are not blank: what fits on a page.
MOST_LINES = 40
# A notebook with its outputs is sent by mail, and opened on laptops.
MOST_BYTES = 2_500_000


def code(path: Path) -> list[Any]:
    """Return the code cells of a notebook."""
    notebook = nbformat.read(path, as_version=4)
    return [cell for cell in notebook.cells if cell.cell_type == "code"]


def test_there_are_five_notebooks_numbered_in_the_order_of_reading() -> None:
    assert [path.name[:3] for path in NOTEBOOKS] == [f"0{k}_" for k in range(1, 6)]


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda p: p.stem)
def test_no_output_is_kept_in_git(path: Path) -> None:
    assert all(not cell.outputs and cell.execution_count is None for cell in code(path))


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda p: p.stem)
def test_the_code_fits_on_a_page(path: Path) -> None:
    lines = [line for cell in code(path) for line in cell.source.splitlines() if line.strip()]
    assert len(lines) <= MOST_LINES


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda p: p.stem)
def test_words_come_before_the_code_and_between_its_steps(path: Path) -> None:
    """A cell of code may follow another once, where it only shows the same thing otherwise."""
    kinds = [cell.cell_type for cell in nbformat.read(path, as_version=4).cells]
    assert kinds[0] == "markdown"
    runs = "".join("c" if kind == "code" else "m" for kind in kinds)
    assert "ccc" not in runs


@pytest.mark.slow
@pytest.mark.filterwarnings("default")  # the kernel's own start-up warnings are not ours
@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda p: p.stem)
def test_the_notebook_runs_and_shows_tables_and_pictures(path: Path, tmp_path: Path) -> None:
    notebook = nbformat.read(path, as_version=4)
    NotebookClient(notebook, timeout=300, resources={"metadata": {"path": str(tmp_path)}}).execute()
    outputs = [o for cell in notebook.cells for o in cell.get("outputs", [])]
    warned = [o.text for o in outputs if o.get("name") == "stderr" and "reconfig" in o.text]
    assert not warned
    shown = [output.get("data", {}) for output in outputs]
    html = "".join("".join(data.get("text/html", "")) for data in shown)
    assert "<table" in html
    assert "data:image/png;base64," in html or any("image/png" in data for data in shown)
    assert all(base64.b64decode(data["image/png"]) for data in shown if "image/png" in data)
    assert "<script" not in html
    assert len(nbformat.writes(notebook)) < MOST_BYTES
    if any("rc.report(" in cell.source for cell in code(path)):
        assert list(tmp_path.glob("reports/*/report.html"))


def test_one_notebook_writes_a_whole_report() -> None:
    assert any("rc.report(" in cell.source for path in NOTEBOOKS for cell in code(path))
