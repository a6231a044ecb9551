"""kill -9 at any moment: nothing that was finished is lost, nothing is solved twice."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from reconfig.batch import read_batch, run_batch
from reconfig.batch.store import FILE
from tests.batch.forks import ROOT, Forks
from tests.batch.sweeps import claimed, finished, results, write_base, write_sweep

pytestmark = pytest.mark.slow
KILLS = 12
KILLS_OF_WORKERS = 4
SCENARIOS = 120
BATCH = (sys.executable, "-m", "reconfig.cli", "batch")


@pytest.fixture(scope="module")
def sweep(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a sweep of many quick scenarios."""
    return write_sweep(write_base(tmp_path_factory.mktemp("kill")))


@pytest.fixture(scope="module")
def forks() -> Iterator[Forks]:
    """Return what starts batches quickly."""
    made = Forks()
    yield made
    made.close()


@pytest.fixture(scope="module")
def undisturbed(sweep: Path, forks: Forks) -> dict[str, str]:
    """Return the results of a run that nobody disturbed."""
    forks.start(sweep, sweep.parent / "undisturbed")
    assert forks.ended() == 0
    found = results(sweep.parent / "undisturbed")
    assert len(found) == SCENARIOS
    return found


def still_there(before: dict[str, str], out: Path) -> dict[str, str]:
    """Check that what was finished is as it was, not solved anew; return what is finished now."""
    after = finished(out)
    assert before.items() <= after.items()
    return after


def test_a_batch_killed_at_random_moments_ends_as_if_it_had_not_been(
    sweep: Path, undisturbed: dict[str, str], forks: Forks, tmp_path: Path
) -> None:
    chance, out = random.Random(4), tmp_path / "out"
    before: dict[str, str] = {}
    progressed = 0
    for _ in range(KILLS):
        pid = forks.start(sweep, out)
        more = len(before) + chance.randint(0, 5)
        wait_until(lambda more=more: len(finished(out)) >= more, pause=0.002)
        time.sleep(chance.uniform(0.0, 0.03))
        os.kill(pid, signal.SIGKILL)
        assert forks.ended() == -signal.SIGKILL
        after = still_there(before, out)
        progressed += len(after) > len(before)
        before = after
    assert progressed >= 2  # kills before anything is stored prove little
    forks.start(sweep, out)
    assert forks.ended() == 0
    still_there(before, out)
    assert results(out) == undisturbed
    assert claimed(out) == 0


def test_a_batch_with_workers_killed_leaves_none_behind_and_goes_on(
    sweep: Path, undisturbed: dict[str, str], tmp_path: Path
) -> None:
    out, chance = tmp_path / "out", random.Random(5)
    before: dict[str, str] = {}
    for turn in range(2):
        done = subprocess.Popen(
            [*BATCH, str(sweep), "--out", str(out), "--workers", "2"],
            cwd=ROOT,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        known = len(before)
        wait_until(lambda known=known: len(finished(out)) > known + 3)
        children = psutil.Process(done.pid).children()
        assert len(children) == 2
        time.sleep(chance.uniform(0.0, 0.2))
        done.kill()
        done.wait()
        _, alive = psutil.wait_procs(children, timeout=20)
        assert not alive
        before = still_there(before, out)
        assert len(before) < SCENARIOS, turn
    run_batch(sweep, out, workers=0)
    still_there(before, out)
    assert results(out) == undisturbed


def test_workers_killed_at_random_moments_are_replaced(
    sweep: Path, undisturbed: dict[str, str], tmp_path: Path
) -> None:
    out, chance = tmp_path / "out", random.Random(6)
    done = subprocess.Popen(
        [*BATCH, str(sweep), "--out", str(out), "--workers", "2"],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        text=True,
    )
    for kill in range(KILLS_OF_WORKERS):
        wait_until(lambda kill=kill: len(finished(out)) > 5 * kill or done.poll() is not None)
        assert done.poll() is None, "the batch was over before every kill: give it more scenarios"
        chance.choice(psutil.Process(done.pid).children()).kill()
    said, _ = done.communicate(timeout=120)
    assert done.returncode == 0, said
    assert results(out) == undisturbed


def test_a_scenario_that_kills_its_worker_is_a_recorded_failure(
    sweep: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """A worker that is stopped from outside whenever it takes up the third scenario."""
    (tmp_path / "sitecustomize.py").write_text(
        "import os, signal, sys\n"
        "if 'reconfig.batch.worker' in ' '.join(sys.orig_argv):\n"
        "    import reconfig.batch.work as work\n"
        "    solved = work._solved\n"
        "    def deadly(task, shelf):\n"
        "        if task['content']['service'][0]['open'] == 3:\n"
        "            os.kill(os.getpid(), signal.SIGSEGV)\n"
        "        return solved(task, shelf)\n"
        "    work._solved = deadly\n",
        encoding="utf-8",
    )
    monkeypatch.setenv("PYTHONPATH", f"{tmp_path}{os.pathsep}{ROOT}")
    text = 'scenario = "base.toml"\n[grid]\n"service.surgery.open" = [2, 3, 4]\n'
    few = write_sweep(sweep.parent, text, "few.toml")
    batch = run_batch(few, tmp_path / "out", workers=1)
    assert list(batch.table["status"]) == ["optimal", "failed", "optimal"]
    assert "worker died: killed by SIGSEGV, 3 times" in batch.table["reason"].iloc[1]


def test_ctrl_c_ends_with_what_is_done_kept(sweep: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    done = subprocess.Popen(
        [*BATCH, str(sweep), "--out", str(out), "--workers", "1"],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    wait_until(lambda: len(finished(out)) > 3)
    os.killpg(done.pid, signal.SIGINT)  # as a terminal does it: to the workers too
    said, _ = done.communicate(timeout=60)
    assert done.returncode == 130
    assert "the same command goes on from there" in " ".join(said.split())
    assert 3 < len(finished(out)) < SCENARIOS
    assert claimed(out) == 0
    assert (out / FILE).is_file()
    assert len(read_batch(out).rows) == SCENARIOS


def wait_until(holds: object, seconds: float = 120.0, pause: float = 0.02) -> None:
    """Wait until something holds; fail if it does not in time."""
    assert callable(holds)
    end = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < end, "waited in vain"
        time.sleep(pause)
