"""The command line: reconfig demo | run | report | check | schema | explore | batch | compare."""

from __future__ import annotations

import argparse
import io
import os
import shlex
import sys
import warnings
from collections.abc import Sequence
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from reconfig.analyse import Findings, explain_conflict, findings, relaxations
from reconfig.appraise import appraise, compare, violations
from reconfig.batch.command import add_parsers as add_batch_parsers
from reconfig.console import (
    show_conflict,
    show_decision,
    show_faults,
    show_limits,
    show_proof,
)
from reconfig.core import Fault, InputError, InputWarning, Problem, ReconfigError, Solution, Status
from reconfig.data import load_region, load_register
from reconfig.outcomes import upper_bound_scenario
from reconfig.report import counted_words, pdf_program, prepare_folder, report, write_result
from reconfig.scenario import Scenario, read_scenario
from reconfig.scenario_open import given_on_the_line, read_configuration
from reconfig.scenario_schema import schema_text
from reconfig.serve.command import add_parser as add_explore
from reconfig.solve import solve

SOLVED, FAILED, BAD_INPUT, INFEASIBLE, NO_SOLUTION = 0, 1, 2, 3, 4
DEMO = "ten-to-four"
# Analyses beside the decision take about so many seconds at most, and say what they left out.
MOST_SECONDS = 60.0


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
        except OSError as error:  # a full disk, a file held by another program, no permission
            where = f" ({error.filename})" if error.filename else ""
            errors.print(f"Stopped: {error.strerror or error}{where}. Nothing was written.")
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
    _add_out(demo, Path("reports") / DEMO)
    demo.set_defaults(command=_demo)
    run = commands.add_parser("run", help="solve a scenario and write its report")
    run.add_argument("scenario", type=Path, metavar="SCENARIO.toml")
    _add_out(run)
    run.set_defaults(command=_run)
    given = commands.add_parser("report", help="write the report of sites that people chose")
    given.add_argument("scenario", type=Path, metavar="SCENARIO.toml")
    chosen = given.add_mutually_exclusive_group(required=True)
    chosen.add_argument(
        "--open",
        action="append",
        metavar="ID,ID,...",
        help="ids of the open sites; SERVICE=ID,ID,... once for each of several services",
    )
    chosen.add_argument(
        "--configuration",
        type=Path,
        metavar="FILE.json",
        help="a result.json of an earlier run, or a choice that was saved from a report page",
    )
    _add_out(given)
    given.set_defaults(command=_report)
    check = commands.add_parser("check", help="read a scenario and say what is wrong, if anything")
    check.add_argument("scenario", type=Path, metavar="SCENARIO.toml")
    check.set_defaults(command=_check)
    schema = commands.add_parser(
        "schema", help="print the JSON Schema of the scenario file, for editors"
    )
    schema.add_argument("--out", type=Path, metavar="FILE", help="write it to a file instead")
    schema.set_defaults(command=_schema)
    add_explore(commands)
    add_batch_parsers(commands)
    return parser


def _add_out(command: argparse.ArgumentParser, folder: Path | None = None) -> None:
    """Add the options of a command that writes a report; folder: where, unless told."""
    usual = "made, or replaced if reconfig made it" if folder is None else f"default: {folder}"
    command.add_argument(
        "--out",
        type=Path,
        required=folder is None,
        default=folder,
        metavar="DIR",
        help=f"folder for the report; {usual}",
    )
    command.add_argument(
        "--pdf",
        action="store_true",
        help="print the report to report.pdf too, by the Chromium (or Chrome, or Edge) installed",
    )
    command.add_argument(
        "--no-explorer",
        action="store_true",
        help="leave out the map to open and close sites on, and with it the cases of every zone",
    )


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
    console.print(f"- Region: {region.name}. Who counts: {counted_words(region)}.")
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


def _schema(parsed: argparse.Namespace, console: Console) -> int:
    text = schema_text()
    if parsed.out is None:
        console.out(text, end="", highlight=False)
        return SOLVED
    try:
        parsed.out.write_text(text, encoding="utf-8")
    except OSError as problem:
        fault = Fault(str(parsed.out), "", f"cannot be written ({problem.strerror})", "a file")
        raise InputError([fault]) from None
    console.print(f"Written to {parsed.out}")
    return SOLVED


def _run(parsed: argparse.Namespace, console: Console) -> int:
    return _decide(parsed, _command(["run", parsed.scenario], parsed), console)


def _demo(parsed: argparse.Namespace, console: Console) -> int:
    parsed.scenario = DEMO
    return _decide(parsed, _command(["demo"], parsed), console, demo=True)


def _command(words: Sequence[str | Path], parsed: argparse.Namespace) -> str:
    """Return the command that does the same again, as a shell takes it."""
    asked = {"--pdf": parsed.pdf, "--no-explorer": parsed.no_explorer}
    more = [switch for switch, given in asked.items() if given]
    return shlex.join(["reconfig", *map(str, words), "--out", str(parsed.out), *more])


def _report(parsed: argparse.Namespace, console: Console) -> int:
    """Write the report of a configuration that was chosen by people, and print its page."""
    _prepare(parsed)
    scenario = read_scenario(parsed.scenario)
    problem = scenario.problem
    if parsed.open is not None:
        configuration = given_on_the_line(parsed.open, problem)
        how = [word for given in parsed.open for word in ("--open", given)]
    else:
        configuration = read_configuration(parsed.configuration, problem)
        how = ["--configuration", str(parsed.configuration)]
    command = _command(["report", parsed.scenario, *how], parsed)
    after = appraise(problem.region, problem.service, configuration, measures=problem.measures)
    comparison = compare(problem.region.today(problem.service), after)
    broken = violations(problem, configuration)
    notes = [f"This choice does not keep a demand of the scenario: {what}." for what in broken]
    if problem.constraints and not broken:
        notes.append("This choice keeps every demand of the scenario.")
    with console.status("Drawing maps and writing the report ..."):
        report(
            parsed.out,
            comparison.before,
            comparison.after,
            title=scenario.name,
            notes=notes,
            scenario_text=scenario.text,
            command=command,
            pdf=parsed.pdf,
            explorer=not parsed.no_explorer,
        )
    show_decision(console, scenario.name, problem, comparison, notes=notes)
    _say_where(parsed, console)
    return SOLVED


def _prepare(parsed: argparse.Namespace) -> None:
    """Refuse, before any work, a folder that cannot be written and a PDF that cannot be printed."""
    prepare_folder(parsed.out)
    if parsed.pdf:
        pdf_program()


def _say_where(parsed: argparse.Namespace, console: Console) -> None:
    pdf = ", report.pdf to print" if parsed.pdf else ""
    console.print(f"\nReport and tables: {parsed.out} (open report.html{pdf})")


def _decide(
    parsed: argparse.Namespace, command: str, console: Console, *, demo: bool = False
) -> int:
    """Solve a scenario, write the report, print the page; return the exit code.

    The report is written before anything is printed, so that a broken pipe cannot lose it.
    """
    scenario = read_scenario(parsed.scenario)
    _prepare(parsed)
    problem = scenario.problem
    with console.status("Solving ..."):
        solution = solve(
            problem, time_limit=scenario.time_limit, gap=scenario.gap, solver=scenario.solver
        )
        if solution.status is Status.INFEASIBLE:
            solution = explain_conflict(solution, time_limit=scenario.time_limit)
    if solution.configuration is None:
        return _without_configuration(parsed.out, scenario, solution, command, console)
    comparison = compare(problem.region.today(problem.service), solution)
    found = _findings(solution, console)
    notes = []
    if demo:
        notes = [
            _wider_catchment(solution, scenario.time_limit),
            upper_bound_scenario(load_register()),
        ]
    with console.status("Drawing maps and writing the report ..."):
        report(
            parsed.out,
            comparison.before,
            solution,
            title=scenario.name,
            findings=found,
            notes=notes,
            scenario_text=scenario.text,
            command=command,
            pdf=parsed.pdf,
            explorer=not parsed.no_explorer,
        )
    said = [*found.sentences, *notes]
    show_decision(console, scenario.name, problem, comparison, solution=solution, notes=said)
    _say_where(parsed, console)
    return SOLVED


def _without_configuration(
    folder: Path, scenario: Scenario, solution: Solution, command: str, console: Console
) -> int:
    """Write and print what is known of a problem without a solution; return the exit code."""
    with console.status("Looking for what would have to give ..."):
        ways = [str(way) for way in relaxations(solution, time_limit=scenario.time_limit)]
    write_result(folder, solution, relaxations=ways, scenario_text=scenario.text, command=command)
    infeasible = solution.status is Status.INFEASIBLE
    if infeasible:
        show_conflict(console, solution, relaxations=ways)
    else:
        show_proof(console, solution)
    console.print(f"Written to {folder}")
    return INFEASIBLE if infeasible else NO_SOLUTION


def _findings(solution: Solution, console: Console) -> Findings:
    """Return what the analyses make of a solution, with a bar; Ctrl-C leaves them out."""
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
    )
    with Progress(*columns, console=console, transient=True) as progress:
        task = progress.add_task("Analyses", total=None)

        def advance(what: str, done: int, total: int) -> None:
            progress.update(task, description=what, completed=done, total=total)

        try:
            return findings(solution, time_limit=MOST_SECONDS, on_progress=advance)
        except KeyboardInterrupt:  # what was decided is not lost with what would be said of it
            return Findings(left_out=(("All analyses", "stopped with Ctrl-C"),))


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


if __name__ == "__main__":
    sys.exit(main())
