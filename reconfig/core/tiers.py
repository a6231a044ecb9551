"""Two tiers: a service that only some sites of another have, whose patients come by way of it.

Hyper-acute stroke units and, among them, thrombectomy centres: a patient goes to the nearest unit
and those who need the centre are sent on from there; or straight to the centre if it is little
further. How the routes are ordered is in `reconfig.appraise.routes`.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from reconfig.core.faults import Faults, listing, suggestion

if TYPE_CHECKING:
    from reconfig.core.region import Region
    from reconfig.core.service import Service


@dataclass(frozen=True)
class Tier:
    """What makes a service a second tier.

    first: id of the service by way of which its patients come. share: of those patients who need
    it too. direct_within: every patient goes straight to the centre nearest to home if it is at
    most so many minutes further than the nearest unit; 0: nobody does, infinite: everybody does.
    """

    first: str
    share: float
    direct_within: float = 0.0

    def __str__(self) -> str:
        if self.direct_within <= 0:
            return f"patients go to the nearest site of {self.first} and are sent on from there"
        if math.isinf(self.direct_within):
            return "every patient goes straight to the nearest centre"
        return (
            f"patients go straight to the nearest centre if it is at most {self.direct_within:g} "
            f"minutes further than the nearest site of {self.first}, else are sent on from there"
        )


def second_tier(
    first: Service,
    service_id: str,
    *,
    share: float | str,
    name: str = "",
    candidates: Iterable[str] | None = None,
    always_open: Iterable[str] | None = None,
    today: Iterable[str] | None = None,
    direct_within: float = 0.0,
) -> Service:
    """Return a service that some sites of another have: thrombectomy among the stroke units.

    It is decided with the first tier (`together`), and only where that is open. Its patients are
    a share of the first tier's and come by way of it: from the nearest open unit they go on to the
    open centre that is nearest to it (`Region.between_sites`), or straight from home (see `Tier`).
    share: a number above 0 and up to 1, or the id of an assumption. candidates: ids (default: the
    first tier's). always_open: its neighbours, today: the candidates that are centres now; where
    not given, those that the first tier's outcome model names. direct_within: minutes.
    Raises InputError, listing every fault.
    """
    from reconfig.core.service import Service  # which holds a Tier

    faults = Faults()
    if first.tier is not None:
        found = f"{first.id} is a second tier itself"
        faults.add(service_id, "first tier", found, "two tiers at most")
    for word, given in (("candidates", candidates), ("always_open", always_open), ("today", today)):
        if isinstance(given, str):
            faults.add(service_id, word, f"'{given}'", f"a list of ids, such as ['{given}']")
    if isinstance(direct_within, bool) or not isinstance(direct_within, int | float):
        faults.add(service_id, "direct_within", f"{direct_within!r}", "minutes, without quotes")
    if isinstance(share, bool):
        faults.add(service_id, "share", f"{share}", "a share above 0 and up to 1")
    faults.raise_if_any()
    named = () if first.outcome is None else first.outcome.centres
    # What is a candidate is never open all the same, and the other way round.
    chosen = None if candidates is None else set(candidates)
    neighbours = set(named if always_open is None else always_open)
    if always_open is None:
        neighbours = neighbours.intersection(first.always_open).difference(chosen or ())
    chosen = set(first.candidates).difference(neighbours) if chosen is None else chosen
    now = set(named).difference(neighbours) if today is None else set(today)
    _check_sites(first, chosen, neighbours, now, service_id, faults)
    if not now and not neighbours and not (today is None and named):
        fix = "Write today = [...]: what the change is compared with."
        faults.add(service_id, "today", "no site", "the sites that are centres today", fix)
    part = _share(first, share, service_id, faults)
    if not direct_within >= 0:
        found = f"{direct_within:g}"
        faults.add(service_id, "direct_within", found, "minutes, 0 or more (inf: always straight)")
    if not service_id or service_id == first.id:
        faults.add(service_id, "id", f"'{service_id}', as the first tier", "another id")
    faults.raise_if_any()
    source = f" ({share})" if isinstance(share, str) else ""
    return Service(
        id=service_id,
        name=name or service_id.replace("-", " ").capitalize(),
        demand=first.demand * part,
        candidates=tuple(sorted(chosen)),
        always_open=tuple(sorted(neighbours)),
        today=tuple(sorted(now)),
        demand_basis=f"{100 * part:.4g} %{source} of all cases of {first.name}",
        tier=Tier(first.id, part, float(direct_within)),
    )


def check_tiers(region: Region, parts: Sequence[Service], faults: Faults) -> None:
    """Note second tiers that cannot be decided with these services."""
    by_id = {part.id: part for part in parts}
    seconds = [part for part in parts if part.tier is not None]
    for part in seconds:
        assert part.tier is not None
        first = by_id.get(part.tier.first)
        if first is None:
            hint = suggestion(part.tier.first, by_id)
            found = f"its first tier '{part.tier.first}' is not among the services"
            faults.add("together", part.id, found, "both tiers decided together", hint)
            continue
        if first.tier is not None:
            found = f"its first tier '{first.id}' is a second tier itself"
            faults.add("together", part.id, found, "two tiers at most")
        others = [p.id for p in seconds if p.tier is not None and p.tier.first == first.id]
        if len(others) > 1 and part.id == others[0]:
            found = f"'{first.id}' is the first tier of {listing(others)}"
            faults.add("together", first.id, found, "one second tier a service")
        if first.choice is not None or part.choice is not None:
            found = "patients who do not all go to the nearest site"
            expected = "tiers whose patients go to the nearest open unit or centre"
            faults.add("together", first.id, found, expected, "Leave the choice out.")
        _check_sites(first, part.candidates, part.always_open, part.today, part.id, faults)
        if not _alike(first, part):
            found = f"its cases are not {part.tier.share:g} of those of {first.id}"
            fix = "Make it of the same service: rc.second_tier(first, ...)."
            faults.add("together", part.id, found, "a share of the first tier's cases", fix)
        _check_lives(region, first, part, faults)


def refuse_alone(service: Service) -> None:
    """Raise InputError for a second tier by itself: nobody comes to it but by way of the first."""
    if service.tier is None:
        return
    faults = Faults()
    faults.add(
        service.id,
        "second tier",
        f"{service.name} by itself",
        f"both tiers at once: its patients come by way of {service.tier.first}",
        "Decide or appraise them together: rc.together(region, {units: [...], centres: [...]}, "
        "...); its region and service are what rc.appraise takes.",
    )
    faults.raise_if_any()


def _alike(first: Service, part: Service) -> bool:
    assert part.tier is not None
    if not first.demand.index.equals(part.demand.index):
        return False
    expected, found = first.demand * part.tier.share, part.demand
    return bool(((expected - found).abs() <= 1e-9 * (1.0 + expected.abs())).all())


def _check_sites(
    first: Service,
    candidates: Collection[str],
    always_open: Collection[str],
    today: Collection[str],
    service_id: str,
    faults: Faults,
) -> None:
    """Note sites that are none of the first tier's, or no centres that could be."""
    units = (*first.candidates, *first.always_open)
    for word, sites, known, what in (
        ("candidates", candidates, units, f"sites of {first.id}"),
        ("always_open", always_open, first.always_open, f"neighbours of {first.id}"),
    ):
        for site in sorted(set(sites).difference(known)):
            hint = suggestion(site, known)
            faults.add(service_id, word, f"'{site}'", f"ids of {what}", hint)
    for site in sorted(set(today).difference(candidates, always_open)):
        fix = "Make it a candidate, and close it if that is decided."
        found = f"'{site}' is a centre today and no candidate"
        faults.add(service_id, "today", found, "ids of candidates", fix)
    both = sorted(set(candidates) & set(always_open))
    if both:
        found = f"{listing(both)} are candidates and always open"
        faults.add(service_id, "always_open", found, "one of the two")
    if not candidates:
        faults.add(service_id, "candidates", "no site", "a candidate at least")


def _share(first: Service, share: float | str, service_id: str, faults: Faults) -> float:
    """Return the share as a number: of an assumption the register's value."""
    expected = "a share above 0 and up to 1, or the id of an assumption that holds one"
    if isinstance(share, str):
        register = {} if first.outcome is None else first.outcome.register
        if share not in register:
            hint = suggestion(share, register)
            faults.add(service_id, "share", f"no assumption '{share}'", expected, hint)
            return 1.0
        share = float(register[share].value)
    if not 0 < share <= 1:
        faults.add(service_id, "share", f"{share:g}", expected)
    return float(share)


def _check_lives(region: Region, first: Service, part: Service, faults: Faults) -> None:
    """Note lives saved, whose interval is worked out from everybody going to the nearest unit."""
    if first.outcome is None or "lives_saved" not in first.outcome.estimates:
        return
    assert part.tier is not None
    used = [*part.candidates, *part.always_open]
    here = [*first.candidates, *first.always_open]
    no_way = region.between_sites().loc[here, used].isna().to_numpy().any()
    if part.tier.direct_within > 0 or no_way:
        why = "patients who go straight to a centre" if not no_way else "units without a transfer"
        faults.add(
            "together",
            first.id,
            f"lives saved, estimated for everybody at the nearest unit, and {why}",
            "a first tier that estimates QALYs by time, such as stroke-times, or direct_within = 0",
        )
