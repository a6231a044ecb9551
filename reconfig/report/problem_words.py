"""What is best and what must hold, in words for people."""

from __future__ import annotations

from reconfig.appraise import amount, apart, scale
from reconfig.core import Constraint, Limit, Objective, Region
from reconfig.report.words import listed, measure_label, measure_unit


def objective_words(objective: Objective) -> str:
    """Say what is best, in words: "Maximise lives saved, ...; then minimise mean journey"."""
    said = []
    for stage in objective.stages():
        unit = measure_unit(stage.measure)
        label = measure_label(stage.measure)
        text = f"{stage.sense} {label[:1].lower()}{label[1:]}"
        if stage.tolerance > 0:
            room = amount(f"{scale(unit) * stage.tolerance:g}", apart(unit))
            text += f" (within {room} counts as equal)"
        said.append(text)
    whole = "; then ".join(said)
    return whole[:1].upper() + whole[1:]


def constraint_words(constraint: Constraint, region: Region) -> str:
    """Return a constraint in words with the names of sites, where its own words have their ids."""
    if isinstance(constraint, Limit):
        return _limit_words(constraint)
    text = str(constraint)
    sites = sorted(getattr(constraint, "sites", ()))
    if sites and set(sites) <= set(region.sites.index):
        text = text.replace(", ".join(sites), listed(region.site_names(sites)))
    return text


def _limit_words(limit: Limit) -> str:
    unit = measure_unit(limit.measure)
    ends = [
        ("at least", limit.at_least, unit, ""),
        ("at most", limit.at_most, unit, ""),
        ("at most", limit.at_most_over_today, apart(unit), " more than today"),
    ]
    said = [
        f"{word} {amount(f'{scale(unit) * bound:,.12g}', one)}{more}"
        for word, bound, one, more in ends
        if bound is not None
    ]
    group = f", in every {limit.by.replace('_', ' ')}" if limit.by else ""
    return f"{measure_label(limit.measure)}: {' and '.join(said)}{group}"
