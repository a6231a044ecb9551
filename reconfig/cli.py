"""The command line: reconfig demo | run | check."""

from __future__ import annotations

import argparse
import io
import os
import sys
import warnings
from collections.abc import Sequence
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from reconfig.analyse import (
    Frontier,
    explain_conflict,
    frontier,
    more_sites_sentences,
    relaxations,
    rival_sentences,
)
from reconfig.appraise import appraise, compare
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
from reconfig.scenario import read_scenario
from reconfig.solve import solve

SOLVED, FAILED, BAD_INPUT, INFEASIBLE, NO_SOLUTION = 0, 1, 2, 3, 4
DEMO = "ten-to-four"


class _Page(Console):
    """A console whose reader may stop listening, as in `reconfig run ... | head`."""

    def on_broken_pipe(self) -> None:
        """Print no more, and let the command end as it would have."""
        self.quiet = True
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a command and return its exit code.

    0 solved (or the input is good), 2 bad input, 3 proven infeasible, 4 stopped without a solution,
    1 anything else that went wrong.
    """
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):  # a redirect may know fewer letters than we print
            stream.reconfigure(errors="replace")
    given = sys.argv[1:] if arguments is None else list(arguments)
    parsed = _parser().parse_args(given)
    # Without markup: names from files are printed as they are, brackets included.
    console = _Page(highlight=False, markup=False)
    errors = _Page(stderr=True, highlight=False, markup=False)
    with warnings.catch_warnings():
        warnings.showwarning = lambda message, *_, **__: errors.print(f"Warning: {message}")
        warnings.simplefilter("always", InputWarning)
        try:
            return int(parsed.command(parsed, console))
        except InputError as error:
            show_faults(errors, error)
            return BAD_INPUT
        except ReconfigError as error:
            errors.print(f"Stopped: {error}")
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
    parser.add_argument("--version", action="version", version=f"reconfig {_version()}")
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


def _version() -> str:
    try:
        return version("reconfig")
    except PackageNotFoundError:
        return "from a clone, not installed"


def _check(parsed: argparse.Namespace, console: Console) -> int:
    scenario = read_scenario(parsed.scenario)
    problem = scenario.problem
    region, service = problem.region, problem.service
    console.print(f"{scenario.name}: nothing wrong found.", style="bold")
    console.print(f"- Region: {region.name}. Who counts: {region.who_counts}.")
    console.print(
        f"- Service: {service.name}, {service.cases_per_year:,.0f} cases a year, "
        f"{len(service.candidates)} candidate sites; always open beside them: "
        f"{len(service.always_open)}."
    )
    console.print(f"- Objective: {problem.objective}.")
    for constraint in problem.constraints:
        console.print(f"- Constraint: {constraint}.")
    show_limits(console, region, service)
    return SOLVED


def _run(parsed: argparse.Namespace, console: Console) -> int:
    command = f"reconfig run {parsed.scenario} --out {parsed.out}"
    return _decide(parsed.scenario, parsed.out, command, console, demo=False)


def _demo(parsed: argparse.Namespace, console: Console) -> int:
    return _decide(DEMO, parsed.out, f"reconfig demo --out {parsed.out}", console, demo=True)


def _decide(name: str | Path, folder: Path, command: str, console: Console, *, demo: bool) -> int:
    """Solve a scenario, write the report, print the page; return the exit code.

    The report is written before anything is printed, so that a broken pipe cannot lose it.
    """
    scenario = read_scenario(name)
    prepare_folder(folder)
    problem = scenario.problem
    with console.status("Solving ..."):
        solution = solve(
            problem, time_limit=scenario.time_limit, gap=scenario.gap, solver=scenario.solver
        )
        if solution.status is Status.INFEASIBLE:
            solution = explain_conflict(solution, time_limit=scenario.time_limit)
    if solution.configuration is None:
        with console.status("Looking for what would have to give ..."):
            ways = [str(way) for way in relaxations(solution, time_limit=scenario.time_limit)]
        write_result(
            folder, solution, relaxations=ways, scenario_text=scenario.text, command=command
        )
        infeasible = solution.status is Status.INFEASIBLE
        if infeasible:
            show_conflict(console, solution, relaxations=ways)
        else:
            show_proof(console, solution)
        console.print(f"Written to {folder}")
        return INFEASIBLE if infeasible else NO_SOLUTION
    comparison = compare(problem.region.today(problem.service), solution)
    with console.status("Looking for the next best choice ..."):
        notes = rival_sentences(solution, time_limit=scenario.time_limit)
    trade_off = None
    if demo:
        trade_off = _frontier(problem, console)
        notes += [
            *more_sites_sentences(trade_off, solution),
            _wider_catchment(solution, scenario.time_limit),
            upper_bound_scenario(load_register()),
        ]
    with console.status("Drawing maps and writing the report ..."):
        report(
            folder,
            comparison.before,
            solution,
            title=scenario.name,
            frontier=trade_off,
            notes=notes,
            scenario_text=scenario.text,
            command=command,
        )
    show_decision(console, scenario.name, solution, comparison, notes=notes)
    console.print(f"\nReport and tables: {folder} (open report.html)")
    return SOLVED


def _wider_catchment(solution: Solution, time_limit: float | None) -> str:
    """Say whether the choice changes when people on the fringe are counted as well."""
    problem = solution.problem
    wider = load_region("greater-manchester", catchment="with-fringe")
    service = wider.service(problem.service.id)
    other = solve(
        Problem(wider, service, problem.objective, problem.constraints), time_limit=time_limit
    )
    if other.status is not Status.OPTIMAL:
        return "Whether the choice changes when the fringe counts as well was not proven in time."
    fringe = "With people on the fringe outside Greater Manchester counted as well"
    if other.open == solution.open:
        return f"{fringe}, the choice is the same."
    here = appraise(wider, service, solution.found()).measures["mean_minutes"]
    return (
        f"Who counts matters. {fringe}, the choice would be "
        f"{', '.join(wider.site_names(other.open))}: a mean journey of "
        f"{other.measures['mean_minutes']:.2f} minutes over all of them, against {here:.2f} with "
        "the sites above."
    )


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
            on_progress=lambda done, total: progress.update(task, completed=done, total=total),
        )


if __name__ == "__main__":
    sys.exit(main())
