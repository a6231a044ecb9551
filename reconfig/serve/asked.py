"""From what the page sends to a problem: read key by key, every fault in one message."""

from __future__ import annotations

import json
import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, cast

from reconfig.appraise import check_measures
from reconfig.core import (
    Close,
    Constraint,
    Faults,
    Keep,
    Limit,
    Objective,
    OpenSites,
    Problem,
    suggestion,
)
from reconfig.core.problem import Sense, check_constraints
from reconfig.data.toml_file import NUMBER, TABLE, TEXT, TEXTS, WHOLE, Kind, TomlFile, Where
from reconfig.serve.desk import SENSES, Desk, others

FILE = "request"
MOST_STAGES = 4
YES_NO = Kind("true or false", lambda v: isinstance(v, bool))
SECONDS = Kind("a number of seconds above 0", lambda v: NUMBER.fits(v) and v > 0)
SENSE = Kind('"minimise" or "maximise"', lambda v: v in SENSES)
WHOLES = Kind("a list of whole numbers", lambda v: isinstance(v, list) and all(map(WHOLE.fits, v)))
TABLES = Kind(
    "a list of objects", lambda v: isinstance(v, list) and all(isinstance(p, dict) for p in v)
)
TOP: dict[str, Kind] = {
    "service": TEXT,
    "objective": TABLE,
    "sites": TABLE,
    "keep": TEXTS,
    "close": TEXTS,
    "limits": TABLES,
    "asked": WHOLES,
    "time_limit": SECONDS,
    "replace": YES_NO,
}
OBJECTIVE: dict[str, Kind] = {
    "measure": TEXT,
    "sense": SENSE,
    "tolerance": NUMBER,
    "then": TABLE,
}
SITES: dict[str, Kind] = {"at_least": WHOLE, "at_most": WHOLE}
ENDS = ("at_least", "at_most", "at_most_over_today")
LIMIT: dict[str, Kind] = {"measure": TEXT, "by": TEXT, **dict.fromkeys(ENDS, NUMBER)}


@dataclass(frozen=True, eq=False)
class Asked:
    """What was asked: a problem, checked, and seconds for it. replace: in place of what runs."""

    problem: Problem
    time_limit: float
    replace: bool = False


def read_asked(body: bytes, desk: Desk) -> Asked:
    """Return what a request asks for; raise InputError, with every fault, if it cannot be asked.

    body: JSON with the keys of TOP. `service`: one of the desk's. `objective`, `sites`, `keep`,
    `close`, `limits`: as in a scenario. `asked`: numbers, from 0, of what the desk's problem asks
    for beside the number of sites, and that is asked for here too (default: all of it). Without
    `objective` or `sites` those of the desk's problem hold.
    """
    faults = Faults()
    content = _object(body, faults)
    faults.raise_if_any()
    # JSON has the same kinds of values as a TOML file, so it is read by the same rules.
    file = TomlFile(FILE, "", content, faults)
    keys = file.table(content, (), TOP)
    problem = _problem_of(file, keys, desk)
    if problem is None:
        faults.raise_if_any()
    assert problem is not None
    objective = problem.objective
    if "objective" in keys:
        objective = _objective(file, keys["objective"], ("objective",)) or objective
    draft = Problem.unchecked(
        problem.region, problem.service, objective, _constraints(file, keys, problem)
    )
    if not faults:
        check_constraints(draft, faults, file=FILE)
        check_measures(draft, faults, file=FILE)
    faults.raise_if_any()
    return Asked(
        Problem(draft.region, draft.service, draft.objective, draft.constraints),
        float(keys.get("time_limit", desk.time_limit)),
        keys.get("replace", False),
    )


def _object(body: bytes, faults: Faults) -> dict[str, Any]:
    """Return the object that a body holds; note what is no JSON, or says a thing twice."""
    expected = 'one JSON object, such as {"service": "stroke"}'
    try:
        content = json.loads(
            body.decode("utf-8"), object_pairs_hook=_once, parse_constant=_refuse_constant
        )
    except (ValueError, RecursionError) as problem:
        faults.add(FILE, "", f"not JSON ({problem})", expected)
        return {}
    if not isinstance(content, dict):
        faults.add(FILE, "", f"a {type(content).__name__}", expected)
        return {}
    return content


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    content = dict(pairs)
    if len(content) < len(pairs):
        raise ValueError("a key is given twice")
    return content


def _refuse_constant(name: str) -> float:
    raise ValueError(f"{name} is no number in JSON")


def _problem_of(file: TomlFile, keys: Mapping[str, Any], desk: Desk) -> Problem | None:
    """Return the desk's problem of the service that is asked for, or the only one there is."""
    if "service" not in file.content and len(desk.problems) == 1:
        return next(iter(desk.problems.values()))
    if "service" not in keys:
        if "service" not in file.content:
            hint = suggestion("", desk.problems)
            file.note((), "no 'service'", "the id of a service of this page", hint)
        return None
    if keys["service"] not in desk.problems:
        found, hint = f"no service '{keys['service']}'", suggestion(keys["service"], desk.problems)
        file.note(("service",), found, "the id of a service of this page", hint)
    return desk.problems.get(keys["service"])


def _objective(
    file: TomlFile, content: Mapping[str, Any], where: Where, depth: int = 1
) -> Objective | None:
    """Return an objective with those that follow it; None, with every fault noted, if it is bad."""
    keys = file.table(content, where, OBJECTIVE)
    for key in ("measure", "sense"):
        if key not in content:
            file.note(where, f"no '{key}'", "a measure and its sense, minimise or maximise")
    then = None
    if "then" in keys and depth == MOST_STAGES:
        file.note((*where, "then"), "more objectives", f"{MOST_STAGES} in turn at most")
    elif "then" in keys:
        then = _objective(file, keys["then"], (*where, "then"), depth + 1)
    if "measure" not in keys or "sense" not in keys:
        return None
    sense = cast(Sense, keys["sense"])
    return Objective(keys["measure"], sense, then, float(keys.get("tolerance", 0.0)))


def _constraints(file: TomlFile, keys: Mapping[str, Any], problem: Problem) -> Iterator[Constraint]:
    """Give what is asked for: of the desk's problem, and of the request itself."""
    known = others(problem)
    for number in keys.get("asked", range(len(known))):
        if 0 <= number < len(known):
            yield known[number]
        else:
            file.note(("asked",), f"{number}", f"numbers from 0 to {len(known) - 1}")
    if "sites" not in keys:
        yield from (c for c in problem.constraints if isinstance(c, OpenSites))
    else:
        ends = file.table(keys["sites"], ("sites",), SITES)
        if ends:
            yield OpenSites(ends.get("at_least"), ends.get("at_most"))
    if keys.get("keep"):
        yield Keep(frozenset(keys["keep"]))
    if keys.get("close"):
        yield Close(frozenset(keys["close"]))
    for number, content in enumerate(keys.get("limits", ())):
        yield from _limit(file, content, ("limits", number))


def _limit(file: TomlFile, content: Mapping[str, Any], where: Where) -> Iterator[Limit]:
    keys = file.table(content, where, LIMIT)
    if "measure" not in content:
        file.note(where, "no 'measure'", 'a measure, such as "max_minutes"')
    if not any(end in content for end in ENDS):
        file.note(where, "no bound", f"one of {', '.join(ENDS)}")
    low, high = float(keys.get("at_least", -math.inf)), float(keys.get("at_most", math.inf))
    if low > high:
        file.note(where, f"at_least {low:g} above at_most {high:g}", "the lower end first")
    ends = {end: float(keys[end]) for end in ENDS if end in keys}
    if "measure" in keys and ends:
        yield Limit(keys["measure"], by=keys.get("by"), **ends)
