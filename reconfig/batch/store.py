"""The store: one SQLite file that holds every scenario and what came of it, whatever happens."""

from __future__ import annotations

import contextlib
import json
import os
import socket
import sqlite3
import threading
import time
import uuid
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from reconfig.batch.work import FAILED, Plain
from reconfig.core import Faults, ReconfigError

FILE = "batch.sqlite"
FORMAT = 1
# Seconds: how often a batch says that it is alive, and after how long a silent one counts as gone.
BEAT, LEASE = 5.0, 60.0
# Seconds to wait for another process that is writing.
PATIENCE = 60.0
SCHEMA = """
CREATE TABLE IF NOT EXISTS about (name TEXT PRIMARY KEY, value TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS sweep (
    name TEXT PRIMARY KEY, text TEXT NOT NULL, base TEXT NOT NULL, folder TEXT NOT NULL,
    begun TEXT NOT NULL
);
CREATE TABLE IF NOT EXISTS scenario (
    key TEXT PRIMARY KEY, content TEXT NOT NULL, data TEXT NOT NULL, versions TEXT NOT NULL,
    status TEXT, result TEXT, seconds REAL, finished TEXT, owner TEXT
);
CREATE TABLE IF NOT EXISTS member (
    sweep TEXT NOT NULL, number INTEGER NOT NULL, key TEXT NOT NULL, settings TEXT NOT NULL,
    turn INTEGER NOT NULL, PRIMARY KEY (sweep, number)
);
CREATE INDEX IF NOT EXISTS member_of ON member (key);
CREATE TABLE IF NOT EXISTS owner (
    id TEXT PRIMARY KEY, host TEXT NOT NULL, pid INTEGER NOT NULL, heartbeat REAL NOT NULL
);
CREATE TABLE IF NOT EXISTS appraisal (
    key TEXT NOT NULL, configuration TEXT NOT NULL, measure TEXT NOT NULL, row TEXT NOT NULL,
    PRIMARY KEY (key, configuration, measure)
);
"""
# Results that another attempt may better.
TO_TRY_AGAIN = (FAILED, "no_solution", "feasible")


class StoreError(ReconfigError, OSError):
    """The store cannot be written or read; what it holds stays as it was."""


@dataclass(frozen=True, eq=False)
class Member:
    """A scenario of a sweep as it is stored. settings: path -> value; content: the scenario's."""

    number: int
    key: str
    settings: Mapping[str, Any]
    content: Mapping[str, Any]
    data: str
    turn: int = 0


class Store:
    """The store of a folder. Every write is whole or not at all, and on the disk once it is done.

    A context manager; while it is open it says at intervals that its process is alive.
    """

    def __init__(self, folder: Path, *, most_pages: int | None = None) -> None:
        """Open the store of a folder, made where there is none. most_pages: for tests, a full disk.

        Raises InputError where the file is no such store, StoreError where it cannot be written.
        """
        self.folder, self.owner = folder, uuid.uuid4().hex
        with _said(folder):
            folder.mkdir(parents=True, exist_ok=True)
            self._base = _connected(folder / FILE)
            if most_pages is not None:
                self._base.execute(f"PRAGMA max_page_count = {most_pages:d}")
            # A write is in the log, and the log on the disk, before it counts; a batch that reads
            # never waits for one that writes.
            self._base.execute("PRAGMA journal_mode = WAL")
            self._base.execute("PRAGMA synchronous = FULL")
            with self._writing() as base:
                for statement in filter(str.strip, SCHEMA.split(";")):
                    base.execute(statement)
                base.execute("INSERT OR IGNORE INTO about VALUES ('format', ?)", (str(FORMAT),))
        _check_format(self._base, folder)
        self._over, self._heart = (
            threading.Event(),
            threading.Thread(target=self._beat, daemon=True),
        )

    def __enter__(self) -> Store:
        with _said(self.folder), self._writing() as base:
            row = (self.owner, socket.gethostname(), os.getpid(), time.time())
            base.execute("INSERT INTO owner VALUES (?, ?, ?, ?)", row)
        self._heart.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        self._heart.join()
        # A disk that is full lets nothing go either; the claims are then those of a dead process.
        with contextlib.suppress(sqlite3.Error), self._writing() as base:
            base.execute("UPDATE scenario SET owner = NULL WHERE owner = ?", (self.owner,))
            base.execute("DELETE FROM owner WHERE id = ?", (self.owner,))
        self.close()

    def close(self) -> None:
        """Close the file."""
        self._base.close()

    def _beat(self) -> None:
        """Say at intervals that this process is alive, on a connection of its own."""
        base = _connected(self.folder / FILE)
        while not self._over.wait(BEAT):
            with contextlib.suppress(sqlite3.Error):  # the next one may do
                now = (time.time(), self.owner)
                base.execute("UPDATE owner SET heartbeat = ? WHERE id = ?", now)
        base.close()

    @contextlib.contextmanager
    def _writing(self) -> Iterator[sqlite3.Connection]:
        """Give the connection inside a transaction that is whole or undone."""
        self._base.execute("BEGIN IMMEDIATE")
        try:
            yield self._base
            self._base.execute("COMMIT")
        except BaseException:
            if self._base.in_transaction:
                self._base.execute("ROLLBACK")
            raise

    def begin(
        self,
        name: str,
        text: str,
        base: str,
        folder: Path,
        members: Iterable[Member],
        versions: Mapping[str, str],
        *,
        again: bool = False,
    ) -> None:
        """Put a sweep's scenarios in; what is there already stays as it is.

        A sweep of the same name is replaced; results are kept. again: forget the results that
        another attempt may better (failures, and what ran out of time).
        """
        listed = list(members)
        said = json.dumps(dict(versions))
        with _said(self.folder), self._writing() as store:
            row = (name, text, base, str(folder), _now())
            store.execute("INSERT OR REPLACE INTO sweep VALUES (?, ?, ?, ?, ?)", row)
            store.execute("DELETE FROM member WHERE sweep = ?", (name,))
            store.executemany(
                "INSERT OR IGNORE INTO scenario (key, content, data, versions) VALUES (?, ?, ?, ?)",
                ((m.key, json.dumps(m.content, default=str), m.data, said) for m in listed),
            )
            store.executemany(
                "INSERT INTO member VALUES (?, ?, ?, ?, ?)",
                (
                    (name, m.number, m.key, json.dumps(m.settings, default=str), m.turn)
                    for m in listed
                ),
            )
            if again:
                marks = ", ".join("?" * len(TO_TRY_AGAIN))
                store.execute(
                    "UPDATE scenario SET status = NULL, result = NULL WHERE status IN "
                    f"({marks}) AND key IN (SELECT key FROM member WHERE sweep = ?)",
                    (*TO_TRY_AGAIN, name),
                )

    def claim(self, sweep: str, most: int) -> list[str]:
        """Take up to so many scenarios of a sweep that nobody is solving; return their keys.

        A claim of a process that is gone counts no longer.
        """
        with _said(self.folder), self._writing() as base:
            self._bury(base)
            found = base.execute(
                "SELECT s.key FROM member m JOIN scenario s USING (key) "
                "LEFT JOIN owner o ON o.id = s.owner "
                "WHERE m.sweep = ? AND s.status IS NULL AND o.id IS NULL "
                "GROUP BY s.key ORDER BY MIN(m.turn) LIMIT ?",
                (sweep, most),
            ).fetchall()
            keys = [key for (key,) in found]
            base.executemany(
                "UPDATE scenario SET owner = ? WHERE key = ?", ((self.owner, key) for key in keys)
            )
        return keys

    def _bury(self, base: sqlite3.Connection) -> None:
        """Strike out the owners that are gone: silent for long, or no process of this machine."""
        owners = base.execute("SELECT id, host, pid, heartbeat FROM owner").fetchall()
        for owner, host, pid, heartbeat in owners:
            here = host == socket.gethostname()
            silent = time.time() - heartbeat > LEASE
            if owner != self.owner and (silent or (here and not _is_alive(pid))):
                base.execute("DELETE FROM owner WHERE id = ?", (owner,))

    def record(self, key: str, result: Plain, seconds: float | None) -> bool:
        """Store what came of a scenario; return False where there is a result already."""
        text = json.dumps(result, ensure_ascii=False)
        row = (result["status"], text, seconds, _now(), key)
        with _said(self.folder), self._writing() as base:
            done = base.execute(
                "UPDATE scenario SET status = ?, result = ?, seconds = ?, finished = ?, "
                "owner = NULL WHERE key = ? AND status IS NULL",
                row,
            )
            return done.rowcount == 1

    def counts(self, sweep: str) -> dict[str, int]:
        """Return status -> how many scenarios of a sweep have it; "" for those without a result."""
        with _said(self.folder):
            found = self._base.execute(
                "SELECT COALESCE(s.status, ''), COUNT(*) FROM member m JOIN scenario s USING (key) "
                "WHERE m.sweep = ? GROUP BY 1",
                (sweep,),
            ).fetchall()
        return {str(status): int(number) for status, number in found}

    def keys(self, sweep: str) -> set[str]:
        """Return the keys of a sweep's scenarios."""
        with _said(self.folder):
            found = self._base.execute("SELECT key FROM member WHERE sweep = ?", (sweep,))
            return {key for (key,) in found}

    def sweeps(self) -> list[str]:
        """Return the names of the sweeps, the one that was begun last first."""
        with _said(self.folder):
            found = self._base.execute(
                "SELECT name FROM sweep ORDER BY begun DESC, name"
            ).fetchall()
        return [name for (name,) in found]

    def sweep(self, name: str) -> tuple[str, Path]:
        """Return the name of a sweep's base scenario and the folder that it was in."""
        with _said(self.folder):
            row = self._base.execute(
                "SELECT base, folder FROM sweep WHERE name = ?", (name,)
            ).fetchone()
        return str(row[0]), Path(row[1])

    def members(self, sweep: str) -> list[tuple[Member, Plain | None, float | None, str]]:
        """Return each scenario of a sweep with its result, its seconds and when it was finished."""
        with _said(self.folder):
            rows = self._base.execute(
                "SELECT m.number, m.key, m.settings, s.content, s.data, m.turn, s.result, "
                "s.seconds, COALESCE(s.finished, '') FROM member m JOIN scenario s USING (key) "
                "WHERE m.sweep = ? ORDER BY m.number",
                (sweep,),
            ).fetchall()
        return [
            (
                Member(number, key, json.loads(settings), json.loads(content), data, turn),
                None if result is None else json.loads(result),
                seconds,
                finished,
            )
            for number, key, settings, content, data, turn, result, seconds, finished in rows
        ]

    def appraisals(self, measure: str) -> dict[tuple[str, str], Plain]:
        """Return (key, configuration) -> how that does under that scenario."""
        with _said(self.folder):
            rows = self._base.execute(
                "SELECT key, configuration, row FROM appraisal WHERE measure = ?", (measure,)
            ).fetchall()
        return {(key, configuration): json.loads(row) for key, configuration, row in rows}

    def keep_appraisals(self, key: str, measure: str, rows: Mapping[str, Plain]) -> None:
        """Store how configurations do under a scenario. rows: configuration -> how it does."""
        with _said(self.folder), self._writing() as base:
            base.executemany(
                "INSERT OR REPLACE INTO appraisal VALUES (?, ?, ?, ?)",
                ((key, name, measure, json.dumps(row)) for name, row in rows.items()),
            )


def _connected(path: Path) -> sqlite3.Connection:
    return sqlite3.connect(path, timeout=PATIENCE, isolation_level=None)


def _check_format(base: sqlite3.Connection, folder: Path) -> None:
    row = base.execute("SELECT value FROM about WHERE name = 'format'").fetchone()
    if row != (str(FORMAT),):
        faults = Faults()
        found = f"a store of format {row[0] if row else 'unknown'}"
        fix = "Give another folder, or the version of reconfig that made it."
        faults.add(str(folder / FILE), "", found, f"format {FORMAT}", fix)
        faults.raise_if_any()


@contextlib.contextmanager
def _said(folder: Path) -> Iterator[None]:
    """Say in plain words why a store cannot be used."""
    try:
        yield
    except (sqlite3.Error, OSError) as problem:
        if isinstance(problem, ReconfigError):
            raise
        raise StoreError(f"{folder / FILE}: {_words(problem)}") from problem


def _words(problem: Exception) -> str:
    text = str(problem)
    if "full" in text or "No space left" in text or "disk I/O" in text:
        return (
            f"{text}. The disk is full, or cannot be written. Everything that was finished is "
            "stored; make room and run the same command again, and it goes on from there."
        )
    if "not a database" in text or "malformed" in text:
        return f"{text}. It is no store of a batch, or was damaged from outside: give another --out"
    return text


def _is_alive(pid: int) -> bool:
    """Say whether there is a process of that number on this machine, as far as can be known."""
    if os.name != "posix":  # there os.kill would end it; its heartbeat has to tell
        return True
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        pass
    return True


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="microseconds")
