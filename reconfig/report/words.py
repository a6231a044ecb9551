"""Numbers and names as people read them."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence

from reconfig.appraise import amount, apart, find_measure, is_share, scale
from reconfig.core import Configuration, Region, Service
from reconfig.core.faults import listing

# A column without a unit that is known is shown to two decimal places.
DECIMALS = {
    "minutes": 1,
    "lives a year": 1,
    "QALYs a year": 1,
    "people a year": 1,
    "cases a year": 0,
    "deaths a year": 0,
    "sites": 0,
}
NO_NUMBER = "none"
# More items than these are not all named in a sentence.
MOST_LISTED = 8
# How a site's travel times are known: the values of the sites' column `time_kind`.
OBSERVED, ESTIMATED, AS_SUPPLIED = "observed", "estimated", "as supplied"
NOT_STATED = "how far they may be out is not stated."


def heading(column: str) -> str:
    """Return a column's name as people write it: "deprivation_fifth" -> "Deprivation fifth"."""
    words = column.replace("_", " ").strip()
    return words[:1].upper() + words[1:]


def measure_label(name: str) -> str:
    """Return a measure's label: "mean_minutes" -> "Mean journey"."""
    measure = find_measure(name)
    return measure.label if measure else heading(name)


def measure_unit(name: str) -> str:
    """Return a measure's unit, "" if it is unknown."""
    measure = find_measure(name)
    return measure.unit if measure else ""


def number(value: float, unit: str = "", *, signed: bool = False) -> str:
    """Return a number as text in its unit.

    A share becomes a percentage, its change points, what parts two shares percentage points.
    """
    if value is None or math.isnan(value):
        return NO_NUMBER
    sign = "+" if signed else ""
    if is_share(unit):
        text = _no_minus_zero(f"{scale(unit) * value:{sign}.1f}")
        return f"{text} points" if signed and unit != apart(unit) else amount(text, unit)
    return _no_minus_zero(f"{value:{sign},.{DECIMALS.get(unit, 2)}f}")


def _no_minus_zero(text: str) -> str:
    is_zero = not any(digit in text for digit in "123456789")
    return text.lstrip("+-") if is_zero else text


def listed(items: Iterable[str]) -> str:
    """Join words as in a sentence: "A, B and C"."""
    words = list(items)
    if len(words) < 2:
        return "".join(words)
    return f"{', '.join(words[:-1])} and {words[-1]}"


def count_of(number_of: int, noun: str) -> str:
    """Return "1 site" or "4 sites"."""
    return f"{number_of:,} {noun}" if number_of == 1 else f"{number_of:,} {noun}s"


def not_complete(numbers: Sequence[int]) -> str:
    """Say of a trade-off for which numbers of sites not every point was found and proven."""
    noun = "site" if list(numbers) == [1] else "sites"
    shown = listed(map(str, numbers)) if len(numbers) <= MOST_LISTED else listing(numbers)
    return f"Not complete: stopped early for {shown} {noun}"


def minutes_by(region: Region) -> str:
    """Return the unit of the maps: "minutes by car"."""
    return f"minutes by {region.default_mode.replace('_', ' ')}"


def where_to(service: Service) -> str:
    """Return whose journeys the maps show: to the nearest open site, unless patients choose."""
    if service.is_directed:
        return "to where patients are sent, on average"
    spread = service.choice is not None and service.choice.minutes > 0
    return "to where patients go, on average" if spread else "to the nearest open site"


def name_of(configuration: Configuration, otherwise: str) -> str:
    """Return the configuration's own name, or another where it has none."""
    return configuration.name or otherwise


def used_sites(service: Service) -> list[str]:
    """Return the ids of the candidates and neighbours of a service, sorted."""
    return sorted({*service.candidates, *service.always_open})


def estimated_times(region: Region, service: Service) -> str:
    """Say which of the service's sites have estimated times, and how far they may be out."""
    used = used_sites(service)
    kinds = region.sites.loc[used, "time_kind"]
    guessed = [site for site in used if kinds[site] == ESTIMATED]
    others = sorted(set(kinds) - {ESTIMATED})
    if not guessed and others == [OBSERVED]:
        return "Travel times to every site are observed; none is an estimate."
    said = [_how_far_out(region, guessed, len(used))] if guessed else []
    if others == [AS_SUPPLIED]:
        whose = "Those to the other sites" if guessed else "Travel times"
        said.append(f"{whose} are as supplied; {NOT_STATED}")
    elif others == [OBSERVED]:
        said.append("Those to the other sites are observed.")
    elif others:
        supplied = [site for site in used if kinds[site] == AS_SUPPLIED]
        said.append(
            f"Travel times to {len(supplied)} of {count_of(len(used), 'site')} are as supplied: "
            f"{listed(region.site_names(supplied))}; {NOT_STATED} "
            "Those to the other sites are observed."
        )
    return " ".join(said)


def _how_far_out(region: Region, guessed: list[str], number_of_sites: int) -> str:
    """Name the sites with estimated times, and say what kind of error to expect of them."""
    errors = region.sites.loc[guessed, "time_error_minutes"].dropna().astype(float)
    out = "how far they may be out is not stated"
    if len(errors):
        out = (
            f"out by about {errors.max():.1f} minutes on average, mostly by the same amount for "
            "all zones of a site, so a site as a whole may look nearer or further than it is"
        )
    return (
        f"Travel times to {len(guessed)} of {count_of(number_of_sites, 'site')} are estimates, "
        f"{out}. Estimated: {listed(region.site_names(guessed))}."
    )


def times_label(region: Region, service: Service) -> str:
    """Say in a word or two how the times to a service's sites are known, for a table's rows."""
    kinds = set(region.sites.loc[used_sites(service), "time_kind"])
    if len(kinds) == 1:
        return str(next(iter(kinds)))
    return "partly estimated" if ESTIMATED in kinds else AS_SUPPLIED


def who_counts(region: Region, service: Service) -> str:
    """Say whose journeys and cases count, and how many cases there are."""
    text = f"Who counts: {region.who_counts}; {service.cases_per_year:,.0f} cases a year"
    return f"{text}. Demand: {service.demand_basis}." if service.demand_basis else f"{text}."


def source_line(region: Region) -> str:
    """Return every source's attribution in one text, each sentence once."""
    if not region.sources:
        return "Sources: not stated by the region."
    said: dict[str, None] = {}
    for source in region.sources:
        licence = source.get("licence", "licence not stated")
        text = source.get("attribution") or f"{source.get('what', 'Data')} ({licence})"
        said.update({s.removeprefix("Source: "): None for s in text.strip(" .").split(". ")})
    return f"Sources: {'. '.join(said)}."
