"""TOML files read with their lines, so that a fault can say where it is."""

from __future__ import annotations

import math
import re
import tomllib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from reconfig.core import Faults, suggestion
from reconfig.data.tables import read_text

# Where something stands in a file: ("service", 0, "open").
Where = tuple[str | int, ...]

HEADER = re.compile(r"\s*(\[\[?)\s*([^\[\]]+?)\s*\]")
KEY = r"""(?:"[^"]*"|'[^']*'|[\w-]+)"""
ASSIGNMENT = re.compile(rf"\s*({KEY}(?:\s*\.\s*{KEY})*)\s*=")
PROBLEM = re.compile(r"(.*?) \((?:at line (\d+), column \d+|at end of document)\)", re.DOTALL)
# What tomllib says -> what it means.
PLAIN_WORDS = {
    "Cannot overwrite a value": "a key is given twice",
    "Cannot declare": "a table is given twice, or once as [table] and once as [[table]]",
    "Invalid value": "a value that is neither a number, a text in quotes, a list nor a table",
    "Unterminated string": "a quotation mark without its pair",
    "Unclosed": "a bracket without its pair",
    "Expected '='": "a key without = and a value",
    "Unescaped": r"a backslash in a text; write / or \\",
}


@dataclass(frozen=True)
class Kind:
    """What a value may be: `words` say it in a message, `fits` tells, `fix` says what to do.

    json: the same as a JSON Schema, for editors; {} where nothing of it is told.
    """

    words: str
    fits: Callable[[Any], bool]
    fix: str = ""
    json: Mapping[str, Any] = field(default_factory=dict)


def _is_whole(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


def _is_number(value: object) -> bool:
    if isinstance(value, bool) or not isinstance(value, int | float):
        return False
    return abs(value) < 1e300 and not math.isnan(value)


def _is_text(value: object) -> bool:
    return isinstance(value, str) and value.strip() != ""


TEXT = Kind('a text in quotes, such as "name"', _is_text, json={"type": "string", "pattern": r"\S"})
WHOLE = Kind("a whole number without quotes", _is_whole, json={"type": "integer"})
NUMBER = Kind("a number without quotes", _is_number, json={"type": "number"})
TEXTS = Kind(
    'a list of texts, such as ["A", "B"]',
    lambda v: isinstance(v, list) and all(map(_is_text, v)),
    "Write square brackets, even around one, and quotes.",
    json={"type": "array", "items": TEXT.json},
)
TABLE = Kind(
    "a table, such as [name] or {key = value}",
    lambda v: isinstance(v, dict),
    json={"type": "object"},
)
WHOLE_OR_TABLE = Kind(
    "a whole number without quotes, or {at_least = 3, at_most = 5}",
    lambda v: _is_whole(v) or isinstance(v, dict),
    json={"anyOf": [WHOLE.json, TABLE.json]},
)


def tables_called(name: str) -> Kind:
    """Return the kind of [[name]], given any number of times."""
    return Kind(
        f"tables, each headed [[{name}]]",
        lambda v: isinstance(v, list) and all(isinstance(part, dict) for part in v),
        "Write the heading with double brackets.",
        json={"type": "array", "items": TABLE.json},
    )


@dataclass(frozen=True, eq=False)
class TomlFile:
    """A TOML file: its name in messages, text and content, and where its faults are noted."""

    file: str
    text: str
    content: Mapping[str, Any]
    faults: Faults
    lines: Mapping[Where, int] = field(default_factory=dict)

    @classmethod
    def read(cls, path: Path, faults: Faults) -> TomlFile | None:
        """Read a file; note a fault and return None if it is missing, empty or broken."""
        text = read_text(path, faults)
        if text is None:
            return None
        try:
            # A file of its own may have Windows line ends, which tomllib knows, or old Mac ones.
            content = tomllib.loads(re.sub(r"\r(?!\n)", "\n", text))
        except (ValueError, RecursionError) as problem:
            _note_broken(path.name, str(problem), faults)
            return None
        return cls(path.name, text, content, faults, _line_numbers(text))

    def note(self, where: Where, found: str, expected: str, fix: str = "") -> None:
        """Note a fault at a place of the file."""
        self.faults.add(self.file, self.place(where), found, expected, fix)

    def place(self, where: Where) -> str:
        """Return "line 7, service, open": the line, and the sections and key that lead there."""
        many = {key for key, v in self.content.items() if isinstance(v, list) and len(v) > 1}
        words = [
            f"{w} {int(n) + 1}" if isinstance(n, int) and w in many else str(w)
            for w, n in zip(where, (*where[1:], None), strict=False)
            if not isinstance(w, int)
        ]
        known = next((k for k in _prefixes(where) if k in self.lines), None)
        line = [f"line {self.lines[known]}"] if known else []
        return ", ".join(line + (words or ["top level"]))

    def table(
        self, content: Mapping[str, Any], where: Where, schema: Mapping[str, Kind]
    ) -> dict[str, Any]:
        """Return the keys of a table that are known and of the right kind; note all others."""
        good = {}
        for key, value in content.items():
            if key not in schema:
                fix = suggestion(key, schema)
                self.note((*where, key), f"unknown key '{key}'", "a known key", fix)
            elif not schema[key].fits(value):
                kind = schema[key]
                self.note((*where, key), f"{key} = {_shown(value)}", kind.words, kind.fix)
            else:
                good[key] = value
        return good


def _prefixes(where: Where) -> list[Where]:
    return [where[:n] for n in range(len(where), 0, -1)]


def _shown(value: object) -> str:
    """Return a value as the file has it, shortened."""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, str):
        return f'"{value}"'
    if isinstance(value, dict):
        return "a table"
    text = str(value) if not isinstance(value, list) else f"[{', '.join(map(_shown, value))}]"
    return text if len(text) <= 60 else f"{text[:57]}..."


def _note_broken(file: str, problem: str, faults: Faults) -> None:
    match = PROBLEM.fullmatch(problem)
    said = match.group(1) if match else problem
    place = f"line {match.group(2)}" if match and match.group(2) else "last line"
    meant = next((w for start, w in PLAIN_WORDS.items() if said.startswith(start)), "")
    faults.add(
        file,
        place,
        f"{meant} ({said})" if meant else f"not TOML ({said})",
        "a whole TOML file",
        "The file may be cut short." if place == "last line" else "",
    )


def _line_numbers(text: str) -> dict[Where, int]:
    """Return where each section and key stands, by line number from 1."""
    lines: dict[Where, int] = {}
    section: Where = ()
    counts: dict[Where, int] = {}
    for number, line in enumerate(re.split(r"\r\n|\r|\n", text), start=1):
        header, assignment = HEADER.match(line), ASSIGNMENT.match(line)
        if header:
            section = _section(header.group(2), header.group(1) == "[[", counts)
            lines.setdefault(section, number)
            lines.setdefault(section[:1], number)
        elif assignment:
            section_key = (*section, *_parts(assignment.group(1)))
            for known in _prefixes(section_key):
                lines.setdefault(known, number)
    return lines


def _section(name: str, repeated: bool, counts: dict[Where, int]) -> Where:
    """Return the place that a heading opens; each [[name]] opens the next of its kind."""
    where: Where = ()
    parts = _parts(name)
    for depth, part in enumerate(parts, start=1):
        where = (*where, part)
        if repeated and depth == len(parts):
            counts[where] = counts.get(where, -1) + 1
        if where in counts:
            where = (*where, counts[where])
    return where


def _parts(name: str) -> list[str]:
    """Return the parts of a dotted key; a part in quotes may hold dots of its own."""
    return [part.strip("\"'") for part in re.findall(KEY, name)]
