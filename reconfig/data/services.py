"""Service files: a service is a TOML file on a region's columns and the register."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from reconfig.core import Faults, Service, suggestion
from reconfig.core.checks import check_demand
from reconfig.core.columns import Table, checked_yes_or_no
from reconfig.data.embedded import data_folder
from reconfig.data.toml_file import TABLE, TEXT, Kind, TomlFile
from reconfig.outcomes import OUTCOME_MODELS, Register

SCHEMA: dict[str, dict[str, Kind]] = {
    "": {
        "id": TEXT,
        "name": TEXT,
        "cases": TEXT,
        "outcome": TEXT,
        "demand": TABLE,
        "sites": TABLE,
    },
    "demand": {"column": TEXT, "rate": TEXT, "population": TEXT},
    "sites": {"today": TEXT},
}


@dataclass(frozen=True)
class _Spec:
    """A service file's content, checked key by key."""

    file: TomlFile
    top: Mapping[str, Any]
    demand: Mapping[str, Any]
    today: str

    @property
    def column(self) -> str:
        """The zone column of cases, or of the people that the rate is of."""
        return str(self.demand.get("column", self.demand.get("population")))


def build_service(
    path: Path, zones: pd.DataFrame, sites: pd.DataFrame, register: Register, faults: Faults
) -> Service | None:
    """Return the service a TOML file describes, on these zones and sites; note every fault."""
    before = len(faults.found)
    spec = _read(path, faults)
    if spec is None:
        return None
    demand = _demand(spec, zones, register)
    hosts = _hosts(spec, sites)
    if demand is None or hosts is None or len(faults.found) > before:
        return None
    in_scope = sites["in_scope"]
    model = spec.top.get("outcome")
    return Service(
        id=spec.top["id"],
        name=spec.top["name"],
        demand=demand.rename("cases_per_year"),
        candidates=tuple(sorted(sites.index[in_scope])),
        always_open=tuple(sorted(sites.index[~in_scope & hosts])),
        today=tuple(sorted(sites.index[in_scope & hosts])),
        outcome=OUTCOME_MODELS[model](register) if model else None,
        demand_basis=_demand_basis(spec, register),
    )


def service_folder() -> Path:
    """Return the folder of the services that come with the package."""
    return data_folder() / "services"


def service_file(service_id: str) -> Path:
    """Return where the file of a service that comes with the package would be."""
    return service_folder() / f"{service_id}.toml"


def known_services() -> list[str]:
    """Return the ids of the services that come with the package."""
    return sorted(path.stem for path in service_folder().glob("*.toml"))


def _read(path: Path, faults: Faults) -> _Spec | None:
    """Read a service file and check its keys; None, with faults noted, if any is wrong."""
    before = len(faults.found)
    file = TomlFile.read(path, faults)
    if file is None:
        return None
    top = file.table(file.content, (), SCHEMA[""])
    demand = file.table(top.get("demand", {}), ("demand",), SCHEMA["demand"])
    sites = file.table(top.get("sites", {}), ("sites",), SCHEMA["sites"])
    for key in ("id", "name", "demand", "sites"):
        if key not in file.content:
            file.note((), f"no '{key}'", SCHEMA[""][key].words)
    if "sites" in top and "today" not in sites:
        file.note(("sites",), "no 'today'", "the sites column that says who hosts it")
    by_column, by_rate = "column" in demand, {"rate", "population"} <= set(demand)
    if "demand" in top and (by_column == by_rate or len(demand) == 3):
        file.note(
            ("demand",), ", ".join(demand) or "nothing given", "column, or rate and population"
        )
    model = top.get("outcome")
    if model is not None and model not in OUTCOME_MODELS:
        fix = suggestion(model, OUTCOME_MODELS)
        file.note(("outcome",), f"'{model}'", "a known outcome model", fix)
    if len(faults.found) > before:
        return None
    return _Spec(file, top, demand, sites["today"])


def _hosts(spec: _Spec, sites: pd.DataFrame) -> pd.Series[bool] | None:
    """Return which sites host the service today."""
    if spec.today not in sites.columns:
        spec.file.note(
            ("sites", "today"),
            f"no column '{spec.today}' in the sites table",
            "a yes/no column of the sites table",
            suggestion(spec.today, sites.columns),
        )
        return None
    table = Table("sites.csv", "site_id", sites, tuple(sites.index), from_file=False)
    hosts = checked_yes_or_no(table, spec.today, spec.file.faults)
    return pd.Series(hosts, index=sites.index)


def _demand(spec: _Spec, zones: pd.DataFrame, register: Register) -> pd.Series[float] | None:
    faults = spec.file.faults
    place = spec.file.place(("demand",))
    cases = check_demand(zones, spec.column, faults, file=spec.file.file, place=place)
    rate = spec.demand.get("rate")
    if rate is None or cases is None:
        return cases
    if rate not in register:
        spec.file.note(
            ("demand", "rate"),
            f"no assumption '{rate}'",
            "an id of assumptions.csv",
            suggestion(rate, register),
        )
        return None
    return cases * register.value(rate)


def _demand_basis(spec: _Spec, register: Register) -> str:
    cases = spec.top.get("cases", "cases")
    if "rate" in spec.demand:
        rate = register[spec.demand["rate"]]
        return (
            f"{cases}: {rate.value * 1e5:g} a year per 100,000 people (column "
            f"'{spec.column}'), {rate.confidence}: {rate.source}"
        )
    return f"{cases}: column '{spec.column}' of the zones table, expected cases a year"
