"""A real Dask scheduler with real worker processes on this machine, killed in mid-run."""

from __future__ import annotations

import os
import random
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from reconfig.batch import run_batch
from tests.batch.forks import ROOT
from tests.batch.sweeps import claimed, finished, results, write_base, write_sweep

pytestmark = pytest.mark.slow
KILLS = 4
SCENARIOS = 120


@pytest.fixture(scope="module")
def cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, list[int]]]:
    """Return a scheduler's address, and the processes that start its workers anew."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    address, folder = f"tcp://127.0.0.1:{port}", tmp_path_factory.mktemp("dask")
    quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL, "cwd": ROOT}
    # Workers that are killed on purpose are no reason to give a scenario up.
    settings = {"DASK_DISTRIBUTED__SCHEDULER__ALLOWED_FAILURES": "20"}
    worker = f"dask_worker {address} --nthreads 1 --no-dashboard"
    commands = [
        ["dask_scheduler", "--host", "127.0.0.1", "--port", str(port), "--no-dashboard"],
        *([*worker.split(), "--local-directory", str(folder / str(k))] for k in range(2)),
    ]
    started = [
        subprocess.Popen(
            [sys.executable, "-m", f"distributed.cli.{name}", *options],
            env=os.environ | settings,
            **quiet,  # type: ignore[call-overload]
        )
        for name, *options in commands
    ]
    yield address, [process.pid for process in started[1:]]
    for process in reversed(started):
        for child in psutil.Process(process.pid).children(recursive=True):
            child.kill()
        process.kill()
        process.wait()


def workers_of(nannies: list[int]) -> list[psutil.Process]:
    """Return the worker processes: what nannies have started, but what Python starts for itself."""
    children = [c for pid in nannies for c in psutil.Process(pid).children()]
    return [c for c in children if "spawn_main" in " ".join(c.cmdline())]


@pytest.mark.filterwarnings("ignore")  # of Dask, on connections that are cut
def test_a_cluster_whose_workers_are_killed_stores_every_result_once_and_the_same(
    cluster: tuple[str, list[int]], tmp_path: Path
) -> None:
    address, nannies = cluster
    sweep, out = write_sweep(write_base(tmp_path)), tmp_path / "out"
    run_batch(sweep, tmp_path / "alone", workers=0)
    chance, killed = random.Random(9), []

    def kill() -> None:
        for turn in range(KILLS):
            while len(finished(out)) <= turn * SCENARIOS // (2 * KILLS):
                time.sleep(0.05)
            time.sleep(chance.uniform(0.0, 0.2))
            victim = chance.choice(workers_of(nannies) or [None])
            if victim is not None:
                victim.send_signal(signal.SIGKILL)
                killed.append(victim.pid)

    killer = threading.Thread(target=kill, daemon=True)
    killer.start()
    batch = run_batch(sweep, out, scheduler=address)
    killer.join(timeout=10)
    assert len(killed) >= 2
    assert len(batch.solved) == SCENARIOS
    assert results(out) == results(tmp_path / "alone")
    assert claimed(out) == 0
