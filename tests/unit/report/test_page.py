"""The page: one file, nothing from outside, every text escaped, and fit to be read."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from html.parser import HTMLParser

import pandas as pd
import pytest

from reconfig.data import load_register
from reconfig.report import report
from reconfig.report.explore.page import Explorer
from reconfig.report.figures import new_figure
from reconfig.report.page import MOST_ROWS, PageContent, html_page
from reconfig.report.sections.block import Part, Picture, Prose, Section, Terms
from reconfig.report.summary import nearest_site_sentence, verdict_rows
from reconfig.report.tables import Table
from tests.unit.report.places import SCRIPT, solved
from tests.unit.report.whole import with_frontier

# Anything that could make a browser fetch from, or point to, another machine.
OUTSIDE = re.compile(
    r"""(?:src|href|action|poster|srcset)["']?\s*[=:]\s*["'`]?\s*(?:https?:)?//[^\s"'`]"""
    r"""|url\(\s*["']?(?:https?:)?//|@import|(?:import|fetch)\(\s*["'`](?:https?:)?//""",
    re.IGNORECASE,
)


class Outline(HTMLParser):
    """Collects the elements of a page with their attributes, and its visible text."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.text = ""
        self.hidden = 0
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note an element."""
        self.elements.append((tag, dict(attrs)))
        self.hidden += tag in ("script", "style")

    def handle_endtag(self, tag: str) -> None:
        """Note the end of what is not shown."""
        self.hidden -= tag in ("script", "style")

    def handle_data(self, data: str) -> None:
        """Note what is shown."""
        self.text += "" if self.hidden else data

    def all(self, tag: str) -> list[dict[str, str | None]]:
        """Return the attributes of every element of a kind."""
        return [attrs for name, attrs in self.elements if name == tag]


PLAYED = Explorer(
    library="let library = 1 < 2;",
    script="let script = 1;",
    style=".played > p { color: red; }",
    html='<div class="played"><button id="play">Open &amp; close</button></div>',
)
NOT_PLAYED = Explorer("", "", "", "<p>No map.</p>")


def content(*, sections: Sequence[Section] = (), explorer: Explorer = NOT_PLAYED) -> PageContent:
    """Return the content of a page of these sections alone."""
    chosen = sections or [Section("maps", "Maps", ())]
    return PageContent("A title", "A lead", chosen, {}, explorer, "maps")


@pytest.fixture(scope="module")
def page(tmp_path_factory: pytest.TempPathFactory) -> str:
    """Return a page with everything on it."""
    solution = solved()
    problem = solution.problem
    folder = report(
        tmp_path_factory.mktemp("page") / "out",
        problem.region.today(problem.service),
        solution,
        findings=with_frontier(solution),
        notes=[f"A note by {SCRIPT}"],
        command="reconfig run 'a & b.toml' --out out",
    )
    return (folder / "report.html").read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def outline(page: str) -> Outline:
    """Return the elements and the text of the page."""
    return Outline(page)


def test_nothing_on_the_page_comes_from_outside(page: str) -> None:
    assert not OUTSIDE.findall(page)
    for word in ("cdn.", "googleapis", "unpkg", "bokeh.org"):
        assert word not in page


def test_the_browser_is_told_to_fetch_nothing(outline: Outline) -> None:
    policy = [m["content"] for m in outline.all("meta") if "http-equiv" in m]
    assert policy
    assert "default-src 'none'" in (policy[0] or "")
    assert "http" not in (policy[0] or "")


def test_links_stay_on_the_page_and_lead_somewhere(outline: Outline) -> None:
    ids = {attrs["id"] for _, attrs in outline.elements if "id" in attrs}
    links = [a["href"] or "" for a in outline.all("a")]
    assert links
    assert all(link.startswith("#") and link[1:] in ids for link in links)


def test_names_of_sites_are_text_and_never_code(page: str, outline: Outline) -> None:
    assert SCRIPT not in page
    assert SCRIPT in outline.text
    assert f"A note by {SCRIPT}" in outline.text
    assert "East & <b>bold</b>" in outline.text
    assert all("src" not in script for script in outline.all("script"))


def test_the_page_has_a_language_a_title_and_one_first_heading(outline: Outline) -> None:
    assert outline.all("html")[0]["lang"] == "en-GB"
    assert len(outline.all("title")) == len(outline.all("h1")) == 1


def test_tables_have_captions_and_scoped_headings_and_pictures_have_words(
    outline: Outline,
) -> None:
    assert len(outline.all("table")) == len(outline.all("caption")) > 0
    assert all(th.get("scope") in ("col", "row") for th in outline.all("th"))
    assert all(len(img["alt"] or "") > 60 for img in outline.all("img"))
    assert all((img["src"] or "").startswith("data:image/png") for img in outline.all("img"))


def test_the_first_thing_to_reach_by_keyboard_skips_to_the_report(outline: Outline) -> None:
    assert outline.all("a")[0]["href"] == "#main"
    assert outline.all("main")[0]["id"] == "main"


def test_every_section_is_there_in_its_order_and_in_the_contents(outline: Outline) -> None:
    chapters = [one["id"] for one in outline.all("section") if one.get("class") == "chapter"]
    assert chapters == [
        "summary",
        "case-for-change",
        "options",
        "maps",
        "explore",
        "access",
        "flows",
        "outcomes",
        "equality",
        "bodies",
        "trade-off",
        "provenance",
    ]
    links = [(a["href"] or "").removeprefix("#") for a in outline.all("a")]
    assert [link for link in links if link in chapters] == chapters


def test_no_anchor_is_there_twice(outline: Outline) -> None:
    ids = [attrs["id"] for _, attrs in outline.elements if "id" in attrs]
    assert len(ids) == len(set(ids))


def test_what_the_map_to_argue_with_is_made_of_goes_into_the_page_as_it_is() -> None:
    page = html_page(content(explorer=PLAYED))
    outline = Outline(page)
    assert "1 < 2" in page
    assert ".played > p" in page
    assert [b["id"] for b in outline.all("button")] == ["play"]
    assert page.index("let library") < page.index("let script")
    assert page.index("</main>") < page.index("let library")


def test_a_long_table_shows_its_first_rows_and_says_where_the_rest_is() -> None:
    frame = pd.DataFrame({"Place": [f"Place {k}" for k in range(MOST_ROWS + 40)]})
    section = Section("access", "Access", (Table("Places", "Every place", frame),))
    text = Outline(html_page(content(sections=[section]))).text
    assert f"Place {MOST_ROWS - 1}" in text
    assert f"Place {MOST_ROWS}" not in text
    assert f"The first {MOST_ROWS} rows; 40 more are in tables.xlsx" in text


def test_a_section_shows_itself_in_a_notebook_with_all_that_is_in_it() -> None:
    figure = new_figure(1, 1)
    section = Section(
        "access",
        f"Access {SCRIPT}",
        (
            Prose((f"A sentence {SCRIPT}", "And another")),
            Terms((("A topic", "A text"),)),
            Part("inner", "A part", (Table("T", "A caption", pd.DataFrame({"a": [1.5]})),)),
            Picture("dot", figure, "A dot", "One dot and no more"),
        ),
    )
    shown = section._repr_html_()
    outline = Outline(shown)
    assert SCRIPT not in shown
    for text in (f"Access {SCRIPT}", f"A sentence {SCRIPT}", "A topic", "A text", "A part", "1.50"):
        assert text in outline.text
    assert [img["alt"] for img in outline.all("img")] == ["One dot and no more"]
    assert not outline.all("script")


def test_lives_saved_come_with_interval_baseline_and_chance_of_none(outline: Outline) -> None:
    start = outline.text.index("Our best estimate is")
    said = outline.text[start : start + 500]
    for part in (
        "(a 95% range)",
        "lives saved",
        "The chance that it saves nobody, or does harm, is 0%.",
        "about 99 of these patients would die each year under no care at all",
    ):
        assert part in said


def test_the_summary_can_be_read_aloud(outline: Outline) -> None:
    for part in (
        "Surgery is at 3 sites today. It would be at 2: ",
        "It would stop at $$x$$.",
        "The mean journey by car would take",
        "Who counts: 36 zones; 990 cases a year",
        "If $$x$$ stops,",
        "Proven best: no other choice that meets the constraints does better.",
    ):
        assert part in outline.text


def test_the_page_says_what_it_does_not_know_and_where_data_come_from(outline: Outline) -> None:
    for part in (
        "Travel times to 2 of 4 sites are estimates",
        "wrong by a median of 17% of a unit's patients (Allen 2017",
        "Made up for <tests>",
    ):
        assert part.lower() in outline.text.lower()
    assert "reconfig run 'a & b.toml' --out out" in outline.text
    assert "CC0" in outline.text


def test_the_evidence_on_the_choice_of_hospital_comes_from_the_register() -> None:
    row = load_register()["travel.nearest_error"]
    assert f"{row.value:.0%}" in nearest_site_sentence()
    assert row.source in nearest_site_sentence()


def test_shares_within_15_30_and_45_minutes_are_said_in_that_order(outline: Outline) -> None:
    (sentence,) = re.findall(r"The share of patients who get there [^\n]*", outline.text)
    assert re.findall(r"within (\d+) minutes \(today [\d.]+%\)", sentence) == [
        "15",
        "30",
        "45",
    ]


def test_a_page_is_a_few_megabytes_at_most(page: str) -> None:
    assert len(page) < 4_000_000


def test_what_a_tolerance_gave_up_is_said() -> None:
    rows = verdict_rows(replace(solved(), objective=39.5))
    assert (
        "Objective",
        "maximise lives saved (lives a year); value 40.000; bound 40.000; "
        "39.500 at the configuration chosen; optimal",
    ) in rows


def test_column_names_become_words(outline: Outline) -> None:
    assert "deprivation fifth" in outline.text.lower()
    assert "deprivation_fifth" not in outline.text
