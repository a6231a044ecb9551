"""Settings of the site: `python -m sphinx -W docs build/docs`, then open build/docs/index.html.

With `-t run` the notebooks are run and what they show is on the pages, which takes minutes.
"""

from __future__ import annotations

import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parent)]

import making  # noqa: E402  # beside this file
from pygments.lexers import TextLexer  # noqa: E402
from sphinx.application import Sphinx  # noqa: E402

import reconfig  # noqa: E402

project = "reconfig"
author = "The reconfig authors"
copyright = author  # without a year, so that the same sources make the same pages
version = release = reconfig.__version__
extensions = ["myst_parser"]
myst_heading_anchors = 4
myst_enable_extensions = ["colon_fence"]
language = "en"

html_theme = "furo"
html_title = "reconfig"
html_static_path = ["_static"]
html_css_files = ["site.css"]
html_last_updated_fmt = None
html_copy_source = False
html_show_sourcelink = False
# Letters, signs and pictures come with the pages: nothing is fetched from elsewhere.
html_theme_options = {"top_of_page_buttons": []}


def setup(app: Sphinx) -> None:
    """Show CSV as plain text (Pygments has no lexer for it); lead links to pages made here."""
    app.add_lexer("csv", TextLexer)
    app.connect("source-read", making.prepare)


making.make_pages(HERE, run=tags.has("run"))  # noqa: F821  # Sphinx puts `tags` here
