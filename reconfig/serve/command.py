"""The command `reconfig explore`: read the region or scenario, make the page, serve it."""

from __future__ import annotations

import argparse
import webbrowser
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

from rich.console import Console

from reconfig.analyse import Frontier, frontier
from reconfig.analyse.findings import Findings
from reconfig.appraise import Comparison, compare
from reconfig.core import Faults, InputError, Problem, ReconfigError, Solution, Status, suggestion
from reconfig.data import embedded_regions, load_region
from reconfig.data.england import NAME as ENGLAND
from reconfig.report.explore.page import Explorer, explorer
from reconfig.scenario import Scenario, read_scenario, scenario_file
from reconfig.serve.desk import Desk
from reconfig.serve.door import LOCAL_NAME, is_loopback
from reconfig.serve.page import Parts
from reconfig.serve.server import USUAL_PORT, check_address, serve
from reconfig.solve import solve

if TYPE_CHECKING:
    from argparse import _SubParsersAction

HOST = "127.0.0.1"
# The trade-off is worked out before the page opens only where that is a matter of seconds.
FEW_CANDIDATES = 12
TRADE_OFF_SECONDS = 30.0
# What a trade-off is drawn for, the first that a service has an estimate of, against the journey.
GAINS, JOURNEY = ("lives_saved", "qalys", "independent"), "mean_minutes"


def add_parser(commands: _SubParsersAction[Any]) -> None:
    """Add `explore` to the commands of reconfig."""
    explore = commands.add_parser(
        "explore", help="a map to argue with, on this machine, with the solver behind it"
    )
    explore.add_argument(
        "what",
        metavar="REGION|SCENARIO.toml",
        help="an embedded region, a region's folder, or a scenario",
    )
    explore.add_argument("--service", metavar="ID", help="of a region (default: its first)")
    explore.add_argument("--catchment", metavar="NAME", help="which zones of a region count")
    explore.add_argument(
        "--host",
        default=HOST,
        help=f"address to listen on (default: {HOST}, which only this machine can reach)",
    )
    explore.add_argument(
        "--port",
        type=_port,
        help=f"port to listen on (default: {USUAL_PORT}, or any that is free)",
    )
    browser = explore.add_mutually_exclusive_group()
    browser.add_argument(
        "--open-browser", action="store_true", default=True, help="open the page (the default)"
    )
    browser.add_argument(
        "--no-browser", dest="open_browser", action="store_false", help="print its address only"
    )
    explore.set_defaults(command=run)


def _port(text: str) -> int:
    if not text.isdecimal() or not 0 <= int(text) <= 65535:
        raise argparse.ArgumentTypeError(f"'{text}' is no port: a whole number from 0 to 65535")
    return int(text)


def run(parsed: argparse.Namespace, console: Console) -> int:
    """Serve the explorer until Ctrl-C; return 0.

    Raises InputError for what cannot be read or served, ReconfigError for what no page can show.
    """
    check_address(parsed.host, parsed.port)  # the page takes a while
    desk, parts = _prepared(parsed, console)

    def ready(url: str) -> None:
        console.print(f"Explore {parts.title} at {url}", style="bold")
        console.print("Ctrl-C here ends it.")
        if not is_loopback(parsed.host):
            console.print(
                f"Warning: --host {parsed.host} lets every machine that can reach this one see the "
                "region and run the solver on it, without a password and unencrypted. Leave --host "
                f"out unless that is what you want ({LOCAL_NAME} only)."
            )
        if parsed.open_browser:
            with suppress(webbrowser.Error):
                webbrowser.open(url)

    with suppress(KeyboardInterrupt):
        serve(desk, parts, host=parsed.host, port=parsed.port, on_ready=ready)
    console.print("The explorer has ended.")
    return 0


def _prepared(parsed: argparse.Namespace, console: Console) -> tuple[Desk, Parts]:
    """Return what can be asked, and the page, of a region or a scenario."""
    notes: list[str] = []
    solution = None
    if _is_region(parsed.what):
        desk = _of_region(parsed)
        problem = next(iter(desk.problems.values()))
        title = f"{problem.service.name} in {problem.region.name}"
    else:
        scenario = _scenario(parsed)
        desk, problem, title = Desk.of_scenario(scenario), scenario.problem, scenario.name
        solution, said = _solved(scenario, console)
        notes.append(said)
    today = problem.region.today(problem.service)
    after = solution if solution is not None and solution.configuration is not None else today
    comparison = compare(today, after, region=problem.region, service=problem.service)
    findings = Findings(frontier=_trade_off(problem, console))
    with console.status("Making the page ..."):
        drawn = _explorer(comparison, findings, problem)
    return desk, Parts(title, drawn, tuple(notes))


def _explorer(comparison: Comparison, findings: Findings, problem: Problem) -> Explorer:
    drawn = explorer(comparison, findings, server=True, problem=problem)
    if not drawn.script:  # what it has is a sentence that says why not
        service = comparison.after.service
        raise ReconfigError(
            f"{service.name} cannot be explored on a page: patients are directed, or one service "
            "is the second tier of another. `reconfig run` decides it and writes a report."
        )
    return drawn


def _is_region(what: str) -> bool:
    """Say whether a name is that of a region: a folder, or one that comes with the package."""
    if Path(what).suffix == ".toml" or Path(what).is_file():
        return False
    known = what in embedded_regions() or what == ENGLAND or Path(what).is_dir()
    return known or not scenario_file(what).is_file()


def _of_region(parsed: argparse.Namespace) -> Desk:
    region = load_region(parsed.what, catchment=parsed.catchment)
    if parsed.service is not None:
        return Desk.of_region(region, region.service(parsed.service))
    if not region.services:
        faults = Faults()
        faults.add(
            parsed.what,
            "services",
            "none",
            "a region that defines a service, to explore it",
            "Write a scenario that names the region and a demand column, and explore that.",
        )
        raise InputError(faults.found)
    return Desk.of_region(region, next(iter(region.services.values())))


def _scenario(parsed: argparse.Namespace) -> Scenario:
    """Return a scenario; refuse what it says itself."""
    scenario = read_scenario(parsed.what)
    faults = Faults()
    if parsed.catchment is not None:
        fix = "Change catchment in the scenario."
        faults.add("explore", "--catchment", parsed.catchment, "no --catchment here", fix)
    parts = [part.id for part in scenario.problem.service.parts] or [scenario.problem.service.id]
    if parsed.service is not None and parts != [parsed.service]:
        found, hint = f"'{parsed.service}'", suggestion(parsed.service, parts)
        expected = "no --service here: the page shows what the scenario decides"
        faults.add("explore", "--service", found, expected, hint)
    faults.raise_if_any()
    return scenario


def _solved(scenario: Scenario, console: Console) -> tuple[Solution, str]:
    """Return the scenario's own answer, and a sentence on it for the head of the page."""
    console.print("Solving the scenario first. Ctrl-C goes on with the best found so far.")
    with console.status("Solving ..."):
        solution = solve(
            scenario.problem,
            time_limit=scenario.time_limit,
            gap=scenario.gap,
            solver=scenario.solver,
        )
    if solution.status is Status.INFEASIBLE:
        return solution, (
            "Proven: no choice of sites meets everything that the scenario asks for. The map shows "
            "today. Optimise, with the same demands, finds out which of them cannot hold together."
        )
    shown = " The map shows today." if solution.configuration is None else ""
    return solution, f"The scenario's own answer. {solution.verdict}{shown}"


def _trade_off(problem: Problem, console: Console) -> Frontier | None:
    """Return the trade-off for each number of sites, where it takes seconds; None elsewhere."""
    outcome = problem.service.outcome
    gain = next((g for g in GAINS if outcome is not None and g in outcome.estimates), None)
    free = Problem(problem.region, problem.service, problem.objective)
    if gain is None or problem.service.parts or len(problem.service.candidates) > FEW_CANDIDATES:
        return None
    with console.status("Working out the trade-off ..."), suppress(InputError, ValueError):
        return frontier(free, gain, JOURNEY, total_time_limit=TRADE_OFF_SECONDS, progress=False)
    return None
