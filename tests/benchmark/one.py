"""One run in a process of its own: `python -m tests.benchmark.one '{"run": ..., "limit": ...}'`."""

from __future__ import annotations

import json
import os
import resource
import signal
import sys
import time
from dataclasses import asdict, replace
from importlib import import_module
from typing import Self

from tests.benchmark.runs import Instance, Measured, Run

KILOBYTE = 1 if sys.platform == "darwin" else 1024


class Clock:
    """Times the work, and only the work: `with clock:`, once or more.

    Work that takes longer than the limit ends the process, by the system's own alarm: no library
    can put that off. laps: seconds of each use. loading: seconds of making the region.
    """

    def __init__(self, limit: float) -> None:
        self.limit = limit
        self.laps: list[float] = []
        self.loading: float | None = None
        self.memory = 0.0
        self._started = 0.0

    def __enter__(self) -> Self:
        signal.setitimer(signal.ITIMER_REAL, self.limit)
        self._started = time.perf_counter()
        return self

    def __exit__(self, *_: object) -> None:
        self.laps.append(time.perf_counter() - self._started)
        signal.setitimer(signal.ITIMER_REAL, 0.0)
        self.memory = peak_memory()


def peak_memory() -> float:
    """Return the peak resident memory of this process so far, in MB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * KILOBYTE / 1e6


def perform(run: Run, limit: float) -> Measured:
    """Return the figures of a run; "not installed" where its tool is not there."""
    started = time.perf_counter()
    try:
        import_module(run.tool)
    except ModuleNotFoundError as absent:
        if absent.name != run.tool:
            raise
        return Measured("not installed")
    tasks = import_module(f"tests.benchmark.with_{run.tool}")
    importing = time.perf_counter() - started
    clock = Clock(limit)
    found: Measured = getattr(tasks, run.task)(run, clock)
    seconds = clock.laps[0] if found.seconds is None and clock.laps else found.seconds
    return replace(
        found,
        importing=importing,
        loading=clock.loading,
        seconds=seconds,
        memory=clock.memory or peak_memory(),
    )


def main() -> None:
    told = json.loads(sys.argv[1])
    run = Run(**{**told["run"], "instance": Instance(**told["run"]["instance"])})
    answer = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)  # whatever libraries print goes to stderr
    measured = perform(run, float(told["limit"]))
    print(json.dumps(asdict(measured)), file=answer, flush=True)


if __name__ == "__main__":
    main()
