"""Where tasks are done on many machines: an existing Dask cluster, by its scheduler's address.

The cluster only calculates: data go to each worker once, results come back here, and nobody but the
process that was started writes to the store.
"""

from __future__ import annotations

import queue
import threading
import uuid
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from distributed import Client, KilledWorker, WorkerPlugin, get_worker

from reconfig.batch.shelf import Shelf
from reconfig.batch.work import Plain, do
from reconfig.batch.workers import AHEAD, WorkerError, died

# Seconds to wait for the scheduler to answer.
PATIENCE = 10.0
# One task at a time in a process, however many threads it has: solvers and regions are not shared.
ONE = threading.Lock()


class RegionFiles(WorkerPlugin):  # type: ignore[misc]
    """The files of regions, brought to each worker once, and what it keeps loaded of them.

    files: digest of the data -> (name of the folder, file -> content).
    """

    def __init__(self, name: str, files: Mapping[str, tuple[str, Mapping[str, bytes]]]) -> None:
        self.name, self.files = name, files
        self.shelf: Shelf | None = None

    def setup(self, worker: Any) -> None:
        """Write the files into the worker's own folder."""
        folders = {}
        for data, (folder, files) in self.files.items():
            place = Path(worker.local_directory) / self.name / data / folder
            for file, content in files.items():
                path = place / file
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_bytes(content)
            folders[data] = place
        self.files = {}
        self.shelf = Shelf(folders)


def do_there(task: Plain, plugin: str) -> Plain:
    """Do a task on a worker, with the regions that a plugin brought."""
    shelf = get_worker().plugins[plugin].shelf
    with ONE:
        return do(task, shelf)


class Cluster:
    """Does tasks on an existing Dask cluster; one whose worker is lost is done by another.

    A task that several workers are lost with is given up: how many is the scheduler's own setting
    `distributed.scheduler.allowed-failures`.
    """

    def __init__(self, address: str, regions: Mapping[str, Mapping[str, Path]]) -> None:
        """Connect, and send the data. regions: digest of the data -> file -> path."""
        try:
            self._client = Client(address, timeout=PATIENCE, set_as_default=False)
        except (OSError, ValueError, TimeoutError) as problem:
            raise WorkerError(f"no Dask scheduler at {address}: {problem}") from problem
        self._done: queue.Queue[tuple[Plain, Any]] = queue.Queue()
        self._futures: dict[str, Any] = {}
        files = {data: _content(paths) for data, paths in regions.items()}
        self._run = uuid.uuid4().hex[:8]
        # A name of its own: another batch on the cluster keeps its files, of the same data or not.
        self._plugin = f"reconfig-{self._run}"
        self._client.register_plugin(RegionFiles(self._plugin, files), name=self._plugin)

    def room(self) -> int:
        """A few for each worker process that there is now."""
        return AHEAD * max(1, len(self._client.scheduler_info(n_workers=-1)["workers"]))

    def send(self, task: Plain) -> None:
        """Take a task."""
        name = f"reconfig-{self._run}-{task['key']}"
        future = self._client.submit(do_there, task, self._plugin, key=name, pure=False)
        self._futures[task["key"]] = future
        future.add_done_callback(lambda over, task=task: self._done.put((task, over)))

    def done(self, seconds: float) -> Iterator[tuple[Plain, Plain]]:
        """Give what has been done; raise WorkerError where the cluster cannot go on."""
        wait = seconds
        while True:
            try:
                task, over = self._done.get(timeout=wait) if wait else self._done.get_nowait()
            except queue.Empty:
                if self._client.status != "running":
                    raise WorkerError(
                        "the Dask scheduler is gone; what was finished is stored, and the same "
                        "command goes on from there"
                    ) from None
                return
            wait = 0.0
            outcome = _outcome(over)
            self._futures.pop(task["key"], None)
            yield task, outcome

    def close(self) -> None:
        """Take back what is not done, and go; the cluster stays."""
        if self._futures:
            self._client.cancel(list(self._futures.values()))
        self._client.close()


def _content(paths: Mapping[str, Path]) -> tuple[str, dict[str, bytes]]:
    """Return the name of the folder that files are in, and what is in them."""
    first, path = next(iter(paths.items()))
    folder = path.parents[len(Path(first).parts) - 1]
    return folder.resolve().name, {file: path.read_bytes() for file, path in paths.items()}


def _outcome(over: Any) -> Plain:
    if over.status == "finished":
        found: Plain = over.result()
        return found
    if over.status == "error":
        problem = over.exception()
        if isinstance(problem, KilledWorker):
            return died(f"the cluster lost {problem.allowed_failures + 1} workers with it")
        raise WorkerError(f"the cluster failed: {type(problem).__name__}: {problem}")
    raise WorkerError(
        f"the cluster has forgotten a task ({over.status}); run the same command again"
    )
