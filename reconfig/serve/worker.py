"""The solve, in a process of its own: so that it can be stopped, and harms nobody if it breaks."""

from __future__ import annotations

import _thread
import io
import json
import os
import pickle
import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from multiprocessing.connection import Connection
from types import MappingProxyType
from typing import Any

from reconfig.analyse import explain_conflict, relaxations
from reconfig.core import Problem, ReconfigError, Solution, Status
from reconfig.serve.answer import answer
from reconfig.solve import solve

STOP = b"stop"
# Raised in the worker only, by the order to stop; Ctrl-C in the terminal is the server's affair.
SIGNAL = signal.SIGTERM

Tell = Callable[[dict[str, Any]], None]


def parcel(problem: Problem, time_limit: float) -> bytes:
    """Return a problem as bytes for a worker, without the shapes and roads that no solve needs."""
    region = replace(problem.region, boundaries={}, network=None)
    lean = Problem.unchecked(region, problem.service, problem.objective, problem.constraints)
    text = io.BytesIO()
    _Pickler(text, protocol=pickle.HIGHEST_PROTOCOL).dump((lean, time_limit))
    return text.getvalue()


class _Pickler(pickle.Pickler):
    """Pickles read-only mappings too, which Python's own does not."""

    def reducer_override(self, thing: object) -> Any:
        """Return how a read-only mapping is made again."""
        if isinstance(thing, MappingProxyType):
            return _read_only, (dict(thing),)
        return NotImplemented


def _read_only(content: dict[Any, Any]) -> MappingProxyType[Any, Any]:
    return MappingProxyType(content)


def work(orders: Connection, news: Connection) -> None:
    """Solve what comes by `orders`, and tell by `news` what comes of it, in JSON.

    orders: a parcel, then STOP or nothing; where they end, so does this process, whatever it is at.
    news: {"message": sentence}, {"result": answer(...)}, which a later one replaces, or
    {"failed": sentence}; {"end": true} when there is nothing more to come.
    """
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    os.dup2(os.open(os.devnull, os.O_WRONLY), 1)  # HiGHS greets whoever loads it
    stop = _Stop()

    def tell(content: dict[str, Any]) -> None:
        news.send_bytes(json.dumps(content, allow_nan=False).encode())

    # Only ever from the process that started this one.
    problem, time_limit = pickle.loads(orders.recv_bytes())
    threading.Thread(target=_heed, args=(orders,), daemon=True).start()
    tell({"message": "Solving."})
    try:
        solution = _solved(problem, time_limit, stop)
        if solution is not None:
            tell({"result": answer(solution)})
            if solution.status is Status.INFEASIBLE:
                _explain(solution, time_limit, stop, tell)
    except ReconfigError as problem_of_solver:
        tell({"failed": str(problem_of_solver)})
    except MemoryError:
        tell({"failed": "Out of memory: the problem is too large for this machine."})
    tell({"end": True})


def _solved(problem: Problem, time_limit: float, stop: _Stop) -> Solution | None:
    """Return the solution; None if the order to stop came outside the solver's own care."""
    solution = None
    try:
        with stop.allowed():
            solution = solve(problem, time_limit=time_limit)
    except KeyboardInterrupt:
        pass
    return solution


def _explain(solution: Solution, time_limit: float, stop: _Stop, tell: Tell) -> None:
    """Tell which demands cannot hold together, then what would have to give."""
    # Nothing is told where the order may interrupt: half a message would be none.
    try:
        tell({"message": "Proven infeasible. Looking for the demands that cannot hold together."})
        with stop.allowed():
            explained = explain_conflict(solution, time_limit=time_limit)
        tell({"result": answer(explained)})
        tell({"message": "Proven infeasible. Looking for what would have to give."})
        with stop.allowed():
            ways = tuple(str(way) for way in relaxations(explained, time_limit=time_limit))
        tell({"result": answer(explained, ways=ways)})
    except KeyboardInterrupt:
        pass  # what was proven has been told


class _Stop:
    """Makes a KeyboardInterrupt of the order to stop, only while there is work that it may end."""

    def __init__(self) -> None:
        self._ordered = False
        self._allowed = False
        signal.signal(SIGNAL, self._note)

    def _note(self, *_: object) -> None:
        self._ordered = True
        if self._allowed:
            raise KeyboardInterrupt

    @contextmanager
    def allowed(self) -> Iterator[None]:
        """While this lasts the order interrupts, also one that came before."""
        try:
            self._allowed = True
            if self._ordered:
                raise KeyboardInterrupt
            yield
        finally:
            self._allowed = False


def _heed(orders: Connection) -> None:
    """Pass on the order to stop; end the process when nobody is left who could give one."""
    try:
        while True:
            if orders.recv_bytes() == STOP:
                _thread.interrupt_main(SIGNAL)
    except (EOFError, OSError):
        os._exit(1)
