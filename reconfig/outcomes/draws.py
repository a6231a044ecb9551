"""What outcome models are evaluated on: one value of each assumption a draw."""

from __future__ import annotations

import zlib
from collections.abc import Mapping, Sequence
from typing import Protocol

import numpy as np
from scipy import special

from reconfig.outcomes.register import Register


class _Source(Protocol):
    """Where the numbers of draws come from."""

    number: int

    def values(self, key: str) -> np.ndarray:
        """One value a draw (shape: number)."""

    def weights(self, prefix: str, kinds: Sequence[str]) -> np.ndarray:
        """Weight of each kind a draw (shape: number x kinds); each row sums to 1."""


class Draws:
    """Values of assumptions, one a draw: central, sampled or given.

    `draws["egs.share_moved"]` has shape (number,). Arrays are made when first asked for, kept, and
    cannot be written to. `number` says how many draws there are; `register` where they come from.
    """

    def __init__(self, register: Register, source: _Source) -> None:
        """Use `central`, `sample` or `at` instead."""
        self.register = register
        self.number = source.number
        self._source = source
        self._values: dict[str, np.ndarray] = {}
        self._weights: dict[tuple[str, tuple[str, ...]], np.ndarray] = {}

    @classmethod
    def central(cls, register: Register) -> Draws:
        """Return one draw with every assumption at its value, and weights as they are."""
        return cls(register, _Given(register, {}, 1))

    @classmethod
    def sample(cls, register: Register, number: int, seed: int) -> Draws:
        """Return random draws: same register, number and seed, same draws.

        Every assumption has its own stream of random numbers, from the seed and its id: adding one
        changes no other, and whatever is evaluated on the same draws shares them. Each marginal
        is stratified (one draw in each of `number` equal slices of probability); assumptions that
        are correlated go together by a Gaussian copula. A mixture takes one kind a draw.
        """
        if number < 1:
            raise ValueError(f"{number} draws; expected at least 1")
        return cls(register, _Sampled(register, number, seed))

    @classmethod
    def at(cls, register: Register, values: Mapping[str, np.ndarray]) -> Draws:
        """Return draws where some assumptions have given values and the others are central.

        values: id -> values (shape: number, the same for all). Weights are shares of their sum in
        each draw.
        """
        arrays = {key: np.array(value, dtype=float) for key, value in values.items()}
        shapes = {array.shape for array in arrays.values()}
        if len(shapes) != 1 or len(shape := shapes.pop()) != 1 or shape[0] == 0:
            raise ValueError("values: expected one list of numbers an id, all as long")
        for key in arrays:
            register.value(key)  # refuses an unknown id
        return cls(register, _Given(register, arrays, shape[0]))

    def rows(self, rows: np.ndarray) -> Draws:
        """Return some of the draws (rows: which, by position), the same numbers in that order.

        What is asked of them counts as asked here too.
        """
        return Draws(self.register, _Rows(self, rows))

    @property
    def asked(self) -> frozenset[str]:
        """Every id that was asked for so far, those of weights too."""
        kinds = {f"{prefix}_weight_{kind}" for prefix, kinds in self._weights for kind in kinds}
        return frozenset(self._values) | kinds

    @property
    def mixtures(self) -> frozenset[tuple[str, tuple[str, ...]]]:
        """The mixtures whose weights were asked for so far: prefix and kinds."""
        return frozenset(self._weights)

    def __getitem__(self, key: str) -> np.ndarray:
        """Return the values of an assumption (shape: number); KeyError if there is none."""
        if key not in self._values:
            self._values[key] = _read_only(self._source.values(key))
        return self._values[key]

    def weights(self, prefix: str, kinds: Sequence[str]) -> np.ndarray:
        """Return the weight of each kind of a mixture (shape: number x kinds); rows sum to 1.

        The weights of belief are the ids <prefix>_weight_<kind>. Sampled: 1 for the kind that the
        draw takes and 0 for the others, each kind as often as its share says, to one draw.
        """
        asked = (prefix, tuple(kinds))
        if asked not in self._weights:
            self._weights[asked] = _read_only(self._source.weights(*asked))
        return self._weights[asked]


class _Given:
    """Some assumptions at given values, the others at their own."""

    def __init__(self, register: Register, given: Mapping[str, np.ndarray], number: int) -> None:
        self.register, self.given, self.number = register, given, number

    def values(self, key: str) -> np.ndarray:
        if key in self.given:
            return self.given[key]
        return np.full(self.number, self.register.value(key))

    def weights(self, prefix: str, kinds: Sequence[str]) -> np.ndarray:
        weights = np.stack([self.values(f"{prefix}_weight_{kind}") for kind in kinds], axis=1)
        return np.asarray(weights / weights.sum(axis=1, keepdims=True))


class _Rows:
    """Some of other draws."""

    def __init__(self, draws: Draws, rows: np.ndarray) -> None:
        self.draws, self.rows, self.number = draws, rows, len(rows)

    def values(self, key: str) -> np.ndarray:
        return np.asarray(self.draws[key][self.rows])

    def weights(self, prefix: str, kinds: Sequence[str]) -> np.ndarray:
        return np.asarray(self.draws.weights(prefix, kinds)[self.rows])


class _Sampled:
    """Random values; see `Draws.sample`."""

    def __init__(self, register: Register, number: int, seed: int) -> None:
        self.register, self.number, self.seed = register, number, seed
        self.group_of = {key: group for group in register.groups for key in group.ids}
        self.correlated: dict[str, np.ndarray] = {}

    def values(self, key: str) -> np.ndarray:
        assumption = self.register[key]
        if not assumption.is_spread:
            return np.full(self.number, assumption.value)
        if key in self.group_of:
            if key not in self.correlated:
                self._draw_group(key)
            return assumption.quantile(self.correlated[key])
        return assumption.quantile(self._stratified(key))

    def weights(self, prefix: str, kinds: Sequence[str]) -> np.ndarray:
        beliefs = [self.register.value(f"{prefix}_weight_{kind}") for kind in kinds]
        edges = np.cumsum(beliefs) / np.sum(beliefs)
        middles = (self._stream(f"{prefix}_weight").permutation(self.number) + 0.5) / self.number
        kind = np.searchsorted(edges[:-1], middles)
        return np.asarray(np.eye(len(kinds))[kind])

    def _stream(self, name: str) -> np.random.Generator:
        return np.random.default_rng([self.seed, zlib.crc32(name.encode())])

    def _stratified(self, key: str) -> np.ndarray:
        """One number inside each of `number` equal slices of 0 to 1, in random order."""
        rng = self._stream(key)
        return self._inside(rng.permutation(self.number), rng)

    def _inside(self, slices: np.ndarray, rng: np.random.Generator) -> np.ndarray:
        # Never 0 itself, where a normal distribution has no number.
        return np.asarray((slices + 1.0 - rng.random(self.number)) / (self.number * (1 + 1e-12)))

    def _draw_group(self, key: str) -> None:
        """Correlate the normal scores, then stratify each marginal again in their order."""
        group = self.group_of[key]
        scores = np.stack([special.ndtri(self._stratified(one)) for one in group.ids])
        together = np.linalg.cholesky(group.matrix) @ scores
        for one, score in zip(group.ids, together, strict=True):
            order = np.empty(self.number, dtype=int)
            order[np.argsort(score)] = np.arange(self.number)
            self.correlated[one] = self._inside(order, self._stream(f"{one} in order"))


def _read_only(array: np.ndarray) -> np.ndarray:
    array.flags.writeable = False
    return array
