"""Lives and quality-adjusted life years: what is gained, of what, how sure, and what would tell."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import pandas as pd

from reconfig.analyse.findings import SENSITIVITY, STRUCTURAL, UNCERTAINTY, Findings
from reconfig.appraise import Comparison, estimate_of
from reconfig.appraise.lives import DRAWS, FEWER_DRAWS, Gained
from reconfig.core import LivesSaved, Region, Service
from reconfig.report.option_charts import (
    distribution_chart,
    waterfall_chart,
)
from reconfig.report.sections.block import Block, Part, Picture, Prose, Section
from reconfig.report.sections.options_weighed import (
    information_part,
    structural_part,
    tornado_part,
    weighing_part,
)
from reconfig.report.sections.summary import other_ranges
from reconfig.report.tables import EFFECT_WORDS, Table, gains_tables, lives_table
from reconfig.report.words import heading, listed, measure_label, measure_unit, name_of, number

ID, TITLE = "outcomes", "Lives and quality-adjusted life years"
NO_MODEL = (
    "No outcome model is given for this service, so neither lives saved nor quality-adjusted life "
    "years are estimated. What a journey does to patients is then not in this report: only how "
    "long it is. A service file with a table [outcome] gives a model."
)
HOW = {
    UNCERTAINTY: "rc.uncertainty(region, configurations) weighs several options.",
    SENSITIVITY: "rc.sensitivity(region, configurations) says which assumption changes the answer.",
    STRUCTURAL: "rc.structural(region, configurations) tries other ways to see the world.",
}
LIVES = "lives a year"
# A gain of less than this share of the baseline is rounding.
ROUNDING = 1e-9
# Effects with words of their own here.
MORE_WORDS = {"time": "time to treatment"}
NO_DRAWS = (
    "how sure the gain is was not worked out, since draws of the assumptions would leave out a "
    "part of it, as they do where two tiers are decided together. For one service by itself "
    "rc.uncertainty(region, configurations, service=...) gives a range."
)
DIFFERENT = "what is left after the cap: lives saved never exceed the deaths at baseline"


def outcomes(comparison: Comparison, *, findings: Findings | None = None) -> Section:
    """Return what the change gains in lives or QALYs, with all that qualifies it.

    Without findings: the estimate, its interval and its parts, and how to get the rest.
    """
    service = comparison.after.service
    models = [part for part in service.parts or (service,) if part.outcome is not None]
    if not models:
        return Section(ID, TITLE, (Prose((NO_MODEL,)),))
    blocks: list[Block] = [*_lives(comparison)]
    for part in models:
        blocks += _others(comparison, part)
    blocks += gains_tables(comparison)
    blocks += _chances(comparison)
    blocks += _analyses(comparison.after.region, findings)
    return Section(ID, TITLE, tuple(blocks))


def _lives(comparison: Comparison) -> list[Block]:
    """Return the lives that the change saves, the totals beside them, and the components."""
    before, after = comparison.before.lives, comparison.after.lives
    gained = comparison.lives_gained
    if after is None or before is None or gained is None:
        return []
    cases = comparison.after.service.cases_per_year
    name = name_of(comparison.before.configuration, "the configuration before")
    said = [
        "Expected lives saved a year by the change itself, beyond what is there before it: "
        f"{_total(gained)}, of {gained.baseline_deaths:,.0f} deaths a year under "
        f"{gained.baseline}.",
        *_cases_a_life(gained, cases),
        f"In all, against {after.baseline}, lives saved a year are {_total(before)} before the "
        f"change ({name}) and {_total(after)} after it: what is there before is no gain of it.",
        f"What this rests on: {after.basis}.",
        "All lives are estimated. Components are at the central values of the assumptions.",
    ]
    blocks: list[Block] = [Prose(tuple(said))]
    table = lives_table(comparison)
    if table is not None:
        blocks.append(_with_change(table, gained))
    parts = _in_words(gained.parts, gained.central)
    if parts and not _is_nothing(gained):
        region = comparison.after.region
        what = f"Lives saved a year by the change, of {gained.baseline_deaths:,.0f} deaths"
        figure = waterfall_chart(
            parts,
            gained.central,
            (gained.low, gained.high),
            what=what,
            unit="lives a year",
            region=region,
        )
        alt = f"Bars from nothing to the total. {_parts_said(parts, 'lives a year')} {gained}."
        caption = (
            "What the gain of the change is the sum of, after less before, with the 95 % interval "
            "of the total; the chance of no gain or of harm is "
            f"{gained.probability_of_no_gain:.0%}"
        )
        blocks.append(Picture("lives-components", figure, caption, alt))
    return blocks


def _total(lives: LivesSaved) -> str:
    """Return lives with all that qualifies them."""
    return (
        f"{number(lives.central, LIVES)} (95 % interval {number(lives.low, LIVES)} to "
        f"{number(lives.high, LIVES)}; chance of no gain or of harm "
        f"{lives.probability_of_no_gain:.0%})"
    )


def _is_nothing(lives: LivesSaved) -> bool:
    """Say whether no draw gains or loses a life."""
    room = ROUNDING * max(lives.baseline_deaths, 1.0)
    return max(abs(lives.low), abs(lives.high), abs(lives.central)) <= room


def _with_change(table: Table, gained: LivesSaved) -> Table:
    """Return the table of lives before and after with a column for the change itself.

    The interval of a change is no difference of intervals: it is counted draw by draw.
    """
    values = [
        gained.central,
        gained.low,
        gained.high,
        gained.baseline_deaths,
        gained.probability_of_no_gain,
    ]
    names = [str(name) for name in table.frame["Estimate"]]
    parts = list(gained.parts.values())
    values += [*parts, *[float("nan")] * (len(names) - len(values) - len(parts))]
    frame = table.frame.copy()
    frame.insert(list(frame.columns).index("After") + 1, "Change", values[: len(names)])
    caption = (
        "Lives saved a year against the baseline of the model, before and after, and by the change "
        "itself, draw by draw; all estimated"
    )
    return Table(table.name, caption, frame, table.units, table.row_units)


def _cases_a_life(lives: LivesSaved, cases: float) -> list[str]:
    """Say how many cases there are to a life saved, and what the interval makes of that."""
    room = ROUNDING * max(lives.baseline_deaths, 1.0)
    if _is_nothing(lives):
        return ["The change itself gains nothing and loses nothing in this model."]
    if abs(lives.central) <= room:
        return ["No life is expected to be saved, so there is no number of cases to a life saved."]
    word = "saved" if lives.central > 0 else "lost"
    many = f"{cases / abs(lives.central):,.0f}"
    said = f"That is one life {word} by the change for every {many} cases treated"
    if lives.low > room:
        return [
            f"{said} (95 % interval {cases / lives.high:,.0f} to {cases / lives.low:,.0f} cases)."
        ]
    if lives.high > room:
        worst = (
            f"one life lost for every {cases / -lives.low:,.0f}"
            if lives.low < -room
            else "no life saved at all"
        )
        return [
            f"{said}. The interval of lives includes none, so this number has no single range: "
            f"from one life saved for every {cases / lives.high:,.0f} cases at the upper end, by "
            f"way of no life saved at all, to {worst} at the lower end."
            if lives.low < -room
            else f"{said}. The interval of lives reaches down to none: from one life saved for "
            f"every {cases / lives.high:,.0f} cases at the upper end to {worst}."
        ]
    return [f"{said}. Even the upper end of the interval saves none."]


def _others(comparison: Comparison, part: Service) -> list[Block]:
    """Return what a model estimates in place of lives: QALYs, people independent."""
    outcome, after = part.outcome, comparison.after
    assert outcome is not None
    names = [name for name in outcome.estimates if name != "lives_saved"]
    if not names:
        return []
    joint = bool(after.service.parts)
    said: list[str] = []
    rows: list[tuple[str, float, float, float, str]] = []
    for name in names:
        unit = measure_unit(name)
        was, now = (estimate_of(a, part, name) for a in (comparison.before, after))
        rows.append((measure_label(name), was, now, now - was, unit))
    title = f"Outcomes {part.id}"[:31] if joint else "Outcomes"
    frame = pd.DataFrame(rows, columns=["Estimate", "Before", "After", "Change", "Unit"])
    caption = f"{part.name}: what is gained a year against {outcome.baseline}; all estimated"
    units = [str(row[4]) for row in rows]
    said.append(
        f"{part.name}: estimated is {listed([row[0].lower() for row in rows])} a year, against "
        f"{outcome.baseline}; the change is what is gained beyond what is there before it. Lives "
        "saved are not estimated for this service."
    )
    said += [
        f"Of the change: {row[0].lower()} {number(row[3], row[4], signed=True)} {row[4]}."
        for row in rows
    ]
    said += other_ranges(comparison, part)
    said.append(f"What this rests on: {outcome.basis}.")
    return [
        Prose(tuple(said)),
        Table(title, caption, frame, {}, units, frozenset({"Change"})),
    ]


def _chances(comparison: Comparison) -> list[Block]:
    """Return how sure the gains of the change are, one part a kind of gain, or why there is none.

    Lives of several services are one gain; other estimates are each service's own.
    """
    service = comparison.after.service
    asked: list[tuple[str, str, str]] = []  # estimate, id of the service, its name
    parts = service.parts or (service,)
    models = [(part, part.outcome.estimates) for part in parts if part.outcome is not None]
    if any("lives_saved" in known for _, known in models):
        asked.append(("lives_saved", "", ""))
    for part, known in models:
        if "lives_saved" not in known:
            asked += [(name, part.id, part.name) for name in known[:1]]
    blocks: list[Block] = []
    for estimate, of, name in asked:
        several = bool(service.parts) and bool(of)
        draws = DRAWS if estimate == "lives_saved" else FEWER_DRAWS
        found = comparison.gained(estimate, of=of if several else "", draws=draws)
        label = measure_label(estimate).lower()
        whose = f" ({name})" if several else ""
        if found is None:
            blocks.append(Prose((f"{label.capitalize()}{whose}: {NO_DRAWS}",)))
        elif found.low == found.high == 0.0 or not abs(found.draws).max() > ROUNDING:
            blocks.append(Prose((f"In no draw does the change move {label}{whose} at all.",)))
        else:
            ending = f"-{of}" if several else ""
            blocks.append(_chance(found, comparison.after.region, whose, ending))
    return blocks


def _chance(found: Gained, region: Region, whose: str, ending: str) -> Part:
    """Return the chance of a gain and the spread of the draws; of QALYs the components too.

    whose: the service in brackets, where there are several; ending: of ids and names of files.
    """
    unit = measure_unit(found.estimate)
    label = measure_label(found.estimate)
    low, high, none = found.low, found.high, found.probability_of_no_gain
    said = (
        f"Over {len(found.draws):,} draws of all assumptions the mean of what the change gains in "
        f"{label.lower()}{whose} is {number(float(found.draws.mean()), unit)} {unit} (95 % "
        f"interval {number(low, unit)} to {number(high, unit)}). The chance of a gain is "
        f"{1 - none:.0%}, and of none or of harm {none:.0%}. Estimated."
    )
    blocks: list[Block] = [Prose((said,))]
    if found.estimate != "lives_saved":
        parts = _in_words(found.parts, found.central)
        figure = waterfall_chart(
            parts,
            found.central,
            (low, high),
            what=f"{label} a year by the change{whose}",
            unit=unit,
            region=region,
        )
        caption = "What the gain of the change is the sum of, with the 95 % interval of the total"
        alt = f"Bars from nothing to the total. {_parts_said(parts, unit)} {said}"
        blocks.append(Picture(f"qalys-components{ending}", figure, caption, alt))
    figure = distribution_chart(
        found.draws,
        (low, high),
        what=f"How sure: {label.lower()} by the change{whose}, over all draws",
        unit=unit,
        region=region,
    )
    caption = (
        "Draws of all assumptions together: how many give which gain by the change, after less "
        "before on the same draw, estimated"
    )
    blocks.append(Picture(f"gain-distribution{ending}", figure, caption, f"A histogram. {said}"))
    return Part(f"chance-of-gain{ending}", f"How sure the gain is{whose}", tuple(blocks))


def _in_words(parts: Mapping[str, float], total: float) -> dict[str, float]:
    """Return the parts of a gain in words; what the cap takes away is one of them."""
    found = {_effect(name): value for name, value in parts.items()}
    rest = total - sum(found.values())
    if found and abs(rest) > 1e-6 * max(1.0, abs(total)):
        found[DIFFERENT] = rest
    return found


def _effect(name: str) -> str:
    service, _, effect = name.rpartition(": ")
    words = EFFECT_WORDS.get(effect) or MORE_WORDS.get(effect) or heading(effect).lower()
    return f"{words} ({service})" if service else words


def _parts_said(parts: dict[str, float], unit: str) -> str:
    said = [f"{name}: {number(value, unit, signed=True)}" for name, value in parts.items()]
    return f"{'; '.join(said)} ({unit})."


def _analyses(region: Region, findings: Findings | None) -> list[Block]:
    """Return what the analyses say of several options, or why they do not."""
    if findings is None:
        how = " ".join(HOW.values())
        text = f"Other options were not weighed. rc.findings(solution) does all of it. {how}"
        return [Prose((text,))]
    blocks: list[Block] = []
    missing = []
    if findings.uncertainty is not None:
        baseline = findings.uncertainty.case.outcome.baseline
        said = (
            f"What follows counts every option against {baseline}, and not against the "
            "configuration before the change: its figures compare options, and are no gains of "
            "the change."
        )
        blocks += [
            Prose((said,)),
            weighing_part(findings.uncertainty, region),
            information_part(findings.uncertainty, region),
        ]
    else:
        missing.append(UNCERTAINTY)
    if findings.sensitivity is not None:
        blocks.append(tornado_part(findings.sensitivity, region))
    else:
        missing.append(SENSITIVITY)
    if findings.structural is not None:
        blocks.append(structural_part(findings.structural))
    else:
        missing.append(STRUCTURAL)
    return [*blocks, *([Prose(_why(findings, missing))] if missing else [])]


def _why(findings: Findings, missing: Sequence[str]) -> tuple[str, ...]:
    """Say what was not made of the options, and why; one reason for several once."""
    reasons: dict[str, list[str]] = {}
    for what in missing:
        reasons.setdefault(findings.reason(what) or HOW[what], []).append(what)
    return tuple(f"Not made of the options: {listed(w)}. {why}" for why, w in reasons.items())
