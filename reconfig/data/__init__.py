"""Files to core types: the embedded regions and the region format."""

from reconfig.data.embedded import data_folder, embedded_regions, load_register
from reconfig.data.region_folder import load_region

__all__ = ["data_folder", "embedded_regions", "load_region", "load_register"]
