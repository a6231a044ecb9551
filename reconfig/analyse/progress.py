"""A progress bar for long work, where there is somebody to see it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from importlib.util import find_spec

from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    TextColumn,
    TimeElapsedColumn,
    TimeRemainingColumn,
)
from rich.progress import (
    Progress as RichProgress,
)

# numbers done, numbers in all
Progress = Callable[[int, int], None]


@contextmanager
def bar(
    what: str, total: int, on_progress: Progress | None, shown: bool | None
) -> Iterator[Callable[[int], None]]:
    """Yield a function to call with how much is done.

    shown: whether to draw a bar; None draws one in a terminal, and in a notebook that has
    ipywidgets, unless somebody else is told (`on_progress`).
    """
    console = Console(stderr=True)
    notebook = console.is_jupyter and find_spec("ipywidgets") is not None
    visible = (
        (on_progress is None and (console.is_terminal or notebook)) if shown is None else shown
    )
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        TimeRemainingColumn(),
    )
    with RichProgress(*columns, console=console, transient=True, disable=not visible) as display:
        task = display.add_task(what.replace("_", " ").capitalize(), total=total)

        def advance(done: int) -> None:
            display.update(task, completed=done)
            if on_progress is not None:
                on_progress(done, total)

        yield advance
