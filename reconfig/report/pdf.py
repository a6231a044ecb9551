"""A report page as a PDF, printed by a browser without a window and without a network."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from pathlib import Path

from reconfig.core import Faults, ReconfigError

# Browsers that print alike, by the name of the program; then where Windows and macOS keep theirs.
PROGRAMS = (
    "chromium",
    "chromium-browser",
    "google-chrome",
    "google-chrome-stable",
    "chrome",
    "microsoft-edge",
    "msedge",
    "brave-browser",
)
PLACES = (
    "C:/Program Files (x86)/Microsoft/Edge/Application/msedge.exe",
    "C:/Program Files/Microsoft/Edge/Application/msedge.exe",
    "C:/Program Files/Google/Chrome/Application/chrome.exe",
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
    "/Applications/Microsoft Edge.app/Contents/MacOS/Microsoft Edge",
)
SWITCHES = (
    "--headless",
    "--disable-gpu",
    "--disable-dev-shm-usage",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-default-apps",
    "--disable-extensions",
    "--disable-sync",
    "--no-first-run",
    "--no-default-browser-check",
    "--no-proxy-server",
    "--host-resolver-rules=MAP * ~NOTFOUND",
    "--no-pdf-header-footer",
)
LONGEST_SECONDS = 300.0


def pdf_program() -> str:
    """Return the path of a browser that can print; raise InputError where none is installed.

    To be asked before any work is done.
    """
    found = next((path for name in PROGRAMS if (path := shutil.which(name))), None)
    found = found or next((place for place in PLACES if Path(place).is_file()), None)
    if found is not None:
        return found
    faults = Faults()
    faults.add(
        "--pdf",
        "",
        "no browser that can print a page is installed",
        f"one of {', '.join(PROGRAMS)}",
        "Install Chromium, or open report.html in any browser and print it to a PDF from there.",
    )
    faults.raise_if_any()
    raise AssertionError


def write_pdf(page: Path, target: Path, *, program: str) -> None:
    """Print a page of this machine to a PDF file, without headers, footers or any request.

    Raises ReconfigError, with what the browser said, where it does not print.
    """
    target.unlink(missing_ok=True)
    with tempfile.TemporaryDirectory(prefix="reconfig-print-") as profile:
        command = [program, *SWITCHES, f"--user-data-dir={profile}"]
        if hasattr(os, "geteuid") and os.geteuid() == 0:
            command.append("--no-sandbox")  # which the browser asks of the root user
        command += [f"--print-to-pdf={target.resolve()}", page.resolve().as_uri()]
        try:
            done = subprocess.run(
                command, capture_output=True, check=False, timeout=LONGEST_SECONDS
            )
        except (OSError, subprocess.TimeoutExpired) as error:
            raise ReconfigError(f"{program} did not print the report: {error}") from error
    if not target.is_file() or not target.read_bytes().startswith(b"%PDF"):
        said = done.stderr.decode(errors="replace").strip().splitlines()[-1:]
        raise ReconfigError(f"{program} did not print the report. {' '.join(said)}".strip())
