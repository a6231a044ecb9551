"""Write a report: page, map, tables, shapes and the files for programs, in one folder."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from reconfig.appraise import Appraisal, Comparison, appraise, compare
from reconfig.core import Configuration, Region, Service, Solution, apart
from reconfig.report.charts import FrontierLike, frontier_chart
from reconfig.report.classes import change_classes, minute_classes
from reconfig.report.figures import png_bytes
from reconfig.report.folder import MANIFEST, whole_folder
from reconfig.report.geopackage import write_geopackage
from reconfig.report.layers import NO_MAP, NO_MAP_OF_SEVERAL, Layers, map_layers
from reconfig.report.maps import comparison_map
from reconfig.report.page import Legend, PageContent, html_page, legend
from reconfig.report.page_map import PageMap, page_map
from reconfig.report.results import (
    manifest_of,
    result_of,
    result_without_configuration,
    sha256_of,
    write_json,
)
from reconfig.report.summary import default_title, workbook_notes
from reconfig.report.tables import (
    Table,
    flows_table,
    frontier_table,
    group_tables,
    lives_table,
    measures_table,
    notes_table,
    sites_table,
    sources_table,
    with_times_label,
    zones_table,
)
from reconfig.report.tiers import NO_MAP_OF_TIERS, alone, tier_notes
from reconfig.report.words import listed, minutes_by, times_label, where_to
from reconfig.report.workbook import write_csv, write_workbook


def report(
    folder: str | Path,
    before: Configuration | Appraisal,
    after: Configuration | Solution | Appraisal,
    *,
    region: Region | None = None,
    service: Service | None = None,
    title: str | None = None,
    frontier: FrontierLike | None = None,
    notes: Sequence[str] = (),
    scenario_text: str | None = None,
    command: str | None = None,
) -> Path:
    """Write the report of a change and return its folder.

    Writes report.html, tables.xlsx, csv/, result.json and manifest.json; where the region has
    coordinates also map.png and map.gpkg. An earlier report in the folder is replaced as a whole.
    Of several services decided together there is one report of all, without maps, and in a folder
    beneath it one of each, except of tiers whose patients come by way of another (it says which).
    region, service: needed only if before and after are both plain configurations.
    notes: sentences for the summary. scenario_text, command: how the result was come by.
    Raises ValueError for a solution without a configuration (see `write_result`), InputError if
    the folder holds something else.
    """
    comparison = compare(before, after, region=region, service=service)
    solution = after if isinstance(after, Solution) else None
    heading = title or default_title(comparison)
    notes = (*notes, *tier_notes(comparison.after.service))
    layers = map_layers(comparison.before.region, comparison.before.service)
    with whole_folder(folder) as new:
        picture = None if layers is None else png_bytes(comparison_map(comparison))
        if layers is not None and picture is not None:
            (new / "map.png").write_bytes(picture)
            write_geopackage(new / "map.gpkg", comparison, layers)
        tables = _tables(heading, comparison, solution, frontier, tuple(notes))
        write_workbook(new / "tables.xlsx", tables)
        write_csv(new / "csv", tables)
        content = _content(heading, comparison, solution, frontier, tuple(notes), picture, command)
        if layers is not None:
            content = _with_maps(content, layers)
        (new / "report.html").write_text(html_page(content), encoding="utf-8")
        write_json(new / "result.json", result_of(comparison, solution, frontier))
        solver = None if solution is None else solution.solver
        _write_manifest(new, comparison.after.region, solver, scenario_text, command)
    _each_service(Path(folder), heading, comparison, command)
    return Path(folder)


def _each_service(folder: Path, heading: str, comparison: Comparison, command: str | None) -> None:
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
            command=command,
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


def _tables(
    heading: str,
    comparison: Comparison,
    solution: Solution | None,
    frontier: FrontierLike | None,
    notes: tuple[str, ...],
) -> list[Table]:
    """Return the tables of the workbook, each of which may be read without the others."""
    region, service = comparison.before.region, comparison.before.service
    label = times_label(region, service)
    shown = _page_tables(comparison)
    if frontier is not None:
        shown.append(frontier_table(frontier, region))
    return [
        notes_table(workbook_notes(heading, comparison, solution, notes)),
        *(with_times_label(table, label) for table in shown),
        zones_table(comparison),
        sources_table(region),
    ]


def _page_tables(comparison: Comparison) -> list[Table]:
    lives = lives_table(comparison)
    return [
        measures_table(comparison),
        *([] if lives is None else [lives]),
        *group_tables(comparison),
        sites_table(comparison),
        flows_table(comparison),
    ]


def _content(
    heading: str,
    comparison: Comparison,
    solution: Solution | None,
    frontier: FrontierLike | None,
    notes: tuple[str, ...],
    picture: bytes | None,
    command: str | None,
) -> PageContent:
    region = comparison.before.region
    return PageContent(
        title=heading,
        comparison=comparison,
        solution=solution,
        tables=_page_tables(comparison),
        sources=sources_table(region),
        notes=notes,
        picture=picture,
        no_map=_no_map(comparison.before.service),
        frontier=None if frontier is None else frontier_table(frontier, region),
        frontier_chart=None
        if frontier is None
        else png_bytes(frontier_chart(frontier, chosen=comparison.after.open)),
        frontier_measures=() if frontier is None else frontier.measures,
        command=command,
    )


def _no_map(service: Service) -> str:
    if not service.parts:
        return NO_MAP
    return NO_MAP_OF_SEVERAL if len(alone(service)) == len(service.parts) else NO_MAP_OF_TIERS


def _with_maps(content: PageContent, layers: Layers) -> PageContent:
    """Return the content with the interactive map, on the still map's scale of minutes."""
    comparison = content.comparison
    zones = comparison.zones
    minutes = minute_classes([zones["minutes_before"], zones["minutes_after"]])
    change = change_classes()
    interactive: PageMap = page_map(comparison, layers, minutes, change)
    unit = minutes_by(comparison.before.region)
    legends: tuple[Legend, ...] = (
        legend(f"Before and after: {unit} {where_to(comparison.before.service)}", minutes),
        legend(f"Change after, in {unit}", change),
    )
    return replace(content, interactive=interactive, legends=legends)


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
