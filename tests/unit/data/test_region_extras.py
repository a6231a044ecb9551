"""Boundaries, roads and service files are checked with the tables they belong to."""

from __future__ import annotations

import re
from pathlib import Path

import geopandas as gpd
import pandas as pd
import pytest
from shapely.geometry import Point

from reconfig.core import Faults
from reconfig.data import load_region, load_register
from reconfig.data.services import build_service
from reconfig.network import RoadNetwork
from tests.unit.data.folders import NETWORK, PLACES, RICH, RICH_TOML, faults_of, the_fault, write


def with_boundaries(folder: Path, layer: str = "zones", **changes: object) -> Path:
    """Write the rich region with a round shape for each zone."""
    write(folder, dict(RICH))
    zones = pd.read_csv(folder / "zones.csv")
    points = [
        Point(e, n).buffer(3000) for e, n in zip(zones["easting"], zones["northing"], strict=True)
    ]
    shapes = gpd.GeoDataFrame({"zone_id": zones["zone_id"]}, geometry=points, crs="EPSG:27700")
    for name, value in changes.items():
        shapes = getattr(shapes, name)(value)
    shapes.to_file(folder / "boundaries.gpkg", layer=layer, driver="GPKG")
    return folder


def test_boundaries_are_read_by_zone_id(tmp_path: Path) -> None:
    region = load_region(with_boundaries(tmp_path), catchment="wide")
    assert list(region.boundaries) == ["zones"]
    assert list(region.boundaries["zones"].index) == ["z1", "z2", "z3", "z4"]
    assert "boundaries.gpkg" in region.sha256


def test_boundaries_in_degrees_fit_coordinates_in_metres(tmp_path: Path) -> None:
    assert load_region(with_boundaries(tmp_path, to_crs="EPSG:4326")).boundaries


@pytest.mark.parametrize(
    ("layer", "changes", "said"),
    [
        ("areas", {}, "layers areas; expected a layer 'zones'"),
        ("zones", {"drop": 0}, "no shape for 1 zones: z1"),
        ("zones", {"set_crs": None}, ""),
    ],
)
def test_boundaries_without_what_maps_need_are_refused(
    tmp_path: Path, layer: str, changes: dict[str, object], said: str
) -> None:
    if "set_crs" in changes:
        with_boundaries(tmp_path)
        shapes = gpd.read_file(tmp_path / "boundaries.gpkg")
        (tmp_path / "boundaries.gpkg").unlink()
        shapes = pd.concat([shapes, shapes[:1]])
        shapes.to_file(tmp_path / "boundaries.gpkg", layer="zones", driver="GPKG")
        said = "zone z1 more than once"
    else:
        with_boundaries(tmp_path, layer, **changes)
    assert said in the_fault(tmp_path)


@pytest.mark.parametrize("share", [0.0, 0.1, 0.3, 0.5, 0.7, 0.9, 0.99])
def test_a_geopackage_cut_short_is_one_fault(tmp_path: Path, share: float) -> None:
    path = with_boundaries(tmp_path) / "boundaries.gpkg"
    content = path.read_bytes()
    path.write_bytes(content[: int(share * len(content))])
    assert the_fault(tmp_path).startswith("boundaries.gpkg: empty, cut short or of another kind")


def test_a_geopackage_with_damaged_pages_is_one_fault(tmp_path: Path) -> None:
    path = with_boundaries(tmp_path) / "boundaries.gpkg"
    content = path.read_bytes()
    path.write_bytes(content[:100] + b"\xff" * (len(content) - 100))
    assert the_fault(tmp_path).startswith("boundaries.gpkg")


def test_coordinates_swapped_in_every_table_lie_outside_the_boundaries(tmp_path: Path) -> None:
    with_boundaries(tmp_path)
    for name in ("zones.csv", "sites.csv", "places.csv"):
        text = re.sub(r"(\d{6}),(\d{6})", r"\2,\1", RICH[name])
        (tmp_path / name).write_text(text)
    message = the_fault(tmp_path)
    assert "4 of 4 zones lie outside their shapes" in message
    assert "swapped" in message


def test_a_network_read_from_a_folder_is_the_one_that_was_written(tmp_path: Path) -> None:
    settings = "fixed_minutes = 2.5\nlinks = 2\nlink_km_per_minute = 0.5\nreach_km = 4.0"
    toml = RICH_TOML.replace("fixed_minutes = 2.5", settings)
    region = load_region(write(tmp_path, RICH | {"region.toml": toml}), catchment="wide")
    network = region.network
    assert isinstance(network, RoadNetwork)
    assert (network.fixed_minutes, network.links) == (2.5, 2)
    assert (network.link_km_per_minute, network.reach_km) == (0.5, 4.0)
    assert network.places.loc["z4", "access_minutes"] == 2.5
    assert network.places["kind"].to_dict() == {
        **dict.fromkeys(("z1", "z2", "z3", "z4", "x1"), "zone"),
        **dict.fromkeys(("A", "B", "N"), "site"),
    }
    wider = region.with_site("new", "New", easting=384_000, northing=412_000)
    # Fixed, access of z2, no road, no link, access of z2 and a little of its neighbour's.
    assert 2.5 + 1.25 + 1.25 <= wider.minutes()["new"].to_dict()["z2"] < 2.5 + 1.25 + 1.5


def test_places_need_no_file_of_their_own(tmp_path: Path) -> None:
    files = RICH | {"network.csv": NETWORK.replace("B,x1,3.5\n", "").replace("x1,z2", "z3,z2")}
    write(tmp_path, files)
    (tmp_path / "places.csv").unlink()
    network = load_region(tmp_path, catchment="wide").network
    assert isinstance(network, RoadNetwork)
    assert len(network.places) == 7
    assert not network.places["access_minutes"].any()


@pytest.mark.parametrize(
    ("file", "good", "bad", "said"),
    [
        ("network.csv", "1.25", "-1", r"network.csv, column 'minutes', line 2 \(A to z1\): neg"),
        ("network.csv", "1.25", "0", r"line 2 \(A to z1\): 0; expected minutes above 0"),
        ("network.csv", "1.25", "", r"line 2 \(A to z1\): blank"),
        ("network.csv", "1.25", "1 min", "not a plain number"),
        ("network.csv", "A,z1", "A,z9", "z9"),
        ("network.csv", "A,z1", "A,A", "pair of different places"),
        ("network.csv", "A,z2", "z1,A", "given once, either way round"),
        ("network.csv", "to_id", "to", "header: no column 'to_id'"),
        ("network.csv", NETWORK, "from_id,to_id,minutes\n", "no rows below the header"),
        ("network.csv", "z3,z4,8.25\n", "", "no road joins z4, N to the rest|no road joins N, z4"),
        ("places.csv", "x1,", "z1,", "place_id 'z1' more than once"),
        ("places.csv", "access_minutes", "access", "no column 'access_minutes'"),
        ("places.csv", "380000,410000", "410000,380000", "coordinates other than those in zones"),
        ("places.csv", "1.75", "x", r"column 'access_minutes', line 4 \(z3\)"),
        ("places.csv", PLACES, "", "places.csv: the file is empty"),
    ],
)
def test_roads_and_places_are_checked_line_by_line(
    tmp_path: Path, file: str, good: str, bad: str, said: str
) -> None:
    assert good in RICH[file]
    folder = write(tmp_path, RICH | {file: RICH[file].replace(good, bad, 1)})
    text = "\n".join(map(str, faults_of(folder)))
    assert re.search(said, text), text


SERVICE = """id = "x"
name = "X"
[demand]
column = "cases"
[sites]
today = "open_now"
"""


def built(tmp_path: Path, text: str, today: str = "yes") -> tuple[object, str]:
    """Return the service that a file describes on the small region, and the faults."""
    path = tmp_path / "x.toml"
    path.write_text(text)
    region = load_region(write(tmp_path / "region"))
    sites = region.sites.assign(open_now=["yes", "no", today])
    faults = Faults()
    service = build_service(path, region.zones, sites, load_register(), faults)
    return service, "\n".join(map(str, faults.found))


def test_a_service_file_gives_a_service(tmp_path: Path) -> None:
    service, said = built(tmp_path, SERVICE)
    assert said == ""
    assert service.today == ("A",)  # type: ignore[attr-defined]
    assert service.always_open == ("N",)  # type: ignore[attr-defined]
    assert service.cases_per_year == 100.0  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    ("good", "bad", "said"),
    [
        ('id = "x"', "", "no 'id'"),
        ('id = "x"', "id = 3", "id = 3; expected a text"),
        ('"cases"', '"case"', r"line 3, demand: no zone column 'case'.*Did you mean 'cases'"),
        ('"cases"', '"district"', "'district' is not one of numbers"),
        ("column", "colum", "Did you mean 'column'"),
        ('column = "cases"', "", "nothing given; expected column, or rate and population"),
        ('column = "cases"', 'rate = "none"\npopulation = "cases"', "no assumption 'none'"),
        ('today = "open_now"', "", "no 'today'"),
        ('"open_now"', '"open"', "no column 'open' in the sites table"),
        ('name = "X"', 'name = "X"\noutcome = "cure"', 'outcome = "cure"; expected a table'),
        ("[sites]", "[site]", "unknown key 'site'"),
    ],
)
def test_a_service_file_with_a_fault_is_refused(
    tmp_path: Path, good: str, bad: str, said: str
) -> None:
    assert good in SERVICE
    service, text = built(tmp_path, SERVICE.replace(good, bad, 1))
    assert service is None
    assert re.search(said, text), text


def test_who_hosts_a_service_today_is_yes_or_no(tmp_path: Path) -> None:
    service, text = built(tmp_path, SERVICE, today="perhaps")
    assert service is None
    assert "column 'open_now', site N: 'perhaps'" in text
