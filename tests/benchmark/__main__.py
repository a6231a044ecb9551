"""`python -m tests.benchmark`: run every row and write the page."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    TextColumn,
    TimeElapsedColumn,
)

from tests.benchmark.machine import facts
from tests.benchmark.page import BLOCKS, facts_table, write
from tests.benchmark.rows import Row
from tests.benchmark.runs import OWN_LIMIT, REPEATS, ROOT, Measured, Run, measure_often


@dataclass
class Session:
    """What has been measured so far; a run that two tables need is made once."""

    rival_limit: float
    repeats: int
    results: dict[Run, Measured] = field(default_factory=dict)

    def row(self, row: Row) -> None:
        """Measure reconfig, then its rivals."""
        for run in row.runs:
            if run not in self.results:
                own = run.tool == "reconfig"
                limit = OWN_LIMIT if own else self.rival_limit
                self.results[run] = measure_often(run, limit, self.repeats if own else 1)


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.benchmark", description=__doc__)
    parser.add_argument("--out", type=Path, default=ROOT / "docs" / "benchmarks.md", metavar="FILE")
    parser.add_argument("--only", default="", metavar="WORDS", help="rows whose name contains them")
    parser.add_argument("--quick", action="store_true", help="tiny sizes, to try the program out")
    parser.add_argument(
        "--timeout", type=float, default=300.0, metavar="SECONDS", help="for rivals (300)"
    )
    told = parser.parse_args()
    if not told.timeout > 0:
        parser.error("--timeout: seconds, more than zero")
    return told


def main() -> None:
    """Measure row by row; the page is written after each, so that nothing done is lost."""
    told = arguments()
    session = Session(told.timeout, 1 if told.quick else REPEATS)
    about = facts()
    note = f"Measured from {about['Date']} on {about['Processor']}, {about['Cores']} cores, "
    note += f"with reconfig {about['reconfig']} ({about['Commit']})."
    if told.quick:
        note += " A quick run with tiny sizes, which says nothing of speed."
    if told.only:
        note += f" Only the rows with '{told.only}'."
    chosen = [
        (block, [r for r in block.rows(told.quick) if told.only.lower() in _name(block.name, r)])
        for block in BLOCKS
    ]
    write(told.out, {"machine": facts_table(about)})
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn())
    with Progress(*columns, TimeElapsedColumn(), console=Console(stderr=True)) as display:
        bar = display.add_task("", total=sum(len(rows) for _, rows in chosen))
        for block, rows in chosen:
            done: list[Row] = []
            for row in rows:
                display.update(bar, description=f"{block.title}: {row.name}")
                if not _over(row, done, session):
                    session.row(row)
                    done.append(row)
                    table = block.table(done, session.results)
                    write(told.out, {block.name: f"{table}\n\n{note}"})
                display.advance(bar)
        display.update(bar, description=f"Written: {told.out}")


def _name(block: str, row: Row) -> str:
    return f"{block} {row.name}".lower()


def _over(row: Row, done: Sequence[Row], session: Session) -> bool:
    """Say whether a rival did not finish in the series that the row goes on with."""
    before = [r for r in done if r.series and r.series == row.series]
    return any(session.results[run].failure for r in before for run in r.rivals)


if __name__ == "__main__":
    main()
