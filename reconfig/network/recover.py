"""Recover the minutes of a road network from minutes observed to a few known places.

No road is needed: small areas are the nodes, neighbouring areas are joined by edges, and edge
minutes are fitted so that shortest paths reproduce the observed minutes from every area to every
known place ("source"). It is travel-time tomography as in seismology: trace the shortest paths,
share each residual among the edges of its path, move, and trace again.

    minutes(area, source) = access(area) + shortest path + access(source)

Access is the time between a place and its through roads: paid once at each end of a trip, never
on the way through. Sources outside the network enter over its border: each border area is joined
to them with its own observed minutes.

Plain arrays in, plain arrays out; minutes here hold no fixed part (subtract it before).
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from scipy.sparse import coo_matrix, csr_matrix
from scipy.spatial import cKDTree

from reconfig.network.paths import Bools, Floats, Ints, SourceGraph, Trees, subtree_sums

SHORTEST_EDGE_KM = 0.05


@dataclass(frozen=True)
class Settings:
    """How to fit; ``docs/data.md`` says how these were chosen.

    steps: times the shortest paths are traced again. learning_rate: first step of the logarithm
    of edge minutes, and of access minutes; later steps are smaller.
    far_minutes, far_weight: residuals of observed minutes above the first count for the second.
    pull: weight of staying near the starting minutes.
    smoothing: rounds of averaging over edges that meet, for the smooth part of the correction.
    links: areas a place is joined to. link_km_per_minute: speed from a place to those areas.
    start_access_minutes: access before fitting, for areas and for sources. bound_quantile: which
    quantile, over the sources, of the difference of two neighbours' minutes starts their edge.
    furthest_link_km: a source further than this from every area is outside the network.
    """

    steps: int = 100
    learning_rate: float = 0.06
    far_minutes: float = 80.0
    far_weight: float = 0.1
    pull: float = 1e-3
    smoothing: int = 3
    links: int = 3
    link_km_per_minute: float = 0.4
    start_access_minutes: float = 1.5
    bound_quantile: float = 0.9
    furthest_link_km: float = 5.0


@dataclass(frozen=True)
class Observations:
    """What the fit sees.

    points: areas x 2 (metres). pairs: edges x 2, positions of neighbouring areas. border: areas
    with neighbours outside the network. source_points: sources x 2 (metres).
    minutes: areas x sources, without the fixed part, none missing.
    """

    points: Floats
    pairs: Ints
    border: Bools
    source_points: Floats
    minutes: Floats

    def __post_init__(self) -> None:
        """Check shapes and values at the door."""
        areas, sources = self.minutes.shape
        faults = []
        if self.points.shape != (areas, 2) or self.border.shape != (areas,):
            faults.append("points and border must have one row an area, as minutes has")
        if self.source_points.shape != (sources, 2):
            faults.append("source_points must have one row a column of minutes")
        if not np.isfinite(self.minutes).all():
            faults.append("minutes must not be missing")
        if not np.isfinite(self.points).all() or not np.isfinite(self.source_points).all():
            faults.append("coordinates must not be missing")
        if len(self.pairs) == 0 or np.min(self.pairs) < 0 or np.max(self.pairs) >= areas:
            faults.append("pairs must be positions of areas")
        if faults:
            raise ValueError("; ".join(faults))


@dataclass(frozen=True)
class Recovered:
    """Fitted minutes.

    edge_minutes: one a pair. access_minutes: one an area. source_access_minutes: one a source
    inside the network, in the order of ``inside`` (positions of sources).
    history: root mean square residual (minutes) at every step, on the fitted data.
    """

    edge_minutes: Floats
    access_minutes: Floats
    source_access_minutes: Floats
    inside: Ints
    history: Floats = field(repr=False)


@dataclass
class _Parameters:
    """Everything that is fitted: logarithms for edges, minutes for access."""

    trend: Floats
    smooth: Floats
    own: Floats
    access: Floats
    source_access: Floats

    def each(self) -> tuple[Floats, ...]:
        """All arrays, in a fixed order."""
        return (self.trend, self.smooth, self.own, self.access, self.source_access)


class _Adam:
    """Descent with momentum and a step of its own for every parameter (Kingma and Ba 2015)."""

    def __init__(self, parameters: _Parameters, rates: tuple[float, ...]) -> None:
        self._rates = rates
        self._mean = [np.zeros_like(x) for x in parameters.each()]
        self._square = [np.zeros_like(x) for x in parameters.each()]
        self._count = 0

    def step(self, parameters: _Parameters, gradients: tuple[Floats, ...], slow: float) -> None:
        """Move the parameters, in place, by at most about their rates times ``slow``."""
        self._count += 1
        for k, (values, gradient) in enumerate(zip(parameters.each(), gradients, strict=True)):
            self._mean[k] = 0.9 * self._mean[k] + 0.1 * gradient
            self._square[k] = 0.98 * self._square[k] + 0.02 * gradient**2
            mean = self._mean[k] / (1 - 0.9**self._count)
            square = self._square[k] / (1 - 0.98**self._count)
            values -= slow * self._rates[k] * mean / (np.sqrt(square) + 1e-8)


class _Fit:
    """The fixed parts of a fit: graph, prior, smoothing; and the residuals of parameters."""

    def __init__(self, seen: Observations, settings: Settings) -> None:
        self.seen, self.settings = seen, settings
        self.areas, self.sources = seen.minutes.shape
        length = np.hypot(*(seen.points[seen.pairs[:, 0]] - seen.points[seen.pairs[:, 1]]).T)
        self.length_km = np.maximum(length / 1000.0, SHORTEST_EDGE_KM)
        self._join_sources()
        self._start_edges()
        edges = len(seen.pairs)
        ends = (np.ones(2 * edges), (seen.pairs.ravel(), np.repeat(np.arange(edges), 2)))
        self._incidence = csr_matrix(coo_matrix(ends, shape=(self.areas, edges)))
        self._degree = np.maximum(np.asarray(self._incidence.sum(axis=1)).ravel(), 1.0)
        self.observed = seen.minutes.T
        far = self.observed > settings.far_minutes
        self.weight = np.where(far, settings.far_weight, 1.0)
        self.weight[self.outside[:, None], self.border[None, :]] = 0.0

    def _join_sources(self) -> None:
        seen, settings = self.seen, self.settings
        away, near = nearest_areas(seen.points, seen.source_points, settings.links)
        within = (away[:, 0] <= settings.furthest_link_km) & ~seen.border[near].any(axis=1)
        self.inside, self.outside = np.flatnonzero(within), np.flatnonzero(~within)
        self.border = np.flatnonzero(seen.border)
        self.link_minutes_inside = (away[within] / settings.link_km_per_minute).ravel()
        links = np.vstack(
            [
                np.column_stack([np.repeat(self.inside, settings.links), near[within].ravel()]),
                np.column_stack(
                    [
                        np.repeat(self.outside, len(self.border)),
                        np.tile(self.border, len(self.outside)),
                    ]
                ),
            ]
        )
        self.graph = SourceGraph(self.areas, seen.pairs, self.sources, links)

    def _start_edges(self) -> None:
        """Start from length and from what |minutes(i, u) - minutes(k, u)| says of edge (i, k)."""
        seen, pairs = self.seen, self.seen.pairs
        gap = np.abs(seen.minutes[pairs[:, 0]] - seen.minutes[pairs[:, 1]])
        bound = np.quantile(gap, self.settings.bound_quantile, axis=1)
        self.start = 0.5 * np.log(self.length_km / 0.75) + 0.5 * np.log(bound + 0.3)
        spacing = np.log(cKDTree(seen.points).query(seen.points, k=9)[0][:, -1] / 1000.0 + 0.01)
        trend = np.column_stack(
            [
                np.log(self.length_km),
                spacing[pairs].mean(axis=1),
                np.log((bound + 0.5) / (self.length_km + 0.5)),
            ]
        )
        trend -= trend.mean(axis=0)
        self.trend = np.column_stack([np.ones(len(pairs)), trend])

    def smooth(self, values: Floats) -> Floats:
        """Average over the edges that meet at either end, several rounds. Its own transpose."""
        for _ in range(self.settings.smoothing):
            values = 0.5 * (self._incidence.T @ ((self._incidence @ values) / self._degree))
        return values

    def first(self) -> _Parameters:
        """Where the fit starts."""
        access, edges = self.settings.start_access_minutes, len(self.seen.pairs)
        return _Parameters(
            np.zeros(self.trend.shape[1]),
            np.zeros(edges),
            np.zeros(edges),
            np.full(self.areas, access),
            np.full(self.sources, access),
        )

    def match_scale(self, now: _Parameters) -> None:
        """Multiply all edges by what makes paths as long, on average, as observed: a start."""
        if len(self.inside) == 0:
            return
        weight = self.weight[self.inside]
        for _ in range(3):
            trees, residual = self.trace(now, self.edge_minutes(now))
            paths = np.where(np.isfinite(trees.minutes), trees.minutes, 0.0)[self.inside]
            factor = 1.0 - np.sum(weight * residual[self.inside]) / np.sum(weight * paths)
            now.trend[0] += np.log(np.clip(factor, 0.2, 5.0))

    def edge_minutes(self, now: _Parameters) -> Floats:
        """Minutes of every edge: start x trend x smooth part x the edge's own part."""
        result: Floats = np.exp(
            self.start + self.trend @ now.trend + self.smooth(now.smooth) + now.own
        )
        return result

    def trace(self, now: _Parameters, edge_minutes: Floats) -> tuple[Trees, Floats]:
        """Shortest paths, and fitted minus observed minutes (0 without a path), sources x areas."""
        entry = self.observed[self.outside][:, self.border] - now.access[self.border]
        links = np.concatenate([self.link_minutes_inside, np.maximum(entry, 0.01).ravel()])
        trees = self.graph.trees(edge_minutes, links)
        fitted = trees.minutes + now.access
        fitted[self.inside] += now.source_access[self.inside, None]
        # No path at all (across an estuary, say) says nothing about any edge.
        return trees, np.where(np.isfinite(fitted), fitted - self.observed, 0.0)

    def gradients(
        self, now: _Parameters, edge_minutes: Floats, trees: Trees, residual: Floats
    ) -> tuple[Floats, ...]:
        """Gradient of half the weighted mean square residual plus the pull, by parameter."""
        pull = self.settings.pull
        force = self.weight * residual
        below = subtree_sums(force, trees.parent)
        used = trees.edge >= 0
        by_edge = np.bincount(trees.edge[used], weights=below[used], minlength=len(edge_minutes))
        by_log = by_edge * edge_minutes / self.sources
        # An outside source enters with observed minutes less the border area's access.
        entered = np.where(used[self.outside], 0.0, below[self.outside]).sum(axis=0)
        access = (force.sum(axis=0) - entered) / self.sources
        source = np.zeros(self.sources)
        inside = self.inside
        if len(inside):
            mean = now.source_access[inside].mean()
            source[inside] = force[inside].sum(axis=1) / self.areas + 0.01 * (
                now.source_access[inside] - mean
            )
        return (
            self.trend.T @ by_log,
            self.smooth(by_log) + pull * now.smooth,
            by_log + pull * now.own,
            access + pull * (now.access - self.settings.start_access_minutes),
            source,
        )


def nearest_areas(areas: Floats, points: Floats, count: int) -> tuple[Floats, Ints]:
    """Kilometres to, and positions of, the ``count`` areas nearest to each point."""
    away, near = cKDTree(areas).query(points, k=count)
    return away.reshape(len(points), count) / 1000.0, near.reshape(len(points), count)


def recover(seen: Observations, settings: Settings | None = None) -> Recovered:
    """Fit edge and access minutes so that shortest paths reproduce the observed minutes."""
    settings = settings or Settings()
    fit = _Fit(seen, settings)
    now = fit.first()
    fit.match_scale(now)
    rate = settings.learning_rate
    adam = _Adam(now, (0.5 * rate, rate, rate, rate, rate))
    history = []
    for step in range(settings.steps):
        edge_minutes = fit.edge_minutes(now)
        trees, residual = fit.trace(now, edge_minutes)
        history.append(
            np.sqrt((fit.weight * residual**2).sum() / np.maximum(fit.weight.sum(), 1.0))
        )
        # Smaller and smaller steps: the last paths should not jump about.
        slow = 0.5 + 0.5 * np.cos(np.pi * step / settings.steps)
        adam.step(now, fit.gradients(now, edge_minutes, trees, residual), slow)
        np.maximum(now.access, 0.0, out=now.access)
        np.maximum(now.source_access, 0.0, out=now.source_access)
    return Recovered(
        edge_minutes=fit.edge_minutes(now),
        access_minutes=now.access.copy(),
        source_access_minutes=now.source_access[fit.inside].copy(),
        inside=fit.inside,
        history=np.array(history),
    )
