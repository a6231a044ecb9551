"""What the explorer shows once, and where it puts the names on its map."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

import pytest

import reconfig as rc
from reconfig.core import Configuration, Region
from reconfig.report.explore import explore
from tests.browser.drive import at_width
from tests.browser.explorer.explored import open_page, shown
from tests.unit.report.places import square_region, surgery

NAMES = """
    const plot = Bokeh.documents.map((d) => d.get_model_by_name("explore-map")).find(Boolean);
    const { data } = plot.renderers.map((r) => r.data_source)
        .find((source) => source && source.name === "explore-names");
    const view = Object.values(Bokeh.index).find((v) => v.model === plot)
        ?? Bokeh.index.find_one_by_id(plot.id);
    const { x_scale, y_scale, bbox } = view.frame;
    const pen = document.createElement("canvas").getContext("2d");
    pen.font = "bold 12px helvetica";
    const boxes = data.name.map((name, k) => {
        const wide = pen.measureText(name).width;
        const x = x_scale.compute(data.x[k]) + data.dx[k];
        const y = y_scale.compute(data.y[k]) + data.dy[k];
        const left = x - { left: 0, center: wide / 2, right: wide }[data.align[k]];
        // With the ground it stands on.
        return [left - 1, y - 8, left + wide + 1, y + 8];
    });
    return { names: [...data.name], boxes, frame: [bbox.left, bbox.top, bbox.right, bbox.bottom] };
"""


def badly_placed(page: Any) -> tuple[list[str], list[str]]:
    """Return the names on the map, and those that cover another or run off the map."""
    found = page.execute_script(NAMES)
    left, top, right, bottom = found["frame"]
    wrong = []
    for k, (west, north, east, south) in enumerate(found["boxes"]):
        off = west < left or north < top or east > right or south > bottom
        over = any(
            min(east, other[2]) > max(west, other[0])
            and min(south, other[3]) > max(north, other[1])
            for other in found["boxes"][:k]
        )
        wrong += [found["names"][k]] if off or over else []
    return found["names"], wrong


@pytest.mark.parametrize("width", [1280, 390, 320])
def test_no_name_on_the_map_covers_another_or_runs_off_it(
    browser: Any, surgery_page: Path, width: int
) -> None:
    at_width(browser, width)
    open_page(browser, surgery_page)
    region = rc.load_region("greater-manchester")
    service = region.service("emergency-surgery")
    for sites in (service.today, service.candidates, service.candidates[:4]):
        shown(browser, service.id, list(sites))
        time.sleep(0.3)
        names, wrong = badly_placed(browser)
        assert wrong == []
        assert len(names) > len(sites) / 3
    at_width(browser, 500)  # turned, or made narrower, with the page open
    time.sleep(0.5)
    assert badly_placed(browser)[1] == []


def test_where_sites_are_many_names_come_when_zoomed_in(browser: Any, tmp_path: Path) -> None:
    region = square_region()
    service = surgery(region)
    at_width(browser, 1280)
    path = explore(region, service).save(tmp_path / "page.html")
    # A page where even two are many.
    path.write_text(path.read_text(encoding="utf-8").replace("MOST_NAMES = 20", "MOST_NAMES = 1"))
    open_page(browser, path)
    shown(browser, service.id, ["A", "B"])
    assert badly_placed(browser)[0] == []
    browser.execute_script(
        "const plot = Bokeh.documents.map((d) => d.get_model_by_name('explore-map')).find(Boolean);"
        "const { x, y } = plot.renderers.map((r) => r.data_source)"
        ".find((s) => s && s.name === 'explore-sites').data;"
        "const apart = Math.hypot(x[1] - x[0], y[1] - y[0]) / 2;"
        "plot.x_range.setv({ start: x[0] - apart / 2, end: x[0] + apart / 2 });"
        "plot.y_range.setv({ start: y[0] - apart / 2, end: y[0] + apart / 2 });"
    )
    time.sleep(0.5)
    names, wrong = badly_placed(browser)
    assert names == [str(region.sites.loc["A", "short_name"])]
    assert wrong == []


def test_where_nothing_is_proposed_today_stands_once(
    browser: Any, manchester: Region, tmp_path: Path
) -> None:
    service = manchester.service("emergency-surgery")
    today = manchester.today(service)
    at_width(browser, 1280)
    for after, names in ((None, [today.name]), (service.candidates[:3], [today.name, "Three"])):
        three = None if after is None else Configuration.of(service.id, after, name="Three")
        page = explore(manchester, service, after=three).save(tmp_path / "page.html")
        open_page(browser, page)
        for part in ("figures", "groups"):
            heads = browser.execute_script(
                "return [...document.querySelector(arguments[0] + ' thead').querySelectorAll('th')]"
                ".map((cell) => cell.textContent)",
                f"#explore-{part}",
            )
            assert heads[1 + (part == "groups") :] == [
                *names,
                "Your map",
                f"Change from {today.name}",
            ]
        lives = browser.execute_script(
            "return [...document.querySelectorAll('#explore-lives dt')].map((e) => e.textContent)"
        )
        assert lives == [*names, "Your map"]
