"""Rows on which candidates are open: how many, which, how many of some, how many otherwise."""

from __future__ import annotations

from reconfig.core import Among, Close, Differ, Keep, OpenSites
from reconfig.model.assembly import Assembly, rows_of
from reconfig.model.expression import linear


def number_of_sites(assembly: Assembly) -> None:
    """Add the rows on the number of sites, the tightest that all constraints together allow.

        (7) fewest <= sum of y(j) over the candidates <= most

    Neighbours, which are always open, are summed up with the candidates and discounted.
    """
    neighbours = float((~assembly.grid.is_candidate).sum())
    total = linear(-neighbours, ((y, 1.0) for y in assembly.sites))
    assembly.add(total.at_least(assembly.problem.fewest))
    assembly.add(total.at_most(assembly.problem.most))


@rows_of(OpenSites)
def open_sites(assembly: Assembly, asked: OpenSites) -> None:
    """Add nothing: `number_of_sites` has it, with every other bound on the number."""


@rows_of(Keep)
def keep(assembly: Assembly, asked: Keep) -> None:
    """Add nothing: (8) y(j) = 1 is in the variable, which has no other value to take."""


@rows_of(Close)
def close(assembly: Assembly, asked: Close) -> None:
    """Add nothing: (8) y(j) = 0 is in the variable, which has no other value to take."""


@rows_of(Among)
def among(assembly: Assembly, asked: Among) -> None:
    """Add the rows on a set G of candidates.

    (20) at_least <= sum of y(j) over G <= at_most
    """
    columns = assembly.grid.columns(asked.sites)
    total = linear(0.0, ((assembly.sites[j], 1.0) for j in columns))
    if asked.at_least is not None:
        assembly.add(total.at_least(asked.at_least))
    if asked.at_most is not None:
        assembly.add(total.at_most(asked.at_most))


@rows_of(Differ)
def differ(assembly: Assembly, asked: Differ) -> None:
    """Add the row on the difference from a set A of candidates.

    (21) sum of 1 - y(j) over A + sum of y(j) over the others >= by
    """
    terms = [(y, -1.0 if site in asked.sites else 1.0) for site, y in assembly.opened.items()]
    assembly.add(linear(float(len(asked.sites)), terms).at_least(asked.by))
