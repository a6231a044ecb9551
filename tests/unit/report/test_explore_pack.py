"""What the page is told: the very numbers, in little room, and the rules it can judge."""

from __future__ import annotations

import base64
import gzip
import json
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

import reconfig as rc
from reconfig.appraise.grid import Grid
from reconfig.appraise.measures import MEASURES
from reconfig.core import Constraint, Faults, Problem, Region
from reconfig.report.explore.binary import (
    NO_WAY,
    TYPES,
    packed_minutes,
    packed_table,
    packed_texts,
)
from reconfig.report.explore.colours import CATCHMENTS, site_colours
from reconfig.report.explore.measures import told
from reconfig.report.explore.pack import packed_service
from reconfig.report.explore.rules import rules
from reconfig.report.explore.shapes import View, packed_shapes, simplified
from reconfig.report.layers import map_layers
from tests.unit.report.places import SCRIPT, square_region, surgery

KINDS = {name: kind for kind, name in TYPES.items()}


def unpacked(content: dict[str, Any]) -> np.ndarray:
    """Return what the page makes of a packed array."""
    raw = gzip.decompress(base64.b64decode(content["data"]))
    return np.frombuffer(raw, dtype=f"<{KINDS[content['type']]}")


def looked_up(table: dict[str, Any]) -> np.ndarray:
    """Return every entry of a packed table."""
    values = unpacked(table["values"])
    return values if table["codes"] is None else values[unpacked(table["codes"])]


@pytest.fixture(scope="module")
def manchester() -> Region:
    return rc.load_region("greater-manchester")


whole_tenths = st.integers(0, 5_000).map(lambda k: k / 10)
any_minutes = st.floats(0, 500)


@given(
    values=arrays.arrays(
        float, (4, 3), elements=st.one_of(whole_tenths, any_minutes, st.just(np.inf))
    )
)
@settings(max_examples=60, deadline=None)
def test_the_page_has_the_very_minutes_to_the_bit(values: np.ndarray) -> None:
    content = packed_minutes(values)
    found = unpacked(content).reshape(values.shape)
    if content["type"] == "Uint16Array":
        found = np.where(found == NO_WAY, np.inf, found / 10)
    assert np.array_equal(found, values)


@given(values=arrays.arrays(float, (5, 4), elements=st.sampled_from([0.0, 0.1, 1 / 3, -2.0])))
def test_a_table_of_few_numbers_is_each_of_its_entries_all_the_same(values: np.ndarray) -> None:
    table, size = packed_table(values)
    assert np.array_equal(looked_up(table).reshape(values.shape), values)
    assert size <= values.nbytes


def test_texts_come_out_as_they_went_in() -> None:
    names = [SCRIPT, "=1+1", "$$x$$", "Ynys Môn"]
    content = json.loads(gzip.decompress(base64.b64decode(packed_texts(names)["data"])))
    assert content == names


@pytest.mark.parametrize("name", ["emergency-surgery", "stroke", "ppci", "stroke-times"])
def test_amounts_by_number_of_sites_add_up_to_the_measures_own_tables(
    manchester: Region, name: str
) -> None:
    service = manchester.service(name)
    grid = Grid.of(manchester, service)
    assert service.outcome is not None
    for estimate in service.outcome.estimates:
        measure = MEASURES[estimate]
        how = told(measure, grid).content["how"]
        assert measure.table is not None
        for number in range(len(service.candidates) + 1):
            made = np.zeros(grid.minutes.size)
            for part in how["parts"]:
                times = part["by_number"]
                made += (times[number] if len(times) > 1 else times[0]) * looked_up(part["table"])
            expected = measure.table(grid.every_journey(number))
            mine = grid.cases[:, None] * made.reshape(grid.minutes.shape)
            assert np.allclose(mine, expected, rtol=1e-9, atol=1e-13)


def test_what_hangs_on_volumes_is_not_worked_out_but_known_of_every_choice(
    manchester: Region,
) -> None:
    service = manchester.service("vascular")
    today = rc.appraise(manchester, service, manchester.today(service))
    content = packed_service(rc.compare(today, today))
    kinds = {m["name"]: m["how"]["kind"] for m in content["measures"]}
    assert kinds["lives_saved"] == "known"
    known = unpacked(content["known"]["measures"]["lives_saved"])
    assert content["known"]["every"]
    assert len(known) == 2 ** len(service.candidates)
    place = sum(2**k for k, site in enumerate(sorted(service.candidates)) if site in today.open)
    assert known[place] == today.measures["lives_saved"]


def test_every_measure_of_an_appraisal_is_told_in_its_order(manchester: Region) -> None:
    service = manchester.service("emergency-general-surgery")
    more = ["worst_mean_minutes_by_district", "mean_minutes[district=Wigan]", "share_within_20"]
    today = rc.appraise(manchester, service, manchester.today(service), measures=more)
    content = packed_service(rc.compare(today, today))
    assert [m["name"] for m in content["measures"]] == list(today.measures)
    assert set(more) < set(today.measures)
    assert "known" not in {m["how"]["kind"] for m in content["measures"]}
    assert {g["column"] for g in content["groups"] if g["shown"]} == set(manchester.groups)


@dataclass(frozen=True)
class OnAMonday(Constraint):
    """A rule that the page has never heard of."""

    def check(self, problem: Problem, faults: Faults, *, file: str) -> None:
        """Note nothing."""

    def __str__(self) -> str:
        return "decided on a Monday"


def test_a_rule_that_the_page_cannot_judge_is_named_and_never_dropped(manchester: Region) -> None:
    service = manchester.service("emergency-surgery")
    asked = [rc.open_sites(4), OnAMonday(), rc.limit("lives_saved", at_least=1)]
    problem = Problem.unchecked(manchester, service, rc.minimise("mean_minutes"), asked)
    judged, unjudged = rules(problem, Grid.of(manchester, service), ["mean_minutes"])
    assert [rule["kind"] for rule in judged] == ["number"]
    assert unjudged == ["decided on a Monday", "Lives saved at least 1.0"]


def test_neighbouring_shapes_keep_their_common_border(manchester: Region) -> None:
    layers = map_layers(manchester, manchester.service("stroke"))
    assert layers is not None
    flat = layers.in_metres()
    fine = View.of(flat, manchester.service("stroke").candidates)
    view = replace(fine, width=30 * fine.width)  # a map of a far larger region
    shapes = flat.zones.geometry.to_numpy()
    coarse = simplified(shapes, view)
    assert shapely.coverage_is_valid(coarse)
    assert not shapely.is_empty(coarse).any()
    fewer = shapely.get_num_coordinates(coarse).sum()
    assert fewer < 0.8 * shapely.get_num_coordinates(shapes).sum()


def test_corners_come_out_where_they_were_to_within_a_step() -> None:
    region = square_region()
    layers = map_layers(region, surgery(region))
    assert layers is not None
    view = View.of(layers, ["A", "B"])
    content = packed_shapes(layers, view)["zones"]
    x = np.cumsum(unpacked(content["x"])) * view.step + view.west
    y = np.cumsum(unpacked(content["y"])) * view.step + view.south
    found = {(round(a), round(b)) for a, b in zip(x, y, strict=True)}
    corners = shapely.get_coordinates(layers.zones.geometry.to_numpy())
    for a, b in corners:
        assert min(abs(a - p) + abs(b - q) for p, q in found) <= 2 * view.step + 2


def test_near_sites_have_other_colours() -> None:
    points = np.random.default_rng(6).uniform(0, 100_000, (60, 2))
    colours = site_colours(points)
    assert set(colours) == set(CATCHMENTS)
    between = np.hypot(*(points[:, None] - points[None, :]).transpose(2, 0, 1))
    np.fill_diagonal(between, np.inf)
    nearest = between.argmin(axis=1)
    assert all(colours[k] != colours[near] for k, near in enumerate(nearest))
