"""A server to be tried from outside: python -m tests.unit.serve_stand_in REGION-OR-SCENARIO.

Its explorer is a stand-in with the same doors as the real one, so that the server and the form for
the solver are tested apart from the map. Prints the page's address, then nothing.
"""

from __future__ import annotations

import sys
from contextlib import suppress

from reconfig.core import Region
from reconfig.data import load_region
from reconfig.report.explore.page import Explorer
from reconfig.scenario import read_scenario
from reconfig.serve import Desk, serve
from reconfig.serve.page import Parts
from tests.unit.report.places import square_region, surgery

SCRIPT = """
window.reconfigExplorer = (() => {
  const state = {open: [], added: [], listeners: [], pins: {open: [], closed: []}};
  return {
    state,
    service: () => SERVICE,
    open: () => state.open,
    pinned: () => state.pins,
    candidates: () => SITES.map((id) => ({id, name: id})),
    measures: () => [],
    show: (service, open, label) => { state.open = open; state.label = label; },
    add: (entry) => state.added.push(entry),
    onChange: (listener) => state.listeners.push(listener),
    pin: (open, closed) => { state.pins = {open, closed}; state.listeners.forEach((f) => f()); },
  };
})();
"""


def stand_in(script: str, html: str = '<div id="explore-optimise"></div>') -> Explorer:
    """Return what the page is made of, without a map."""
    return Explorer(library="", script=script, style="", html=html)


def desk_of(what: str) -> Desk:
    """Return the desk of a scenario, of a region, or of the region of squares."""
    if what.endswith(".toml"):
        return Desk.of_scenario(read_scenario(what))
    if what == "squares":
        return of_squares(square_region())
    region = load_region(what)
    return Desk.of_region(region, next(iter(region.services.values())))


def of_squares(region: Region) -> Desk:
    """Return the desk of a made-up region whose names mean trouble."""
    return Desk.of_region(region, surgery(region))


def parts_of(desk: Desk) -> Parts:
    """Return a page with the stand-in in it."""
    problem = next(iter(desk.problems.values()))
    sites = list(problem.service.candidates)
    script = SCRIPT.replace("SERVICE", repr(problem.service.id)).replace("SITES", repr(sites))
    return Parts("Stand-in", stand_in(script))


if __name__ == "__main__":
    asked = desk_of(sys.argv[1])
    with suppress(KeyboardInterrupt):
        serve(asked, parts_of(asked), port=0, on_ready=lambda url: print(url, flush=True))
    print("ended", flush=True)
