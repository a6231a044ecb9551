"""A small good region folder, made as anyone would by hand, for tests to break."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from reconfig.core import Fault, InputError
from reconfig.data import load_region

TOML = 'name = "Small"\n'
ZONES = """zone_id,district,easting,northing,cases
z1,north,380000,410000,10
z2,north,384000,412000,20
z3,south,390000,395000,30
z4,south,396000,390000,40
"""
SITES = """site_id,name,easting,northing,in_scope
A,Alder,381000,411000,yes
B,Birch,391000,396000,yes
N,Nettle,400000,385000,no
"""
CAR = """zone_id,A,B,N
z1,5.5,30.5,50.5
z2,6.5,29.5,48.5
z3,29.0,5.0,25.0
z4,38.5,14.5,12.5
"""
FILES = {
    "region.toml": TOML,
    "zones.csv": ZONES,
    "sites.csv": SITES,
    "travel_times/car.csv": CAR,
}
# Two catchments, a road network and a place that is neither zone nor site.
RICH_TOML = """name = "Small"
crs = "EPSG:27700"
default_mode = "car"

[catchments]
default = "core"
core = ["core"]
wide = ["core", "rim"]

[network]
fixed_minutes = 2.5

[[sources]]
what = "Made up"
licence = "none"
"""
RICH_ZONES = """zone_id,district,catchment,easting,northing,cases
z1,north,core,380000,410000,10
z2,north,core,384000,412000,20
z3,south,core,390000,395000,30
z4,south,rim,396000,390000,40
"""
NETWORK = """from_id,to_id,minutes
A,z1,1.25
A,z2,2.25
B,x1,3.5
B,z3,1.5
N,z4,5.5
x1,z2,10.5
z1,z2,4.5
z3,z4,8.25
"""
PLACES = """place_id,easting,northing,access_minutes
z1,380000,410000,1.5
z2,384000,412000,1.25
z3,390000,395000,1.75
z4,396000,390000,2.5
x1,388000,402000,0.5
"""
RICH = FILES | {
    "region.toml": RICH_TOML,
    "zones.csv": RICH_ZONES,
    "network.csv": NETWORK,
    "places.csv": PLACES,
}


def write(folder: Path, files: Mapping[str, str | bytes] | None = None) -> Path:
    """Write a region folder: the good one with some files other than they should be."""
    for name, content in {**FILES, **(files or {})}.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return folder


def faults_of(folder: Path) -> tuple[Fault, ...]:
    """Return the faults that loading a folder reports; fail if there are none."""
    try:
        load_region(folder)
    except InputError as error:
        return error.faults
    raise AssertionError("the region was loaded")


def the_fault(folder: Path) -> str:
    """Return the one fault that loading a folder reports, as text."""
    faults = faults_of(folder)
    assert len(faults) == 1, [str(f) for f in faults]
    return str(faults[0])
