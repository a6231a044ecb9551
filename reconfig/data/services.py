"""Service files: a service is a TOML file on a region's columns and the register."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pandas as pd

from reconfig.core import Faults, OutcomeModel, Service, suggestion
from reconfig.core.columns import Table, checked_yes_or_no
from reconfig.data.embedded import data_folder
from reconfig.data.service_demand import SCHEMA as DEMAND
from reconfig.data.service_demand import assumption, read_demand
from reconfig.data.toml_file import TABLE, TEXT, TEXTS, Kind, TomlFile
from reconfig.outcomes import Register, make_outcome

SCHEMA: dict[str, dict[str, Kind]] = {
    "": {
        "id": TEXT,
        "name": TEXT,
        "cases": TEXT,
        "same_patients": TEXTS,
        "demand": TABLE,
        "sites": TABLE,
        "outcome": TABLE,
        "standard": TABLE,
    },
    "sites": {
        "today": Kind(
            'a sites column in quotes, or a list of site ids, such as ["A", "B"]',
            lambda value: TEXT.fits(value) or (TEXTS.fits(value) and len(value) > 0),
        )
    },
    "standard": {"minutes": TEXT},
}


def build_service(
    path: Path,
    zones: pd.DataFrame,
    sites: pd.DataFrame,
    register: Register,
    faults: Faults,
    *,
    year: int | None = None,
) -> Service | None:
    """Return the service a TOML file describes, on these zones and sites; note every fault.

    year: that its demand is of (default: as the zones table and the rates have it).
    """
    before = len(faults.found)
    file = TomlFile.read(path, faults)
    if file is None:
        return None
    top = file.table(file.content, (), SCHEMA[""])
    for key in ("id", "name", "demand", "sites"):
        if key not in file.content:
            file.note((), f"no '{key}'", SCHEMA[""][key].words)
    if "id" in top and top["id"] != path.stem:
        file.note(("id",), f"'{top['id']}'", f"'{path.stem}', as the file is called")
    keys = file.table(top.get("demand", {}), ("demand",), DEMAND)
    source = read_demand(file, keys, zones, register) if "demand" in top else None
    demand = source.demand(top.get("cases", "cases"), year) if source is not None else None
    hosts = _hosts(file, top, sites)
    factor = None if demand is None else demand.factor
    outcome = None
    if "outcome" in top:
        outcome = make_outcome(top["outcome"], register, file, factor=factor)
    _check_centres(file, outcome, sites)
    minutes = _standard(file, top, register)
    if demand is None or hosts is None or len(faults.found) > before:
        return None
    in_scope = sites["in_scope"]
    return Service(
        id=top["id"],
        name=top["name"],
        demand=demand.cases,
        candidates=tuple(sorted(sites.index[in_scope])),
        always_open=tuple(sorted(sites.index[~in_scope & hosts])),
        today=tuple(sorted(sites.index[in_scope & hosts])),
        outcome=outcome,
        demand_basis=demand.basis,
        standard_minutes=minutes,
        same_patients=frozenset(top.get("same_patients", ())),
    )


def service_folder() -> Path:
    """Return the folder of the services that come with the package."""
    return data_folder() / "services"


def service_file(service_id: str, folder: Path) -> Path:
    """Return the file of a service: the region folder's own, else the one of the package."""
    own = folder / "services" / f"{service_id}.toml"
    return own if own.is_file() else service_folder() / own.name


def known_services(folder: Path) -> list[str]:
    """Return the ids of the services of a region folder and of the package."""
    return sorted({*own_services(folder), *(p.stem for p in service_folder().glob("*.toml"))})


def own_services(folder: Path) -> list[str]:
    """Return the ids of the services that a region folder has files of."""
    return sorted(path.stem for path in (folder / "services").glob("*.toml"))


def _hosts(file: TomlFile, top: Mapping[str, Any], sites: pd.DataFrame) -> pd.Series[bool] | None:
    """Return which sites host the service today."""
    keys = file.table(top.get("sites", {}), ("sites",), SCHEMA["sites"])
    if "sites" in top and "today" not in top["sites"]:
        file.note(("sites",), "no 'today'", "who hosts it: a sites column, or a list of ids")
    today = keys.get("today")
    where = ("sites", "today")
    if isinstance(today, list):
        unknown = [site for site in today if site not in sites.index]
        for site in unknown:
            hint = suggestion(site, sites.index)
            file.note(where, f"'{site}' is not a site of the region", "ids of sites.csv", hint)
        return None if unknown else pd.Series(sites.index.isin(today), index=sites.index)
    if today is not None and today not in sites.columns:
        file.note(
            where,
            f"no column '{today}' in the sites table",
            "a yes/no column of the sites table",
            suggestion(today, sites.columns),
        )
        return None
    if today is None:
        return None
    table = Table("sites.csv", "site_id", sites, tuple(sites.index), from_file=False)
    return pd.Series(checked_yes_or_no(table, today, file.faults), index=sites.index)


def _check_centres(file: TomlFile, outcome: OutcomeModel | None, sites: pd.DataFrame) -> None:
    """Note centres that patients are sent on to and that are no sites of the region."""
    for site in outcome.centres if outcome is not None else ():
        if site not in sites.index:
            hint = suggestion(site, sites.index)
            found = f"'{site}' is not a site of the region"
            file.note(("outcome", "centres"), found, "ids of sites.csv", hint)


def _standard(file: TomlFile, top: Mapping[str, Any], register: Register) -> float | None:
    """Return the standard of access in minutes, None where the service has none."""
    keys = file.table(top.get("standard", {}), ("standard",), SCHEMA["standard"])
    if "standard" in top and "minutes" not in top["standard"]:
        file.note(("standard",), "no 'minutes'", "the id of the assumption that holds them")
    name = keys.get("minutes")
    return None if name is None else assumption(file, ("standard", "minutes"), name, register)
