"""Changes of every kind that a report must be able to speak of, on the made-up square region."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from reconfig.appraise import Comparison, compare
from reconfig.core import Configuration, Region, minimise, second_tier, together
from tests.unit.report.places import FORMULA, SCRIPT, square_region, surgery

TRUSTS = {"A": SCRIPT, "B": FORMULA, "C": SCRIPT, "N": ""}


def with_columns() -> Region:
    """Return the square region with trusts, ages, residents and classes of town and country."""
    region = square_region()
    rows = range(len(region.zones))
    zones = region.zones.assign(
        pop_65_74=[float(k) for k in rows],
        pop_75_plus=[float(k % 7) for k in rows],
        population=[100.0 + 40 * k for k in rows],
        rural_urban=["$$town$$" if k % 3 else "<i>country</i>" for k in rows],
        imd_decile=[1.0 + k % 10 for k in rows],
    )
    sites = region.sites.assign(
        trust=[TRUSTS[site] for site in region.sites.index],
        beds_as_cases=[200.0, 5000.0, 5000.0, 100.0],
    )
    return replace(region, zones=zones, sites=sites)


def without_groups() -> Region:
    """Return the square region without coordinates, districts or deprivation."""
    region = square_region(coordinates=False, shapes=False)
    zones = region.zones.drop(columns=["district", "deprivation_fifth"])
    return replace(region, zones=zones)


def change(region: Region, before: str = "ABC", after: str = "AB") -> Comparison:
    """Return the change from some sites to others."""
    configurations = [Configuration.of("surgery", sites) for sites in (before, after)]
    return compare(*configurations, region=region, service=surgery(region))


def of_nobody_in_the_west() -> Comparison:
    """Return a change of a region of which one district has no cases."""
    region = square_region()
    west = region.zones["district"] == "@west"
    return change(replace(region, zones=region.zones.assign(cases=(~west).astype(float))))


def by_choice() -> Comparison:
    """Return a change where patients choose their site."""
    region = with_columns()
    service = surgery(region).with_choice(5.0, orders=3)
    after = Configuration.of("surgery", "AB")
    return compare(region.today(service), after, region=region, service=service)


def by_direction() -> Comparison:
    """Return a change where half of every zone is sent to each of two sites."""
    region = with_columns()
    service = surgery(region).directed()
    flows = [(str(zone), site, 0.5) for zone in region.zones.index for site in "AB"]
    after = Configuration.of("surgery", "AB", flows=flows)
    return compare(region.today(service), after, region=region, service=service)


def of_several(*, tiers: bool = False) -> Comparison:
    """Return a change of two services at once, the second perhaps a second tier."""
    region = with_columns()
    first = replace(surgery(region), outcome=None)
    other = region.define_service("other", demand="cases")
    if tiers:
        other = second_tier(first, "centre", share=0.5, candidates=["A", "B"], today=["A", "B"])
    problem = together(region, {first: [], other: []}, minimise("mean_minutes"))
    joint = problem.service
    after = Configuration.of(joint.id, ["surgery@A", "surgery@B", f"{other.id}@A"])
    return compare(problem.region.today(joint), after, region=problem.region, service=joint)


KINDS: dict[str, Callable[[], Comparison]] = {
    "plain": lambda: change(square_region()),
    "columns": lambda: change(with_columns()),
    "no change": lambda: change(square_region(), "AB", "AB"),
    "no groups": lambda: change(without_groups()),
    "opening": lambda: change(square_region(proposed=("B",)), "A", "AB"),
    "nobody": of_nobody_in_the_west,
    "choice": by_choice,
    "directed": by_direction,
    "several": of_several,
    "tiers": lambda: of_several(tiers=True),
}
