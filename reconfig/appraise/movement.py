"""Who goes where before and after a change, and whether sites can take those who come."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
import pandas as pd

from reconfig.appraise.compare import Comparison
from reconfig.core import Capacity, Constraint
from reconfig.core.columns import Numbers
from reconfig.core.resources import numbers_of

# A column of the sites that ends so says how many cases a year a site can take.
AS_CASES = "_as_cases"


def from_to(comparison: Comparison) -> pd.DataFrame:
    """Return cases a year by site before (rows) and site after (columns), those who stay too.

    Sites without cases before are no row, those without cases after no column.
    """
    table = comparison.rows.groupby(["site_before", "site_after"], observed=True)["cases"].sum()
    matrix = table[table > 0].unstack("site_after").fillna(0.0)
    return matrix.sort_index(axis=0).sort_index(axis=1)


def displaced(comparison: Comparison) -> pd.DataFrame:
    """Return the cases that must go elsewhere, one row a site that they leave, the most first.

    cases: a year before. moved: of these, to another site after. mean_added_minutes: of those
    moved. next_site, next_cases: where most of them go.
    """
    rows, flows = comparison.rows, comparison.flows
    flows = flows[flows["cases"] > 0]
    before = rows.groupby("site_before", observed=True)["cases"].sum()
    most = flows.sort_values(["cases", "site_after"], ascending=[False, True])
    first = most.drop_duplicates("site_before").set_index("site_before")
    weighted = (flows["cases"] * flows["mean_added_minutes"]).groupby(flows["site_before"]).sum()
    moved = flows.groupby("site_before", observed=True)["cases"].sum()
    table = pd.DataFrame(
        {
            "cases": before.reindex(moved.index),
            "moved": moved,
            "mean_added_minutes": weighted / moved,
            "next_site": first["site_after"].reindex(moved.index),
            "next_cases": first["cases"].reindex(moved.index),
        }
    )
    order = np.lexsort((table.index.astype(str), -table["moved"].to_numpy(float)))
    return table.iloc[order].rename_axis("site")


def imports(comparison: Comparison) -> pd.DataFrame:
    """Return the cases a year that each neighbour takes: before, after, change; index: site."""
    sites = list(comparison.after.service.always_open)
    before, after = (
        a.volumes.reindex(sites).fillna(0.0) for a in (comparison.before, comparison.after)
    )
    table = pd.DataFrame({"before": before, "after": after, "change": after - before})
    return table.rename_axis("site")


def capacities(
    comparison: Comparison, constraints: Iterable[Constraint] = ()
) -> dict[str, dict[str, float]]:
    """Return what says how much sites can take -> site -> cases a year.

    From the capacities among some constraints, and from every column of the sites table whose name
    ends in "_as_cases" or is "capacity", where every number in it is 0 or more. Of several services
    at once no column counts: it does not say of which of them it is.
    """
    region, service = comparison.after.region, comparison.after.service
    found, used = {}, [*service.candidates, *service.always_open]
    for column in region.sites.columns if not service.parts else ():
        if not (str(column).endswith(AS_CASES) or column == "capacity"):
            continue
        read = Numbers.of(region.sites.loc[used, column])
        if (read.blank | (np.isfinite(read.values) & (read.values >= 0))).all():
            found[str(column)] = numbers_of(region, used, str(column))
    number = 0
    for constraint in constraints:
        if isinstance(constraint, Capacity) and constraint.column not in found:
            number += 1
            name = constraint.column or ("capacity given" if number == 1 else f"given, {number}")
            found[name] = constraint.at(region, service)
    return {name: by_site for name, by_site in found.items() if by_site}


def capacity_table(
    comparison: Comparison, constraints: Iterable[Constraint] = ()
) -> pd.DataFrame | None:
    """Return cases a year against what each site can take; None where nothing says what it is.

    One row a site of which it is known and that is open before or after. before, after: cases a
    year. can_take: the smallest of all that is said of it, said_by what. share_after: cases after
    as a share of it (0 to 1, above 1 where there are too many; NaN where it can take none). room:
    what is left, below 0 where it is too little.
    """
    said = pd.DataFrame(capacities(comparison, constraints))
    if said.empty:
        return None
    open_sites = {*comparison.before.volumes.index, *comparison.after.volumes.index}
    sites = sorted(open_sites.intersection(said.index))
    said = said.loc[sites]
    before, after = (
        a.volumes.reindex(sites).fillna(0.0) for a in (comparison.before, comparison.after)
    )
    smallest = said.min(axis=1)
    table = pd.DataFrame({"before": before, "after": after, "can_take": smallest})
    table["said_by"] = said.idxmin(axis=1) if len(said) else []
    table["share_after"] = after / smallest.where(smallest > 0)
    table["room"] = smallest - after
    return table.rename_axis("site")
