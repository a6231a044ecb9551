"""What a report says of two tiers, and which services may have a report of their own."""

from __future__ import annotations

from dataclasses import replace

from reconfig.core import Service

NO_MAP_OF_TIERS = (
    "A service that has a report of its own, in the folder of its name, has maps there."
)


def alone(service: Service) -> list[Service]:
    """Return the services that may be reported each by itself, of several decided together.

    Not a second tier, whose patients come by way of the first; nor a first tier some of whose
    patients go past it, straight to a centre. Any other first tier without its outcome model: what
    is gained hangs on where the centres are, which only the report of both knows.
    """
    tiers = {part.tier.first: part.tier for part in service.parts if part.tier is not None}
    found = []
    for part in service.parts:
        tier = tiers.get(part.id)
        if part.tier is not None or (tier is not None and tier.direct_within > 0):
            continue
        found.append(part if tier is None else replace(part, outcome=None))
    return found


def tier_notes(service: Service) -> list[str]:
    """Return the sentences that a report of both tiers has beside all else."""
    names = {part.id: part.name for part in service.parts}
    said = []
    for part in service.parts:
        if part.tier is None:
            continue
        first, tier = names[part.tier.first], part.tier
        said.append(
            f"{part.name} is a second tier of {first}: {tier}; today too. Of "
            f"those patients {100 * tier.share:.3g} % need it, counted once at either site; "
            "minutes to the centre are those of the whole way, without the delay of a transfer."
        )
        missing = [part.name] if tier.direct_within <= 0 else [first, part.name]
        said.append(
            f"No report of its own, and no map: {' and '.join(missing)}. Where these patients go "
            "hangs on both tiers, so tables of it are in this report alone."
        )
        if tier.direct_within <= 0:
            said.append(
                f"The report of {first} by itself is of access only: what is gained hangs on the "
                "centres too."
            )
    return said
