"""The trade-off: the frontier, near-ties, what sites are worth, what would change the answer."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from reconfig.analyse import Alternatives, Frontier, Weights
from reconfig.analyse.findings import ALTERNATIVES, FRONTIER, IMPORTANCE, Findings
from reconfig.appraise import Comparison, amount, apart, find_measure, scale
from reconfig.core import Region, Solution
from reconfig.report.chart_weights import weights_chart
from reconfig.report.charts import NUMBER, frontier_chart
from reconfig.report.option_charts import importance_chart
from reconfig.report.option_words import MOST_NAMED, sites_text
from reconfig.report.sections.block import Block, Part, Picture, Prose, Section, Terms
from reconfig.report.source_note import with_source
from reconfig.report.tables import LIVES_COLUMNS, Table, frontier_table
from reconfig.report.words import count_of, listed, measure_label, measure_unit, not_complete

ID, TITLE = "trade-off", "The trade-off"
HOW = {
    FRONTIER: 'rc.frontier(problem, "mean_minutes") draws the trade-off.',
    ALTERNATIVES: "rc.alternatives(problem) finds near-ties.",
    IMPORTANCE: "rc.importance(problem) says what each site is worth.",
}
NOTHING = (
    "This configuration was compared with the one before and with no other: neither a trade-off "
    "nor near-ties are in this report. rc.findings(solution) finds them, for "
    "rc.report(..., findings=...)."
)
MOST_ROWS = 15


def trade_off(
    comparison: Comparison, *, solution: Solution | None = None, findings: Findings | None = None
) -> Section:
    """Return what else could be chosen, at what price, and what would change the answer.

    Without findings: what the solution proves of other choices, and how to get the rest.
    """
    proven = [] if solution is None else [solution.verdict]
    if findings is None:
        return Section(ID, TITLE, (Prose((*proven, NOTHING, *HOW.values())),))
    region, chosen = comparison.after.region, comparison.after.open
    blocks: list[Block] = [Prose(tuple(proven))] if proven else []
    missing = []
    if findings.frontier is not None:
        blocks.append(_frontier(findings.frontier, region, chosen))
    else:
        missing.append(FRONTIER)
    if findings.alternatives is not None:
        blocks.append(_near_ties(findings.alternatives, chosen))
    else:
        missing.append(ALTERNATIVES)
    if findings.importance is not None:
        name = _objective(findings, comparison)
        blocks.append(_importance(findings.importance, region, name))
    else:
        missing.append(IMPORTANCE)
    blocks.append(_what_would_change(findings))
    reasons: dict[str, list[str]] = {}  # what was left out for one reason is said once
    for what in dict.fromkeys([*missing, *(what for what, _ in findings.left_out)]):
        reasons.setdefault(findings.reason(what) or HOW[what], []).append(what)
    rows = [(listed(whats), why) for why, whats in reasons.items()]
    if rows:
        blocks.append(Part("not-looked-for", "What was not looked for", (Terms(tuple(rows)),)))
    return Section(ID, TITLE, tuple(blocks))


def _objective(findings: Findings, comparison: Comparison) -> str:
    """Return the name of the measure that a site's worth is counted in."""
    for found in (findings.alternatives, findings.long_list, findings.frontier):
        if found is not None:
            return found.problem.objective.measure
    return "mean_minutes"


def _frontier(found: Frontier, region: Region, chosen: Sequence[str]) -> Part:
    """Return the trade-off as a chart and a table."""
    names = listed([measure_label(name).lower() for name in found.measures])
    many = int(found.points["efficient"].sum())
    said = [
        f"The trade-off of {names}: {count_of(len(found.points), 'point')}, of which {many} "
        f"{'is' if many == 1 else 'are'} beaten by no other. Every other constraint of the problem "
        "is kept."
    ]
    here = any(set(sites) == set(chosen) for sites in found.points["open"])
    said.append(
        "The chosen configuration is one of the points, ringed in the chart."
        if here
        else _not_there(found, len(chosen))
    )
    if "lives_saved" in found.measures:
        said.append("Lives saved are estimated; the table has their interval and baseline.")
    if found.unfinished:
        said.append(f"{not_complete(found.unfinished)}.")
    figure = with_source(frontier_chart(found, chosen=chosen), region)
    caption = f"The trade-off of {names}; each point is a configuration"
    picture = Picture("frontier", figure, caption, f"A scatter chart. {' '.join(said)}")
    table = frontier_table(found, region)
    if any(len(sites) > MOST_NAMED for sites in found.points["open"]):
        texts = [sites_text(region, sites, chosen) for sites in found.points["open"]]
        frame = table.frame.assign(Sites=texts)
        frame["Site ids"] = [", ".join(sites) for sites in found.points["open"]]
        table = Table(table.name, table.caption, frame, table.units)
    shown: list[Block] = [Prose(tuple(said)), picture]
    if "Site ids" in table.frame:
        shown.append(
            Table(
                "Frontier on the page",
                table.caption,
                table.frame.drop(columns="Site ids"),
                table.units,
                in_workbook=False,
            )
        )
        shown.append(Table(table.name, table.caption, table.frame, table.units, on_page=False))
    else:
        shown.append(table)
    return Part("frontier-points", "What is traded against what", tuple(shown))


def _not_there(found: Frontier, number: int) -> str:
    """Say why the chosen configuration is no point; nothing is claimed of what was cut short."""
    said = "The chosen configuration is not one of the points"
    if number in found.unfinished:
        return (
            f"{said}: for its number of sites the trade-off was stopped early and is not complete, "
            "so nothing follows about whether another one is as good."
        )
    if number not in set(found.points["number"]):
        return f"{said}: none was drawn for its number of sites."
    return (
        f"{said}: for its number of sites another one is at least as good in these measures, by "
        "however little."
    )


def _near_ties(found: Alternatives, chosen: Sequence[str]) -> Part:
    """Return the configurations that are nearly as good as the best."""
    region, table, problem = found.problem.region, found.table, found.problem
    measure = find_measure(problem.objective.measure)
    assert measure is not None
    many = len(table)
    if len(chosen) <= MOST_NAMED or not many:
        said = found.sentences()
    else:
        distance = amount(f"{scale(measure.unit) * found.within:.3g}", apart(measure.unit))
        number = f"{many:,} configuration{' is' if many == 1 else 's are'}"
        said = [
            f"{number} within {distance} of the best, the best included; "
            + ("there is no other." if found.complete else "there may be more.")
        ]
        moved = found.frequency[(found.frequency > 0) & (found.frequency < 1)]
        said.append(
            f"They differ in {count_of(len(moved), 'site')}: "
            f"{listed(region.site_names(list(moved.index[:MOST_NAMED])))}."
            if len(moved)
            else "They do not differ in any site."
        )
    if not many:
        return Part("near-ties", "Near-ties", (Prose(tuple(said)),))
    loss = f"Less good by, in {measure_label(measure.name).lower()}"
    frame = pd.DataFrame({"Sites open": [len(sites) for sites in table["open"]]})
    frame["Sites"] = [sites_text(region, sites, chosen) for sites in table["open"]]
    frame[loss] = table["loss"].to_numpy(float)
    units = {loss: apart(measure.unit)}
    names = dict.fromkeys([measure.name, "mean_minutes", "p95_minutes", "max_minutes"])
    for name in names:
        if name in table and name != NUMBER:
            frame[measure_label(name)] = table[name].to_numpy(float)
            units[measure_label(name)] = measure_unit(name)
    if "lives_saved" in names:
        for column, (label, unit) in LIVES_COLUMNS.items():
            if column in table:
                frame[label] = table[column].to_numpy(float)
                units[label] = unit
    if many > MOST_ROWS:
        said.append(f"The table shows the best {MOST_ROWS}; the workbook has all {many:,}.")
    caption = "Configurations that are nearly as good as the best, the best first"
    caption += "; lives saved are estimated" if "lives_saved" in names else ""
    # On the page with the digits that tell near-ties apart, in the workbook as numbers.
    shown = frame.assign(**{loss: [f"{scale(measure.unit) * v:.3g}" for v in table["loss"]]})
    head = Table("Best near-ties", caption, shown.head(MOST_ROWS), units, in_workbook=False)
    whole = Table("Near-ties", caption, frame, units, on_page=False)
    return Part("near-ties", "Near-ties", (Prose(tuple(said)), head, whole))


def _importance(table: pd.DataFrame, region: Region, name: str) -> Part:
    """Return what is lost without each site, and by having it."""
    measure = find_measure(name)
    assert measure is not None
    unit = apart(measure.unit)
    worst = table.iloc[0]
    must = table.index[table["loss_without"].isna()]
    names = table["name"].astype(str)
    said = [
        f"Counted is {measure.label.lower()} alone, the first objective. The best by it need not "
        "be the configuration chosen, on which later objectives decide too."
    ]
    if not np.isnan(worst["loss_without"]):
        size = amount(f"{scale(unit) * float(worst['loss_without']):,.3g}", unit)
        said.append(
            f"The site that would be missed most is {worst['name']}: without it the best loses "
            f"{size} in {measure.label.lower()}."
        )
    free = names[(table["loss_without"] == 0) & ~table["chosen"].astype(bool)]
    if len(must):
        said.append(f"Without these nothing meets every constraint: {listed(names[must])}.")
    if len(free) and len(free) <= MOST_NAMED:
        said.append(f"The best does without {listed(free)}.")
    if not table["proven"].all():
        said.append("Not every solve was proven in time: a loss may be smaller than shown.")
    if measure.name == "lives_saved":
        said.append("Lives saved are estimated; the table has their interval and baseline.")
    columns = {
        "Site": list(names),
        "In the best": ["yes" if flag else "no" for flag in table["chosen"]],
    }
    frame = pd.DataFrame(columns)
    units: dict[str, str] = {}
    on_page = {}
    for word in ("without", "with"):
        values = table[f"loss_{word}"].to_numpy(float)
        frame[f"Best {word} it"] = table[f"objective_{word}"].to_numpy(float)
        frame[f"Loss {word} it"] = values
        frame[f"Can be {word} it"] = ["no" if np.isnan(v) else "yes" for v in values]
        on_page[f"Loss {word} it"] = [
            "cannot be" if np.isnan(v) else f"{scale(unit) * v:,.3g}" for v in values
        ]
        units |= {f"Best {word} it": measure.unit, f"Loss {word} it": unit}
        for column, (label, its_unit) in LIVES_COLUMNS.items():
            if f"{column}_{word}" in table:
                frame[f"{label}, {word} it"] = table[f"{column}_{word}"].to_numpy(float)
                units[f"{label}, {word} it"] = its_unit
    frame["Proven"] = ["yes" if flag else "no" for flag in table["proven"]]
    figure = importance_chart(table, measure=name, unit=unit, region=region)
    caption = f"What the best loses in {measure.label.lower()} without each site, and with it"
    brief = frame.assign(**on_page).drop(columns=["Can be without it", "Can be with it"])
    tables = (
        Table("Worth of sites", caption, brief, units, in_workbook=False),
        Table("Importance of sites", caption, frame, units, on_page=False),
    )
    picture = Picture("importance", figure, caption, f"Bars, two a site. {' '.join(said)}")
    blocks = (Prose(tuple(said)), picture, *tables)
    return Part("worth-of-sites", "What each site is worth", blocks)


def _what_would_change(findings: Findings) -> Part:
    """Return rivals, switching values and weights at which something else would be chosen."""
    blocks: list[Block] = []
    said = list(findings.sentences)
    if findings.sensitivity is not None:
        said += findings.sensitivity.sentences()
    if findings.structural is not None:
        said += findings.structural.sentences()
    if findings.short_list is not None:
        said.append(
            "At which weights another option of the short list comes first is said under 'From the "
            "long list to the short list'."
        )
    blocks.append(Prose(tuple(said or ["Nothing was found that says what would change it."])))
    if findings.weights is not None:
        blocks += _weights(findings.weights)
    return Part("what-would-change", "What would change the answer", tuple(blocks))


def _weights(found: Weights) -> list[Block]:
    """Return which weights on the measures of the frontier choose which configuration."""
    said = found.sentences()
    region = found.region
    rows = found.table
    frame = pd.DataFrame({"Sites open": [int(n) for n in rows["number"]]})
    frame["Sites"] = [sites_text(region, sites) for sites in rows["open"]]
    frame["Chosen under"] = rows["share"].to_numpy(float)
    units = {"Chosen under": "share"}
    for name in found.measures:
        label = measure_label(name)
        for end, word in (("from", "least"), ("to", "largest")):
            frame[f"Weight on {label.lower()}, {word}"] = rows[f"{name}_{end}"].to_numpy(float)
    caption = "Under which weights on the measures of the trade-off which configuration is chosen"
    table = Table("Weights", caption, frame, units)
    figure = with_source(weights_chart(found), region)
    picture = Picture("weights", figure, caption, f"Regions of weights. {' '.join(said)}")
    return [Prose(tuple(said)), picture, table]
