"""Service files: a service is a TOML file on a region's columns and the register."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from reconfig.core import Faults, Service, suggestion
from reconfig.data.embedded import data_folder
from reconfig.data.tables import read_toml
from reconfig.outcomes import OUTCOME_MODELS, Register

KEYS = {
    "": {"id", "name", "cases", "outcome", "demand", "sites"},
    "demand": {"column", "rate", "population"},
    "sites": {"today"},
}


@dataclass(frozen=True)
class _Spec:
    """A service file's content, with the file's name for messages."""

    file: str
    content: Mapping[str, Any]

    def part(self, name: str) -> Mapping[str, Any]:
        part = self.content.get(name, {})
        return part if isinstance(part, Mapping) else {}


def build_service(
    path: Path, zones: pd.DataFrame, sites: pd.DataFrame, register: Register, faults: Faults
) -> Service | None:
    """Return the service a TOML file describes, on these zones and sites; note every fault."""
    before = len(faults.found)
    spec = _Spec(path.name, read_toml(path, faults))
    _check_keys(spec, faults)
    if len(faults.found) > before:
        return None
    demand = _demand(spec, zones, register, faults)
    today_column = str(spec.part("sites")["today"])
    if today_column not in sites.columns:
        faults.add(
            spec.file,
            "sites.today",
            f"no column '{today_column}' in the sites table",
            "a yes/no column of the sites table",
            suggestion(today_column, sites.columns),
        )
        return None
    hosts = sites[today_column].str.strip().str.lower()
    for site in sites.index[~hosts.isin(["yes", "no"])]:
        faults.add(
            "sites table",
            f"site '{site}', column '{today_column}'",
            f"'{sites[today_column][site]}'",
            "yes or no",
        )
    if demand is None or len(faults.found) > before:
        return None
    in_scope, yes = sites["in_scope"], hosts == "yes"
    model = spec.content.get("outcome")
    return Service(
        id=str(spec.content["id"]),
        name=str(spec.content["name"]),
        demand=demand.rename("cases_per_year"),
        candidates=tuple(sorted(sites.index[in_scope])),
        always_open=tuple(sorted(sites.index[~in_scope & yes])),
        today=tuple(sorted(sites.index[in_scope & yes])),
        outcome=OUTCOME_MODELS[model](register) if model else None,
        demand_basis=_demand_basis(spec, register),
    )


def service_file(service_id: str) -> Path:
    """Return where the file of a service that comes with the package would be."""
    return data_folder() / "services" / f"{service_id}.toml"


def _check_keys(spec: _Spec, faults: Faults) -> None:
    for part, known in KEYS.items():
        content = spec.part(part) if part else spec.content
        for key in set(content) - known:
            faults.add(
                spec.file,
                part or "top level",
                f"unknown key '{key}'",
                "a known key",
                suggestion(key, known),
            )
    for key in ("id", "name", "demand", "sites"):
        if key not in spec.content:
            faults.add(spec.file, "top level", f"no '{key}'", f"a key '{key}'")
    if "sites" in spec.content and "today" not in spec.part("sites"):
        faults.add(spec.file, "sites", "no 'today'", "the sites column that says who hosts it")
    model = spec.content.get("outcome")
    if model is not None and model not in OUTCOME_MODELS:
        faults.add(
            spec.file,
            "outcome",
            f"'{model}'",
            "a known outcome model",
            suggestion(str(model), OUTCOME_MODELS),
        )


def _demand(
    spec: _Spec, zones: pd.DataFrame, register: Register, faults: Faults
) -> pd.Series[float] | None:
    demand = spec.part("demand")
    column = str(demand.get("column", demand.get("population", "")))
    if column not in zones.columns or not pd.api.types.is_numeric_dtype(zones[column]):
        faults.add(
            spec.file,
            "demand",
            f"no numeric zone column '{column}'",
            "a numeric column of the zones table",
            suggestion(column, zones.select_dtypes("number").columns),
        )
        return None
    if "rate" not in demand:
        return zones[column].astype(float)
    if demand["rate"] not in register:
        faults.add(
            spec.file,
            "demand.rate",
            f"no assumption '{demand['rate']}'",
            "an id of assumptions.csv",
            suggestion(str(demand["rate"]), register),
        )
        return None
    return zones[column].astype(float) * register.value(str(demand["rate"]))


def _demand_basis(spec: _Spec, register: Register) -> str:
    demand = spec.part("demand")
    cases = spec.content.get("cases", "cases")
    if "rate" in demand:
        rate = register[str(demand["rate"])]
        return (
            f"{cases}: {rate.value * 1e5:g} a year per 100,000 people (column "
            f"'{demand['population']}'), {rate.confidence}: {rate.source}"
        )
    return f"{cases}: column '{demand['column']}' of the zones table, expected cases a year"
