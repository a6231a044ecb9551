"""Run a sweep: what is not there yet is solved, and stored as soon as it is."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from reconfig.batch.key import scenario_key, versions
from reconfig.batch.read import Batch, read_batch
from reconfig.batch.store import Member, Store, StoreError
from reconfig.batch.sweep import Sweep, read_sweep
from reconfig.batch.work import Plain, region_of, solving
from reconfig.batch.workers import Here, Processes, WorkerError, Workers, usual_number
from reconfig.core import Faults
from reconfig.data import data_digest, region_files

# Seconds between looks at what others are doing.
LOOK = 0.5


@dataclass(frozen=True)
class Progress:
    """How far a batch is. counts: status -> scenarios that have it. there: had a result before."""

    total: int
    counts: Mapping[str, int]
    there: int

    @property
    def finished(self) -> int:
        """How many scenarios have a result, of whatever kind."""
        return sum(number for status, number in self.counts.items() if status)


def run_batch(
    sweep: Sweep | str | Path,
    out: str | Path,
    *,
    workers: int | None = None,
    scheduler: str = "",
    again: bool = False,
    on_progress: Callable[[Progress], None] | None = None,
    on_warning: Callable[[str], None] | None = None,
) -> Batch:
    """Solve every scenario of a sweep that has no result yet; return all of them.

    sweep: a sweep, its file, or the name of one that comes with the package. out: the folder of the
    store; scenarios that are in it are not solved again. workers: processes, by default one a core;
    0 for none but this one. scheduler: address of a Dask cluster that does the work in their place.
    again: try once more what failed or ran out of time. on_progress is called at
    intervals and at the end; on_warning with what is said of the input, once each.

    Whatever ends it, be it Ctrl-C, what was finished is kept, and the same call goes on from there.
    Raises InputError for a sweep that cannot be, StoreError for a full disk, WorkerError where
    workers cannot be had, DataChangedError where the data are changed meanwhile.
    """
    sweep = sweep if isinstance(sweep, Sweep) else read_sweep(sweep)
    members = _members(sweep)
    with Store(Path(out)) as store:
        store.begin(
            sweep.name, sweep.text, sweep.base, sweep.folder, members, versions(), again=again
        )
        there = sum(number for status, number in store.counts(sweep.name).items() if status)
        with contextlib.ExitStack() as stack:
            if there < len(members):
                regions = {(m.content.get("region"), m.data) for m in members}
                at_work = workers_for(workers, scheduler, regions, sweep.folder)
                stack.callback(at_work.close)
                _Run(sweep, members, store, at_work, there, on_progress, on_warning).go()
        if on_progress is not None:
            on_progress(Progress(len(members), store.counts(sweep.name), there))
    batch = read_batch(out, sweep=sweep.name)
    batch.write_results()
    return batch


def workers_for(
    number: int | None, scheduler: str, regions: Iterable[tuple[Any, str]], folder: Path
) -> Workers:
    """Return what does the work. regions: names, relative to folder, and digests of their data."""
    if scheduler:
        _refuse_without_dask()
        from reconfig.batch.cluster import Cluster

        own = {
            data: region_files(name, folder)
            for name, data in regions
            if isinstance(name, str) and (folder / name).is_dir()
        }
        return Cluster(scheduler, own)
    if number is not None and number < 0:
        raise WorkerError(f"{number} workers: a number from 0")
    return Here() if number == 0 else Processes(number or usual_number())


def _refuse_without_dask() -> None:
    faults = Faults()
    if find_spec("distributed") is None:
        found = "the package distributed, which is Dask's, is not installed"
        expected = "the extra 'cluster', here and on the workers"
        faults.add("--scheduler", "", found, expected, "pip install 'reconfig[cluster]'.")
    faults.raise_if_any()


def _members(sweep: Sweep) -> list[Member]:
    """Return the scenarios with their keys, in an order in which regions need loading seldom."""
    digests: dict[str, str] = {}
    made = []
    for case in sweep.cases:
        name = case.content.get("region")
        text = name if isinstance(name, str) else ""
        if text not in digests:
            digests[text] = data_digest(text, sweep.folder)
        made.append((case, digests[text]))
    order = sorted(range(len(made)), key=lambda k: (region_of(made[k][0].content), k))
    turns = {k: turn for turn, k in enumerate(order)}
    return [
        Member(
            case.number,
            scenario_key(case.content, data),
            case.settings,
            case.content,
            data,
            turns[k],
        )
        for k, (case, data) in enumerate(made)
    ]


class _Run:
    """One run of a sweep."""

    def __init__(
        self,
        sweep: Sweep,
        members: list[Member],
        store: Store,
        workers: Workers,
        there: int,
        on_progress: Callable[[Progress], None] | None,
        on_warning: Callable[[str], None] | None,
    ) -> None:
        self._sweep, self._store, self._workers = sweep, store, workers
        self._members = {member.key: member for member in members}
        self._total, self._there = len(members), there
        self._on_progress, self._on_warning = on_progress, on_warning
        self._counts: Mapping[str, int] = {}
        self._told = 0.0
        self._in_hand: set[str] = set()
        self._warned: set[str] = set()

    def go(self) -> None:
        """Solve until every scenario has a result, here or by another batch on the same store."""
        self._tell()
        while True:
            room = self._workers.room()
            if len(self._in_hand) <= room // 2:
                self._take(room - len(self._in_hand))
            if not self._in_hand:
                self._tell(now=True)
                if not self._counts.get(""):
                    self._refuse_others()
                    return
                time.sleep(LOOK)  # another batch has the rest in hand
            for task, outcome in self._workers.done(LOOK):
                self._finish(task, outcome)

    def _take(self, most: int) -> None:
        for key in self._store.claim(self._sweep.name, most):
            if key not in self._members:
                self._refuse_others()
            member = self._members[key]
            task = solving(
                key,
                member.content,
                base=self._sweep.base,
                folder=self._sweep.folder.absolute(),
                data=member.data,
            )
            self._in_hand.add(key)
            self._workers.send(task)

    def _refuse_others(self) -> None:
        """Raise StoreError where another batch has put other scenarios under the sweep's name."""
        if self._store.keys(self._sweep.name) != set(self._members):
            raise StoreError(
                f"meanwhile another batch has put other scenarios under the name "
                f"'{self._sweep.name}' into this store: what was finished is kept; give one of the "
                "two sweeps another name, and run the same command again"
            )

    def _finish(self, task: Plain, outcome: Plain) -> None:
        if "stop" in outcome:
            raise WorkerError(outcome["stop"])
        self._store.record(task["key"], outcome["result"], outcome["seconds"])
        self._in_hand.discard(task["key"])
        for sentence in outcome["warnings"]:
            if self._on_warning is not None and sentence not in self._warned:
                self._on_warning(sentence)
            self._warned.add(sentence)
        self._tell()

    def _tell(self, *, now: bool = False) -> None:
        """Count what is finished, by other batches too, and say it: at intervals, or now."""
        if now or time.monotonic() - self._told > LOOK:
            self._counts = self._store.counts(self._sweep.name)
            self._told = time.monotonic()
            if self._on_progress is not None:
                self._on_progress(Progress(self._total, self._counts, self._there))
