"""CSV and other files read as they stand, so that a fault can name its file and place."""

from __future__ import annotations

import csv
import hashlib
import io
import os
from collections.abc import Mapping
from pathlib import Path

import pandas as pd

from reconfig.core import Faults, suggestion
from reconfig.core.columns import LINE
from reconfig.core.faults import listing

EXCEL_FILES = (b"PK\x03\x04", b"\xd0\xcf\x11\xe0")
UTF_16 = (b"\xff\xfe", b"\xfe\xff")
AS_CSV = "Open it in Excel and save it as 'CSV UTF-8 (comma delimited)'."


def sha256(path: Path) -> str:
    """Return the SHA-256 of a file's bytes, in hexadecimal."""
    return hashlib.sha256(path.read_bytes()).hexdigest()


def read_text(path: Path, faults: Faults, *, name: str = "") -> str | None:
    """Return a text file's content, or None with a fault noted if it is missing, empty or not text.

    name: what to call the file in messages (default: its name without folder).
    """
    file = name or path.name
    if not os.path.isfile(path):
        found = "a folder" if os.path.isdir(path) else "no such file"
        faults.add(file, "", found, f"a file at {path}", similar_file(path))
        return None
    try:
        content = path.read_bytes()
    except OSError as problem:
        faults.add(file, "", f"cannot be read: {problem.strerror}", "a file you may read")
        return None
    if not content.strip():
        faults.add(file, "", "the file is empty", "a file with content")
    elif content.startswith(EXCEL_FILES):
        faults.add(file, "", "an Excel workbook, whatever its name says", "a text file", AS_CSV)
    elif content.startswith(UTF_16) or b"\x00" in content:
        faults.add(file, "", "not text in UTF-8", "a text file in UTF-8", AS_CSV)
    else:
        return _decoded(content, file, faults)
    return None


def _decoded(content: bytes, file: str, faults: Faults) -> str | None:
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as problem:
        line = content.count(b"\n", 0, problem.start) + 1
        faults.add(
            file,
            f"line {line}",
            "a character that is not UTF-8, such as an accent or a long dash",
            "a text file in UTF-8",
            AS_CSV,
        )
        return None


def similar_file(path: Path) -> str:
    """Name the file of the folder that may be meant: zones.CSV or Zones.csv, say."""
    if not os.path.isdir(path.parent):
        return ""
    hint = suggestion(path.name, os.listdir(path.parent))
    return hint if hint.startswith("Did") else ""


def read_table(path: Path, key: str, faults: Faults, *, name: str = "") -> pd.DataFrame | None:
    """Read a CSV file as text, its rows labelled "line 2", "line 3" ... as an editor shows them.

    Blank rows, and columns without a word in them, are what Excel leaves behind, and are skipped.
    Notes a fault, and returns None, where the file cannot be read as a table: it is missing or
    empty, or columns are separated by something else. A row of the wrong length, which is what a
    file cut short looks like, is a fault too. key: a column that is in it.
    """
    file = name or path.name
    text = read_text(path, faults, name=file)
    if text is None:
        return None
    rows = _numbered_rows(text, file, faults)
    if not rows:
        if not faults.about(file):
            faults.add(file, "", "nothing but blanks and commas", "a header line and rows")
        return None
    header = [cell.strip() for cell in rows[0][1]]
    if key not in header and _separated_otherwise(rows[0][1]):
        faults.add(
            file,
            f"line {rows[0][0]}",
            "columns separated by semicolons or tabs",
            "columns separated by commas",
            AS_CSV,
        )
        return None
    whole = _whole_rows(rows[1:], header, file, faults)
    labels = pd.Index([f"line {number}" for number, _ in whole], dtype=object, name=LINE)
    table = pd.DataFrame([row for _, row in whole], index=labels, columns=header, dtype=str)
    return _without_empty_columns(table, file, faults)


def _numbered_rows(text: str, file: str, faults: Faults) -> list[tuple[int, list[str]]]:
    """Return the rows that are not blank, each with the number of its line."""
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    rows = []
    try:
        for row in reader:
            if any(cell.strip() for cell in row):
                rows.append((reader.line_num, row))
    except csv.Error as problem:
        faults.add(
            file,
            f"line {reader.line_num}",
            f"a quotation mark out of place ({problem})",
            "quotation marks in pairs around a cell",
            "The file may be cut short there.",
        )
        return []
    return rows


def _separated_otherwise(header: list[str]) -> bool:
    line = ",".join(header)
    return line.count(";") + line.count("\t") > line.count(",")


def _whole_rows(
    rows: list[tuple[int, list[str]]], header: list[str], file: str, faults: Faults
) -> list[tuple[int, list[str]]]:
    """Return the rows as long as the header, be it with blank cells; note the others."""
    width = len(header)
    named = max((k for k, name in enumerate(header, start=1) if name), default=width)
    whole, lengths = [], {}
    for number, row in rows:
        if len(row) >= named and not any(cell.strip() for cell in row[width:]):
            whole.append((number, (row + [""] * width)[:width]))
        else:
            lengths[number] = len(row)
    if lengths:
        counts = listing(dict.fromkeys(lengths.values()), most=3)
        where = listing(f"line {number}" for number in lengths)
        faults.add(
            file,
            where,
            f"{counts} cells",
            f"{named} cells, as in the header",
            "The file may be cut short there, or a text with a comma may lack its quotation marks.",
        )
    return whole


def _without_empty_columns(table: pd.DataFrame, file: str, faults: Faults) -> pd.DataFrame:
    nameless = [k for k, name in enumerate(table.columns) if not name]
    for k in nameless:
        if (table.iloc[:, k].str.strip() != "").any():
            faults.add(file, "header", f"column {k + 1} has no name", "a name for each column")
    return table.iloc[:, [k for k in range(table.shape[1]) if k not in nameless]]


def check_endings(files: Mapping[str, Path], faults: Faults) -> None:
    """Note tables that stop within a line while others of the folder do not: they were cut short.

    A number cut short is still a number, so nothing else would tell. Folders where no table ends
    with a line break were written so. files: name -> path of each table that exists.
    """
    whole = {name: _ends_with_break(path) for name, path in files.items()}
    if not any(whole.values()):
        return
    for name, ends in whole.items():
        if not ends and not faults.about(name):
            faults.add(
                name,
                "last line",
                "the file stops within the line",
                "a line break at the end, as in the other tables",
                "The file may be cut short; if the last line is whole, press Enter after it.",
            )


def _ends_with_break(path: Path) -> bool:
    with path.open("rb") as file:
        file.seek(-1, os.SEEK_END)
        return file.read(1) in (b"\n", b"\r")
