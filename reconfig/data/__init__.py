"""Files to core types: the embedded regions and the region format."""

from reconfig.data.embedded import data_folder, embedded_regions, load_register
from reconfig.data.region_folder import load_region
from reconfig.data.switches import Switch, read_switches

__all__ = [
    "Switch",
    "data_folder",
    "embedded_regions",
    "load_region",
    "load_register",
    "read_switches",
]
