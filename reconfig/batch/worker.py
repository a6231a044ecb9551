"""A worker process: `python -m reconfig.batch.worker`, a task a line in, an answer a line out.

A program of its own and no fork, so that it starts the same way everywhere, and a solver that
breaks down takes nobody with it.
"""

from __future__ import annotations

import json
import os
import queue
import signal
import sys
import threading

from reconfig.batch.shelf import Shelf
from reconfig.batch.work import Plain, do

READY = "ready"


def main() -> None:
    """Do tasks until there are no more, or the batch that sent them is gone."""
    # Ctrl-C is for the batch, which says when to end.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    answers = os.fdopen(os.dup(sys.stdout.fileno()), "w", encoding="utf-8")
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())  # what solvers print is no answer
    tasks: queue.Queue[Plain] = queue.Queue()
    threading.Thread(target=_listen, args=(tasks,), daemon=True).start()
    shelf = Shelf()
    _say(answers, {READY: True})
    while True:
        _say(answers, do(tasks.get(), shelf))


def _listen(tasks: queue.Queue[Plain]) -> None:
    """Queue what is sent; end the process, in mid-solve too, when nobody sends any more."""
    for line in sys.stdin:
        tasks.put(json.loads(line))
    os._exit(0)


def _say(answers: object, answer: Plain) -> None:
    print(json.dumps(answer), file=answers, flush=True)  # type: ignore[call-overload]


if __name__ == "__main__":
    main()
