"""Flows and capacity: who would be treated where, and whether sites could take them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

import pandas as pd

from reconfig.appraise import Comparison, capacity_table, displaced, from_to, imports
from reconfig.core import Constraint, Region, Solution
from reconfig.report.access_charts import flows_chart
from reconfig.report.naming import table_name
from reconfig.report.sections.access import cases_words
from reconfig.report.sections.block import Block, Part, Picture, Prose, Section
from reconfig.report.tables import CASES, MINUTES, SHARE, Table, flows_table, sites_table
from reconfig.report.words import heading, listed, number

# Sites whose names and numbers a picture has room for, and rows that a page has.
MOST_DRAWN = 30
MOST_ROWS = 30
# Words in the names of columns of the sites that are of beds and theatres.
ROOM = ("bed", "theatre")


def flows(comparison: Comparison, *, solution: Solution | None = None) -> Section:
    """Return who goes where before and after, who must go elsewhere, and who has room for them.

    solution: brings the capacities that were asked for as constraints.
    """
    constraints = () if solution is None else solution.problem.constraints
    blocks: tuple[Block, ...] = (
        Prose(tuple(_moved_sentences(comparison))),
        *_who_goes_where(comparison),
        Part("flows-sites", "Every site, before and after", (sites_table(comparison),)),
        Part("flows-displaced", "Who must go elsewhere", tuple(_displaced(comparison))),
        Part("flows-capacity", "Beds and theatres", tuple(_capacity(comparison, constraints))),
        Part("flows-neighbours", "Neighbours", tuple(_neighbours(comparison))),
    )
    return Section("flows", "Flows and capacity", blocks)


def _moved_sentences(comparison: Comparison) -> list[str]:
    moved, all_of = comparison.moved, float(comparison.rows["cases"].sum())
    cases = float(moved["cases"].sum())
    if not cases > 0:
        return ["Nobody would be treated at another site than before."]
    added = float((moved["cases"] * moved["minutes_change"]).sum() / cases)
    word = "longer" if added >= 0 else "shorter"
    return [
        f"{cases_words(cases)} of {number(all_of, CASES)} ({number(cases / all_of, SHARE)}) would "
        f"be treated at another site than before.",
        f"Their journeys would be {number(abs(added), MINUTES)} minutes {word} on average.",
    ]


def _who_goes_where(comparison: Comparison) -> list[Block]:
    """Return the matrix of sites before and after as a picture and a sheet, and those who move."""
    region, matrix = comparison.after.region, from_to(comparison)
    names = [_unique_names(region, ids) for ids in (matrix.index, matrix.columns)]
    frame = pd.DataFrame(matrix.to_numpy(float), columns=names[1])
    frame.insert(0, _heading_not_in("From", names[1]), names[0])
    caption = "Cases a year by site before (down) and after (across), with those who stay"
    units = dict.fromkeys(names[1], CASES)
    sheet = Table("From site to site", caption, frame, units, on_page=False)
    found: list[Block] = []
    if matrix.empty:
        return found
    if max(matrix.shape) > MOST_DRAWN:
        text = (
            f"{matrix.shape[0]} sites before and {matrix.shape[1]} after are too many for a "
            f"picture: the sheet '{sheet.name}' of the workbook has every pair of them."
        )
        found.append(Prose((text,)))
    else:
        chart = flows_chart(comparison, matrix, names)
        found.append(Picture("flows-from-to", chart, caption, _matrix_words(comparison)))
    moved = flows_table(comparison)
    if len(moved.frame) > MOST_ROWS:
        most = f"The {MOST_ROWS} largest of {len(moved.frame):,} flows between two sites"
        first = replace(moved, frame=moved.frame.head(MOST_ROWS), caption=most)
        found.append(replace(first, name="Largest flows", in_workbook=False))
        moved = replace(moved, on_page=False)
    return [*found, sheet, *([moved] if len(moved.frame) else [])]


def _matrix_words(comparison: Comparison) -> str:
    """Say in words what the picture of who goes where shows."""
    said = []
    region = comparison.after.region
    for site, row in displaced(comparison).iterrows():
        name, next_one = region.site_names([str(site), row["next_site"]])
        said.append(
            f"of {name}'s {cases_words(row['cases'])} {number(row['moved'], CASES)} leave, most of "
            f"them ({number(row['next_cases'], CASES)}) for {next_one}"
        )
    rest = listed(said) if said else "all stay where they are"
    return f"A table of colours, sites before down and sites after across: {rest}."


def _displaced(comparison: Comparison) -> list[Block]:
    table, region = displaced(comparison), comparison.after.region
    if table.empty:
        return [Prose(("Nobody must go elsewhere.",))]
    frame = pd.DataFrame(
        {
            "Site": region.site_names(table.index),
            "Cases a year before": table["cases"].to_numpy(float),
            "Cases a year that leave": table["moved"].to_numpy(float),
            "Share that leaves": (table["moved"] / table["cases"]).to_numpy(float),
            "Added minutes, mean": table["mean_added_minutes"].to_numpy(float),
            "Most go to": region.site_names(table["next_site"]),
            "Cases a year to there": table["next_cases"].to_numpy(float),
        }
    )
    units = {str(c): CASES for c in frame if "ases a year" in str(c)}
    units |= {"Share that leaves": SHARE, "Added minutes, mean": MINUTES}
    caption = "Cases that would be treated at another site, by the site that they leave"
    return _on_page(
        Table("Displaced", caption, frame, units, (), frozenset({"Added minutes, mean"}))
    )


def _capacity(comparison: Comparison, constraints: Iterable[Constraint]) -> list[Block]:
    """Return cases against what sites can take, or what is missing and how to give it."""
    region = comparison.after.region
    table = capacity_table(comparison, constraints)
    if table is None or table.empty:
        return [Prose(tuple(_no_capacity(region)))]
    frame = pd.DataFrame(
        {
            "Site": region.site_names(table.index),
            "Cases a year before": table["before"].to_numpy(float),
            "Cases a year after": table["after"].to_numpy(float),
            "Can take, cases a year": table["can_take"].to_numpy(float),
            "Said by": [heading(str(name)) for name in table["said_by"]],
            "In use after": table["share_after"].to_numpy(float),
            "Room left, cases a year": table["room"].to_numpy(float),
        }
    )
    units = {str(c): CASES for c in frame if "ases a year" in str(c)} | {"In use after": "share"}
    caption = "Cases a year against what each site can take; the smallest of all that is said"
    full = table[table["room"] < -1e-6]
    names = region.site_names(full.index)
    pairs = zip(names, -full["room"], strict=True)
    short = listed([f"{name} ({cases_words(float(n))} too many)" for name, n in pairs])
    said = [f"More would come than the site can take at {short}."] if names else []
    if not names:
        said = ["No site of which the capacity is known would have more cases than it can take."]
    open_sites = set(comparison.after.volumes.index)
    rest = sorted(open_sites.difference(table.index))
    if rest:
        word = "site" if len(rest) == 1 else "sites"
        said.append(f"Of {len(rest)} open {word} it is not said how much they can take.")
    signed = frozenset({"Room left, cases a year"})
    return [Prose(tuple(said)), *_on_page(Table("Capacity", caption, frame, units, (), signed))]


def _no_capacity(region: Region) -> list[str]:
    said = [
        "How many cases a year each site can take is not in the data, so volumes are compared with "
        "no beds or theatres.",
        "To give it, add columns to the sites whose names end in _as_cases, such as beds_as_cases "
        "(rc.beds_to_cases) and theatres_as_cases (rc.theatre_to_cases), or a constraint capacity.",
    ]
    base = region.physical or region
    there = [str(c) for c in base.sites.columns if any(word in str(c).lower() for word in ROOM)]
    if there and region.physical is not None:
        said.insert(
            1,
            f"The sites do have {listed(there)}, which does not say for which of the services it "
            "is: give each service a constraint capacity.",
        )
    elif there:
        said.insert(
            1,
            f"The sites do have {listed(there)}; how many cases a year that is hangs on length of "
            "stay, time in theatre and how fully they are used.",
        )
    return said


def _neighbours(comparison: Comparison) -> list[Block]:
    table, region = imports(comparison), comparison.after.region
    if table.empty:
        text = "The region names no neighbours, so nobody is treated outside it in these figures."
        return [Prose((text,))]
    before, after = float(table["before"].sum()), float(table["after"].sum())
    now, then = number(before, CASES), number(after, CASES)
    change = f"{number(abs(after - before), CASES)} {'more' if after > before else 'fewer'}"
    said = [
        f"Neighbours outside the decision would treat {cases_words(after)} from the people "
        f"counted here, {'as before' if now == then else f'instead of {now}: {change}'}."
    ]
    rise_of = float(table["change"].max())
    if rise_of > 0.5:
        name = region.site_names([str(table["change"].idxmax())])[0]
        rise = number(rise_of, CASES)
        said.append(f"The largest rise is at {name}: {rise} more a year.")
    said.append("Their own patients from elsewhere are not in these figures.")
    frame = pd.DataFrame(
        {
            "Neighbour": region.site_names(table.index),
            "Cases a year before": table["before"].to_numpy(float),
            "Cases a year after": table["after"].to_numpy(float),
            "Change in cases a year": table["change"].to_numpy(float),
        }
    )
    units = {str(c): CASES for c in frame if "ases a year" in str(c)}
    caption = "Cases a year of the people counted here that neighbours treat"
    changes = frozenset({"Change in cases a year"})
    return [Prose(tuple(said)), *_on_page(Table("Neighbours", caption, frame, units, (), changes))]


def _on_page(table: Table) -> list[Block]:
    """Return a table; one with too many rows as its first on the page and all in the workbook."""
    if len(table.frame) <= MOST_ROWS:
        return [table]
    caption = f"{table.caption}: the first {MOST_ROWS} of {len(table.frame):,}, all in the workbook"
    first = replace(table, name=f"{table.name}, first rows", caption=caption)
    first = replace(first, frame=table.frame.head(MOST_ROWS), in_workbook=False)
    return [first, replace(table, on_page=False)]


def _unique_names(region: Region, ids: Iterable[object]) -> list[str]:
    """Return the names of sites; with its id where two have the same name."""
    sites = [str(site) for site in ids]
    names, taken, found = region.site_names(sites), set[str](), list[str]()
    for site, name in zip(sites, names, strict=True):
        one = name if names.count(name) == 1 else f"{name} ({site})"
        found.append(table_name(one, taken) if one in taken else one)
        taken.add(found[-1])
    return found


def _heading_not_in(word: str, names: list[str]) -> str:
    return word if word not in names else _heading_not_in(f"{word} site", names)
