"""Tables as one Excel workbook and as CSV files."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import pandas as pd
from openpyxl import Workbook
from openpyxl.styles import Alignment, Font
from openpyxl.utils import get_column_letter

from reconfig.report.tables import Table

FORMATS = {
    "minutes": "0.0",
    "lives a year": "0.0",
    "QALYs a year": "0.0",
    "people a year": "0.0",
    "deaths a year": "#,##0",
    "cases a year": "#,##0",
    "patient-minutes a year": "#,##0",
    "people": "#,##0",
    "from -1 to 1": "0.0000",
    "share of cases": "0.0%",
    "difference in share of cases": "0.0%",
    "share": "0.00%",
}
# A sheet that is taken away again; no table is called that.
SCRATCH = "~"
NARROWEST, WIDEST = 10, 60
LONGEST_SHEET_NAME = 31
# Characters that Excel's file format, or a sheet's name, cannot hold.
CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f]")
NOT_IN_SHEET_NAME = re.compile(r"[\[\]:*?/\\']")
FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")


def write_workbook(path: Path, tables: Sequence[Table]) -> None:
    """Write one sheet a table, headings bold, frozen and to filter by, text never a formula."""
    book = Workbook()
    scratch = book.active
    scratch.title = SCRATCH
    styles, taken = _Styles(scratch), list[str]()
    for table in tables:
        taken.append(_sheet_name(table.name, taken))
        _fill(book.create_sheet(taken[-1]), table, styles)
    book.remove(scratch)
    book.save(path)


def _sheet_name(name: str, taken: Iterable[str]) -> str:
    """Return a legal sheet name that no other sheet has."""
    base = NOT_IN_SHEET_NAME.sub(" ", CONTROL.sub("", name)).strip()[:LONGEST_SHEET_NAME] or "Table"
    lower = {t.lower() for t in taken}
    chosen, count = base, 2
    while chosen.lower() in lower:
        ending = f" {count}"
        chosen, count = base[: LONGEST_SHEET_NAME - len(ending)] + ending, count + 1
    return chosen


def _fill(sheet: Any, table: Table, styles: _Styles) -> None:
    columns = [str(column) for column in table.frame.columns]
    for k, column in enumerate(columns, start=1):
        cell = sheet.cell(1, k)
        _put_text(cell, table.heading(column))
        cell.font = Font(bold=True)
        cell.alignment = Alignment(wrap_text=True, vertical="top")
        values = table.frame[column].tolist()
        for row, value in enumerate(values):
            _put(sheet.cell(row + 2, k), value, table.unit(column, row), styles)
        sheet.column_dimensions[get_column_letter(k)].width = _width(table.heading(column), values)
    sheet.freeze_panes = "A2"
    sheet.auto_filter.ref = f"A1:{get_column_letter(len(columns))}{len(table.frame) + 1}"


class _Styles:
    """The few styles of a workbook's cells, each made once: a style a cell takes minutes.

    scratch: a sheet of the workbook to make them on.
    """

    def __init__(self, scratch: Any) -> None:
        self._scratch = scratch
        self._found: dict[tuple[str, bool], Any] = {}
        self._row = 0

    def number(self, number_format: str) -> Any:
        """Return the style of a number."""
        return self._style(number_format, False)

    def text(self, *, quoted: bool) -> Any:
        """Return the style of text; quoted: as text even after it is edited."""
        return self._style("", quoted)

    def _style(self, number_format: str, quoted: bool) -> Any:
        key = (number_format, quoted)
        if key not in self._found:
            self._row += 1
            cell = self._scratch.cell(self._row, 1)
            if number_format:
                cell.number_format = number_format
            else:
                cell.alignment = Alignment(wrap_text=True, vertical="top")
                cell.quotePrefix = quoted
            self._found[key] = cell._style
        return self._found[key]


def _put(cell: Any, value: Any, unit: str, styles: _Styles) -> None:
    if isinstance(value, str):
        cell.value = CONTROL.sub("", value)
        cell.data_type = "s"
        cell._style = styles.text(quoted=value.startswith(FORMULA_STARTS))
    elif not pd.isna(value):
        cell.value = value
        usual = "General" if isinstance(value, int) else "0.00"
        cell._style = styles.number(FORMATS.get(unit, usual))


def _put_text(cell: Any, text: str) -> None:
    """Write text as text: "=1+1" is shown, not computed, even after it is edited."""
    cell.value = CONTROL.sub("", text)
    cell.data_type = "s"
    cell.quotePrefix = text.startswith(FORMULA_STARTS)


def _width(title: str, values: Sequence[Any]) -> float:
    longest = max((len(v) for v in values if isinstance(v, str)), default=0)
    # A heading may take two lines.
    return float(min(max(longest + 2, len(title) // 2 + 4, NARROWEST), WIDEST))


def write_csv(folder: Path, tables: Sequence[Table]) -> None:
    """Write one CSV file a table: plain numbers, and a mark at the start that Excel reads as UTF-8.

    Text that a spreadsheet would take for a formula has an apostrophe put before it.
    """
    folder.mkdir()
    taken: set[str] = set()
    for table in tables:
        stem = _file_stem(table.name, taken)
        taken.add(stem)
        frame = table.frame.rename(columns=table.heading).map(_csv_cell)
        frame.columns = [_csv_cell(str(column)) for column in frame.columns]
        frame.to_csv(folder / f"{stem}.csv", index=False, encoding="utf-8-sig")


def _file_stem(name: str, taken: set[str]) -> str:
    base = re.sub(r"[^a-z0-9]+", "_", name.lower()).strip("_") or "table"
    stem, count = base, 2
    while stem in taken:
        stem, count = f"{base}_{count}", count + 1
    return stem


def _csv_cell(value: Any) -> Any:
    if isinstance(value, str) and value.startswith(FORMULA_STARTS):
        return f"'{value}"
    return value
