"""Names of tables, pictures and anchors: short, safe, and each once."""

from __future__ import annotations

import re

# The longest name of a sheet of a workbook.
LONGEST = 31


def slug(text: str, taken: set[str]) -> str:
    """Return a name of small letters, digits and hyphens that is not taken yet, and take it."""
    base = re.sub(r"[^a-z0-9]+", "-", text.lower()).strip("-") or "part"
    chosen, count = base, 2
    while chosen in taken:
        chosen, count = f"{base}-{count}", count + 1
    taken.add(chosen)
    return chosen


def table_name(text: str, taken: set[str]) -> str:
    """Return a name for a table, as short as a sheet's and not taken yet, and take it."""
    base = text[:LONGEST].strip()
    chosen, count = base, 2
    while chosen.lower() in taken:
        ending = f" {count}"
        chosen, count = f"{base[: LONGEST - len(ending)]}{ending}", count + 1
    taken.add(chosen.lower())
    return chosen
