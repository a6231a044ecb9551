"""The report page: one HTML file that opens without a network and asks for nothing."""

from __future__ import annotations

import base64
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib.resources import files
from typing import Any

from jinja2 import Environment, StrictUndefined
from markupsafe import Markup

from reconfig.appraise import Comparison
from reconfig.core import Solution
from reconfig.report.classes import Classes
from reconfig.report.page_map import PageMap
from reconfig.report.results import versions
from reconfig.report.summary import (
    changed_assumptions,
    limits_of_knowledge,
    summary_sentences,
    verdict_rows,
)
from reconfig.report.tables import SHARE, Table
from reconfig.report.words import listed, measure_label, minutes_by, name_of, number, where_to


@dataclass(frozen=True)
class PageTable:
    """A table as text, ready to be shown: headings, rows and which columns hold numbers."""

    caption: str
    headings: list[str]
    rows: list[list[str]]
    numeric: list[bool]


@dataclass(frozen=True)
class Legend:
    """What the colours of a map mean: pairs of colour and label, under a title."""

    title: str
    entries: list[tuple[str, str]]


@dataclass(frozen=True, eq=False)
class PageContent:
    """What a page is made of, beside the comparison.

    interactive, picture (PNG): None where the region has no coordinates; no_map then says why.
    """

    title: str
    comparison: Comparison
    solution: Solution | None
    tables: Sequence[Table]
    sources: Table
    notes: tuple[str, ...] = ()
    interactive: PageMap | None = None
    legends: tuple[Legend, ...] = ()
    picture: bytes | None = None
    no_map: str = ""
    frontier: Table | None = None
    frontier_chart: bytes | None = None
    frontier_measures: tuple[str, ...] = ()
    command: str | None = None


def html_page(content: PageContent) -> str:
    """Return the whole page as HTML; every text in it is escaped by the template."""
    environment = Environment(
        autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    source = files("reconfig.report").joinpath("page.html").read_text(encoding="utf-8")
    template = environment.from_string(source)
    return template.render(page=content, **_words(content), **_trusted(content.interactive))


def _words(content: PageContent) -> dict[str, Any]:
    comparison = content.comparison
    before, after = comparison.before, comparison.after
    region = before.region
    names = [name_of(before.configuration, "Before"), name_of(after.configuration, "After")]
    return {
        "summary": [*summary_sentences(comparison), *content.notes],
        "further": comparison.sentences(),
        "changed": changed_assumptions(comparison.after.region),
        "verdict": verdict_rows(content.solution),
        "limits": limits_of_knowledge(comparison.after.region, comparison.after.service),
        "panels": {
            "before": f"{names[0]}: {len(before.open)} open",
            "after": f"{names[1]}: {len(after.open)} open",
            "change": "Change in minutes",
        },
        "unit": minutes_by(region),
        "picture": _data_uri(content.picture),
        "picture_words": _picture_words(comparison),
        "frontier_picture": _data_uri(content.frontier_chart),
        "frontier_measures": [measure_label(name) for name in content.frontier_measures],
        "tables": [page_table(table) for table in content.tables],
        "frontier_table": None if content.frontier is None else page_table(content.frontier),
        "sources": page_table(content.sources),
        "versions": versions(),
        "inputs": region.sha256,
        "region": region,
        "service": before.service,
        "proposed": bool(region.sites.loc[list(before.service.candidates), "proposed"].any()),
    }


def _trusted(interactive: PageMap | None) -> Mapping[str, Any]:
    """Return what goes into the page as it is: Bokeh's code, never a text from the data."""
    if interactive is None:
        return {"library": "", "script": "", "places": {}}
    return {
        "library": Markup(interactive.library),
        "script": Markup(interactive.script),
        "places": {name: Markup(place) for name, place in interactive.panels.items()},
    }


def _data_uri(png: bytes | None) -> str:
    return "" if png is None else f"data:image/png;base64,{base64.b64encode(png).decode()}"


def _picture_words(comparison: Comparison) -> str:
    """Say in words what the still map shows, for those who cannot see it."""
    before, after = comparison.before, comparison.after
    names = before.region.site_names
    return (
        f"Two maps of {before.region.name} coloured by {minutes_by(before.region)} "
        f"{where_to(before.service)}. Before, open at {listed(names(before.open))}: mean "
        f"{number(before.measures['mean_minutes'], 'minutes')} minutes. After, open at "
        f"{listed(names(after.open))}: mean {number(after.measures['mean_minutes'], 'minutes')} "
        "minutes. The tables below give the same by district and by site."
    )


def legend(title: str, classes: Classes) -> Legend:
    """Return the legend of some classes."""
    return Legend(title, list(zip(classes.colours, classes.labels, strict=True)))


def page_table(table: Table) -> PageTable:
    """Return a table as text, numbers in their units."""
    columns = [str(column) for column in table.frame.columns]
    numeric = [table.frame[column].dtype.kind in "if" for column in columns]
    values = [table.frame[column].tolist() for column in columns]
    rows = [
        [
            _cell(values[k][row], table.unit(column, row), signed=column in table.changes)
            for k, column in enumerate(columns)
        ]
        for row in range(len(table.frame))
    ]
    return PageTable(table.caption, [_heading(table, c) for c in columns], rows, numeric)


def _cell(value: Any, unit: str, *, signed: bool) -> str:
    if isinstance(value, str):
        return value
    if isinstance(value, float) and not unit and math.isfinite(value):
        return f"{value:,.2f}"
    return str(value) if isinstance(value, int) else number(value, unit, signed=signed)


def _heading(table: Table, column: str) -> str:
    """Return a column's heading; a share says its unit in every cell, with a % sign."""
    return column if table.units.get(column) == SHARE else table.heading(column)
