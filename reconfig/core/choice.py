"""How patients choose their site, where they do not all go to the nearest one."""

from __future__ import annotations

import hashlib
import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from reconfig.core.faults import Faults

# The register's id of the minutes that divide the odds of a further site by e.
CHOICE_MINUTES = "travel.choice_minutes"
# More orders than these of each zone are no more true, only slower.
MOST_ORDERS = 200

# Zones whose noise is made at once: keeps the arrays within some tens of megabytes.
BLOCK = 1_024
BELOW_ONE = 1.0 - 2.0**-53
# A counter that is spread over 64 bits: SplitMix64 (Steele, Lea and Flood 2014).
STEP = np.uint64(0x9E3779B97F4A7C15)
MIX = ((30, 0xBF58476D1CE4E5B9), (27, 0x94D049BB133111EB))


@dataclass(frozen=True)
class Choice:
    """The cases of a zone split evenly over a few orders of the sites, each with its own noise.

    minutes: a further site has its odds divided by e for so many minutes more; 0 for the nearest.
    orders: how many each zone has. seed: of the noise.

    The noise is that of the logit model (Gumbel, of this scale; McFadden 1974): with many orders
    the share of a zone's cases at an open site is exp(-minutes to it / this) over the sum of that.
    """

    minutes: float
    orders: int = 5
    seed: int = 0

    def __post_init__(self) -> None:
        faults = Faults()
        check_choice(self.minutes, self.orders, self.seed, faults)
        faults.raise_if_any()

    def noise(self, zones: Sequence[str], sites: Sequence[str]) -> np.ndarray:
        """Return minutes to add to the true ones (zones x orders x sites), minimised to choose.

        The numbers of a zone and a site hang on their ids, the orders and the seed alone, so that
        another site or fewer zones change none of the others. They are stratified: of the orders
        of a zone, each has another part of the distribution of a site (a Latin hypercube).
        """
        by_zone, by_site = _hashes(zones, f"zone {self.seed}"), _hashes(sites, "site")
        found = np.empty((len(zones), self.orders, len(sites)))
        for first in range(0, len(zones), BLOCK):
            block = slice(first, first + BLOCK)
            found[block] = self._uniform(by_zone[block, None] ^ by_site[None, :])
        np.log(-np.log(found, out=found), out=found)
        return np.multiply(found, self.minutes, out=found)

    def _uniform(self, own: np.ndarray) -> np.ndarray:
        """Return stratified numbers inside 0 to 1 (zones x orders x sites) from zones x sites."""
        start = _mixed(own)[:, None, :]
        counter = np.arange(1, 2 * self.orders + 1, dtype=np.uint64)[None, :, None] * STEP
        place = np.argsort(_mixed(start + counter[:, : self.orders]), axis=1).argsort(axis=1)
        inside = _mixed(start + counter[:, self.orders :])
        # The middle of one of 2^53 steps is never 0; added to a place it may be rounded up to 1.
        share = ((inside >> np.uint64(11)).astype(float) + 0.5) / 2.0**53
        return np.minimum((place + share) / self.orders, BELOW_ONE)

    def __str__(self) -> str:
        if not self.minutes > 0:
            return "everybody goes to the nearest open site"
        return (
            f"every {self.minutes:.6g} minutes further divide the odds of a site by e "
            f"({self.orders} orders a zone, seed {self.seed})"
        )


def check_choice(minutes: Any, orders: Any, seed: Any, faults: Faults) -> None:
    """Note what is wrong with the numbers of a choice."""
    if not (_is_number(minutes) and 0 <= minutes < math.inf):
        faults.add("choice", "minutes", f"{minutes!r}", "a number of minutes, 0 or more")
    if not (_is_whole(orders) and 1 <= orders <= MOST_ORDERS):
        faults.add("choice", "orders", f"{orders!r}", f"a whole number from 1 to {MOST_ORDERS}")
    if not (_is_whole(seed) and seed >= 0):
        faults.add("choice", "seed", f"{seed!r}", "a whole number, 0 or more")


def _is_whole(value: Any) -> bool:
    return isinstance(value, int | np.integer) and not isinstance(value, bool)


def _is_number(value: Any) -> bool:
    return isinstance(value, float | np.floating) or _is_whole(value)


def _hashes(labels: Sequence[str], salt: str) -> np.ndarray:
    """Return a number of 64 bits for each label."""
    digests = (hashlib.blake2b(f"{salt} {one}".encode(), digest_size=8).digest() for one in labels)
    return np.frombuffer(b"".join(digests), dtype="<u8").astype(np.uint64)


def _mixed(numbers: np.ndarray) -> np.ndarray:
    """Return numbers of 64 bits so that one bit of the argument changes half of the result's."""
    for shift, factor in MIX:
        numbers = (numbers ^ (numbers >> np.uint64(shift))) * np.uint64(factor)
    return np.asarray(numbers ^ (numbers >> np.uint64(31)))
