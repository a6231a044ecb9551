"""The region format: a folder with region.toml, zones.csv, sites.csv and travel_times/*.csv."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import geopandas as gpd
import pandas as pd
import pyogrio

from reconfig.core import Faults, Region, Service, suggestion
from reconfig.core.checks import CheckedTables, check_region
from reconfig.data.embedded import embedded_regions, load_register
from reconfig.data.services import build_service, service_file
from reconfig.data.tables import read_table, read_toml, sha256
from reconfig.network import RoadNetwork

KEYS = {"name", "crs", "default_mode", "services", "catchments", "network", "sources"}


def load_region(
    name: str | Path, *, catchment: str | None = None, relative_to: Path | None = None
) -> Region:
    """Return an embedded region by its name, or the region in a folder.

    catchment: which zones count, a name in region.toml's [catchments] (default: the one named
    there, else every zone). relative_to: folder that a relative path starts from.
    Raises InputError, listing every fault of every file.
    """
    folder = _find(name, relative_to)
    region = _read(folder)
    default = read_toml(folder / "region.toml", Faults()).get("catchments", {}).get("default")
    chosen = catchment or default
    return region.for_catchment(chosen) if chosen else region


def _find(name: str | Path, relative_to: Path | None) -> Path:
    embedded = embedded_regions()
    if isinstance(name, str) and name in embedded:
        return embedded[name]
    folder = Path(name) if relative_to is None else relative_to / name
    if not folder.is_dir():
        faults = Faults()
        faults.add(
            str(name),
            "",
            "no such region",
            "the name of an embedded region or a folder in the region format",
            suggestion(str(name), embedded),
        )
        faults.raise_if_any()
    return folder


def _read(folder: Path) -> Region:
    faults = Faults()
    described = read_toml(folder / "region.toml", faults)
    _check_description(described, faults)
    modes = sorted((folder / "travel_times").glob("*.csv"))
    if not modes:
        faults.add(
            "travel_times/",
            "",
            "no travel-time table",
            "one file a mode, such as travel_times/car.csv",
        )
    crs = described.get("crs")
    tables = check_region(
        read_table(folder / "zones.csv", "zone_id", faults),
        read_table(folder / "sites.csv", "site_id", faults),
        {p.stem: read_table(p, "zone_id", faults) for p in modes},
        faults,
        crs=crs,
        files={"zones": "zones.csv", "sites": "sites.csv"}
        | {p.stem: f"travel_times/{p.name}" for p in modes},
    )
    catchments = _catchments(described, tables.zones, faults)
    mode = described.get("default_mode", "car" if "car" in tables.travel_times else None)
    if modes and mode is not None and mode not in tables.travel_times:
        faults.add(
            "region.toml",
            "default_mode",
            f"'{mode}' has no table",
            "a file in travel_times/",
            suggestion(str(mode), tables.travel_times),
        )
    faults.raise_if_any()
    boundaries = _boundaries(folder, tables.zones, faults)
    network = _network(folder, described, tables, faults)
    services = _services(described, tables, faults)
    faults.raise_if_any()
    files = sorted(p for p in folder.rglob("*") if p.is_file() and p.suffix != ".md")
    errors = tables.sites.loc[tables.sites["time_kind"] == "estimated", "time_error_minutes"]
    return Region(
        name=str(described["name"]),
        zones=tables.zones,
        sites=tables.sites,
        travel_times=tables.travel_times,
        default_mode=str(mode or next(iter(tables.travel_times))),
        crs=crs,
        boundaries=boundaries,
        network=network,
        network_error_minutes=float(errors.max()) if len(errors) else None,
        services=services,
        catchments=catchments,
        sources=tuple(dict(s) for s in described.get("sources", ())),
        sha256={p.relative_to(folder).as_posix(): sha256(p) for p in files},
    )


def _check_description(described: Mapping[str, Any], faults: Faults) -> None:
    if not described:
        return
    for key in set(described) - KEYS:
        faults.add(
            "region.toml", "top level", f"unknown key '{key}'", "a known key", suggestion(key, KEYS)
        )
    if "name" not in described:
        faults.add("region.toml", "top level", "no 'name'", 'name = "..."')
    for index, source in enumerate(described.get("sources", ()), start=1):
        if "licence" not in source:
            faults.add("region.toml", f"source {index}", "no 'licence'", "a licence a source")


def _catchments(
    described: Mapping[str, Any], zones: pd.DataFrame, faults: Faults
) -> dict[str, tuple[str, ...]]:
    """Return catchment name -> values of the zone column `catchment` that it takes in."""
    listed = {k: v for k, v in described.get("catchments", {}).items() if k != "default"}
    default = described.get("catchments", {}).get("default")
    if default is not None and default not in listed:
        faults.add(
            "region.toml",
            "catchments.default",
            f"'{default}'",
            "a catchment listed there",
            suggestion(str(default), listed),
        )
    if listed and "catchment" not in zones.columns:
        faults.add(
            "zones.csv",
            "header",
            "no column 'catchment'",
            "the column that [catchments] of region.toml chooses by",
        )
        return {}
    for name, values in listed.items():
        for value in values:
            if not (zones["catchment"] == value).any():
                faults.add(
                    "region.toml",
                    f"catchments.{name}",
                    f"no zone has '{value}'",
                    "values of the zone column 'catchment'",
                    suggestion(str(value), zones["catchment"].unique()),
                )
    return {name: tuple(map(str, values)) for name, values in listed.items()}


def _boundaries(folder: Path, zones: pd.DataFrame, faults: Faults) -> dict[str, gpd.GeoDataFrame]:
    path = folder / "boundaries.gpkg"
    if not path.exists():
        return {}
    try:
        layers = {str(n): gpd.read_file(path, layer=n) for n, _ in pyogrio.list_layers(path)}
    except (pyogrio.errors.DataSourceError, pyogrio.errors.DataLayerError, ValueError) as problem:
        faults.add(path.name, "", f"cannot be read: {problem}", "a whole GeoPackage")
        return {}
    if "zones" not in layers or "zone_id" not in layers["zones"].columns:
        faults.add(path.name, "layers", f"{', '.join(layers)}", "a layer 'zones' with 'zone_id'")
        return {}
    layers["zones"] = layers["zones"].set_index("zone_id")
    missing = zones.index.difference(layers["zones"].index)
    if len(missing):
        faults.add(
            path.name,
            "layer 'zones'",
            f"no shape for {len(missing)} zones ({', '.join(missing[:3])} ...)",
            "a shape for every zone",
        )
    return layers


def _network(
    folder: Path, described: Mapping[str, Any], tables: CheckedTables, faults: Faults
) -> RoadNetwork | None:
    """Return the road network of network.csv; nodes are zones, sites and places.csv's."""
    if not (folder / "network.csv").exists():
        return None
    before = len(faults.found)
    edges = read_table(folder / "network.csv", "from_id", faults)
    parts = [t[["easting", "northing"]] for t in (tables.zones, tables.sites) if "easting" in t]
    places = pd.concat(parts).assign(access_minutes=0.0) if parts else pd.DataFrame()
    if (folder / "places.csv").exists():
        more = read_table(folder / "places.csv", "place_id", faults).set_index("place_id")
        for column in ("easting", "northing", "access_minutes"):
            if column not in more:
                faults.add("places.csv", "header", f"no column '{column}'", "that column")
        if len(faults.found) == before:
            more = more[["easting", "northing", "access_minutes"]].astype(float)
            places = pd.concat([places.loc[places.index.difference(more.index)], more])
    for column in ("from_id", "to_id", "minutes"):
        if column not in edges:
            faults.add("network.csv", "header", f"no column '{column}'", "that column")
    if len(faults.found) > before:
        return None
    edges = edges.assign(minutes=pd.to_numeric(edges["minutes"], errors="coerce"))
    for line in edges.index[~(edges["minutes"] >= 0)]:
        faults.add("network.csv", str(line), "minutes missing or negative", "minutes, 0 or more")
    strange = set(edges["from_id"]).union(edges["to_id"]).difference(places.index)
    if strange:
        faults.add(
            "network.csv",
            "from_id / to_id",
            f"{len(strange)} unknown places, such as '{min(strange)}'",
            "ids of zones, sites or places.csv with coordinates",
        )
    if len(faults.found) > before:
        return None
    fixed = float(described.get("network", {}).get("fixed_minutes", 0.0))
    return RoadNetwork(
        places=places,
        edges=edges[["from_id", "to_id", "minutes"]].reset_index(drop=True),
        fixed_minutes=fixed,
    )


def _services(
    described: Mapping[str, Any], tables: CheckedTables, faults: Faults
) -> dict[str, Service]:
    found = {}
    for service_id in described.get("services", ()):
        service = build_service(
            service_file(str(service_id)), tables.zones, tables.sites, load_register(), faults
        )
        if service is not None:
            found[service.id] = service
    return found
