"""The region format: a folder with region.toml, zones.csv, sites.csv and travel_times/*.csv."""

from __future__ import annotations

import re
import warnings
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd
from pyproj import CRS
from pyproj.exceptions import CRSError

from reconfig.core import Faults, InputWarning, Region, Service, suggestion
from reconfig.core.check_coordinates import default_crs
from reconfig.core.checks import COORDINATES, CheckedTables, check_catchments, check_region
from reconfig.core.faults import listing
from reconfig.core.region import unknown
from reconfig.data.boundaries import read_boundaries
from reconfig.data.embedded import correlations_file, register_file
from reconfig.data.network_tables import read_network
from reconfig.data.region_register import FILE as ASSUMPTIONS
from reconfig.data.services import build_service, known_services, own_services, service_file
from reconfig.data.tables import check_endings, read_table, sha256
from reconfig.data.toml_file import NUMBER, TABLE, TEXT, TEXTS, WHOLE, Kind, TomlFile, tables_called
from reconfig.network import RoadNetwork
from reconfig.outcomes import Register

TOML = "region.toml"
SCHEMA: dict[str, Kind] = {
    "name": TEXT,
    "crs": Kind('a text, such as "EPSG:27700"', TEXT.fits),
    "default_mode": TEXT,
    "services": TEXTS,
    "catchments": TABLE,
    "network": TABLE,
    "sources": tables_called("sources"),
}
NOT_NEGATIVE = Kind("a number, 0 or more", lambda v: NUMBER.fits(v) and v >= 0)
ABOVE_ZERO = Kind("a number above 0", lambda v: NUMBER.fits(v) and v > 0)
NETWORK_SCHEMA: dict[str, Kind] = {
    "fixed_minutes": NOT_NEGATIVE,
    "links": Kind("a whole number above 0", lambda v: WHOLE.fits(v) and v > 0),
    "link_km_per_minute": ABOVE_ZERO,
    "reach_km": ABOVE_ZERO,
}
ENDS_IN_NUMBER = re.compile(r"=\s*[0-9.+-]+\Z")
OTHER_TABLES = (".xlsx", ".xlsm", ".xls", ".ods", ".tsv", ".parquet")


@dataclass(frozen=True, eq=False)
class FolderTables:
    """What the files of a region folder hold, before its services are made of it.

    described: the good keys of region.toml. modes: mode -> its file. sha256: file -> its hash.
    """

    described: Mapping[str, Any]
    modes: Mapping[str, Path]
    mode: str
    tables: CheckedTables
    crs: str | None
    catchments: Mapping[str, tuple[str, ...]]
    default: str | None
    boundaries: Mapping[str, Any]
    network: RoadNetwork | None
    sha256: Mapping[str, str]


def read_tables(folder: Path, faults: Faults) -> FolderTables:
    """Return what the files of a folder hold, noting the faults of all of them."""
    described = _describe(folder, faults)
    modes = _modes(folder, faults)
    tables, crs = _tables(folder, modes, described, faults)
    catchments, default = _catchments(described, tables.zones, faults)
    mode = described.get("default_mode", next(iter(sorted(modes, key=lambda m: m != "car")), "car"))
    if modes and mode not in modes:
        faults.add(
            TOML,
            "default_mode",
            f"'{mode}' has no table",
            "a file in travel_times/",
            suggestion(mode, modes),
        )
    boundaries, network = {}, None
    if not faults.about("zones.csv") and not faults.about("sites.csv"):
        boundaries = read_boundaries(folder / "boundaries.gpkg", tables.zones, crs, faults)
        settings = described.get("network", {})
        network = read_network(folder, settings, tables.zones, tables.sites, crs, faults)
    files = _files(folder, modes)
    csv_files = {name: path for name, path in files.items() if path.suffix.lower() == ".csv"}
    check_endings({n: p for n, p in csv_files.items() if not faults.about(n)}, faults)
    hashes = {name: sha256(path) for name, path in files.items()}
    return FolderTables(
        described, modes, mode, tables, crs, catchments, default, boundaries, network, hashes
    )


def region_of(
    folder: Path,
    read: FolderTables,
    register: Register | None,
    year: int | None,
    catchment: str | None,
    faults: Faults,
) -> tuple[Region, str | None]:
    """Return the region of a folder with all its zones, and the catchment that counts by default.

    Raises InputError with the faults of all its files, those noted already among them.
    """
    described, tables = read.described, read.tables
    services = {}
    whole = not faults.about("zones.csv") and not faults.about("sites.csv")
    if whole and register is not None:
        services = _services(folder, described, tables, register, year, faults)
    if catchment is not None and catchment not in read.catchments and not faults.about(TOML):
        name = described.get("name", folder.name)
        faults.found.extend(unknown(name, "catchment", catchment, read.catchments).faults)
    faults.raise_if_any()
    errors = tables.sites.loc[tables.sites["time_kind"] == "estimated", "time_error_minutes"]
    more = {name: sha256(path) for name, path in _more_files(folder, services).items()}
    region = Region(
        name=described["name"],
        zones=tables.zones,
        sites=tables.sites,
        travel_times=tables.travel_times,
        default_mode=read.mode,
        crs=read.crs,
        boundaries=read.boundaries,
        network=read.network,
        network_error_minutes=float(errors.max()) if errors.notna().any() else None,
        services=services,
        catchments=read.catchments,
        sources=tuple(described.get("sources", ())),
        sha256={**read.sha256, **more},
    )
    return region, read.default


def _files(folder: Path, modes: Mapping[str, Path]) -> dict[str, Path]:
    """Return the files a region is read from, those that are there: name -> path."""
    names = (TOML, "zones.csv", "sites.csv", "boundaries.gpkg", "network.csv", "places.csv")
    files = {name: folder / name for name in names}
    files |= {f"travel_times/{path.name}": path for path in modes.values()}
    return {name: path for name, path in files.items() if path.is_file()}


def _more_files(folder: Path, services: Mapping[str, Service]) -> dict[str, Path]:
    """Return the files that the services rest on: name -> path."""
    own = folder / ASSUMPTIONS
    files = {f"{folder.name}/{ASSUMPTIONS}": own} if own.is_file() else {}
    if services:
        files |= {path.name: path for path in (register_file(), correlations_file())}
    return files | {f"services/{s}.toml": service_file(s, folder) for s in services}


def _describe(folder: Path, faults: Faults) -> dict[str, Any]:
    """Return the keys of region.toml that are good, and note those that are not."""
    file = TomlFile.read(folder / TOML, faults)
    if file is None:
        return {}
    described = file.table(file.content, (), SCHEMA)
    if ENDS_IN_NUMBER.search(file.text):
        faults.add(
            TOML,
            "last line",
            "the file stops after a number, of which more may have followed",
            "a line break at the end",
            "The file may be cut short; if the last line is whole, press Enter after it.",
        )
    if "name" not in file.content:
        file.note((), "no 'name'", 'name = "..."')
    if "crs" in described:
        try:
            CRS.from_user_input(described["crs"])
        except CRSError:
            expected = 'a coordinate system, such as "EPSG:27700" or "EPSG:4326"'
            file.note(("crs",), f"'{described['crs']}'", expected)
    if "network" in described:
        described["network"] = file.table(described["network"], ("network",), NETWORK_SCHEMA)
    for number, source in enumerate(described.get("sources", ())):
        where = ("sources", number)
        for word, value in source.items():
            if not TEXT.fits(value):
                file.note((*where, word), f"{word} = {value}", TEXT.words)
        if "licence" not in source:
            file.note(where, "no 'licence'", "a licence for every source")
    known = known_services(folder)
    services = described.get("services", [])
    for service_id in services:
        if service_id not in known:
            hint = suggestion(service_id, known)
            file.note(("services",), f"'{service_id}'", "services with a file", hint)
    described["services"] = [s for s in services if s in known]
    for key, value in described.get("catchments", {}).items():
        kind = TEXT if key == "default" else TEXTS
        if not kind.fits(value):
            file.note(("catchments", key), f"{key} = {value}", kind.words, kind.fix)
    return described


def _modes(folder: Path, faults: Faults) -> dict[str, Path]:
    """Return mode -> its travel-time file; note tables of another kind, which nobody would read."""
    inside = sorted((folder / "travel_times").glob("*"))
    for path in inside:
        if path.suffix.lower() in OTHER_TABLES and not path.name.startswith("~$"):
            faults.add(
                f"travel_times/{path.name}",
                "",
                f"a {path.suffix} file",
                "one .csv file for each mode",
                "Save it as 'CSV UTF-8 (comma delimited)', or take it out of the folder.",
            )
    return {path.stem: path for path in inside if path.suffix.lower() == ".csv"}


def _tables(
    folder: Path, modes: Mapping[str, Path], described: Mapping[str, Any], faults: Faults
) -> tuple[CheckedTables, str | None]:
    """Read and check zones, sites and minutes; return them with the crs of their coordinates."""
    names = {mode: f"travel_times/{path.name}" for mode, path in modes.items()}
    crs = described.get("crs")
    tables = check_region(
        read_table(folder / "zones.csv", "zone_id", faults),
        read_table(folder / "sites.csv", "site_id", faults),
        {m: read_table(p, "zone_id", faults, name=names[m]) for m, p in modes.items()},
        faults,
        crs=crs,
        files={"zones": "zones.csv", "sites": "sites.csv", "travel_times": "travel_times/"} | names,
    )
    amounts = tables.zones.select_dtypes("number").columns.difference(list(COORDINATES))
    if not faults.about("zones.csv") and not len(amounts):
        faults.add(
            "zones.csv",
            "header",
            f"no column of numbers among {listing(tables.zones.columns) or 'none'}",
            "one column of cases a year at least, the demand of a service",
        )
    return tables, crs or default_crs(tables.zones, tables.sites)


def _catchments(
    described: Mapping[str, Any], zones: pd.DataFrame, faults: Faults
) -> tuple[dict[str, tuple[str, ...]], str | None]:
    """Return catchment name -> values of zone column `catchment`, and the name of the default."""
    given = described.get("catchments", {})
    listed = {k: tuple(v) for k, v in given.items() if k != "default" and TEXTS.fits(v)}
    default = given.get("default")
    if default is not None and default not in listed:
        faults.add(
            TOML,
            "catchments, default",
            f"'{default}'",
            "a catchment listed there",
            suggestion(str(default), listed),
        )
    if not faults.about("zones.csv"):
        check_catchments(listed, zones, faults, file=TOML, zones_file="zones.csv")
        if "catchment" in zones.columns and not listed and not faults.about(TOML):
            faults.add(
                TOML,
                "catchments",
                "no [catchments], though zones.csv has a column 'catchment'",
                "[catchments] with a name for each choice of zones that count",
                "The file may be cut short; or give the column another name.",
            )
    return listed, default


def _services(
    folder: Path,
    described: Mapping[str, Any],
    tables: CheckedTables,
    register: Register,
    year: int | None,
    faults: Faults,
) -> dict[str, Service]:
    """Return the services that region.toml names, by id; warn of files that it does not name."""
    listed = described.get("services", ())
    unread = [f"services/{s}.toml" for s in own_services(folder) if s not in listed]
    if unread:
        text = f"{listing(unread)}: not read, as services in {TOML} does not name it"
        warnings.warn(text, InputWarning, stacklevel=5)
    found = {}
    for service_id in listed:
        service = build_service(
            service_file(service_id, folder),
            tables.zones,
            tables.sites,
            register,
            faults,
            year=year,
        )
        if service is not None:
            found[service.id] = service
    return found
