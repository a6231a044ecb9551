"""The keys `choice` and `directed` of a scenario's service: who does not go to the nearest site."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from reconfig.core import Choice, Faults, Region, Service
from reconfig.core.choice import CHOICE_MINUTES, check_choice
from reconfig.data import load_register
from reconfig.data.toml_file import NUMBER, TABLE, WHOLE, Kind, TomlFile, Where

KEYS: dict[str, Kind] = {
    "choice": Kind(
        "true (so spread as the register has it), false, or a table such as {minutes = 3.0}",
        lambda v: isinstance(v, bool | dict),
        json={"anyOf": [{"type": "boolean"}, TABLE.json]},
    ),
    "directed": Kind("true or false", lambda v: isinstance(v, bool), json={"type": "boolean"}),
}
PARTS: dict[str, Kind] = {"minutes": NUMBER, "orders": WHOLE, "seed": WHOLE}


def chosen_by(
    file: TomlFile, keys: Mapping[str, Any], where: Where, region: Region, service: Service
) -> Service:
    """Return a service with the choice of site of a [[service]]; note what is wrong with it.

    Minutes that are not given are travel.choice_minutes of the region's register.
    """
    given, inside = keys.get("choice", False), (*where, "choice")
    if given is False:
        return service.directed() if keys.get("directed", False) else service
    if keys.get("directed", False):
        found, fix = "directed = true beside it", "Patients either choose or are told where to go."
        file.note(inside, found, "one of the two", fix)
        return service
    parts = {} if given is True else file.table(given, inside, PARTS)
    if given is not True and len(parts) < len(given):
        return service
    register = region.register if CHOICE_MINUTES in region.register else load_register()
    values = {"minutes": float(register[CHOICE_MINUTES].value), **parts}
    faults = Faults()
    check_choice(
        values["minutes"],
        values.get("orders", Choice.orders),
        values.get("seed", Choice.seed),
        faults,
    )
    for fault in faults.found:
        file.note((*inside, fault.place), fault.found, fault.expected, fault.fix)
    return service if faults else replace(service, choice=Choice(**values))
