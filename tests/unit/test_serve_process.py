"""The local server as a process: it solves, stops, refuses, and leaves nothing behind."""

from __future__ import annotations

import http.client
import json
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest

import reconfig as rc
from reconfig.core import Status

ROOT = Path(__file__).resolve().parents[2]
# Long enough for a machine that is busy with other tests, short enough to say that it hangs.
PATIENCE = 120.0
VOLUMES = "data/scenarios/england-stroke-volumes.toml"
# Minutes of work: volumes that few choices have (docs/benchmarks.md).
LONG: dict[str, Any] = {
    "time_limit": 500,
    "sites": {"at_least": 40, "at_most": 90},
    "asked": [],
    "limits": [
        {"measure": "min_volume", "at_least": 900},
        {"measure": "max_volume", "at_most": 2000},
    ],
}

pytestmark = pytest.mark.slow
posix = pytest.mark.skipif(os.name != "posix", reason="signals of Unix")


class Server:
    """A server in a process of its own, and a client that can say anything to it."""

    def __init__(self, what: str) -> None:
        command = [sys.executable, "-m", "tests.unit.serve_stand_in", what]
        self.process = subprocess.Popen(
            command,
            cwd=ROOT,
            env={**os.environ, "PYTHONPATH": str(ROOT)},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            start_new_session=True,
        )
        assert self.process.stdout is not None
        self.url = self.process.stdout.readline().strip()
        self.host = urlsplit(self.url).netloc
        found = re.search(r'"token": "([^"]+)"', self.ask("GET", "/")[2])
        assert found is not None
        self.token = found.group(1)

    def ask(
        self, method: str, path: str, body: bytes | None = None, **headers: str
    ) -> tuple[int, dict[str, str], str]:
        """Return the status, headers and text of an answer; headers given by names with _ for -."""
        connection = http.client.HTTPConnection(urlsplit(self.url).netloc, timeout=PATIENCE)
        try:
            named = {name.replace("_", "-"): value for name, value in headers.items()}
            connection.request(method, path, body, named)
            answer = connection.getresponse()
            return answer.status, dict(answer.getheaders()), answer.read().decode()
        finally:
            connection.close()

    def call(self, path: str, content: Any = None, **headers: str) -> tuple[int, Any]:
        """Ask as the page does; headers: in place of those of the page."""
        usual = {
            "X_Reconfig_Token": self.token,
            "Origin": f"http://{self.host}",
            "Content_Type": "application/json",
        }
        given = {k: v for k, v in {**usual, **headers}.items() if v}
        body = None if content is None else json.dumps(content).encode()
        code, _, text = self.ask("GET" if body is None else "POST", path, body, **given)
        return code, json.loads(text)

    def start(self, **content: Any) -> str:
        """Start a solve, and return its id."""
        code, view = self.call("/api/optimise", content)
        assert code == 202, view
        return str(view["id"])

    def wait(self, job: str, ready: Callable[[Any], bool]) -> Any:
        """Return the first view of a job that is ready."""
        deadline = time.monotonic() + PATIENCE
        while time.monotonic() < deadline:
            view = self.call(f"/api/jobs/{job}")[1]
            if ready(view):
                return view
            time.sleep(0.1)
        pytest.fail(f"still not ready after {PATIENCE:g} seconds: {view}")

    def end(self, how: int) -> str:
        """Send a signal to the server, wait for its end, return what it printed."""
        self.process.send_signal(how)
        out, err = self.process.communicate(timeout=PATIENCE)
        return out + err

    def close(self) -> None:
        """End it, whatever state it is in."""
        if self.process.poll() is None:
            self.process.kill()
            self.process.communicate()


def ended(view: Any) -> bool:
    return view["state"] in ("stopped", "done", "failed")


def solving(view: Any) -> bool:
    return bool(view["state"] == "solving")


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    """Yield a server of Greater Manchester."""
    running = Server("greater-manchester")
    try:
        yield running
    finally:
        running.close()


@pytest.fixture
def national() -> Iterator[Server]:
    """Yield a server of a national plan that takes minutes to solve."""
    running = Server(VOLUMES)
    try:
        yield running
    finally:
        running.close()


def test_it_listens_on_this_machine_alone(server: Server) -> None:
    assert server.host.startswith("127.0.0.1:")


def test_four_sites_are_those_of_the_library(server: Server) -> None:
    job = server.start(
        objective={"measure": "lives_saved", "sense": "maximise", "tolerance": 0.1,
                   "then": {"measure": "mean_minutes", "sense": "minimise"}},
        sites={"at_least": 4, "at_most": 4},
        limits=[{"measure": "max_minutes", "at_most": 45}],
    )  # fmt: skip
    view = server.wait(job, ended)
    region = rc.load_region("greater-manchester")
    goal = rc.maximise("lives_saved", tolerance=0.1, then=rc.minimise("mean_minutes"))
    asked = [rc.open_sites(4), rc.limit("max_minutes", at_most=45)]
    best = rc.solve(rc.Problem(region, region.service("emergency-surgery"), goal, asked))
    told = view["result"]
    assert view["state"] == "done"
    assert told["status"] == best.status == Status.OPTIMAL
    assert told["verdict"] == best.verdict
    assert told["objective"] == pytest.approx(best.objective)
    assert told["measures"]["mean_minutes"] == pytest.approx(best.measures["mean_minutes"])
    assert told["violations"] == []


def test_what_cannot_be_is_explained(server: Server) -> None:
    job = server.start(sites={"at_most": 2}, limits=[{"measure": "max_minutes", "at_most": 20}])
    told = server.wait(job, ended)["result"]
    assert told["status"] == "infeasible"
    assert told["conflict"] == ["max_minutes at most 20"]
    assert len(told["ways"]) == 1
    assert told["open"] == []


def test_what_cannot_be_asked_is_refused_with_every_fault(server: Server) -> None:
    code, refused = server.call("/api/optimise", {"keep": ["nowhere"], "time_limit": 5, "x": 1})
    assert code == 400
    assert any("unknown key 'x'" in fault for fault in refused["faults"])


@pytest.mark.parametrize(
    "headers",
    [
        {"X_Reconfig_Token": ""},
        {"X_Reconfig_Token": "guess"},
        {"Origin": ""},
        {"Origin": "http://evil.example"},
        {"Host": "evil.example"},
    ],
)
def test_nobody_but_the_page_may_start_a_solve(server: Server, headers: dict[str, str]) -> None:
    before = server.call("/api/job")[1]
    code, refused = server.call("/api/optimise", {}, **headers)
    assert code == 403
    assert refused["error"]
    assert server.call("/api/job")[1] == before


def test_the_page_and_the_jobs_are_not_told_to_another_name_or_without_the_token(
    server: Server,
) -> None:
    for path in ("/", "/api/job", "/nowhere"):
        assert server.ask("GET", path, Host="evil.example")[0] == 403
    assert server.call("/api/job", X_Reconfig_Token="")[0] == 403


def test_a_form_of_another_kind_or_size_is_refused(server: Server) -> None:
    assert server.call("/api/optimise", {}, Content_Type="text/plain")[0] == 415
    headers = {"X_Reconfig_Token": server.token, "Origin": f"http://{server.host}"}
    try:
        code = server.ask("POST", "/api/optimise", b" " * 100_000, **headers)[0]
    except OSError:  # it may hang up before all is sent
        code = 400
    assert code == 400
    assert server.ask("GET", "/")[0] == 200


def test_addresses_that_there_are_not_and_ways_that_are_not_meant(server: Server) -> None:
    assert server.call("/nowhere")[0] == 404
    assert server.call("/api/jobs/unknown")[0] == 404
    assert server.call("/api/optimise")[0] == 405
    assert server.call("/api/jobs/unknown/stop", {})[0] == 404


def test_the_page_lets_nothing_in_from_elsewhere(server: Server) -> None:
    _, headers, text = server.ask("GET", "/")
    policy = headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "connect-src 'self'" in policy
    assert "unsafe-eval" not in policy
    nonce = re.search(r"'nonce-([^']+)'", policy)
    assert nonce is not None
    assert text.count("<script") == text.count(f'<script nonce="{nonce.group(1)}"')
    assert "Access-Control-Allow-Origin" not in headers
    assert server.ask("GET", "/")[1]["Content-Security-Policy"] != policy


def test_a_long_solve_stops_with_the_best_so_far(national: Server) -> None:
    job = national.start(**LONG)
    national.wait(job, solving)
    time.sleep(8)
    code, busy = national.call("/api/optimise", {})
    assert code == 409
    assert "Another solve is running" in busy["error"]
    asked = time.monotonic()
    assert national.call(f"/api/jobs/{job}/stop", {})[1]["stopping"]
    view = national.wait(job, ended)
    assert time.monotonic() - asked < 30
    assert view["state"] == "stopped"
    told = view["result"]
    if told is None or told["status"] == "no_solution":  # on a slow machine
        assert "before any configuration" in view["messages"][-1]
        return
    assert told["status"] == "feasible"
    assert "not proven best" in told["verdict"]
    assert told["violations"] == []
    assert 40 <= len(told["open"]) <= 90


@posix
@pytest.mark.parametrize("how", [signal.SIGTERM, signal.SIGKILL])
def test_no_process_outlives_the_server(national: Server, how: signal.Signals) -> None:
    job = national.start(**LONG)
    national.wait(job, solving)
    group = national.process.pid  # it began a session, so it leads a group of its own
    assert len(members(group)) > 1
    printed = national.end(how)
    if how != signal.SIGKILL:
        assert national.process.returncode == 0
        assert "ended" in printed
        assert "Traceback" not in printed
    deadline = time.monotonic() + 10
    while members(group) and time.monotonic() < deadline:
        time.sleep(0.1)
    assert members(group) == []


@posix
def test_ctrl_c_in_the_terminal_reaches_every_process_and_shows_no_error() -> None:
    running = Server("squares")
    try:
        running.wait(running.start(sites={"at_most": 2}), ended)
        os.killpg(running.process.pid, signal.SIGINT)
        out, err = running.process.communicate(timeout=PATIENCE)
    finally:
        running.close()
    assert running.process.returncode == 0
    assert "ended" in out
    assert "Traceback" not in err


def members(group: int) -> list[int]:
    """Return the processes of a group that are alive."""
    listed = subprocess.run(
        ["ps", "-e", "-o", "pid=,pgid=,stat="], capture_output=True, text=True, check=True
    )
    rows = [line.split() for line in listed.stdout.splitlines()]
    return [int(pid) for pid, of, state in rows if int(of) == group and "Z" not in state]
