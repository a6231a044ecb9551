"""What a result hangs on, as one number: the same is never solved twice, a change always is."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from functools import cache
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

PACKAGE = Path(__file__).resolve().parents[1]
# What a result may change with, beside reconfig itself.
PACKAGES = ("pulp", "highspy", "numpy", "pandas", "scipy")


def scenario_key(content: Mapping[str, Any], data: str) -> str:
    """Return the SHA-256 of a scenario's content (but its name), its data and the versions.

    data: the digest of its region, see `data_digest`.
    """
    named = {key: value for key, value in content.items() if key != "name"}
    # default: a date is no value of any key, and so a recorded fault of that scenario.
    text = json.dumps(named, sort_keys=True, ensure_ascii=False, default=str)
    return hashlib.sha256("\n".join([text, data, code_digest()]).encode()).hexdigest()


@cache
def code_digest() -> str:
    """Return the SHA-256 of reconfig's own code and of the versions of what it calculates with.

    Of the code, since the version of a clone stays the same while its code is changed.
    """
    whole = hashlib.sha256()
    for path in sorted(PACKAGE.rglob("*.py")):
        whole.update(f"{path.relative_to(PACKAGE).as_posix()}\n".encode())
        whole.update(path.read_bytes())
    for package, found in versions().items():
        whole.update(f"{package} {found}\n".encode())
    return whole.hexdigest()


def versions() -> dict[str, str]:
    """Return package -> version, of reconfig and of what its results may change with."""
    found = {}
    for package in ("reconfig", *PACKAGES):
        try:
            found[package] = version(package)
        except PackageNotFoundError:
            found[package] = "unknown"
    return found
