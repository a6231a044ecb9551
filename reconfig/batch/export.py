"""Tables to files, each written whole by a new name: what is there is never half of one."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Callable
from importlib.util import find_spec
from pathlib import Path

import pandas as pd

from reconfig.core import Faults


def write_table(table: pd.DataFrame, folder: Path, name: str) -> Path:
    """Write a table into a folder as Parquet, or as CSV where pyarrow is not installed."""
    suffix = ".parquet" if has_parquet() else ".csv"
    path = folder / f"{name}{suffix}"
    write_as(table, path)
    return path


def has_parquet() -> bool:
    """Say whether Parquet can be written."""
    return find_spec("pyarrow") is not None


def write_as(table: pd.DataFrame, path: Path) -> None:
    """Write a table as what the file's ending says: .csv, .parquet, .xlsx or .html.

    Raises InputError for another ending, and for Parquet without pyarrow.
    """
    writers: dict[str, Callable[[Path], object]] = {
        ".csv": lambda to: table.to_csv(to),
        ".parquet": lambda to: _of_one_kind(table).to_parquet(to),
        ".xlsx": lambda to: table.to_excel(to, sheet_name="scenarios", freeze_panes=(1, 1)),
        ".html": lambda to: to.write_text(_page(table), encoding="utf-8"),
    }
    faults = Faults()
    suffix = path.suffix.lower()
    if suffix not in writers:
        faults.add(str(path), "", f"a file that ends in '{suffix}'", ", ".join(writers))
    elif suffix == ".parquet" and not has_parquet():
        fix = "pip install 'reconfig[parquet]', or write .csv or .xlsx."
        faults.add(str(path), "", "pyarrow is not installed", "pyarrow, for Parquet", fix)
    elif path.parent != Path() and not path.parent.is_dir():
        faults.add(str(path), "", "no such folder", "a file in a folder that is there")
    faults.raise_if_any()
    half = path.with_name(f".{path.name}.{os.getpid()}{suffix}")
    try:
        writers[suffix](half)
        os.replace(half, path)
    finally:
        with contextlib.suppress(OSError):
            half.unlink()


def _of_one_kind(table: pd.DataFrame) -> pd.DataFrame:
    """Return a table whose columns hold one kind each: numbers beside texts become texts."""
    found = {}
    for name, column in table.items():
        kinds = {type(value) for value in column if not pd.isna(value)}
        numbers = kinds <= {int, float}
        found[name] = (
            column if numbers or len(kinds) <= 1 else column.map(_text, na_action="ignore")
        )
    return pd.DataFrame(found, index=table.index)


def _text(value: object) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def _page(table: pd.DataFrame) -> str:
    rows = table.to_html(float_format="{:,.4g}".format, na_rep="", border=0)
    style = (
        "body{font-family:sans-serif;margin:2em}table{border-collapse:collapse;font-size:.85em}"
        "th,td{padding:.3em .6em;border-bottom:1px solid #ccc;text-align:right}"
        "thead th{position:sticky;top:0;background:#fff}"
    )
    head = f'<meta charset="utf-8"><title>Scenarios</title><style>{style}</style>'
    return f'<!doctype html><html lang="en"><head>{head}</head><body>{rows}</body></html>\n'
