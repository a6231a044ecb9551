"""How far the recovered network can be trusted: leave units out one at a time.

    python data/build/leave_one_out.py [--processes 2]

writes ``data/build/leave_one_out.csv`` and the table in ``docs/data.md``; takes about half an hour.

A unit left out is neither fitted nor seen: the network is fitted to the minutes of the nearest of
the other 124 units, asked for the minutes to the unit's coordinates, and compared with the
observed ones.
Beside it: minutes from straight-line distance, fitted to the same areas and the same other units.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Hashable, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
from country import Country, Ints, areas_within, fit_network, load_country, region_members
from sources import CALIBRATION_FIXED_MINUTES

from reconfig.network import Settings, fit_straight_line

RESULTS = Path(__file__).parent / "leave_one_out.csv"
DOCUMENT = Path(__file__).parents[2] / "docs" / "data.md"
START, END = "<!-- leave-one-out: start -->", "<!-- leave-one-out: end -->"
EMBEDDED, LOCAL = "embedded", "local"

WITHIN_MINUTES = 45.0
FEWEST_PAIRS = 100
"""The straight line is fitted to at least this many pairs of area and unit."""

LOCAL_KM = 55.0
LOCAL_AREAS = 4000
GREATER_MANCHESTER_UNITS = {"M68HD": "Salford", "BL97TD": "Fairfield", "SK27JE": "Stepping Hill"}

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True)
class LeftOut:
    """Errors at one unit left out, in minutes, over areas within 45 observed minutes of it.

    areas: how many they are. without_path: others that the network does not join to the unit.
    """

    unit: str
    areas: int
    without_path: int
    mean_absolute: float
    root_mean_square: float
    bias: float
    p90: float
    straight_mean_absolute: float
    straight_root_mean_square: float


def local_areas(country: Country, unit: str) -> Ints:
    """Areas of the network around one unit: chosen by straight distance, never by its minutes."""
    here = country.units.loc[[unit], ["easting", "northing"]].to_numpy(dtype=float)
    return areas_within(country, here, LOCAL_KM, LOCAL_AREAS)


def estimate_without(country: Country, unit: str, members: Ints, settings: Settings) -> Floats:
    """Minutes from these areas to a unit, from a network fitted to other units only."""
    others = [u for u in country.units.index if u != unit]
    network, _ = fit_network(country, members, others, settings)
    here = country.units.loc[[unit]]
    estimated: Floats = network.minutes_to_points(here)[unit].to_numpy(dtype=float)
    return estimated


def leave_out(country: Country, unit: str, members: Ints, settings: Settings) -> LeftOut:
    """Fit without one unit and compare its minutes with the observed ones."""
    estimated = estimate_without(country, unit, members, settings)
    observed = country.minutes[unit].to_numpy()[members] + CALIBRATION_FIXED_MINUTES
    within = observed <= WITHIN_MINUTES
    near = within & np.isfinite(estimated)
    straight = _straight_minutes(country, unit, members)
    error, rival = (estimated - observed)[near], (straight - observed)[near]
    return LeftOut(
        unit=unit,
        areas=int(near.sum()),
        without_path=int((within & ~near).sum()),
        mean_absolute=float(np.abs(error).mean()),
        root_mean_square=float(np.sqrt((error**2).mean())),
        bias=float(error.mean()),
        p90=float(np.quantile(np.abs(error), 0.9)),
        straight_mean_absolute=float(np.abs(rival).mean()),
        straight_root_mean_square=float(np.sqrt((rival**2).mean())),
    )


def _straight_minutes(country: Country, unit: str, members: Ints) -> Floats:
    """Minutes to a unit from straight-line distance, fitted to the other units within range."""
    others = [u for u in country.units.index if u != unit]
    points = country.points[members]

    def km_to(units: list[str]) -> Floats:
        to = country.units.loc[units, ["easting", "northing"]].to_numpy(dtype=float)
        away: Floats = np.hypot(*(points[:, None, :] - to[None, :, :]).transpose(2, 0, 1)) / 1000.0
        return away

    km = km_to(others)
    minutes = country.minutes[others].to_numpy()[members] + CALIBRATION_FIXED_MINUTES
    # A lonely unit has few others within range: then the nearest pairs beyond it count too.
    enough = np.partition(minutes.ravel(), FEWEST_PAIRS)[FEWEST_PAIRS]
    near = minutes <= max(WITHIN_MINUTES, float(enough))
    line = fit_straight_line(km[near], minutes[near])
    result: Floats = line.minutes(km_to([unit])[:, 0])
    return result


_COUNTRY: list[Country] = []
"""The data of a worker process, loaded once."""


def _one(task: tuple[str, str]) -> dict[Hashable, Any]:
    """Leave one unit out of the embedded network or of the one around it."""
    unit, which = task
    if not _COUNTRY:
        _COUNTRY.append(load_country())
    country = _COUNTRY[0]
    members = region_members(country) if which == EMBEDDED else local_areas(country, unit)
    row: dict[Hashable, Any] = {"network": which}
    row.update(asdict(leave_out(country, unit, members, Settings())))
    return row


def run(processes: int) -> pd.DataFrame:
    """Every unit in the network around it, and the three also in the embedded network.

    Rows already in the results are kept, so that a run can be resumed: delete the file to
    start afresh.
    """
    units = list(load_country().units.index)
    tasks = [(unit, EMBEDDED) for unit in GREATER_MANCHESTER_UNITS]
    tasks += [(unit, LOCAL) for unit in units]
    done = pd.read_csv(RESULTS) if RESULTS.exists() else None
    rows: list[dict[Hashable, Any]] = [] if done is None else done.to_dict("records")
    known = {(row["unit"], row["network"]) for row in rows}
    todo = [task for task in tasks if task not in known]
    began = time.perf_counter()
    with ProcessPoolExecutor(processes) as pool:
        for future in as_completed([pool.submit(_one, task) for task in todo]):
            row = future.result()
            rows.append(row)
            table = pd.DataFrame(rows)[["network", *(f.name for f in fields(LeftOut))]]
            table.sort_values(["network", "unit"]).to_csv(
                RESULTS, index=False, float_format="%.3f", lineterminator="\n"
            )
            print(f"{time.perf_counter() - began:6.0f} s  {row}", flush=True)
    return pd.read_csv(RESULTS)


def summary(results: pd.DataFrame) -> str:
    """The table of ``docs/data.md``."""
    head = (
        "mean absolute | root mean square | bias | 90th percentile | straight line: mean absolute"
    )
    lines = [f"| unit left out | zones | {head} |", "|---|---|---|---|---|---|---|"]
    columns = ["mean_absolute", "root_mean_square", "bias", "p90", "straight_mean_absolute"]
    embedded = results[results["network"] == EMBEDDED].set_index("unit")
    local = results[results["network"] == LOCAL].set_index("unit")

    def line(name: str, zones: float, values: Sequence[float]) -> str:
        return f"| {name} | {zones:,.0f} | " + " | ".join(f"{v:.2f}" for v in values) + " |"

    for unit, name in GREATER_MANCHESTER_UNITS.items():
        row = embedded.loc[[unit], ["areas", *columns]].iloc[0].to_list()
        lines.append(line(f"{name} ({unit})", row[0], row[1:]))
    middle = local[["areas", *columns]].median().to_list()
    lines.append(line(f"median over all {len(local)} units", middle[0], middle[1:]))
    good = (local["mean_absolute"] <= 2.0).mean()
    better = (local["mean_absolute"] < local["straight_mean_absolute"]).mean()
    least, most = local["mean_absolute"].min(), local["mean_absolute"].max()
    lines += [
        "",
        f"Over all {len(local)} units the mean absolute error runs from {least:.2f} to {most:.2f} "
        f"minutes; it is 2.0 minutes or better at {good:.0%} of them, and better than the straight "
        f"line's at {better:.0%}. The networks leave {int(local['without_path'].sum())} areas "
        "within 45 minutes, in all, without a path to the unit; these are not counted.",
    ]
    return "\n".join(lines)


def write_summary(results: pd.DataFrame) -> None:
    """Put the table into ``docs/data.md``, between its two marks."""
    text = DOCUMENT.read_text(encoding="utf-8")
    before, rest = text.split(START)
    after = rest.split(END)[1]
    DOCUMENT.write_text(f"{before}{START}\n{summary(results)}\n{END}{after}", encoding="utf-8")


def main() -> None:
    """Run what is missing, then write the table."""
    parser = argparse.ArgumentParser(description="Leave units out one at a time")
    parser.add_argument("--processes", type=int, default=1)
    results = run(parser.parse_args().processes)
    write_summary(results)
    print(summary(results))


if __name__ == "__main__":
    main()
