"""The page that is served: the explorer, with the form for the solver in it."""

from __future__ import annotations

import json
from dataclasses import dataclass
from importlib.resources import files
from typing import Any, Protocol

from jinja2 import Environment, StrictUndefined
from markupsafe import Markup

HEADING = "The map you can argue with"


class Drawn(Protocol):
    """What is needed of an explorer: code, style and HTML that are put into a page as they are."""

    @property
    def library(self) -> str:
        """Bokeh's own code."""

    @property
    def script(self) -> str:
        """The explorer's code and data."""

    @property
    def style(self) -> str:
        """Its style sheet."""

    @property
    def html(self) -> str:
        """What is shown, with an empty element `explore-optimise` for the form."""


@dataclass(frozen=True, eq=False)
class Parts:
    """What a page is made of beside the form. title: plain text. notes: sentences at its head."""

    title: str
    explorer: Drawn
    notes: tuple[str, ...] = ()


def page(parts: Parts, form: dict[str, Any], token: str, nonce: str) -> str:
    """Return the whole page. form: see `Desk.form`. nonce: of the scripts that may run."""
    environment = Environment(
        autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    template = environment.from_string(_file("reconfig.serve", "page.html"))
    drawn = parts.explorer
    return template.render(
        title=parts.title,
        heading=HEADING,
        notes=parts.notes,
        nonce=nonce,
        data=Markup(_as_data({"token": token, "form": form})),
        optimise_style=Markup(_file("reconfig.report", "explore", "optimise.css")),
        optimise_script=Markup(_file("reconfig.report", "explore", "optimise.js")),
        library=Markup(drawn.library),
        script=Markup(drawn.script),
        style=Markup(drawn.style),
        html=Markup(drawn.html),
    )


def _as_data(content: dict[str, Any]) -> str:
    """Return JSON that ends no script element, whatever the names in it are."""
    text = json.dumps(content, allow_nan=False)
    return text.replace("&", "\\u0026").replace("<", "\\u003c").replace(">", "\\u003e")


def _file(package: str, *path: str) -> str:
    return files(package).joinpath(*path).read_text(encoding="utf-8")
