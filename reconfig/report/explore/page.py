"""The map you can argue with: its part of the report's page, and a page of its own."""

from __future__ import annotations

import json
from dataclasses import dataclass
from importlib.resources import files
from typing import Any

import numpy as np
from jinja2 import Environment, StrictUndefined
from markupsafe import Markup

from reconfig.analyse.findings import Findings
from reconfig.appraise import Appraisal, Comparison, appraise, compare
from reconfig.core import Configuration, Problem, Region, Service, apart
from reconfig.report.explore.colours import CATCHMENTS, classes_for, key_titles, site_colours
from reconfig.report.explore.pack import packed_service
from reconfig.report.explore.plot import frame, plots
from reconfig.report.explore.shapes import View, packed_shapes
from reconfig.report.layers import Layers, map_layers
from reconfig.report.tiers import alone
from reconfig.report.words import listed, minutes_by, source_line

TITLE = "The map you can argue with"
SCRIPTS = (
    "numbers.js",
    "grid.js",
    "appraise.js",
    "rules.js",
    "best.js",
    "share.js",
    "draw.js",
    "panel.js",
    "explore.js",
    "offered.js",
)
DIRECTED = (
    "Patients of this service are directed: where they go is decided with the sites, by the "
    "solver, so no page can work out what another choice of sites would do. Change the scenario "
    "and solve it again."
)
TIERS = (
    "Where patients of these services go hangs on both tiers, which this page cannot work out. "
    "Change the scenario and solve it again."
)


@dataclass(frozen=True)
class Explorer:
    """The parts of the page: Bokeh's own code, scripts, style, and HTML that is escaped already.

    library and script are "" where the services cannot be explored, and the HTML says why.
    """

    library: str
    script: str
    style: str
    html: str


def explorer(
    comparison: Comparison,
    findings: Findings | None = None,
    layers: Layers | None = None,
    *,
    server: bool = False,
    problem: Problem | None = None,
) -> Explorer:
    """Return the explorer of a comparison: sites to open and close, and all that follows from it.

    findings: whose trade-off and near-ties are the maps at hand. layers: of the map, where they
    have been made already. problem: whose rules are judged; that of the findings unless given.
    server: leave a place for the Optimise button of `reconfig explore`. Of several services
    decided together each by itself, those that can be; a comparison of patients who are directed,
    or of two tiers alone, gives a page that says why not.
    """
    style = _file("explore.css")
    if comparison.before.service.is_directed:
        return Explorer("", "", style, _refusal(DIRECTED))
    parts = parts_of(comparison)
    if not parts:
        return Explorer("", "", style, _refusal(TIERS))
    problem = problem or _problem_of(findings)
    several = bool(comparison.before.service.parts)
    region, service = parts[0].before.region, parts[0].before.service
    drawn = layers if layers is not None and not several else map_layers(region, service)
    flat = None if drawn is None else drawn.in_metres()
    # Neighbours may be far off: they are on the map for who moves it.
    view = None if flat is None else View.of(flat, service.candidates)
    services = []
    for part in parts:
        own = _own(part, findings, problem)
        services.append(packed_service(part, *own) | _drawn(part))
    content = {
        "region": region.name,
        "server": server,
        "services": services,
        "shapes": None if flat is None or view is None else packed_shapes(flat, view),
    }
    made = plots(view, areas=flat is not None and flat.areas)
    html = _html(content, made.places, comparison, view, server=server)
    return Explorer(made.library, f"{made.script}\n{_script()}", style, html)


def parts_of(comparison: Comparison) -> list[Comparison]:
    """Return the comparison of every service that can be appraised by itself."""
    service, region = comparison.before.service, comparison.before.region.physical
    if not service.parts or region is None:
        return [comparison]
    before, after = (apart(a.configuration) for a in (comparison.before, comparison.after))
    names = (comparison.before.configuration.name, comparison.after.configuration.name)
    return [
        compare(
            *(
                Configuration.of(part.id, whole.open[part.id], name=name)
                for whole, name in zip((before, after), names, strict=True)
            ),
            region=region,
            service=part,
        )
        for part in alone(service)
        if not part.is_directed
    ]


def _problem_of(findings: Findings | None) -> Problem | None:
    """Return the problem that the analyses were made of."""
    if findings is None:
        return None
    made = findings.frontier or findings.alternatives
    return None if made is None else made.problem


def _own(
    comparison: Comparison, findings: Findings | None, problem: Problem | None
) -> tuple[Findings | None, Problem | None]:
    """Return the findings and the problem that are of this very service, None for the others."""
    service = comparison.before.service
    asked = _problem_of(findings)
    fits = [
        one is not None and one.service.id == service.id and not one.service.parts
        for one in (asked, problem)
    ]
    return (findings if fits[0] else None), (problem if fits[1] else None)


def _drawn(comparison: Comparison) -> dict[str, Any]:
    """Return what the map and its key need of one service: places and colours of its sites."""
    region, service = comparison.before.region, comparison.before.service
    layers = map_layers(region, service)
    found: dict[str, Any] = {
        "classes": classes_for(comparison),
        "key_titles": key_titles(comparison),
        "palette": list(CATCHMENTS),
        "places": None,
    }
    if layers is not None:
        sites = layers.in_metres().sites.geometry
        points = np.column_stack([sites.x, sites.y])
        found["places"] = {
            site: [float(x), float(y), colour]
            if np.isfinite([x, y]).all()
            else [None, None, colour]
            for site, (x, y), colour in zip(sites.index, points, site_colours(points), strict=True)
        }
    return found


def _html(
    content: dict[str, Any],
    places: dict[str, str],
    comparison: Comparison,
    view: View | None,
    *,
    server: bool,
) -> str:
    whole = comparison.before.service
    region = comparison.before.region.physical or comparison.before.region
    ratio = 1.0
    if view is not None:
        west, south, east, north = frame(view)
        ratio = (east - west) / (north - south)
    shown = {told["id"] for told in content["services"]}
    template = _environment().from_string(_file("explore.html"))
    return template.render(
        data=Markup(as_json(content)),
        map=Markup(places["map"]) if "map" in places else None,
        chart=Markup(places["chart"]),
        ratio=f"{ratio:.3f}",
        unit=minutes_by(region),
        joint=bool(whole.parts),
        left_out=listed([part.name for part in whole.parts if part.id not in shown]),
        sources=source_line(region),
        server=server,
    )


def as_json(content: Any) -> str:
    """Return JSON that may stand in a script element: no letter in it can end the element."""
    text = json.dumps(content, ensure_ascii=True, separators=(",", ":"), allow_nan=False)
    return text.replace("<", "\\u003c").replace(">", "\\u003e").replace("&", "\\u0026")


def _refusal(sentence: str) -> str:
    return str(Markup('<p class="explore-refused">{}</p>').format(sentence))


def _script() -> str:
    """Return the page's own scripts as one, that leaves nothing behind but what it offers."""
    whole = "\n".join(_file(name) for name in SCRIPTS)
    return f'(() => {{\n"use strict";\n{whole}\n}})();'


def _file(name: str) -> str:
    return files("reconfig.report.explore").joinpath(name).read_text(encoding="utf-8")


def _environment() -> Environment:
    return Environment(
        autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )


def whole_page(made: Explorer, title: str, *, lead: str = "") -> str:
    """Return a page that holds the explorer alone, and asks for nothing from anywhere."""
    template = _environment().from_string(_file("whole.html"))
    return template.render(
        title=title,
        lead=lead,
        heading=TITLE,
        plain=Markup(_file("whole.css")),
        style=Markup(made.style),
        html=Markup(made.html),
        library=Markup(made.library),
        script=Markup(made.script),
    )


def today_and(
    region: Region, service: Service, after: Configuration | Appraisal | None = None
) -> Comparison:
    """Return the comparison of today with another configuration, or with itself."""
    today = appraise(region, service, region.today(service))
    return compare(today, today if after is None else after)
