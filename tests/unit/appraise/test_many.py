"""Many configurations at once: what each is worth is what an appraisal of it alone says."""

from __future__ import annotations

import math
from itertools import combinations

import numpy as np
import pandas as pd
import pytest

import reconfig as rc
from reconfig.appraise.grid import Grid
from reconfig.appraise.many import lives_of_many, measure_of_many, reaches
from reconfig.appraise.measures import MEASURES
from reconfig.core import Configuration, Region, Service
from tests.unit.report.places import square_region, surgery


def every_choice(service: Service) -> list[frozenset[str]]:
    """Return every set of the candidates, the empty one too."""
    sites = service.candidates
    return [frozenset(c) for n in range(len(sites) + 1) for c in combinations(sites, n)]


def test_intervals_of_many_are_those_of_each_appraisal_by_itself() -> None:
    region = rc.load_region("greater-manchester")
    service = region.service("emergency-surgery")
    rng = np.random.default_rng(6)
    sites = np.array(service.candidates)
    some = [frozenset(rng.choice(sites, size, replace=False).tolist()) for size in (1, 3, 4, 7, 10)]
    found = lives_of_many(Grid.of(region, service), some)
    for own, opened in zip(found, some, strict=True):
        alone = rc.appraise(region, service, Configuration.of(service.id, opened)).lives
        assert alone is not None
        expected = [alone.low, alone.high, alone.probability_of_no_gain]
        assert own.tolist() == pytest.approx(expected, rel=1e-9, abs=1e-9)


def without_way() -> tuple[Region, Service]:
    """Return squares of which one reaches site C alone."""
    whole = square_region()
    minutes = whole.minutes().astype(object)
    minutes.loc["z00", ["A", "B", "N"]] = "unreachable"
    region = Region.from_tables(
        whole.zones.drop(columns="catchment", errors="ignore"),
        whole.sites,
        pd.DataFrame(minutes),
        name="cut off",
    )
    return region, surgery(region)


def test_a_choice_that_leaves_a_zone_without_a_site_has_no_figure() -> None:
    region, service = without_way()
    grid, every = Grid.of(region, service), every_choice(service)
    lives = lives_of_many(grid, every)
    means = measure_of_many(grid, MEASURES["mean_minutes"], every)
    seen = set()
    for opened, own, mean in zip(every, lives, means, strict=True):
        configuration = Configuration.of(service.id, opened)
        seen.add(reaches(grid, opened))
        if reaches(grid, opened):
            alone = rc.appraise(region, service, configuration)
            assert alone.lives is not None
            assert own[1] == pytest.approx(alone.lives.high)
            assert mean == alone.measures["mean_minutes"]
        else:
            with pytest.raises(ValueError, match="no open site can be reached"):
                rc.appraise(region, service, configuration)
            assert np.isnan(own).all()
            assert math.isnan(mean)
    assert seen == {True, False}
