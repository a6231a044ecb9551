"""The claim of 300 lives a year, as what it is: a ceiling."""

from __future__ import annotations

from reconfig.outcomes.register import Register


def upper_bound_scenario(register: Register) -> str:
    """Say what the claim of 300 lives a year is: a ceiling, never a forecast."""
    deaths = register.value("egs.upper_bound_deaths")
    ratio = register.value("egs.upper_bound_risk_ratio")
    return (
        f"Upper-bound scenario, not a forecast: {deaths:,.0f} general-surgery deaths a year "
        f"x (1 - {ratio:g}) = {deaths * (1 - ratio):,.0f} lives a year, "
        "the figure claimed in 2014. "
        f"It would need every hospital to match the best in the country: a cut of {1 - ratio:.0%} "
        "in all such deaths, more than the whole difference between the best and the worst fifth "
        "of hospitals."
    )
