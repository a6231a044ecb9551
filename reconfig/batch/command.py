"""The commands `reconfig batch` and `reconfig compare`."""

from __future__ import annotations

import argparse
import tomllib
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pandas as pd
from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    TextColumn,
    TimeElapsedColumn,
    TimeRemainingColumn,
)
from rich.table import Table

from reconfig.batch.export import has_parquet, write_as
from reconfig.batch.read import FOUND, WAITING, Batch, read_batch
from reconfig.batch.regrets import Regret, regret
from reconfig.batch.run import Progress as Done
from reconfig.batch.run import run_batch
from reconfig.batch.store import FILE
from reconfig.batch.work import FAILED
from reconfig.core import Faults, ReconfigError
from reconfig.report import measure_label, measure_unit, number

SOLVED, NOTHING_SOLVED, INTERRUPTED = 0, 1, 130
# Rows and reasons that are printed; all of them are in the files.
MOST_PRINTED = 15
ENDINGS = {"csv": ".csv", "parquet": ".parquet", "excel": ".xlsx", "html": ".html"}


def add_parsers(commands: Any) -> None:
    """Add `batch` and `compare` to the subparsers of a command line."""
    batch = commands.add_parser("batch", help="solve many scenarios: a sweep over keys of one")
    batch.add_argument("sweep", type=Path, metavar="SWEEP.toml")
    batch.add_argument(
        "--out",
        type=Path,
        required=True,
        metavar="DIR",
        help=f"folder of the store ({FILE}); what is in it is not solved again",
    )
    batch.add_argument(
        "--workers", type=int, metavar="N", help="worker processes (default: one a core)"
    )
    batch.add_argument(
        "--scheduler", default="", metavar="tcp://HOST:PORT", help="an existing Dask cluster"
    )
    batch.add_argument(
        "--again", action="store_true", help="try again what failed or ran out of time"
    )
    batch.set_defaults(command=_batch)
    compare = commands.add_parser("compare", help="what the scenarios of a batch say together")
    compare.add_argument("folder", type=Path, metavar="DIR")
    compare.add_argument("--sweep", metavar="NAME", help="one of the store (default: the last)")
    compare.add_argument(
        "--by", metavar="MEASURE", help="rank and compare by it (default: the objective)"
    )
    compare.add_argument(
        "--where",
        action="append",
        default=[],
        metavar="KEY=VALUE",
        help="only scenarios with that value; may be repeated",
    )
    compare.add_argument(
        "--each", metavar="KEY", help="compare choices within each value of a key by itself"
    )
    compare.add_argument(
        "--robust",
        type=float,
        default=0.05,
        metavar="SHARE",
        help="loss, as a share of the best, up to which a choice is robust (default: 0.05)",
    )
    compare.add_argument("--workers", type=int, metavar="N", help="worker processes that appraise")
    compare.add_argument(
        "--regret",
        type=Path,
        metavar="FILE",
        help="write what each choice loses, by the ending: .csv, .parquet, .xlsx or .html",
    )
    for kind in ENDINGS:
        text = f"write the table of scenarios as {kind.upper() if kind != 'excel' else 'Excel'}"
        compare.add_argument(f"--{kind}", type=Path, metavar="FILE", help=text)
    compare.set_defaults(command=_compare)


def _batch(parsed: argparse.Namespace, console: Console) -> int:
    """Run a sweep; 0 where every scenario has a result and one at least was solved."""
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        TextColumn("left"),
        TimeRemainingColumn(),
    )
    display = Progress(*columns, console=console, transient=True)
    bar = display.add_task("Reading the sweep", total=None)

    def show(done: Done) -> None:
        display.update(bar, total=done.total, completed=done.finished, description=_counted(done))

    try:
        with display:
            batch = run_batch(
                parsed.sweep,
                parsed.out,
                workers=parsed.workers,
                scheduler=parsed.scheduler,
                again=parsed.again,
                on_progress=show,
                on_warning=lambda sentence: console.print(f"Warning: {sentence}"),
            )
    except KeyboardInterrupt:
        console.print(
            f"Interrupted. What was finished is in {parsed.out}; the same command goes on from "
            "there."
        )
        return INTERRUPTED
    counts = ", ".join(f"{n:,} {status}" for status, n in batch.counts.items())
    console.print(f"{batch.sweep}: {len(batch.rows):,} scenarios: {counts}.", style="bold")
    _print_reasons(console, batch)
    ending = "parquet" if has_parquet() else "csv (pip install 'reconfig[parquet]' for Parquet)"
    console.print(f"Stored in {parsed.out} ({FILE}, results.{ending})")
    console.print(f"Next: reconfig compare {parsed.out}")
    return SOLVED if batch.solved else NOTHING_SOLVED


def _counted(done: Done) -> str:
    solved = sum(done.counts.get(status, 0) for status in FOUND)
    words = [
        f"{solved:,} solved",
        f"{done.counts.get('infeasible', 0):,} infeasible",
        f"{done.counts.get(FAILED, 0):,} failed",
    ]
    return ", ".join(words) + (f" ({done.there:,} already there)" if done.there else "")


def _print_reasons(console: Console, batch: Batch) -> None:
    """Print why scenarios have no configuration, each reason once."""
    reasons: dict[tuple[str, str], list[int]] = {}
    for row in batch.rows:
        if not row.open and row.result is not None:
            said = str(row.result.get("reason", ""))
            reasons.setdefault((row.status, said), []).append(row.member.number)
    for (status, reason), numbers in list(reasons.items())[:MOST_PRINTED]:
        which = f"scenario {numbers[0]}" if len(numbers) == 1 else f"{len(numbers)} scenarios"
        console.print(f"- {status}, {which}: {reason}")
    if len(reasons) > MOST_PRINTED:
        console.print(f"- and {len(reasons) - MOST_PRINTED} more reasons, in the table.")


def _compare(parsed: argparse.Namespace, console: Console) -> int:
    """Print what the scenarios say together, and write the table where it is asked for."""
    batch = read_batch(parsed.folder, sweep=parsed.sweep)
    wanted = _settings(parsed.where)
    batch = batch.only(wanted) if wanted else batch
    waiting = batch.counts.get(WAITING, 0)
    if waiting:
        console.print(f"{waiting:,} scenarios are not solved yet: run reconfig batch again.")
    ranked = _ranked(batch, parsed.by)
    for path in _files(parsed):
        write_as(ranked, path)
        console.print(f"Written: {path}")
    if not batch.solved:
        _print_reasons(console, batch)
        raise ReconfigError("no scenario has a configuration to compare")
    if parsed.by:
        _print_ranking(console, batch, parsed.by)
    _print_sites(console, batch)
    lost = []
    for words, part in _parts(batch, parsed.each):
        if words:
            console.print(f"\n{words}", style="bold")
        found = _regret(part, parsed, console)
        _print_regret(console, found)
        lost.append(found.table.assign(**({"futures": words} if words else {})))
    unset = 0 if parsed.each is None else int(batch.table[parsed.each].isna().sum())
    if unset:
        console.print(f"{unset:,} scenarios have no {parsed.each}, and are in none of these parts.")
    if parsed.regret:
        write_as(pd.concat(lost), parsed.regret)
        console.print(f"Written: {parsed.regret}")
    return SOLVED


def _files(parsed: argparse.Namespace) -> list[Path]:
    """Return the files to write the table into; InputError where one has another kind's ending."""
    faults, found = Faults(), []
    for kind, ending in ENDINGS.items():
        path = getattr(parsed, kind)
        if path is not None and path.suffix.lower() != ending:
            faults.add(f"--{kind}", str(path), f"an ending '{path.suffix}'", f"one in {ending}")
        elif path is not None:
            found.append(path)
    faults.raise_if_any()
    return found


def _ranked(batch: Batch, by: str | None) -> pd.DataFrame:
    """Return the table, the best by a measure first, and those that have no value of it last."""
    if by is None:
        return batch.table
    first = batch.ranking(by).index
    return batch.table.loc[[*first, *batch.table.index.difference(first, sort=False)]]


def _settings(given: Iterable[str]) -> dict[str, Any]:
    """Return column -> value of what was given as KEY=VALUE; a number is a number."""
    faults, found = Faults(), {}
    for text in given:
        key, sign, value = text.rpartition("=")
        if not sign or not key:
            faults.add("--where", text, "no '='", "KEY=VALUE, such as year=2035")
            continue
        try:
            found[key.strip()] = tomllib.loads(f"value = {value}")["value"]
        except tomllib.TOMLDecodeError:
            found[key.strip()] = value.strip()
    faults.raise_if_any()
    return found


def _parts(batch: Batch, key: str | None) -> Iterable[tuple[str, Batch]]:
    """Give the batch as it is, or the scenarios with each value of a key by themselves."""
    if key is None:
        yield "", batch
        return
    if key not in batch.table.columns:
        batch.only({key: ""})  # says what is wrong with it
    for value in dict.fromkeys(batch.table[key].dropna()):
        part = batch.only({key: value})
        whole = isinstance(value, float) and value.is_integer()  # a number beside gaps
        if part.solved:
            yield f"{key} = {int(value) if whole else value}", part


def _regret(batch: Batch, parsed: argparse.Namespace, console: Console) -> Regret:
    columns = (TextColumn("{task.description}"), BarColumn(), TimeRemainingColumn())
    with Progress(*columns, console=console, transient=True) as display:
        bar = display.add_task("Appraising every choice in every future", total=None)
        return regret(
            batch,
            parsed.by,
            p=parsed.robust,
            workers=parsed.workers,
            on_progress=lambda done, total: display.update(bar, completed=done, total=total),
        )


def _print_ranking(console: Console, batch: Batch, by: str) -> None:
    table = Table(title=f"Best by {by}", title_justify="left")
    for heading in ("scenario", "", by, "open"):
        table.add_column(heading, justify="right" if heading == by else "left")
    unit = measure_unit(by)
    labels = {row.member.number: row.label for row in batch.rows}
    for scenario, row in batch.ranking(by).head(MOST_PRINTED).iterrows():
        value = number(float(row[by]), unit)
        table.add_row(str(scenario), labels[int(str(scenario))], value, str(row["open"]))
    console.print(table)


def _print_sites(console: Console, batch: Batch) -> None:
    several = batch.sites["service"].nunique() > 1
    table = Table(title="How often each site is chosen", title_justify="left")
    for heading in ("service", "site", "times", "share")[0 if several else 1 :]:
        table.add_column(heading, justify="left" if heading in ("service", "site") else "right")
    for row in batch.sites.to_dict("records"):
        cells = [row["service"], row["name"], f"{row['times']:,}", f"{row['share']:.0%}"]
        table.add_row(*cells[0 if several else 1 :])
    console.print(table)


def _print_regret(console: Console, found: Regret) -> None:
    """Print the sentences, and the choices that lose least."""
    for sentence in found.sentences():
        console.print(f"- {sentence}")
    unit = measure_unit(found.measure)
    title = f"What each choice loses ({measure_label(found.measure).lower()}, {unit})"
    table = Table(title=title, title_justify="left")
    for heading in ("open", "chosen", "most lost", "of the best", "on average", "breaks"):
        table.add_column(heading, justify="left" if heading == "open" else "right")
    for _, row in found.table.head(MOST_PRINTED).iterrows():
        ranked = row["breaks"] == 0
        table.add_row(
            str(row["names"]),
            f"{row['chosen']:,}",
            number(float(row["max_regret"]), unit) if ranked else "–",
            f"{row['max_relative']:.1%}" if ranked else "–",
            number(float(row["mean_regret"]), unit) if ranked else "–",
            f"{row['breaks']:,}",
        )
    console.print(table)
    if len(found.table) > MOST_PRINTED:
        console.print(f"and {len(found.table) - MOST_PRINTED} more choices")
