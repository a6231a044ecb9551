"""The named structural alternatives that come with the package: data/switches.toml."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from reconfig.core import Faults, InputError, suggestion
from reconfig.data.embedded import data_folder, load_register
from reconfig.data.toml_file import TABLE, TEXT, TEXTS, Kind, TomlFile, Where, tables_called
from reconfig.outcomes import EFFECTS

# How patients choose their site: all go to the nearest, or they spread over near ones.
CHOICES = ("nearest", "spread")
YES_OR_NO = Kind("true or false", lambda value: isinstance(value, bool))
SCHEMA: dict[str, Kind] = {
    "group": TEXT,
    "name": TEXT,
    "services": TEXTS,
    "assumptions": TABLE,
    "with_effects": TEXTS,
    "without_effects": TEXTS,
    "choice": TEXT,
    "congestion": TEXT,
    "travel_error": YES_OR_NO,
}
CHANGES = frozenset(SCHEMA) - {"group", "name", "services"}


@dataclass(frozen=True)
class Switch:
    """One structural alternative; see data/switches.toml for what each part means."""

    group: str
    name: str
    services: tuple[str, ...] = ()
    assumptions: Mapping[str, float] = field(default_factory=dict)
    with_effects: tuple[str, ...] = ()
    without_effects: tuple[str, ...] = ()
    choice: str = "nearest"
    congestion: str = ""
    travel_error: bool = False

    @property
    def title(self) -> str:
        """Group and name in one."""
        return f"{self.group}: {self.name}"


def read_switches(path: Path | None = None) -> tuple[Switch, ...]:
    """Return the structural alternatives; raise InputError, listing every fault of the file.

    path: another file than the one that comes with the package.
    """
    faults = Faults()
    file = TomlFile.read(path or data_folder() / "switches.toml", faults)
    found: list[Switch] = []
    if file is not None:
        top = file.table(file.content, (), {"switch": tables_called("switch")})
        for number, content in enumerate(top.get("switch", ())):
            where = ("switch", number)
            keys = file.table(content, where, SCHEMA)
            for key in ("group", "name"):
                if key not in content:
                    file.note(where, f"no '{key}'", SCHEMA[key].words)
            _check(file, where, keys)
            lists = {k: tuple(v) for k, v in keys.items() if isinstance(v, list)}
            if {"group", "name"} <= set(keys):
                one = Switch(**(keys | lists))
                if one.title in [other.title for other in found]:
                    file.note(where, f"'{one.title}' again", "each group and name once")
                found.append(one)
    faults.raise_if_any()
    return tuple(found)


def _check(file: TomlFile, where: Where, keys: dict[str, Any]) -> None:
    """Note values that no model and no register knows, and a switch that switches nothing."""
    register = load_register()
    if not CHANGES.intersection(keys):
        file.note(where, "nothing that it changes", f"one of {', '.join(sorted(CHANGES))}")
    if keys.get("choice", CHOICES[0]) not in CHOICES:
        choice = keys["choice"]
        hint = suggestion(choice, CHOICES)
        file.note((*where, "choice"), f"'{choice}'", f"one of {', '.join(CHOICES)}", hint)
    for key in ("with_effects", "without_effects"):
        for effect in keys.get(key, ()):
            if effect not in EFFECTS:
                hint = suggestion(effect, EFFECTS)
                file.note((*where, key), f"'{effect}'", f"one of {', '.join(EFFECTS)}", hint)
    congestion = keys.get("congestion")
    if congestion is not None and congestion not in register:
        hint = suggestion(congestion, register)
        file.note((*where, "congestion"), f"'{congestion}'", "an id of assumptions.csv", hint)
    try:
        register.replaced(keys.get("assumptions", {}))
    except InputError as wrong:
        for fault in wrong.faults:
            place = (*where, "assumptions", fault.place)
            file.note(place, fault.found, fault.expected, fault.fix)
