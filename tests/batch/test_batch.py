"""Batches as they are run: broken and infeasible scenarios, two at once, a full disk, a resume."""

from __future__ import annotations

import contextlib
import errno
import os
import signal
import sqlite3
import subprocess
import sys
from pathlib import Path

import pandas as pd
import pytest

from reconfig.batch import Progress, StoreError, WorkerError, read_batch, run_batch
from reconfig.batch import run as running
from reconfig.batch.store import FILE, Store
from reconfig.batch.workers import TRIES, Processes
from reconfig.cli import main
from tests.batch.forks import ROOT
from tests.batch.sweeps import (
    BASE,
    SOME,
    claimed,
    finished,
    results,
    statuses,
    write_base,
    write_sweep,
)
from tests.batch.test_kill import wait_until

# 185 good ones, 10 that are broken (an unknown catchment) and 5 that nothing can meet.
MIXED = """
name = "mixed"
scenario = "base.toml"

[grid]
"service.surgery.open" = [2, 3, 4, 5, 6]

[[list]]
catchment = "nowhere"
[[list]]
catchment = "neverland"
[[list]]
"limit.1.at_most" = 1
"""
GOOD, BROKEN, INFEASIBLE = 185, 10, 5


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Return a folder with a region and a base scenario."""
    return write_base(tmp_path)


@pytest.mark.slow
def test_a_sweep_of_200_with_broken_and_infeasible_ones_is_finished_by_the_command(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    rows = "".join(f"[[list]]\ncongestion = {1 + k / 50}\n" for k in range(GOOD // 5))
    sweep, out = write_sweep(folder, MIXED + rows), folder / "out"
    assert main(["batch", str(sweep), "--out", str(out), "--workers", "2"]) == 0
    found = statuses(out)
    assert len(found) == GOOD + BROKEN + INFEASIBLE == 200
    assert found.count("optimal") == GOOD
    assert found.count("failed") == BROKEN
    assert found.count("infeasible") == INFEASIBLE
    said = " ".join(capsys.readouterr().out.split())
    assert "200 scenarios: 185 optimal, 10 failed, 5 infeasible" in said
    assert "'nowhere' is not there" in said
    assert "max_minutes at most 1" in said
    before = finished(out)
    assert main(["batch", str(sweep), "--out", str(out), "--workers", "2"]) == 0
    assert finished(out) == before
    assert main(["compare", str(out), "--each", "service.surgery.open", "--workers", "0"]) == 0
    said = " ".join(capsys.readouterr().out.split())
    assert said.count("loses least across 37 futures") == 5


@pytest.mark.slow
def test_two_batches_on_one_store_share_the_work_and_solve_nothing_twice(folder: Path) -> None:
    sweep, out, alone = write_sweep(folder, SOME), folder / "out", folder / "alone"
    command = [sys.executable, "-m", "reconfig.cli", "batch", str(sweep), "--out", str(out)]
    watched = "import sys; from reconfig.batch.store import Store; record = Store.record; " + (
        "Store.record = lambda self, key, *rest: "
        "print('stored', record(self, key, *rest), key, flush=True) or True; "
        "from reconfig.cli import main; sys.exit(main(sys.argv[1:]))"
    )
    both = [
        subprocess.Popen(
            [sys.executable, "-c", watched, *command[3:], "--workers", "1"],
            cwd=ROOT,
            stdout=subprocess.PIPE,
            text=True,
        )
        for _ in range(2)
    ]
    said = [process.communicate(timeout=120)[0] for process in both]
    assert [process.returncode for process in both] == [0, 0]
    stored = [[line for line in text.splitlines() if line.startswith("stored")] for text in said]
    assert all(stored)  # both had a part in it
    lines = [line.split() for lines in stored for line in lines]
    assert all(first == "True" for _, first, _ in lines)
    assert len({key for _, _, key in lines}) == len(lines) == len(results(out))
    run_batch(sweep, alone, workers=0)
    assert results(out) == results(alone)


@pytest.mark.slow
def test_one_process_and_two_and_none_but_this_say_the_same_bit_for_bit(folder: Path) -> None:
    sweep = write_sweep(folder, SOME)
    found = []
    for number in (0, 1, 2):
        run_batch(sweep, folder / f"out{number}", workers=number)
        found.append(results(folder / f"out{number}"))
    assert found[0] == found[1] == found[2]
    assert len(found[0]) == 36


def test_a_full_disk_ends_with_a_plain_word_and_goes_on_when_there_is_room(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    sweep, out, alone = write_sweep(folder), folder / "out", folder / "alone"
    run_batch(sweep, alone, workers=0)
    pages = sqlite3.connect(alone / FILE).execute("PRAGMA page_count").fetchone()[0]
    monkeypatch.setattr(running, "Store", lambda place: Store(place, most_pages=pages * 2 // 3))
    with pytest.raises(StoreError, match="full"):
        run_batch(sweep, out, workers=0)
    before = finished(out)
    assert 0 < len(before) < 120
    monkeypatch.undo()
    run_batch(sweep, out, workers=0)
    assert before.items() <= finished(out).items()
    assert results(out) == results(alone)
    assert claimed(out) == 0


def test_what_is_changed_is_solved_anew_and_the_rest_is_not(folder: Path) -> None:
    text = 'scenario = "base.toml"\n[grid]\n"service.surgery.open" = [2, 3]\n'
    out = folder / "out"
    run_batch(write_sweep(folder, text), out, workers=0)
    before = finished(out)
    run_batch(write_sweep(folder, text.replace("[2, 3]", "[2, 3, 4]")), out, workers=0)
    more = finished(out)
    assert before.items() <= more.items()
    assert len(more) == 3
    (folder / "base.toml").write_text(BASE.replace("1000", "999"), encoding="utf-8")
    run_batch(folder / "sweep.toml", out, workers=0)
    assert len(finished(out)) == 6
    (folder / "base.toml").write_text(BASE, encoding="utf-8")
    sites = folder / "region" / "sites.csv"
    sites.write_text(sites.read_text().replace("s1,s1", "s1,S1"), encoding="utf-8")
    batch = run_batch(folder / "sweep.toml", out, workers=0)
    assert len(finished(out)) == 9
    assert set(batch.table["status"]) == {"optimal"}


def test_data_that_change_under_a_batch_end_it_and_are_solved_anew(folder: Path) -> None:
    sweep, out = write_sweep(folder), folder / "out"
    zones = folder / "region" / "zones.csv"

    def spoil(done: Progress) -> None:
        if done.finished > 1:
            zones.write_text(zones.read_text().replace("north", "south", 1), encoding="utf-8")

    with pytest.raises(WorkerError, match="run the same command again"):
        run_batch(sweep, out, workers=0, on_progress=spoil)
    before = results(out)
    run_batch(sweep, out, workers=0)
    after = results(out)
    assert before.items() <= after.items()
    assert len(after) == len(before) + 120


def test_what_ran_out_of_time_is_tried_again_if_asked(folder: Path) -> None:
    base = BASE + "\n[solve]\ntime_limit = 0.000001\n"
    (folder / "base.toml").write_text(base, encoding="utf-8")
    text = 'scenario = "base.toml"\n[grid]\n"service.surgery.open" = [2, 3]\n'
    sweep, out = write_sweep(folder, text), folder / "out"
    batch = run_batch(sweep, out, workers=0)
    assert list(batch.table["status"]) == ["no_solution"] * 2
    assert batch.table["reason"].notna().all()
    before = finished(out)
    run_batch(sweep, out, workers=0)
    assert finished(out) == before
    run_batch(sweep, out, workers=0, again=True)
    assert set(finished(out)) == set(before)
    assert not set(finished(out).values()) & set(before.values())


def test_progress_counts_what_is_there_and_what_is_new(folder: Path) -> None:
    sweep, out = write_sweep(folder), folder / "out"
    told: list[Progress] = []
    run_batch(sweep, out, workers=0, on_progress=told.append)
    assert told[0].finished == 0
    assert told[-1].counts == {"optimal": 120}
    assert [done.finished for done in told] == sorted(done.finished for done in told)
    again: list[Progress] = []
    run_batch(sweep, out, workers=0, on_progress=again.append)
    assert (again[-1].there, again[-1].finished) == (120, 120)


def test_results_are_written_whole_beside_the_store(folder: Path) -> None:
    out = folder / "out"
    batch = run_batch(write_sweep(folder, MIXED), out, workers=0)
    assert sorted(path.name for path in out.iterdir()) == [FILE, "results.parquet"]
    assert len(read_batch(out).table) == len(batch.table) == 15


def test_a_bad_sweep_exits_with_2_and_writes_nothing(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    sweep = write_sweep(folder, 'scenario = "base.toml"\n[grid]\nyaer = [1]\n')
    assert main(["batch", str(sweep), "--out", str(folder / "out")]) == 2
    assert "Did you mean 'year'?" in " ".join(capsys.readouterr().err.split())
    assert not (folder / "out").exists()


def test_a_batch_in_which_nothing_is_solved_exits_with_1(folder: Path) -> None:
    text = 'scenario = "base.toml"\n[grid]\ncatchment = ["nowhere"]\n'
    arguments = ["--out", str(folder / "out"), "--workers", "0"]
    assert main(["batch", str(write_sweep(folder, text)), *arguments]) == 1
    assert main(["compare", str(folder / "out")]) == 1


def test_compare_filters_ranks_and_writes(
    folder: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "200")
    out = folder / "out"
    run_batch(write_sweep(folder), out, workers=0)
    wanted = ["--where", "service.surgery.open=2", "--where", "congestion=1", "--workers", "0"]
    files = ["--csv", str(folder / "t.csv"), "--html", str(folder / "t.html")]
    assert main(["compare", str(out), *wanted, "--by", "max_minutes", *files]) == 0
    said = capsys.readouterr().out
    assert "Best by max_minutes" in said
    assert "loses least across 2 futures" in said
    assert len((folder / "t.csv").read_text().splitlines()) == 3
    assert main(["compare", str(out), "--where", "congestion:1"]) == 2
    assert main(["compare", str(out), "--each", "nothing"]) == 2


def test_compare_keeps_every_row_and_writes_what_choices_lose(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    rows = '[[list]]\n"service.surgery.open" = 2\n[[list]]\ncatchment = "nowhere"\n'
    out, table, lost = folder / "out", folder / "t.csv", folder / "regret.csv"
    run_batch(write_sweep(folder, f'scenario = "base.toml"\n{rows}'), out, workers=0)
    asked = ["compare", str(out), "--workers", "0", "--each", "service.surgery.open"]
    files = ["--by", "mean_minutes", "--csv", str(table), "--regret", str(lost)]
    assert main([*asked, *files]) == 0
    said = " ".join(capsys.readouterr().out.split())
    assert "service.surgery.open = 2 -" in said
    assert "1 scenarios have no service.surgery.open" in said
    read = pd.read_csv(table)
    assert list(read["status"]) == ["optimal", "failed"]
    assert list(pd.read_csv(lost)["max_regret"]) == [0.0]
    assert main([*asked, "--excel", str(folder / "other.csv")]) == 2
    assert not (folder / "other.csv").exists()


@pytest.mark.parametrize("solved", [False, True])
def test_a_batch_whose_sweep_is_replaced_meanwhile_says_so(folder: Path, solved: bool) -> None:
    text = 'name = "x"\nscenario = "base.toml"\n[grid]\n"service.surgery.open" = [2, 3]\n'
    sweep, out = write_sweep(folder, text), folder / "out"
    other = write_sweep(folder, text.replace("[2, 3]", "[4, 5]"), "other.toml")
    replaced: list[Progress] = []

    def stop(done: Progress) -> None:
        if not solved:
            raise KeyboardInterrupt

    def replace(done: Progress) -> None:
        if not replaced:
            replaced.append(done)
            with contextlib.suppress(KeyboardInterrupt):
                run_batch(other, out, workers=0, on_progress=stop)

    with pytest.raises(StoreError, match="give one of the two sweeps another name"):
        run_batch(sweep, out, workers=0, on_progress=replace)
    assert len(finished(out)) == 2 * solved
    assert claimed(out) == 0


def test_a_table_that_cannot_be_written_is_no_lost_work(
    folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def full(*_: object) -> Path:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr("reconfig.batch.read.write_table", full)
    text = 'scenario = "base.toml"\n[grid]\n"service.surgery.open" = [2]\n'
    arguments = ["--out", str(folder / "out"), "--workers", "0"]
    assert main(["batch", str(write_sweep(folder, text)), *arguments]) == 1
    said = " ".join(capsys.readouterr().err.split())
    assert "every result is in" in said
    assert "Nothing was written" not in said


def test_workers_that_work_go_on_where_new_ones_do_not_start() -> None:
    workers = Processes(1)
    try:
        wait_until(lambda: list(workers.done(0.1)) or workers._workers[0].ready)
        first = workers.pids[0]
        workers._start()
        for _ in range(TRIES):
            os.kill(workers.pids[1], signal.SIGKILL)
            gone = workers._workers[1]
            wait_until(lambda gone=gone: list(workers.done(0.1)) or gone not in workers._workers)
        assert workers.pids == [first]
    finally:
        workers.close()


def test_workers_none_of_which_starts_are_an_error_that_says_how() -> None:
    workers = Processes(1)

    def kill_all() -> None:
        for _ in range(TRIES):
            gone = workers._workers[0]
            os.kill(workers.pids[0], signal.SIGKILL)
            wait_until(lambda gone=gone: list(workers.done(0.1)) or gone not in workers._workers)

    with pytest.raises(WorkerError, match="cannot start: killed by SIGKILL"):
        kill_all()
    workers.close()


def test_no_such_cluster_is_said(
    folder: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("reconfig.batch.cluster.PATIENCE", 0.5)
    arguments = ["--out", str(folder / "out"), "--scheduler", "tcp://127.0.0.1:9"]
    assert main(["batch", str(write_sweep(folder)), *arguments]) == 1
    assert "no Dask scheduler at tcp://127.0.0.1:9" in capsys.readouterr().err
