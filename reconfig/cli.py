"""The command line: reconfig demo | run | check."""

from __future__ import annotations

import argparse
import sys
import warnings
from collections.abc import Callable, Sequence
from pathlib import Path

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from reconfig.analyse import Frontier, explain_conflict, frontier
from reconfig.appraise import compare
from reconfig.console import (
    show_conflict,
    show_decision,
    show_faults,
    show_limits,
    show_proof,
)
from reconfig.core import InputError, InputWarning, Problem, ReconfigError, Solution, Status
from reconfig.data import load_region, load_register
from reconfig.outcomes import upper_bound_scenario
from reconfig.report import prepare_folder, report, write_result
from reconfig.scenario import Scenario, read_scenario
from reconfig.solve import solve

SOLVED, FAILED, BAD_INPUT, INFEASIBLE, NO_SOLUTION = 0, 1, 2, 3, 4
DEMO = "ten-to-four"


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a command and return its exit code.

    0 solved (or the input is good), 2 bad input, 3 proven infeasible, 4 stopped without a solution,
    1 anything else that went wrong.
    """
    given = sys.argv[1:] if arguments is None else list(arguments)
    parsed = _parser().parse_args(given)
    console, errors = Console(highlight=False), Console(stderr=True, highlight=False)
    with warnings.catch_warnings():
        warnings.showwarning = lambda message, *_, **__: errors.print(f"Warning: {message}")
        warnings.simplefilter("always", InputWarning)
        try:
            return int(parsed.command(parsed, console))
        except InputError as error:
            show_faults(errors, error)
            return BAD_INPUT
        except ReconfigError as error:
            errors.print(f"Stopped: {error}", markup=False)
            return FAILED
        except KeyboardInterrupt:
            errors.print("Interrupted; nothing was written.")
            return 130


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="reconfig",
        description="Which hospital sites should host which services: exact, and honest about it.",
        epilog="Exit codes: 0 solved, 2 bad input, 3 proven infeasible, 4 stopped without a "
        "solution.",
    )
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    demo = commands.add_parser("demo", help="ten emergency-surgery sites to four, end to end")
    demo.add_argument(
        "--out",
        type=Path,
        default=Path("reports") / DEMO,
        metavar="DIR",
        help="folder for the report (default: reports/ten-to-four)",
    )
    demo.set_defaults(command=_demo)
    run = commands.add_parser("run", help="solve a scenario and write its report")
    run.add_argument("scenario", type=Path, metavar="SCENARIO.toml")
    run.add_argument(
        "--out",
        type=Path,
        required=True,
        metavar="DIR",
        help="folder for the report; made, or replaced if reconfig made it",
    )
    run.set_defaults(command=_run)
    check = commands.add_parser("check", help="read a scenario and say what is wrong, if anything")
    check.add_argument("scenario", type=Path, metavar="SCENARIO.toml")
    check.set_defaults(command=_check)
    return parser


def _check(parsed: argparse.Namespace, console: Console) -> int:
    scenario = read_scenario(parsed.scenario)
    problem = scenario.problem
    region, service = problem.region, problem.service
    console.print(f"[bold]{scenario.name}[/bold]: nothing wrong found.")
    console.print(f"- Region: {region.name}. Who counts: {region.who_counts}.")
    console.print(
        f"- Service: {service.name}, {service.cases_per_year:,.0f} cases a year, "
        f"{len(service.candidates)} candidate sites, {len(service.always_open)} "
        "neighbours always open."
    )
    console.print(f"- Objective: {problem.objective}.")
    for constraint in problem.constraints:
        console.print(f"- Constraint: {constraint}.")
    show_limits(console, region, service)
    return SOLVED


def _run(parsed: argparse.Namespace, console: Console) -> int:
    scenario = read_scenario(parsed.scenario)
    command = f"reconfig run {parsed.scenario} --out {parsed.out}"
    return _decide(scenario, parsed.out, command, console, _notes, with_frontier=False)


def _demo(parsed: argparse.Namespace, console: Console) -> int:
    scenario = read_scenario(DEMO)
    command = f"reconfig demo --out {parsed.out}"
    return _decide(scenario, parsed.out, command, console, _demo_notes, with_frontier=True)


def _decide(
    scenario: Scenario,
    folder: Path,
    command: str,
    console: Console,
    notes: Callable[[Solution], list[str]],
    *,
    with_frontier: bool,
) -> int:
    """Solve a scenario, print the page, write the report; return the exit code."""
    prepare_folder(folder)
    problem = scenario.problem
    with console.status("Solving ..."):
        solution = solve(
            problem, time_limit=scenario.time_limit, gap=scenario.gap, solver=scenario.solver
        )
        if solution.status is Status.INFEASIBLE:
            solution = explain_conflict(solution, time_limit=scenario.time_limit)
    if solution.configuration is None:
        infeasible = solution.status is Status.INFEASIBLE
        (show_conflict if infeasible else show_proof)(console, solution)
        write_result(folder, solution, scenario_text=scenario.text, command=command)
        console.print(f"Written to {folder}")
        return INFEASIBLE if infeasible else NO_SOLUTION
    today = problem.region.today(problem.service)
    comparison = compare(today, solution)
    said = notes(solution)
    show_decision(console, scenario.name, solution, comparison, notes=said)
    trade_off = _frontier(problem, console) if with_frontier else None
    with console.status("Drawing maps and writing the report ..."):
        report(
            folder,
            comparison.before,
            solution,
            title=scenario.name,
            frontier=trade_off,
            notes=said,
            scenario_text=scenario.text,
            command=command,
        )
    console.print(f"\nReport, maps and tables: [bold]{folder}[/bold] (open report.html)")
    return SOLVED


def _notes(solution: Solution) -> list[str]:
    return []


def _demo_notes(solution: Solution) -> list[str]:
    """Return what the demonstration adds: the claim of 2014, and who counts."""
    said = [upper_bound_scenario(load_register())]
    problem = solution.problem
    wider = load_region("greater-manchester", catchment="with-fringe")
    service = wider.service(problem.service.id)
    other = solve(Problem(wider, service, problem.objective, problem.constraints))
    names = ", ".join(wider.site_names(other.open))
    if other.open == solution.open:
        said.append(
            "Counting people on the fringe outside Greater Manchester as well, the choice "
            "is the same."
        )
    else:
        said.append(
            "Who counts decides: with people on the fringe outside Greater Manchester "
            f"counted as well, the choice would be {names}."
        )
    return said


def _frontier(problem: Problem, console: Console) -> Frontier:
    """Return lives saved against the mean journey for every number of sites, with a bar."""
    free = Problem(problem.region, problem.service, problem.objective)
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
    )
    with Progress(*columns, console=console, transient=True) as progress:
        task = progress.add_task("Trade-off for each number of sites")
        return frontier(
            free,
            "lives_saved",
            "mean_minutes",
            numbers=range(1, free.most + 1),
            on_progress=lambda done, total: progress.update(task, completed=done, total=total),
        )


if __name__ == "__main__":
    sys.exit(main())
