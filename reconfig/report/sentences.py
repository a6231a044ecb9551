"""Every sentence of a report in one table, for the workbook's first sheet."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import pandas as pd

from reconfig.report.sections.block import Block, Part, Picture, Prose, Section, Terms
from reconfig.report.tables import Table

NAME = "Summary"


def sentences_table(title: str, sections: Sequence[Section]) -> Table:
    """Return every sentence, term and caption of the sections, in order, with where it stands."""
    rows = [("Title", "", title)]
    for section in sections:
        rows += [(section.title, topic, text) for topic, text in _said(section.blocks, "")]
    frame = pd.DataFrame(rows, columns=["Section", "Topic", "Text"])
    return Table(NAME, "Every sentence of the report", frame, rests_on_times=False)


def _said(blocks: Sequence[Block], topic: str) -> Iterator[tuple[str, str]]:
    for block in blocks:
        if isinstance(block, Prose):
            yield from ((topic, sentence) for sentence in block.sentences)
        elif isinstance(block, Terms):
            yield from ((f"{topic}: {name}" if topic else name, text) for name, text in block.rows)
        elif isinstance(block, Picture):
            yield f"Figure {block.name}", f"{block.caption} {block.alt}"
        elif isinstance(block, Part):
            yield from _said(block.blocks, f"{topic}: {block.title}" if topic else block.title)
