"""Equality: by deprivation, by age, by town and country; who gains and who loses."""

from __future__ import annotations

import pandas as pd

from reconfig.appraise import (
    Comparison,
    access_by,
    access_table,
    amount,
    concentration_curve,
    contradicted_deprivation,
    density_fifths,
    deprivation_concentration,
    deprivation_order,
    deprivation_rank,
    gap_between,
    incomplete_bands,
    people_table,
    rural_column,
    winners_and_losers,
)
from reconfig.core import Region
from reconfig.report.access_charts import concentration_chart, groups_chart
from reconfig.report.naming import table_name
from reconfig.report.sections.access import MOST_ON_PAGE, cases_words
from reconfig.report.sections.block import Block, Part, Picture, Prose, Section
from reconfig.report.tables import CASES, MINUTES, SHARE, Table
from reconfig.report.words import count_of, heading, listed, measure_label, measure_unit, number

PEOPLE = "people"
INDEX = "from -1 to 1"
# An index that is shown as nothing.
EVEN = 0.0005
OLD = "75 and over"
GROUPED = ("deprivation_fifth", "deprivation_quintile", "imd_decile", "deprivation_decile")
INDEX_SOURCE = "Kakwani, Wagstaff and van Doorslaer 1997"


def equality(comparison: Comparison) -> Section:
    """Return what the change does to the deprived, the old and the rural; winners and losers."""
    taken: set[str] = set()
    blocks: tuple[Block, ...] = (
        Part("equality-winners", "Who gains and who loses", tuple(_winners(comparison, taken))),
        Part("equality-deprivation", "By deprivation", tuple(_deprivation(comparison, taken))),
        Part("equality-age", "By age", tuple(_age(comparison, taken))),
        Part("equality-rural", "Town and country", tuple(_rural(comparison, taken))),
    )
    return Section("equality", "Equality", blocks)


def _winners(comparison: Comparison, taken: set[str]) -> list[Block]:
    row = winners_and_losers(comparison).iloc[0]
    if not row["cases"] > 0:
        return [Prose(("No cases count here, so nobody gains or loses.",))]
    said = (
        f"The journey would be longer for {cases_words(row['longer'])} "
        f"({number(row['share_longer'], SHARE)}), shorter for {cases_words(row['shorter'])} "
        f"({number(row['share_shorter'], SHARE)}), and the same to within a minute for "
        f"{cases_words(row['unchanged'])}.",
        "Counted are journeys alone: who gains by better care is said under lives and QALYs, and "
        "not by group.",
    )
    tables = [
        _winners_table(comparison, column, taken) for column in comparison.after.region.groups
    ]
    return [Prose(said), *tables]


def _winners_table(comparison: Comparison, column: str, taken: set[str]) -> Table:
    table, words = winners_and_losers(comparison, column), heading(column)
    frame = pd.DataFrame({words: [str(group) for group in table.index]})
    heads = {
        "cases": "Cases a year",
        "shorter": "Shorter, cases a year",
        "unchanged": "Unchanged, cases a year",
        "longer": "Longer, cases a year",
        "share_shorter": "Share shorter",
        "share_longer": "Share longer",
    }
    for name, head in heads.items():
        frame[head] = table[name].to_numpy(float)
    units = {head: SHARE if name.startswith("share") else CASES for name, head in heads.items()}
    caption = (
        f"Cases whose journey is shorter, unchanged within a minute, or longer, by {words.lower()}"
    )
    name = table_name(f"Winners by {words.lower()}", taken)
    return Table(name, caption, frame, units, on_page=len(frame) <= MOST_ON_PAGE)


def _deprivation(comparison: Comparison, taken: set[str]) -> list[Block]:
    region = comparison.after.region
    found, index = deprivation_rank(region), deprivation_concentration(comparison)
    curve = concentration_curve(comparison)
    if found is None or index is None or curve is None:
        return [Prose((_no_deprivation(region),))]
    column, ranks = found
    unknown = int(ranks.isna().sum())
    turned = deprivation_order(region, column) == "from the least"
    said = [
        f"Zones are ranked by deprivation ({_of_deprivation(column)}), from the most deprived"
        f"{'' if turned else ', the lowest number,'} to the least.",
        *(
            ["Its labels count from the least deprived, so its order was turned round for this."]
            if turned
            else []
        ),
        f"The concentration index of journey minutes is {index['before']:+.3f} before and "
        f"{index['after']:+.3f} after ({INDEX_SOURCE}). It runs from -1 to 1: 0 means that minutes "
        "are spread as cases are, below 0 that the more deprived have more than their share of "
        "them, above 0 that the less deprived have.",
    ]
    if unknown:
        said.append(f"{unknown:,} zones without a rank are left out of the index.")
    title = "Share of all minutes of journeys, from the most deprived"
    words = (
        f"Two curves against the line of an even spread: {_side(index['before'])} before and "
        f"{_side(index['after'])} after."
    )
    figure = concentration_chart(comparison, curve, title)
    blocks: list[Block] = []
    shown = [c for c in GROUPED if c in region.zones.columns]
    shown = [c for c in shown if 1 < region.zones[c].nunique() <= MOST_ON_PAGE]
    if shown:
        table = access_table(comparison, shown[0])
        said.append(_gap_sentence(table, heading(shown[0]).lower()))
        blocks.append(_short_table(table, heading(shown[0]), taken))
    blocks.append(Picture("concentration-curve", figure, title, words))
    blocks.append(_index_table(index, taken))
    return [Prose(tuple(said)), *blocks]


def _no_deprivation(region: Region) -> str:
    wrong = contradicted_deprivation(region)
    if wrong:
        return (
            f"The labels of {listed(wrong)} contradict each other on which end is the most "
            "deprived, so nothing is said by deprivation. Say it at one end alone, or at both: "
            "such as 1 most deprived and 5 least deprived."
        )
    return (
        f"The zones of {region.name} have no column of deprivation, or no cases, so nothing is "
        "said by deprivation; a column deprivation_fifth or imd_decile (1 the most deprived) would "
        "do."
    )


def _side(index: float) -> str:
    """Say on which side of the line of an even spread a concentration curve lies on the whole."""
    side = "on it" if abs(index) < EVEN else "below it" if index > 0 else "above it"
    return f"{side} on the whole (index {index:+.3f})"


def _of_deprivation(column: str) -> str:
    return heading(column)


def _index_table(index: dict[str, float], taken: set[str]) -> Table:
    frame = pd.DataFrame(
        {
            "Measure": ["Concentration index of journey minutes by deprivation"],
            "Before": [index["before"]],
            "After": [index["after"]],
            "Change": [index["change"]],
            "Unit": [INDEX],
        }
    )
    caption = f"Concentration index ({INDEX_SOURCE})"
    name = table_name("Concentration index", taken)
    return Table(name, caption, frame, {}, [INDEX], frozenset({"Change"}), on_page=False)


def _gap_sentence(table: pd.DataFrame, words: str) -> str:
    gap = gap_between(table, "mean_minutes")
    if gap["change"] != gap["change"]:
        return f"No group by {words} has any cases."
    before, after = (amount(number(gap[w], MINUTES), MINUTES) for w in ("before", "after"))
    return (
        f"The gap by {words} between the longest mean journey and the shortest: {after} instead of "
        f"{before}."
    )


def _short_table(table: pd.DataFrame, words: str, taken: set[str]) -> Table:
    """Return the figures that most ask for, few enough for a page.

    table: as `access_table` has it, or `people_table`, whose weights are residents.
    """
    by_people = "people" in table
    weight, who, unit = (
        ("people", "People", PEOPLE) if by_people else ("cases", "Cases a year", CASES)
    )
    columns: list[tuple[str, str, str]] = [(weight, who, unit)]
    for measure in ("mean_minutes", "p95_minutes", "share_within_30"):
        for word in ("before", "after", "change")[: 3 if measure == "mean_minutes" else 2]:
            head = f"{measure_label(measure)}, {word}"
            columns.append((f"{measure}_{word}", head, measure_unit(measure)))
    for minutes in (10, 20):
        head = f"{who} with {minutes} minutes or more added"
        columns.append((f"{weight}_{minutes}_longer", head, unit))
    frame = pd.DataFrame({words: [str(group) for group in table.index]})
    for name, head, _ in columns:
        frame[head] = table[name].to_numpy(float)
    units = {head: unit_of for _, head, unit_of in columns}
    changes = frozenset(head for name, head, _ in columns if name.endswith("_change"))
    weighted = "residents" if by_people else "cases"
    caption = f"Access by {words.lower()}, weighted by {weighted}"
    name = table_name(f"Equality by {words.lower()}", taken)
    return Table(name, caption, frame, units, (), changes)


def _age(comparison: Comparison, taken: set[str]) -> list[Block]:
    table, region = people_table(comparison), comparison.after.region
    incomplete = _incomplete(region)
    if table is None and incomplete:
        return [Prose((*incomplete, "So nothing is said by age."))]
    if table is None:
        text = (
            f"The zones of {region.name} do not say how old their residents are, so nothing is "
            "said by age; columns such as pop_65_74 and pop_75_plus, or age_75_plus, would do."
        )
        return [Prose((text,))]
    said = [
        "By residents, not by cases: what the journey would be for each of them, since cases are "
        "not known by age.",
        *incomplete,
    ]
    ages = list(dict.fromkeys(table["age"]))
    if OLD in ages:
        for row in table[table["age"] == OLD].to_dict("records"):
            of = f" ({_service_name(comparison, row['service'])})" if "service" in row else ""
            said.append(
                f"People of 75 and over{of}: their mean journey would take "
                f"{number(row['mean_minutes_after'], MINUTES)} minutes instead of "
                f"{number(row['mean_minutes_before'], MINUTES)}."
            )
    else:
        said.append(
            f"The data have no whole figure for people of 75 and over; the bands that there are: "
            f"{listed([a for a in ages if a != 'all ages'])}."
        )
    names = list(table["age"])
    if "service" in table:
        services = [_service_name(comparison, s) for s in table["service"]]
        names = [f"{age}, {of}" for age, of in zip(names, services, strict=True)]
    return [Prose(tuple(said)), _short_table(table.set_axis(names), "Age", taken)]


def _incomplete(region: Region) -> list[str]:
    """Say which columns of residents are left out because some zones have no number in them."""
    return [
        f"The column {column} of the zones is left out: for {count_of(zones, 'zone')} it does not "
        "say how many people live there."
        for column, zones in incomplete_bands(region).items()
    ]


def _service_name(comparison: Comparison, service: str) -> str:
    names = {part.id: part.name for part in comparison.after.service.parts}
    return names.get(service, service)


def _rural(comparison: Comparison, taken: set[str]) -> list[Block]:
    region = comparison.after.region
    column = rural_column(region)
    if column is not None:
        table = access_table(comparison, column)
        words = heading(column)
        title = f"Mean journey before and after, by {words.lower()}"
        picture = Picture(
            "mean-journey-town-and-country",
            groups_chart(comparison, table, title),
            title,
            _gap_sentence(table, words.lower()),
        )
        gap = Prose((_gap_sentence(table, words.lower()),))
        return [gap, picture, _short_table(table, words, taken)]
    missing = (
        "The data do not say which zones are rural; a column rural_urban of the zones, such as the "
        "official rural and urban classification, would do."
    )
    fifths = density_fifths(region)
    if fifths is None:
        return [Prose((missing,))]
    labels = fifths.reindex(comparison.rows.index)
    table = access_by(comparison.rows, labels)
    said = (
        missing,
        "In its place, by how densely people live: fifths of the residents by people a hectare, "
        "from the outlines of the zones, which are simplified. That is not the official "
        "classification.",
        _gap_sentence(table, "density"),
    )
    return [Prose(said), _short_table(table, "People a hectare", taken)]
