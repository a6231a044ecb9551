"""No clinical or cost number lives outside the register: the code is searched for strays."""

from __future__ import annotations

import ast
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parents[3]
SEARCHED = ("outcomes", "appraise", "analyse")
MODULES = sorted(p for f in SEARCHED for p in (ROOT / "reconfig" / f).rglob("*.py"))
SERVICES = sorted((ROOT / "data" / "services").glob("*.toml"))

# Numbers that say nothing about patients, wherever they are.
ANYWHERE = {
    0: "none",
    1: "one, all",
    2: "squares, pairs, table axes",
    0.5: "the middle",
    60: "minutes in an hour",
    100: "per cent",
    0.025: "lower end of a 95 % interval",
    0.975: "upper end of a 95 % interval",
}
# No clinical number is as small: these are tolerances of arithmetic.
TOLERANCE = 2e-6
# Numbers that say nothing about patients in one module only.
IN_MODULE: dict[str, dict[float, str]] = {
    "outcomes/distributions.py": {0.005: "rounding allowed in a register's row"},
    "appraise/access.py": {
        6: "decimals to which minutes are compared",
        10: "minutes longer that reports count",
        20: "minutes longer that reports count",
        0.95: "the 95th percentile, a measure",
    },
    "appraise/caseload.py": {0.25: "step of a grid of minutes", 30: "its end is rounded to"},
    "appraise/choice.py": {
        0.001: "minutes of spread that are as good as none",
        10000: "minutes of spread at which every site is as good",
    },
    "appraise/compare.py": {0.01: "share of cases too small to name a site for"},
    "appraise/grid.py": {4: "grids kept"},
    "appraise/lives.py": {5000: "draws", 1000: "draws of slow models", 20150615: "seed"},
    "appraise/routes.py": {6: "decimals to which minutes are compared"},
    "appraise/measures.py": {
        0.95: "the 95th percentile, a measure",
        15: "minutes that reports count to",
        30: "minutes that reports count to",
        45: "minutes that reports count to",
    },
    "appraise/people.py": {
        5: "fifths",
        75: "the age from which reports count people as old",
        10000: "square metres in a hectare",
    },
    "analyse/alternatives.py": {0.01: "distance from the best, unless told"},
    "analyse/findings.py": {
        0.2: "share of the time for near-ties",
        0.05: "seconds that a solve takes at least",
        5: "solves a number of sites",
        500: "fewest draws of an alternative view",
        10: "numbers of sites on either side",
    },
    "analyse/long_list.py": {
        5000: "most configurations",
        256: "configurations at once",
        20: "rows shown",
        4: "figures that qualify lives",
    },
    "analyse/scoring.py": {20000: "weights tried"},
    "analyse/short_list.py": {12: "most options"},
    "analyse/relax.py": {8: "names in a sentence"},
    "analyse/relax_words.py": {10: "powers of ten, to round to"},
    "analyse/relax_resources.py": {
        5: "digits of a budget",
        10: "powers of ten, to round to",
        1000: "tenths of a per cent",
    },
    "analyse/weights.py": {6: "most digits of a weight", 10: "names in a sentence"},
    "analyse/why.py": {
        6: "most digits of a figure",
        0.05: "minutes that are worth a word",
        0.0001: "precision of a factor",
    },
    "analyse/information.py": {15: "draws for each term of a regression"},
    "analyse/sensitivity.py": {
        0.0005: "quantile at which the search for a switch begins",
        0.9995: "quantile at which it ends",
        81: "places searched",
    },
    "analyse/sentences.py": {0.0005: "a change too small to speak of", 10: "names in a sentence"},
    "analyse/uncertainty.py": {
        40: "draws of travel errors",
        20: "first point of the convergence plot",
        10: "rows shown",
    },
}


def numbers(source: str) -> Iterator[tuple[int, float]]:
    """Yield every number written in the code, with its line; not those of indices."""
    waiting: list[ast.AST] = [ast.parse(source)]
    while waiting:
        node = waiting.pop()
        if isinstance(node, ast.Constant):
            found = _as_number(node.value)
            if found is not None:
                yield node.lineno, found
        children = list(ast.iter_child_nodes(node))
        if isinstance(node, ast.Subscript) and _is_place(node.slice):
            children.remove(node.slice)
        # float("0.1") is a number too, though written as a text.
        if isinstance(node, ast.Call) and getattr(node.func, "id", "") in ("float", "int"):
            for argument in node.args:
                if isinstance(argument, ast.Constant) and isinstance(argument.value, str):
                    with_text = _from_text(argument.value)
                    if with_text is not None:
                        yield node.lineno, with_text
        waiting += children


def _is_place(index: ast.AST) -> bool:
    """Say whether an index only chooses places, as in x[3], x[:-5] and x[0, 2:4]."""
    if isinstance(index, ast.UnaryOp | ast.Slice | ast.Tuple):
        parts = ast.iter_child_nodes(index)
        return all(_is_place(p) for p in parts if not isinstance(p, ast.operator | ast.unaryop))
    return isinstance(index, ast.Constant | ast.Load)


def _as_number(value: object) -> float | None:
    if isinstance(value, int | float) and not isinstance(value, bool):
        return float(value)
    return None


def _from_text(text: str) -> float | None:
    try:
        number = float(text)
    except ValueError:
        return None
    return number if number - number == 0 else None  # not inf, not nan


def strays(source: str, module: str = "") -> list[str]:
    """Return the numbers that have no reason to be in a module, with their lines."""
    allowed = set(ANYWHERE) | set(IN_MODULE.get(module, {}))
    return [
        f"line {line}: {number:g}"
        for line, number in numbers(source)
        if number not in allowed and not abs(number) <= TOLERANCE
    ]


def name(path: Path) -> str:
    """Return how a module is called above."""
    return path.relative_to(ROOT / "reconfig").as_posix()


@pytest.mark.parametrize("path", MODULES, ids=name)
def test_no_clinical_number_is_written_in_a_module(path: Path) -> None:
    found = strays(path.read_text(encoding="utf-8"), name(path))
    assert not found, "a clinical number belongs in data/assumptions.csv; another needs a reason"


@pytest.mark.parametrize("module", IN_MODULE)
def test_no_number_is_allowed_that_is_no_longer_there(module: str) -> None:
    path = ROOT / "reconfig" / module
    there = {number for _, number in numbers(path.read_text(encoding="utf-8"))}
    assert set(IN_MODULE[module]) <= there


@pytest.mark.parametrize("path", SERVICES, ids=lambda p: p.name)
def test_a_service_file_names_assumptions_and_writes_no_number(path: Path) -> None:
    assert list(_in_tables(tomllib.loads(path.read_text(encoding="utf-8")))) == []


def _in_tables(value: Any) -> Iterator[float]:
    if isinstance(value, dict | list):
        for inner in value.values() if isinstance(value, dict) else value:
            yield from _in_tables(inner)
        return
    number = _from_text(value) if isinstance(value, str) else _as_number(value)
    if number is not None:
        yield number


def test_there_is_something_to_search() -> None:
    assert len(MODULES) > 10
    assert len(SERVICES) >= 2


@pytest.mark.parametrize(
    "source",
    [
        "risk = 0.22",
        "def f(risk=0.1): ...",
        "risk = -3",
        "risk = float('0.22')",
        "x = table[f(0.22)]",
        "x = table[table > 115]",
        "risk = {'none': 0.35}",
        "f'{risk * 0.86}'",
        "risk = 1_150.0",
    ],
)
def test_a_stray_number_is_found(source: str) -> None:
    assert strays(source)


@pytest.mark.parametrize(
    "source",
    [
        "x = y[7]",
        "x = y[:12]",
        "x = y[-4, 3:]",
        "x = 1 - y",
        "x = True",
        "x = '22 %'",
        "x = float('inf')",
        "1e-9",
    ],
)
def test_what_is_no_clinical_number_is_left_alone(source: str) -> None:
    assert not strays(source)
