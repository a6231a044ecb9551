"""Shortest paths from many sources over one graph whose minutes change from step to step."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.sparse import csr_matrix
from scipy.sparse.csgraph import dijkstra

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Bools = npt.NDArray[np.bool_]


@dataclass(frozen=True)
class Trees:
    """Shortest paths from each source to each area.

    minutes: sources x areas. parent: the area before on the path, -1 where the path comes
    straight from the source. edge: the edge taken from the parent, -1 likewise.
    """

    minutes: Floats
    parent: Ints
    edge: Ints


class SourceGraph:
    """Areas joined by two-way edges, and sources joined one-way to some of the areas.

    No path can run through a source, so a source never offers a short cut.
    """

    def __init__(self, areas: int, pairs: Ints, sources: int, links: Ints) -> None:
        """pairs: edges x 2 areas. links: links x 2, source and area, distinct."""
        self.areas, self.sources = areas, sources
        size = areas + sources
        rows = np.concatenate([pairs[:, 0], pairs[:, 1], areas + links[:, 0]])
        columns = np.concatenate([pairs[:, 1], pairs[:, 0], links[:, 1]])
        order = csr_matrix((np.arange(1.0, len(rows) + 1), (rows, columns)), shape=(size, size))
        self._order = order.data.astype(np.int64) - 1
        self._graph = order
        low, high = pairs.min(axis=1), pairs.max(axis=1)
        self._by_key = np.argsort(low * areas + high)
        self._keys = (low * areas + high)[self._by_key]

    def trees(self, edge_minutes: Floats, link_minutes: Floats) -> Trees:
        """Shortest paths of every source, for these minutes of edges and links (all > 0)."""
        minutes = np.concatenate([edge_minutes, edge_minutes, link_minutes])
        self._graph.data = minutes[self._order]
        start = np.arange(self.areas, self.areas + self.sources)
        reached, before = dijkstra(self._graph, indices=start, return_predecessors=True)
        parent = before[:, : self.areas].astype(np.int64)
        parent[(parent < 0) | (parent >= self.areas)] = -1
        here = np.broadcast_to(np.arange(self.areas), parent.shape)
        key = np.minimum(parent, here) * self.areas + np.maximum(parent, here)
        edge = np.full(parent.shape, -1, dtype=np.int64)
        below = parent >= 0
        edge[below] = self._by_key[np.searchsorted(self._keys, key[below])]
        return Trees(reached[:, : self.areas], parent, edge)


def subtree_sums(values: Floats, parent: Ints) -> Floats:
    """Sum of ``values`` (sources x areas) over everything that hangs below each area, itself too.

    Pointer doubling: after k rounds each area holds the sum over its first 2^k - 1 generations.
    """
    sources, areas = values.shape
    nowhere = sources * areas
    offset = (np.arange(sources) * areas)[:, None]
    pointer = np.append(np.where(parent >= 0, parent + offset, nowhere).ravel(), nowhere)
    total = np.append(values.ravel(), 0.0)
    while bool((pointer != nowhere).any()):
        gathered = np.bincount(pointer, weights=total, minlength=nowhere + 1)
        gathered[nowhere] = 0.0
        total = total + gathered
        pointer = pointer[pointer]
    result: Floats = total[:-1].reshape(sources, areas)
    return result
