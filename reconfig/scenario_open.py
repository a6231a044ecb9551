"""A configuration that people chose: site ids on the command line, or a file that names them."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from reconfig.appraise import appraise
from reconfig.core import (
    Configuration,
    Faults,
    InputError,
    Problem,
    Service,
    suggestion,
)

MADE_BY = "reconfig"
EXAMPLE = '{"service": "surgery", "open": ["A", "B"]} or {"open": {"surgery": ["A", "B"]}}'


def given_on_the_line(words: Sequence[str], problem: Problem) -> Configuration:
    """Return the configuration of "A,B", or of "surgery=A,B" for each of several services.

    Raises InputError, listing every fault: services and sites that are not there, twice or missing.
    """
    faults, place = Faults(), "--open"
    services = _services(problem)
    found: dict[str, list[str]] = {}
    for word in words:
        service, equals, ids = word.rpartition("=")
        if not equals and len(services) > 1:
            expected = f"SERVICE=ID,ID,... for each of {', '.join(services)}"
            faults.add(place, f"'{word}'", "no service", expected)
            continue
        key = service.strip() or next(iter(services))
        if key in found:
            faults.add(place, key, "given twice", "every service once")
        found[key] = [one.strip() for one in ids.split(",") if one.strip()]
    return _checked(found, problem, faults, place)


def read_configuration(path: str | Path, problem: Problem) -> Configuration:
    """Return the configuration in a JSON file: a result.json, or one that the report page saved.

    Raises InputError, listing every fault: not JSON, not of this kind, or about other sites.
    """
    faults, place = Faults(), str(path)
    content = _json(Path(path), faults)
    faults.raise_if_any()
    if not isinstance(content, dict) or "open" not in content:
        faults.add(place, "", "no object with 'open'", EXAMPLE)
        faults.raise_if_any()
    if content.get("made_by", MADE_BY) != MADE_BY:
        faults.add(place, "made_by", f"{content['made_by']!r}", f"'{MADE_BY}', or nothing")
    region = problem.region.physical or problem.region
    if content.get("region", region.name) != region.name:
        found = f"a configuration of {content['region']!r}"
        faults.add(place, "region", found, f"one of '{region.name}', the scenario's region")
    return _checked(_open(content, problem, faults, place), problem, faults, place)


def _json(path: Path, faults: Faults) -> Any:
    try:
        return json.loads(path.read_text(encoding="utf-8-sig"))
    except OSError as error:
        reason = error.strerror or "cannot be read"
        faults.add(str(path), "", reason, "a JSON file that names the open sites")
    except UnicodeDecodeError:
        faults.add(str(path), "", "not UTF-8 text", "a JSON file that names the open sites")
    except json.JSONDecodeError as error:
        place = f"line {error.lineno}, column {error.colno}"
        faults.add(str(path), place, f"not JSON ({error.msg})", EXAMPLE)
    except RecursionError:
        faults.add(str(path), "", "nested too deeply", EXAMPLE)
    return None


def _open(
    content: Mapping[str, Any], problem: Problem, faults: Faults, place: str
) -> dict[str, list[str]]:
    """Return service -> ids as the file has them; a list is of the one service it names."""
    opened, services = content["open"], _services(problem)
    if isinstance(opened, list):
        named = content.get("service")
        if named is None and len(services) > 1:
            faults.add(place, "service", "nothing", f"one of {', '.join(services)}")
            return {}
        opened = {next(iter(services)) if named is None else named: opened}
    if not isinstance(opened, dict):
        faults.add(place, "open", f"{type(opened).__name__}", EXAMPLE)
        return {}
    found: dict[str, list[str]] = {}
    for service, ids in opened.items():
        if isinstance(ids, list) and all(isinstance(one, str) for one in ids):
            found[str(service)] = ids
        else:
            faults.add(place, f"open, {service}", f"{ids!r:.60}", "a list of site ids, as text")
            found[str(service)] = []
    return found


def _services(problem: Problem) -> dict[str, Service]:
    """Return id -> service, of each one that the problem decides on."""
    service = problem.service
    return {part.id: part for part in service.parts or (service,)}


def _checked(
    found: Mapping[str, Sequence[str]], problem: Problem, faults: Faults, place: str
) -> Configuration:
    """Return the configuration, every service and site of it known and nobody without a site."""
    services, already = _services(problem), bool(faults)
    for key in found:
        if key not in services:
            fix = suggestion(key, services)
            faults.add(place, f"'{key}'", "not a service of the scenario", "its id", fix)
    for key, service in services.items():
        if key in found:
            _check_sites(found[key], service, problem, faults, place)
        elif not already:
            faults.add(place, key, "nothing", "the ids of its open sites")
    faults.raise_if_any()
    chosen = {key: frozenset(found[key]) for key in services}
    configuration = Configuration(chosen, name="Proposal")
    try:
        appraise(problem.region, problem.service, configuration)
    except InputError:
        raise
    except ValueError as error:
        faults.add(place, "open", str(error), "sites such that everybody can reach one")
    faults.raise_if_any()
    return configuration


def _check_sites(
    ids: Sequence[str], service: Service, problem: Problem, faults: Faults, place: str
) -> None:
    region = problem.region.physical or problem.region
    if not ids and not service.always_open:
        faults.add(place, service.id, "no site", "the id of one open site at least")
    for one in sorted({one for one in ids if ids.count(one) > 1}):
        faults.add(place, service.id, f"'{one}' twice", "every site once")
    for one in dict.fromkeys(ids):
        if one in service.candidates:
            continue
        if one in service.always_open:
            found = f"'{one}' is a neighbour, which is always open"
        elif one in region.sites.index:
            found = f"'{one}' is not a candidate for this service"
        else:
            found = f"'{one}' is not a site of the region"
        apart = one.replace(";", " ").split()
        if len(apart) > 1 and set(apart) <= {*service.candidates, *service.always_open}:
            fix = f"Put commas between the ids, without blanks: {','.join(apart)}."
        else:
            fix = suggestion(one, service.candidates)
        faults.add(place, service.id, found, "ids of candidate sites", fix)
