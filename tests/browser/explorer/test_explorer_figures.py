"""Every figure of the explorer, in a real browser, is that of rc.appraise."""

from __future__ import annotations

import json
import random
import warnings
from importlib import import_module
from itertools import combinations
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from selenium.webdriver.common.by import By

import reconfig as rc
from reconfig.analyse.findings import Findings
from reconfig.appraise import Appraisal, scale
from reconfig.core import Configuration, Region, Service
from reconfig.report.explore import explore
from reconfig.report.words import measure_unit, number
from tests.browser.drive import at_width
from tests.browser.explorer.explored import (
    EXACT,
    TABLE,
    appraised,
    differences,
    open_page,
    opened,
    shown,
    until,
)
from tests.unit.report.places import SCRIPT, square_region, surgery


def texts_of(browser: Any, expected: Appraisal) -> list[tuple[str, str]]:
    """Return the page's texts of an appraisal's figures, and those that the report would have."""
    rows = browser.execute_script(TABLE, "#explore-figures")
    pairs = [
        (row[-2], number(value, measure_unit(name)))
        for row, (name, value) in zip(rows, expected.measures.items(), strict=True)
    ]
    groups = {row[0]: row for row in browser.execute_script(TABLE, "#explore-groups")}
    for table in expected.by.values():
        pairs += [
            (groups[str(group)][-2], number(value, "minutes"))
            for group, value in table["mean_minutes"].items()
        ]
    return pairs


def choices(service: Service, count: int) -> list[tuple[str, ...]]:
    """Return today with each site toggled, and so many other choices, the same every time."""
    today, candidates = set(service.today), list(service.candidates)
    toggled = [tuple(sorted(today ^ {site})) for site in candidates]
    rng = random.Random(6)
    others = [
        tuple(sorted(rng.sample(candidates, rng.randint(1, len(candidates))))) for _ in range(count)
    ]
    return [*toggled, *others]


def made_up_with_choice() -> tuple[Region, Service]:
    """Return a region with ties, zones without cases and no way, whose patients choose."""
    rng = np.random.default_rng(6)
    zones = pd.DataFrame(
        {
            "zone_id": [f"z{k:02}" for k in range(40)],
            "district": [f"d{k % 4}" for k in range(40)],
            "cases": np.where(np.arange(40) % 7 == 0, 0.0, rng.integers(1, 30, 40) / 3.0),
        }
    )
    sites = pd.DataFrame(
        {
            "site_id": list("ABCDEN"),
            "name": [SCRIPT, "=1+1", "$$x$$", "Dock", "East", "Neighbour"],
            "in_scope": ["yes"] * 5 + ["no"],
        }
    )
    minutes = pd.DataFrame(rng.integers(1, 12, (40, 6)) * 5.0 + 1 / 3, columns=list("ABCDEN"))
    minutes = minutes.astype(object)
    minutes.loc[3, ["A", "B", "N"]] = "unreachable"
    minutes = minutes.set_index(pd.Index(zones["zone_id"], name="zone_id"))
    region = Region.from_tables(zones, sites, minutes, name="Choosers")
    return region, surgery(region).with_choice(6.0, orders=4, seed=6)


def surgery_case(manchester: Region) -> tuple[Region, Service]:
    return manchester, manchester.service("emergency-surgery")


def stroke_case(manchester: Region) -> tuple[Region, Service]:
    return manchester, manchester.service("stroke-times")


def vascular_case(manchester: Region) -> tuple[Region, Service]:
    return manchester, manchester.service("vascular")


def choosing_case(manchester: Region) -> tuple[Region, Service]:
    return made_up_with_choice()


def squares_case(manchester: Region) -> tuple[Region, Service]:
    region = square_region()
    return region, surgery(region)


@pytest.mark.parametrize(
    "case", [surgery_case, stroke_case, vascular_case, choosing_case, squares_case]
)
def test_every_figure_of_any_choice_of_sites_is_that_of_the_appraisal(
    browser: Any, manchester: Region, tmp_path: Path, case: Any
) -> None:
    region, service = case(manchester)
    at_width(browser, 1280)
    open_page(browser, explore(region, service).save(tmp_path / "page.html"))
    seen = 0
    for sites in choices(service, 50):
        expected = appraised(region, service, sites)
        assert differences(shown(browser, service.id, sites), expected) == [], sites
        if expected is not None:
            seen += 1
            wrong = [pair for pair in texts_of(browser, expected) if pair[0] != pair[1]]
            assert wrong == [], sites
    assert seen > 20
    assert [line for line in browser.get_log("browser") if line["level"] == "SEVERE"] == []


@pytest.mark.parametrize("rules", [True, False])
def test_the_best_with_these_fixed_is_the_best_of_all_there_are(
    page: Any, manchester: Region, solved: tuple[rc.Solution, Findings], rules: bool
) -> None:
    problem = solved[0].problem
    service = problem.service
    shut, kept = service.candidates[0], service.candidates[-1]
    shown(page, service.id, service.candidates[3:])
    for site in (shut, kept):
        page.find_element(By.CSS_SELECTOR, f"[data-fix={site}]").click()
    for selector in ("#explore-best-measure option[value=mean_minutes]",):
        page.find_element(By.CSS_SELECTOR, selector).click()
    page.find_element(By.CSS_SELECTOR, "#explore-best-number option[value='3']").click()
    box = page.find_element(By.ID, "explore-best-rules")
    if box.is_selected() != rules:
        box.click()
    page.find_element(By.ID, "explore-best").click()
    said = until(
        page,
        "const t = document.getElementById('explore-best-result').textContent;"
        "return t.includes('roven') || t.includes('No map') ? t : '';",
    )
    is_open = {shut: False, kept: True}
    found = brute_force(problem, 3, is_open, rules=rules)
    assert f"all {len(found)} maps" in said
    assert "Proven" in said
    best = appraised(manchester, service, opened(page))
    assert best is not None
    assert best.measures["mean_minutes"] == pytest.approx(min(found), rel=EXACT)


def brute_force(
    problem: rc.Problem, number: int, held: dict[str, bool], *, rules: bool
) -> list[float]:
    """Return the mean journey of every choice of so many sites that holds some as they are."""
    region, service = problem.region, problem.service
    found = []
    for sites in combinations(service.candidates, number):
        if all((s in sites) == on for s, on in held.items()):
            choice = Configuration.of(service.id, sites)
            if not rules or not rc.violations(problem, choice):
                found.append(rc.appraise(region, service, choice).measures["mean_minutes"])
    return found


def test_the_rules_that_the_page_calls_broken_are_those_that_are(
    browser: Any, manchester: Region, tmp_path: Path
) -> None:
    service = manchester.service("emergency-surgery")
    sites = list(service.candidates)
    rules = [
        rc.open_sites(at_least=3, at_most=6),
        rc.keep(sites[0]),
        rc.close(sites[1]),
        rc.among(sites[2:6], at_least=2),
        rc.differ(sites[:5], by=2),
        rc.limit("mean_minutes", at_most_over_today=2.5, by="district"),
        rc.limit("min_volume", at_least=100),
        rc.within(15, share=0.3, by="deprivation_fifth"),
        rc.capacity({sites[0]: 300.0, sites[2]: 250.0}),
        rc.workforce(40, each=8),
        rc.needs("stroke"),
    ]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        problem = rc.Problem(manchester, service, rc.minimise("mean_minutes"), rules)
    at_width(browser, 1280)
    open_page(browser, explore(problem).save(tmp_path / "rules.html"))
    entries = "return [...document.querySelectorAll('#explore-rules li')].map(e => e.textContent)"
    seen = set()
    for chosen in choices(service, 40):
        shown(browser, service.id, chosen)
        said = browser.execute_script(entries)
        assert len(said) == len(rules)
        for sentence, rule in zip(said, rules, strict=True):
            alone = rc.Problem(manchester, service, rc.minimise("mean_minutes"), [rule])
            broken = bool(rc.violations(alone, Configuration.of(service.id, chosen)))
            assert sentence.startswith("Broken: " if broken else "Kept: "), (sentence, chosen)
            seen.add((type(rule), broken))
    assert len({kind for kind, broken in seen if broken}) >= 7


def test_services_decided_together_are_explored_each_by_itself(
    browser: Any, manchester: Region, tmp_path: Path
) -> None:
    four = {
        manchester.service(name): [rc.open_sites(4)] for name in ("stroke", "emergency-surgery")
    }
    problem = rc.together(manchester, four, rc.minimise("mean_minutes"))
    today = rc.appraise(problem.region, problem.service, problem.region.today(problem.service))
    made = explore(rc.compare(today, today))
    at_width(browser, 1280)
    open_page(browser, made.save(tmp_path / "both.html"))
    for name in ("stroke", "emergency-surgery"):
        part = manchester.service(name)
        sites = part.candidates[:3]
        expected = appraised(manchester, part, sites)
        assert differences(shown(browser, name, sites), expected) == []
        assert browser.execute_script("return reconfigExplorer.service();") == name


def test_where_not_every_choice_is_known_nothing_is_called_proven(
    browser: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(import_module("reconfig.report.explore.pack"), "MOST_CHOICES", 4)
    region = square_region()
    service = surgery(region)
    two = Configuration.of(service.id, ["A", "B"], name="Two")
    at_width(browser, 1280)
    open_page(browser, explore(region, service, after=two).save(tmp_path / "page.html"))
    assert (
        differences(shown(browser, service.id, ["A", "B"]), appraised(region, service, "AB")) == []
    )
    other = shown(browser, service.id, ["C"])
    expected = appraised(region, service, "C")
    assert expected is not None
    assert other["measures"]["lives_saved"] == pytest.approx(expected.measures["lives_saved"])
    assert other["lives"]["low"] is None
    assert (
        "interval and chance of no gain not worked out on this page"
        in browser.find_element(By.ID, "explore-lives").text
    )
    browser.find_element(By.CSS_SELECTOR, "#explore-best-number option[value=any]").click()
    browser.find_element(By.ID, "explore-best").click()
    said = until(
        browser,
        "const t = document.getElementById('explore-best-result').textContent;"
        "return t.includes('roven') ? t : '';",
    )
    assert "Not proven: the best of the maps at hand, 3 maps" in said


def test_england_opens_and_a_site_closed_gives_the_figures_of_the_appraisal(
    browser: Any, tmp_path: Path
) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        region = rc.load_region("england-stroke")
    service = region.service("stroke")
    path = explore(region, service).save(tmp_path / "england.html")
    assert path.stat().st_size < 10e6
    at_width(browser, 1280)
    open_page(browser, path)
    site = opened(browser)[0]
    browser.find_element(By.CSS_SELECTOR, f"[data-site={site}]").click()
    sites = opened(browser)
    assert set(service.today) - set(sites) == {site}
    found = browser.execute_script("return reconfigExplorer.figures();")
    assert differences(found, appraised(region, service, sites)) == []


CLOUD = """
    const found = Bokeh.documents.map((d) => d.get_model_by_name("explore-cloud")).find(Boolean);
    return [...found.data.x];
"""


def test_a_file_of_another_service_brings_the_other_choices_of_that_service(
    browser: Any, manchester: Region, tmp_path: Path
) -> None:
    parts = [manchester.service(name) for name in ("emergency-surgery", "stroke")]
    asked = {part: [rc.open_sites(4)] for part in parts}
    problem = rc.together(manchester, asked, rc.minimise("mean_minutes"))
    today = rc.appraise(problem.region, problem.service, problem.region.today(problem.service))
    at_width(browser, 1280)
    open_page(browser, explore(rc.compare(today, today)).save(tmp_path / "both.html"))
    until(browser, f"const cloud = (() => {{{CLOUD}}})(); return cloud.length > 0;")
    first = browser.execute_script(CLOUD)
    shown_first = browser.execute_script("return reconfigExplorer.service()")
    other = next(part for part in parts if part.id != shown_first)
    saved = {"made_by": "reconfig", "service": other.id, "open": list(other.candidates[:3])}
    browser.execute_script("reconfigExplorer.load(arguments[0])", json.dumps(saved))
    assert browser.execute_script("return reconfigExplorer.service()") == other.id
    lengthy = json.dumps(first)
    until(browser, f"return JSON.stringify((() => {{{CLOUD}}})()) !== JSON.stringify({lengthy});")


def test_one_map_with_two_names_is_not_as_good_as_itself(
    browser: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(import_module("reconfig.report.explore.pack"), "MOST_CHOICES", 4)
    region = square_region()
    service = surgery(region)
    two = Configuration.of(service.id, ["A", "B"], name="Two")
    at_width(browser, 1280)
    open_page(browser, explore(region, service, after=two).save(tmp_path / "page.html"))
    browser.execute_script(
        "reconfigExplorer.add({service: arguments[0], open: ['A', 'B'], label: 'Again'})",
        service.id,
    )
    browser.find_element(By.CSS_SELECTOR, "#explore-best-number option[value='2']").click()
    browser.find_element(By.ID, "explore-best").click()
    said = until(
        browser,
        "const t = document.getElementById('explore-best-result').textContent;"
        "return t.includes('roven') ? t : '';",
    )
    assert "as good" not in said
    assert "1 map" in said


def test_the_best_of_the_maps_at_hand_is_never_worse_than_the_map_that_was_shown(
    browser: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(import_module("reconfig.report.explore.pack"), "MOST_CHOICES", 4)
    region = square_region()
    service = surgery(region)
    every = [sites for n in range(1, 4) for sites in combinations(sorted(service.candidates), n)]
    found = {sites: appraised(region, service, sites) for sites in every}
    means = {sites: a.measures["mean_minutes"] for sites, a in found.items() if a is not None}
    best = min(means, key=lambda sites: means[sites])
    worst = max(means, key=lambda sites: means[sites])
    assert means[best] < means[worst]
    listed = found[worst]  # all that is on the page's own list
    assert listed is not None
    at_width(browser, 1280)
    open_page(browser, explore(rc.compare(listed, listed)).save(tmp_path / "page.html"))
    browser.find_element(By.CSS_SELECTOR, "#explore-best-number option[value=any]").click()
    for before in ([best], [best, worst]):
        for sites in before:
            shown(browser, service.id, sites)
        browser.execute_script("document.getElementById('explore-best-result').textContent = ''")
        browser.find_element(By.ID, "explore-best").click()
        until(
            browser,
            "return document.getElementById('explore-best-result').textContent.includes('roven')",
        )
        assert means[tuple(opened(browser))] == pytest.approx(means[best], rel=EXACT)


def values_in(text: str) -> tuple[float, int]:
    """Return the number at the head of a text, and how many decimals it is written with."""
    digits = text.split()[0].rstrip("%").replace(",", "")
    return float(digits), len(digits.partition(".")[2])


def test_a_change_never_contradicts_the_values_that_stand_beside_it(
    browser: Any, manchester: Region, tmp_path: Path
) -> None:
    service = manchester.service("emergency-surgery")
    before = rc.appraise(manchester, service, manchester.today(service))
    at_width(browser, 1280)
    open_page(browser, explore(manchester, service).save(tmp_path / "page.html"))
    longer = 0
    for sites in choices(service, 30):
        after = appraised(manchester, service, sites)
        assert after is not None
        shown(browser, service.id, sites)
        rows = browser.execute_script(TABLE, "#explore-figures")
        for row, name in zip(rows, after.measures, strict=True):
            _, old, own, change = row
            if "none" in (old, own):
                continue
            exact = scale(measure_unit(name)) * (after.measures[name] - before.measures[name])
            (said, digits), (first, usual), (second, _) = map(values_in, (change, old, own))
            assert abs(said - exact) <= 0.5 * 10**-digits + EXACT, (name, row)
            plain = number(
                after.measures[name] - before.measures[name], measure_unit(name), signed=True
            )
            if digits == usual:
                assert change == plain
                assert said == pytest.approx(second - first, abs=10 ** -(usual + 3)), (name, row)
            else:
                longer += 1
                assert values_in(plain)[0] != pytest.approx(second - first, abs=10 ** -(usual + 3))
    assert longer > 0
