"""Measures from elsewhere: registered by name, they can be optimised, limited and reported."""

from __future__ import annotations

import re

from reconfig.appraise.measures import BETWEEN_GROUPS, MEASURES, SHARE_WITHIN, Measure
from reconfig.core import Faults

NAME = re.compile(r"[a-z][a-z0-9_]*")


def register_measure(measure: Measure) -> Measure:
    """Make a measure known by its name: in objectives, limits, scenario files and every appraisal.

    A table (a sum over journeys) can be optimised and limited; a statistic is reported only. It is
    asked for any region and service, so it may rest on nothing but the journeys that it is given.
    Raises InputError, listing every fault: a name that is taken or that is read as another measure,
    neither table nor statistic.
    """
    faults, name = Faults(), measure.name
    place = f"measure '{name}'"

    def note(found: str, expected: str, fix: str = "") -> None:
        faults.add("register_measure", place, found, expected, fix)

    if not NAME.fullmatch(name):
        note(f"the name {name!r}", "small letters, digits and _, such as cases_over_an_hour")
    if name in MEASURES:  # a second one would also be mistaken for the first where sums are kept
        note("there is one of that name already", "another name", "Restart Python to replace it.")
    if SHARE_WITHIN.fullmatch(name) or BETWEEN_GROUPS.fullmatch(name):
        note("the name of a built-in measure", "another name")
    if measure.better not in ("lower", "higher"):
        note(f"better = {measure.better!r}", "'lower' or 'higher'")
    if measure.of_groups is not None:
        note("of_groups", "a table or a statistic", "Groups are compared by built-in measures.")
    elif (measure.table is None) == (measure.statistic is None):
        both = "neither table nor statistic" if measure.table is None else "table and statistic"
        note(both, "one of the two")
    if measure.average and measure.table is None:
        note("an average without a table", "a table with average = True: sum divided by cases")
    faults.raise_if_any()
    MEASURES[name] = measure
    return measure
