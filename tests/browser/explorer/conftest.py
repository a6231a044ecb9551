"""The explorer of emergency surgery, open in a browser."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

import reconfig as rc
from reconfig.analyse.findings import Findings
from reconfig.core import Region
from reconfig.report.explore import explore
from tests.browser.drive import at_width
from tests.browser.explorer.explored import open_page


@pytest.fixture(scope="module")
def manchester() -> Region:
    return rc.load_region("greater-manchester")


@pytest.fixture(scope="module")
def solved(manchester: Region) -> tuple[rc.Solution, Findings]:
    """Return the best four sites, and the trade-off against the mean journey."""
    service = manchester.service("emergency-surgery")
    rules = [rc.open_sites(at_least=3, at_most=4), rc.limit("max_minutes", at_most=60)]
    problem = rc.Problem(manchester, service, rc.minimise("mean_minutes"), rules)
    return rc.solve(problem), Findings(frontier=rc.frontier(problem, "mean_minutes"))


@pytest.fixture(scope="module")
def surgery_page(
    solved: tuple[rc.Solution, Findings], tmp_path_factory: pytest.TempPathFactory
) -> Path:
    best, findings = solved
    return explore(best, findings=findings).save(tmp_path_factory.mktemp("e") / "surgery.html")


@pytest.fixture
def page(browser: Any, surgery_page: Path) -> Any:
    """Return the browser with the page of emergency surgery open and drawn."""
    at_width(browser, 1280)
    open_page(browser, surgery_page)
    return browser
