"""Maps: minutes, change, catchments, cases beyond the standard, isochrones and flows."""

from __future__ import annotations

from collections.abc import Iterator

from reconfig.appraise import Appraisal, Comparison
from reconfig.appraise.beyond import cases_beyond
from reconfig.core import Service
from reconfig.report.layers import NO_MAP, NO_MAP_OF_SEVERAL, map_layers
from reconfig.report.map_beyond import beyond_map, standard_of
from reconfig.report.map_catchments import catchment_map
from reconfig.report.map_flows import flow_map, moved_flows
from reconfig.report.maps import change_map, comparison_map, isochrone_map
from reconfig.report.sections.block import Block, Picture, Prose, Section
from reconfig.report.tiers import NO_MAP_OF_TIERS, alone
from reconfig.report.words import (
    count_of,
    estimated_times,
    listed,
    minutes_by,
    name_of,
    number,
    where_to,
)

# So many flows, sites or districts are named in the words of a picture.
MOST_SAID = 12


def maps(comparison: Comparison) -> Section:
    """Return the section: every map of a change, each with what it shows in words.

    A map on which there would be nothing is a sentence instead. Of a region without coordinates,
    or of several services at once, there is a sentence only.
    """
    service, region = comparison.before.service, comparison.before.region
    if map_layers(region, service) is None:
        return Section("maps", "Maps", (Prose((no_map(service),)),))
    sentences = (
        f"On the maps before and after, one colour stands for the same {minutes_by(region)}.",
        "Zones are drawn by area: where few people live a large patch may stand for few patients.",
        estimated_times(region, service),
    )
    blocks: list[Block] = [
        Prose(sentences),
        _minutes(comparison),
        _change(comparison),
        _catchments(comparison),
        _beyond(comparison),
        _isochrones(comparison),
        _flows(comparison),
    ]
    return Section("maps", "Maps", tuple(blocks))


def no_map(service: Service) -> str:
    """Say why a region has no maps of a service."""
    if not service.parts:
        return NO_MAP
    return NO_MAP_OF_SEVERAL if len(alone(service)) == len(service.parts) else NO_MAP_OF_TIERS


def _minutes(comparison: Comparison) -> Picture:
    unit, to = minutes_by(comparison.before.region), where_to(comparison.before.service)
    said = [f"{_name(a, word)}: {_journeys(a)}." for a, word in _both(comparison)]
    return Picture(
        "map-minutes",
        comparison_map(comparison),
        f"{_capital(unit)} {to}, before and after, on one scale.",
        f"Two maps of the same area, coloured by {unit} {to}. {' '.join(said)}",
    )


def _journeys(appraisal: Appraisal) -> str:
    mean, longest = (appraisal.measures[m] for m in ("mean_minutes", "max_minutes"))
    return (
        f"{count_of(len(appraisal.open), 'open site')}, mean journey {number(mean, 'minutes')} "
        f"minutes, longest {number(longest, 'minutes')}"
    )


def _change(comparison: Comparison) -> Picture:
    unit = minutes_by(comparison.before.region)
    change = comparison.zones["minutes_change"]
    mean = float(comparison.overall["change"]["mean_minutes"])
    ends = [
        f"the {word} change in a zone is {number(value, 'minutes', signed=True)}"
        for word, value in (("least", float(change.min())), ("largest", float(change.max())))
    ]
    return Picture(
        "map-change",
        change_map(comparison),
        f"Change in {unit} {where_to(comparison.before.service)}: dotted blue is shorter, red is "
        "longer, grey is within one minute either way.",
        f"A map coloured by the change in {unit}: over all cases the mean journey changes by "
        f"{number(mean, 'minutes', signed=True)} minutes; {' and '.join(ends)}."
        + _districts(comparison),
    )


def _districts(comparison: Comparison) -> str:
    """Say of each district how its mean journey changes, the most first."""
    if "district" not in comparison.by:
        return ""
    change = comparison.by["district"]["change"].xs("mean_minutes", level="measure").dropna()
    said = [
        f"{name} {number(float(value), 'minutes', signed=True)}"
        for name, value in change.sort_values(ascending=False).head(MOST_SAID).items()
    ]
    which = "By district" if len(said) == len(change) else f"By district, the first {len(said)}"
    return f" {which}: {listed(said)}."


def _catchments(comparison: Comparison) -> Picture:
    return Picture(
        "map-catchments",
        catchment_map(comparison),
        "Catchments: the zones that go to each site, before and after. Colours part "
        "neighbours, and far ones may share one; a site keeps its colour on both maps.",
        "Two maps of the areas from which patients go to each site. "
        + " ".join(f"{_name(a, word)}, {_volumes(a)}." for a, word in _both(comparison)),
    )


def _volumes(appraisal: Appraisal) -> str:
    volumes = appraisal.volumes[appraisal.volumes > 0].sort_values(ascending=False)
    shown = volumes.head(MOST_SAID)
    names = appraisal.region.site_names(map(str, shown.index))
    said = [f"{name} {cases:,.0f}" for name, cases in zip(names, shown, strict=True)]
    which = "" if len(said) == len(volumes) else f"the {len(said)} largest, "
    return f"{which}in cases a year: {listed(said)}"


def _beyond(comparison: Comparison) -> Picture | Prose:
    minutes, whose = standard_of(comparison.before.service)
    unit = minutes_by(comparison.before.region)
    before, after = (float(cases_beyond(a, minutes).sum()) for a, _ in _both(comparison))
    if before <= 0 and after <= 0:
        return Prose(
            (
                f"No case is beyond {minutes:g} {unit} ({whose}), neither before nor after, so "
                "there is no map of hot spots.",
            )
        )
    return Picture(
        "map-beyond-standard",
        beyond_map(comparison),
        f"Hot spots: zones beyond {minutes:g} {unit} ({whose}), and circles by cases a year there.",
        f"Two maps of the zones beyond {minutes:g} {unit}, with circles as large as the cases "
        f"there are many: {before:,.0f} cases a year before and {after:,.0f} after.",
    )


def _isochrones(comparison: Comparison) -> Picture:
    after = comparison.after
    unit = minutes_by(after.region)
    said = [
        f"{number(after.measures[f'share_within_{bound}'], 'share of cases')} within {bound}"
        for bound in (15, 30, 45, 60)
    ]
    return Picture(
        "map-isochrones",
        isochrone_map(comparison),
        f"Isochrones after the change: bands of 15, 30, 45 and 60 {unit} "
        f"{where_to(after.service)}, each zone in the band of its own minutes.",
        f"A map of bands of {unit} after the change. Of all cases {listed(said)} minutes.",
    )


def _flows(comparison: Comparison) -> Picture | Prose:
    flows = moved_flows(comparison)
    if not len(flows):
        return Prose(("No patient goes to another site, so there is no map of flows.",))
    region = comparison.after.region
    shown = flows.head(MOST_SAID)
    pairs = zip(
        region.site_names(shown["site_before"]),
        region.site_names(shown["site_after"]),
        shown["cases"],
        strict=True,
    )
    said = [f"{start} to {end} {cases:,.0f}" for start, end, cases in pairs]
    which = "" if len(shown) == len(flows) else f", the {len(shown)} largest flows"
    return Picture(
        "map-flows",
        flow_map(comparison),
        "Patients who would go to another site: an arrow from the site of today to the next, as "
        "wide as the cases a year are many.",
        f"A map of arrows between sites: {flows['cases'].sum():,.0f} cases a year would go to "
        f"another site{which}: {listed(said)}.",
    )


def _both(comparison: Comparison) -> Iterator[tuple[Appraisal, str]]:
    yield comparison.before, "Before"
    yield comparison.after, "After"


def _name(appraisal: Appraisal, word: str) -> str:
    name = name_of(appraisal.configuration, word)
    return name if name == word else f"{word} ({name})"


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]
