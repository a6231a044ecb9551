"""District by district, trust by trust: each body's own people and its own sites."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd

from reconfig.appraise import Comparison, access_by, labels_by
from reconfig.core import Region
from reconfig.report.naming import slug
from reconfig.report.sections.access import cases_words, everybody_table, longer_sentence
from reconfig.report.sections.block import Block, Part, Prose, Section
from reconfig.report.tables import CASES, MINUTES, Table, site_states
from reconfig.report.words import MOST_LISTED, heading, listed, number, used_sites

# Bodies of a kind that the page has room for; of more there is one table in the workbook.
MOST_BODIES = 50
# Columns of the zones that are of bodies, the first that is there; and that of the sites.
PEOPLES = ("district", "icb", "region")
TRUST = "trust"
# Sites where fewer cases a year go are not named on a body's page, but counted together.
FEWEST_NAMED = 0.5


@dataclass(frozen=True, eq=False)
class _Kind:
    """A kind of body. labels: the body of every row of the comparison; sites: of every site."""

    word: str
    column: str
    labels: pd.Series[str]
    sites: pd.Series[str] | None
    whose: str


def bodies(comparison: Comparison) -> Section:
    """Return a page for each district and each trust: its people and its sites."""
    kinds = [kind for kind in (_districts(comparison), _trusts(comparison)) if kind is not None]
    said = _missing(comparison, kinds)
    blocks: list[Block] = []
    taken: set[str] = set()
    for kind in kinds:
        people = access_by(comparison.rows, kind.labels)
        names = list(people.index)
        where = _where_they_go(comparison, kind)
        if len(names) > MOST_BODIES:
            said.append(
                f"By {kind.word} there are {len(names):,}, too many for pages of their own: the "
                f"sheets '{_people_name(kind)}' and '{_where_name(kind)}' of the workbook have all."
            )
        else:
            said.append(f"By {kind.word}, {len(names)} pages. {kind.whose}")
            pages = [
                _page(comparison, kind, name, people.loc[name], where, number_of, taken)
                for number_of, name in enumerate(names, start=1)
            ]
            blocks += pages
        blocks += [_people_sheet(kind, people), _where_sheet(comparison, kind, where)]
    return Section("bodies", "District by district, trust by trust", (Prose(tuple(said)), *blocks))


def _districts(comparison: Comparison) -> _Kind | None:
    region = comparison.after.region
    columns = [c for c in PEOPLES if c in region.zones.columns]
    if not columns:
        return None
    column = columns[0]
    word = heading(column).lower()
    whose = f"A {word}'s people are those who live there."
    return _Kind(word, column, labels_by(comparison, column), _sites_in(region, column), whose)


def _trusts(comparison: Comparison) -> _Kind | None:
    region = comparison.after.region
    if TRUST not in region.sites.columns:
        return None
    own = region.sites[TRUST].fillna("").astype(str).str.strip()
    used = used_sites(comparison.after.service)
    if not (own.loc[used] != "").any():
        return None
    # People of sites without a trust are in no group.
    known = own.where(own != "")
    labels = comparison.rows["site_before"].map(known)
    return _Kind(
        TRUST,
        TRUST,
        labels,
        known,
        "A trust's people are those whom its sites treat before the change.",
    )


def _missing(comparison: Comparison, kinds: Sequence[_Kind]) -> list[str]:
    """Say which kinds of body the region does not know, and who is in none."""
    region, found = comparison.after.region, [kind.column for kind in kinds]
    said = []
    if TRUST not in found:
        said.append("The sites do not say to which trust they belong, so there is no page a trust.")
    if not set(PEOPLES) & set(found):
        said.append(
            "The zones do not say in which district they are, so there is no page a district."
        )
    elif "district" not in found:
        word = next(kind.word for kind in kinds if kind.column in PEOPLES)
        said.append(f"The zones name no district; in its place is the {word}.")
    if TRUST in found:
        used = used_sites(comparison.after.service)
        trusts = region.sites.loc[used, TRUST].fillna("").astype(str).str.strip()
        without = region.site_names(trusts.index[trusts == ""])
        if without:
            word = "site" if len(without) == 1 else "sites"
            said.append(
                f"On no trust's page, for want of a trust in the data: {len(without)} {word}, "
                f"{listed(without, MOST_LISTED)}."
            )
    return said


def _sites_in(region: Region, column: str) -> pd.Series[str] | None:
    """Return in which body each site is: by the same column of the sites, or by its outline."""
    if column in region.sites.columns:
        own = region.sites[column].fillna("").astype(str)
        return own.where(own != "")
    base = region.physical or region
    layer: Any = base.boundaries.get("districts") if column == "district" else None
    placed = {"easting", "northing"} <= set(region.sites.columns)
    if layer is None or column not in layer.columns or not placed:
        return None
    if layer.crs is not None and base.crs is not None:
        layer = layer.to_crs(base.crs)
    points = gpd.points_from_xy(region.sites["easting"], region.sites["northing"])
    found = np.full(len(points), None, dtype=object)
    for name, shape in zip(layer[column], layer.geometry, strict=True):
        found[[bool(shape.covers(point)) for point in points]] = str(name)
    return pd.Series(found, index=region.sites.index)


def _where_they_go(comparison: Comparison, kind: _Kind) -> pd.DataFrame:
    """Return cases a year by body and site, before and after, the most first."""
    rows = comparison.rows.assign(body=kind.labels.astype(object).to_numpy())
    found = {
        word: rows.groupby(["body", f"site_{word}"], observed=True)["cases"]
        .sum()
        .rename_axis(["body", "site"])
        for word in ("before", "after")
    }
    table = pd.DataFrame(found).fillna(0.0)
    table = table[(table > 0).any(axis=1)].reset_index()
    return table.sort_values(["body", "after", "site"], ascending=[True, False, True])


def _page(
    comparison: Comparison,
    kind: _Kind,
    name: str,
    row: pd.Series[float],
    where: pd.DataFrame,
    number_of: int,
    taken: set[str],
) -> Part:
    """Return the page of one body."""
    key = f"{heading(kind.column)} {number_of}"
    blocks: list[Block] = [Prose(tuple(_sentences(kind, name, row)))]
    if row["cases"] > 0:
        whose = f"the cases of {name} alone"
        blocks.append(_for_page(everybody_table(row, f"{key} access", whose)))
        blocks.append(_where_table(comparison, where[where["body"] == name], f"{key} where"))
    own = [] if kind.sites is None else list(kind.sites.index[kind.sites == name])
    used = set(used_sites(comparison.after.service))
    own = [site for site in own if site in used]
    if own:
        blocks.append(_sites_table(comparison, own, f"{key} sites"))
    elif kind.sites is not None:
        blocks.append(Prose((f"No site of this service is in {name}, as the data outline it.",)))
    return Part(slug(f"{kind.word} {name}", taken), f"{heading(kind.word)}: {name}", tuple(blocks))


def _sentences(kind: _Kind, name: str, row: pd.Series[float]) -> list[str]:
    if not row["cases"] > 0:
        return [f"No cases of {name} count here."]
    before, after = (number(row[f"mean_minutes_{w}"], MINUTES) for w in ("before", "after"))
    whose = "at its sites before the change" if kind.column == TRUST else "of its people"
    return [
        f"{name}: {cases_words(row['cases'])} {whose}, with a mean journey of {after} minutes "
        f"instead of {before}.",
        longer_sentence(row),
    ]


def _where_table(comparison: Comparison, own: pd.DataFrame, name: str) -> Table:
    """Return where a body's people are treated, sites with few of them together."""
    large = own[(own[["before", "after"]] >= FEWEST_NAMED).any(axis=1)]
    small = own.drop(large.index)
    names = comparison.after.region.site_names(large["site"])
    values = large[["before", "after"]].to_numpy(float)
    if len(small):
        names.append("other sites")
        values = np.vstack([values, small[["before", "after"]].sum().to_numpy(float)])
    frame = pd.DataFrame({"Treated at": names, "Cases a year before": values[:, 0]})
    frame["Cases a year after"] = values[:, 1]
    units = {"Cases a year before": CASES, "Cases a year after": CASES}
    return _for_page(Table(name, "Where they are treated", frame, units))


def _sites_table(comparison: Comparison, own: list[str], name: str) -> Table:
    """Return the sites of a body: open or not, and all their cases, whosever they are."""
    frame = pd.DataFrame({"Site": comparison.after.region.site_names(own)})
    for word, appraisal in (("before", comparison.before), ("after", comparison.after)):
        states = site_states(appraisal)
        frame[f"State {word}"] = [states[site] for site in own]
        volumes = appraisal.volumes.reindex(own).fillna(0.0)
        frame[f"Cases a year {word}"] = volumes.to_numpy(float)
    units = {"Cases a year before": CASES, "Cases a year after": CASES}
    return _for_page(Table(name, "Its sites, with all the cases that they treat", frame, units))


def _for_page(table: Table) -> Table:
    """Return a table for the page alone: the workbook has one of all bodies."""
    return replace(table, in_workbook=False)


def _people_name(kind: _Kind) -> str:
    return f"People by {kind.column}"


def _where_name(kind: _Kind) -> str:
    return f"Where by {kind.column}"


def _people_sheet(kind: _Kind, people: pd.DataFrame) -> Table:
    """Return every body's people as one table of the workbook."""
    heads = {
        "cases": ("Cases a year", CASES),
        "mean_minutes_before": ("Mean journey, before", MINUTES),
        "mean_minutes_after": ("Mean journey, after", MINUTES),
        "mean_minutes_change": ("Mean journey, change", MINUTES),
        "max_minutes_before": ("Longest journey, before", MINUTES),
        "max_minutes_after": ("Longest journey, after", MINUTES),
        "cases_10_longer": ("Cases a year with 10 minutes or more added", CASES),
        "cases_20_longer": ("Cases a year with 20 minutes or more added", CASES),
    }
    frame = pd.DataFrame({heading(kind.word): list(people.index)})
    for column, (head, _) in heads.items():
        frame[head] = people[column].to_numpy(float)
    units = dict(heads.values())
    caption = f"Each {kind.word}'s people: cases and journeys before and after. {kind.whose}"
    changes = frozenset({"Mean journey, change"})
    return Table(_people_name(kind), caption, frame, units, (), changes, on_page=False)


def _where_sheet(comparison: Comparison, kind: _Kind, where: pd.DataFrame) -> Table:
    """Return where every body's people are treated as one table of the workbook."""
    frame = pd.DataFrame(
        {
            heading(kind.word): [str(body) for body in where["body"]],
            "Site": comparison.after.region.site_names(where["site"]),
            "Site id": list(where["site"]),
            "Cases a year before": where["before"].to_numpy(float),
            "Cases a year after": where["after"].to_numpy(float),
        }
    )
    units = {"Cases a year before": CASES, "Cases a year after": CASES}
    caption = f"Where each {kind.word}'s people are treated. {kind.whose}"
    return Table(_where_name(kind), caption, frame, units, on_page=False)
