"""The docs answer: code runs, commands parse, scenarios are read, links resolve, pages build."""

from __future__ import annotations

import ast
import csv
import re
import shlex
import subprocess
import sys
import tomllib
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urlsplit

import jsonschema
import pytest

import reconfig as rc
from reconfig.cli import _parser, main
from reconfig.scenario_schema import scenario_schema
from tests.documents import DOCS, PAGES, ROOT, Block, blocks, identifier, page_run, shown

README = ROOT / "README.md"
# Tests of their own run them and hold more of them to account.
RUN_ELSEWHERE = {DOCS / "extend.md", DOCS / "batch.md"}
RUN = [p for p in PAGES if any(b.is_run for b in blocks(p)) and p not in RUN_ELSEWHERE]
# Programs that a page may tell the reader to start, beside reconfig itself.
PROGRAMS = {"pip", "python", "pytest", "taplo"}
LANGUAGES = {"python", "console", "toml", "csv", "text", "json", "r"}


def pages_with(language: str) -> list[Path]:
    """Return the pages that have a block in a language."""
    return [p for p in PAGES if any(b.language == language for b in blocks(p))]


@pytest.mark.slow
@pytest.mark.parametrize("page", RUN, ids=identifier)
def test_python_runs_block_after_block_and_prints_what_is_shown(page: Path, tmp_path: Path) -> None:
    with page_run(page, tmp_path) as (_, printed):
        below = shown(page)
        assert len(printed) == len(below)
        for said, seen in zip(printed, below, strict=True):
            assert seen is None or said == seen
    if page == README:
        assert (tmp_path / "reports" / "ten-to-four" / "report.html").is_file()


@pytest.mark.slow
def test_tables_that_are_explained_are_in_a_report_with_these_columns(tmp_path: Path) -> None:
    page = (DOCS / "results.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| `(\w+\.csv)`[^|]*\|[^|]*\|([^|]*)\|$", page, flags=re.M)
    region = rc.load_region("greater-manchester")
    surgery = region.service("emergency-surgery")
    four = rc.Configuration.of(surgery.id, surgery.candidates[:4])
    chosen = rc.appraise(region, surgery, four)
    rc.report(tmp_path / "out", region.today(surgery), chosen)
    for file, said in rows:
        text = (tmp_path / "out" / "csv" / file).read_text(encoding="utf-8-sig")
        columns = set(next(csv.reader([text.splitlines()[0]])))
        assert set(re.findall(r"`([^`]+)`", said)) <= columns, file
    assert len(rows) > 6


@pytest.mark.parametrize("page", pages_with("python"), ids=identifier)
def test_python_that_is_not_run_compiles_and_names_what_there_is(page: Path) -> None:
    for block in blocks(page):
        if block.language == "python":
            for node in ast.walk(ast.parse(block.text)):
                if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
                    assert node.value.id != "rc" or hasattr(rc, node.attr), node.attr


def is_scenario(block: Block) -> bool:
    """Say whether a block is a whole scenario."""
    return block.language == "toml" and {"service", "objective"} <= set(tomllib.loads(block.text))


@pytest.mark.parametrize("page", pages_with("toml"), ids=identifier)
def test_scenarios_are_read_and_fit_the_schema(page: Path, tmp_path: Path) -> None:
    for block in blocks(page):
        if block.file:
            path = tmp_path / block.file
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(block.text, encoding="utf-8")
    for number, block in enumerate(blocks(page)):
        if is_scenario(block):
            path = tmp_path / (block.file or f"{number}.toml")
            path.write_text(block.text, encoding="utf-8")
            assert main(["check", str(path)]) == 0
            jsonschema.Draft202012Validator(scenario_schema()).validate(tomllib.loads(block.text))


def test_there_are_scenarios_to_read() -> None:
    assert {README, DOCS / "scenario.md", DOCS / "region.md"} <= {
        page for page in PAGES if any(map(is_scenario, blocks(page)))
    }


@pytest.mark.slow
def test_the_scenario_of_the_readme_can_be_solved(tmp_path: Path) -> None:
    (block,) = filter(is_scenario, blocks(README))
    path = tmp_path / "scenario.toml"
    path.write_text(block.text, encoding="utf-8")
    assert main(["run", str(path), "--out", str(tmp_path / "out")]) == 0


@pytest.mark.parametrize("page", pages_with("console"), ids=identifier)
def test_commands_are_such_as_there_are(page: Path) -> None:
    lines = [line for b in blocks(page) if b.language == "console" for line in b.text.splitlines()]
    for command in (part for line in lines for part in line.split("&&") if part.strip()):
        words = shlex.split(command, comments=True)
        if words[0] == "reconfig":
            _parser().parse_args(words[1:])  # ends the test with what is wrong
        else:
            assert words[0] in PROGRAMS, command


@pytest.mark.parametrize("page", PAGES, ids=identifier)
def test_every_block_says_its_language(page: Path) -> None:
    assert {block.language for block in blocks(page)} <= LANGUAGES
    if page == README:  # elsewhere what is indented is a formula
        assert not re.search(
            r"^    \S", re.sub(r"^```.*?^```$", "", page.read_text(), flags=re.S | re.M), flags=re.M
        )


def slugs(page: Path) -> set[str]:
    """Return the anchors of a page's headings, as GitHub makes them."""
    text = re.sub(r"^```.*?^```$", "", page.read_text(encoding="utf-8"), flags=re.S | re.M)
    headings = re.findall(r"^#+ (.+)$", text, flags=re.M)
    return {re.sub(r"[^\w\- ]", "", h.lower()).strip().replace(" ", "-") for h in headings}


@pytest.mark.parametrize("page", PAGES, ids=identifier)
def test_every_file_and_heading_that_is_linked_is_there(page: Path) -> None:
    for target in re.findall(r"\]\(([^)\s]+)\)", page.read_text(encoding="utf-8")):
        if urlsplit(target).scheme:
            continue
        file, _, anchor = target.partition("#")
        path = page.parent / file if file else page
        assert path.exists(), target
        assert not anchor or anchor in slugs(path), target


# The site


# Element -> the attribute with what a browser fetches for it.
FETCHED = {"script": "src", "img": "src", "iframe": "src", "source": "src", "link": "href"}


class Links(HTMLParser):
    """The anchors of a built page, what it links to, and what a browser fetches for it."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.anchors: set[str] = set()
        self.linked: list[str] = []
        self.fetched: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {key: value for key, value in attrs if value}
        if "id" in given:
            self.anchors.add(given["id"])
        if tag == "a" and "href" in given:
            self.linked.append(given["href"])
        if tag in FETCHED and FETCHED[tag] in given:
            self.fetched.append(given[FETCHED[tag]])


def build(folder: Path) -> Path:
    """Build the site, warnings as errors; return the folder of its pages."""
    command = [sys.executable, "-m", "sphinx", "-W", "-q", "-d", str(folder / "trees")]
    done = subprocess.run(
        [*command, str(DOCS), str(folder / "site")],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
        timeout=300,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return folder / "site"


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the built site."""
    return build(tmp_path_factory.mktemp("site"))


@pytest.fixture(scope="module")
def built(site: Path) -> dict[Path, Links]:
    """Return every page of the built site, parsed."""
    return {p: Links(p.read_text(encoding="utf-8")) for p in sorted(site.rglob("*.html"))}


@pytest.mark.slow
def test_the_site_has_every_page_and_every_name(site: Path, built: dict[Path, Links]) -> None:
    pages = {str(p.relative_to(site)) for p in built}
    sources = [p.relative_to(DOCS) for p in PAGES if p != README]
    assert {str(p.with_suffix(".html")) for p in sources} <= pages
    notebooks = (ROOT / "notebooks").glob("*.ipynb")
    assert {f"made/tutorial/{p.stem}.html" for p in notebooks} <= pages
    anchors = built[site / "made" / "api.html"].anchors
    assert {f"reconfig.{name}" for name in rc.__all__} <= anchors
    assert {f"reconfig.sections.{name}" for name in rc.sections.__all__} <= anchors
    assert "more" not in anchors, "a name without a heading of its own: docs/making.py, GROUPS"


@pytest.mark.slow
def test_the_site_fetches_nothing_from_elsewhere(site: Path, built: dict[Path, Links]) -> None:
    for page, links in built.items():
        for address in links.fetched:
            assert not urlsplit(address).netloc, f"{page.name}: {address}"
            assert urlsplit(address).scheme in ("", "data"), f"{page.name}: {address}"
    for sheet in site.rglob("*.css"):
        text = sheet.read_text(encoding="utf-8")
        for address in re.findall(r"url\(\s*['\"]?([^'\")]+)|@import\s+['\"]([^'\"]+)", text):
            assert "//" not in "".join(address).partition("data:")[0], f"{sheet.name}: {address}"


@pytest.mark.slow
def test_every_link_of_the_site_resolves(site: Path, built: dict[Path, Links]) -> None:
    for page, links in built.items():
        for address in [*links.linked, *links.fetched]:
            parts = urlsplit(address)
            if parts.scheme or parts.netloc:
                continue
            target = (page.parent / unquote(parts.path)).resolve() if parts.path else page
            assert target.is_file(), f"{page.name}: {address}"
            if parts.fragment and target in built:
                known = built[target].anchors
                assert unquote(parts.fragment) in known, f"{page.name}: {address}"


@pytest.mark.slow
def test_the_same_sources_make_the_same_pages(site: Path, tmp_path: Path) -> None:
    again = build(tmp_path)
    files = {p.relative_to(site): p for p in site.rglob("*") if p.is_file()}
    assert {p.relative_to(again) for p in again.rglob("*") if p.is_file()} == set(files)
    for name, path in files.items():
        assert path.read_bytes() == (again / name).read_bytes(), name
