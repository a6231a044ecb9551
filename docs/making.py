"""Pages that are made from the code and the notebooks at every build, so that none goes stale."""

from __future__ import annotations

import argparse
import base64
import inspect
import json
import os
import re
import shutil
import tempfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, get_args

ROOT = Path(__file__).resolve().parents[1]
# Where a public name is defined -> the heading that it stands under; the longest that fits counts.
GROUPS = {
    "reconfig.data": "Regions and data",
    "reconfig.core.region": "Regions and data",
    "reconfig.core.service": "Services",
    "reconfig.core.choice": "Services",
    "reconfig.core.tiers": "Services",
    "reconfig.core.theatres": "Services",
    "reconfig.core": "Problems",
    "reconfig.core.together": "Several services",
    "reconfig.core.needs": "Several services",
    "reconfig.core.constraints": "Constraints",
    "reconfig.core.limit": "Constraints",
    "reconfig.core.resources": "Constraints",
    "reconfig.core.workforce": "Constraints",
    "reconfig.core.standard": "The standard problems",
    "reconfig.core.solution": "Solving",
    "reconfig.solve": "Solving",
    "reconfig.core.configuration": "Configurations and what they do",
    "reconfig.appraise": "Configurations and what they do",
    "reconfig.core.outcome": "Configurations and what they do",
    "reconfig.analyse": "Trade-offs, reasons and uncertainty",
    "reconfig.batch": "Many scenarios",
    "reconfig.report": "Reports",
    "reconfig.scenario": "Scenario files",
    "reconfig.core.faults": "Errors and warnings",
}
PLURAL = {"a table": "tables", "a text": "texts", "a table, or a text": "these"}
# File outside docs -> the page that is made from it.
OUTSIDE = {
    "CHANGELOG.md": "changes.md",
    "data/greater-manchester/README.md": "greater-manchester.md",
}


def make_pages(docs: Path, *, run: bool) -> None:
    """Write docs/made anew: the API, the commands, the scenario file, the notebooks, the changes.

    run: run the notebooks and show what they show. What has not changed is not written again.
    """
    made = docs / "made"
    pages: dict[str, str | bytes] = {
        "api.md": api_page("reconfig", "Python, by name"),
        "extending.md": api_page("reconfig.extend", "Python, for extensions"),
        "commands.md": commands_page(),
        "scenario.md": scenario_page(),
        **{page: (ROOT / file).read_text(encoding="utf-8") for file, page in OUTSIDE.items()},
    }
    for path in sorted((ROOT / "notebooks").glob("*.ipynb")):
        pages.update(notebook_page(path, run=run))
    pages["tutorials.md"] = tutorials_page([name for name in pages if name.startswith("tutorial/")])
    for old in [p for p in made.rglob("[!.]*") if p.is_file()]:
        if str(old.relative_to(made)) not in pages:
            old.unlink(missing_ok=True)
    for name, content in pages.items():
        path = made / name
        data = content if isinstance(content, bytes) else content.encode("utf-8")
        if not path.is_file() or path.read_bytes() != data:
            path.parent.mkdir(parents=True, exist_ok=True)
            # Whole or not at all: another build may be reading it.
            new = path.with_name(f".{path.name}.{os.getpid()}")
            new.write_bytes(data)
            new.replace(path)


def prepare(app: Any, name: str, source: list[str]) -> None:
    """Lead links of a page to files outside docs to the pages that are made from them.

    The first page's menu takes in every page of docs that it does not name.
    """
    if name.startswith("made/"):
        return
    if name == "index":
        named = re.findall(r"^[\w/-]+$", source[0], flags=re.M)
        pages = sorted(path.stem for path in (ROOT / "docs").glob("*.md"))
        others = [page for page in pages if page not in (*named, "index")]
        source[0] = re.sub(r"^extend$", "\n".join(["extend", *others]), source[0], flags=re.M)
    here = (ROOT / "docs" / name).parent
    for target in dict.fromkeys(re.findall(r"\]\((\.\./[^)#]+)", source[0])):
        path = Path(os.path.normpath(here / target)).relative_to(ROOT)
        page = OUTSIDE.get(str(path))
        if path.suffix == ".ipynb":
            page = f"tutorial/{path.stem}.md"
        if page is not None:
            source[0] = source[0].replace(f"]({target}", f"](/made/{page}")


# The API


class _Bare:
    """A note of a type, as it is written."""

    def __init__(self, text: object) -> None:
        self.text = text if isinstance(text, str) else inspect.formatannotation(text)

    def __repr__(self) -> str:
        return self.text


def signature(thing: Any) -> str:
    """Return the signature of a function or class as it is written; "" where there is none."""
    try:
        found = inspect.signature(thing)
    except (TypeError, ValueError):
        return ""
    parameters = []
    for one in found.parameters.values():
        note = one.annotation if one.annotation is one.empty else _Bare(one.annotation)
        default = one.default
        if default is not one.empty and repr(default).startswith("<"):
            default = _Bare("...")  # an object without a short name, whose address would change
        parameters.append(one.replace(annotation=note, default=default))
    back = found.return_annotation
    if back is not found.empty:
        back = _Bare(back)
    return str(found.replace(parameters=parameters, return_annotation=back))


def words(thing: Any) -> str:
    """Return a docstring for Markdown, in which it is nearly written already."""
    text = inspect.getdoc(thing) or ""
    parts = re.split(r"(`[^`\n]*`)", text)
    parts[::2] = [re.sub(r"([*<\[\]])", r"\\\1", part) for part in parts[::2]]
    return "".join(parts)


def directive(kind: str, name: str, signed: str, body: str, depth: int) -> str:
    """Return a Python object as a MyST directive; depth: how many are around it."""
    fence = ":" * (5 - depth)
    return f"{fence}{{py:{kind}}} {name}{signed}\n\n{body}\n{fence}\n"


def members(owner: type) -> Iterator[str]:
    """Give the public methods and properties that a class defines itself."""
    for name, thing in vars(owner).items():
        if name.startswith("_"):
            continue
        called = thing.__func__ if isinstance(thing, classmethod | staticmethod) else thing
        if isinstance(thing, property) or hasattr(thing, "func"):
            yield directive("property", name, "", words(thing), 1)
        elif inspect.isfunction(called):
            signed = re.sub(r"^\((self|cls)(, )?", "(", signature(called))
            yield directive("method", name, signed, words(called), 1)


def api_object(name: str, thing: Any) -> str:
    """Return what the reference says of one public name."""
    if not inspect.isclass(thing):
        if callable(thing):
            return directive("function", name, signature(thing), words(thing), 0)
        kinds = " or ".join(f"`{kind.__name__}`" for kind in get_args(thing))
        about = (
            words(thing)
            if inspect.ismodule(thing)
            else f"A {kinds or f'`{type(thing).__name__}`'}."
        )
        return directive("data", name, "", about, 0)
    enumerated = [f"- `{key}`" for key in getattr(thing, "__members__", ())]
    body = "\n".join([words(thing), "", *enumerated, "", *members(thing)])
    kind = "exception" if issubclass(thing, BaseException) else "class"
    plain = enumerated or kind == "exception"
    signed = "" if plain else re.sub(r"\) -> None$", ")", signature(thing))
    return directive(kind, name, signed, body, 0)


def group_of(thing: Any) -> str:
    """Return the heading that a public name stands under."""
    module = thing.__name__ if inspect.ismodule(thing) else getattr(thing, "__module__", "") or ""
    fits = [key for key in GROUPS if module == key or module.startswith((f"{key}.", f"{key}_"))]
    return GROUPS[max(fits, key=len)] if fits else "More"


def api_page(module_name: str, title: str) -> str:
    """Return the reference of every name in a module's `__all__`."""
    module = __import__(module_name, fromlist=["*"])
    groups: dict[str, list[str]] = {heading: [] for heading in [*GROUPS.values(), "More"]}
    for name in sorted(module.__all__, key=str.casefold):
        thing = getattr(module, name)
        group = groups[group_of(thing)]
        group.append(api_object(name, thing))
        if inspect.ismodule(thing):
            inside = sorted(thing.__all__, key=str.casefold)
            group += [api_object(f"{name}.{part}", getattr(thing, part)) for part in inside]
    parts = [f"# {title}", "", f"Every name of `{module_name}`, from its own docstring.", ""]
    parts += [f":::{{py:currentmodule}} {module_name}", ":::", ""]
    for heading, objects in groups.items():
        if objects:
            parts += [f"## {heading}", "", *objects]
    return "\n".join(parts) + "\n"


# The commands


def commands_page() -> str:
    """Return the help of every command, as the program prints it."""
    from reconfig import cli

    width, os.environ["COLUMNS"] = os.environ.get("COLUMNS"), "88"
    try:
        parts = ["# Commands", "", *_command(cli._parser())]
    finally:
        if width is None:
            del os.environ["COLUMNS"]
        else:
            os.environ["COLUMNS"] = width
    return "\n".join(parts) + "\n"


def _command(parser: argparse.ArgumentParser) -> Iterator[str]:
    yield from (f"## {parser.prog}", "", "```text", parser.format_help().rstrip(), "```", "")
    for action in parser._actions:
        if isinstance(action, argparse._SubParsersAction):
            for inner in action.choices.values():
                yield from _command(inner)


# The scenario file


def scenario_page() -> str:
    """Return every table of the scenario file with its keys, from its JSON Schema."""
    from reconfig.scenario_schema import scenario_schema

    schema = scenario_schema()
    parts = [
        "# The scenario file, key by key",
        "",
        "Made from the schema that `reconfig schema` prints, which is made from the tables by",
        "which the file is read. A key that is not here is refused, with the line it is on.",
        "",
    ]
    for heading, table in _tables(schema):
        parts += [f"## {heading}", "", "| key | what it may be | what it means |", "|---|---|---|"]
        for key, value in table["properties"].items():
            said = value.get("description", "")
            must = " **Required.**" if key in table.get("required", ()) else ""
            given = f" Left out: `{json.dumps(value['default'])}`." if "default" in value else ""
            parts.append(f"| `{key}` | {_kind(value, schema)} | {_cell(said)}{must}{given} |")
        parts.append("")
    parts += ["## Assumptions that come with the package", "", *_assumptions(schema)]
    return "\n".join(parts) + "\n"


def _cell(text: str) -> str:
    return re.sub(r"([*<\[\]|_])", r"\\\1", text)


def _tables(schema: Mapping[str, Any]) -> Iterator[tuple[str, Mapping[str, Any]]]:
    top = schema["properties"]
    service = top["service"]["items"]
    inside = service["properties"]
    yield "At the top of the file", schema
    yield "In each [[service]]", service
    yield "In open, and in each group of among", inside["open"]["anyOf"][1]
    yield "In each table of a list among = [...]", inside["among"]["anyOf"][1]["items"]
    yield "In choice", inside["choice"]["anyOf"][1]
    yield "In workforce", inside["workforce"]["anyOf"][0]
    yield "In budget, of a service or at the top", schema["$defs"]["budget"]
    yield "In [objective], and in then", schema["$defs"]["objective"]
    yield "In each [[limit]]", top["limit"]["items"]
    yield "In [solve]", top["solve"]


def _kind(value: Mapping[str, Any], schema: Mapping[str, Any]) -> str:
    """Return in words what a value may be."""
    if "$ref" in value:
        return "a table"
    if "enum" in value:
        return " or ".join(f"`{name}`" for name in value["enum"])
    if "anyOf" in value and "type" not in value:
        kinds = dict.fromkeys(_kind(one, schema) for one in value["anyOf"] if "enum" not in one)
        return ", or ".join(kinds)
    if value["type"] == "array":
        kind = _kind(value["items"], schema)
        return f"a list of {PLURAL.get(kind, kind)}"
    if value["type"] == "number":
        low = value.get("minimum", value.get("exclusiveMinimum"))
        high = value.get("exclusiveMaximum")
        ends = " above 0" if "exclusiveMinimum" in value else "" if low is None else f" from {low}"
        return f"a number{ends}{'' if high is None else f' to below {high}'}"
    names = {"string": "a text", "integer": "a whole number", "boolean": "true or false"}
    return names.get(value["type"], "a table")


def _assumptions(schema: Mapping[str, Any]) -> Iterator[str]:
    yield "With sources, spreads and how far to trust each: [Evidence](../evidence.md)."
    yield from ("", "| id | value | what |", "|---|---|---|")
    for key, value in schema["properties"]["assumptions"]["properties"].items():
        what = value["description"].partition("). ")[0] + ")"
        yield f"| `{key}` | {value['default']:g} | {_cell(what)} |"


# The notebooks


def notebook_page(path: Path, *, run: bool) -> dict[str, str | bytes]:
    """Return the page of a notebook, by its name under docs/made, and the pictures on it."""
    notebook = _executed(path) if run else json.loads(path.read_text(encoding="utf-8"))
    name = f"tutorial/{path.stem}"
    pages: dict[str, str | bytes] = {}
    parts: list[str] = []
    for number, cell in enumerate(notebook["cells"]):
        source = "".join(cell["source"])
        if cell["cell_type"] == "markdown":
            parts += [source, ""]
        elif cell["cell_type"] == "code":
            parts += ["```python", source, "```", ""]
            for place, output in enumerate(cell["outputs"]):
                text, picture = _shown(output, f"{path.stem}-{number}-{place}.png")
                parts += [text, ""]
                pages.update({f"tutorial/{key}": data for key, data in picture.items()})
    note = f"The notebook itself: [{path.name}](../../../notebooks/{path.name})."
    if not run:
        note += " Run it to see its tables and pictures (or build these pages with `-t run`)."
    pages[f"{name}.md"] = "\n".join([*parts, note]) + "\n"
    return pages


def _executed(path: Path) -> Any:
    """Return a notebook with what it shows; the files that it writes are lost."""
    import nbformat
    from nbclient import NotebookClient

    notebook = nbformat.read(path, as_version=4)
    folder = tempfile.mkdtemp()
    try:
        NotebookClient(notebook, timeout=600, resources={"metadata": {"path": folder}}).execute()
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    return notebook


def _shown(output: Mapping[str, Any], name: str) -> tuple[str, dict[str, bytes]]:
    """Return what a cell shows as Markdown, and the picture in it by name."""
    data = output.get("data", {})
    if "image/png" in data:
        return f"![]({name})", {name: base64.b64decode(data["image/png"])}
    if "text/html" in data:
        return f"~~~{{raw}} html\n{''.join(data['text/html'])}\n~~~", {}
    text = "".join(output.get("text", data.get("text/plain", "")))
    return (f"~~~text\n{text.rstrip()}\n~~~" if text.strip() else ""), {}


def tutorials_page(pages: list[str]) -> str:
    """Return the list of the notebooks' pages."""
    stems = [name.removesuffix(".md") for name in pages if name.endswith(".md")]
    about = (
        "Each is a notebook in the folder `notebooks`: open it in Jupyter or VS Code and run it."
    )
    return "\n".join(["# Tutorials", "", about, "", "```{toctree}", *stems, "```", ""])
