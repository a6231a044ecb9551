"""The assumptions a region rests on: the package's, its folder's own, and values given by hand."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from reconfig.core import Faults, InputError
from reconfig.data.embedded import load_register
from reconfig.data.tables import read_text
from reconfig.outcomes import Register

FILE = "assumptions.csv"
# What faults call values that are given with the region, whatever file they come from.
GIVEN = "assumptions"


def region_register(
    folder: Path | None, values: Mapping[str, float], faults: Faults
) -> Register | None:
    """Return the package's register, a folder's assumptions.csv over it, values over both.

    What differs from the package's is in the register's overrides. Notes every fault; a value that
    is wrong is then left out, and a file that is wrong gives None.
    """
    register = load_register()
    own = None if folder is None else folder / FILE
    try:
        if own is not None and own.is_file():
            if read_text(own, faults) is None:  # no text at all
                return None
            register = register.merged(Register.from_csv(own))
    except InputError as problem:
        faults.found.extend(problem.faults)
        return None
    try:
        return register.replaced(values, file=GIVEN) if values else register
    except InputError as problem:
        faults.found.extend(problem.faults)
        return register
