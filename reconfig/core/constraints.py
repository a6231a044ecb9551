"""Constraints: what a choice of sites must keep. Plain data, with a short way to make each."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from reconfig.core.faults import Faults, suggestion

if TYPE_CHECKING:
    from reconfig.core.problem import Problem


class Constraint(ABC):
    """What a choice of sites must keep: each kind is a frozen dataclass that derives from this.

    A kind has two functions more, registered by `broken_by` (reconfig/appraise/check.py: where a
    choice breaks it) and `rows_of` (reconfig/model/assembly.py: its rows in the program).
    """

    @abstractmethod
    def check(self, problem: Problem, faults: Faults, *, file: str) -> None:
        """Note what it names that is not there, and what no choice could keep."""

    @abstractmethod
    def __str__(self) -> str:
        """Return it in plain words, as reports and conflicts show it."""


@dataclass(frozen=True)
class OpenSites(Constraint):
    """Bounds on how many candidates are open, both ends included; None leaves an end free."""

    at_least: int | None = None
    at_most: int | None = None

    def check(self, problem: Problem, faults: Faults, *, file: str) -> None:
        """Note a number that is not whole, below zero or above the candidates."""
        most = len(problem.service.candidates)
        for bound in {self.at_least, self.at_most} - {None}:
            if not isinstance(bound, int | np.integer) or not 0 <= bound <= most:
                faults.add(
                    file,
                    "open",
                    f"{bound!r} sites asked for",
                    f"a whole number from 0 to {most}, the candidates of {problem.service.id}",
                )

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
class Keep(Constraint):
    """These candidates must be open."""

    sites: frozenset[str]

    def check(self, problem: Problem, faults: Faults, *, file: str) -> None:
        """Note sites that are no candidates."""
        _check_sites(self.sites, "keep", problem, faults, file)

    def __str__(self) -> str:
        return f"keep {', '.join(sorted(self.sites))}"


@dataclass(frozen=True)
class Close(Constraint):
    """These candidates must be closed."""

    sites: frozenset[str]

    def check(self, problem: Problem, faults: Faults, *, file: str) -> None:
        """Note sites that are no candidates."""
        _check_sites(self.sites, "close", problem, faults, file)

    def __str__(self) -> str:
        return f"close {', '.join(sorted(self.sites))}"


@dataclass(frozen=True)
class Among(Constraint):
    """Bounds on how many of some candidates are open, both ends included; None leaves one free.

    named: what stands for the list of sites in words ("for stroke"), where there is such a name.
    """

    sites: frozenset[str]
    at_least: int | None = None
    at_most: int | None = None
    named: str = ""

    def check(self, problem: Problem, faults: Faults, *, file: str) -> None:
        """Note numbers that no choice could have, and sites that are no candidates."""
        ends = {"at_least": self.at_least, "at_most": self.at_most}
        _check_ends(ends, len(self.sites), "among", faults, file)
        _check_sites(self.sites, "among", problem, faults, file)

    def __str__(self) -> str:
        bounds = str(OpenSites(self.at_least, self.at_most))
        return f"{bounds} {self.named or 'among ' + ', '.join(sorted(self.sites))}"


@dataclass(frozen=True)
class Differ(Constraint):
    """Another choice than these sites: at least `by` sites are open that are not among them, or
    closed that are."""

    sites: frozenset[str]
    by: int = 1

    def check(self, problem: Problem, faults: Faults, *, file: str) -> None:
        """Note a number that no choice could have, and sites that are no candidates."""
        _check_ends({"by": self.by}, len(problem.service.candidates), "differ", faults, file)
        _check_sites(self.sites, "differ", problem, faults, file)

    def __str__(self) -> str:
        many = f"{self.by} site{'' if self.by == 1 else 's'}"
        return f"differ by at least {many} from {', '.join(sorted(self.sites)) or 'no site'}"


def _check_sites(
    sites: frozenset[str], word: str, problem: Problem, faults: Faults, file: str
) -> None:
    """Note every site that is not a candidate."""
    candidates = problem.service.candidates
    for site in sorted(sites.difference(candidates)):
        known = site in problem.region.sites.index
        found = "is not a candidate for this service" if known else "is not a site of the region"
        hint = suggestion(site, candidates)
        faults.add(file, word, f"'{site}' {found}", "ids of candidate sites", hint)


def _check_ends(
    ends: dict[str, int | None], most: int, word: str, faults: Faults, file: str
) -> None:
    """Note a number of sites that no choice could have. most: how many sites there are."""
    given = {end: number for end, number in ends.items() if number is not None}
    wrong = {end: n for end, n in given.items() if not _is_whole(n) or n < 0}
    for end, number in wrong.items():
        faults.add(file, word, f"{end} = {number!r}", "a whole number, zero or more")
    low, high = given.get("at_least", given.get("by", 0)), given.get("at_most")
    if wrong:
        return
    if low > most:
        of = f"{most} site{'' if most == 1 else 's'}"
        faults.add(file, word, f"at least {low} of {of}", f"a number up to {most}")
    elif high is not None and low > high:
        found = f"at_least {low} is above at_most {high}"
        faults.add(file, word, found, "at_least no larger than at_most")


def _is_whole(number: object) -> bool:
    return isinstance(number, int | np.integer) and not isinstance(number, bool)


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
