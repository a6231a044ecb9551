"""A folder that is written whole or not at all."""

from __future__ import annotations

import json
import os
import shutil
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from reconfig.core.faults import Faults
from reconfig.report.results import MADE_BY

MANIFEST = "manifest.json"


@contextmanager
def whole_folder(folder: str | Path) -> Iterator[Path]:
    """Give an empty folder to write to; it takes the place of `folder` when all went well.

    An existing folder is replaced only if it is empty or an earlier run of reconfig made it; files
    in it that the earlier run did not write are kept. After an error everything is as it was.
    Raises InputError if the folder is someone else's, or is a file.
    """
    target = Path(folder).resolve()
    prepare_folder(folder)
    target.parent.mkdir(parents=True, exist_ok=True)
    # Beside the target, so that the final step is a rename within one disk.
    new = target.parent / f".{target.name}.{uuid.uuid4().hex[:8]}.new"
    new.mkdir()
    try:
        yield new
        _keep_strangers(target, new)
        _swap(new, target)
    finally:
        shutil.rmtree(new, ignore_errors=True)


def prepare_folder(folder: str | Path) -> None:
    """Raise InputError if `folder` could not be written later; nothing is made or changed.

    For a caller who wants to know before the work that goes into the folder is done.
    """
    target = Path(folder).resolve()
    if not target.exists():
        above = next(place for place in target.parents if place.exists())
        if above.is_dir() and os.access(above, os.W_OK):
            return
        found = f"cannot be made in {above}"
    elif not target.is_dir():
        found = "is a file"
    elif not _is_ours(target):
        found = "is a folder that reconfig did not make"
    elif not os.access(target.parent, os.W_OK):  # the new one is made beside it
        found = f"cannot be replaced, for want of leave to write in {target.parent}"
    else:
        return
    faults = Faults()
    faults.add(
        str(folder),
        "",
        found,
        "a new or empty folder, or one that an earlier run wrote",
        "Choose another folder, or move what is in it.",
    )
    faults.raise_if_any()


def _is_ours(target: Path) -> bool:
    return not any(target.iterdir()) or _manifest(target).get("made_by") == MADE_BY


def _manifest(folder: Path) -> dict[str, Any]:
    try:
        content = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return content if isinstance(content, dict) else {}


def _keep_strangers(old: Path, new: Path) -> None:
    """Copy what the earlier run did not write, such as a reader's own notes."""
    if not old.is_dir():
        return
    written = {MANIFEST, *_manifest(old).get("outputs", ())}
    for path in sorted(old.rglob("*")):
        name = path.relative_to(old)
        if path.is_file() and name.as_posix() not in written and not (new / name).exists():
            (new / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(path, new / name)


def _swap(new: Path, target: Path) -> None:
    """Put the new folder in the target's place, or the old one back if that fails."""
    if not target.exists():
        new.rename(target)
        return
    old = new.with_suffix(".old")
    target.rename(old)
    try:
        new.rename(target)
    except BaseException:
        old.rename(target)
        raise
    shutil.rmtree(old, ignore_errors=True)
