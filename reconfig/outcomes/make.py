"""Outcome models by the name that a service file uses, and the checks of what it asks for."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Protocol

import numpy as np

from reconfig.core import Assumptions, OutcomeModel, suggestion
from reconfig.outcomes.register import Register
from reconfig.outcomes.risk import EFFECTS, RiskModel
from reconfig.outcomes.stroke import StrokeUnits
from reconfig.outcomes.stroke_disability import StrokeDisability

Factor = Callable[[Assumptions], np.ndarray]
# Model -> the keys that it takes beside "model".
MODELS: dict[str, tuple[str, ...]] = {
    "risk": ("assumptions", "effects", "deaths"),
    "stroke-units": (),
    "stroke-times": ("centres",),
}
KEYS = ("model", *(key for keys in MODELS.values() for key in keys))
# What the register must hold under a prefix for each effect of the risk model.
NEEDED: dict[str, tuple[str, ...]] = {
    "": ("baseline_mortality",),
    "hub": (
        "hub_weight_none",
        "hub_weight_moderate",
        "hub_weight_strong",
        "hub_ln_or_moderate",
        "hub_ln_or_strong",
        "share_moved",
        "neighbour_effect",
    ),
    "rota": ("rota_consultants", "rota_short", "rota_sites"),
    "delay": ("delay_ln_rr_per_hour", "delay_share"),
    "transfer": ("transfer_share", "transfer_minutes"),
    "volume": ("volume_ln_or", "volume_reference"),
}
NEVER_TOGETHER = (
    "the effect of hyper-acute units was measured on patients with their journeys, so what sooner "
    "treatment gains is in it already: added up, it would be counted twice"
)


class Notes(Protocol):
    """Takes a fault: where in the file, what was found, what was expected, what to do."""

    def note(self, where: tuple[Any, ...], found: str, expected: str, fix: str = "") -> None:
        """Note one fault."""


def make_outcome(
    keys: Mapping[str, Any], register: Register, file: Notes, *, factor: Factor | None = None
) -> OutcomeModel | None:
    """Return the outcome model that a service file's table [outcome] asks for.

    factor: cases a year over the central cases a year, for some values of assumptions. Where
    anything is wrong, every fault is noted and None returned.
    """
    name = keys.get("model")
    unknown = [key for key in keys if key not in KEYS]
    for key in unknown:
        file.note(("outcome", key), f"no key '{key}'", ", ".join(KEYS), suggestion(key, KEYS))
    if not isinstance(name, str):
        _note_model(name, file)
        return None
    if name not in MODELS:
        hint = suggestion(name, MODELS)
        file.note(("outcome", "model"), f"'{name}'", f"one of {', '.join(MODELS)}", hint)
        return None
    unused = [key for key in keys if key in KEYS and key not in ("model", *MODELS[name])]
    for key in unused:
        fix = f"{NEVER_TOGETHER}." if key == "effects" else ""
        expected = " and ".join(MODELS[name]) or "no other key"
        file.note(("outcome", key), f"{key} beside '{name}'", expected, fix)
    model: OutcomeModel | None = StrokeUnits(register, factor)
    if name == "risk":
        model = _risk(keys, register, file, factor)
    elif name == "stroke-times":
        model = _disability(keys, register, file, factor)
    return None if unknown or unused else model


def _note_model(name: Any, file: Notes) -> None:
    where = ("outcome", "model")
    if isinstance(name, list) and {"stroke-units", "stroke-times"} <= set(map(str, name)):
        file.note(where, "both stroke-units and stroke-times", "one of them", f"{NEVER_TOGETHER}.")
    else:
        found = "no model" if name is None else f"model = {name}"
        file.note(where, found, f"one of {', '.join(MODELS)}")


def _disability(
    keys: Mapping[str, Any], register: Register, file: Notes, factor: Factor | None
) -> StrokeDisability | None:
    centres = keys.get("centres")
    if not (isinstance(centres, list) and centres and all(isinstance(c, str) for c in centres)):
        expected = 'ids of the sites that do thrombectomies, such as centres = ["RM301"]'
        file.note(("outcome", "centres"), "no centres" if not centres else f"{centres}", expected)
        return None
    return StrokeDisability(register, tuple(centres), factor)


def _risk(
    keys: Mapping[str, Any], register: Register, file: Notes, factor: Factor | None
) -> RiskModel | None:
    where, effects = ("outcome", "effects"), keys.get("effects", [])
    prefix, deaths = keys.get("assumptions"), keys.get("deaths", "deaths")
    good = isinstance(effects, list) and effects and len(set(map(str, effects))) == len(effects)
    if not good:
        file.note(
            where, f"effects = {effects}", f"a list of different ones of {', '.join(EFFECTS)}"
        )
        effects = []
    wrong = [str(e) for e in effects if e not in EFFECTS]
    for effect in wrong:
        file.note(where, f"'{effect}'", f"one of {', '.join(EFFECTS)}", suggestion(effect, EFFECTS))
    effects = [e for e in effects if e in EFFECTS]
    if "transfer" in effects and "delay" not in effects:
        found = "transfer without delay"
        file.note(where, found, "delay beside transfer: it says what an hour costs, and for whom")
        good = False
    if "rota" in effects and "hub" not in effects:
        file.note(
            where, "rota without hub", "hub beside rota: it says how much of a hub is staffed"
        )
        good = False
    if not isinstance(deaths, str):
        file.note(("outcome", "deaths"), f"{deaths}", 'what is counted, such as "30-day deaths"')
        good = False
    if not isinstance(prefix, str):
        expected = 'the beginning of ids of assumptions.csv, such as assumptions = "egs"'
        file.note(("outcome", "assumptions"), f"{prefix}", expected)
        return None
    needed = [f"{prefix}.{n}" for e in ("", *effects) for n in NEEDED[e]]
    missing = [one for one in needed if one not in register]
    for one in missing:
        hint = suggestion(one, register)
        file.note(
            ("outcome", "assumptions"), f"no assumption '{one}'", "an id of assumptions.csv", hint
        )
    if not good or wrong or missing:
        return None
    return RiskModel(register, prefix, tuple(effects), deaths, factor)
