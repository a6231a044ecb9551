"""Driving the explorer in a browser: showing a choice of sites, hearing what the page says."""

from __future__ import annotations

import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import reconfig as rc
from reconfig.appraise import Appraisal
from reconfig.core import Configuration, Region, Service

EXACT = 1e-9
SECONDS_TO_OPEN = 60
PAINTED = """
    const canvases = [];
    const walk = (node) => {
        if (node.shadowRoot) { node.shadowRoot.childNodes.forEach(walk); }
        if (node.tagName === "CANVAS" && node.width > 0) { canvases.push(node); }
        node.childNodes.forEach(walk);
    };
    walk(document.querySelector(".explore-map"));
    return canvases.map((canvas) => {
        const data = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height).data;
        const found = {};
        for (let k = 0; k < data.length; k += 4 * 37) {
            const colour = data[k] + "," + data[k + 1] + "," + data[k + 2];
            found[colour] = (found[colour] ?? 0) + 1;
        }
        return found;
    }).sort((a, b) => Object.keys(b).length - Object.keys(a).length)[0];
"""
TABLE = """
    return [...document.querySelectorAll(arguments[0] + " tbody tr")].map(
        (row) => [...row.children].map((cell) => cell.textContent));
"""


def open_page(browser: Any, path: Path, link: str = "") -> None:
    """Open a page anew and wait until the explorer says that it is there."""
    browser.get("about:blank")
    browser.get(path.as_uri() + link)
    until(browser, "return window.reconfigExplorer !== undefined")


def until(browser: Any, question: str) -> Any:
    """Ask the page until it says yes, and return what it says."""
    deadline = time.monotonic() + SECONDS_TO_OPEN
    while time.monotonic() < deadline:
        found = browser.execute_script(question)
        if found:
            return found
        time.sleep(0.05)
    return pytest.fail(f"not within {SECONDS_TO_OPEN} s: {question}: {browser.get_log('browser')}")


def shown(browser: Any, service: str, sites: Sequence[str]) -> dict[str, Any]:
    """Show a choice of sites, and return every figure that the page has of it."""
    found: dict[str, Any] = browser.execute_script(
        "reconfigExplorer.show(arguments[0], arguments[1], 'test');"
        "return reconfigExplorer.figures();",
        service,
        list(sites),
    )
    return found


def appraised(region: Region, service: Service, sites: Sequence[str]) -> Appraisal | None:
    """Return the appraisal, None where a zone can reach no open site."""
    try:
        return rc.appraise(region, service, Configuration.of(service.id, sites))
    except ValueError:
        return None


def same(found: float | None, expected: float) -> bool:
    """Say whether two figures are the same (the driver turns NaN into None)."""
    if found is None or np.isnan(expected):
        return found is None and bool(np.isnan(expected))
    return abs(found - expected) <= EXACT * max(1.0, abs(expected))


def differences(found: dict[str, Any], expected: Appraisal | None) -> list[str]:
    """Return every figure of the page that is not the appraisal's."""
    if expected is None:
        values = [v for v in found["measures"].values() if v is not None]
        return [f"figures where none can be: {values}"] if values else []
    wrong = []
    for name, value in expected.measures.items():
        if not same(found["measures"].get(name), value):
            wrong.append(f"{name}: {found['measures'].get(name)} for {value}")
    for column, table in expected.by.items():
        for group, line in table.to_dict("index").items():
            own = found["by"][column][str(group)]
            wrong += [
                f"{column} {group} {name}: {own.get(name)} for {value}"
                for name, value in line.items()
                if name not in own or not same(own[name], float(value))
            ]
    for site, volume in expected.volumes.items():
        if not same(found["volumes"][str(site)], float(volume)):
            wrong.append(f"volume of {site}")
    if expected.lives is not None:
        for name in ("central", "low", "high", "probability_of_no_gain", "baseline_deaths"):
            if not same(found["lives"][name], getattr(expected.lives, name)):
                wrong.append(f"lives {name}: {found['lives'][name]}")
    return wrong


def opened(page: Any) -> list[str]:
    """Return the ids of the sites that the page has open."""
    found: list[str] = page.execute_script("return reconfigExplorer.open();")
    return found
