"""A report is printed to A4 by a browser that is there, or refused before any work is done."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

from reconfig.core import InputError, ReconfigError
from reconfig.report import pdf, report
from tests.unit.report.places import solved, square_region


def browser(folder: Path, script: str) -> str:
    """Return the path of a program that stands in for a browser."""
    path = folder / "chromium"
    path.write_text(f"#!{sys.executable}\nimport sys\n{script}\n", encoding="utf-8")
    path.chmod(0o755)
    return str(path)


def test_without_a_browser_nothing_is_begun(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr(pdf, "PLACES", ())
    solution = solved(square_region(coordinates=False, shapes=False))
    today = solution.problem.region.today(solution.problem.service)
    with pytest.raises(InputError, match="no browser that can print"):
        report(tmp_path / "out", today, solution, pdf=True)
    assert not (tmp_path / "out").exists()


@pytest.mark.skipif(os.name == "nt", reason="the stand-in is a script that Windows does not run")
def test_the_browser_found_prints_without_headers_and_without_a_network(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    script = (
        "target = next(a for a in sys.argv if a.startswith('--print-to-pdf=')).partition('=')[2]\n"
        "open(target, 'w').write('%PDF-1.4 ' + ' '.join(sys.argv[1:]))"
    )
    place = browser(tmp_path, script)
    monkeypatch.setenv("PATH", str(tmp_path))
    assert pdf.pdf_program() == place
    page = tmp_path / "a page.html"
    page.write_text("<p>", encoding="utf-8")
    pdf.write_pdf(page, tmp_path / "report.pdf", program=place)
    said = (tmp_path / "report.pdf").read_text(encoding="utf-8")
    for switch in ("--no-pdf-header-footer", "--host-resolver-rules=MAP * ~NOTFOUND"):
        assert switch in said
    assert page.as_uri() in said


@pytest.mark.skipif(os.name == "nt", reason="the stand-in is a script that Windows does not run")
@pytest.mark.parametrize(
    "script", ["sys.exit('no screen')", "pass", "print('no screen', file=sys.stderr)"]
)
def test_a_browser_that_prints_nothing_is_an_error_in_words(tmp_path: Path, script: str) -> None:
    place = browser(tmp_path, script)
    (tmp_path / "report.pdf").write_text("of an earlier run", encoding="utf-8")
    with pytest.raises(ReconfigError, match="did not print the report"):
        pdf.write_pdf(tmp_path / "report.html", tmp_path / "report.pdf", program=place)


def test_a_program_that_does_not_start_is_an_error_in_words(tmp_path: Path) -> None:
    with pytest.raises(ReconfigError, match="did not print the report"):
        pdf.write_pdf(tmp_path / "a.html", tmp_path / "a.pdf", program=str(tmp_path / "none"))
