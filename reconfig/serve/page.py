"""The page that is served: the explorer, with the form for the solver in it."""

from __future__ import annotations

import json
from dataclasses import dataclass
from importlib.resources import files
from typing import Any

from jinja2 import Environment, StrictUndefined
from markupsafe import Markup

from reconfig.report.explore.page import TITLE, Explorer


@dataclass(frozen=True, eq=False)
class Parts:
    """What a page is made of beside the form. title: plain text. notes: sentences at its head."""

    title: str
    explorer: Explorer
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
        heading=TITLE,
        notes=parts.notes,
        nonce=nonce,
        data=Markup(_as_data({"token": token, "form": form})),
        optimise_style=Markup(_file("reconfig.report", "explore", "optimise.css")),
        optimise_script=Markup(_file("reconfig.report", "explore", "optimise.js")),
        plain=Markup(_file("reconfig.report", "explore", "whole.css")),
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
