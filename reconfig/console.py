"""The page that a planner reads in the terminal: what was decided, why, and how sure it is."""

from __future__ import annotations

import math
from collections.abc import Iterable

from rich.console import Console
from rich.panel import Panel
from rich.table import Table
from rich.text import Text

from reconfig.analyse import out_of_reach
from reconfig.appraise import Comparison
from reconfig.core import InputError, Limit, Problem, Region, Service, Solution
from reconfig.report import (
    counted_words,
    heading,
    limits_of_knowledge,
    measure_label,
    measure_unit,
    moved_sentences,
    number,
    verdict_rows,
)

HEADLINES = (
    "lives_saved",
    "mean_minutes",
    "p95_minutes",
    "max_minutes",
    "share_within_15",
    "share_within_30",
    "share_within_45",
    "neighbour_cases",
)

# Tables with more rows are left to the report.
MOST_PRINTED = 45
GROUP_COLUMNS = {
    "mean_minutes": "mean",
    "p95_minutes": "95th pct",
    "max_minutes": "longest",
    "share_within_30": "% in 30",
    "share_within_45": "% in 45",
}


def show_decision(
    console: Console,
    title: str,
    problem: Problem,
    comparison: Comparison,
    *,
    solution: Solution | None = None,
    notes: Iterable[str] = (),
) -> None:
    """Print the decision: the sites, what is gained and lost, for whom, and the proof.

    solution: None for a choice that was given, of which nothing is proven.
    """
    region, chosen = problem.region, comparison.after.open
    names = region.site_names(chosen)
    where = f"\n{region.name}. Who counts: {counted_words(region)}."
    console.print(Panel(Text.assemble((title, "bold"), where)))
    console.print(_labelled(f"Chosen ({len(names)}):", ", ".join(names)))
    closing = [s for s in comparison.before.open if s not in chosen]
    if closing:
        closed = ", ".join(region.site_names(closing))
        console.print(_labelled(f"No longer ({len(closing)}):", closed))
    lives = comparison.after.lives
    if lives is not None:
        console.print(_labelled("Lives saved (estimated):", f"{lives}."))
    console.print(_overall(comparison, problem.measures))
    for column in region.groups:
        number = len(comparison.after.by[column])
        if number <= MOST_PRINTED:
            console.print(_by_group(comparison, column))
        else:
            console.print(f"By {heading(column).lower()}: {number} groups, all in the tables.")
    for sentence in moved_sentences(comparison):
        console.print(f"- {sentence}")
    console.print()
    show_proof(console, solution)
    for note in notes:
        console.print(f"- {note}")
    console.print()
    show_limits(console, region, problem.service)


def _labelled(label: str, text: str) -> Text:
    return Text.assemble((label, "bold"), f" {text}")


def show_proof(console: Console, solution: Solution | None) -> None:
    """Print what has been proven: status, objective, bound, gap and seconds."""
    table = Table(title="What has been proven", title_justify="left", show_header=False)
    for row in verdict_rows(solution):
        table.add_row(*row)
    console.print(table)


def show_limits(console: Console, region: Region, service: Service) -> None:
    """Print what the answer rests on and does not know."""
    console.print("What this does not know", style="bold")
    for topic, text in limits_of_knowledge(region, service):
        console.print(f"- {topic}: {text}")


def show_conflict(console: Console, solution: Solution, *, relaxations: Iterable[str] = ()) -> None:
    """Print which constraints cannot hold together, and what would have to give.

    relaxations: sentences on how far each must give way.
    """
    console.print(_labelled("Status: infeasible.", "Proven: no choice meets every constraint."))
    several = len(solution.conflict) > 1
    console.print(
        "These cannot hold together; take any one away and the rest can:"
        if several
        else "This one cannot be met, whatever is open:"
    )
    for constraint in solution.conflict:
        console.print(f"- {constraint}")
        if isinstance(constraint, Limit):
            for place in out_of_reach(solution.problem, constraint):
                console.print(f"  - even with every candidate open, {place}")
    for k, sentence in enumerate(relaxations):
        if k == 0:
            console.print("What would have to give way, one at a time:")
        console.print(f"- {sentence}")


def show_faults(console: Console, error: InputError) -> None:
    """Print every fault of the input."""
    count = len(error.faults)
    console.print(f"{count} fault{'' if count == 1 else 's'} in the input:", style="bold")
    for fault in error.faults:
        console.print(f"- {fault}")


def _overall(comparison: Comparison, named: Iterable[str]) -> Table:
    """Return the usual measures, and those that the problem's objective and limits name."""
    table = Table(
        "",
        "today",
        "chosen",
        "change",
        "unit",
        title="Journeys, today and chosen",
        title_justify="left",
    )
    for column in table.columns[1:4]:
        column.justify = "right"
    for name in dict.fromkeys([*HEADLINES, *named]):
        if name not in comparison.after.measures:
            continue
        unit = measure_unit(name)
        before, after = comparison.before.measures[name], comparison.after.measures[name]
        change = number(after - before, unit, signed=True)
        cells = (number(before, unit), number(after, unit), change)
        table.add_row(measure_label(name), *cells, unit)
    return table


def _by_group(comparison: Comparison, column: str) -> Table:
    table = Table("", title=f"By {heading(column).lower()}: today and chosen", title_justify="left")
    before, after = comparison.before.by[column], comparison.after.by[column]
    for short in GROUP_COLUMNS.values():
        table.add_column(short, justify="right", no_wrap=True)
    for group in after.index:
        pairs = ((before.loc[group, name], after.loc[group, name], name) for name in GROUP_COLUMNS)
        table.add_row(str(group), *(_pair(float(b), float(a), name) for b, a, name in pairs))
    return table


def _pair(before: float, after: float, name: str) -> str:
    """Return "12.7 → 14.4" for minutes and "99 → 97" for shares."""
    if math.isnan(before) or math.isnan(after):
        return "no cases"
    if name.startswith("share"):
        return f"{before * 100:.3g} → {after * 100:.3g}"
    return f"{before:.1f} → {after:.1f}"
