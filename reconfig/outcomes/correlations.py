"""Which assumptions move together, and by how much."""

from __future__ import annotations

import csv
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from reconfig.core import Faults, suggestion

COLUMNS = ("id_a", "id_b", "correlation", "source", "confidence", "note")


@dataclass(frozen=True)
class Correlation:
    """Two assumptions and the correlation of their normal scores (Gaussian copula), -1 to 1."""

    id_a: str
    id_b: str
    correlation: float
    source: str
    confidence: str
    note: str

    @property
    def pair(self) -> frozenset[str]:
        """The two ids, in no order."""
        return frozenset((self.id_a, self.id_b))


@dataclass(frozen=True, eq=False)
class CorrelatedGroup:
    """Assumptions linked by correlations, directly or through others.

    ids: in alphabetical order. matrix: their correlations (shape: ids x ids); a pair that is not
    given has none.
    """

    ids: tuple[str, ...]
    matrix: np.ndarray

    @property
    def is_possible(self) -> bool:
        """Say whether any numbers can be correlated so: the matrix is positive definite."""
        return bool(np.linalg.eigvalsh(self.matrix)[0] > 1e-9)


def groups(correlations: Iterable[Correlation]) -> tuple[CorrelatedGroup, ...]:
    """Return the groups of assumptions that correlations link, each id in one group."""
    pairs = tuple(correlations)
    linked: list[set[str]] = []
    for pair in pairs:
        touching = [group for group in linked if group & pair.pair]
        linked = [group for group in linked if group not in touching]
        linked.append(set(pair.pair).union(*touching))
    found = []
    for group in linked:
        ids = tuple(sorted(group))
        place = {key: k for k, key in enumerate(ids)}
        matrix = np.eye(len(ids))
        for pair in pairs:
            if pair.id_a in place:
                a, b = place[pair.id_a], place[pair.id_b]
                matrix[a, b] = matrix[b, a] = pair.correlation
        found.append(CorrelatedGroup(ids, matrix))
    return tuple(found)


def read_correlations(
    path: Path, spread: Collection[str], known: Collection[str], tags: Iterable[str], faults: Faults
) -> list[Correlation]:
    """Read a file of correlations, noting every fault.

    spread: ids that have a spread. known: every id. tags: the words for confidence.
    """
    with path.open(newline="", encoding="utf-8") as file:
        reader = csv.DictReader(file)
        if tuple(reader.fieldnames or ()) != COLUMNS:
            faults.add(path.name, "header", f"{reader.fieldnames}", ", ".join(COLUMNS))
            return []
        found: dict[frozenset[str], Correlation] = {}
        for line, row in enumerate(reader, start=2):
            one = _read_row(row, path.name, line, spread, known, tuple(tags), faults)
            if one is not None and one.pair in found:
                faults.add(path.name, f"line {line}", f"{one.id_a} with {one.id_b} again", "once")
            elif one is not None:
                found[one.pair] = one
    return list(found.values())


def _read_row(
    row: dict[str, str],
    file: str,
    line: int,
    spread: Collection[str],
    known: Collection[str],
    tags: tuple[str, ...],
    faults: Faults,
) -> Correlation | None:
    before, place = len(faults.found), f"line {line}"
    if None in row.values() or None in row:
        faults.add(file, place, "too few or too many fields", f"{len(COLUMNS)} fields")
        return None
    for key in (row["id_a"], row["id_b"]):
        if key not in known:
            faults.add(
                file, place, f"id '{key}'", "an id of assumptions.csv", suggestion(key, known)
            )
        elif key not in spread:
            faults.add(file, place, f"'{key}' is fixed", "an assumption with a spread")
    if row["id_a"] == row["id_b"]:
        faults.add(file, place, f"'{row['id_a']}' with itself", "two ids")
    try:
        correlation = float(row["correlation"])
    except ValueError:
        correlation = np.nan
    if not -1 < correlation < 1:
        faults.add(file, place, f"correlation '{row['correlation']}'", "a number between -1 and 1")
    if not row["source"].strip():
        faults.add(file, place, "blank source", "a text")
    if row["confidence"] not in tags:
        faults.add(file, place, f"confidence '{row['confidence']}'", f"one of {tags}")
    if len(faults.found) > before:
        return None
    return Correlation(
        row["id_a"], row["id_b"], correlation, row["source"], row["confidence"], row["note"]
    )


def check_groups(correlations: Iterable[Correlation], file: str, faults: Faults) -> None:
    """Note every group whose correlations cannot hold together."""
    for group in groups(correlations):
        if not group.is_possible:
            faults.add(
                file,
                ", ".join(group.ids),
                "correlations that cannot hold together (the matrix is not positive definite)",
                "correlations that some numbers could have",
                "Make the largest of them smaller, or give the pairs that are left out.",
            )
