"""A road network of four areas in a row and a site, small enough to check by hand."""

import time

import networkx as nx
import numpy as np
import pandas as pd
import pytest

from reconfig.network import RoadNetwork

AREAS = ["a", "b", "c", "d"]


def row_network(**changes: object) -> RoadNetwork:
    """Areas 2 km apart along one northing, 3 minutes an edge; a site beside d."""
    places = pd.DataFrame(
        {
            "easting": [400_000.0, 402_000.0, 404_000.0, 406_000.0, 406_000.0],
            "northing": [300_000.0] * 4 + [300_100.0],
            "access_minutes": [1.0, 0.0, 2.0, 0.5, 0.0],
            "kind": ["zone", "zone", "zone", "area", "site"],
        },
        index=pd.Index([*AREAS, "S"], name="place_id"),
    )
    edges = pd.DataFrame(
        {
            "from_id": ["a", "b", "d", "S"],
            "to_id": ["b", "c", "c", "d"],
            "minutes": [3.0, 3.0, 3.0, 1.5],
        }
    )
    settings: dict[str, object] = {"fixed_minutes": 5.0, "links": 1} | changes
    return RoadNetwork(places, edges, **settings)  # type: ignore[arg-type]


def test_a_trip_is_fixed_part_plus_access_at_both_ends_plus_path() -> None:
    minutes = row_network().minutes_to(406_000, 300_000)
    # The point's access: half of d's 0.5 and half of the mean of a, b, c, d, which is 0.875.
    point = 0.5 * 0.5 + 0.5 * 0.875
    fixed_access_and_path = [5 + 1 + 9, 5 + 0 + 6, 5 + 2 + 3, 5 + 0.5]
    assert minutes[AREAS].tolist() == pytest.approx([m + point for m in fixed_access_and_path])


def test_a_point_off_the_areas_pays_for_the_way_to_the_nearest() -> None:
    at, beside = 406_000.0, 406_400.0
    network = row_network()
    further = network.minutes_to(beside, 300_000) - network.minutes_to(at, 300_000)
    assert further.tolist() == pytest.approx([1.0] * 5)  # 0.4 km at 0.4 km a minute


def test_a_point_joined_to_several_areas_takes_the_quickest_way() -> None:
    one = row_network(links=1).minutes_to(404_900, 300_000)
    two = row_network(links=2).minutes_to(404_900, 300_000)
    assert two["d"] < one["d"]


def test_fixed_minutes_count_once_a_trip() -> None:
    with_fixed = row_network().minutes_to(400_000, 300_000)
    without = row_network(fixed_minutes=0.0).minutes_to(400_000, 300_000)
    assert (with_fixed - without).tolist() == pytest.approx([5.0] * 5)


def test_minutes_agree_with_shortest_paths_of_the_networkx_graph() -> None:
    network = row_network()
    graph = network.to_networkx()
    lengths = nx.single_source_dijkstra_path_length(graph, "S", weight="minutes")
    access = network.places["access_minutes"]
    assert graph.number_of_nodes() == 5
    assert graph.number_of_edges() == 4
    assert graph.graph["fixed_minutes"] == 5.0
    assert graph.nodes["c"]["easting"] == 404_000
    # S joins d in 1.5 minutes; a new point there in 0.1 km / 0.4 + the access above.
    link = 0.25 + 0.5 * 0.5 + 0.5 * 0.875
    new = network.minutes_to(406_000, 300_100)
    for place in AREAS:
        assert new[place] == pytest.approx(5.0 + access[place] + lengths[place] - 1.5 + link)


def test_a_new_point_is_never_joined_to_a_site() -> None:
    near, _ = row_network().joined_to(pd.DataFrame({"easting": [406_000], "northing": [300_100]}))
    assert near.tolist() == [[3]]


def test_places_choose_the_rows_and_several_points_make_a_table() -> None:
    network = row_network()
    points = pd.DataFrame(
        {"easting": [400_000, 404_500], "northing": [300_000, 300_500]}, index=["P", "Q"]
    )
    table = network.minutes_to_points(points, places=["c", "a"])
    assert list(table.index) == ["c", "a"]
    assert list(table.columns) == ["P", "Q"]
    single = network.minutes_to(404_500, 300_500, places=["c", "a"])
    assert single.tolist() == pytest.approx(table["Q"].tolist())


def test_a_point_far_outside_is_refused_with_extent_and_distance() -> None:
    with pytest.raises(ValueError, match=r"94 km .* eastings 400000 to 406000"):
        row_network().minutes_to(500_000, 300_000)


def test_degrees_and_swapped_coordinates_are_recognised() -> None:
    network = row_network()
    with pytest.raises(ValueError, match="degrees"):
        network.minutes_to(-2.2, 53.5)
    with pytest.raises(ValueError, match="swapped"):
        network.minutes_to(300_000, 403_000)
    with pytest.raises(ValueError, match="must both be numbers"):
        network.minutes_to(float("nan"), 300_000)


def test_every_fault_of_the_tables_is_listed_at_once() -> None:
    good = row_network()
    edges = pd.concat(
        [good.edges, pd.DataFrame({"from_id": ["b"], "to_id": ["a"], "minutes": [0.0]})]
    )
    edges["to_id"] = ["b", "nowhere", "c", "d", "a"]
    places = good.places.assign(access_minutes=-1.0)
    with pytest.raises(ValueError, match="negative") as caught:
        RoadNetwork(places, edges)
    for words in ("unknown places, the first nowhere", "above 0", "given once"):
        assert words in str(caught.value)


def test_missing_columns_are_named() -> None:
    good = row_network()
    with pytest.raises(ValueError, match="edges lacks the column minutes"):
        RoadNetwork(good.places, good.edges.drop(columns="minutes"))


def test_a_place_that_cannot_be_reached_is_infinitely_far() -> None:
    good = row_network()
    cut = RoadNetwork(good.places, good.edges[good.edges["from_id"] != "d"], links=1)
    assert np.isinf(cut.minutes_to(400_000, 300_000)["d"])


def test_five_thousand_areas_take_well_under_half_a_second() -> None:
    side = 70
    grid = np.array([(i, j) for i in range(side) for j in range(side)])
    ids = pd.Index([f"z{k:04d}" for k in range(side * side)])
    places = pd.DataFrame(grid * 1000.0, columns=["easting", "northing"], index=ids)
    position = np.arange(side * side).reshape(side, side)
    first = np.r_[position[:-1].ravel(), position[:, :-1].ravel()]
    second = np.r_[position[1:].ravel(), position[:, 1:].ravel()]
    edges = pd.DataFrame({"from_id": ids[first], "to_id": ids[second], "minutes": 1.0})
    network = RoadNetwork(places.assign(access_minutes=0.0), edges)
    network.minutes_to(35_200, 35_100)  # the first call builds the graph
    began = time.perf_counter()
    minutes = network.minutes_to(12_300, 48_100)
    assert time.perf_counter() - began < 0.5
    assert len(minutes) == side * side
