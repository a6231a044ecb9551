"""Numbers and names as people read them."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Sequence

from reconfig.appraise import Appraisal, amount, apart, find_measure, is_share, scale
from reconfig.core import Configuration, Region, Service
from reconfig.core.faults import listing

# A column without a unit that is known is shown to two decimal places.
DECIMALS = {
    "minutes": 1,
    "lives a year": 1,
    "QALYs a year": 1,
    "people a year": 1,
    "cases a year": 0,
    "patient-minutes a year": 0,
    "people": 0,
    "from -1 to 1": 4,
    "deaths a year": 0,
    "sites": 0,
}
NO_NUMBER = "none"
# Abbreviations in the names of columns.
WRITTEN_OUT = {"icb": "integrated care board", "imd": "Index of Multiple Deprivation"}
# More items than these are not all named in a sentence.
MOST_LISTED = 8
# How a site's travel times are known: the values of the sites' column `time_kind`.
OBSERVED, ESTIMATED, AS_SUPPLIED = "observed", "estimated", "as supplied"
NOT_STATED = "how far they may be out is not stated."


def heading(column: str) -> str:
    """Return a column's name as people write it: "deprivation_fifth" -> "Deprivation fifth".

    Abbreviations that are known are written out: "icb" -> "Integrated care board".
    """
    words = " ".join(WRITTEN_OUT.get(w.lower(), w) for w in column.replace("_", " ").split())
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


def listed(items: Iterable[str], most: int | None = None) -> str:
    """Join words as in a sentence: "A, B and C"; with semicolons where a name has a comma in it.

    most: of more items only so many are named, and the others counted: "A, B and 7 more".
    """
    words = list(items)
    if most is not None and len(words) > most:
        words = [*words[:most], f"{len(words) - most:,} more"]
    if len(words) < 2:
        return "".join(words)
    if any("," in word for word in words):
        return f"{'; '.join(words[:-1])}; and {words[-1]}"
    return f"{', '.join(words[:-1])} and {words[-1]}"


def largest(appraisals: Iterable[Appraisal], sites: Iterable[str], service: Service) -> list[str]:
    """Return the names of sites; of more than a sentence has room for the largest first.

    Largest by the most cases a year that they treat in any of the appraisals.
    """
    found, ids = list(appraisals), list(sites)
    region = found[0].region.physical or found[0].region
    if len(ids) > MOST_LISTED:
        several = bool(found[0].service.parts)

        def cases(site: str) -> float:
            key = f"{service.id}@{site}" if several else site
            return max(float(one.volumes.get(key, 0.0)) for one in found)

        ids.sort(key=lambda site: (-cases(site), site))
    return region.site_names(ids)


def sites_listed(appraisals: Iterable[Appraisal], sites: Iterable[str], service: Service) -> str:
    """Return the sites as in a sentence: all; or the largest few, and where all are."""
    names = largest(appraisals, sites, service)
    if len(names) <= MOST_LISTED:
        return listed(names)
    return f"{listed(names, MOST_LISTED)} (the largest are named; the table Sites has all)"


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
            f"{listed(region.site_names(supplied), MOST_LISTED)}; {NOT_STATED} "
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
        f"{out}. Estimated: {listed(region.site_names(guessed), MOST_LISTED)}."
    )


def times_label(region: Region, service: Service) -> str:
    """Say in a word or two how the times to a service's sites are known, for a table's rows."""
    kinds = set(region.sites.loc[used_sites(service), "time_kind"])
    if len(kinds) == 1:
        return str(next(iter(kinds)))
    return "partly estimated" if ESTIMATED in kinds else AS_SUPPLIED


def counted_words(region: Region) -> str:
    """Say whose journeys and cases count: "the people of Greater Manchester, 1,702 zones"."""
    base = region.physical or region
    zones = count_of(len(base.zones), "zone")
    return f"the people of {catchment_words(base)}, {zones}" if base.catchment else zones


def catchment_words(region: Region) -> str:
    """Return the catchment's name as words: as the region's name spells it, if it is part of it."""
    words = re.sub(r"[-_]+", " ", region.catchment).strip()
    found = re.search(rf"\b{re.escape(words)}\b", region.name, re.IGNORECASE)
    if found:
        return found.group()
    return f"{region.name}, {words}"


def who_counts(region: Region, service: Service) -> str:
    """Say whose journeys and cases count, and how many cases there are."""
    text = f"Who counts: {counted_words(region)}; {service.cases_per_year:,.0f} cases a year"
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
