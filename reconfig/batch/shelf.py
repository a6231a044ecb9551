"""The regions that a process keeps loaded, each known to be made of the data it should be."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Mapping
from functools import partial
from pathlib import Path
from typing import Any

from reconfig.core import ReconfigError, Region
from reconfig.data import RegionReader, data_digest, region_files
from reconfig.scenario_region import Load

# Regions kept at hand; the national one takes some 100 MB once it has been solved.
MOST = 6


class DataChangedError(ReconfigError):
    """The files of a region are not what they were when the batch began."""


class Shelf:
    """Keeps the last few regions, and the tables that further ones are made of.

    shipped: digest of the data -> folder that holds them here, where they came from elsewhere.
    """

    def __init__(self, shipped: Mapping[str, Path] | None = None) -> None:
        self._shipped = dict(shipped or {})
        self._regions: OrderedDict[tuple[Any, ...], Region] = OrderedDict()
        self._reader = RegionReader(kept={})
        self._seen: dict[tuple[str, Path | None, str], tuple[Any, ...]] = {}

    def loader(self, data: str) -> Load:
        """Return what reads regions made of the data with this digest, as `load_region` does.

        It raises DataChangedError where there are other data.
        """
        return partial(self._load, data)

    def _load(
        self,
        data: str,
        name: str,
        *,
        catchment: str | None = None,
        year: int | None = None,
        assumptions: Mapping[str, float] | None = None,
        relative_to: Path | None = None,
    ) -> Region:
        if data in self._shipped:
            name, relative_to = str(self._shipped[data]), None
        asked = (
            data,
            name,
            relative_to,
            catchment,
            year,
            tuple(sorted((assumptions or {}).items())),
        )
        self._refuse_change(data, name, relative_to)
        if asked in self._regions:
            self._regions.move_to_end(asked)
            return self._regions[asked]
        region = self._reader.load(
            name, catchment=catchment, year=year, assumptions=assumptions, relative_to=relative_to
        )
        self._refuse_change(data, name, relative_to)
        self._regions[asked] = region
        while len(self._regions) > MOST:
            self._regions.popitem(last=False)
        return region

    def _refuse_change(self, data: str, name: str, relative_to: Path | None) -> None:
        """Raise DataChangedError unless the files are those of the digest.

        Files whose size and time are as when they were last hashed are not hashed again.
        """
        stamps = tuple(
            (path, path.stat().st_mtime_ns, path.stat().st_size)
            for path in region_files(name, relative_to).values()
        )
        known = (name, relative_to, data)
        if self._seen.get(known) == stamps:
            return
        if data_digest(name, relative_to) != data:
            self._reader = RegionReader(kept={})
            raise DataChangedError(
                f"the files of region '{name}' are not those with which the batch began (or, on "
                "another machine, are of another version): run the same command again, and what "
                "is made of other data will be solved anew"
            )
        self._seen[known] = stamps
