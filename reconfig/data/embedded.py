"""Where the data that comes with the package is: beside it when installed, above it in a clone."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from reconfig.outcomes import Register

PACKAGE = Path(__file__).resolve().parents[1]


def data_folder() -> Path:
    """Return the folder with the embedded regions, services, scenarios and the register."""
    installed = PACKAGE / "_data"
    return installed if installed.is_dir() else PACKAGE.parent / "data"


def embedded_regions() -> dict[str, Path]:
    """Return the embedded regions: name -> folder."""
    return {p.parent.name: p.parent for p in sorted(data_folder().glob("*/region.toml"))}


@cache
def load_register() -> Register:
    """Return the assumption register that comes with the package."""
    return Register.from_csv(register_file(), correlations_file())


def register_file() -> Path:
    """Return where the assumption register that comes with the package is."""
    return data_folder() / "assumptions.csv"


def correlations_file() -> Path:
    """Return where the correlations of the register are."""
    return data_folder() / "correlations.csv"
