"""The part of a scenario that makes a service the second tier of another: centres among units."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from reconfig.core import InputError, Region, Service, second_tier, suggestion
from reconfig.data import load_register
from reconfig.data.toml_file import NUMBER, TEXT, TEXTS, Kind, TomlFile, Where

KEYS: dict[str, Kind] = {
    "second_tier_of": TEXT,
    "share": Kind(
        "a share above 0 and up to 1, or the id of an assumption in quotes",
        lambda v: TEXT.fits(v) or (isinstance(v, int | float) and not isinstance(v, bool)),
        json={"anyOf": [NUMBER.json, TEXT.json]},
    ),
    "direct_within": Kind(
        "minutes, 0 or more (inf: everybody goes straight to a centre)",
        lambda v: isinstance(v, int | float) and not isinstance(v, bool),
        json=NUMBER.json,
    ),
    "candidates": TEXTS,
    "today": TEXTS,
}
# Keys of a service that a second tier has from its first.
NOT_ITS_OWN = ("demand", "choice", "directed")


def only_of_tiers(file: TomlFile, content: Mapping[str, Any], where: Where) -> None:
    """Note keys of a second tier in a service that is none."""
    for key in ("share", "direct_within", "candidates", "today"):
        if key in content and "second_tier_of" not in content:
            fix = 'Write second_tier_of = "<id of another service of this file>".'
            file.note(
                (*where, key), f"{key} of a service that is no second tier", "no such key", fix
            )


def read_second_tier(
    file: TomlFile,
    keys: Mapping[str, Any],
    where: Where,
    firsts: Mapping[str, Service],
    region: Region,
) -> Service | None:
    """Return the second tier that a [[service]] describes; None with its faults noted.

    firsts: the file's services that are no second tiers, by id.
    """
    before = len(file.faults.found)
    asked = keys["second_tier_of"]
    if asked not in firsts:
        hint = suggestion(asked, firsts)
        found = f"no [[service]] '{asked}' to be the first tier"
        expected = "the id of another service of this file that is no second tier"
        file.note((*where, "second_tier_of"), found, expected, hint)
    for key in NOT_ITS_OWN:
        if key in keys:
            found = f"{key} of a second tier"
            file.note((*where, key), found, "no such key: its patients are those of its first tier")
    if "share" not in keys:
        fix = 'For thrombectomy: share = "stroke.thrombectomy_rate".'
        expected = "the share of the first tier's patients who need it"
        file.note(where, "no 'share'", expected, fix)
    if len(file.faults.found) > before:
        return None
    share = keys["share"]
    if isinstance(share, str):
        register = region.register if share in region.register else load_register()
        if share not in register:
            hint = suggestion(share, register)
            file.note((*where, "share"), f"no assumption '{share}'", KEYS["share"].words, hint)
        share = float(register[share].value) if share in register else 1.0
    always = keys.get("always_open")
    try:
        made = second_tier(
            firsts[asked],
            keys["id"],
            share=float(share),
            name=keys.get("name", ""),
            candidates=keys.get("candidates"),
            always_open=always,
            today=keys.get("today"),
            direct_within=float(keys.get("direct_within", 0.0)),
        )
        return made if len(file.faults.found) == before else None
    except InputError as problem:
        for fault in problem.faults:
            file.note((*where, fault.place), fault.found, fault.expected, fault.fix)
        return None
