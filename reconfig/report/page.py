"""The report page: one HTML file that opens without a network and asks for nothing."""

from __future__ import annotations

import base64
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib.resources import files
from typing import Any

from jinja2 import Environment, FunctionLoader, StrictUndefined
from markupsafe import Markup

from reconfig.report.explore.page import Explorer
from reconfig.report.figures import png_bytes, small_png
from reconfig.report.results import versions
from reconfig.report.sections.block import Block, Part, Picture, Prose, Section, Terms
from reconfig.report.tables import SHARE, Table
from reconfig.report.words import number

# A longer table shows its first rows; the files have the rest.
MOST_ROWS = 60


@dataclass(frozen=True)
class PageTable:
    """A table as text, ready to be shown: headings, rows and which columns hold numbers.

    left_out: how many rows are only in the files.
    """

    caption: str
    headings: list[str]
    rows: list[list[str]]
    numeric: list[bool]
    left_out: int = 0


@dataclass(frozen=True, eq=False)
class PageContent:
    """What a page is made of.

    images: name of a picture -> PNG. explorer_after: id of the section that it follows.
    with_maps: whether map.gpkg lies beside the page.
    """

    title: str
    lead: str
    sections: Sequence[Section]
    images: Mapping[str, bytes]
    explorer: Explorer
    explorer_after: str
    with_maps: bool = False


def html_page(content: PageContent) -> str:
    """Return the whole page as HTML; every text in it is escaped by the template."""
    template = _environment().get_template("page.html")
    explorer = content.explorer
    return template.render(
        page=content,
        sections=[_shown_section(section, content.images) for section in content.sections],
        library=Markup(explorer.library),
        script=Markup(explorer.script),
        style=Markup(explorer.style),
        explorer=Markup(explorer.html),
        versions=versions(),
    )


def section_html(section: Section) -> str:
    """Return a section as HTML that stands alone, as a notebook shows it."""
    images = {one.name: small_png(png_bytes(one.figure)) for one in section.pictures}
    template = _environment().get_template("section.html")
    return template.render(section=_shown_section(section, images))


def _environment() -> Environment:
    return Environment(
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        loader=FunctionLoader(
            lambda name: files("reconfig.report").joinpath(name).read_text(encoding="utf-8")
        ),
    )


def _shown_section(section: Section, images: Mapping[str, bytes]) -> dict[str, Any]:
    """Return a section as plain values, as the template reads them."""
    return {
        "id": section.id,
        "title": section.title,
        "blocks": [_shown(block, images) for block in section.blocks if _is_shown(block)],
    }


def _is_shown(block: Block) -> bool:
    return not isinstance(block, Table) or block.on_page


def _shown(block: Block, images: Mapping[str, bytes]) -> dict[str, Any]:
    if isinstance(block, Prose):
        return {"kind": "prose", "sentences": block.sentences, "lines": block.lines}
    if isinstance(block, Terms):
        return {"kind": "terms", "rows": block.rows}
    if isinstance(block, Table):
        return {"kind": "table", "table": page_table(block)}
    if isinstance(block, Picture):
        source = _data_uri(images[block.name])
        return {"kind": "picture", "picture": block, "source": source}
    assert isinstance(block, Part)
    inner = [_shown(one, images) for one in block.blocks if _is_shown(one)]
    return {"kind": "part", "id": block.id, "title": block.title, "blocks": inner}


def _data_uri(png: bytes) -> str:
    return f"data:image/png;base64,{base64.b64encode(png).decode()}"


def page_table(table: Table) -> PageTable:
    """Return a table as text, numbers in their units; of a long one the first rows."""
    columns = [str(column) for column in table.frame.columns]
    numeric = [table.frame[column].dtype.kind in "if" for column in columns]
    shown = table.frame.head(MOST_ROWS)
    values = [shown[column].tolist() for column in columns]
    rows = [
        [
            _cell(values[k][row], table.unit(column, row), signed=column in table.changes)
            for k, column in enumerate(columns)
        ]
        for row in range(len(shown))
    ]
    headings = [_heading(table, column) for column in columns]
    return PageTable(table.caption, headings, rows, numeric, len(table.frame) - len(shown))


def _cell(value: Any, unit: str, *, signed: bool) -> str:
    if isinstance(value, str):
        return value
    if isinstance(value, float) and not unit and math.isfinite(value):
        return f"{value:,.2f}"
    return str(value) if isinstance(value, int) else number(value, unit, signed=signed)


def _heading(table: Table, column: str) -> str:
    """Return a column's heading; a share says its unit in every cell, with a % sign."""
    return column if table.units.get(column) == SHARE else table.heading(column)
