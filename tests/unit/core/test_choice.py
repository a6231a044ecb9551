"""Noise of a choice of site: by label and seed, of the right shape, and bad numbers refused."""

from __future__ import annotations

import numpy as np
import pytest

from reconfig.core import Choice, InputError
from tests.instances import tiny_service

ZONES = [f"z{k}" for k in range(40)]
SITES = ["A", "B", "C"]


def test_the_noise_of_a_zone_and_site_is_the_same_whatever_else_is_there() -> None:
    choice = Choice(3.0, orders=4, seed=7)
    whole = choice.noise(ZONES, SITES)
    assert whole.shape == (40, 4, 3)
    part = choice.noise(["new", "z9", "z3"], ["C", "added", "A"])
    assert np.array_equal(part[1:, :, [0, 2]], whole[[9, 3]][:, :, [2, 0]])


def test_many_zones_are_made_in_blocks_that_do_not_show(monkeypatch: pytest.MonkeyPatch) -> None:
    whole = Choice(3.0).noise(ZONES, SITES)
    monkeypatch.setattr("reconfig.core.choice.BLOCK", 7)
    assert np.array_equal(Choice(3.0).noise(ZONES, SITES), whole)


def test_another_seed_zone_site_or_order_has_other_noise() -> None:
    found = np.stack([Choice(3.0, seed=s).noise(ZONES, SITES) for s in (0, 1)])
    assert len(np.unique(found)) == found.size


def test_noise_grows_with_the_minutes() -> None:
    one, ten = (Choice(m).noise(ZONES, SITES) for m in (1.0, 10.0))
    assert ten == pytest.approx(10.0 * one)
    assert not Choice(0.0).noise(ZONES, SITES).any()


def test_the_noise_is_gumbel_and_each_zones_orders_have_a_part_of_it_each() -> None:
    choice = Choice(2.0, orders=5)
    noise = choice.noise([f"z{k}" for k in range(4000)], SITES)
    uniform = np.exp(-np.exp(noise / 2.0))
    parts = np.sort(np.floor(uniform * 5).astype(int), axis=1)
    assert (parts == np.arange(5)[None, :, None]).all()
    for share in (0.05, 0.3, 0.5, 0.9):  # of any one order, over zones: uniform
        assert (uniform[:, 0, :] < share).mean() == pytest.approx(share, abs=0.02)
    pairs = np.corrcoef(uniform[:, 2, :].T)
    assert np.abs(pairs - np.eye(3)).max() < 0.06  # sites are drawn independently


@pytest.mark.parametrize(
    ("numbers", "place"),
    [
        ({"minutes": -1.0}, "minutes"),
        ({"minutes": float("nan")}, "minutes"),
        ({"minutes": float("inf")}, "minutes"),
        ({"minutes": "3"}, "minutes"),
        ({"minutes": True}, "minutes"),
        ({"minutes": 3.0, "orders": 0}, "orders"),
        ({"minutes": 3.0, "orders": 2.5}, "orders"),
        ({"minutes": 3.0, "orders": 10**9}, "orders"),
        ({"minutes": 3.0, "seed": -1}, "seed"),
        ({"minutes": 3.0, "seed": "a"}, "seed"),
    ],
)
def test_numbers_that_cannot_be_are_refused_by_name(numbers: dict[str, object], place: str) -> None:
    with pytest.raises(InputError) as refused:
        Choice(**numbers)  # type: ignore[arg-type]
    assert [fault.place for fault in refused.value.faults] == [place]


def test_without_minutes_and_without_a_register_a_service_says_what_to_write() -> None:
    with pytest.raises(InputError, match=r"surgery, choice: no minutes.*with_choice\(3.0\)"):
        tiny_service(outcome=False).with_choice()
    with pytest.raises(InputError, match="no minutes"):  # a register that lacks them
        tiny_service().with_choice()
