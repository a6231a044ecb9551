"""What is measured, and how: each run is a fresh process that prints one line of JSON.

This side stays small and never loads reconfig: Linux counts the memory of the process that starts
another as the least peak of the one that is started.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from contextlib import suppress
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from tempfile import TemporaryFile

ROOT = Path(__file__).resolve().parents[2]
# Seconds that reconfig itself may take, and that importing and loading may take on top of a limit.
OWN_LIMIT = 1800.0
MOST_LOADING = 600.0
REPEATS = 3
# A run of so many seconds is not repeated.
LONG = 60.0


@dataclass(frozen=True)
class Instance:
    """Zones, sites and minutes, as `tests.benchmark.instances` makes them.

    kind: "england", "england-and-wales" and "greater-manchester" have real minutes to stroke units;
    "places" are random points with straight lines, "random" random minutes without geography.
    zones, units: how many zones and candidates (0: all). Real zones are taken at even distances in
    the order of their codes, and so are units in theirs, which spreads both over the country;
    Greater Manchester's zones are all taken, with the units nearest to them. "around" are the units
    nearest to one in the middle of the country, with the zones that are nearest to any of them.
    "with-fringe" is the embedded region with the zones around it, and its emergency surgery.
    """

    kind: str
    zones: int = 0
    units: int = 0
    seed: int = 1


@dataclass(frozen=True)
class Run:
    """One measurement: a task, which is a function of `tests.benchmark.with_` and the tool.

    last: the tasks over several numbers of sites take p to last. by: the column whose every group
    has the share within the minutes. draws: of the assumptions. smallest, largest: cases a year at
    every open site (0: any). ask: one of `tests.benchmark.questions`, or of the sweeps of
    `tests.benchmark.with_reconfig`. workers: processes that a batch has. time_limit: what it is
    told, in seconds. solver: what spopt is given.
    """

    instance: Instance
    task: str = "p_median"
    p: int = 0
    tool: str = "reconfig"
    minutes: int = 0
    share: float = 1.0
    by: str = ""
    last: int = 0
    draws: int = 0
    smallest: float = 0.0
    largest: float = 0.0
    ask: str = ""
    workers: int = 0
    time_limit: float | None = None
    solver: str = ""


@dataclass(frozen=True)
class Measured:
    """What a run said. failure: why there are no figures, empty where there are.

    over: the seconds after which it was killed. seconds: building and solving. memory: peak of the
    process in MB: Python, the libraries and the data too. proven: whether the best was proven.
    sets: distinct nearest-site sets. used: candidates with cases if all were open. second: seconds
    of a second solve in the same process. repeats: how many runs this is the middle one of.
    """

    failure: str = ""
    over: float | None = None
    importing: float | None = None
    loading: float | None = None
    seconds: float | None = None
    memory: float | None = None
    status: str = ""
    proven: bool = False
    objective: float | None = None
    bound: float | None = None
    gap: float | None = None
    sites: int | None = None
    sets: int | None = None
    used: int | None = None
    second: float | None = None
    repeats: int = 1


def measure(run: Run, limit: float) -> Measured:
    """Run once in a fresh process; kill it where the work takes longer than so many seconds."""
    told = json.dumps({"run": asdict(run), "limit": limit})
    command = [sys.executable, "-m", "tests.benchmark.one", told]
    with TemporaryFile("w+") as said, TemporaryFile("w+") as warned:
        process = subprocess.Popen(
            command, cwd=ROOT, stdout=said, stderr=warned, start_new_session=True
        )
        try:
            code = process.wait(limit + MOST_LOADING)
        except subprocess.TimeoutExpired:
            return Measured(f"not finished in {limit + MOST_LOADING:g} s, loading included")
        finally:
            _end_group(process)
        said.seek(0)
        warned.seek(0)
        return _outcome(code, said.read(), warned.read(), limit)


def measure_often(run: Run, limit: float, repeats: int = REPEATS) -> Measured:
    """Run several times, or once where that takes long; return the run in the middle by seconds."""
    found: list[Measured] = []
    while len(found) < repeats:
        once = measure(run, limit)
        if once.failure:
            return once
        found.append(once)
        if (once.seconds or 0.0) > LONG:
            break
    found.sort(key=lambda m: m.seconds or 0.0)
    return replace(found[len(found) // 2], repeats=len(found))


def _end_group(process: subprocess.Popen[bytes]) -> None:
    """Kill what is left of the process and of those it started: CBC runs as one of its own."""
    with suppress(ProcessLookupError, PermissionError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()


def _outcome(code: int, said: str, warned: str, limit: float) -> Measured:
    if code == -signal.SIGALRM:
        return Measured(f"not finished in {limit:g} s", over=limit)
    if code < 0:
        return Measured(f"ended by {signal.Signals(-code).name} (out of memory?)")
    if code > 0:
        last = (warned.strip().splitlines() or ["no message"])[-1]
        return Measured(f"failed: {last[:200]}")
    return Measured(**json.loads(said))
