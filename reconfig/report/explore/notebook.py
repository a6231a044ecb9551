"""rc.explore: the explorer in a notebook, and as a page that stands alone."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from html import escape
from pathlib import Path

from reconfig.analyse.findings import Findings
from reconfig.appraise import Comparison, appraise, compare
from reconfig.core import Configuration, Faults, Problem, Region, Service, Solution
from reconfig.report.explore.page import TITLE, Explorer, explorer, today_and, whole_page

HEIGHT_PIXELS = 900


@dataclass(frozen=True, eq=False)
class Exploration:
    """A map to argue with: shows itself in a notebook; `save` writes it as a page of its own."""

    comparison: Comparison
    parts: Explorer

    @cached_property
    def html(self) -> str:
        """The whole page: one text that needs no file and no network beside it."""
        region, service = self.comparison.before.region, self.comparison.before.service
        title = f"{service.name} in {region.name}"
        return whole_page(self.parts, title, lead=f"{region.who_counts}")

    def save(self, path: str | Path) -> Path:
        """Write the page to a file, which opens in any browser, and return its path."""
        target = Path(path)
        target.write_text(self.html, encoding="utf-8")
        return target

    def __repr__(self) -> str:
        service = self.comparison.before.service
        return f"<Exploration of {service.name}; save('map.html') writes it as a page>"

    def _repr_html_(self) -> str:
        # A frame of its own, so that its styles and scripts meet nothing else in the notebook; it
        # may run scripts and save files, and reaches nothing of the notebook.
        return (
            f'<iframe title="{escape(TITLE)}" sandbox="allow-scripts allow-downloads" '
            f'style="width:100%;height:{HEIGHT_PIXELS}px;border:1px solid #ccc" '
            f'srcdoc="{escape(self.html)}"></iframe>'
        )


def explore(
    what: Region | Problem | Solution | Comparison,
    service: Service | str | None = None,
    *,
    after: Configuration | Solution | None = None,
    findings: Findings | None = None,
) -> Exploration:
    """Return a map on which sites can be opened and closed, as a report has it.

    what: a region (with a service, or its id), a problem, a solution, or a comparison. Today is
    what all is held against. after: a proposal to begin with, of a region or a problem; by default
    today. findings: what `rc.findings` made, whose trade-off is on the page's chart.
    Raises InputError for a region without a service, or a service beside anything else.
    """
    problem = _problem_of(what)
    if isinstance(what, Comparison):
        comparison = what
    elif isinstance(what, Solution):
        own = what.problem
        comparison = compare(own.region.today(own.service), what)
    else:
        region, chosen = _where(what, service)
        if isinstance(after, Solution):
            comparison = compare(region.today(chosen), after)
        else:
            proposal = None if after is None else appraise(region, chosen, after)
            comparison = today_and(region, chosen, proposal)
    made = explorer(comparison, findings, problem=problem)
    return Exploration(comparison, made)


def _problem_of(what: object) -> Problem | None:
    if isinstance(what, Solution):
        return what.problem
    return what if isinstance(what, Problem) else None


def _where(what: Region | Problem, service: Service | str | None) -> tuple[Region, Service]:
    """Return the region and the service that are asked for."""
    if isinstance(what, Problem):
        return what.region, what.service
    faults = Faults()
    if service is None:
        ids = ", ".join(what.services) or "none; see define_service"
        faults.add("explore", "service", "no service", f"one of the region's: {ids}")
    faults.raise_if_any()
    assert service is not None
    return what, what.service(service) if isinstance(service, str) else service
