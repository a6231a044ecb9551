"""From the hours of operating theatres to the cases a year that they can take."""

from __future__ import annotations

import math

from reconfig.core.faults import Faults


def theatre_to_cases(
    hours_per_week: float, *, hours_per_case: float, utilisation: float, weeks_per_year: float
) -> float:
    """Return the cases a year that theatre time can take.

    Cases = hours a week x weeks x utilisation / hours a case. hours_per_week: of all theatres that
    are staffed for the service, such as ten sessions of four hours. hours_per_case: mean time in
    theatre, turnaround included. utilisation: share of the hours that is used, above 0 and up to 1.
    weeks_per_year: above 0 and up to 53. Raises InputError for values that cannot be. A site takes
    the smallest of what beds, theatres and the like can take: one `capacity` each.
    """
    faults = Faults()
    for name, value, fits, expected in (
        ("hours_per_week", hours_per_week, 0 <= hours_per_week < math.inf, "hours, 0 or more"),
        ("hours_per_case", hours_per_case, 0 < hours_per_case < math.inf, "hours, more than 0"),
        ("utilisation", utilisation, 0 < utilisation <= 1, "a share above 0 and up to 1"),
        ("weeks_per_year", weeks_per_year, 0 < weeks_per_year <= 53, "weeks, above 0, up to 53"),
    ):
        if not fits:
            faults.add("theatre_to_cases", name, f"{value:g}", expected)
    faults.raise_if_any()
    return hours_per_week * weeks_per_year * utilisation / hours_per_case
