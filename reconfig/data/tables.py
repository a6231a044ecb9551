"""CSV and TOML files read as they stand, so that a fault can name its file and place."""

from __future__ import annotations

import csv
import hashlib
import tomllib
from pathlib import Path
from typing import Any

import pandas as pd

from reconfig.core import Faults


def sha256(path: Path) -> str:
    """Return the SHA-256 of a file's bytes, in hexadecimal."""
    return hashlib.sha256(path.read_bytes()).hexdigest()


def read_toml(path: Path, faults: Faults) -> dict[str, Any]:
    """Read a TOML file; note a fault and return {} if it is missing, empty or broken."""
    text = _read_text(path, faults)
    if text is None:
        return {}
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as problem:
        faults.add(
            path.name,
            "",
            f"not valid TOML: {problem}",
            "a whole TOML file",
            "The file may be cut short, or a quote or bracket may be missing.",
        )
        return {}


def read_table(path: Path, key: str, faults: Faults) -> pd.DataFrame:
    """Read a CSV file as text, its rows labelled "line 2", "line 3" ... as an editor shows them.

    Notes a fault for a missing or empty file, a repeated column, and a row of the wrong length
    (which is what a file cut short looks like). Returns an empty table with column `key` if there
    is nothing to read.
    """
    empty = pd.DataFrame({key: pd.Series(dtype=str)})
    text = _read_text(path, faults)
    if text is None:
        return empty
    rows = [(n, r) for n, r in _numbered_rows(text) if any(cell.strip() for cell in r)]
    if not rows:
        faults.add(path.name, "", "nothing in it", "a header line and rows")
        return empty
    header = [cell.strip() for cell in rows[0][1]]
    for name in sorted({c for c in header if header.count(c) > 1}):
        faults.add(path.name, "header", f"column '{name}' more than once", "each column once")
    whole = []
    for number, row in rows[1:]:
        if len(row) == len(header):
            whole.append((f"line {number}", row))
        else:
            faults.add(
                path.name,
                f"line {number}",
                f"{len(row)} fields",
                f"{len(header)} as in the header",
                "The file may be cut short there.",
            )
    if len(set(header)) < len(header):
        return empty
    labels = [label for label, _ in whole]
    return pd.DataFrame([row for _, row in whole], index=labels, columns=header, dtype=str)


def _numbered_rows(text: str) -> list[tuple[int, list[str]]]:
    reader = csv.reader(text.splitlines())
    return [(reader.line_num, row) for row in reader]


def _read_text(path: Path, faults: Faults) -> str | None:
    if not path.is_file():
        faults.add(path.name, "", "no such file", f"a file at {path}")
        return None
    try:
        text = path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError:
        faults.add(
            path.name,
            "",
            "not UTF-8 text",
            "a text file in UTF-8",
            "In Excel, save as 'CSV UTF-8'.",
        )
        return None
    except OSError as problem:
        faults.add(path.name, "", f"cannot be read: {problem}", "a readable file")
        return None
    if not text.strip():
        faults.add(path.name, "", "the file is empty", "a file with content")
        return None
    return text
