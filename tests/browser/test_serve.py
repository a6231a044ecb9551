"""The Optimise button in a real browser: asked for by keyboard, solved, shown, stopped."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from typing import Any

import pytest
from selenium import webdriver
from selenium.webdriver.chrome.service import Service
from selenium.webdriver.common.keys import Keys

import reconfig as rc
from reconfig.core import Configuration
from tests.browser.drive import CHROMIUM, OPTIONS, at_width, program
from tests.unit.report.places import SCRIPT
from tests.unit.test_serve_process import LONG, PATIENCE, ROOT, VOLUMES, Server

FIELD = "return document.getElementById(arguments[0])"


@pytest.fixture(scope="module")
def local() -> Iterator[Any]:
    """Yield a headless Chromium that can reach this machine and no other."""
    options = webdriver.ChromeOptions()
    options.binary_location = program(*CHROMIUM)
    for option in OPTIONS[:-1]:
        options.add_argument(option)
    options.add_argument("--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1")
    options.set_capability("goog:loggingPrefs", {"browser": "ALL"})
    driver = webdriver.Chrome(options=options, service=Service(program("chromedriver")))
    try:
        yield driver
    finally:
        driver.quit()


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    """Yield a server of Greater Manchester."""
    running = Server("greater-manchester")
    try:
        yield running
    finally:
        running.close()


@pytest.fixture
def page(local: Any, server: Server) -> Any:
    """Return the browser with the form open."""
    local.get(server.url)
    return local


def fill(page: Any, **values: str) -> None:
    """Type values into fields, named without "optimise-"."""
    for name, value in values.items():
        field = page.execute_script(FIELD, f"optimise-{name.replace('_', '-')}")
        field.clear()
        field.send_keys(value)


def shown(page: Any, part: str) -> str:
    """Return the text of a part of the form."""
    return str(page.execute_script(FIELD, f"optimise-{part}").text)


def wait(page: Any, ready: str) -> None:
    """Wait until a JavaScript expression is true."""
    deadline = time.monotonic() + PATIENCE
    while not page.execute_script(f"return Boolean({ready})"):
        if time.monotonic() > deadline:
            pytest.fail(f"never: {ready}; {page.get_log('browser')}")
        time.sleep(0.1)


IDLE = "document.getElementById('optimise-stop').disabled && !document.getElementById('optimise-start').disabled"  # noqa: E501


def test_by_keyboard_alone_the_best_is_found_and_shown(page: Any) -> None:
    fill(page, fewest="4", most="4")
    page.execute_script(FIELD, "optimise-most").send_keys(Keys.ENTER)
    wait(page, "reconfigExplorer.state.added.length")
    state = page.execute_script("return reconfigExplorer.state")
    region = rc.load_region("greater-manchester")
    surgery = region.service("emergency-surgery")
    best = rc.solve(rc.Problem(region, surgery, rc.minimise("mean_minutes"), [rc.open_sites(4)]))
    assert state["open"] == list(best.open)
    assert state["added"][0]["verdict"] == best.verdict
    assert best.verdict in shown(page, "result")
    assert f"{best.objective:.1f} minutes" in shown(page, "result")


def test_sites_that_are_pinned_stay_as_they_are(page: Any) -> None:
    sites = page.execute_script("return reconfigExplorer.candidates().map((site) => site.id)")
    page.execute_script("reconfigExplorer.pin([arguments[0]], [arguments[1]])", *sites[:2])
    assert sites[0] in shown(page, "pins")
    fill(page, fewest="3", most="3")
    page.execute_script(FIELD, "optimise-start").send_keys(Keys.SPACE)
    wait(page, "reconfigExplorer.state.added.length")
    chosen = page.execute_script("return reconfigExplorer.state.open")
    assert sites[0] in chosen
    assert sites[1] not in chosen


def test_what_cannot_be_asked_is_said_and_can_be_mended(page: Any) -> None:
    fill(page, fewest="4", most="2")
    page.execute_script(FIELD, "optimise-start").click()
    wait(page, "document.getElementById('optimise-faults').textContent")
    assert "at least 4 sites must be open and at most 2" in shown(page, "faults")
    assert page.execute_script(FIELD, "optimise-start").is_enabled()


def test_a_share_that_is_no_percentage_is_refused_in_percent(page: Any) -> None:
    names = page.execute_script(
        "return [...document.querySelectorAll('label[for^=optimise-limit]')]"
        ".map((label) => label.textContent)"
    )
    place = next(k for k, name in enumerate(names) if name.startswith("Within "))
    fill(page, **{f"limit_{place}": "150"})
    page.execute_script(FIELD, "optimise-start").click()
    wait(page, "document.getElementById('optimise-faults').textContent")
    assert "150 %: expected 0 to 100" in shown(page, "faults")


def test_the_keyboard_stays_at_the_form(page: Any) -> None:
    fill(page, most="1")
    page.execute_script(FIELD, "optimise-start").send_keys(Keys.ENTER)
    wait(page, f"reconfigExplorer.state.added.length && {IDLE}")
    assert page.switch_to.active_element.get_attribute("id") == "optimise-start"
    assert page.execute_script("return reconfigExplorer.state.added[0].label").endswith(", 1 site")


def test_what_no_choice_can_keep_is_explained(page: Any) -> None:
    fill(page, most="2", limit_0="20")
    page.execute_script(FIELD, "optimise-start").click()
    wait(page, f"{IDLE} && document.querySelector('.optimise-verdict')")
    assert "cannot hold together" in shown(page, "result")
    assert "What would have to give" in shown(page, "result")
    assert page.execute_script("return reconfigExplorer.state.added") == []


def test_every_control_has_a_name_and_the_form_fits_a_telephone(page: Any) -> None:
    nameless = page.execute_script(
        "return [...document.querySelectorAll('.optimise input, .optimise select')]"
        ".filter((c) => !c.labels.length || !c.labels[0].textContent.trim()).map((c) => c.id)"
    )
    assert nameless == []
    for width in (1280, 390):
        at_width(page, width)
        assert page.execute_script("return document.documentElement.scrollWidth") <= width
    at_width(page, 1280)


def test_names_are_shown_as_text(local: Any) -> None:
    running = Server("squares")
    try:
        local.get(running.url)
        fill(local, most="1")
        local.execute_script("reconfigExplorer.pin(['A'], [])")
        local.execute_script(FIELD, "optimise-start").click()
        wait(local, "reconfigExplorer.state.added.length")
        assert SCRIPT in shown(local, "result")
    finally:
        running.close()


def test_a_server_that_is_gone_is_said_to_be(local: Any) -> None:
    running = Server("squares")
    try:
        local.get(running.url)
    finally:
        running.close()
    local.execute_script(FIELD, "optimise-start").click()
    wait(local, "document.getElementById('optimise-faults').textContent")
    assert "no longer answers" in shown(local, "faults")
    local.get_log("browser")  # that the connection failed


def test_stop_ends_a_long_solve_and_nothing_unproven_is_called_best(local: Any) -> None:
    running = Server(VOLUMES)
    try:
        local.get(running.url)
        boxes = local.execute_script(
            "return [...document.querySelectorAll('.optimise-box input')].map((box) => box.id)"
        )
        assert boxes  # what the scenario asks for, which is not asked for here
        for box in boxes:
            local.execute_script("document.getElementById(arguments[0]).click()", box)
        low, high = LONG["limits"][0]["at_least"], LONG["limits"][1]["at_most"]
        number = limit_numbers(local)
        fill(local, fewest=str(LONG["sites"]["at_least"]), seconds="500")
        fill(local, **{f"limit_{number[0]}": str(low), f"limit_{number[1]}": str(high)})
        local.execute_script(FIELD, "optimise-start").click()
        wait(local, "document.getElementById('optimise-progress').textContent === 'Solving.'")
        time.sleep(6)
        assert re.match(r"\d+\.\d seconds so far; 500 seconds at most", shown(local, "clock"))
        asked = time.monotonic()
        local.execute_script(FIELD, "optimise-stop").click()
        wait(local, IDLE)
        assert time.monotonic() - asked < 30
        assert "Proven best" not in shown(local, "progress") + shown(local, "result")
        assert re.search("not proven|nothing is proven", shown(local, "progress"))
    finally:
        running.close()


def limit_numbers(page: Any) -> list[int]:
    """Return which limits of the form are on cases a year: at least, and at most."""
    labels = page.execute_script(
        "return [...document.querySelectorAll('label[for^=optimise-limit]')]"
        ".map((label) => label.textContent)"
    )
    return [k for k, label in enumerate(labels) if label.startswith("Cases a year at every")]


def test_the_console_is_silent(page: Any) -> None:
    page.get_log("browser")
    page.refresh()
    wait(page, "document.getElementById('optimise-start')")
    assert [line for line in page.get_log("browser") if line["level"] == "SEVERE"] == []


@pytest.fixture
def explorer() -> Iterator[str]:
    """Yield the address of the command itself, with the real map on its page."""
    arguments = ["explore", "greater-manchester", "--no-browser", "--port", "0"]
    process = subprocess.Popen(
        [sys.executable, "-m", "reconfig.cli", *arguments],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(ROOT), "COLUMNS": "200"},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    # A command that hangs is ended, and then says nothing more.
    late = threading.Timer(PATIENCE, process.kill)
    late.start()
    try:
        assert process.stdout is not None
        said = ""
        while (found := re.search(r"http://\S+", said)) is None:
            line = process.stdout.readline()
            assert line, said
            said += line
        yield found.group()
    finally:
        late.cancel()
        process.kill()
        process.communicate()


def test_on_the_real_map_what_is_fixed_by_keyboard_holds_for_the_solver(
    local: Any, explorer: str
) -> None:
    at_width(local, 1280)
    local.get(explorer)
    wait(local, "window.reconfigExplorer && document.getElementById('optimise-start')")
    region = rc.load_region("greater-manchester")
    service = region.service("emergency-surgery")
    aim, four = rc.minimise("mean_minutes"), rc.open_sites(at_most=4)
    free = rc.solve(rc.Problem(region, service, aim, [four]))
    # A site that is open today, and that the best choice would close.
    site = next(s for s in sorted(service.today) if s not in free.open)
    held = rc.solve(rc.Problem(region, service, aim, [four, rc.keep(site)]))
    local.execute_script("document.querySelector(arguments[0]).focus()", f"[data-fix={site}]")
    local.switch_to.active_element.send_keys(Keys.SPACE)
    assert local.execute_script("return reconfigExplorer.pinned()") == {
        "open": [site],
        "closed": [],
    }
    assert region.site_names([site])[0] in shown(local, "pins")
    listed = (
        "return [...document.querySelectorAll('#explore-points button')].map(b => b.textContent)"
    )
    before = local.execute_script(listed)
    fill(local, most="4")
    local.execute_script(FIELD, "optimise-start").send_keys(Keys.ENTER)
    wait(local, f"document.querySelector('.optimise-verdict') && {IDLE}")
    added = [label for label in local.execute_script(listed) if label not in before]
    assert len(added) == 1
    assert added[0].startswith("Optimised: ")
    open_now = local.execute_script("return reconfigExplorer.open()")
    assert site in open_now
    own = rc.appraise(region, service, Configuration.of(service.id, open_now))
    assert len(open_now) <= 4
    assert own.measures["mean_minutes"] == pytest.approx(held.objective)
    page_value = local.execute_script("return reconfigExplorer.figures().measures.mean_minutes")
    assert page_value == pytest.approx(held.objective)
    assert f"This is: {added[0]}" in local.execute_script(
        "return document.getElementById('explore-status').textContent"
    )
    assert held.verdict in shown(local, "result")
    assert [line for line in local.get_log("browser") if line["level"] == "SEVERE"] == []
