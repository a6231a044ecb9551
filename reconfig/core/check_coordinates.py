"""Coordinates at the door: metres or degrees, not swapped, and in keeping with the minutes."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd

from reconfig.core.faults import Faults, listing

# Nobody drives faster than this on a straight line for a whole journey.
FASTEST_KM_PER_HOUR = 160.0
GEOGRAPHIC = ("EPSG:4326", "EPSG:4258", "EPSG:4277", "OGC:CRS84")
BRITISH_GRID = "EPSG:27700"
BRITISH_EASTING, BRITISH_NORTHING = (0.0, 700_000.0), (0.0, 1_300_000.0)
UK_LONGITUDE, UK_LATITUDE = (-9.0, 3.0), (49.0, 61.5)
SWAPPED = "Easting and northing (longitude and latitude) seem to be swapped."
# Names people give to coordinates, all in small letters, in pairs.
OTHER_NAMES = (
    ({"lat", "latitude"}, {"lon", "long", "lng", "longitude"}),
    ({"y"}, {"x"}),
    ({"northings", "bng_n", "northing"}, {"eastings", "bng_e", "easting"}),
)
# Minutes grow with distance. Swapped coordinates that follow the minutes this well, and better
# than those given by this much, are the right ones; with few zones the evidence must be stronger.
GOOD_FIT, BETTER_BY, BETTER_BY_WITH_FEW, MANY_ZONES, ENOUGH_PAIRS = 0.8, 0.15, 0.3, 20, 8
# Journeys to a site that differ by less than this share of the usual one say nothing of its place.
FEWEST_SPREAD = 0.5


def check_coordinates(
    zones: pd.DataFrame | None,
    sites: pd.DataFrame | None,
    travel_times: Mapping[str, pd.DataFrame],
    names: Mapping[str, str],
    crs: str | None,
    faults: Faults,
) -> None:
    """Note degrees for metres, swapped coordinates, and sites at impossible speeds.

    names: what to call the tables "zones" and "sites". Tables without coordinates are fine.
    """
    geographic = is_geographic(crs)
    placed = []
    for table, key in ((zones, "zones"), (sites, "sites")):
        if table is not None and _has_coordinates(table, names[key], faults):
            before = len(faults.found)
            _check_units(table, names[key], crs, faults)
            placed += [table] if len(faults.found) == before else []
    if len(placed) < 2 or zones is None or sites is None:
        return
    if zones.index.has_duplicates or sites.index.has_duplicates:
        return
    for minutes in travel_times.values():
        if minutes.index.has_duplicates:
            continue
        both = [s for s in sites.index if s in minutes.columns]
        known = minutes.reindex(index=zones.index, columns=both)
        if _note_misplaced(zones, sites.loc[both], known, names, geographic, faults):
            return


def is_geographic(crs: str | None) -> bool:
    """Say whether coordinates are in degrees rather than metres."""
    return crs is not None and crs.upper() in GEOGRAPHIC


def default_crs(zones: pd.DataFrame, sites: pd.DataFrame) -> str | None:
    """Return the British National Grid where coordinates are given and lie on it, else None."""
    tables = [t for t in (zones, sites) if {"easting", "northing"} <= set(t.columns)]
    inside = [
        t["easting"].between(*BRITISH_EASTING).all()
        and t["northing"].between(*BRITISH_NORTHING).all()
        for t in tables
    ]
    return BRITISH_GRID if tables and all(inside) else None


def _has_coordinates(table: pd.DataFrame, file: str, faults: Faults) -> bool:
    have = {"easting", "northing"} & set(table.columns)
    if len(have) == 2:
        return True
    lower = {str(c).lower(): str(c) for c in table.columns}
    for norths, easts in OTHER_NAMES:
        north = [lower[n] for n in lower if n in norths]
        east = [lower[n] for n in lower if n in easts]
        if north and east:
            faults.add(
                file,
                "header",
                f"columns '{east[0]}' and '{north[0]}'",
                "coordinates in columns called 'easting' and 'northing'",
                'Rename them; for degrees set crs = "EPSG:4326", easting being the longitude and '
                "northing the latitude.",
            )
            return False
    if have:
        faults.add(
            file, "header", f"only column '{have.pop()}'", "both easting and northing, or neither"
        )
    return False


def _check_units(table: pd.DataFrame, file: str, crs: str | None, faults: Faults) -> None:
    east, north = table["easting"].to_numpy(float), table["northing"].to_numpy(float)
    if not (np.isfinite(east).any() and np.isfinite(north).any()):
        return
    largest = max(float(np.nanmax(np.abs(east))), float(np.nanmax(np.abs(north))))
    place = "columns 'easting' and 'northing'"
    swapped = _inside(north, UK_LONGITUDE) and _inside(east, UK_LATITUDE)
    values = f"values such as {east[0]:g} and {north[0]:g}"
    if is_geographic(crs):
        degrees = "longitude (easting) and latitude (northing) in degrees"
        if largest > 360:
            fix = 'They look like metres: leave crs out, or set crs = "EPSG:27700".'
            faults.add(file, place, values, degrees, fix)
        elif swapped or not (_inside(north, (-90.0, 90.0)) and _inside(east, (-180.0, 180.0))):
            faults.add(file, place, values, degrees, SWAPPED)
    elif largest <= 180 and len(table) > 1:
        fix = 'Convert them, or set crs = "EPSG:4326".'
        faults.add(
            file,
            place,
            f"{values}, which look like degrees",
            "metres",
            f"{fix} {SWAPPED}" if swapped else fix,
        )
    elif crs is not None and crs.upper() == BRITISH_GRID:
        _check_on_grid(east, north, file, faults)


def _check_on_grid(east: np.ndarray, north: np.ndarray, file: str, faults: Faults) -> None:
    if _inside(east, BRITISH_EASTING) and _inside(north, BRITISH_NORTHING):
        return
    swapped = _inside(north, BRITISH_EASTING) and _inside(east, BRITISH_NORTHING)
    faults.add(
        file,
        "columns 'easting' and 'northing'",
        f"eastings from {np.nanmin(east):,.0f} to {np.nanmax(east):,.0f} and northings from "
        f"{np.nanmin(north):,.0f} to {np.nanmax(north):,.0f}",
        f"metres of the British National Grid ({BRITISH_GRID}): eastings from 0 to 700,000, "
        "northings from 0 to 1,300,000",
        SWAPPED if swapped else "Check the coordinates, or set crs to what they are in.",
    )


def _inside(values: np.ndarray, bounds: tuple[float, float]) -> bool:
    return bool(np.nanmin(values) >= bounds[0] and np.nanmax(values) <= bounds[1])


def straight_line_km(
    east_a: np.ndarray, north_a: np.ndarray, east_b: float, north_b: float, *, geographic: bool
) -> np.ndarray:
    """Return straight-line kilometres from points (n) to one point; degrees or metres."""
    if not geographic:
        return np.asarray(np.hypot(east_a - east_b, north_a - north_b)) / 1000.0
    east_km = 111.32 * (east_a - east_b) * np.cos(np.radians((north_a + north_b) / 2.0))
    return np.asarray(np.hypot(east_km, 110.57 * (north_a - north_b)))


def _note_misplaced(
    zones: pd.DataFrame,
    sites: pd.DataFrame,
    minutes: pd.DataFrame,
    names: Mapping[str, str],
    geographic: bool,
    faults: Faults,
) -> bool:
    """Note sites whose place does not fit the minutes; say whether there are any."""
    given = _kilometres(zones, sites["easting"], sites["northing"], geographic)
    swapped = _kilometres(zones, sites["northing"], sites["easting"], geographic)
    hours = minutes.to_numpy(dtype=float) / 60.0
    speeds = _typical_speeds(given, hours)
    too_fast = speeds > FASTEST_KM_PER_HOUR
    turned = _better_swapped(given, swapped, hours) | (
        too_fast & (_typical_speeds(swapped, hours) <= FASTEST_KM_PER_HOUR)
    )
    for which, fix in (
        (turned, f"{SWAPPED} If not here, then in {names['zones']}."),
        (too_fast & ~turned, "Check the coordinates, their units and those of the minutes."),
    ):
        if not which.any():
            continue
        fastest = float(speeds[which].max())
        faults.add(
            names["sites"],
            f"site {listing(sites.index[which])}, easting and northing",
            f"a typical journey would run at {fastest:,.0f} km/h in a straight line"
            if fastest > FASTEST_KM_PER_HOUR
            else "the minutes do not grow with the distance",
            f"coordinates that fit the minutes (under {FASTEST_KM_PER_HOUR:.0f} km/h)",
            fix,
        )
    return bool((too_fast | turned).any())


def _kilometres(
    zones: pd.DataFrame, east: pd.Series[float], north: pd.Series[float], geographic: bool
) -> np.ndarray:
    """Return straight-line kilometres, zones x sites."""
    zone_east, zone_north = zones["easting"].to_numpy(float), zones["northing"].to_numpy(float)
    columns = [
        straight_line_km(zone_east, zone_north, float(e), float(n), geographic=geographic)
        for e, n in zip(east, north, strict=True)
    ]
    return np.array(columns).T


def _typical_speeds(km: np.ndarray, hours: np.ndarray) -> np.ndarray:
    """Return the median km/h to each site over journeys of more than a kilometre, 0 if none."""
    speeds = np.zeros(km.shape[1])
    for column in range(km.shape[1]):
        far = (km[:, column] > 1.0) & (hours[:, column] > 0)
        if far.any():
            speeds[column] = np.median(km[far, column] / hours[far, column])
    return speeds


def _better_swapped(given: np.ndarray, swapped: np.ndarray, hours: np.ndarray) -> np.ndarray:
    """Return which sites fit their minutes far better the other way round."""
    if len(given) < MANY_ZONES:
        better = _fits_better(given.ravel(), swapped.ravel(), hours.ravel(), BETTER_BY_WITH_FEW)
        return np.full(given.shape[1], better)
    return np.array(
        [
            _fits_better(given[:, k], swapped[:, k], hours[:, k], BETTER_BY)
            for k in range(given.shape[1])
        ],
        dtype=bool,
    )


def _fits_better(given: np.ndarray, swapped: np.ndarray, hours: np.ndarray, by: float) -> bool:
    known = hours[np.isfinite(hours)]
    if not known.size or np.ptp(known) < FEWEST_SPREAD * np.median(known):
        return False  # a far site: its journeys are nearly alike, whichever way the zones lie
    fit_given, fit_swapped = _fit(given, hours), _fit(swapped, hours)
    return fit_swapped > GOOD_FIT and fit_swapped - fit_given > by


def _fit(km: np.ndarray, hours: np.ndarray) -> float:
    """Return the correlation of distance and time, 0 where there is too little to tell."""
    known = np.isfinite(km) & np.isfinite(hours)
    if known.sum() < ENOUGH_PAIRS or np.ptp(km[known]) == 0 or np.ptp(hours[known]) == 0:
        return 0.0
    return float(np.corrcoef(km[known], hours[known])[0, 1])
