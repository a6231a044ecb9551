"""Arrays and texts as the page holds them: compressed, and turned into text."""

from __future__ import annotations

import base64
import gzip
import json
from collections.abc import Sequence
from typing import Any

import numpy as np

# numpy's kind and size -> the array of the browser that holds the same numbers
TYPES = {"f8": "Float64Array", "i2": "Int16Array", "u1": "Uint8Array"} | {
    "u2": "Uint16Array",
    "u4": "Uint32Array",
}
TENTHS = 10.0
# Stands for "no way" among whole tenths of minutes.
NO_WAY = 65_535


def packed(values: np.ndarray) -> dict[str, Any]:
    """Return an array, row after row, as {"type": the browser's array, "data": base64 of gzip}."""
    kind = values.dtype.kind + str(values.dtype.itemsize)
    little = np.ascontiguousarray(values).astype(f"<{kind}")
    return {"type": TYPES[kind], "data": _squeezed(little.tobytes())}


def packed_texts(texts: Sequence[str]) -> dict[str, Any]:
    """Return texts as {"type": "texts", "data": base64 of gzip}."""
    content = json.dumps(list(texts), ensure_ascii=False, separators=(",", ":"))
    return {"type": "texts", "data": _squeezed(content.encode())}


def packed_minutes(minutes: np.ndarray) -> dict[str, Any]:
    """Return minutes (infinite where there is no way) such that the browser has the very same.

    As whole tenths where a tenth of a whole number is each of them, exactly; else as they are.
    """
    away = np.isfinite(minutes)
    tenths = np.round(np.where(away, minutes, 0.0) * TENTHS)
    exact = np.array_equal(tenths / TENTHS, np.where(away, minutes, 0.0))
    if exact and (tenths >= 0).all() and (tenths < NO_WAY).all():
        return packed(np.where(away, tenths, NO_WAY).astype(np.uint16))
    return packed(minutes)


def packed_codes(codes: np.ndarray, number: int) -> dict[str, Any]:
    """Return whole numbers from 0 to below `number` in as few bytes as hold them."""
    size = np.uint8 if number <= 2**8 else np.uint16 if number <= 2**16 else np.uint32
    return packed(codes.astype(size))


def packed_table(table: np.ndarray) -> tuple[dict[str, Any], int]:
    """Return a table of numbers, and how many bytes it takes before it is compressed.

    Where few numbers occur: those, and which of them each entry is.
    """
    values, codes = np.unique(table, return_inverse=True)
    width = 1 if len(values) <= 2**8 else 2 if len(values) <= 2**16 else 4
    size = values.nbytes + width * table.size
    if size >= table.nbytes:
        return {"values": packed(table), "codes": None}, table.nbytes
    return {"values": packed(values), "codes": packed_codes(codes, len(values))}, size


def _squeezed(content: bytes) -> str:
    # No time of making in it, so that the same data give the same page.
    return base64.b64encode(gzip.compress(content, 9, mtime=0)).decode()
