"""A made-up region whose scenarios take milliseconds, and sweeps over it."""

from __future__ import annotations

import json
import sqlite3
from pathlib import Path

from reconfig.batch.store import FILE
from tests.instances import random_region

ZONES, CANDIDATES = 40, 7
BASE = """
name = "Made up"
region = "region"
catchment = "all"

[[service]]
id = "surgery"
demand = "cases"
open = 3

[objective]
minimise = "mean_minutes"

[[limit]]
measure = "max_minutes"
at_most = 1000
"""
# 6 x 10 x 2 scenarios.
GRID = """
name = "many"
scenario = "base.toml"

[grid]
"service.surgery.open" = [1, 2, 3, 4, 5, 6]
congestion = [0.5, 0.75, 1, 1.25, 1.5, 1.75, 2, 2.25, 2.5, 2.75]
"limit.max_minutes.at_most" = [900, 1000]
"""
# 6 x 3 x 2 of them.
SOME = GRID.replace("[0.5, 0.75, 1, 1.25, 1.5, 1.75, 2, 2.25, 2.5, 2.75]", "[0.5, 1, 1.5]")


def write_base(folder: Path, text: str = BASE) -> Path:
    """Write a region and a base scenario into a folder; return the folder."""
    made = random_region(7, zones=ZONES, candidates=CANDIDATES, neighbours=1)
    region = folder / "region"
    (region / "travel_times").mkdir(parents=True)
    (region / "region.toml").write_text(
        'name = "Made up"\n\n[catchments]\nall = ["north", "south"]\nnorth = ["north"]\n',
        encoding="utf-8",
    )
    zones = made.zones.assign(catchment=made.zones["district"])
    zones.to_csv(region / "zones.csv")
    sites = made.sites.assign(in_scope=made.sites["in_scope"].map({True: "yes", False: "no"}))
    sites[["name", "in_scope"]].to_csv(region / "sites.csv")
    made.minutes().to_csv(region / "travel_times" / "car.csv")
    (folder / "base.toml").write_text(text, encoding="utf-8")
    return folder


def write_sweep(folder: Path, text: str = GRID, name: str = "sweep.toml") -> Path:
    """Write a sweep beside the base; return its file."""
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return path


def results(out: Path) -> dict[str, str]:
    """Return scenario key -> its stored result, as text, of those that have one."""
    return {key: result for key, (result, _) in _stored(out).items()}


def finished(out: Path) -> dict[str, str]:
    """Return scenario key -> when its result was stored."""
    return {key: when for key, (_, when) in _stored(out).items()}


def _stored(out: Path) -> dict[str, tuple[str, str]]:
    if not (out / FILE).is_file():
        return {}
    base = sqlite3.connect(out / FILE)
    try:
        rows = base.execute("SELECT key, result, finished FROM scenario WHERE status IS NOT NULL")
        return {key: (result, when) for key, result, when in rows}
    except sqlite3.OperationalError:  # killed before there were tables
        return {}
    finally:
        base.close()


def claimed(out: Path) -> int:
    """Return how many scenarios somebody says to be solving."""
    base = sqlite3.connect(out / FILE)
    found = base.execute("SELECT COUNT(*) FROM scenario WHERE owner IS NOT NULL").fetchone()[0]
    base.close()
    return int(found)


def statuses(out: Path) -> list[str]:
    """Return the status of each scenario that has a result."""
    return [json.loads(result)["status"] for result in results(out).values()]
