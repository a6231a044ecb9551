"""`reconfig explore`: what it reads, says and refuses; the server itself is tried elsewhere."""

from __future__ import annotations

import argparse
import io
import socket
import webbrowser
from collections.abc import Callable
from typing import Any

import pytest
from rich.console import Console

from reconfig.core import InputError, ReconfigError
from reconfig.serve import command
from reconfig.serve.desk import Desk
from reconfig.serve.page import Parts
from tests.unit.serve_stand_in import stand_in


class Served:
    """What was served, in place of a server; and what the terminal was told."""

    def __init__(self) -> None:
        self.text = io.StringIO()
        self.drawn: Any = stand_in("1;")
        self.opened: list[str] = []
        self.desk: Desk | None = None
        self.parts: Parts | None = None
        self.comparison: Any = None
        self.findings: Any = None
        self.host = ""

    def explorer(self, comparison: Any, findings: Any, **options: Any) -> Any:
        assert options["server"] is True
        self.findings = findings
        self.comparison = comparison
        return self.drawn

    def serve(
        self, desk: Desk, parts: Parts, *, host: str, port: int, on_ready: Callable[[str], None]
    ) -> None:
        self.desk, self.parts, self.host = desk, parts, host
        on_ready("http://there/")
        raise KeyboardInterrupt

    def run(self, *arguments: str) -> int:
        parser = argparse.ArgumentParser()
        command.add_parser(parser.add_subparsers())
        parsed = parser.parse_args(["explore", *arguments])
        return int(parsed.command(parsed, Console(file=self.text, width=1000)))


@pytest.fixture
def served(monkeypatch: pytest.MonkeyPatch) -> Served:
    """Return a stand-in for the server, the explorer and the browser."""
    found = Served()
    monkeypatch.setattr(command, "explorer", found.explorer)
    monkeypatch.setattr(command, "serve", found.serve)
    monkeypatch.setattr(command, "FEW_CANDIDATES", 0)  # a trade-off takes seconds
    monkeypatch.setattr(webbrowser, "open", found.opened.append)
    return found


def test_a_region_shows_today_and_its_first_service(served: Served) -> None:
    assert served.run("greater-manchester") == 0
    assert served.desk is not None
    assert list(served.desk.problems) == ["emergency-surgery"]
    assert served.comparison.after.open == served.comparison.before.open
    assert served.opened == ["http://there/"]
    assert "http://there/" in served.text.getvalue()


def test_another_service_is_shown_when_asked_for_and_no_browser_opened(served: Served) -> None:
    assert served.run("greater-manchester", "--service", "ppci", "--no-browser") == 0
    assert served.desk is not None
    assert list(served.desk.problems) == ["ppci"]
    assert served.opened == []


def test_only_this_machine_is_served_unless_told_and_then_it_is_said(served: Served) -> None:
    served.run("greater-manchester", "--service", "ppci")
    assert served.host == "127.0.0.1"
    assert "Warning" not in served.text.getvalue()
    served.run("greater-manchester", "--service", "ppci", "--host", "0.0.0.0")
    assert served.host == "0.0.0.0"
    assert "without a password" in served.text.getvalue()


def test_a_scenario_shows_its_own_answer_and_how_far_that_is_proven(served: Served) -> None:
    assert served.run("ten-to-four") == 0
    assert served.desk is not None
    assert served.parts is not None
    (problem,) = served.desk.problems.values()
    assert len(served.comparison.after.open) == problem.most
    assert "Proven best" in served.parts.notes[0]


@pytest.mark.slow
def test_where_candidates_are_few_the_trade_off_is_on_the_page(
    served: Served, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(command, "FEW_CANDIDATES", 12)
    served.run("greater-manchester")
    numbers = set(served.findings.frontier.points["number"])
    assert len(numbers) > 1
    assert served.run("greater-manchester", "--service", "ppci") == 0


def test_a_page_that_cannot_be_made_is_refused_in_words(served: Served) -> None:
    served.drawn = stand_in("", html="<p>Why not</p>")
    with pytest.raises(ReconfigError, match="cannot be explored on a page"):
        served.run("greater-manchester", "--service", "ppci")


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["nowhere"], "no such region"),
        (["nowhere.toml"], "nowhere.toml"),
        (["greater-manchester", "--service", "dentist"], "'dentist' is not there"),
        (["ten-to-four", "--service", "stroke"], "no --service here"),
        (["ten-to-four", "--catchment", "all"], "no --catchment here"),
    ],
)
def test_what_is_not_there_is_refused(served: Served, arguments: list[str], said: str) -> None:
    with pytest.raises(InputError, match=said):
        served.run(*arguments)
    assert served.desk is None


@pytest.mark.parametrize("port", ["-1", "65536", "ten"])
def test_a_port_is_a_whole_number(served: Served, port: str) -> None:
    with pytest.raises(SystemExit):
        served.run("greater-manchester", "--port", port)


@pytest.mark.parametrize("host", ["no.such.host.invalid", "a..b", "192.0.2.1", "1:2:3"])
def test_a_host_that_is_not_this_machine_is_refused_before_any_work(
    served: Served, monkeypatch: pytest.MonkeyPatch, host: str
) -> None:
    monkeypatch.setattr(command, "_prepared", lambda *_: pytest.fail("the page was made"))
    with pytest.raises(InputError, match="--host") as caught:
        served.run("greater-manchester", "--host", host)
    assert f"'{host}'" in str(caught.value)
    assert "--port" not in str(caught.value)


def test_a_port_that_is_taken_is_refused_before_any_work_and_the_advice_is_on_the_port(
    served: Served, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(command, "_prepared", lambda *_: pytest.fail("the page was made"))
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        with pytest.raises(InputError, match="Leave --port out") as caught:
            served.run("greater-manchester", "--port", port)
    assert port in str(caught.value)
    assert "--host" not in str(caught.value)
