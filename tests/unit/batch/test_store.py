"""The store: written once, claimed by one at a time, whole whatever happens."""

from __future__ import annotations

import os
import sqlite3
import subprocess
import sys
import time
from pathlib import Path

import pytest

from reconfig.batch import StoreError
from reconfig.batch.store import FILE, LEASE, Member, Store
from reconfig.core import InputError

SOLVED = {"status": "optimal", "objective": 1.5}


def members(number: int) -> list[Member]:
    return [Member(k, f"key{k}", {"year": k}, {"year": k}, "data", -k) for k in range(number)]


def begun(folder: Path, number: int = 3) -> Store:
    store = Store(folder)
    store.begin("sweep", "", "base.toml", folder, members(number), {})
    return store


def dead_pid() -> int:
    done = subprocess.Popen([sys.executable, "-c", ""])
    done.wait()
    return done.pid


def as_if_owned_by(folder: Path, host: str, pid: int, heartbeat: float) -> None:
    base = sqlite3.connect(folder / FILE)
    with base:
        base.execute("INSERT INTO owner VALUES ('other', ?, ?, ?)", (host, pid, heartbeat))
        base.execute("UPDATE scenario SET owner = 'other'")
    base.close()


def test_a_claim_is_one_batchs_alone(tmp_path: Path) -> None:
    with begun(tmp_path) as one, Store(tmp_path) as other:
        first, second = one.claim("sweep", 2), other.claim("sweep", 5)
        assert len(first) == 2
        assert sorted([*first, *second]) == ["key0", "key1", "key2"]
        assert one.claim("sweep", 5) == other.claim("sweep", 5) == []


def test_claims_are_in_turn(tmp_path: Path) -> None:
    with begun(tmp_path) as store:
        assert store.claim("sweep", 2) == ["key2", "key1"]


def test_claims_end_with_the_batch_that_made_them(tmp_path: Path) -> None:
    with begun(tmp_path) as one:
        one.claim("sweep", 3)
    with Store(tmp_path) as other:
        assert len(other.claim("sweep", 3)) == 3


def test_a_dead_process_has_no_claims(tmp_path: Path) -> None:
    with begun(tmp_path) as store:
        as_if_owned_by(tmp_path, os.uname().nodename, dead_pid(), time.time())
        assert len(store.claim("sweep", 3)) == 3


def test_the_claims_of_a_living_process_hold_until_it_is_silent_for_long(tmp_path: Path) -> None:
    with begun(tmp_path) as store:
        as_if_owned_by(tmp_path, os.uname().nodename, os.getpid(), time.time())
        assert store.claim("sweep", 3) == []
    with Store(tmp_path) as later:
        silent = time.time() - 2 * LEASE
        base = sqlite3.connect(tmp_path / FILE)
        with base:
            base.execute("UPDATE owner SET heartbeat = ? WHERE id = 'other'", (silent,))
        base.close()
        assert len(later.claim("sweep", 3)) == 3


def test_another_machine_is_known_by_its_silence_alone(tmp_path: Path) -> None:
    with begun(tmp_path) as store:
        as_if_owned_by(tmp_path, "elsewhere", dead_pid(), time.time())
        assert store.claim("sweep", 3) == []


def test_a_result_is_stored_once_and_the_first_counts(tmp_path: Path) -> None:
    with begun(tmp_path) as store:
        assert store.record("key0", SOLVED, 1.0)
        assert not store.record("key0", {"status": "failed"}, 2.0)
        assert store.members("sweep")[0][1] == SOLVED
        assert store.counts("sweep") == {"": 2, "optimal": 1}


def test_a_sweep_begun_again_keeps_its_results(tmp_path: Path) -> None:
    with begun(tmp_path) as store:
        store.record("key0", SOLVED, 1.0)
        store.begin("sweep", "", "base.toml", tmp_path, members(4), {})
        assert store.counts("sweep") == {"": 3, "optimal": 1}


def test_what_failed_is_tried_again_only_if_asked(tmp_path: Path) -> None:
    with begun(tmp_path) as store:
        store.record("key0", SOLVED, 1.0)
        store.record("key1", {"status": "failed", "reason": "x"}, 1.0)
        store.begin("sweep", "", "base.toml", tmp_path, members(3), {}, again=True)
        assert store.counts("sweep") == {"": 2, "optimal": 1}


def test_a_full_disk_is_said_and_what_is_there_stays(tmp_path: Path) -> None:
    with begun(tmp_path) as store:
        store.record("key0", SOLVED, 1.0)
    pages = sqlite3.connect(tmp_path / FILE).execute("PRAGMA page_count").fetchone()[0]
    with Store(tmp_path, most_pages=pages) as full:
        with pytest.raises(StoreError, match=r"full.*make room and run the same command again"):
            full.record("key1", {"status": "optimal", "long": "x" * 100_000}, 1.0)
        assert full.counts("sweep") == {"": 2, "optimal": 1}
    with Store(tmp_path) as store:
        assert store.record("key1", {"status": "optimal", "long": "x" * 100_000}, 1.0)


def test_a_file_that_is_no_store_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / FILE).write_text("years of work " * 100, encoding="utf-8")
    with pytest.raises(StoreError, match="not a database"):
        Store(tmp_path)
    assert (tmp_path / FILE).read_text(encoding="utf-8").startswith("years of work")


def test_a_store_of_another_format_is_refused(tmp_path: Path) -> None:
    begun(tmp_path).close()
    base = sqlite3.connect(tmp_path / FILE)
    with base:
        base.execute("UPDATE about SET value = '99'")
    base.close()
    with pytest.raises(InputError, match="format 99"):
        Store(tmp_path)
