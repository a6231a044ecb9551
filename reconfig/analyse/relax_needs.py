"""How far from a service what it needs may be, for other demands to be met."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator
from dataclasses import replace

import numpy as np

from reconfig.analyse.relax_resources import Keeping
from reconfig.analyse.relax_words import figure, plainly
from reconfig.core import Needs, Region, Service


def needs_ways(asked: Needs, keeping: Keeping) -> Iterator[tuple[Needs, str]]:
    """Yield the least transfer that will do, and the sentence that says so; nothing if none will.

    Proven: of all transfers between sites that take longer than was asked for, the shortest with
    which the other demands can be met. Rounded up to where it can be met.
    """
    first = keeping()
    if first is None or _is_a_tier(asked, first.problem.service):
        return
    times = _longer(asked, first.problem.region, first.problem.service)

    def will_do(minutes: float) -> bool:
        return keeping(replace(asked, within=minutes)) is not None

    if not times or not will_do(times[-1]):
        return
    least = times[bisect_left(times, True, hi=len(times) - 1, key=will_do)]
    minutes, text = figure(least, "minutes", up=True)
    was = f"within {plainly(asked.within, 'minutes')}" if asked.within else "at the same site"
    who = asked.by or "Every site"
    said = f"{who} can have {asked.needed} within {text} with the other demands kept, not {was}."
    yield replace(asked, within=max(least, minutes)), said  # never short of it by rounding


def _is_a_tier(asked: Needs, service: Service) -> bool:
    """Say whether a need is what makes a second tier one: no transfer can stand for it."""
    part = next((p for p in service.parts if p.id == asked.by), None)
    return part is not None and part.tier is not None and part.tier.first == asked.needed


def _longer(asked: Needs, region: Region, service: Service) -> list[float]:
    """Return the minutes of every transfer, from who needs it, that takes longer than was asked."""
    part = next((p for p in service.parts if p.id == asked.by), service)
    table = (region.physical or region).between_sites()
    minutes = table.loc[list(part.candidates)].to_numpy(float)
    return [float(t) for t in np.unique(minutes[np.isfinite(minutes) & (minutes > asked.within)])]
