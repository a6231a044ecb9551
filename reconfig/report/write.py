"""Write a report: page, pictures, tables, shapes and files for programs, in one folder."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path

from markupsafe import Markup

from reconfig.analyse.findings import Findings
from reconfig.appraise import Appraisal, Comparison, appraise, compare
from reconfig.core import Configuration, Region, Service, Solution, apart
from reconfig.report.contents import AFTER, sections_of
from reconfig.report.explore.page import Explorer
from reconfig.report.explore.page import explorer as made_explorer
from reconfig.report.figures import write_figures
from reconfig.report.folder import MANIFEST, whole_folder
from reconfig.report.geopackage import write_geopackage
from reconfig.report.layers import map_layers
from reconfig.report.page import PageContent, html_page
from reconfig.report.pdf import pdf_program, write_pdf
from reconfig.report.results import (
    manifest_of,
    result_of,
    result_without_configuration,
    sha256_of,
    write_json,
)
from reconfig.report.sections.block import Section
from reconfig.report.sentences import sentences_table
from reconfig.report.summary import default_title
from reconfig.report.tables import Table, with_times_label
from reconfig.report.tiers import alone, tier_notes
from reconfig.report.words import listed, times_label
from reconfig.report.workbook import write_csv, write_workbook

MAPS = "map.gpkg"
# What stands in the place of the map that can be played with, of a report made without it.
LEFT_OUT = (
    "The map on which sites can be opened and closed was left out of this report (--no-explorer), "
    "for it would hold the cases of every zone."
)


def report(
    folder: str | Path,
    before: Configuration | Appraisal,
    after: Configuration | Solution | Appraisal,
    *,
    region: Region | None = None,
    service: Service | None = None,
    title: str | None = None,
    findings: Findings | None = None,
    notes: Sequence[str] = (),
    scenario_text: str | None = None,
    command: str | None = None,
    pdf: bool = False,
    explorer: bool = True,
) -> Path:
    """Write the report of a change and return its folder.

    Writes report.html, tables.xlsx, csv/, figures/, result.json and manifest.json; where the region
    has coordinates also map.gpkg, and with pdf=True report.pdf. An earlier report in the folder is
    replaced as a whole. Of several services decided together there is one report of all, without
    maps, and in a folder beneath it one of each, except of tiers whose patients come by way of
    another (it says which).
    region, service: needed only if before and after are both plain configurations.
    findings: what `rc.findings` made of the solution; without it the sections on options, outcomes
    and the trade-off say how to get the rest. notes: sentences for the summary. scenario_text,
    command: how the result was come by. explorer: with the map on which sites can be opened and
    closed, for which report.html holds the cases of every zone; False leaves map and cases out.
    Raises ValueError for a solution without a configuration (see `write_result`), InputError if
    the folder holds something else, or no browser is there to print the PDF.
    """
    printer = pdf_program() if pdf else None
    comparison = compare(before, after, region=region, service=service)
    solution = after if isinstance(after, Solution) else None
    heading = title or default_title(comparison)
    sections = sections_of(
        comparison,
        solution=solution,
        findings=findings,
        notes=(*notes, *tier_notes(comparison.after.service)),
        command=command,
        explorer=explorer,
    )
    with whole_folder(folder) as new:
        _write_files(new, heading, comparison, sections)
        page = new / "report.html"
        played = _explorer(comparison, findings, solution) if explorer else _no_explorer()
        page.write_text(
            html_page(_content(new, heading, comparison, sections, played)), encoding="utf-8"
        )
        if printer is not None:
            write_pdf(page, new / "report.pdf", program=printer)
        frontier = None if findings is None else findings.frontier
        write_json(new / "result.json", result_of(comparison, solution, frontier))
        solver = None if solution is None else solution.solver
        # Within the same folder-to-be, so that it is whole, and hashed, with the reports of each.
        _each_service(new, heading, comparison, scenario_text, command, pdf=pdf, explorer=explorer)
        _write_manifest(new, comparison.after.region, solver, scenario_text, command)
    return Path(folder)


def _write_files(
    folder: Path, heading: str, comparison: Comparison, sections: Sequence[Section]
) -> None:
    """Write the files that others open: layers for QGIS, the workbook and its tables as CSV."""
    layers = map_layers(comparison.before.region, comparison.before.service)
    if layers is not None:
        write_geopackage(folder / MAPS, comparison, layers)
    tables = _tables(heading, comparison, sections)
    write_workbook(folder / "tables.xlsx", tables)
    write_csv(folder / "csv", tables)


def _content(
    folder: Path,
    heading: str,
    comparison: Comparison,
    sections: Sequence[Section],
    explorer: Explorer,
) -> PageContent:
    """Return what the page is made of; its pictures are written to the folder on the way."""
    region, service = comparison.after.region, comparison.after.service
    pictures = (picture for section in sections for picture in section.pictures)
    return PageContent(
        title=heading,
        lead=f"{service.name} · {region.name}",
        sections=sections,
        images=write_figures(folder / "figures", pictures),
        explorer=explorer,
        explorer_after=AFTER,
        with_maps=(folder / MAPS).exists(),
    )


def _explorer(
    comparison: Comparison, findings: Findings | None, solution: Solution | None
) -> Explorer:
    """Return the map on which sites can be opened and closed."""
    layers = map_layers(comparison.after.region, comparison.after.service)
    problem = None if solution is None else solution.problem
    return made_explorer(comparison, findings, layers, problem=problem)


def _no_explorer() -> Explorer:
    """Return the sentence in its place, which holds nothing of any zone."""
    return Explorer("", "", "", str(Markup("<p>{}</p>").format(LEFT_OUT)))


def _each_service(
    folder: Path,
    heading: str,
    comparison: Comparison,
    scenario_text: str | None,
    command: str | None,
    *,
    pdf: bool,
    explorer: bool,
) -> None:
    """Write a report, with its maps, of each of several services in a folder of its name."""
    region, parts = comparison.after.region.physical, comparison.after.service.parts
    if region is None:
        return
    before, after = (apart(a.configuration) for a in (comparison.before, comparison.after))
    for part in alone(comparison.after.service):
        others = [other.name for other in parts if other.id != part.id]
        report(
            folder / part.id,
            Configuration.of(part.id, before.open[part.id], name=before.name),
            Configuration.of(part.id, after.open[part.id], name=after.name),
            region=region,
            service=part,
            title=f"{heading}: {part.name}",
            notes=[f"Decided together with {listed(others)}; the report one folder up has both."],
            scenario_text=scenario_text,
            command=command,
            pdf=pdf,
            explorer=explorer,
        )


def write_result(
    folder: str | Path,
    solution: Solution,
    *,
    conflict: Sequence[str] | None = None,
    relaxations: Sequence[str] = (),
    scenario_text: str | None = None,
    command: str | None = None,
) -> Path:
    """Write result.json and manifest.json of a problem without a solution; return the folder.

    conflict: one sentence a constraint that cannot hold with the others (default: the solution's
    own conflict). relaxations: sentences on how far each of them must give way.
    """
    problem = solution.problem
    sentences = [str(c) for c in solution.conflict] if conflict is None else list(conflict)
    try:
        today = appraise(problem.region, problem.service, problem.region.today(problem.service))
    except ValueError:  # today's sites do not reach every zone: there is nothing to compare with
        today = None
    with whole_folder(folder) as new:
        content = result_without_configuration(solution, today, sentences, list(relaxations))
        write_json(new / "result.json", content)
        _write_manifest(new, problem.region, solution.solver, scenario_text, command)
    return Path(folder)


def _tables(heading: str, comparison: Comparison, sections: Sequence[Section]) -> list[Table]:
    """Return the sheets of the workbook: every sentence, then every table that is to be one.

    Each may be read without the others: where travel times stand behind one, it says how they are
    known.
    """
    label = times_label(comparison.before.region, comparison.before.service)
    tables: Iterable[Table] = (table for section in sections for table in section.tables)
    return [
        sentences_table(heading, sections),
        *(with_times_label(table, label) for table in tables if table.in_workbook),
    ]


def _write_manifest(
    folder: Path,
    region: Region,
    solver: str | None,
    scenario_text: str | None,
    command: str | None,
) -> None:
    """Write the manifest last, when every other file is there to be hashed."""
    outputs = {
        path.relative_to(folder).as_posix(): sha256_of(path.read_bytes())
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }
    content = manifest_of(
        region,
        solver=solver,
        scenario_text=scenario_text,
        command=command,
        outputs=outputs,
    )
    write_json(folder / MANIFEST, content)
