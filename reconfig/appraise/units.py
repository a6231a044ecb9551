"""Units as they are said: shares as percentages, what parts two shares as points, one as one."""

from __future__ import annotations

# Both are numbers from 0 to 1, a difference also below 0.
SHARE, SHARE_APART = "share of cases", "difference in share of cases"
# The words that units begin with, where there is one of what they count.
SINGULAR = {
    "minutes": "minute",
    "cases": "case",
    "lives": "life",
    "people": "person",
    "QALYs": "QALY",
    "sites": "site",
    "percentage points": "percentage point",
}


def is_share(unit: str) -> bool:
    """Say whether a unit is that of a share, or of a difference between two, from 0 to 1."""
    return "share" in unit.split()


def scale(unit: str) -> float:
    """Return what a value is multiplied by before it is shown: 100 for a share."""
    return 100.0 if is_share(unit) else 1.0


def apart(unit: str) -> str:
    """Return the unit of the difference of two values."""
    return SHARE_APART if is_share(unit) else unit


def amount(number: str, unit: str) -> str:
    """Return a number with its unit: "95%", "1.5 percentage points", "1 minute", "2 lives a year".

    number: as it is shown, so a share as a percentage (see `scale`).
    """
    if is_share(unit) and unit != SHARE_APART:
        return f"{number}%"
    unit = "percentage points" if unit == SHARE_APART else unit
    if number.lstrip("+-") == "1":
        for many, one in SINGULAR.items():
            if unit == many or unit.startswith(f"{many} "):
                unit = f"{one}{unit.removeprefix(many)}"
    return f"{number} {unit}"
