"""Code blocks of the README and the docs, as the tests read and run them."""

from __future__ import annotations

import contextlib
import io
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from reconfig.appraise import JUDGES, MEASURES
from reconfig.model import ROWS
from reconfig.outcomes import MODELS

ROOT = Path(__file__).resolve().parents[1]
DOCS = ROOT / "docs"
# docs/made is written by every build of the site.
PAGES = sorted(
    p for p in [ROOT / "README.md", *DOCS.rglob("*.md")] if DOCS / "made" not in p.parents
)
FENCE = re.compile(r"^```(\w*) ?([^\n`]*)\n(.*?)^```$", flags=re.S | re.M)
REGISTRIES: tuple[dict[Any, Any], ...] = (JUDGES, ROWS, MEASURES, MODELS)


@dataclass(frozen=True)
class Block:
    """A fenced block: its language, what stands behind that, its text.

    Behind the language may stand the file that it is, or `not-run`: Python that is only compiled.
    """

    language: str
    word: str
    text: str

    @property
    def is_run(self) -> bool:
        """Say whether it is Python that runs."""
        return self.language == "python" and self.word != "not-run"

    @property
    def file(self) -> str:
        """The file that it is, "" if none."""
        return "" if self.word == "not-run" else self.word


def blocks(page: Path) -> list[Block]:
    """Return the fenced blocks of a page, in order; those of Sphinx ({toctree}) left out."""
    found = [Block(*parts) for parts in FENCE.findall(page.read_text(encoding="utf-8"))]
    return [block for block in found if not block.word.startswith("{")]


def identifier(page: Path) -> str:
    """Return a page's place in the clone, to name a test by."""
    return str(page.relative_to(ROOT))


@contextlib.contextmanager
def page_run(page: Path, folder: Path) -> Iterator[tuple[dict[str, Any], list[str]]]:
    """Run a page's blocks in order in a folder: the names that it made, what each block printed.

    Files are written where they stand. What the page registers is taken away afterwards.
    """
    before = [dict(table) for table in REGISTRIES]
    names: dict[str, Any] = {"__name__": "page"}
    printed = []
    with contextlib.chdir(folder):
        try:
            for block in blocks(page):
                if block.file:
                    Path(block.file).parent.mkdir(parents=True, exist_ok=True)
                    Path(block.file).write_text(block.text, encoding="utf-8")
                elif block.is_run:
                    said = io.StringIO()
                    with contextlib.redirect_stdout(said):
                        exec(compile(block.text, str(page), "exec", dont_inherit=True), names)
                    printed.append(said.getvalue())
            yield names, printed
        finally:
            for table, kept in zip(REGISTRIES, before, strict=True):
                table.clear()
                table.update(kept)


def shown(page: Path) -> list[str | None]:
    """Return what a page shows below each block that runs; None where it shows nothing."""
    found: list[str | None] = []
    last: Block | None = None
    for block in blocks(page):
        if block.is_run:
            found.append(None)
        elif block.language == "text" and last is not None and last.is_run:
            found[-1] = block.text
        last = block
    return found
