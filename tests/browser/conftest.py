"""A headless Chromium that can reach no host, for every test in this folder."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from selenium import webdriver
from selenium.webdriver.chrome.service import Service

from tests.browser.drive import CHROMIUM, OPTIONS, program

HERE = Path(__file__).parent


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark every test in this folder as slow, in need of a browser, and to be left out by wish."""
    left_out = pytest.mark.skipif(
        os.environ.get("RECONFIG_NO_BROWSER") == "1",
        reason="RECONFIG_NO_BROWSER=1: the page was not tried in a browser",
    )
    for item in items:
        if HERE in item.path.parents:
            for mark in (pytest.mark.browser, pytest.mark.slow, left_out):
                item.add_marker(mark)


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    """Yield a headless Chromium that can reach no host."""
    options = webdriver.ChromeOptions()
    options.binary_location = program(*CHROMIUM)
    for option in OPTIONS:
        options.add_argument(option)
    options.set_capability("goog:loggingPrefs", {"browser": "ALL", "performance": "ALL"})
    driver = webdriver.Chrome(options=options, service=Service(program("chromedriver")))
    driver.set_script_timeout(60)
    try:
        yield driver
    finally:
        driver.quit()
