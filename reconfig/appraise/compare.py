"""Compare two configurations: what changes, for whom, in tables and in sentences."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from html import escape

import pandas as pd

from reconfig.appraise.appraise import Appraisal, appraise, estimate_of
from reconfig.appraise.grid import Grid
from reconfig.appraise.lives import DRAWS, Gained, gained_between, lives_between
from reconfig.appraise.measures import find_measure
from reconfig.appraise.units import amount
from reconfig.core import Configuration, LivesSaved, Region, Service, Solution

# A share of a zone's cases below this is rounding.
SAME = 1e-9
# The grid of minutes on which draws are made rounds a central value by no more than this share.
ALIKE = 0.01
Appraisable = Configuration | Solution | Appraisal


@dataclass(frozen=True, eq=False, repr=False)
class Comparison:
    """Two appraisals of the same region and service, side by side.

    overall: one row a measure: before, after, change, unit. by: zone column -> the same with one
    row a group and measure. zones: one row a zone: site and minutes before and after, change.
    rows: the same by row of the grid: `zones` itself, unless the service has a choice of site, by
    which the cases of a zone are split over several rows.
    """

    before: Appraisal
    after: Appraisal
    overall: pd.DataFrame
    by: Mapping[str, pd.DataFrame]
    zones: pd.DataFrame
    rows: pd.DataFrame

    @property
    def moved(self) -> pd.DataFrame:
        """Rows (zones, or shares of them) whose cases go to another site after the change."""
        return self.rows[self.rows["site_before"] != self.rows["site_after"]]

    @property
    def flows(self) -> pd.DataFrame:
        """Cases a year and added minutes by site before and site after, for those who move."""
        moved = self.moved.assign(weighted=self.moved["cases"] * self.moved["minutes_change"])
        table = moved.groupby(["site_before", "site_after"], observed=True).agg(
            cases=("cases", "sum"), weighted=("weighted", "sum")
        )
        table["mean_added_minutes"] = table["weighted"] / table["cases"].where(table["cases"] > 0)
        return table.drop(columns="weighted").reset_index()

    @cached_property
    def lives_gained(self) -> LivesSaved | None:
        """Lives a year that the change itself saves: after less before, on the same draws.

        Their baseline, and the deaths of it, are the outcome model's. None without such a model.
        """
        if self.before.lives is None or self.after.lives is None:
            return None
        central = self.after.lives.central - self.before.lives.central
        return lives_between(*self._sides, central)

    @property
    def _sides(self) -> tuple[tuple[Grid, Sequence[str]], tuple[Grid, Sequence[str]]]:
        """Grid and open sites of either side."""
        before, after = (
            (Grid.of(a.region, a.service).under(a.configuration), a.open)
            for a in (self.before, self.after)
        )
        return before, after

    def gained(self, estimate: str, *, of: str = "", draws: int = DRAWS) -> Gained | None:
        """Return what the change itself gains a year in an estimate, with its draws.

        estimate: of outcome models, such as "qalys". of: id of one of several services; without it
        all that have the estimate are added up. None where no service has it, or where draws would
        leave something out, as those of two tiers would: then only central values are known.
        """
        key = (estimate, of, draws)
        if key not in self._gained:
            self._gained[key] = self._find_gained(estimate, of, draws)
        return self._gained[key]

    @cached_property
    def _gained(self) -> dict[tuple[str, str, int], Gained | None]:
        return {}

    def _find_gained(self, estimate: str, of: str, draws: int) -> Gained | None:
        parts = self.after.service.parts or (self.after.service,)
        if estimate != "lives_saved" and any(part.tier is not None for part in parts):
            return None
        which = [part for part in parts if not of or part.id == of]
        found = gained_between(*self._sides, estimate, of=of, draws=draws)
        if found is None:
            return None
        with_model = [p for p in which if p.outcome and estimate in p.outcome.estimates]
        sides = (self.before, self.after)
        was, now = (sum(estimate_of(a, p, estimate) for p in with_model) for a in sides)
        # The draws must be about what the appraisal counts; where they are not, none are better.
        room = ALIKE * max(1.0, abs(was), abs(now))
        return found if abs(now - was - found.central) <= room else None

    def sentences(self) -> list[str]:
        """Return what a board can read aloud: who moves, how much further, who is worst hit."""
        return _sentences(self)

    def __repr__(self) -> str:
        mean = self.overall.loc["mean_minutes"]
        return (
            f"<Comparison of {len(self.before.open)} with {len(self.after.open)} sites: mean "
            f"journey {mean['before']:.1f} and {mean['after']:.1f} minutes>"
        )

    def _repr_html_(self) -> str:
        found = {"Before": self.before.lives, "After": self.after.lives}
        lines = [
            f"{k}: {escape(str(v))} (estimated)<br>" for k, v in found.items() if v is not None
        ]
        return "".join(lines) + str(self.overall.to_html(float_format="{:,.2f}".format))


def compare(
    before: Appraisable,
    after: Appraisable,
    *,
    region: Region | None = None,
    service: Service | None = None,
) -> Comparison:
    """Compare two configurations, each a Configuration, a Solution or an Appraisal.

    The measures are the usual ones and those that a Solution's objective and limits name.
    region, service: needed only if neither is a Solution or an Appraisal, which bring their own.
    Raises ValueError if region and service are not known, a solution has no configuration, or the
    two are not about the same service, zones and cases.
    """
    region, service = _context((after, before), region, service)
    names = _measures_of((before, after))
    first = _appraisal(before, region, service, names)
    second = _appraisal(after, region, service, names)
    overall = pd.DataFrame({"before": dict(first.measures), "after": dict(second.measures)})
    by = {}
    for column in first.by:
        wide = {"before": first.by[column], "after": second.by[column]}
        long = pd.DataFrame({k: t.drop(columns="cases").stack() for k, t in wide.items()})
        by[column] = _with_change(long.rename_axis([column, "measure"]), "measure")
    zones = _side_by_side(first.assignment, second.assignment)
    if first.rows is first.assignment:
        rows = zones
    elif first.service.is_directed:
        rows = _least_moved(first.flows, second.flows)
    else:
        rows = _side_by_side(first.rows, second.rows)
    return Comparison(
        first, second, _with_change(overall.rename_axis("measure"), "measure"), by, zones, rows
    )


def _side_by_side(before: pd.DataFrame, after: pd.DataFrame) -> pd.DataFrame:
    """Return where the same cases are treated before and after, row by row."""
    table = pd.DataFrame(
        {
            "cases": before["cases"].to_numpy(),
            "site_before": before["site_id"].to_numpy(),
            "minutes_before": before["minutes"].to_numpy(),
            "site_after": after["site_id"].to_numpy(),
            "minutes_after": after["minutes"].to_numpy(),
        },
        index=before.index,
    )
    table["minutes_change"] = table["minutes_after"] - table["minutes_before"]
    return table


def _by_zone(flows: pd.DataFrame) -> dict[str, dict[str, tuple[float, float]]]:
    """Return zone -> site -> cases and minutes."""
    found: dict[str, dict[str, tuple[float, float]]] = {}
    for zone, site, minutes, cases in flows[["site_id", "minutes", "cases"]].itertuples():
        if cases > 0:
            found.setdefault(zone, {})[site] = (float(cases), float(minutes))
    return found


def _least_moved(before: pd.DataFrame, after: pd.DataFrame) -> pd.DataFrame:
    """Return flows before and after side by side, such that as few cases as can be change site.

    Those of a zone that must go elsewhere do so in proportion. Zones without cases are left out.
    """
    old, new = _by_zone(before), _by_zone(after)
    found = []
    for zone, own in old.items():
        later = new[zone]
        stay = {s: min(n, later[s][0] if s in later else 0.0) for s, (n, _) in own.items()}
        leave = {s: n - stay[s] for s, (n, _) in own.items()}
        come = {s: n - stay.get(s, 0.0) for s, (n, _) in later.items()}
        pairs = [(n, s, s) for s, n in stay.items()]
        if sum(leave.values()) > SAME * sum(n for n, _ in own.values()):
            total = sum(come.values())
            pairs += [(n * come[t] / total, s, t) for s, n in leave.items() for t in come]
        found += [(zone, n, s, own[s][1], t, later[t][1]) for n, s, t in pairs if n > 0]
    columns = ["zone_id", "cases", "site_before", "minutes_before", "site_after", "minutes_after"]
    table = pd.DataFrame(found, columns=columns).set_index("zone_id")
    table["minutes_change"] = table["minutes_after"] - table["minutes_before"]
    return table


def _context(
    items: tuple[Appraisable, ...], region: Region | None, service: Service | None
) -> tuple[Region, Service]:
    found = [] if region is None or service is None else [(region, service)]
    for item in items:
        if isinstance(item, Solution):
            found.append((item.problem.region, item.problem.service))
        elif isinstance(item, Appraisal):
            found.append((item.region, item.service))
    if not found:
        raise ValueError("compare: say which region= and service= the configurations are for")
    for other in found[1:]:
        _refuse_unlike(found[0], other)
    # One of them may know a site that was added later: it knows the sites of both.
    return max(found, key=lambda context: len(context[1].candidates))


def _refuse_unlike(one: tuple[Region, Service], other: tuple[Region, Service]) -> None:
    """Figures of different services or of different people cannot be set side by side."""
    if one[1].id != other[1].id:
        raise ValueError(f"compare: one is about {one[1].id}, the other about {other[1].id}")
    if not one[1].demand.equals(other[1].demand):
        sides = [f"{r.who_counts}, {s.cases_per_year:,.0f} cases a year" for r, s in (one, other)]
        raise ValueError(
            f"compare: different people or cases count: {sides[0]} in one, {sides[1]} in the other"
        )
    ways = [s.way_of_choosing for _, s in (one, other)]
    if ways[0] != ways[1]:
        raise ValueError(
            f"compare: patients choose their site otherwise: {ways[0]} in one, {ways[1]} in the "
            "other. Appraise both configurations with the same service."
        )


def _measures_of(items: tuple[Appraisable, ...]) -> tuple[str, ...]:
    """Return the measures that what is compared is about or brings, each once."""
    names: list[str] = []
    for item in items:
        if isinstance(item, Solution):
            names += item.problem.measures
        elif isinstance(item, Appraisal):
            names += item.measures
    return tuple(dict.fromkeys(names))


def _appraisal(
    item: Appraisable, region: Region, service: Service, names: tuple[str, ...]
) -> Appraisal:
    if isinstance(item, Appraisal):
        if item.service.candidates == service.candidates and set(names) <= set(item.measures):
            return item
        return appraise(region, service, item.configuration, measures=names)
    configuration = item.found() if isinstance(item, Solution) else item
    return appraise(region, service, configuration, measures=names)


def _with_change(table: pd.DataFrame, level: str) -> pd.DataFrame:
    units = {}
    for name in table.index.get_level_values(level).unique():
        measure = find_measure(str(name))
        units[name] = measure.unit if measure else ""
    return table.assign(
        change=table["after"] - table["before"],
        unit=table.index.get_level_values(level).map(units),
    )


def _sentences(comparison: Comparison) -> list[str]:
    region, rows = comparison.after.region, comparison.rows
    names = region.sites["short_name"].to_dict()
    closing = [s for s in comparison.before.open if s not in comparison.after.open]
    opening = [s for s in comparison.after.open if s not in comparison.before.open]
    services = {part.id: part.name for part in comparison.after.service.parts}
    said = []
    for site in closing:
        own = rows[rows["site_before"] == site]
        cases = float(own["cases"].sum())
        if cases <= 0:
            continue
        added = float((own["cases"] * own["minutes_change"]).sum() / cases)
        by_next = own.groupby("site_after", observed=True)["cases"].sum().sort_values()[::-1]
        most = by_next[by_next >= 0.01 * cases].head(2)
        to = " and ".join(f"{names[s]} ({n / cases:.0%})" for s, n in most.items())
        word = "less" if added < 0 else "further"
        far = f"{amount(f'{abs(added):.0f}', 'minutes')} {word}"
        how = "as long as today" if round(abs(added)) == 0 else far
        said.append(
            f"If {names[site]} stops, {cases:,.0f} cases a year travel {how} on average, mostly to "
            f"{to}."
        )
    said += [f"{names[site]} opens." for site in opening]
    overall = comparison.overall
    mean = overall.loc["mean_minutes"]
    if mean["change"]:
        word = "longer" if mean["change"] > 0 else "shorter"
        change = f"{abs(mean['change']):.1f}"
        before, after = f"{mean['before']:.1f}", f"{mean['after']:.1f}"
        said.append(
            f"Over all cases the mean journey is {amount(change, 'minutes')} {word}: "
            f"{after} minutes instead of {before}."
            if float(change) and before != after
            else f"Over all cases the mean journey stays at about {after} minutes."
        )
    for column, table in comparison.by.items():
        changes = table["change"].xs("mean_minutes", level="measure")
        rise = f"{changes.max():.1f}"
        if len(changes) > 1 and changes.max() > 0 and float(rise):
            group = str(changes.idxmax())
            said.append(
                f"By {column.replace('_', ' ')}, the largest rise is in "
                f"{services.get(group, group) if column == 'service' else group}: "
                f"{amount(rise, 'minutes')} more on average."
            )
    return said
