"""Structural alternatives: whether another way to see the world would change what is best."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from html import escape
from typing import Any

import pandas as pd

from reconfig.analyse.uncertainty import SAME, Uncertainty, Weighable, uncertainty
from reconfig.appraise.lives import DRAWS
from reconfig.core import Region, Service
from reconfig.data import CONGESTION, Switch, read_switches
from reconfig.outcomes import EFFECTS, Register, RiskModel
from reconfig.outcomes.make import NEEDED

USUAL = "as usual"
WHO_COUNTS = "Who counts"


@dataclass(frozen=True, eq=False, repr=False)
class Structural:
    """Uncertainty under each alternative, the usual view first.

    table: one row an alternative: group, alternative, best, mean (of its best), usual_mean (of the
    configuration that is best as usual), usual_low, usual_high (its 95 % interval),
    baseline_deaths, probability_best, probability_of_gain (all of that configuration), changes
    (whether another is best). found: alternative -> its uncertainty.
    """

    table: pd.DataFrame
    found: Mapping[str, Uncertainty]

    def sentences(self) -> list[str]:
        """Say which alternatives change what is best."""
        usual = str(self.table.iloc[0]["best"])
        changed = self.table[self.table["changes"]]
        if not len(changed):
            return [f"{usual} is best under each of {len(self.table) - 1} alternative views."]
        return [
            f"{usual} is best as usual, and under "
            f"{len(self.table) - 1 - len(changed)} of {len(self.table) - 1} alternative views.",
            *(
                f"{row.group}, {row.alternative}: {row.best} would be best."
                for row in changed.itertuples()
            ),
        ]

    def __repr__(self) -> str:
        return f"<Structural: {' '.join(self.sentences())}>"

    def _repr_html_(self) -> str:
        said = escape(" ".join(self.sentences()))
        return f"<p>{said}</p>{self.table.to_html(float_format='{:,.2f}'.format)}"


def structural(
    region: Region,
    configurations: Iterable[Weighable],
    *,
    catchments: Mapping[str, Region] | None = None,
    service: Service | None = None,
    of: str = "lives_saved",
    draws: int = DRAWS,
    seed: int = 1,
) -> Structural:
    """Return the uncertainty of configurations under each structural alternative in turn.

    The alternatives are those of data/switches.toml that are about the service and change something
    in its outcome model, and catchments: name -> the same region with other zones that count.
    service, of, draws, seed: as `uncertainty` has them.
    Raises ValueError as `uncertainty` does, and if a catchment lacks a site of the service.
    """
    chosen = list(configurations)
    options: dict[str, Any] = {"of": of, "draws": draws, "seed": seed}
    usual = uncertainty(region, chosen, service=service, **options)
    service = usual.case.service
    found = {USUAL: usual}
    groups = {USUAL: ""}
    for switch in read_switches():
        changed = _switched(service, switch, usual.values.asked)
        if changed is None:
            continue
        flows: dict[str, Any] = {"travel_error": switch.travel_error, "choice": switch.choice}
        assert changed.outcome is not None
        if switch.congestion:
            # The region's own minutes may be those of busy roads already, whatever the service's
            # register says of them.
            known = region.register
            now = known[CONGESTION].value if CONGESTION in known else 1.0
            flows["congestion"] = changed.outcome.register.value(switch.congestion) / now
        groups[switch.title] = switch.group
        found[switch.title] = uncertainty(region, chosen, service=changed, **flows, **options)
    for name, other in (catchments or {}).items():
        title = f"{WHO_COUNTS}: {name}"
        groups[title] = WHO_COUNTS
        found[title] = uncertainty(other, chosen, service=_counted(service, other, name), **options)
    return Structural(_table(found, groups), found)


def _switched(service: Service, switch: Switch, asked: frozenset[str]) -> Service | None:
    """Return the service under an alternative; None where it would be the same as usual.

    asked: ids of the assumptions that the outcome model rests on as usual.
    """
    if switch.services and service.id not in switch.services:
        return None
    outcome: Any = service.outcome
    if switch.with_effects or switch.without_effects:
        if not isinstance(outcome, RiskModel):
            return None
        kept = {*outcome.effects, *switch.with_effects} - set(switch.without_effects)
        effects = tuple(e for e in EFFECTS if e in kept)
        needed = [f"{outcome.prefix}.{name}" for e in effects for name in NEEDED[e]]
        if effects == outcome.effects or not all(one in outcome.register for one in needed):
            return None
        outcome = replace(outcome, effects=effects)
    if switch.assumptions:
        if asked.isdisjoint(switch.assumptions):
            return None
        outcome = replace(outcome, register=_certain(outcome.register, switch.assumptions))
    return replace(service, outcome=outcome)


def _certain(register: Register, values: Mapping[str, float]) -> Register:
    """Return a register where some assumptions have another value, without any spread round it."""
    changed = register.replaced(values)
    fixed = {k: replace(changed[k], distribution="fixed", parameters={}) for k in values}
    return Register({**changed, **fixed}, changed.correlations, changed.overrides)


def _counted(service: Service, other: Region, name: str) -> Service:
    """Return the service with the zones of another catchment, its own sites and choice of site."""
    if missing := sorted({*service.candidates, *service.always_open} - set(other.sites.index)):
        raise ValueError(f"catchment '{name}' has no site {', '.join(missing)}")
    theirs = other.service(service.id)
    kept = ("candidates", "always_open", "today", "choice", "is_directed")
    return replace(theirs, **{name: getattr(service, name) for name in kept})


def _table(found: Mapping[str, Uncertainty], groups: Mapping[str, str]) -> pd.DataFrame:
    usual = found[USUAL].best
    rows = []
    for title, one in found.items():
        row, first = one.table.loc[usual], one.table.iloc[0]
        # Where nothing tells configurations apart, the usual one is as good as the first.
        changes = bool(first["mean"] - row["mean"] > SAME * max(1.0, abs(first["mean"])))
        rows.append(
            {
                "group": groups[title],
                "alternative": title.removeprefix(f"{groups[title]}: "),
                "best": one.best if changes else usual,
                "mean": first["mean"],
                "usual_mean": row["mean"],
                "usual_low": row["low"],
                "usual_high": row["high"],
                "baseline_deaths": row["baseline_deaths"],
                "probability_best": row["probability_best"],
                "probability_of_gain": row["probability_of_gain"],
                "changes": changes,
            }
        )
    return pd.DataFrame(rows)
