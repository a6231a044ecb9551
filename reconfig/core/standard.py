"""The standard problems of facility location by their names, each an ordinary Problem.

Every one takes `keep` and `close`, ids of candidates that must or must not be open. Neighbours that
are always open belong to the service (`Service.with_always_open`) and are not counted among the p.
"""

from __future__ import annotations

from collections.abc import Iterable

from reconfig.core.constraints import (
    Close,
    Constraint,
    Keep,
    OpenSites,
)
from reconfig.core.constraints import (
    close as closed_sites,
)
from reconfig.core.constraints import (
    keep as kept_sites,
)
from reconfig.core.limit import limit, within
from reconfig.core.problem import Objective, Problem, maximise, minimise
from reconfig.core.region import Region
from reconfig.core.service import Service


def p_median(
    region: Region, service: Service, p: int, *, keep: Iterable[str] = (), close: Iterable[str] = ()
) -> Problem:
    """Return the problem of the p sites with the shortest mean journey (Hakimi 1964)."""
    return _problem(region, service, minimise("mean_minutes"), p, keep, close)


def p_center(
    region: Region, service: Service, p: int, *, keep: Iterable[str] = (), close: Iterable[str] = ()
) -> Problem:
    """Return the problem of the p sites with the shortest longest journey (Hakimi 1964).

    Journeys of zones without cases do not count.
    """
    return _problem(region, service, minimise("max_minutes"), p, keep, close)


def mclp(
    region: Region,
    service: Service,
    p: int,
    minutes: int,
    *,
    keep: Iterable[str] = (),
    close: Iterable[str] = (),
) -> Problem:
    """Return the maximal covering problem: the p sites with most cases within so many minutes.

    Church and ReVelle (1974).
    """
    return _problem(region, service, maximise(f"share_within_{minutes}"), p, keep, close)


def lscp(
    region: Region,
    service: Service,
    minutes: int,
    *,
    share: float = 1.0,
    keep: Iterable[str] = (),
    close: Iterable[str] = (),
) -> Problem:
    """Return the set covering problem: the fewest sites with cases within so many minutes.

    share: of the cases that must be within, 0 to 1; at 1 every zone with cases must be (Toregas
    and others 1971). Raises ValueError if the share is not from 0 to 1.
    """
    cover = within(minutes, share=share)
    if share == 1.0:
        cover = limit("max_minutes", at_most=float(minutes))
    return _problem(region, service, minimise("open_sites"), None, keep, close, cover)


def _problem(
    region: Region,
    service: Service,
    objective: Objective,
    p: int | None,
    keep: Iterable[str],
    close: Iterable[str],
    *more: Constraint,
) -> Problem:
    constraints: list[Constraint] = [] if p is None else [OpenSites(p, p)]
    fixed: tuple[Keep | Close, ...] = (kept_sites(keep), closed_sites(close))
    constraints += [c for c in fixed if c.sites]
    return Problem(region, service, objective, [*constraints, *more])
