"""Parts of the section on outcomes: several options weighed, and what would tell them apart."""

from __future__ import annotations

import numpy as np
import pandas as pd

from reconfig.analyse import Sensitivity, Structural, Uncertainty
from reconfig.analyse.information import group_of
from reconfig.core import Region
from reconfig.report.option_charts import information_chart
from reconfig.report.sections.block import Block, Part, Picture, Prose
from reconfig.report.source_note import with_source
from reconfig.report.tables import Table
from reconfig.report.uncertainty_charts import tornado_chart, uncertainty_chart
from reconfig.report.words import heading, number


def weighing_part(found: Uncertainty, region: Region) -> Part:
    """Return the options weighed on the same draws."""
    table, unit = found.table, found.unit
    frame = pd.DataFrame({"Option": [str(name) for name in table.index]})
    units = {}
    columns = {
        "mean": ("Mean", unit),
        "low": ("Lower end of the 95 % interval", unit),
        "high": ("Upper end of the 95 % interval", unit),
        "central": ("At the central values", unit),
        "baseline_deaths": ("Deaths at baseline", "deaths a year"),
        "probability_of_gain": ("Chance of a gain", "share"),
        "probability_best": ("Chance of being the best", "share"),
        "mean_rank": ("Mean rank", ""),
    }
    if found.case.estimate != "lives_saved":
        del columns["baseline_deaths"]
    for column, (label, its_unit) in columns.items():
        frame[label] = table[column].to_numpy(float)
        units[label] = its_unit
    caption = (
        f"Options weighed on the same {len(found.gains):,} draws of all assumptions; estimated"
    )
    figure = with_source(uncertainty_chart(found), region)
    picture = Picture(
        "options-uncertainty",
        figure,
        "Mean, median and 95 % interval of the options, and how the mean of the best settles with "
        "the number of draws",
        f"Intervals side by side. {found.sentence()}",
    )
    said = (found.sentence(), "The options are those of the short list, by the same names.")
    blocks: tuple[Block, ...] = (Prose(said), picture, Table("Uncertainty", caption, frame, units))
    return Part("options-weighed", "The options weighed", blocks)


def information_part(found: Uncertainty, region: Region) -> Part:
    """Return what it would be worth to know the truth."""
    table, unit = found.information, found.unit
    whole = float(table["value"]["everything"])
    table = table.set_axis(pd.Index([_group(found, str(name)) for name in table.index]), axis=0)
    frame = pd.DataFrame(
        {
            "Assumptions": list(table.index),
            "Value of knowing the truth": table["value"].to_numpy(float),
            "Share of the whole": table["share"].to_numpy(float),
        }
    )
    units = {"Value of knowing the truth": unit, "Share of the whole": "share"}
    said = (
        f"To know the truth of every assumption before choosing would add {number(whole, unit)} "
        f"{unit} on average (estimated): what better evidence could be worth at most, since it "
        "would lead to another choice where this one is wrong. A group's value is an estimate."
    )
    caption = "Value of perfect information, in all and by group of assumptions; estimated"
    table_block = Table("Value of information", caption, frame, units)
    blocks: list[Block] = [Prose((said,)), table_block]
    if whole > 0:
        figure = information_chart(table, unit=unit, region=region)
        blocks.insert(1, Picture("value-of-information", figure, caption, f"Bars. {said}"))
    return Part("better-evidence", "What better evidence would be worth", tuple(blocks))


def _group(found: Uncertainty, name: str) -> str:
    """Return a group of assumptions in words: its first one, and how many more there are."""
    register = found.case.outcome.register
    own = [one for one in sorted(found.values.asked) if group_of(one) == name]
    if not own:
        return heading(name)
    more = f" and {len(own) - 1} more" if len(own) > 1 else ""
    return f"{register[own[0]].what}{more} ({name})"


def tornado_part(found: Sensitivity, region: Region) -> Part:
    """Return which assumption moves the gain how far, and which changes what is preferred."""
    table, unit = found.table, found.unit
    frame = pd.DataFrame(
        {
            "Assumption": [str(what) for what in table["what"]],
            "Unit": [str(its) for its in table["unit"]],
            "Value": table["value"].to_numpy(float),
            "Low": table["low"].to_numpy(float),
            "High": table["high"].to_numpy(float),
            "Gain at the low end": table["gain_low"].to_numpy(float),
            "Gain at the high end": table["gain_high"].to_numpy(float),
            "Another preferred from": table["switches_at"].to_numpy(float),
            "Which": [str(name) for name in table["switches_to"]],
        }
    )
    units = {"Gain at the low end": unit, "Gain at the high end": unit}
    lives = () if found.lives is None else (f"{found.best}: {found.lives}. Estimated.",)
    said = (*lives, *found.sentences())
    blocks: list[Block] = [Prose(said)]
    if len(table):
        figure = with_source(tornado_chart(found), region)
        widest = table.iloc[0]
        alt = (
            f"A tornado. {widest['what']} moves the gain of {found.best} most: from "
            f"{number(float(widest['gain_low']), unit)} to "
            f"{number(float(widest['gain_high']), unit)} {unit}. {' '.join(found.sentences())}"
        )
        caption = (
            f"The gain of {found.best} while one assumption moves over its 95 % range, the others "
            "at their values; the ten that matter most"
        )
        blocks.append(Picture("tornado", figure, caption, alt))
    caption = "Each assumption moved by itself, and where another option would be preferred"
    caption = f"{caption}; estimated"
    # Assumptions differ in unit and size: on the page each with its own digits.
    own = ("Value", "Low", "High", "Another preferred from")
    shown = frame.assign(**{name: [_plain(v) for v in frame[name]] for name in own})
    blocks += [
        Table("Sensitivity on the page", caption, shown, units, in_workbook=False),
        Table("Sensitivity", caption, frame, units, on_page=False),
    ]
    return Part("assumptions-that-matter", "Which assumptions matter", tuple(blocks))


def _plain(value: float) -> str:
    return "none" if np.isnan(value) else f"{value:,.4g}"


def structural_part(found: Structural) -> Part:
    """Return whether another way to see the world changes what is best."""
    table, unit = found.table, next(iter(found.found.values())).unit
    frame = pd.DataFrame(
        {
            "View": [
                f"{group}: {name}" if group else str(name)
                for group, name in zip(table["group"], table["alternative"], strict=True)
            ],
            "Best": [str(name) for name in table["best"]],
            "Changes the best": ["yes" if flag else "no" for flag in table["changes"]],
            "Mean of its best": table["mean"].to_numpy(float),
            "Mean of the usual best": table["usual_mean"].to_numpy(float),
            "Its lower end (95 %)": table["usual_low"].to_numpy(float),
            "Its upper end (95 %)": table["usual_high"].to_numpy(float),
            "Deaths at baseline": table["baseline_deaths"].to_numpy(float),
            "Its chance of a gain": table["probability_of_gain"].to_numpy(float),
        }
    )
    units = dict.fromkeys(frame.columns[3:7], unit)
    units |= {"Deaths at baseline": "deaths a year", "Its chance of a gain": "share"}
    if unit != "lives a year":
        frame = frame.drop(columns="Deaths at baseline")
    draws = len(next(iter(found.found.values())).gains)
    caption = (
        f"The options under other views of the world, each with {draws:,} draws of all "
        "assumptions; estimated"
    )
    table_block = Table("Structural alternatives", caption, frame, units)
    return Part(
        "structural", "Other ways to see the world", (Prose(tuple(found.sentences())), table_block)
    )
