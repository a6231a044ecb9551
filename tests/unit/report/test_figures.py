"""Pictures are made small only where nobody could see it, and their files are always the same."""

from __future__ import annotations

import io

import numpy as np
from PIL import Image

from reconfig.report.figures import new_figure, png_bytes, small_png, svg_bytes
from tests.unit.report.places import SCRIPT


def png_of(dots: np.ndarray) -> bytes:
    """Return an array of colours (height x width x 3) as a PNG."""
    stream = io.BytesIO()
    Image.fromarray(dots.astype(np.uint8)).save(stream, format="PNG")
    return stream.getvalue()


def dots_of(png: bytes) -> np.ndarray:
    """Return the colours of a PNG."""
    return np.asarray(Image.open(io.BytesIO(png)).convert("RGB"))


def test_a_picture_of_few_colours_gets_smaller_and_loses_none() -> None:
    colours = np.random.default_rng(1).integers(0, 255, (9, 3))
    place = np.random.default_rng(2).integers(0, 9, (40, 60))
    before = png_of(np.kron(colours[place], np.ones((5, 5, 1))))
    after = small_png(before)
    assert len(after) < len(before)
    assert (dots_of(after) == dots_of(before)).all()


def test_a_picture_that_would_look_different_is_left_as_it_is() -> None:
    noise = np.random.default_rng(3).integers(0, 255, (120, 120, 3))
    before = png_of(noise)
    assert small_png(before) == before


def test_a_rare_colour_of_a_map_is_kept() -> None:
    shades = np.linspace(0, 255, 400)[None, :, None].repeat(400, 0).repeat(3, 2)
    shades[10:14, 10:14] = (213, 94, 0)
    after = dots_of(small_png(png_of(shades)))
    assert np.abs(after[11, 11].astype(int) - (213, 94, 0)).max() < 16


def test_a_figure_gives_the_same_files_each_time_and_names_stay_text() -> None:
    def drawn() -> tuple[bytes, bytes]:
        figure = new_figure(3, 2)
        axes = figure.add_subplot()
        axes.plot([0, 1], [1, 0])
        axes.set_title(SCRIPT, parse_math=False)
        return png_bytes(figure), svg_bytes(figure)

    first, second = drawn(), drawn()
    assert first == second
    assert b"<script" not in first[1]
    assert b"<dc:date" not in first[1]
