"""A process that has reconfig loaded and forks a batch for each line that it is sent.

A kill test needs many batches and no time to import for each. `python -m tests.batch.forks`; a line
in: sweep file and store; lines out: the number of the process, then how it ended.
"""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from reconfig.batch import run_batch

ROOT = Path(__file__).resolve().parents[2]


class Forks:
    """The process, from outside."""

    def __init__(self) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.batch.forks"],
            cwd=ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
        )

    def start(self, sweep: Path, out: Path) -> int:
        """Start a batch and return its process number."""
        assert self._process.stdin is not None
        print(f"{sweep}\t{out}", file=self._process.stdin, flush=True)
        return int(self._line())

    def ended(self) -> int:
        """Wait until the batches that were started have ended; return how the next did."""
        return int(self._line())

    def _line(self) -> str:
        assert self._process.stdout is not None
        return self._process.stdout.readline()

    def close(self) -> None:
        """End it."""
        self._process.kill()
        self._process.communicate()  # which closes what joins it to us


def main() -> None:
    """Fork a batch for each line, and say when it is over."""
    answers = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)  # what solvers print is no answer
    for line in sys.stdin:
        sweep, out = line.rstrip("\n").split("\t")
        pid = os.fork()
        if pid == 0:
            try:
                run_batch(sweep, out, workers=0)
            except BaseException:
                os._exit(1)
            os._exit(0)
        print(pid, file=answers, flush=True)
        print(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]), file=answers, flush=True)


if __name__ == "__main__":
    main()
