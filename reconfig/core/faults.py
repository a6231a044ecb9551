"""Every fault in one message: what is wrong, where, what was expected, what to do."""

from __future__ import annotations

import difflib
from collections.abc import Iterable
from dataclasses import dataclass, field


class ReconfigError(Exception):
    """Base of every error that reconfig raises on purpose."""


class InputWarning(UserWarning):
    """Input that can be used but looks wrong, such as seconds where minutes are expected."""


@dataclass(frozen=True)
class Fault:
    """One thing wrong with the input.

    file: the file or table it is in; place: line, column, key or id within it;
    found: what is there; expected: what should be; fix: what to do about it.
    """

    file: str
    place: str
    found: str
    expected: str
    fix: str = ""

    def __str__(self) -> str:
        where = f"{self.file}, {self.place}" if self.place else self.file
        text = f"{where}: {self.found}; expected {self.expected}."
        return f"{text} {self.fix}" if self.fix else text


class InputError(ReconfigError, ValueError):
    """The input cannot be used. `faults` holds every reason, not the first only."""

    def __init__(self, faults: Iterable[Fault]) -> None:
        self.faults: tuple[Fault, ...] = tuple(faults)
        count = len(self.faults)
        head = "1 fault in the input:" if count == 1 else f"{count} faults in the input:"
        super().__init__("\n".join([head, *(f"  - {fault}" for fault in self.faults)]))


@dataclass
class Faults:
    """Collects faults while input is read, so that all can be reported at once."""

    found: list[Fault] = field(default_factory=list)

    def add(self, file: str, place: str, found: str, expected: str, fix: str = "") -> None:
        """Note one fault; see `Fault` for the meaning of each part."""
        self.found.append(Fault(file, place, found, expected, fix))

    def __bool__(self) -> bool:
        return bool(self.found)

    def about(self, file: str) -> bool:
        """Say whether anything is wrong with a file or table."""
        return any(fault.file == file for fault in self.found)

    def raise_if_any(self) -> None:
        """Raise `InputError` with everything noted so far, if anything was."""
        if self.found:
            raise InputError(self.found)


def suggestion(word: str, known: Iterable[str]) -> str:
    """Return "Did you mean 'x'?" when one of the known words is close, else the known words."""
    words = sorted({str(k) for k in known})
    folded = {w.casefold(): w for w in reversed(words)}
    close = difflib.get_close_matches(str(word).casefold(), folded, n=1, cutoff=0.6)
    if close:
        return f"Did you mean '{folded[close[0]]}'?"
    if not words:
        return ""
    return f"Known: {listing(words, most=12)}."


def listing(items: Iterable[object], most: int = 5) -> str:
    """Join the first few items and say how many more there are: "a, b, c and 7 more"."""
    words = [str(item) for item in items]
    if len(words) <= most:
        return ", ".join(words)
    return f"{', '.join(words[:most])} and {len(words) - most} more"
