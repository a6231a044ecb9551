"""The page with the tables: what people wrote stays, what lies between markers is replaced."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from textwrap import fill

from tests.benchmark import rows, tables
from tests.benchmark.rows import Row
from tests.benchmark.tables import Results

WIDTH = 100
HEADING = """# Benchmarks

Written by `python -m tests.benchmark` (extra `benchmark`): the tables between the markers are
replaced by every run, the text around them stays. Every figure comes from a fresh process. Seconds
are wall time of building and solving; importing and loading are told apart. The peak of memory
counts Python, the libraries and the data, but no process that a rival starts (CBC is one). Figures
of reconfig are those of the run in the middle of three, by seconds, or of a single run where it
takes over 60 s; rivals run once. A run that is killed says so and has no figure. An aim is met only
with proof, where one is looked for; values agree where they differ by a millionth or less.
"""


@dataclass(frozen=True)
class Block:
    """A section of the page. name: of the markers. rows: by whether the run is a quick one."""

    name: str
    title: str
    text: str
    rows: Callable[[bool], list[Row]] = lambda quick: []
    table: Callable[[Sequence[Row], Results], str] = tables.runs_table


BLOCKS = (
    Block("machine", "Machine", "What the last run was made with; each table says when it was."),
    Block(
        "england",
        "England",
        "The 32,843 areas of England that have minutes, and 125 candidates.",
        rows.england,
    ),
    Block(
        "volumes",
        "Volumes that bind",
        "Every open unit has at least and at most so many cases a year, and everybody goes to "
        "the nearest. Parts of England are 30 units at even distances in the order of their codes, "
        "with 9,000 areas likewise, and the 30 units around Birmingham with the 9,000 areas "
        "nearest to them. reconfig stops after 600 s, or 300 s with 900 cases or more in all of "
        "England, and says how far it came.",
        rows.volumes,
    ),
    Block(
        "greater-manchester",
        "Greater Manchester",
        "The 1,673 areas of Greater Manchester, and the 30 units of the national matrix nearest to "
        "them. lokigi 0.9.1 is given the same minutes and cases, and its settings as they come.",
        rows.greater_manchester,
    ),
    Block(
        "spopt",
        "Beside spopt",
        "Areas of England and Wales at even distances in the order of their codes, and units "
        "likewise, so both spread over the country. spopt 0.7 builds the classic model, a variable "
        "for each area and unit; through PuLP, HiGHS stops at a gap of 0.01 %. It is not asked for "
        "its post-processing.",
        rows.spopt,
    ),
    Block(
        "uniform",
        "Random instances",
        "Points are drawn in a square, with straight lines as minutes; random minutes have no "
        "geography at all, so that hardly two areas share a set of nearest units. reconfig stops "
        "after 60 s and says how far it came.",
        rows.uniform,
    ),
    Block(
        "growth",
        "Growth",
        "Areas of England and Wales spread over the country as above: more areas, then more units. "
        "Areas in Wales have no admissions in the data.",
        rows.growth,
    ),
    Block(
        "limits",
        "Physical limits",
        "What reading and sorting alone cost for England, and a whole solve beside them.",
        rows.limits,
        tables.limits_table,
    ),
    Block(
        "uncertainty",
        "Uncertainty",
        "Lives saved by emergency surgery at every choice of four of Greater Manchester's ten "
        "sites, with the areas around it: mean, interval, chance of being best and mean rank of "
        "each, all on the same draws of the assumptions. No proof is looked for.",
        rows.uncertainty,
    ),
    Block(
        "answers",
        "Answers on ten sites",
        "What a planner asks of Greater Manchester's ten sites and 1,673 areas, each asked in a "
        "process of its own: sorting the areas, solving and appraising included.",
        rows.answers,
    ),
    Block(
        "batches",
        "Batches",
        "Sweeps as `reconfig batch` runs them, from reading the file to the last result on the "
        "disk: starting the worker processes and loading the regions included. Memory is that of "
        "the process that was started alone.",
        rows.batches,
    ),
    Block(
        "yardstick",
        "A published yardstick",
        "Allen and others (2017), BMJ Open e018143, searched with a genetic algorithm. Candidates, "
        "areas, years of admissions and road times differ: theirs are 127 units and 31,771 areas, "
        "ours 125 units and 32,843 areas, and each of our journeys holds 5.8 fixed minutes of "
        "calibration. So the figures bracket each other; they do not replicate. The first "
        "published mean is for 24 or 25 units.",
        rows.yardstick,
        tables.yardstick_table,
    ),
)


def write(path: Path, found: Mapping[str, str]) -> None:
    """Put tables (name of the block -> Markdown) into a page, made from a skeleton if need be.

    A block whose markers are not there is added at the end.
    """
    text = path.read_text(encoding="utf-8") if path.exists() else HEADING
    for block in BLOCKS:
        start, end = f"<!-- {block.name}: start -->", f"<!-- {block.name}: end -->"
        if start not in text or end not in text:
            text += f"\n## {block.title}\n\n{fill(block.text, WIDTH)}\n\n{start}\n{end}\n"
        if block.name in found:
            before, _, rest = text.partition(start)
            after = rest.partition(end)[2]
            text = f"{before}{start}\n\n{found[block.name]}\n\n{end}{after}"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")


def facts_table(facts: Mapping[str, str]) -> str:
    """Return names and values as a table."""
    return "\n".join(["|  |  |", "| --- | --- |", *(f"| {k} | {v} |" for k, v in facts.items())])
