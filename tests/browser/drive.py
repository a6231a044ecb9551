"""Driving a real browser: opening a page, sizing it, and hearing what it says and asks for."""

from __future__ import annotations

import json
import shutil
import time
from pathlib import Path
from typing import Any

import pytest

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
CHROMIUM = ("chromium", "chromium-browser", "google-chrome")
LOCAL = ("file:", "data:", "blob:", "about:", "chrome:")
READY = """
    if (document.readyState !== "complete") { return false; }
    if (typeof Bokeh === "undefined") { return true; }
    return Bokeh.documents.length > 0 && Bokeh.documents.every(d => d.is_idle);
"""


def program(*names: str) -> str:
    """Return the path of the first program that is installed; fail if none is."""
    found = next((path for name in names if (path := shutil.which(name))), None)
    if found is None:
        pytest.fail(
            f"none of {', '.join(names)} is installed; the page cannot be tried in a browser "
            "(RECONFIG_NO_BROWSER=1 leaves these tests out)"
        )
    return found


def open_page(browser: Any, place: Path | str, *, seconds: float = 30.0) -> None:
    """Open a report's folder, or an address, and wait until all of it is drawn."""
    address = place if isinstance(place, str) else (place / "report.html").as_uri()
    browser.get(address)
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if browser.execute_script(READY):
            return
        time.sleep(0.1)
    pytest.fail(f"not drawn within {seconds:g} seconds: {browser.get_log('browser')}")


def at_width(browser: Any, pixels: int) -> None:
    """Make the page that many pixels wide."""
    metrics = {"width": pixels, "height": 900, "deviceScaleFactor": 1, "mobile": pixels < 500}
    browser.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", metrics)
    time.sleep(0.5)


def errors_said(browser: Any) -> list[str]:
    """Return the errors on the console since this was last asked."""
    return [line["message"] for line in browser.get_log("browser") if line["level"] == "SEVERE"]


def events(browser: Any) -> list[dict[str, Any]]:
    """Return what the browser did since this was last asked: requests among it."""
    return [json.loads(entry["message"])["message"] for entry in browser.get_log("performance")]


def asked_for(happened: list[dict[str, Any]]) -> list[str]:
    """Return every address that was asked for, one that was only tried included."""
    return [
        event["params"]["request"]["url"]
        for event in happened
        if event["method"] == "Network.requestWillBeSent"
    ]
