"""Figures made without pyplot, so that no window and no global state is involved."""

from __future__ import annotations

import io
from pathlib import Path

from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

DOTS_PER_INCH = 150


class StillFigure(Figure):
    """A matplotlib figure that also shows itself in a notebook."""

    def _repr_png_(self) -> bytes:
        return png_bytes(self)


def new_figure(width_inches: float, height_inches: float) -> StillFigure:
    """Return an empty figure on a canvas of its own."""
    figure = StillFigure(figsize=(width_inches, height_inches), facecolor="white")
    FigureCanvasAgg(figure)
    return figure


def png_bytes(figure: Figure) -> bytes:
    """Return the figure as a PNG, the same bytes for the same figure."""
    stream = io.BytesIO()
    figure.savefig(stream, format="png", dpi=DOTS_PER_INCH, metadata={"Software": None})
    return stream.getvalue()


def save_png(figure: Figure, path: str | Path) -> None:
    """Write the figure to a PNG file."""
    Path(path).write_bytes(png_bytes(figure))
