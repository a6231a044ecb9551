"""What a report says of an answer in sentences: the proof, and what is not known."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from reconfig.appraise import Comparison, amount, apart, is_share, scale
from reconfig.core import LivesSaved, OutcomeModel, Region, Service, Solution, Status
from reconfig.data import load_register
from reconfig.report.words import (
    count_of,
    estimated_times,
    listed,
    measure_label,
    measure_unit,
    number,
    used_sites,
)

NOT_SOLVED = (
    "This configuration was given, not searched for. Nothing is claimed about whether another "
    "would be better."
)


def default_title(comparison: Comparison) -> str:
    """Return a title such as "Emergency surgery in Greater Manchester: 10 sites to 4"."""
    service, region = comparison.before.service, comparison.before.region
    count = f"{count_of(len(comparison.before.open), 'site')} to {len(comparison.after.open)}"
    return f"{service.name} in {region.name}: {count}"


def lives_sentence(lives: LivesSaved, whose: str) -> str:
    """Return lives saved with its interval, its chance of no gain and its baseline in one."""
    return (
        f"Expected lives saved a year{whose}: {number(lives.central, 'lives a year')} "
        f"(95% interval {round(lives.low):,} to {round(lives.high):,}), of "
        f"{lives.baseline_deaths:,.0f} deaths a year under {lives.baseline}; the chance of no gain "
        f"(or of harm) is {lives.probability_of_no_gain:.0%}."
    )


def verdict_rows(solution: Solution | None) -> list[tuple[str, str]]:
    """Return what has been proven: status, objective, bound, gap, seconds."""
    if solution is None:
        return [("Verdict", NOT_SOLVED)]
    rows = [("Verdict", solution.verdict), ("Status", solution.status.value.replace("_", " "))]
    for k, stage in enumerate(solution.stages):
        word = "Objective" if k == 0 else "Then"
        unit = measure_unit(stage.measure)
        text = f"{stage.sense} {measure_label(stage.measure).lower()} ({unit})"
        for name, value in (("value", stage.value), ("bound", stage.bound)):
            if value is not None:
                text += f"; {name} {_exact(value, unit)}"
        if k == 0 and solution.objective is not None and stage.value is not None:
            chosen = _exact(solution.objective, unit)
            if chosen != _exact(stage.value, unit):
                # Within a stated tolerance the next objective may choose a little less.
                text += f"; {chosen} at the configuration chosen"
        rows.append((word, f"{text}; {stage.status.value.replace('_', ' ')}"))
    rows += [("Constraint", str(constraint)) for constraint in solution.problem.constraints]
    rows.append(("Gap between value and bound", _gap(solution)))
    rows.append(("Time taken", f"{solution.seconds:.1f} seconds with {solution.solver}"))
    return rows


def _gap(solution: Solution) -> str:
    """Return the gap in words; a tolerance that was made use of is part of it."""
    if solution.gap is None:
        return "not known"
    text = f"{solution.gap:.4%}"
    if text == "0.0000%":
        return "none"
    first = solution.problem.objective
    if solution.status is Status.OPTIMAL and first.tolerance > 0:
        unit = measure_unit(first.measure)
        within = amount(f"{scale(unit) * first.tolerance:g}", apart(unit))
        text += (
            f", given up for the next objective: choices within {within} of the best count as equal"
        )
    return text


def _exact(value: float, unit: str) -> str:
    """Return a value with the digits that a proof needs: more than a summary shows."""
    text = f"{scale(unit) * value:,.3f}"
    return amount(text, unit) if is_share(unit) else text


def limits_of_knowledge(region: Region, service: Service) -> list[tuple[str, str]]:
    """Return, topic by topic, what an answer rests on and does not know."""
    parts = service.parts or (service,)
    if region.physical is not None:
        hosts = {site for part in parts for site in used_sites(part)}
        every = replace(parts[0], candidates=tuple(hosts), always_open=())
        said = [("Travel times", estimated_times(region.physical, every))]
    else:
        said = [("Travel times", estimated_times(region, service))]
    for part in parts:
        if part.outcome is not None:
            of = f"{part.name}: " if service.parts else ""
            said.append((_gained(part.outcome), _sentence(f"{of}{part.outcome.basis}")))
    said.append(("Choice of hospital", choice_sentence(service, region.register)))
    if service.demand_basis:
        said.append(("Demand", f"{service.demand_basis}."))
    if region.left_out:
        said.append(("Places left out", f"{_sentence('; '.join(region.left_out))}"))
    kinds = "Beds, staff, theatres, buildings and cost are not part of this comparison"
    said.append(("Left out", f"{kinds} unless a constraint above names them."))
    return said


def _gained(outcome: OutcomeModel) -> str:
    """Return what an outcome model estimates, as a topic."""
    if "lives_saved" in outcome.estimates:
        return "Lives saved"
    return listed([measure_label(name) for name in outcome.estimates])


def _sentence(text: str) -> str:
    return f"{text[:1].upper()}{text[1:]}."


def choice_sentence(service: Service, register: Mapping[str, Any] | None = None) -> str:
    """Say how patients are taken to choose their site; register: as `nearest_site_sentence` has."""
    if service.is_directed:
        return (
            "Patients are taken to go where they are told: the plan decides for the cases of every "
            "zone, and may split them or send them past a nearer open site. Today everybody is "
            "taken to go to the nearest open one."
        )
    ways = [f"{part.name}: {part.tier}." for part in service.parts if part.tier is not None]
    if ways:
        straight = any(p.tier is not None and p.tier.direct_within > 0 for p in service.parts)
        nearest = "" if straight else f" {nearest_site_sentence(register)}"
        return f"{' '.join(ways)}{nearest}"
    choice = service.choice
    if choice is None or not choice.minutes > 0:
        return nearest_site_sentence(register)
    return (
        "Patients are taken to go to the nearest open site for the most part, by travel time: "
        f"{choice}. Which of them go further is drawn at random, and no quality or habit is in it."
    )


def nearest_site_sentence(register: Mapping[str, Any] | None = None) -> str:
    """Say how far patients can be taken to go to the nearest site, from a region's register.

    register: that of the package where the region has none.
    """
    error = (register or load_register())["travel.nearest_error"]
    return (
        "Every patient is taken to go to the nearest open site by travel time. Against real "
        f"admissions to stroke units that was wrong by a median of {error.value:.0%} of a unit's "
        f"patients ({error.source}): ambulances divert, and people go where they are known."
    )


def changed_assumptions(region: Region) -> list[tuple[str, str]]:
    """Return every assumption that was changed, by id, with the register's own value."""
    said = []
    for key, (own, used) in region.assumptions.items():
        found = region.register.get(key)
        what = "" if found is None else f"{found.what} ({found.unit}): "
        if own == used:
            said.append((key, f"{what}{used:g} as in the register, with another spread."))
        else:
            said.append((key, f"{what}{used:g} instead of the register's {own:g}."))
    return said
