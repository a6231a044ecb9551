"""A line under a chart that says where its data come from."""

from __future__ import annotations

from textwrap import wrap

from matplotlib.figure import Figure
from matplotlib.layout_engine import ConstrainedLayoutEngine
from matplotlib.text import Text

from reconfig.core import Region
from reconfig.report.words import source_line

SIZE = 6.5
# Characters to an inch and inches to a line, at that size; inches above and below the text.
TO_AN_INCH, LINE, SPARE = 19, 0.12, 0.12


def with_source(figure: Figure, region: Region, *, note: str = "") -> Figure:
    """Return the figure, made taller by a line (or two) that says where its data come from.

    note: a sentence to put before it.
    """
    for said in figure.findobj(Text):  # names of sites are no formulas, whatever signs they have
        said.set_parse_math(False)
    width, height = (float(size) for size in figure.get_size_inches())
    text = f"{note} {source_line(region)}".strip()
    lines = wrap(text, int(width * TO_AN_INCH), break_long_words=False)
    added = LINE * len(lines) + SPARE
    figure.set_size_inches(width, height + added)
    share = added / (height + added)
    engine = figure.get_layout_engine()
    if isinstance(engine, ConstrainedLayoutEngine):
        # Once moved, a legend below the axes has no room of its own: it is given that here.
        room = share
        figure.draw_without_rendering()
        for legend in figure.legends:
            tall = legend.get_window_extent().height / figure.bbox.height
            legend.set_bbox_to_anchor((0, share, 1, 1 - share), figure.transFigure)
            room = max(room, share + tall)
        engine.set(rect=(0, room, 1, 1 - room))
    else:
        ends = figure.subplotpars
        figure.subplots_adjust(
            bottom=share + ends.bottom * (1 - share), top=share + ends.top * (1 - share)
        )
    figure.text(
        0.01,
        share / 2,
        "\n".join(lines),
        fontsize=SIZE,
        va="center",
        color="#444444",
        parse_math=False,
    )
    return figure
