"""Playing with the map you can argue with, in a real browser with the network cut."""

from __future__ import annotations

import json
import time
from dataclasses import replace
from importlib.resources import files
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlencode

import numpy as np
import pandas as pd
import pytest
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys

import reconfig as rc
from reconfig.report.explore import explore
from tests.browser.drive import LOCAL, at_width
from tests.browser.explorer.explored import (
    PAINTED,
    TABLE,
    appraised,
    differences,
    open_page,
    opened,
    shown,
    until,
)
from tests.unit.report.places import SCRIPT, square_region, surgery


def tab_to(page: Any, selector: str) -> Any:
    """Press Tab until what has the focus fits a selector, and return it."""
    for _ in range(400):
        page.switch_to.active_element.send_keys(Keys.TAB)
        focused = page.switch_to.active_element
        if page.execute_script("return arguments[0].matches(arguments[1])", focused, selector):
            return focused
    return pytest.fail(f"Tab never came to {selector}")


def test_with_keys_alone_sites_open_and_close_and_maps_are_shown(page: Any) -> None:
    before = opened(page)
    switch = tab_to(page, ".site")
    site = switch.get_attribute("data-site")
    switch.send_keys(Keys.SPACE)
    assert set(opened(page)) ^ set(before) == {site}
    assert switch.get_attribute("aria-checked") == str(site in opened(page)).lower()
    switch.send_keys(Keys.ENTER)
    assert opened(page) == before
    fix = tab_to(page, ".fix")
    fix.send_keys(Keys.ENTER)
    pins = page.execute_script("return reconfigExplorer.pinned();")
    assert pins == {"open": [site] * (site in before), "closed": [site] * (site not in before)}
    point = tab_to(page, "#explore-points button")
    point.send_keys(Keys.ENTER)
    today = rc.load_region("greater-manchester").service("emergency-surgery").today
    assert opened(page) == sorted(today)
    said = page.find_element(By.ID, "explore-status").text
    assert f"{len(today)} sites open" in said
    best = tab_to(page, "#explore-best")
    best.send_keys(Keys.ENTER)
    until(page, "return document.getElementById('explore-best-result').textContent.length > 20")
    tab_to(page, "#explore-save")
    undo = page.find_element(By.ID, "explore-undo")
    undo.send_keys(Keys.ENTER)
    assert opened(page) == sorted(today)


def point_on(page: Any, plot: str, x: float, y: float) -> tuple[float, float]:
    """Return where in the window a point of a plot is, after bringing it into view."""
    found = page.execute_async_script(
        """
        const [name, x, y, done] = arguments;
        const view = Object.values(Bokeh.index).find((v) => v.model.name === name)
            ?? Bokeh.index.find_one_by_id(
                Bokeh.documents[0].get_model_by_name(name).id);
        view.el.scrollIntoView({ block: "center" });
        requestAnimationFrame(() => requestAnimationFrame(() => {
            const box = view.canvas_view.el.getBoundingClientRect();
            done([box.left + view.frame.x_scale.compute(x),
                  box.top + view.frame.y_scale.compute(y)]);
        }));
        """,
        plot,
        x,
        y,
    )
    return found[0], found[1]


def tap(page: Any, at: tuple[float, float]) -> None:
    """Press the mouse where a point is."""
    for kind in ("mouseMoved", "mousePressed", "mouseReleased"):
        event = {"type": kind, "x": at[0], "y": at[1], "button": "left", "clickCount": 1}
        page.execute_cdp_cmd("Input.dispatchMouseEvent", event)
    time.sleep(0.5)


def test_a_tap_on_the_map_opens_a_site_and_paints_it_anew(page: Any) -> None:
    before, painted = opened(page), page.execute_script(PAINTED)
    region = rc.load_region("greater-manchester")
    closed = next(s for s in region.service("emergency-surgery").candidates if s not in before)
    east, north = (float(region.sites[c].loc[closed]) for c in ("easting", "northing"))
    tap(page, point_on(page, "explore-map", east, north))
    assert set(opened(page)) == {*before, closed}
    after = page.execute_script(PAINTED)
    assert len(painted) > 5
    moved = sum(abs(after.get(c, 0) - painted.get(c, 0)) for c in {*after, *painted})
    assert moved > 20
    for way in ("change", "site"):
        page.find_element(By.CSS_SELECTOR, f"#explore-colour option[value={way}]").click()
        time.sleep(0.5)
        assert page.execute_script(PAINTED) != after
        assert page.find_elements(By.CSS_SELECTOR, "#explore-key li")


def test_a_tap_on_a_point_of_the_trade_off_shows_its_map_and_the_mark_moves(page: Any) -> None:
    get = "const d = Bokeh.documents[0].get_model_by_name('explore-{}').data; return {};"
    xs, ys = page.execute_script(get.format("points", "[Array.from(d.x), Array.from(d.y)]"))
    chosen = get.format("chosen", "[d.x[0], d.y[0]]")
    far = max(range(len(xs)), key=lambda k: abs(xs[k] - page.execute_script(chosen)[0]))
    tap(page, point_on(page, "explore-chart", xs[far], ys[far]))
    assert page.execute_script(chosen) == [xs[far], ys[far]]
    assert "This is: Today" in page.find_element(By.ID, "explore-status").text


def test_a_link_opened_again_shows_the_same_map(page: Any, surgery_page: Path) -> None:
    sites = opened(page)[1:]
    first = shown(page, "emergency-surgery", sites)
    page.find_element(By.CSS_SELECTOR, f"[data-fix={sites[0]}]").click()
    link = page.find_element(By.ID, "explore-link").get_attribute("value")
    open_page(page, surgery_page, "#" + link.split("#")[1])
    assert opened(page) == sites
    assert page.execute_script("return reconfigExplorer.pinned().open;") == [sites[0]]
    assert page.execute_script("return reconfigExplorer.figures();") == first
    assert page.find_element(By.ID, "explore-refused").text == ""


def test_a_saved_file_loaded_again_shows_the_same_map(page: Any, tmp_path: Path) -> None:
    allowed = {"behavior": "allow", "downloadPath": str(tmp_path)}
    page.execute_cdp_cmd("Browser.setDownloadBehavior", allowed)
    sites = opened(page)[1:]
    shown(page, "emergency-surgery", sites)
    page.find_element(By.ID, "explore-save").click()
    deadline = time.monotonic() + 20
    while not (saved := sorted(tmp_path.glob("*.json"))) and time.monotonic() < deadline:
        time.sleep(0.1)
    content = json.loads(saved[0].read_text(encoding="utf-8"))
    assert content["made_by"] == "reconfig"
    assert content["open"] == sites
    page.find_element(By.ID, "explore-to-before").click()
    assert opened(page) != sites
    page.find_element(By.ID, "explore-load").send_keys(str(saved[0]))
    until(page, f"return reconfigExplorer.open().length === {len(sites)}")
    assert opened(page) == sites


@pytest.mark.parametrize(
    ("link", "word"),
    [
        ("#explore?service=emergency-surgery&open=NOWHERE", "NOWHERE"),
        ("#explore?service=<script>alert(1)</script>&open=RM202", "alert(1)"),
        ("#explore?open=R0A07", "does not say which service"),
        ("#explore?service=emergency-surgery", "names no site"),
        ("#explore?service=emergency-surgery&open=R0A07&fixed=strange", "strange"),
        ("#explore?service=emergency-surgery&open=R0A07&what=1", "what"),
        ("#explore?%%%", "%"),
        ("#explore?region=Elsewhere&service=emergency-surgery&open=R0A07", "“Elsewhere”"),
    ],
)
def test_a_link_that_is_not_right_is_refused_in_words(
    page: Any, surgery_page: Path, link: str, word: str
) -> None:
    before = opened(page)
    open_page(page, surgery_page, link)
    said = page.find_element(By.ID, "explore-refused").text
    assert word in said
    assert "stays as it was" in said
    assert opened(page) == before


@pytest.mark.parametrize(
    "text",
    [
        "",
        "no JSON",
        "null",
        "[]",
        '{"service": "emergency-surgery", "open": []}',
        '{"made_by": "reconfig"}',
        '{"made_by": "reconfig", "service": "stroke", "open": []}',
        '{"made_by": "reconfig", "service": "emergency-surgery", "open": "R0A07"}',
        '{"made_by": "reconfig", "service": "emergency-surgery", "open": [1]}',
        '{"made_by": "reconfig", "service": "emergency-surgery", "open": ["R0A07"], "fixed": 1}',
        '{"made_by": "reconfig", "open": {}}',
        '{"made_by": "reconfig", "open": null}',
    ],
)
def test_a_file_that_is_not_right_is_refused_in_words(page: Any, text: str) -> None:
    before = opened(page)
    page.execute_script("reconfigExplorer.load(arguments[0]);", text)
    assert "stays as it was" in page.find_element(By.ID, "explore-refused").text
    assert opened(page) == before


def test_a_file_of_several_services_shows_its_own(page: Any) -> None:
    text = '{"made_by": "reconfig", "open": {"stroke": ["X"], "emergency-surgery": ["R0A07"]}}'
    page.execute_script("reconfigExplorer.load(arguments[0]);", text)
    assert opened(page) == ["R0A07"]
    assert page.find_element(By.ID, "explore-refused").text == ""


def test_names_meant_to_cause_trouble_are_shown_as_text(browser: Any, tmp_path: Path) -> None:
    region = square_region(proposed=("C",))
    at_width(browser, 1280)
    open_page(browser, explore(region, surgery(region)).save(tmp_path / "page.html"))
    names = [e.text for e in browser.find_elements(By.CSS_SELECTOR, ".site .name")]
    assert SCRIPT in names
    assert f"{SCRIPT}" in browser.find_element(By.ID, "explore-status").text
    groups = [row[0] for row in browser.execute_script(TABLE, "#explore-groups")]
    assert "East & <b>bold</b>" in groups
    assert browser.execute_script("return document.querySelectorAll('b').length") == 0
    with pytest.raises(Exception, match="no such alert"):
        _ = browser.switch_to.alert


@pytest.mark.parametrize("width", [1280, 390])
def test_the_page_is_never_wider_than_the_screen(
    browser: Any, surgery_page: Path, width: int
) -> None:
    at_width(browser, width)
    open_page(browser, surgery_page)
    wide = browser.execute_script(
        "return [document.documentElement.scrollWidth, document.body.scrollWidth, innerWidth]"
    )
    assert wide[2] == width
    assert max(wide) == width
    switch = browser.find_element(By.CSS_SELECTOR, ".site")
    assert switch.rect["x"] + switch.rect["width"] < width


def test_a_region_without_coordinates_has_all_but_the_map(browser: Any, tmp_path: Path) -> None:
    region = square_region(coordinates=False, shapes=False, crs=None)
    service = surgery(region)
    at_width(browser, 1280)
    open_page(browser, explore(region, service).save(tmp_path / "page.html"))
    found = shown(browser, service.id, ["A"])
    assert differences(found, appraised(region, service, ["A"])) == []
    assert "no coordinates" in browser.find_element(By.CSS_SELECTOR, ".explore").text


def test_a_place_that_can_reach_no_open_site_is_named_and_not_drawn_as_near(
    browser: Any, tmp_path: Path
) -> None:
    whole = square_region()
    minutes = whole.minutes().astype(object)
    minutes.loc["z35", ["A", "C", "N"]] = "unreachable"
    region = replace(
        whole, travel_times={"car": pd.DataFrame(minutes).replace("unreachable", np.nan)}
    )
    service = surgery(region)
    at_width(browser, 1280)
    open_page(browser, explore(region, service).save(tmp_path / "page.html"))
    found = shown(browser, service.id, ["A", "C"])
    assert set(found["measures"].values()) == {None}
    assert "from 1 place: Place 35" in browser.find_element(By.ID, "explore-unreached").text
    colour = "return Bokeh.documents[0].get_model_by_name('explore-zones').data.colour;"
    key = [e.text for e in browser.find_elements(By.CSS_SELECTOR, "#explore-key li")]
    assert browser.execute_script(colour)[35] == "#ffffff"
    assert browser.execute_script(colour).count("#ffffff") == 1
    assert "no open site can be reached" in key
    shown(browser, service.id, ["A", "B"])
    assert browser.find_element(By.ID, "explore-unreached").text == ""
    assert "#ffffff" not in browser.execute_script(colour)


@pytest.mark.parametrize("width", [1280, 390])
def test_nothing_grave_is_found_by_the_accessibility_check(
    browser: Any, surgery_page: Path, width: int
) -> None:
    at_width(browser, width)
    open_page(browser, surgery_page)
    code = files("axe_core_python").joinpath("axe.min.js").read_text(encoding="utf-8")
    browser.execute_script(f"{code}; window.axe = window.axe || axe;")
    found = browser.execute_async_script(
        "const done = arguments[0]; axe.run(document, {resultTypes: ['violations']}).then("
        "r => done([r.violations.map(v => v.impact + ' ' + v.id), r.passes.length]));"
    )
    assert [one for one in found[0] if one.startswith(("serious", "critical"))] == []
    assert found[1] > 10


def test_what_another_script_adds_is_a_point_that_can_be_shown(page: Any) -> None:
    sites = opened(page)[:2]
    page.execute_script(
        "window.heard = 0; reconfigExplorer.onChange(() => { window.heard += 1; });"
        "reconfigExplorer.add({service: 'emergency-surgery', open: arguments[0],"
        " label: 'Found <i>', verdict: 'proven'});",
        sites,
    )
    page.find_elements(By.CSS_SELECTOR, "#explore-points button")[-1].click()
    assert opened(page) == sites
    assert page.execute_script("return window.heard") == 1
    assert "Found <i> (proven)" in page.find_element(By.ID, "explore-status").text


def test_no_error_and_no_request_leaves_the_machine(page: Any) -> None:
    for site in opened(page):
        page.find_element(By.CSS_SELECTOR, f"[data-site={site}]").click()
    assert [line for line in page.get_log("browser") if line["level"] == "SEVERE"] == []
    events = [json.loads(entry["message"])["message"] for entry in page.get_log("performance")]
    asked = [
        event["params"]["request"]["url"]
        for event in events
        if event["method"] == "Network.requestWillBeSent"
    ]
    assert any(url.startswith("file:") for url in asked)
    assert [url for url in asked if not url.startswith(LOCAL)] == []


def test_a_map_chosen_from_the_list_by_keyboard_keeps_the_keyboard(page: Any) -> None:
    point = tab_to(page, "#explore-points button")
    label = point.text
    point.send_keys(Keys.ENTER)
    assert page.switch_to.active_element.text == label


def test_other_scripts_hear_of_a_site_that_is_fixed(page: Any) -> None:
    page.execute_script(
        "window.heard = []; reconfigExplorer.onChange(() => heard.push(reconfigExplorer.pinned()))"
    )
    page.find_element(By.CSS_SELECTOR, ".fix").click()
    assert page.execute_script("return heard") == [
        page.execute_script("return reconfigExplorer.pinned()")
    ]


def test_a_file_of_another_region_is_refused(page: Any) -> None:
    before = opened(page)
    saved = {
        "made_by": "reconfig",
        "region": "Elsewhere",
        "service": "emergency-surgery",
        "open": before[:1],
    }
    page.execute_script("reconfigExplorer.load(arguments[0])", json.dumps(saved))
    assert opened(page) == before
    said = page.find_element(By.ID, "explore-refused").text
    assert "“Elsewhere”" in said
    assert "“Greater Manchester”" in said


def test_best_claims_nothing_where_the_question_changed_meanwhile(page: Any) -> None:
    page.execute_script(
        "document.getElementById('explore-best-number').value = 'any';"
        "document.getElementById('explore-best').click();"
        "document.querySelector('.fix').click(); document.querySelector('.site').click();"
    )
    chosen = opened(page)
    said = until(
        page,
        "const t = document.getElementById('explore-best-result').textContent;"
        "return t === 'Looking …' ? '' : t;",
    )
    assert "Ask again" in said
    assert "Proven" not in said
    assert opened(page) == chosen


def test_a_map_that_is_added_twice_is_listed_once(page: Any) -> None:
    count = "return document.querySelectorAll('#explore-points li').length"
    before = page.execute_script(count)
    site = opened(page)[0]
    for _ in range(2):
        page.execute_script(
            "reconfigExplorer.add({service: 'emergency-surgery', open: [arguments[0]],"
            "label: 'Mine'})",
            site,
        )
    assert page.execute_script(count) == before + 1


def test_a_link_says_its_region_and_one_that_says_none_is_still_read(
    page: Any, surgery_page: Path
) -> None:
    sites = opened(page)[1:]
    shown(page, "emergency-surgery", sites)
    link = page.find_element(By.ID, "explore-link").get_attribute("value")
    asked = parse_qs(link.split("#explore?")[1])
    assert asked["region"] == ["Greater Manchester"]
    del asked["region"]
    open_page(page, surgery_page, "#explore?" + urlencode(asked, doseq=True))
    assert opened(page) == sites
    assert page.find_element(By.ID, "explore-refused").text == ""
