"""Constraints: what a choice of sites must keep. Plain data, with a short way to make each."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from reconfig.core.resources import Budget, Capacity


@dataclass(frozen=True)
class OpenSites:
    """Bounds on how many candidates are open, both ends included; None leaves an end free."""

    at_least: int | None = None
    at_most: int | None = None

    def __str__(self) -> str:
        ends = [("at least", self.at_least), ("at most", self.at_most)]
        if self.at_least == self.at_most:
            ends = [("exactly", self.at_least)]
        parts = [
            f"{word} {number} {'site' if number == 1 else 'sites'}"
            for word, number in ends
            if number is not None
        ]
        return " and ".join(parts) or "any number of sites"


@dataclass(frozen=True)
class Keep:
    """These candidates must be open."""

    sites: frozenset[str]

    def __str__(self) -> str:
        return f"keep {', '.join(sorted(self.sites))}"


@dataclass(frozen=True)
class Close:
    """These candidates must be closed."""

    sites: frozenset[str]

    def __str__(self) -> str:
        return f"close {', '.join(sorted(self.sites))}"


@dataclass(frozen=True)
class Limit:
    """A bound on a measure: overall, or in every group of a zone column (`by`).

    at_most_over_today: how much more than today's value it may be, in each group its own.
    """

    measure: str
    at_least: float | None = None
    at_most: float | None = None
    by: str | None = None
    at_most_over_today: float | None = None

    def __str__(self) -> str:
        over = self.at_most_over_today
        parts = [
            f"{self.measure} at least {self.at_least:g}" if self.at_least is not None else "",
            f"{self.measure} at most {self.at_most:g}" if self.at_most is not None else "",
            f"{self.measure} at most {over:g} more than today" if over is not None else "",
        ]
        text = " and ".join(part for part in parts if part)
        return f"{text} in every {self.by}" if self.by else text


@dataclass(frozen=True)
class Among:
    """Bounds on how many of some candidates are open, both ends included; None leaves one free."""

    sites: frozenset[str]
    at_least: int | None = None
    at_most: int | None = None

    def __str__(self) -> str:
        bounds = str(OpenSites(self.at_least, self.at_most))
        return f"{bounds} among {', '.join(sorted(self.sites))}"


@dataclass(frozen=True)
class Differ:
    """Another choice than these sites: at least `by` sites are open that are not among them, or
    closed that are."""

    sites: frozenset[str]
    by: int = 1

    def __str__(self) -> str:
        many = f"{self.by} site{'' if self.by == 1 else 's'}"
        return f"differ by at least {many} from {', '.join(sorted(self.sites)) or 'no site'}"


Constraint = OpenSites | Keep | Close | Among | Differ | Limit | Capacity | Budget


def open_sites(
    number: int | None = None, *, at_least: int | None = None, at_most: int | None = None
) -> OpenSites:
    """Return the constraint that exactly, at least or at most so many candidates are open."""
    if number is not None:
        if at_least is not None or at_most is not None:
            raise ValueError("open_sites: give a number, or at_least / at_most, not both")
        return OpenSites(number, number)
    if at_least is None and at_most is None:
        raise ValueError("open_sites: give a number, at_least or at_most")
    return OpenSites(at_least, at_most)


def keep(*sites: str | Iterable[str]) -> Keep:
    """Return the constraint that these candidates are open: keep("A", "B") or keep(["A", "B"])."""
    return Keep(_ids(sites))


def close(*sites: str | Iterable[str]) -> Close:
    """Return the constraint that these candidates are closed, given as for `keep`."""
    return Close(_ids(sites))


def _ids(sites: Iterable[str | Iterable[str]]) -> frozenset[str]:
    found: set[str] = set()
    for site in sites:
        found.update([site] if isinstance(site, str) else site)
    return frozenset(found)


def among(
    sites: str | Iterable[str], *, at_least: int | None = None, at_most: int | None = None
) -> Among:
    """Return the constraint that so many of some candidates are open: one in every sector, say."""
    if at_least is None and at_most is None:
        raise ValueError("among: give at_least or at_most")
    return Among(_ids([sites]), at_least, at_most)


def differ(sites: str | Iterable[str], *, by: int = 1) -> Differ:
    """Return the constraint that the choice differs from these sites by so many sites at least.

    A site that is open in one and closed in the other counts once, so exchanging one site for
    another makes a difference of two.
    """
    return Differ(_ids([sites]), by)


def limit(
    measure: str,
    *,
    at_least: float | None = None,
    at_most: float | None = None,
    at_most_over_today: float | None = None,
    by: str | None = None,
) -> Limit:
    """Return a bound on a measure, overall or in every group of a zone column.

    at_most_over_today: limit("mean_minutes", at_most_over_today=5, by="district") says that no
    district's mean journey gets longer by more than five minutes.
    """
    if at_least is None and at_most is None and at_most_over_today is None:
        raise ValueError(f"limit on {measure}: give at_least, at_most or at_most_over_today")
    return Limit(measure, at_least, at_most, by, at_most_over_today)


def within(minutes: int, *, share: float = 1.0, by: str | None = None) -> Limit:
    """Return the constraint that at least this share (0 to 1) of cases is within the minutes."""
    if not 0.0 <= share <= 1.0:
        raise ValueError(f"within: share is {share:g}, expected 0 to 1 (0.95, not 95)")
    return Limit(f"share_within_{minutes}", at_least=share, by=by)
