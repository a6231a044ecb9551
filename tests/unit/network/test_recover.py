"""Recovery on made-up roads whose true minutes are known."""

import numpy as np
import pytest

from reconfig.network import Observations, Settings, recover
from reconfig.network.paths import Bools, SourceGraph, subtree_sums
from reconfig.network.recover import _Fit

QUICK = Settings(steps=80)


def made_up(side: int = 12, sources: int = 16, seed: int = 1) -> Observations:
    """A jittered grid of areas with a fast road through the middle, and sources all over it."""
    rng = np.random.default_rng(seed)
    grid = np.array([(i, j) for i in range(side) for j in range(side)], dtype=float)
    points = 1000.0 * (grid + rng.uniform(-0.2, 0.2, grid.shape))
    position = np.arange(side * side).reshape(side, side)
    pairs = np.vstack(
        [
            np.column_stack([position[:-1].ravel(), position[1:].ravel()]),
            np.column_stack([position[:, :-1].ravel(), position[:, 1:].ravel()]),
        ]
    )
    length = np.hypot(*(points[pairs[:, 0]] - points[pairs[:, 1]]).T) / 1000.0
    fast = (grid[pairs, 0] == side // 2).all(axis=1)
    minutes = length / np.where(fast, 1.5, 0.5)
    at = rng.choice(side * side, sources, replace=False)
    links = np.column_stack([np.arange(sources), at])
    trees = SourceGraph(side * side, pairs, sources, links).trees(minutes, np.full(sources, 1.0))
    access = rng.uniform(0.5, 2.5, side * side)
    return Observations(
        points=points,
        pairs=pairs,
        border=np.zeros(side * side, dtype=bool),
        source_points=points[at],
        minutes=np.round(trees.minutes + access).T,
    )


def test_fitted_paths_reproduce_the_observed_minutes() -> None:
    found = recover(made_up(), QUICK)
    assert found.history[-1] < 0.8
    assert found.history[-1] < 0.5 * found.history[0]


def test_the_fast_road_is_found() -> None:
    seen = made_up()
    found = recover(seen, QUICK)
    columns = np.round(seen.points[seen.pairs, 0] / 1000.0)
    along = columns[:, 0] == columns[:, 1]
    fast = along & (columns[:, 0] == 6)
    assert np.median(found.edge_minutes[fast]) < 0.7 * np.median(found.edge_minutes[along & ~fast])


def test_minutes_and_access_are_never_negative() -> None:
    found = recover(made_up(), QUICK)
    assert (found.edge_minutes > 0).all()
    assert (found.access_minutes >= 0).all()
    assert (found.source_access_minutes >= 0).all()


def test_the_same_data_give_the_same_network() -> None:
    one, two = recover(made_up(), Settings(steps=5)), recover(made_up(), Settings(steps=5))
    assert (one.edge_minutes == two.edge_minutes).all()


def test_sources_outside_enter_over_the_border_and_do_not_fit_it() -> None:
    seen = made_up()
    border: Bools = np.min(seen.points, axis=1) < 500
    far = Observations(
        seen.points,
        seen.pairs,
        border,
        np.vstack([seen.source_points, [[-90_000.0, 5_000.0]]]),
        np.column_stack([seen.minutes, 60.0 + seen.points[:, 0] / 500.0]),
    )
    fit = _Fit(far, QUICK)
    assert fit.outside.tolist()[-1] == 16
    assert (fit.weight[16, border] == 0).all()
    _, residual = fit.trace(fit.first(), fit.edge_minutes(fit.first()))
    assert np.abs(residual[16, border]).max() < 1e-9 or (residual[16, border] < 0).any()


def test_gradients_agree_with_finite_differences() -> None:
    seen = made_up(side=6, sources=5)
    fit = _Fit(seen, Settings(pull=0.1))
    now = fit.first()
    rng = np.random.default_rng(0)
    for values in now.each():
        values += rng.normal(0.0, 0.05, values.shape)

    def loss() -> float:
        _, residual = fit.trace(now, fit.edge_minutes(now))
        pulled = sum(float(np.sum(v**2)) for v in (now.smooth, now.own, now.access - 1.5))
        squares = float(np.sum(fit.weight * residual**2))
        total: float = squares / (2 * fit.sources) + 0.05 * pulled
        return total

    edge_minutes = fit.edge_minutes(now)
    trees, residual = fit.trace(now, edge_minutes)
    exact = fit.gradients(now, edge_minutes, trees, residual)
    for values, gradient in list(zip(now.each(), exact, strict=True))[:4]:
        k = int(np.argmax(np.abs(gradient)))
        before = values[k]
        values[k] = before + 1e-6
        up = loss()
        values[k] = before - 1e-6
        down = loss()
        values[k] = before
        assert (up - down) / 2e-6 == pytest.approx(gradient[k], rel=1e-3, abs=1e-6)


def test_sums_below_each_area_follow_the_tree() -> None:
    parent = np.array([[-1, 0, 1, 1, -1]])
    sums = subtree_sums(np.array([[1.0, 2.0, 4.0, 8.0, 16.0]]), parent)
    assert sums.tolist() == [[15.0, 14.0, 4.0, 8.0, 16.0]]


def test_bad_observations_are_refused_listing_every_fault() -> None:
    seen = made_up(side=4, sources=3)
    with pytest.raises(ValueError, match=r"one row a column.*missing"):
        Observations(
            seen.points,
            seen.pairs,
            seen.border,
            seen.source_points[:2],
            np.full_like(seen.minutes, np.nan),
        )
