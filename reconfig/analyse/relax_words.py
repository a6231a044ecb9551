"""How a bound that can be met is rounded, and said."""

from __future__ import annotations

import math

from reconfig.appraise import SHARE, Measure, amount, scale

# What sums may be out by, as a share: a value is not rounded past a figure for less.
HAIR = 1e-9
# What is smaller is nothing: less than appraisal takes to be the same as a bound of zero.
NOTHING = 5e-7


def figure(value: float, unit: str, *, up: bool) -> tuple[float, str]:
    """Return a bound rounded to the side on which it can be met, and how it is said.

    To a decimal place, or to two figures where it is below one.
    """
    shown = 0.0 if abs(value) < NOTHING else value * scale(unit)
    small = 0.0 < abs(shown) < 1.0
    places = 1 - math.floor(math.log10(abs(shown))) if small else 1
    scaled = shown * 10**places
    hair = HAIR * max(1.0, abs(scaled))
    whole = math.ceil(scaled - hair) if up else math.floor(scaled + hair)
    bound = whole / 10**places / scale(unit)
    return bound, plainly(bound, unit)


def plainly(value: float, unit: str) -> str:
    """Return a value without needless decimals: "90%", "227.3 cases a year"."""
    return amount(f"{scale(unit) * value:,.10g}", unit)


def subject(measure: Measure) -> str:
    """Return a measure as the subject of a sentence."""
    label = f"{measure.label[0].lower()}{measure.label[1:]}"
    return f"The share {label}" if measure.unit == SHARE else measure.label
