"""A file cut short or damaged is refused, or read as it was: never as other data."""

from __future__ import annotations

import random
from pathlib import Path

import pytest

from reconfig.core import InputError, Region
from reconfig.data import load_region
from tests.unit.data.folders import RICH, write
from tests.unit.data.test_odd_files import same

STRANGE = (
    "",
    "NaN",
    "x",
    "-1",
    "1e999",
    "#REF!",
    "12 min",
    "1,5",
    "unreachable",
    '"',
    "z1",
    "é",
    "nan",
)


def whole(region: Region) -> tuple[object, ...]:
    """Return what a region knows beside its tables."""
    network = region.network
    assert network is not None
    tables = (network.places.to_csv(), network.edges.to_csv())  # type: ignore[attr-defined]
    return (*tables, network.fixed_minutes)  # type: ignore[attr-defined]


def changed(name: str, content: bytes) -> dict[str, str | bytes]:
    """Return the files of the good folder but for one."""
    return {**RICH, name: content}


def loaded(folder: Path) -> Region | None:
    """Return the region of a folder, None if it is refused; anything else but that is an error."""
    try:
        return load_region(folder)
    except InputError:
        return None


@pytest.mark.parametrize("name", RICH)
def test_a_file_cut_at_any_byte_of_a_line_is_refused_or_read_as_it_was(
    tmp_path: Path, name: str
) -> None:
    good = load_region(write(tmp_path / "good", dict(RICH)))
    content = RICH[name].encode()
    # Every cut in the last line, where a shorter number is a number still; elsewhere each seventh.
    last = content.rstrip(b"\n").rfind(b"\n")
    refused = 0
    for length in (*range(0, last, 7), *range(last, len(content))):
        at_line_end = content[:length].endswith(b"\n") or content[length : length + 1] == b"\n"
        if name == "region.toml" and at_line_end:
            continue  # a shorter region.toml may be a whole one: sources and catchments fewer
        if name == "network.csv" and at_line_end:
            continue  # so may a shorter network be: see the next test
        folder = write(tmp_path / "cut", changed(name, content[:length]))
        region = loaded(folder)
        refused += region is None
        assert region is None or (same(region, good) and whole(region) == whole(good))
    assert refused > len(content) / 10


@pytest.mark.parametrize("name", ["zones.csv", "sites.csv", "places.csv", "travel_times/car.csv"])
def test_a_table_cut_at_a_line_end_is_told_by_the_other_tables(tmp_path: Path, name: str) -> None:
    lines = RICH[name].splitlines(keepends=True)
    for kept in range(len(lines)):
        folder = write(tmp_path, {**RICH, name: "".join(lines[:kept])})
        with pytest.raises(InputError):
            load_region(folder)


def test_a_network_without_roads_to_a_zone_or_site_is_refused(tmp_path: Path) -> None:
    lines = RICH["network.csv"].splitlines(keepends=True)
    folder = write(tmp_path, {**RICH, "network.csv": "".join(lines[:-1])})
    with pytest.raises(InputError, match=r"no road joins .*cut short"):
        load_region(folder)


@pytest.mark.parametrize("seed", range(3))
def test_cells_changed_at_random_are_refused_or_read_as_they_stand(
    tmp_path: Path, seed: int
) -> None:
    rng = random.Random(seed)
    for _ in range(40):
        name = rng.choice(list(RICH))
        lines = RICH[name].splitlines()
        row = rng.randrange(len(lines))
        cells = lines[row].split(",")
        cells[rng.randrange(len(cells))] = rng.choice(STRANGE)
        lines[row] = ",".join(cells)
        folder = write(tmp_path, {**RICH, name: "\n".join(lines) + "\n"})
        region = loaded(folder)
        if region is not None:
            assert list(region.minutes().columns) == list(region.sites.index)
            assert not region.zones.select_dtypes("number").isna().any(axis=None)


@pytest.mark.parametrize("seed", range(3))
def test_bytes_changed_at_random_never_give_a_traceback(tmp_path: Path, seed: int) -> None:
    rng = random.Random(1000 + seed)
    refused = 0
    for _ in range(40):
        name = rng.choice(list(RICH))
        content = bytearray(RICH[name].encode())
        for _ in range(rng.randrange(1, 4)):
            content[rng.randrange(len(content))] = rng.randrange(256)
        folder = write(tmp_path, changed(name, bytes(content)))
        refused += loaded(folder) is None
    assert refused
