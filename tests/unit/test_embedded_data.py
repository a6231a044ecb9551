"""The committed tables of the embedded region are whole, consistent and say where they are from."""

import time
import tomllib
from pathlib import Path

import geopandas
import networkx as nx
import numpy as np
import pandas as pd
import pytest
import shapely

from reconfig.network import RoadNetwork

ROOT = Path(__file__).parents[2]
REGION = ROOT / "data" / "greater-manchester"
BANDS = ["pop_0_17", "pop_18_44", "pop_45_64", "pop_65_79", "pop_80_plus"]


@pytest.fixture(scope="module")
def zones() -> pd.DataFrame:
    return pd.read_csv(REGION / "zones.csv", index_col="zone_id")


@pytest.fixture(scope="module")
def sites() -> pd.DataFrame:
    return pd.read_csv(REGION / "sites.csv", index_col="site_id", keep_default_na=False)


@pytest.fixture(scope="module")
def car() -> pd.DataFrame:
    return pd.read_csv(REGION / "travel_times" / "car.csv", index_col="zone_id")


@pytest.fixture(scope="module")
def network() -> RoadNetwork:
    settings = tomllib.loads((REGION / "region.toml").read_text(encoding="utf-8"))["network"]
    return RoadNetwork(
        pd.read_csv(REGION / "places.csv", index_col="place_id"),
        pd.read_csv(REGION / "network.csv"),
        fixed_minutes=settings["fixed_minutes"],
    )


def test_every_zone_of_the_facts_is_there_with_its_figures(zones: pd.DataFrame) -> None:
    facts = pd.read_csv(ROOT / "data" / "build" / "facts" / "zones.csv", index_col=0).sort_index()
    assert zones["catchment"].value_counts().to_dict() == {
        "greater-manchester": 1673,
        "fringe": 257,
    }
    assert list(zones.index) == list(facts.index)
    assert (zones[BANDS] == facts[BANDS]).all(axis=None)
    assert (zones["imd_decile"] == facts["imd_2019_decile"]).all()
    assert (zones["population"] == zones[BANDS].sum(axis=1)).all()


def test_deprivation_fifths_follow_the_deciles(zones: pd.DataFrame) -> None:
    assert (zones["deprivation_fifth"].str[0].astype(int) == (zones["imd_decile"] + 1) // 2).all()
    assert set(zones["deprivation_fifth"]) == {"1 most deprived", "2", "3", "4", "5 least deprived"}


def test_the_ten_sites_and_nine_neighbours_are_there(sites: pd.DataFrame) -> None:
    assert sites["in_scope"].value_counts().to_dict() == {"yes": 10, "no": 9}
    assert (sites["emergency_surgery_today"] == "yes").all()
    units = sites.index[(sites["stroke_unit"] == "yes") & (sites["in_scope"] == "yes")]
    assert set(units) == {"RM301", "RW601", "RWJ09"}


def test_times_are_whole_and_in_the_order_of_zones_and_sites(
    zones: pd.DataFrame, sites: pd.DataFrame, car: pd.DataFrame
) -> None:
    assert list(car.index) == list(zones.index)
    assert list(car.columns) == list(sites.index)
    assert car.notna().all(axis=None)
    assert (car >= 5.8).all(axis=None)
    assert (car < 150.0).all(axis=None)


def test_every_time_says_whether_it_is_observed_and_how_far_to_trust_it(
    sites: pd.DataFrame,
) -> None:
    assert set(sites["time_kind"]) == {"observed", "estimated"}
    estimated = sites["time_kind"] == "estimated"
    assert not estimated[["RM301", "RW601", "RWJ09"]].any()
    assert (sites.loc[~estimated, "time_error_minutes"] == 0.3).all()
    left_out = pd.read_csv(ROOT / "data" / "build" / "leave_one_out.csv").groupby("network")
    errors = left_out["mean_absolute"]
    worst, median = errors.max()["embedded"], errors.median()["local"]
    assert (sites.loc[estimated, "time_error_minutes"] == round(max(worst, median), 1)).all()


def test_observed_times_are_calibrated_whole_minutes(
    sites: pd.DataFrame, car: pd.DataFrame
) -> None:
    observed = car[sites.index[sites["time_kind"] == "observed"]]
    routed = (observed - 5.8) / 1.074
    assert float((routed - routed.round()).abs().to_numpy().max()) < 0.05


def test_estimated_times_are_what_the_committed_network_gives(
    network: RoadNetwork, sites: pd.DataFrame, car: pd.DataFrame
) -> None:
    estimated = sites.index[sites["time_kind"] == "estimated"]
    again = network.minutes_to_points(sites.loc[estimated], places=car.index)
    assert float((again - car[estimated]).abs().to_numpy().max()) <= 0.0501


def test_the_networkx_graph_gives_the_same_minutes_to_estimated_sites(
    network: RoadNetwork, sites: pd.DataFrame, car: pd.DataFrame
) -> None:
    graph = network.to_networkx()
    assert nx.is_connected(graph)
    site_id = "RMC01"
    assert sites.loc[site_id, "time_kind"] == "estimated"
    paths = nx.single_source_dijkstra_path_length(graph, site_id, weight="minutes")
    for zone_id in car.index[::97]:
        minutes = network.fixed_minutes + paths[zone_id] + graph.nodes[zone_id]["access_minutes"]
        assert minutes == pytest.approx(car.loc[zone_id, site_id], abs=0.06)


def test_shortest_paths_are_near_the_observed_minutes_they_were_fitted_to(
    network: RoadNetwork, sites: pd.DataFrame, car: pd.DataFrame
) -> None:
    graph = network.to_networkx()
    for site_id in ("RM301", "RW601", "RWJ09"):
        paths = nx.single_source_dijkstra_path_length(graph, site_id, weight="minutes")
        access = network.places.loc[car.index, "access_minutes"]
        fitted = pd.Series(paths).loc[car.index] + access + network.fixed_minutes
        near = car[site_id] <= 45
        assert (fitted - car[site_id])[near].abs().mean() < 1.5, sites.loc[site_id, "name"]


def test_a_new_candidate_takes_well_under_half_a_second(network: RoadNetwork) -> None:
    network.minutes_to(384_000, 398_000)
    began = time.perf_counter()
    minutes = network.minutes_to(390_100, 401_300)
    assert time.perf_counter() - began < 0.5
    assert minutes.between(5.8, 150.0).all()


def test_every_zone_and_site_is_a_place_of_the_network(
    network: RoadNetwork, zones: pd.DataFrame, sites: pd.DataFrame
) -> None:
    kind = network.places["kind"]
    assert set(kind.index[kind == "zone"]) == set(zones.index)
    assert set(kind.index[kind == "site"]) == set(sites.index)
    where = network.places.loc[zones.index, ["easting", "northing"]]
    assert (where == zones[["easting", "northing"]]).all(axis=None)


def test_stroke_cases_add_up_by_district_to_whole_admissions_over_three_years(
    zones: pd.DataFrame,
) -> None:
    assert zones["stroke"].sum() == pytest.approx(5006.3, abs=0.5)
    inside = zones[zones["catchment"] == "greater-manchester"]
    assert inside["stroke"].sum() == pytest.approx(4369.7, abs=0.5)
    total = 3 * inside.groupby("district")["stroke"].sum()
    assert np.abs(total - total.round()).max() < 0.2
    assert zones["stroke"].min() > 0


def test_boundaries_share_borders_and_hold_their_zone(zones: pd.DataFrame) -> None:
    path = REGION / "boundaries.gpkg"
    assert path.stat().st_size < 1_000_000
    shapes = geopandas.read_file(path, layer="zones").set_index("zone_id")
    assert shapes.crs.to_epsg() == 27700
    assert set(shapes.index) == set(zones.index)
    assert shapely.coverage_is_valid(shapes.geometry.to_numpy())
    points = geopandas.GeoSeries(
        geopandas.points_from_xy(zones["easting"], zones["northing"]), zones.index, crs=27700
    )
    distance = shapes.geometry.loc[zones.index].distance(points)
    assert (distance == 0).mean() > 0.97
    assert distance.max() < 500
    districts = geopandas.read_file(path, layer="districts")
    assert set(districts["district"]) == set(zones["district"])


def test_every_source_has_its_licence_and_attribution() -> None:
    region = tomllib.loads((REGION / "region.toml").read_text(encoding="utf-8"))
    assert region["crs"] == "EPSG:27700"
    assert region["catchments"][region["catchments"]["default"]] == ["greater-manchester"]
    assert len(region["sources"]) >= 7
    for source in region["sources"]:
        assert set(source) == {"what", "from", "licence", "attribution"}
        assert all(source.values())
    everything = " ".join(s["attribution"] for s in region["sources"])
    for holder in ("OpenStreetMap", "Office for National Statistics", "Royal Mail", "OS data"):
        assert holder in everything


def test_the_leave_one_out_results_are_within_the_aim() -> None:
    results = pd.read_csv(ROOT / "data" / "build" / "leave_one_out.csv")
    embedded = results[results["network"] == "embedded"].set_index("unit")
    assert set(embedded.index) == {"M68HD", "BL97TD", "SK27JE"}
    assert (embedded["mean_absolute"] <= 2.0).all()
    assert (embedded["mean_absolute"] < 0.85 * embedded["straight_mean_absolute"]).all()
    local = results[results["network"] == "local"]
    assert len(local) == 125
    assert local["mean_absolute"].median() < 0.85 * local["straight_mean_absolute"].median()
