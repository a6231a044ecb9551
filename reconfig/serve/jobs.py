"""Solves that were asked for, one at a time: started, followed, stopped, and never left behind."""

from __future__ import annotations

import json
import multiprocessing
import secrets
import signal
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any

from reconfig.core import ReconfigError
from reconfig.serve.asked import Asked
from reconfig.serve.worker import STOP, parcel, work

WAITING, SOLVING, STOPPED, DONE, FAILED = "waiting", "solving", "stopped", "done", "failed"
ENDED = (STOPPED, DONE, FAILED)
# Seconds for a solve that was told to stop to hand over what it has, before its process is ended.
GRACE = 10.0
# Seconds that a solve may be over its time limit before it is told to stop.
OVER = 60.0
# Seconds between two looks at the clock.
LOOK = 0.2
NOTHING_FOUND = "The solve was stopped before any configuration was found; nothing is proven."


class BusyError(ReconfigError):
    """Another solve is running; the message says what can be done."""


class Worker:
    """A process that waits for a problem: started ahead, as Python takes seconds to be ready."""

    def __init__(self) -> None:
        """Start the process. Raises OSError if the machine has none to give."""
        context = multiprocessing.get_context("spawn")
        theirs, self.orders = context.Pipe(duplex=False)
        self.news, ours = context.Pipe(duplex=False)
        self.process = context.Process(target=work, args=(theirs, ours), daemon=True)
        with _deaf_to_ctrl_c():
            self.process.start()
        for end in (theirs, ours):  # so that each side hears when the other is gone
            end.close()

    def end(self) -> None:
        """End the process at once, and wait until it has ended."""
        self.process.kill()
        self.process.join()


class Job:
    """One solve in a process of its own, and what is known of it so far."""

    def __init__(self, asked: Asked, worker: Worker) -> None:
        self.id = secrets.token_urlsafe(12)
        self._asked = asked
        self._lock = threading.Lock()
        self._state = WAITING
        self._messages = ["Starting the solver."]
        self._result: dict[str, Any] | None = None
        self._started = time.monotonic()
        self._seconds: float | None = None  # once it has ended
        self._stop_asked: float | None = None  # when
        self._worker = worker
        self._follower = threading.Thread(target=self._follow, daemon=True)
        self._follower.start()

    @property
    def ended(self) -> bool:
        """Whether nothing more will come of it."""
        return self._state in ENDED

    def view(self) -> dict[str, Any]:
        """Return what is known so far, ready for JSON."""
        with self._lock:
            seconds = time.monotonic() - self._started if self._seconds is None else self._seconds
            return {
                "id": self.id,
                "service": self._asked.problem.service.id,
                "state": self._state,
                "seconds": seconds,
                "time_limit": self._asked.time_limit,
                "stopping": self._stop_asked is not None and self._state not in ENDED,
                "messages": list(self._messages),
                "result": self._result,
            }

    def stop(self) -> None:
        """Ask for the best so far, and no more; after some seconds the process is ended."""
        with self._lock:
            if self._state in ENDED or self._stop_asked is not None:
                return
            self._stop_asked = time.monotonic()
            begun = self._state == SOLVING
            self._messages.append("Stopping: waiting for the best found so far.")
        if not begun:  # nothing can have been found
            self._worker.process.kill()
            return
        with suppress(OSError):  # it has just ended
            self._worker.orders.send_bytes(STOP)

    def close(self) -> None:
        """End the process at once, and wait until it has ended."""
        with self._lock:
            self._stop_asked = self._stop_asked or time.monotonic()
        self._worker.process.kill()
        self._follower.join()

    def _follow(self) -> None:
        """Hand over the problem and listen until the process has ended."""
        try:
            self._worker.orders.send_bytes(parcel(self._asked.problem, self._asked.time_limit))
            while True:
                if self._worker.news.poll(LOOK):
                    news = json.loads(self._worker.news.recv_bytes())
                    if "end" in news:
                        break
                    self._hear(news)
                self._watch_the_clock()
        except (EOFError, OSError):
            pass  # the process is gone
        finally:
            self._worker.end()  # it would take a second to tidy up
            self._end()

    def _hear(self, news: dict[str, Any]) -> None:
        with self._lock:
            self._state = SOLVING
            if "message" in news:
                self._messages.append(news["message"])
            if "result" in news:
                self._result = news["result"]
            if "failed" in news:
                self._messages.append(news["failed"])
                self._state = FAILED

    def _watch_the_clock(self) -> None:
        now = time.monotonic()
        if self._stop_asked is not None:
            if now - self._stop_asked > GRACE:
                self._worker.process.kill()
        elif self._result is None and now - self._started > self._asked.time_limit + OVER:
            self.stop()

    def _end(self) -> None:
        """Say what has become of it."""
        with self._lock:
            self._seconds = time.monotonic() - self._started
            if self._state == FAILED:
                return
            if self._result is not None:
                interrupted = self._result["stopped"] == "interrupted"
                self._state = STOPPED if interrupted else DONE
                self._messages.append(self._result["verdict"])
            elif self._stop_asked is not None:
                self._state = STOPPED
                self._messages.append(NOTHING_FOUND)
            else:
                self._state = FAILED
                code = self._worker.process.exitcode
                self._messages.append(
                    f"The solver's process ended without an answer (code {code}). The machine may "
                    "be short of memory: fix some sites, or ask for fewer limits."
                )


@contextmanager
def _deaf_to_ctrl_c() -> Iterator[None]:
    """Start processes that Ctrl-C in the terminal does not reach: the server ends them itself."""
    if threading.current_thread() is not threading.main_thread():
        yield  # signals are the main thread's affair; the worker turns deaf as it begins
        return
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)


class Jobs:
    """The one solve that runs, or that ran last, and a worker that waits for the next."""

    def __init__(self) -> None:
        self.last: Job | None = None
        self._spare: Worker | None = None

    def start(self, asked: Asked) -> Job:
        """Start a solve. Raises BusyError where one is running that is not to be replaced."""
        if self.last is not None and not self.last.ended:
            if not asked.replace:
                raise BusyError(
                    "Another solve is running. Wait for it, stop it, or start this one in its "
                    "place."
                )
            self.last.close()
        self.make_ready()
        assert self._spare is not None
        worker, self._spare = self._spare, None
        self.last = Job(asked, worker)
        return self.last

    def make_ready(self) -> None:
        """Start the worker for the next solve, unless one is waiting."""
        if self._spare is not None and not self._spare.process.is_alive():
            self._spare.end()
            self._spare = None
        self._spare = self._spare or Worker()

    def find(self, job_id: str) -> Job | None:
        """Return a job by its id; only the last is remembered."""
        known = self.last is not None and secrets.compare_digest(
            self.last.id.encode(), job_id.encode()
        )
        return self.last if known else None

    def close(self) -> None:
        """End whatever runs or waits."""
        if self.last is not None:
            self.last.close()
        if self._spare is not None:
            self._spare.end()
