"""Where tasks are done: in this process, or in worker processes of this machine."""

from __future__ import annotations

import contextlib
import json
import os
import queue
import signal
import subprocess
import sys
import threading
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol

from reconfig.batch.shelf import Shelf
from reconfig.batch.work import Plain, do, region_of
from reconfig.batch.worker import READY
from reconfig.core import ReconfigError

# How often a task is tried whose worker dies of it.
TRIES = 3
# Tasks in hand for each worker, so that none waits while a result is stored.
AHEAD = 3
# And for each process here, so that there are tasks of more regions than one to choose from.
WIDE = 8

# Sums of numpy in a worker take one thread, unless told otherwise: the cores are for the workers.
ONE_THREAD = {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1", "MKL_NUM_THREADS": "1"}


class WorkerError(ReconfigError, RuntimeError):
    """Workers cannot be started, or cannot do what they are asked."""


class Workers(Protocol):
    """Something that does tasks, in any order."""

    def room(self) -> int:
        """Say how many tasks can usefully be in hand at once."""

    def send(self, task: Plain) -> None:
        """Take a task."""

    def done(self, seconds: float) -> Iterator[tuple[Plain, Plain]]:
        """Give tasks with what came of them, waiting so many seconds for the first of them."""

    def close(self) -> None:
        """End, tasks in hand undone."""


class Here:
    """Does tasks in this process, one at a time."""

    def __init__(self) -> None:
        self._shelf, self._tasks = Shelf(), deque[Plain]()

    def room(self) -> int:
        """One: the next is asked for when it is done."""
        return 1

    def send(self, task: Plain) -> None:
        """Take a task."""
        self._tasks.append(task)

    def done(self, seconds: float) -> Iterator[tuple[Plain, Plain]]:
        """Do one task."""
        if self._tasks:
            task = self._tasks.popleft()
            yield task, do(task, self._shelf)

    def close(self) -> None:
        """Forget the tasks."""
        self._tasks.clear()


@dataclass(eq=False)
class _Worker:
    """One process. task: what it is doing. said: the last lines of its standard error.

    region: what tells the region of its last task from others.
    """

    process: subprocess.Popen[str]
    ready: bool = False
    task: Plain | None = None
    region: str = ""
    said: deque[str] = field(default_factory=lambda: deque(maxlen=5))
    threads: list[threading.Thread] = field(default_factory=list)

    def end(self) -> None:
        """End the process, and all that belongs to it."""
        self.process.kill()
        self.process.wait()
        for thread in self.threads:
            thread.join(timeout=2.0)
        # A solver that it started may outlive it, and hold on to what we would close.
        if any(thread.is_alive() for thread in self.threads):
            return
        for pipe in (self.process.stdin, self.process.stdout, self.process.stderr):
            assert pipe is not None
            with contextlib.suppress(OSError):  # what could not be sent any more
                pipe.close()


class Processes:
    """Does tasks in worker processes; one that dies is replaced, and its task tried again."""

    def __init__(self, number: int) -> None:
        self._events: queue.Queue[tuple[_Worker, str | None]] = queue.Queue()
        self._waiting: deque[Plain] = deque()
        self._deaths: dict[str, int] = {}
        self._workers: list[_Worker] = []
        self._unstarted = 0
        for _ in range(number):
            self._start()

    def room(self) -> int:
        """A few for each worker."""
        return WIDE * len(self._workers)

    @property
    def pids(self) -> list[int]:
        """Ids of the worker processes."""
        return [worker.process.pid for worker in self._workers]

    def send(self, task: Plain) -> None:
        """Take a task."""
        self._waiting.append(task)
        self._hand_out()

    def done(self, seconds: float) -> Iterator[tuple[Plain, Plain]]:
        """Give what has been done, waiting for the first; raise WorkerError if none can start."""
        wait = seconds
        while True:
            try:
                worker, line = self._events.get(timeout=wait) if wait else self._events.get_nowait()
            except queue.Empty:
                return
            wait = 0.0
            answer = self._died(worker) if line is None else json.loads(line)
            if READY in answer:
                worker.ready = True
                self._unstarted = 0
                self._hand_out()
            elif answer and worker.task is not None:
                task, worker.task = worker.task, None
                self._hand_out()  # before the answer is stored: the worker need not wait for that
                yield task, answer

    def close(self) -> None:
        """End the processes."""
        for worker in self._workers:
            worker.end()
        self._workers.clear()

    def _start(self) -> None:
        root = str(Path(__file__).resolve().parents[2])
        paths = [root, *filter(None, [os.environ.get("PYTHONPATH")])]
        process = subprocess.Popen(
            [sys.executable, "-m", "reconfig.batch.worker"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            encoding="utf-8",
            errors="replace",
            env=ONE_THREAD | os.environ | {"PYTHONPATH": os.pathsep.join(paths)},
        )
        worker = _Worker(process)
        self._workers.append(worker)
        for listen in (self._hear, _note):
            thread = threading.Thread(target=listen, args=(worker,), daemon=True)
            worker.threads.append(thread)
            thread.start()

    def _hear(self, worker: _Worker) -> None:
        """Queue every answer of a worker, and None when it is gone."""
        assert worker.process.stdout is not None
        with contextlib.suppress(ValueError, OSError):  # closed meanwhile
            for line in worker.process.stdout:
                if line.endswith("\n"):  # else it was cut short: the worker died of saying it
                    self._events.put((worker, line))
        self._events.put((worker, None))

    def _hand_out(self) -> None:
        for worker in self._workers:
            if worker.ready and worker.task is None and self._waiting:
                worker.task = self._next(worker)
                assert worker.process.stdin is not None
                # One that is gone says so by itself, and its task is taken from it then.
                with contextlib.suppress(OSError):
                    print(json.dumps(worker.task), file=worker.process.stdin, flush=True)

    def _next(self, worker: _Worker) -> Plain:
        """Return the task for a worker: of its own region, else of one that no other has loaded."""
        regions = [region_of(task.get("content") or {}) for task in self._waiting]
        others = {other.region for other in self._workers if other is not worker}
        own = [k for k, region in enumerate(regions) if region == worker.region]
        free = [k for k, region in enumerate(regions) if region not in others]
        chosen = (own or free or [0])[0]
        worker.region = regions[chosen]
        task = self._waiting[chosen]
        del self._waiting[chosen]
        return task

    def _died(self, worker: _Worker) -> Plain:
        """Replace a worker that is gone; its task is tried again, or given up with a reason.

        Where new ones do not start, those that work go on alone.
        """
        if worker not in self._workers:
            return {}
        code = worker.process.wait()
        self._workers.remove(worker)
        worker.end()
        self._unstarted = 0 if worker.ready else self._unstarted + 1
        if self._unstarted < TRIES:
            self._start()
        elif not any(other.ready for other in self._workers):
            why = " ".join(worker.said) or _how(code)
            raise WorkerError(f"worker processes cannot start: {why}")
        if worker.task is None:
            return {}
        key = worker.task["key"]
        self._deaths[key] = self._deaths.get(key, 0) + 1
        if self._deaths[key] < TRIES:
            self._waiting.appendleft(worker.task)
            return {}
        return died(f"{_how(code)}, {TRIES} times", " ".join(worker.said))


def died(how: str, said: str = "") -> Plain:
    """Return what came of a task whose worker dies of it."""
    reason = f"worker died: {how}" + (f"; it said: {said}" if said else "")
    return {"result": {"status": "failed", "reason": reason}, "seconds": None, "warnings": []}


def _how(code: int) -> str:
    if code >= 0:
        return f"it ended with code {code}"
    try:
        return f"killed by {signal.Signals(-code).name}"
    except ValueError:
        return f"killed by signal {-code}"


def _note(worker: _Worker) -> None:
    assert worker.process.stderr is not None
    with contextlib.suppress(ValueError, OSError):
        for line in worker.process.stderr:
            worker.said.append(line.strip())


def usual_number() -> int:
    """Return how many worker processes this machine has room for: one a core that we may use."""
    usable: Any = getattr(os, "sched_getaffinity", None)
    return len(usable(0)) if usable else os.cpu_count() or 1
