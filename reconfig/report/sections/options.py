"""From the long list to the short list: hurdles, scores, and how far weights decide."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import pandas as pd

from reconfig.analyse import LongList, ShortList
from reconfig.analyse.findings import LONG_LIST, SHORT_LIST, Findings
from reconfig.analyse.scoring import TRIED
from reconfig.analyse.short_list import CHOSEN, TODAY
from reconfig.appraise import Comparison, is_share
from reconfig.core import Region
from reconfig.report.chart_axes import in_title
from reconfig.report.option_charts import scores_chart
from reconfig.report.option_words import sites_text
from reconfig.report.sections.block import Block, Part, Picture, Prose, Section
from reconfig.report.tables import LIVES_COLUMNS, Table
from reconfig.report.words import count_of, listed, measure_label, measure_unit, number

ID, TITLE = "options", "From the long list to the short list"
NO_LIST = (
    "Only two configurations are compared in this report: before and after. No long list of other "
    "options was made. rc.findings(solution) makes it, for rc.report(..., findings=...); "
    "rc.long_list(problem) makes it by itself."
)


def options(comparison: Comparison, *, findings: Findings | None = None) -> Section:
    """Return every configuration considered, the hurdles, the short list and its scores.

    Without findings only what the report compares can be said, and how to get the rest.
    """
    if findings is None:
        return Section(ID, TITLE, (Prose((NO_LIST,)),))
    blocks: list[Block] = []
    reason = findings.reason(LONG_LIST)
    if findings.long_list is None:
        blocks.append(Prose((f"No long list was made. {reason}".strip(),)))
    else:
        blocks += _long_list(findings.long_list, reason)
    if findings.short_list is None:
        why = findings.reason(SHORT_LIST)
        blocks.append(Prose((f"No short list was made. {why}".strip(),)))
    else:
        blocks += _short_list(findings.short_list, comparison)
    return Section(ID, TITLE, tuple(blocks))


def _long_list(found: LongList, reason: str) -> list[Block]:
    """Return what was considered, and what stopped what."""
    said = found.sentences()
    if reason and not found.complete:
        said.append(f"{reason} Considered were the choice, the near-ties and the trade-off.")
    said.append(
        "Each was appraised by itself, without the solver. The table 'Long list' in the workbook "
        "and in the folder csv/ has all of them, with every measure, every hurdle and the reason "
        "for each failure."
    )
    blocks: list[Block] = [Prose(tuple(said))]
    if found.hurdles:
        failed = [int(found.failures[hurdle]) for hurdle in found.hurdles]
        frame = pd.DataFrame(
            {
                "Hurdle": list(found.hurdles),
                "Configurations that pass": [len(found.table) - n for n in failed],
                "Configurations that fail": failed,
            }
        )
        units = dict.fromkeys(frame.columns[1:], "")
        caption = "Hurdles: how many configurations pass and fail each; one may fail several"
        blocks.append(Table("Hurdles", caption, frame, units))
    blocks.append(long_list_table(found))
    return blocks


def long_list_table(found: LongList) -> Table:
    """Return the long list, one row a configuration; for the workbook, not for the page."""
    region, table = found.problem.region, found.table
    frame = pd.DataFrame({"Rank": _whole(table["rank"])})
    frame["Sites open"] = [int(n) for n in table["number"]]
    frame["Sites"] = [listed(region.site_names(sites)) for sites in table["open"]]
    frame["Site ids"] = [", ".join(sites) for sites in table["open"]]
    units: dict[str, str] = {}
    names = [name for name in found.measures if name != "open_sites"]
    _add_measures(frame, units, table, names, found.qualifiers)
    for hurdle in found.hurdles:
        frame[f"Passes: {hurdle}"] = _yes_no(table[hurdle])
    frame["Passes every hurdle"] = _yes_no(table["passed"])
    frame["Reason"] = [str(text) for text in table["reasons"]]
    caption = (
        "Every configuration considered, the best of those that pass first; rank 1 is the best by "
        "the objective"
    )
    if found.qualifiers:
        caption += "; lives saved are estimated"
    return Table("Long list", caption, frame, units, on_page=False)


def _add_measures(
    frame: pd.DataFrame,
    units: dict[str, str],
    table: pd.DataFrame,
    names: Sequence[str],
    qualifiers: Sequence[str],
) -> None:
    """Add columns of measures to a frame, and what qualifies lives saved beside them."""
    for name in names:
        frame[measure_label(name)] = table[name].to_numpy(float)
        units[measure_label(name)] = measure_unit(name)
        if name == "lives_saved":
            for column in qualifiers:
                label, unit = LIVES_COLUMNS[column]
                frame[label] = table[column].to_numpy(float)
                units[label] = unit


def _short_list(found: ShortList, comparison: Comparison) -> list[Block]:
    region = found.problem.region
    blocks: list[Block] = [
        Part("short-list", "The short list", (Prose(_how_chosen(found)), _options(found))),
        Part("scores", "Scores", (Prose(_how_scored(found)), _criteria(found), _scores(found))),
    ]
    if len(found.places) > 1:
        picture = Picture(
            "ranking",
            scores_chart(found, region),
            "How the score of each option on the short list runs as the weight on one criterion "
            "moves from none to all, the other weights keeping their proportions",
            f"Line charts of scores against weights. {' '.join(found.sentences())}",
        )
        said = [
            *found.sentences(),
            f"The share of all weights is counted over {TRIED:,} sets of weights drawn evenly from "
            "all that add up to 100 %. Options whose scores are equal share the better place.",
        ]
        blocks.append(
            Part(
                "scores-by-weights",
                "How the ranking hangs on the weights",
                (Prose(tuple(said)), picture, _ranking(found)),
            )
        )
    return blocks


def _how_chosen(found: ShortList) -> tuple[str, ...]:
    """Say what is on the short list, and what is beside it."""
    said = [
        "On the short list is what passes every hurdle and is either beaten by no other option in "
        "all criteria together, or nearly as good as the best by the objective. The options are in "
        "the order of the objective."
    ]
    if found.left_out:
        said.append(
            f"{count_of(found.left_out, 'more option')} would have been on it: for brevity those "
            "that are best by one criterion come first, then those that rank best."
        )
    for name in (TODAY, CHOSEN):
        if name in found.table.index and name not in found.places.index:
            why = str(found.table["reasons"][name]) or "a criterion has no value"
            said.append(f"{name} is shown beside it, without a score: {why}.")
    if TODAY not in found.table.index:
        said.append("Today is not shown apart: it is the chosen configuration, or nothing is open.")
    return tuple(said)


def _options(found: ShortList) -> Table:
    region, table = found.problem.region, found.table
    chosen = tuple(table["open"][CHOSEN]) if CHOSEN in table.index else ()
    frame = pd.DataFrame({"Option": [str(name) for name in table.index]})
    frame["Sites open"] = [int(n) for n in table["number"]]
    frame["Sites"] = [_of(region, str(k), sites, chosen) for k, sites in table["open"].items()]
    units: dict[str, str] = {}
    qualifiers = [c for c in LIVES_COLUMNS if c in table]
    _add_measures(frame, units, table, [str(c) for c in found.criteria.index], qualifiers)
    frame["Passes every hurdle"] = _yes_no(table["passed"])
    frame["Rank in the long list"] = _whole(table["rank"])
    caption = "The short list, in the order of the objective, with today beside it"
    if qualifiers:
        caption += "; lives saved are estimated"
    return Table("Short list", caption, frame, units)


def _of(region: Region, option: str, sites: Sequence[str], chosen: Sequence[str]) -> str:
    return sites_text(region, sites, chosen if option not in (CHOSEN, TODAY) else ())


def _how_scored(found: ShortList) -> tuple[str, ...]:
    """Say what a score is, and what it is not."""
    weights = found.criteria["weight"]
    alike = float(weights.max() - weights.min()) < 1e-9
    said = [
        "Each criterion is scaled from 0 points, the worst of the options that are scored, to 100, "
        "the best of them. The score of an option is the sum of its points times the weights. "
        "Where the options hardly differ in a criterion 100 points are little, so read the table "
        "of criteria first.",
        "All weights are alike, as they are unless others are given: that is no finding about "
        "what matters more."
        if alike
        else "The weights were given.",
    ]
    flat = [n for n, row in found.criteria.iterrows() if row["worst"] == row["best"]]
    if flat:
        named = listed([measure_label(str(name)) for name in flat])
        said.append(f"All options are the same in {named}, which therefore tells none apart.")
    if found.dropped:
        named = listed([measure_label(name) for name in found.dropped])
        said.append(f"Left out, for want of a value of every option: {named}.")
    return tuple(said)


def _criteria(found: ShortList) -> Table:
    rows = found.criteria
    names = [str(name) for name in rows.index]
    moved = found.weights_moved
    frame = pd.DataFrame(
        {
            "Criterion": [measure_label(name) for name in names],
            "Better": [str(word) for word in rows["better"]],
            "Worst (0 points)": [_amount(rows["worst"][name], name) for name in names],
            "Best (100 points)": [_amount(rows["best"][name], name) for name in names],
            "Weight": rows["weight"].to_numpy(float),
            "Another is first below": [_switch(moved, name, "below") for name in names],
            "Another is first above": [_switch(moved, name, "above") for name in names],
        }
    )
    caption = (
        "Criteria, what 0 and 100 points stand for, and at which weight on each, the others in "
        "proportion, another option comes first"
    )
    if "lives_saved" in names:
        caption += "; lives saved are estimated, with their interval in the short list"
    return Table("Criteria", caption, frame, {"Weight": "share"})


def _amount(value: float, name: str) -> str:
    unit = measure_unit(name)
    text = number(float(value), unit)
    if is_share(unit):
        return text
    # Options on a short list are often closer than a measure is otherwise shown to.
    return f"{value:,.2f} {unit}" if abs(value) < 100 else f"{text} {unit}"


def _switch(moved: pd.DataFrame, name: str, end: str) -> str:
    at = float(moved[end][name])
    return "none" if math.isnan(at) else f"{at:.0%}: {moved[f'{end}_first'][name]}"


def _scores(found: ShortList) -> Table:
    scores = found.scores
    frame = pd.DataFrame({"Option": [str(name) for name in scores.index]})
    for name in scores.columns:
        label = f"Points for {in_title(str(name))}"
        frame[label] = scores[name].to_numpy(float)
    frame["Score"] = found.table["score"][scores.index].to_numpy(float)
    frame["Place"] = [int(place) for place in found.places["place"]]
    caption = "Points of each option in each criterion (0 worst, 100 best), score and place"
    return Table("Scores", caption, frame)


def _ranking(found: ShortList) -> Table:
    places = found.places
    frame = pd.DataFrame(
        {
            "Option": [str(name) for name in places.index],
            "Place": [int(n) for n in places["place"]],
            "Best place": [int(n) for n in places["best"]],
            "Worst place": [int(n) for n in places["worst"]],
            "First under": places["share_first"].to_numpy(float),
        }
    )
    caption = (
        "Places with the weights as given, the best and worst while any one weight moves from "
        "none to all, and the share of all weights under which each option comes first"
    )
    return Table("Ranking", caption, frame, {"First under": "share"})


def _yes_no(flags: Any) -> list[str]:
    return ["yes" if flag else "no" for flag in flags]


def _whole(ranks: Any) -> pd.Series[Any]:
    """Return whole numbers, NaN where there is none, with a plain index."""
    return pd.Series([r if math.isnan(r) else int(r) for r in ranks], dtype=object)
