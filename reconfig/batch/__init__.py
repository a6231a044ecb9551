"""Many scenarios at once: a sweep, its store, and what all of them say together."""

from reconfig.batch.read import Batch, read_batch
from reconfig.batch.regrets import Regret, regret
from reconfig.batch.run import Progress, run_batch
from reconfig.batch.store import StoreError
from reconfig.batch.sweep import Sweep, read_sweep
from reconfig.batch.workers import WorkerError

__all__ = [
    "Batch",
    "Progress",
    "Regret",
    "StoreError",
    "Sweep",
    "WorkerError",
    "read_batch",
    "read_sweep",
    "regret",
    "run_batch",
]
