"""network.csv and places.csv: the road network that gives minutes to new sites."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from scipy.sparse import csr_matrix
from scipy.sparse.csgraph import connected_components

from reconfig.core import Faults
from reconfig.core.check_coordinates import is_geographic
from reconfig.core.columns import LINE, Table, checked_numbers, identified, text_column
from reconfig.core.faults import listing
from reconfig.data.tables import read_table
from reconfig.network import RoadNetwork

EDGES, PLACES = "network.csv", "places.csv"
COORDINATES = ["easting", "northing"]
# The same place in two tables is no further apart than this (metres).
SAME_PLACE = 1000.0


def read_network(
    folder: Path,
    settings: Mapping[str, Any],
    zones: pd.DataFrame,
    sites: pd.DataFrame,
    crs: str | None,
    faults: Faults,
) -> RoadNetwork | None:
    """Return the road network of a region folder, None where it has no network.csv.

    Its places are the zones and the sites (which no new site is joined to) and those of
    places.csv. settings: the keys of [network] of region.toml, of which fixed_minutes must be
    there. Every fault is noted; with any of them the network is None.
    """
    if not (folder / EDGES).exists():
        return None
    before = len(faults.found)
    if "fixed_minutes" not in settings:
        faults.add(
            "region.toml",
            "network",
            "no 'fixed_minutes', though there is a network.csv",
            "minutes of every trip whatever its length, 0 for none",
            "Write [network] and fixed_minutes = 0; the file may be cut short.",
        )
    if is_geographic(crs):
        faults.add(EDGES, "", f"coordinates in {crs}", "a region in metres, which roads need")
    edges = _read_edges(folder / EDGES, faults)
    places = _read_places(folder / PLACES, zones, sites, faults)
    if edges is None or places is None or len(faults.found) > before:
        return None
    try:
        network = RoadNetwork(places=places, edges=edges, **settings)
    except ValueError as problem:
        faults.add(EDGES, "", str(problem), "places and minutes that make up a road network")
        return None
    _check_joined(network, zones, sites, faults)
    return network if len(faults.found) == before else None


def _read_edges(path: Path, faults: Faults) -> pd.DataFrame | None:
    table = read_table(path, "from_id", faults)
    if table is None:
        return None
    missing = [c for c in ("from_id", "to_id", "minutes") if c not in table]
    for column in missing:
        faults.add(EDGES, "header", f"no column '{column}'", "from_id, to_id and minutes")
    if missing or table.empty:
        if table.empty:
            faults.add(EDGES, "rows", "no rows below the header", "one row at least")
        return None
    pair = text_column(table["from_id"]) + " to " + text_column(table["to_id"])
    rows = tuple(map(str, table.index))
    labelled = table.set_axis(pd.Index(pair), axis=0)
    edges = Table(EDGES, "pair", labelled, rows, table.index.name == LINE)
    minutes, _ = checked_numbers(edges, "minutes", faults, expected="minutes above 0")
    zero = minutes == 0
    if zero.any():
        faults.add(EDGES, f"column 'minutes', {edges.places(zero)}", "0", "minutes above 0")
    return pd.DataFrame(
        {
            "from_id": text_column(table["from_id"]).to_numpy(),
            "to_id": text_column(table["to_id"]).to_numpy(),
            "minutes": minutes,
        }
    )


def _read_places(
    path: Path, zones: pd.DataFrame, sites: pd.DataFrame, faults: Faults
) -> pd.DataFrame | None:
    """Return every place of the network; those of places.csv go before zones and sites."""
    tables = [
        t[COORDINATES].assign(access_minutes=0.0, kind=kind)
        for t, kind in ((zones, "zone"), (sites, "site"))
        if set(COORDINATES) <= set(t.columns)
    ]
    if path.exists():
        read = identified(read_table(path, "place_id", faults), "place_id", PLACES, faults)
        listed = None if read is None else _typed_places(read, faults)
        if listed is None:
            return None
        for table in tables:
            _check_same_place(listed, table, faults)
        tables = [t.loc[t.index.difference(listed.index, sort=False)] for t in tables]
        return pd.concat([*tables, listed])
    if not tables:
        faults.add(EDGES, "", "no coordinates of any place", "coordinates in zones.csv")
        return None
    return pd.concat(tables)


def _typed_places(table: Table, faults: Faults) -> pd.DataFrame | None:
    columns = [*COORDINATES, "access_minutes"]
    missing = [c for c in columns if c not in table.data]
    for column in missing:
        faults.add(PLACES, "header", f"no column '{column}'", f"place_id, {', '.join(columns)}")
    if missing:
        return None
    typed = {c: checked_numbers(table, c, faults, negative=c in COORDINATES)[0] for c in columns}
    places = pd.DataFrame(typed, index=table.data.index)
    kinds = table.data["kind"] if "kind" in table.data else pd.Series("zone", index=places.index)
    return None if faults.about(PLACES) else places.assign(kind=text_column(kinds))


def _check_same_place(listed: pd.DataFrame, table: pd.DataFrame, faults: Faults) -> None:
    both = listed.index.intersection(table.index)
    moved = (listed.loc[both, COORDINATES] - table.loc[both, COORDINATES]).abs().max(axis=1)
    far = both[(moved > SAME_PLACE).to_numpy()]
    if len(far):
        faults.add(
            PLACES,
            listing(far),
            "coordinates other than those in zones.csv or sites.csv",
            "the same place in both",
            "Easting and northing may be swapped in one of them.",
        )


def _check_joined(
    network: RoadNetwork, zones: pd.DataFrame, sites: pd.DataFrame, faults: Faults
) -> None:
    """Note zones and sites that the rest of the network cannot be reached from."""
    ids = network.places.index
    first, second = (ids.get_indexer(pd.Index(network.edges[c])) for c in ("from_id", "to_id"))
    graph = csr_matrix((np.ones(len(first)), (first, second)), shape=(len(ids), len(ids)))
    part = pd.Series(connected_components(graph, directed=False)[1], index=ids)
    needed = zones.index.append(sites.index)
    absent = needed.difference(ids)
    if len(absent):
        found = f"{len(absent):,} zones or sites are not on it: {listing(absent)}"
        faults.add(EDGES, "", found, "every zone and site, with coordinates")
    known = part.reindex(needed).dropna()
    cut_off = known.index[(known != known.mode().iloc[0]).to_numpy()]
    if len(cut_off):
        faults.add(
            EDGES,
            "",
            f"no road joins {listing(cut_off)} to the rest",
            "roads that join every zone and site",
            "The file may be cut short.",
        )
