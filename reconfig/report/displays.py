"""What notebooks show of a region, a problem, a solution and a frontier: a small table, a picture.

All of it is HTML without a script, the picture a PNG inside it, so that it looks the same in
Jupyter, in VS Code and in a page made of a notebook.
"""

from __future__ import annotations

import base64
from collections.abc import Hashable, Iterable, Mapping, Sequence
from html import escape
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from reconfig.appraise import appraise, is_share, overall_values
from reconfig.core import Problem, Region, Service, Solution
from reconfig.core.faults import listing
from reconfig.report.charts import FrontierLike, frontier_chart
from reconfig.report.figures import png_bytes
from reconfig.report.layers import NO_MAP
from reconfig.report.problem_words import constraint_words, objective_words
from reconfig.report.small_map import Panel, small_map
from reconfig.report.words import (
    AS_SUPPLIED,
    ESTIMATED,
    OBSERVED,
    count_of,
    listed,
    measure_label,
    measure_unit,
    minutes_by,
    number,
    where_to,
)

# More than these are summed up, and where to find them all is said.
MOST_POINTS, MOST_SITES, MOST_PANELS = 12, 12, 3
USUAL = ("mean_minutes", "max_minutes", "share_within_30", "share_within_45")
VOLUME = "min_volume"  # of several services the smallest says nothing
LIVES = "lives_saved"
QUALIFIERS = ("95 % interval", "No gain or harm", "Deaths at baseline")
LONGEST_NUMBER = 12  # characters
MAP_DOTS, CHART_DOTS = 100, 80
BESIDE = '<div style="display:flex;flex-wrap:wrap;gap:1.5em;align-items:flex-start">'


def region_display(region: Region) -> str:
    """Return a region as HTML: who counts, sites, times and services, and the map of today."""
    place = region.physical or region
    sites = place.sites
    scope, proposed = sites["in_scope"].astype(bool), sites["proposed"].astype(bool)
    rows = [
        ("Who counts", place.who_counts),
        ("Sites in scope", _sites_in_scope(int(scope.sum()), int((scope & ~proposed).sum()))),
        ("Neighbours, always open", f"{int((~scope).sum()):,}"),
        ("Minutes", f"by {listed(place.travel_times)}; {_how_known(sites['time_kind'])}"),
        ("Groups to compare", ", ".join(place.groups) or "none"),
    ]
    if place.year is not None:
        rows.append(("Demand", f"grown to {place.year}"))
    if place.assumptions:
        used = [f"{key} = {value:g}" for key, (_, value) in place.assumptions.items()]
        rows.append(("Assumptions changed", ", ".join(used)))
    services = [
        [s.name, s.id, f"{s.cases_per_year:,.0f}", _today_of(s)] for s in place.services.values()
    ]
    words = [_table(rows), _services(services), _left_out(place.left_out)]
    there = sites.index[scope & ~proposed]
    kinds = {
        "in scope": list(there),
        "proposed": list(sites.index[scope & proposed]),
        "neighbour": list(sites.index[~scope]),
    }
    hosts = [*there, *kinds["neighbour"]]
    minutes = place.minutes()[hosts].min(axis=1) if hosts else None
    unit = f"{minutes_by(place)} to the nearest site that is there today"
    figure = small_map(place, [Panel(place.name, kinds, minutes)], unit)
    return _beside(place.name, words, figure, f"Map of {place.name}: zones by {unit}.")


def _sites_in_scope(all_of_them: int, there: int) -> str:
    proposed = all_of_them - there
    return f"{all_of_them:,}, of which {proposed:,} proposed" if proposed else f"{all_of_them:,}"


def _how_known(kinds: pd.Series[str]) -> str:
    """Say of how many sites the times are observed, estimated and as supplied."""
    counts = kinds.value_counts()
    said = [
        f"{kind} to {counts[kind]:,}"
        for kind in (OBSERVED, ESTIMATED, AS_SUPPLIED)
        if kind in counts
    ]
    return f"{listed(said)} {'site' if len(kinds) == 1 else 'sites'}"


def _today_of(service: Service) -> str:
    return f"{len(service.today):,} of {len(service.candidates):,}"


def _services(rows: Sequence[Sequence[str]]) -> str:
    if not rows:
        return "<p>No service yet: region.define_service(...) makes one of a column of cases.</p>"
    return _table(rows, ("Service", "id", "Cases a year", "Sites today"))


def _left_out(sentences: Sequence[str]) -> str:
    """Return what the source has and the region has not, folded away where it is long."""
    if not sentences:
        return ""
    items = "".join(f"<li>{escape(sentence)}</li>" for sentence in sentences)
    head = f"Left out of the data: {count_of(len(sentences), 'thing')} to know"
    return f"<details><summary>{head}</summary><ul>{items}</ul></details>"


def problem_display(problem: Problem) -> str:
    """Return a problem as HTML: what is decided, what is best, what must hold, and where."""
    service, region = problem.service, problem.region
    parts = service.parts or (service,)
    rows = [
        *(("To decide", _decided(problem, part)) for part in parts),
        ("Who counts", f"{region.who_counts}; {service.cases_per_year:,.0f} cases a year"),
        ("Aim", objective_words(problem.objective)),
    ]
    rules = [constraint_words(c, region) for c in problem.constraints]
    items = "".join(f"<li>{escape(rule)}</li>" for rule in rules) or "<li>no constraints</li>"
    words = [_table(rows), f"<b>What must hold</b><ul>{items}</ul>"]
    panels = [_candidates(problem, part) for part in parts[:MOST_PANELS]]
    figure = small_map(region.physical or region, panels, "")
    title = f"{service.name} in {region.name}"
    return _beside(title, words, figure, f"Map of the candidates for {title}.")


def _decided(problem: Problem, part: Service) -> str:
    """Say of how many candidates how many of one service may be open, and are today."""
    low, high = (problem.fewest, problem.most)
    if problem.service.parts:
        low, high = problem.numbers()[part.id]
    many = f"{high:,}" if low == high else f"{low:,} to {high:,}"
    of = f"{many} of {count_of(len(part.candidates), 'candidate')}, today {len(part.today):,}"
    return f"{part.name}: {of}" if problem.service.parts else f"which sites host it: {of}"


def _candidates(problem: Problem, part: Service) -> Panel:
    """Return the map of one service's candidates."""
    kept = set(_of_part(problem.service, part, problem.kept))
    closed = set(_of_part(problem.service, part, problem.closed))
    kinds = {
        "must be open": sorted(kept),
        "must be closed": sorted(closed),
        "may be open": [s for s in part.candidates if s not in kept | closed],
        "neighbour": list(part.always_open),
    }
    return Panel(f"{part.name}: {count_of(len(part.candidates), 'candidate')}", kinds)


def solution_display(solution: Solution) -> str:
    """Return a solution as HTML: sites, verdict, lives with their interval, measures, the map."""
    problem = solution.problem
    region, service = problem.region, problem.service
    words = [f"<p>{escape(solution.verdict)}</p>"]
    if solution.lives is not None:
        words.append(f"<p>Lives saved: {escape(str(solution.lives))} (estimated)</p>")
    if solution.configuration is None:
        return _beside("No choice found", words, None, "", mapped=False)
    names = _opened(region, service, solution.open)
    words.append(_measures(solution))
    if len(solution.open) > MOST_SITES:
        every = escape(", ".join(region.site_names(solution.open)))
        words.append(f"<details><summary>The sites by name</summary>{every}</details>")
    minutes = appraise(region, service, solution.configuration).assignment["minutes"]
    panels = []
    for part in (service.parts or (service,))[:MOST_PANELS]:
        panels.append(_outcome(solution, part, minutes))
    unit = f"{minutes_by(region)} {where_to(service)}"
    figure = small_map(region.physical or region, panels, unit)
    return _beside(f"Open: {names}", words, figure, f"Map of zones by {unit}. Open: {names}.")


def _outcome(solution: Solution, part: Service, minutes: pd.Series[float]) -> Panel:
    """Return the map of what becomes of one service's sites, with its minutes by zone."""
    service = solution.problem.service
    opened = _of_part(service, part, solution.open)
    if service.parts:
        own = minutes[minutes.index.str.startswith(f"{part.id}@")]
        minutes = own.set_axis(own.index.str.removeprefix(f"{part.id}@"))
    kinds = {
        "open": opened,
        "closes": [s for s in part.today if s not in opened],
        "neighbour": list(part.always_open),
    }
    return Panel(f"{part.name}: {count_of(len(opened), 'site')}", kinds, minutes)


def _measures(solution: Solution) -> str:
    """Return the table of the measures that the problem is about and the usual ones, with today.

    Lives saved of today are left out: what qualifies them is not at hand.
    """
    service = solution.problem.service
    parts = service.parts or (service,)
    usual = USUAL if service.parts else (*USUAL, VOLUME)
    wanted = [*solution.problem.measures, *usual]
    names = [name for name in dict.fromkeys(wanted) if name in solution.measures]
    names = [name for name in names if not np.isnan(solution.measures[name])]
    estimated = {name for part in parts if part.outcome for name in part.outcome.estimates}
    today = _today(solution, [name for name in names if name != LIVES])
    rows = []
    for name in names:
        unit = measure_unit(name)
        shown = "" if is_share(unit) else unit
        label = measure_label(name) + (" (estimated)" if name in estimated else "")
        row = [label, number(solution.measures[name], unit)]
        if today:
            row.append(number(today[name], unit) if name in today else "")
        rows.append([*row, shown])
    return _table(rows, ("", "This choice", *(["Today"] if today else []), ""))


def _today(solution: Solution, names: Sequence[str]) -> dict[str, float]:
    """Return measures of today; empty where nobody hosts the service, or some reach no host."""
    region, service = solution.problem.region, solution.problem.service
    if not service.today and not service.always_open:
        return {}
    try:
        return overall_values(region, service, region.today(service), names)
    except ValueError:  # today some zones reach no open site, so that there is no mean of all
        return {}


def frontier_display(frontier: FrontierLike, region: Region, service: Service) -> str:
    """Return a frontier as HTML: the chart, and a table of its points."""
    points = frontier.points
    names = [name for name in frontier.measures if name != "open_sites"]
    qualified = {LIVES} if "lives_low" in points.columns else set()
    shown = points[points["efficient"]] if len(points) > MOST_POINTS else points
    rows = []
    for point in shown.head(MOST_POINTS).to_dict("records"):
        values = []
        for name in names:
            values.append(number(point[name], measure_unit(name)))
            values += _lives_of(point) if name in qualified else []
        sites = _opened(region, service, point["open"])
        beaten = "" if point["efficient"] else "; another number of sites beats it"
        rows.append([f"{point['number']:,}", *values, sites, f"{point['status']}{beaten}"])
    head = ["Sites"]
    for name in names:
        head += [_heading(name), *(QUALIFIERS if name in qualified else [])]
    words = [_table(rows, [*head, "Open", "Status"])]
    if len(rows) < len(points):
        many = f"{len(rows):,} of {count_of(len(points), 'point')}"
        words.append(
            f"<p>The table shows {many}, none of which another beats; .points has all.</p>"
        )
    if frontier.unfinished:
        numbers = escape(listing(frontier.unfinished))
        words.insert(0, f"<b>Not complete: stopped early for {numbers} sites.</b>")
    labels = [measure_label(name) for name in frontier.measures]
    against = listed(f"{label[:1].lower()}{label[1:]}" for label in labels[1:])
    title = f"{labels[0]} against {against}: {count_of(len(points), 'point')}"
    picture = _picture(frontier_chart(frontier), f"Chart of {title}.", CHART_DOTS)
    return f"<b>{escape(title)}</b><br>{picture}<br>{''.join(words)}"


def _heading(name: str) -> str:
    unit = measure_unit(name)
    return measure_label(name) if is_share(unit) else f"{measure_label(name)} ({unit})"


def _lives_of(point: Mapping[Hashable, Any]) -> list[str]:
    """Return what qualifies the lives saved of a point: interval, chance of no gain, baseline."""
    unit = measure_unit(LIVES)
    return [
        f"{number(point['lives_low'], unit)} to {number(point['lives_high'], unit)}",
        f"{point['lives_probability_of_no_gain']:.0%}",
        f"{point['lives_baseline_deaths']:,.0f}",
    ]


def _opened(region: Region, service: Service, ids: Sequence[str]) -> str:
    """Return the names of the open sites, service by service where there are several."""
    if not service.parts:
        return _named(region, ids)
    place = region.physical or region
    said = []
    for part in service.parts:
        said.append(f"{part.name}: {_named(place, _of_part(service, part, ids))}")
    return "; ".join(said)


def _of_part(service: Service, part: Service, ids: Iterable[str]) -> list[str]:
    """Return those of a service's site ids that are one part's, as ids of places, sorted."""
    if not service.parts:
        return sorted(ids)
    mark = f"{part.id}@"
    return sorted(site.removeprefix(mark) for site in ids if site.startswith(mark))


def _named(region: Region, ids: Sequence[str]) -> str:
    """Return the names of sites; of many only how many there are."""
    if len(ids) > MOST_SITES:
        return count_of(len(ids), "site")
    return ", ".join(region.site_names(ids)) or "none"


def _beside(
    title: str, words: Iterable[str], figure: Figure | None, alt: str, *, mapped: bool = True
) -> str:
    """Return words (HTML) and a picture side by side, or below each other where it is narrow."""
    picture = _picture(figure, alt, MAP_DOTS) if figure is not None else ""
    if figure is None and mapped:
        picture = f"<i>{escape(NO_MAP)}</i>"
    said = "".join(words)
    return (
        f'{BESIDE}<div style="max-width:34em"><b>{escape(title)}</b>{said}</div>'
        f"<div>{picture}</div></div>"
    )


def _picture(figure: Figure, alt: str, dots: int) -> str:
    """Return a figure as an image inside the page."""
    data = base64.b64encode(png_bytes(figure, dots=dots)).decode("ascii")
    width = round(80 * figure.get_figwidth())
    style = "max-width:100%;height:auto"
    source = f"data:image/png;base64,{data}"
    return f'<img alt="{escape(alt)}" width="{width}" style="{style}" src="{source}">'


def _table(rows: Iterable[Sequence[str]], head: Sequence[str] = ()) -> str:
    """Return an HTML table, every text escaped: numbers to the right, all else to the left.

    Without a head the first of each row is what the second is about.
    """
    top = "".join(f'<th style="text-align:left">{escape(text)}</th>' for text in head)
    body = "".join(
        f"<tr>{''.join(_cell(text, k == 0, bool(head)) for k, text in enumerate(row))}</tr>"
        for row in rows
    )
    return f'<table style="font-size:inherit">{f"<tr>{top}</tr>" if head else ""}{body}</table>'


def _cell(text: str, is_first: bool, headed: bool) -> str:
    is_number = headed and text.lstrip("-+")[:1].isdigit() and len(text) <= LONGEST_NUMBER
    side = "right;white-space:nowrap" if is_number else "left"
    if is_first and not headed:
        side, shown = "left;white-space:nowrap", f"<b>{escape(text)}</b>"
    else:
        shown = escape(text)
    return f'<td style="text-align:{side};vertical-align:top;padding:2px 8px">{shown}</td>'
