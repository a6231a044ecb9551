"""Which task a worker process is given next, and what it is started with."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

from reconfig.batch.workers import Processes


def handed_out(years: list[int], *, own: str, other: str) -> int:
    """Return the year of the task that a worker is given, by the regions that two have loaded."""
    pool = Processes(0)
    pool._waiting.extend({"content": {"year": year}} for year in years)
    one, two = (SimpleNamespace(region=region) for region in (own, other))
    pool._workers.extend([one, two])  # type: ignore[list-item]
    task = pool._next(one)  # type: ignore[arg-type]
    assert one.region == region(task["content"]["year"])
    assert len(pool._waiting) == len(years) - 1
    year: Any = task["content"]["year"]
    return int(year)


def region(year: int) -> str:
    """Return what tells the region of a year from others."""
    return f"[null, null, {year}, null, null]"


def test_a_worker_is_given_what_its_own_region_is_asked_first() -> None:
    assert handed_out([2025, 2030, 2035], own=region(2030), other=region(2025)) == 2030


def test_else_it_begins_a_region_that_no_other_worker_has_loaded() -> None:
    assert handed_out([2025, 2025, 2030], own=region(2020), other=region(2025)) == 2030


def test_where_all_are_of_regions_that_others_have_it_takes_the_first() -> None:
    assert handed_out([2025, 2025], own=region(2020), other=region(2025)) == 2025
