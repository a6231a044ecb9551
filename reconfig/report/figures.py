"""Figures made without pyplot, so that no window and no global state is involved."""

from __future__ import annotations

import io
import re
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING

import matplotlib
import numpy as np
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from PIL import Image

if TYPE_CHECKING:
    from reconfig.report.sections.block import Picture

DOTS_PER_INCH = 150
MOST_COLOURS = 256
# How far a colour may be out (of 255), in all but so small a share of the dots, to look the same.
SAME_COLOUR, OTHERS = 12, 0.002
FILE_NAME = re.compile(r"[a-z0-9][a-z0-9_-]*")


class StillFigure(Figure):
    """A matplotlib figure that also shows itself in a notebook."""

    def _repr_png_(self) -> bytes:
        return png_bytes(self)


def new_figure(width_inches: float, height_inches: float) -> StillFigure:
    """Return an empty figure on a canvas of its own."""
    figure = StillFigure(figsize=(width_inches, height_inches), facecolor="white")
    FigureCanvasAgg(figure)
    return figure


def png_bytes(figure: Figure, *, dots: int = DOTS_PER_INCH) -> bytes:
    """Return the figure as a PNG of so many dots an inch, the same bytes for the same figure."""
    stream = io.BytesIO()
    figure.savefig(stream, format="png", dpi=dots, metadata={"Software": None})
    return stream.getvalue()


def svg_bytes(figure: Figure) -> bytes:
    """Return the figure as an SVG, the same bytes for the same figure.

    To that end it has no date, and the names of its parts are not drawn at random.
    """
    stream = io.BytesIO()
    with matplotlib.rc_context({"svg.hashsalt": "reconfig"}):
        nothing = {"Date": None, "Creator": None}
        figure.savefig(stream, format="svg", dpi=DOTS_PER_INCH, metadata=nothing)
    return stream.getvalue()


def save_png(figure: Figure, path: str | Path) -> None:
    """Write the figure to a PNG file."""
    Path(path).write_bytes(png_bytes(figure))


def small_png(png: bytes) -> bytes:
    """Return a PNG of at most 256 colours, or the same where that could be seen.

    A picture of few colours loses nothing. Another is kept as it was unless all but a few in a
    thousand of its dots have their colour to within what the eye tells apart.
    """
    with Image.open(io.BytesIO(png)) as opened:
        image = opened.convert("RGB")
    palette = image.quantize(MOST_COLOURS, Image.Quantize.MAXCOVERAGE, dither=Image.Dither.NONE)
    was, now = (np.asarray(one.convert("RGB"), dtype=np.int16) for one in (image, palette))
    out = np.abs(was - now).max(axis=2) > SAME_COLOUR
    if out.mean() > OTHERS:
        return png
    stream = io.BytesIO()
    palette.save(stream, format="PNG", optimize=True)
    return min(stream.getvalue(), png, key=len)


def write_figures(folder: Path, pictures: Iterable[Picture]) -> dict[str, bytes]:
    """Write every picture as PNG and as SVG, and return name -> PNG, made small for a page.

    Raises ValueError for a name that no file can have everywhere.
    """
    found = {}
    for picture in pictures:
        if not FILE_NAME.fullmatch(picture.name):
            raise ValueError(f"no file is called after this picture: {picture.name!r}")
        folder.mkdir(exist_ok=True)
        png = png_bytes(picture.figure)
        (folder / f"{picture.name}.png").write_bytes(png)
        (folder / f"{picture.name}.svg").write_bytes(svg_bytes(picture.figure))
        found[picture.name] = small_png(png)
    return found
