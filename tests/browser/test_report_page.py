"""The page in a real browser with the network cut: it draws, asks for nothing, and fits."""

from __future__ import annotations

import json
import os
import shutil
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from selenium import webdriver
from selenium.webdriver.chrome.service import Service

from reconfig.report import report
from tests.unit.report.places import TwoPoints, solved

OPTIONS = (
    "--headless=new",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-dev-shm-usage",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-default-apps",
    "--disable-sync",
    "--no-first-run",
    "--no-proxy-server",
    "--host-resolver-rules=MAP * ~NOTFOUND",
)
LOCAL = ("file:", "data:", "blob:", "about:", "chrome:")
PAINTED = """
    const canvases = [];
    const walk = (node) => {
        if (node.shadowRoot) { node.shadowRoot.childNodes.forEach(walk); }
        if (node.tagName === "CANVAS" && node.width > 0) { canvases.push(node); }
        node.childNodes.forEach(walk);
    };
    walk(document.body);
    const colours = (canvas) => {
        const data = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height).data;
        const found = new Set();
        for (let k = 0; k < data.length; k += 4 * 37) {
            found.add(data[k] + "," + data[k + 1] + "," + data[k + 2]);
        }
        return found.size;
    };
    return {
        documents: Bokeh.documents.length,
        idle: Bokeh.documents.every(d => d.is_idle),
        panels: Bokeh.documents.flatMap(d => d.roots()).length,
        colours: canvases.map(colours),
    };
"""

pytestmark = [
    pytest.mark.browser,
    pytest.mark.slow,
    pytest.mark.skipif(
        os.environ.get("RECONFIG_NO_BROWSER") == "1",
        reason="RECONFIG_NO_BROWSER=1: the page was not tried in a browser",
    ),
]


def program(*names: str) -> str:
    """Return the path of the first program that is installed; fail if none is."""
    found = next((path for name in names if (path := shutil.which(name))), None)
    if found is None:
        pytest.fail(
            f"none of {', '.join(names)} is installed; the page cannot be tried in a browser "
            "(RECONFIG_NO_BROWSER=1 leaves these tests out)"
        )
    return found


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    """Yield a headless Chromium that can reach no host."""
    options = webdriver.ChromeOptions()
    options.binary_location = program("chromium", "chromium-browser", "google-chrome")
    for option in OPTIONS:
        options.add_argument(option)
    options.set_capability("goog:loggingPrefs", {"browser": "ALL", "performance": "ALL"})
    driver = webdriver.Chrome(options=options, service=Service(program("chromedriver")))
    try:
        yield driver
    finally:
        driver.quit()


@pytest.fixture(scope="module")
def page(browser: Any, tmp_path_factory: pytest.TempPathFactory) -> Any:
    """Return the browser with a report open and drawn."""
    solution = solved()
    problem = solution.problem
    folder = report(
        tmp_path_factory.mktemp("browser") / "out",
        problem.region.today(problem.service),
        solution,
        frontier=TwoPoints(),
    )
    open_page(browser, folder)
    return browser


def open_page(browser: Any, folder: Path) -> None:
    """Open a report and wait until Bokeh says that it has drawn everything."""
    browser.get((folder / "report.html").as_uri())
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline:
        ready = "return typeof Bokeh !== 'undefined' && Bokeh.documents.length > 0"
        if browser.execute_script(ready) and browser.execute_script(PAINTED)["idle"]:
            return
        time.sleep(0.1)
    pytest.fail(f"the map was not drawn within 30 seconds: {browser.get_log('browser')}")


def at_width(browser: Any, pixels: int) -> None:
    """Make the page that many pixels wide."""
    metrics = {"width": pixels, "height": 900, "deviceScaleFactor": 1, "mobile": pixels < 500}
    browser.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", metrics)
    time.sleep(0.5)


def test_the_map_is_painted_in_every_panel(page: Any) -> None:
    at_width(page, 1280)
    found = page.execute_script(PAINTED)
    assert found["documents"] == 1
    assert found["panels"] == 3
    # White, black and several classes of minutes on each of the three panels.
    assert sum(count > 5 for count in found["colours"]) >= 3


@pytest.mark.parametrize("width", [1280, 390])
def test_the_page_is_never_wider_than_the_screen(page: Any, width: int) -> None:
    at_width(page, width)
    wide = page.execute_script(
        "return [document.documentElement.scrollWidth, document.body.scrollWidth, innerWidth]"
    )
    assert wide[2] == width
    assert max(wide) == width


def test_on_a_telephone_captions_fit_and_tables_scroll_in_their_own_box(page: Any) -> None:
    at_width(page, 390)
    found = page.execute_script(
        """
        const boxes = [...document.querySelectorAll(".wide")];
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
    assert len(found["words"]) == 2
    assert all(found["words"])
    at_width(page, 1280)
    hints = "return [...document.querySelectorAll('.hint')].map(h => h.offsetHeight)"
    assert set(page.execute_script(hints)) == {0}


def test_pointing_at_a_site_shows_its_name_as_text(page: Any) -> None:
    at_width(page, 1280)
    shown = page.execute_async_script(
        """
        const done = arguments[0];
        const view = Object.values(Bokeh.index)[0];
        view.el.scrollIntoView();
        requestAnimationFrame(() => {
            const box = view.canvas_view.el.getBoundingClientRect();
            const x = view.frame.x_scale.compute(381000), y = view.frame.y_scale.compute(391000);
            done([box.left + x, box.top + y]);
        });
        """
    )
    x, y = shown
    for step in (3, 0):
        event = {"type": "mouseMoved", "x": x + step, "y": y}
        page.execute_cdp_cmd("Input.dispatchMouseEvent", event)
        time.sleep(0.3)
    text = page.execute_script(
        """
        const texts = [];
        const walk = (node) => {
            if (node.shadowRoot) { node.shadowRoot.childNodes.forEach(walk); }
            if (node.classList && node.classList.contains("bk-tooltip-row-value")) {
                texts.push(node.textContent);
            }
            node.childNodes.forEach(walk);
        };
        walk(document.body);
        return texts.join("|");
        """
    )
    assert "<script>alert(1)</script>" in text


def test_no_error_and_no_request_leaves_the_machine(page: Any) -> None:
    at_width(page, 1280)
    errors = [line for line in page.get_log("browser") if line["level"] == "SEVERE"]
    assert errors == []
    events = [json.loads(entry["message"])["message"] for entry in page.get_log("performance")]
    asked = [
        event["params"]["request"]["url"]
        for event in events
        if event["method"] == "Network.requestWillBeSent"
    ]
    assert any(url.startswith("file:") for url in asked)
    assert [url for url in asked if not url.startswith(LOCAL)] == []
    assert [e for e in events if e["method"] == "Network.loadingFailed"] == []
