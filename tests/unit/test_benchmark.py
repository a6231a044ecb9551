"""The benchmark program: it runs, keeps what people wrote, and tells what it could not measure."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.benchmark.page import BLOCKS
from tests.benchmark.rows import TINY, Aim
from tests.benchmark.runs import ROOT, Measured, Run, measure
from tests.benchmark.tables import agreement, ratio, verdict, verdict_beside

RIVALS = ("spopt", "lokigi")


def benchmark(out: Path, *options: str) -> str:
    """Run the program where neither rival can be imported; return the page it wrote."""
    empty = out.parent / "no-rivals"
    empty.mkdir(exist_ok=True)
    for name in RIVALS:
        absent = f"raise ModuleNotFoundError('{name}', name='{name}')\n"
        (empty / f"{name}.py").write_text(absent, encoding="utf-8")
    done = subprocess.run(
        [sys.executable, "-m", "tests.benchmark", "--quick", "--out", str(out), *options],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(empty)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout == ""
    return out.read_text(encoding="utf-8")


def between(page: str, name: str) -> str:
    """Return what is between the markers of a block."""
    return page.split(f"<!-- {name}: start -->")[1].split(f"<!-- {name}: end -->")[0]


@pytest.mark.slow
def test_every_table_is_written_and_the_words_around_them_stay(tmp_path: Path) -> None:
    out = tmp_path / "page.md"
    first = benchmark(out)
    for block in BLOCKS:
        assert "| --- |" in between(first, block.name), block.name
    assert "failed" not in first
    assert "| optimal | " in between(first, "england")
    for name, program in (("spopt", "spopt, HiGHS"), ("greater-manchester", "lokigi, GRASP")):
        lines = [x for x in between(first, name).splitlines() if f"| {program} |" in x]
        assert lines, name
        assert all("| not installed |" in line for line in lines)

    out.write_text(first.replace("## Growth", "Written by hand.\n\n## Growth"), encoding="utf-8")
    second = benchmark(out, "--only", "numpy sorts")
    assert "Written by hand.\n\n## Growth" in second
    assert "Only the rows with 'numpy sorts'" in between(second, "limits")
    for name in ("england", "growth", "yardstick"):
        assert between(second, name) == between(first, name)
    outside = first.split("<!-- limits: start -->")[0].split("<!-- machine: end -->")[1]
    assert outside.split("## Growth")[0] in second


def test_a_run_past_its_time_is_killed_and_has_no_figure() -> None:
    found = measure(Run(TINY, p=2), limit=0.001)
    assert found.failure == "not finished in 0.001 s"
    assert found.seconds is None
    assert verdict(Aim(seconds=1.0), found) == "not met"


def test_a_task_that_breaks_down_says_how() -> None:
    found = measure(Run(TINY, "no_such_task"), limit=1.0)
    assert found.failure.startswith("failed: ")
    assert "no_such_task" in found.failure


def test_a_rival_that_was_killed_gives_a_least_ratio_and_never_a_false_verdict() -> None:
    own = Measured(seconds=0.5, proven=True, objective=20.0)
    killed = Measured("not finished in 300 s", over=300.0)
    assert ratio(own, killed) == "more than 600"
    assert verdict_beside(100, own, killed) == "met"
    assert verdict_beside(1000, own, killed) == "not known"
    assert verdict_beside(100, own, Measured("not installed")) == "not known"
    assert agreement(own, killed) == ""


def test_a_worse_value_is_told_and_a_better_one_accuses_reconfig() -> None:
    own = Measured(seconds=0.5, proven=True, objective=20.0)
    assert agreement(own, Measured(objective=20.000001)) == "agrees"
    assert agreement(own, Measured(objective=20.002)) == "0.01 % worse"
    assert agreement(own, Measured(objective=19.998)) == "0.01 % better (so reconfig is wrong)"


def test_an_aim_is_reached_only_with_proof_and_within_every_figure() -> None:
    aim = Aim(seconds=5, memory=1000)
    assert verdict(aim, Measured(seconds=4.0, memory=900.0, proven=True)) == "met"
    assert verdict(aim, Measured(seconds=4.0, memory=900.0, proven=False)) == "not met"
    assert verdict(aim, Measured(seconds=4.0, memory=1100.0, proven=True)) == "not met"
    assert verdict(aim, Measured(seconds=6.0, memory=900.0, proven=True)) == "not met"
    assert verdict(aim, Measured("failed: no data")) == "not known"
    no_proof = Aim(seconds=5, proven=False)  # of work that looks for no best
    assert verdict(no_proof, Measured(seconds=4.0)) == "met"
    assert verdict(no_proof, Measured(seconds=6.0)) == "not met"
