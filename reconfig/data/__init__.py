"""Files to core types: the embedded regions and the region format."""

from reconfig.data.congestion import CONGESTION
from reconfig.data.digest import data_digest, region_files
from reconfig.data.embedded import data_folder, embedded_regions, load_register
from reconfig.data.load import RegionReader, load_region
from reconfig.data.switches import Switch, read_switches

__all__ = [
    "CONGESTION",
    "RegionReader",
    "Switch",
    "data_digest",
    "data_folder",
    "embedded_regions",
    "load_region",
    "load_register",
    "read_switches",
    "region_files",
]
