"""Outcome models by the name that a service file uses, and the checks of what it asks for."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np

from reconfig.core import Assumptions, Faults, OutcomeModel, suggestion
from reconfig.outcomes.register import Register
from reconfig.outcomes.risk import EFFECTS, RiskModel
from reconfig.outcomes.stroke import StrokeUnits
from reconfig.outcomes.stroke_disability import StrokeDisability

Factor = Callable[[Assumptions], np.ndarray]
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


# keys of the table [outcome], register, where faults go, factor (as for `make_outcome`) -> the
# model, or None where it noted a fault
Make = Callable[[Mapping[str, Any], Register, Notes, Factor | None], OutcomeModel | None]


@dataclass(frozen=True)
class Maker:
    """How a model is made. keys: those that it takes beside "model"."""

    make: Make
    keys: tuple[str, ...] = ()


def make_outcome(
    keys: Mapping[str, Any], register: Register, file: Notes, *, factor: Factor | None = None
) -> OutcomeModel | None:
    """Return the outcome model that a service file's table [outcome] asks for.

    factor: cases a year over the central cases a year, for some values of assumptions. Where
    anything is wrong, every fault is noted and None returned.
    """
    name, known = keys.get("model"), known_keys()
    unknown = [key for key in keys if key not in known]
    for key in unknown:
        file.note(("outcome", key), f"no key '{key}'", ", ".join(known), suggestion(key, known))
    if not isinstance(name, str):
        _note_model(name, file)
        return None
    if name not in MODELS:
        hint = suggestion(name, MODELS)
        file.note(("outcome", "model"), f"'{name}'", f"one of {', '.join(MODELS)}", hint)
        return None
    taken = MODELS[name].keys
    unused = [key for key in keys if key in known and key not in ("model", *taken)]
    for key in unused:
        fix = f"{NEVER_TOGETHER}." if key == "effects" else ""
        expected = " and ".join(taken) or "no other key"
        file.note(("outcome", key), f"{key} beside '{name}'", expected, fix)
    model = _made(name, keys, register, file, factor)
    return None if unknown or unused else model


def register_outcome(name: str, make: Make, *, keys: Iterable[str] = ()) -> None:
    """Make an outcome model known by the name that service files use: model = "name".

    make: given the table [outcome], the register of assumptions, where to note faults and the
    factor of demand, it returns the model, or None where it noted why there is none. keys: those of
    the table that it takes beside "model". Raises InputError for a name that is taken or empty, and
    for keys that are none.
    """
    faults, taken = Faults(), (keys,) if isinstance(keys, str) else tuple(keys)
    place = f"model '{name}'"
    if not isinstance(name, str) or not name.strip():
        faults.add("register_outcome", place, f"the name {name!r}", "a word")
    elif name in MODELS:
        found, fix = "there is one of that name already", "Restart Python to replace it."
        faults.add("register_outcome", place, found, "another name", fix)
    for key in taken:
        if not isinstance(key, str) or not key.strip() or key == "model":
            expected = "names of keys beside 'model'"
            faults.add("register_outcome", place, f"the key {key!r}", expected)
    faults.raise_if_any()
    MODELS[name] = Maker(make, taken)


def known_keys() -> tuple[str, ...]:
    """Return the keys that a table [outcome] may have, whatever its model."""
    return tuple(dict.fromkeys(["model", *(key for m in MODELS.values() for key in m.keys)]))


@dataclass
class _Counted:
    """Counts the faults that go to a file."""

    file: Notes
    number: int = 0

    def note(self, where: tuple[Any, ...], found: str, expected: str, fix: str = "") -> None:
        """Note one fault."""
        self.number += 1
        self.file.note(where, found, expected, fix)


def _made(
    name: str, keys: Mapping[str, Any], register: Register, file: Notes, factor: Factor | None
) -> OutcomeModel | None:
    """Return what the maker of a model makes; it may be nothing only where it says why."""
    counted = _Counted(file)
    model = MODELS[name].make(keys, register, counted, factor)
    if model is None and not counted.number:
        raise TypeError(f"outcome model '{name}': its maker gave none, and noted no fault")
    if model is not None and not isinstance(model, OutcomeModel):
        raise TypeError(f"outcome model '{name}': its maker gave {model!r}, not an OutcomeModel")
    return model


def _units(
    keys: Mapping[str, Any], register: Register, file: Notes, factor: Factor | None
) -> StrokeUnits:
    return StrokeUnits(register, factor)


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


MODELS: dict[str, Maker] = {
    "risk": Maker(_risk, ("assumptions", "effects", "deaths")),
    "stroke-units": Maker(_units),
    "stroke-times": Maker(_disability, ("centres",)),
}
# Of the models above; `known_keys` has those of registered ones too.
KEYS = known_keys()
