"""What an appraisal says of each site, and which assumptions its estimates rest on."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd

from reconfig.appraise.appraise import Appraisal
from reconfig.appraise.caseload import caseload
from reconfig.appraise.grid import Grid
from reconfig.appraise.joint import parts_of, plain
from reconfig.core import Service
from reconfig.outcomes import Draws


def standard_of(service: Service, site: str) -> float | None:
    """Return the standard of access (minutes) of the service that a site is of, if it has one.

    site: an id as the service has it: "service@site" where several are decided together.
    """
    if not service.parts:
        return service.standard_minutes
    owner = site.partition("@")[0]
    return next(part.standard_minutes for part in service.parts if part.id == owner)


def by_site(appraisal: Appraisal) -> pd.DataFrame:
    """Return one row for each site that takes patients: who comes, and from how far.

    Index: site ids, candidates first. cases (a year), share (of all cases), mean_minutes,
    longest_minutes, standard_minutes (NaN where there is none), within_standard (share of the
    site's own cases). Averages over no cases are NaN.
    """
    service, flows = appraisal.service, appraisal.flows
    sites = [*appraisal.open, *service.always_open]
    used = flows[flows["cases"] > 0]
    standard = {site: standard_of(service, site) for site in sites}
    minutes = pd.Series({site: float("nan") if m is None else m for site, m in standard.items()})
    reached = used["minutes"].to_numpy(float) <= minutes.reindex(used["site_id"]).to_numpy(float)
    columns = {
        "cases": used["cases"],
        "travelled": used["cases"] * used["minutes"],
        "within": used["cases"].where(reached, 0.0),
    }
    sums = pd.DataFrame({"site_id": used["site_id"], **columns}).groupby("site_id").sum()
    sums = sums.reindex(sites).fillna(0.0)
    some = sums["cases"].where(sums["cases"] > 0)
    share = sums["within"] / some
    return pd.DataFrame(
        {
            "cases": sums["cases"],
            "share": sums["cases"] / float(sums["cases"].sum()),
            "mean_minutes": sums["travelled"] / some,
            "longest_minutes": used.groupby("site_id")["minutes"].max().reindex(sites),
            "standard_minutes": minutes,
            "within_standard": share.where(minutes.notna()),
        }
    ).rename_axis("site_id")


def assumptions_used(appraisal: Appraisal) -> Mapping[str, Mapping[str, Any]]:
    """Return service name -> id -> assumption, of all that its estimates ask for.

    They are found by asking: the outcome model is evaluated for the appraisal's own sites and for
    every candidate, and what it looks up in its register is noted. A service without an outcome
    model is left out.
    """
    whole = Grid.of(appraisal.region, appraisal.service)
    found: dict[str, Mapping[str, Any]] = {}
    for part, _, _ in parts_of(whole):
        outcome, opened = part.service.outcome, plain(whole, part, appraisal.open)
        if outcome is None:
            continue
        if part.ways is not None:  # what is assumed hangs on no way between two tiers
            part = Grid.of(part.region, part.service)
        values = Draws.central(outcome.register)
        load = caseload(part, [opened, part.service.candidates])
        outcome.demand_factor(values)
        outcome.baseline_deaths(values)
        for estimate in outcome.estimates:
            outcome.gains(estimate, load, values)
        found[part.service.name] = {key: outcome.register[key] for key in sorted(values.asked)}
    return found
