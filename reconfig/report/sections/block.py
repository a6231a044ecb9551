"""What a section of a report is made of: sentences, terms, tables, pictures, and parts of them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from matplotlib.figure import Figure

from reconfig.report.tables import Table


@dataclass(frozen=True)
class Prose:
    """Sentences, one a line, or as one paragraph."""

    sentences: tuple[str, ...]
    lines: bool = True


@dataclass(frozen=True)
class Terms:
    """Pairs of a topic and a text."""

    rows: tuple[tuple[str, str], ...]


@dataclass(frozen=True, eq=False)
class Picture:
    """A still figure. name: of its files, once in a report; caption; alt: the same in words."""

    name: str
    figure: Figure
    caption: str
    alt: str


@dataclass(frozen=True, eq=False)
class Part:
    """Blocks under a heading of their own. id: of the anchor in the page, once in a report."""

    id: str
    title: str
    blocks: tuple[Block, ...]


Block = Prose | Terms | Table | Picture | Part


@dataclass(frozen=True, eq=False)
class Section:
    """A section of a report, which shows itself in a notebook."""

    id: str
    title: str
    blocks: tuple[Block, ...]

    @property
    def tables(self) -> list[Table]:
        """Every table, those of its parts included, in order."""
        return [block for block in _flat(self.blocks) if isinstance(block, Table)]

    @property
    def pictures(self) -> list[Picture]:
        """Every picture, those of its parts included, in order."""
        return [block for block in _flat(self.blocks) if isinstance(block, Picture)]

    @property
    def sentences(self) -> list[str]:
        """Every sentence, those of its parts included, in order."""
        found = [block for block in _flat(self.blocks) if isinstance(block, Prose)]
        return [sentence for block in found for sentence in block.sentences]

    def _repr_html_(self) -> str:
        from reconfig.report.page import section_html

        return section_html(self)


def _flat(blocks: tuple[Block, ...]) -> Iterator[Block]:
    for block in blocks:
        if isinstance(block, Part):
            yield from _flat(block.blocks)
        else:
            yield block
