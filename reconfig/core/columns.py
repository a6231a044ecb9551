"""Cells to ids, text, numbers and yes or no: one way of reading each, wherever a table is from."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd

from reconfig.core.faults import Faults, listing, suggestion

# The name of the row labels of a table that was read from a file: "line 2", "line 3" ...
LINE = "line"
PLAIN_NUMBER = re.compile(r"[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][+-]?[0-9]+)?")
# What people type, and spreadsheets show, for a number: "1,234", "12,5", "£30", "45%".
DRESSED_NUMBER = re.compile(r"£?[+-]?[0-9][0-9,]*(\.[0-9]*)?([eE][+-]?[0-9]+)?\s?%?")
CODE = re.compile(r"0[0-9]+")
SCALE_LABEL = re.compile(r"([0-9]{1,2})\b\W*[^\W\d].*")
YES_OR_NO = {"yes": True, "true": True, "1": True, "no": False, "false": False, "0": False}
PLAIN_FORM = "Write 1234 rather than 1,234: in Excel choose the format General, then save again."


def as_text(value: Any) -> str:
    """Return a cell as text without blanks around it; "" where it is missing, "7" for 7.0."""
    if isinstance(value, str):
        return value.strip()
    if value is None or (pd.api.types.is_scalar(value) and bool(pd.isna(value))):
        return ""
    if isinstance(value, float | np.floating) and float(value).is_integer():
        return str(int(value))
    return str(value).strip()


def text_column(column: pd.Series[str]) -> pd.Series[str]:
    """Return a column of anything as one of text, blank where it is missing."""
    return pd.Series([as_text(v) for v in column.tolist()], index=column.index, dtype="str")


def is_number_type(column: pd.Series[float]) -> bool:
    """Say whether a column holds numbers already, and not yes and no."""
    kinds = pd.api.types
    return kinds.is_integer_dtype(column) or kinds.is_float_dtype(column)


@dataclass(frozen=True)
class Numbers:
    """A column read as numbers: `values` is NaN where `text` is not a plain number."""

    values: np.ndarray
    text: list[str]

    @classmethod
    def of(cls, column: pd.Series[float]) -> Numbers:
        """Read a column of numbers or of text."""
        if is_number_type(column):
            values = column.to_numpy(dtype=float, na_value=np.nan)
            shown = [""] * len(values)
            for k in np.flatnonzero(~(np.isfinite(values) & (values >= 0))):
                shown[k] = as_text(values[k])
            return cls(values, shown)
        text = [as_text(v) for v in column.tolist()]
        match = PLAIN_NUMBER.fullmatch
        return cls(np.array([float(t) if match(t) else np.nan for t in text], dtype=float), text)

    @property
    def blank(self) -> np.ndarray:
        """Which cells hold nothing."""
        empty = np.array([t == "" for t in self.text], dtype=bool)
        return np.asarray(np.isnan(self.values) & empty, dtype=bool)


@dataclass(frozen=True, eq=False)
class Table:
    """A table as it came, with its ids as index.

    rows: where each row stands, for messages. whole: nothing is wrong with ids and rows, so that
    an id that is not in it is missing for good.
    """

    file: str
    key: str
    data: pd.DataFrame
    rows: tuple[str, ...]
    from_file: bool
    whole: bool = True

    @property
    def ids(self) -> pd.Index[str]:
        """The ids, blank ones left out."""
        return self.data.index[self.data.index != ""].unique()

    def places(self, which: np.ndarray) -> str:
        """Name some rows: "line 3 (z2), line 5 (z4) and 2 more", or the ids alone."""
        where = np.flatnonzero(which).tolist()
        if self.from_file:
            return listing(f"{self.rows[k]} ({self.data.index[k] or 'no id'})" for k in where)
        word = self.key.removesuffix("_id")
        return f"{word} {listing(self.data.index[k] or self.rows[k] for k in where)}"


def identified(table: Any, key: str, file: str, faults: Faults) -> Table | None:
    """Return the table by its ids, as text; note what is wrong with ids and column names.

    table: a data frame, checked to be one; None stands for a table that could not be read, whose
    fault is noted already.
    """
    if table is None:
        return None
    if not isinstance(table, pd.DataFrame):
        faults.add(file, "", f"a {type(table).__name__}", "a pandas DataFrame")
        return None
    if table.index.nlevels > 1 or table.columns.nlevels > 1:
        faults.add(
            file,
            "",
            "rows or columns named at several levels",
            "one level of names",
            "Use reset_index(), or name the columns with one word each.",
        )
        return None
    data, labels = _key_as_column(table, key, file, faults)
    data = _named_once(data, file, faults)
    if key not in data.columns:
        _note_no_key(data, key, file, faults)
        return None
    if data.empty:
        faults.add(
            file,
            "rows",
            "no rows below the header" if table.index.name == LINE else "no rows",
            "one row at least",
            "The file may be cut short." if table.index.name == LINE else "",
        )
        return None
    ids = text_column(data[key])
    from_file = table.index.name == LINE
    rows = tuple(str(v) if from_file else f"row {v}" for v in labels)
    indexed = data.drop(columns=key).set_axis(pd.Index(ids, name=key), axis=0)
    found = Table(file, key, indexed, rows, from_file)
    _check_ids(found, faults)
    return replace(found, whole=not faults.about(file))


def _key_as_column(
    table: pd.DataFrame, key: str, file: str, faults: Faults
) -> tuple[pd.DataFrame, list[object]]:
    """Return the table with its ids as a column, and the labels of its rows."""
    labels: list[object] = list(table.index)
    names = [as_text(c) for c in table.columns]
    data = table.set_axis(pd.Index(names, dtype=object), axis=1)
    as_index = as_text(table.index.name) == key
    # An index of text without a name can only be the ids.
    unnamed = table.index.name is None and pd.api.types.is_string_dtype(table.index)
    if as_index and key in names:
        faults.add(
            file, "header", f"'{key}' is both the index and a column", "one of them", "Drop one."
        )
    elif as_index or (unnamed and key not in names and len(table)):
        ids = pd.Series(table.index, index=table.index, dtype=object, name=key)
        data = pd.concat([ids, data], axis=1)
        labels = list(range(len(table)))
    return data, labels


def _named_once(data: pd.DataFrame, file: str, faults: Faults) -> pd.DataFrame:
    again = data.columns.duplicated()
    for name in data.columns[again].unique():
        faults.add(
            file, "header", f"column '{name}' more than once", "each column once", "Rename one."
        )
    once = data.loc[:, ~again]
    for name in once.columns[[str(kind) == "geometry" for kind in once.dtypes]]:
        faults.add(
            file,
            f"column '{name}'",
            "shapes",
            "text or numbers",
            "Drop the column here and give shapes as boundaries.",
        )
        once = once.drop(columns=name)
    return once


def _note_no_key(data: pd.DataFrame, key: str, file: str, faults: Faults) -> None:
    faults.add(
        file,
        "header",
        f"no column '{key}'",
        f"a column '{key}' with an id of its own in every row",
        suggestion(key, data.columns),
    )


def _check_ids(table: Table, faults: Faults) -> None:
    ids = table.data.index
    blank = np.flatnonzero(ids == "")
    if len(blank):
        where = listing(table.rows[k] for k in blank)
        faults.add(table.file, where, f"blank {table.key}", "an id in every row")
    for value in ids[ids.duplicated() & (ids != "")].unique():
        where = listing(table.rows[k] for k in np.flatnonzero(ids == value))
        faults.add(
            table.file,
            where,
            f"{table.key} '{value}' more than once",
            "each id once",
            "Rename or remove the repeated row.",
        )


def meant_as_numbers(column: pd.Series[float]) -> bool:
    """Say whether a column is one of numbers, be it with mistakes, rather than of labels.

    Codes with leading zeros are labels, and so is a scale with words at its ends, such as
    "1 most deprived", 2, 3, 4, "5 least deprived".
    """
    if is_number_type(column):
        return True
    text = [t for t in map(as_text, column.tolist()) if t]
    words = {t for t in set(text) if not DRESSED_NUMBER.fullmatch(t)}
    if not text or any(CODE.fullmatch(t) for t in set(text)):
        return False
    if 2 * sum(t in words for t in text) >= len(text):
        return False
    return not (words and _is_labelled_scale(words, set(text) - words))


def _is_labelled_scale(words: Iterable[str], numbers: Iterable[str]) -> bool:
    labelled = [SCALE_LABEL.fullmatch(word) for word in words]
    steps = [m.group(1) for m in labelled if m] + list(numbers)
    if not all(labelled) or not all(re.fullmatch("[0-9]{1,2}", s) for s in steps):
        return False
    first, last = min(map(int, steps)), max(map(int, steps))
    return sorted(map(int, steps)) == list(range(first, last + 1))


def checked_numbers(
    table: Table,
    name: str,
    faults: Faults,
    *,
    expected: str = "a number",
    fix: str = "",
    negative: bool = False,
    blank: bool = False,
    besides: str | None = None,
) -> tuple[np.ndarray, np.ndarray]:
    """Return a column as numbers and which cells hold the word `besides`; note every bad cell.

    negative, blank: whether such cells are good. besides: one word that may stand for a number.
    """
    read = Numbers.of(table.data[name])
    is_word = np.zeros(len(read.values), dtype=bool)
    if besides is not None:
        is_word = np.array([t.lower() == besides for t in read.text], dtype=bool)
    nothing = read.blank
    wrong = np.isnan(read.values) & ~nothing & ~is_word
    dressed = any("," in t for t, bad in zip(read.text, wrong, strict=True) if bad)
    for bad, found, wanted, help_with in (
        (nothing & (not blank), "blank", f"{expected} in every row", fix),
        (wrong, "not a plain number", expected, PLAIN_FORM if dressed else fix),
        (np.isinf(read.values), "infinite", expected, fix),
        ((read.values < 0) & (not negative), "negative", f"{expected}, zero or more", ""),
    ):
        if bad.any():
            values = listing(
                dict.fromkeys(f"'{t}'" for t, b in zip(read.text, bad, strict=True) if b), most=3
            )
            shown = f"{found} ({values})" if found != "blank" else found
            faults.add(
                table.file, f"column '{name}', {table.places(bad)}", shown, wanted, help_with
            )
    return read.values, is_word


def checked_yes_or_no(table: Table, name: str, faults: Faults) -> np.ndarray:
    """Return a column of yes and no (or true and false, or 1 and 0) as booleans."""
    words = [as_text(v) for v in table.data[name].tolist()]
    known = np.array([w.lower() in YES_OR_NO for w in words], dtype=bool)
    if not known.all():
        strange = [f"'{w}'" if w else "blank" for w, k in zip(words, known, strict=True) if not k]
        faults.add(
            table.file,
            f"column '{name}', {table.places(~known)}",
            listing(dict.fromkeys(strange), most=3),
            "yes or no in every row",
        )
    return np.array([YES_OR_NO.get(w.lower(), False) for w in words], dtype=bool)
