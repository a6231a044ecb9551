"""The local server: the page, and the few questions that it may ask."""

from __future__ import annotations

import asyncio
import errno
import json
import secrets
import signal
import socket
import traceback
import warnings
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from tornado.httpserver import HTTPServer
from tornado.netutil import bind_sockets
from tornado.web import Application, HTTPError, RequestHandler

from reconfig.core import Faults, InputError
from reconfig.serve.asked import read_asked
from reconfig.serve.desk import Desk
from reconfig.serve.door import TOKEN_HEADER, Door
from reconfig.serve.jobs import BusyError, Job, Jobs
from reconfig.serve.page import Parts, page

USUAL_PORT = 8642
# Bytes of a request: its body (a few kilobytes at most, of the largest region) and its headers.
MOST_BODY, MOST_HEADERS = 64 * 1024, 16 * 1024
# Seconds for a body to arrive, and for a connection that nobody uses.
BODY_SECONDS, IDLE_SECONDS = 10, 60
# Seconds between two looks whether a worker must be started for the next solve.
READY_SECONDS = 1.0
JSON = "application/json"
HEADERS = {
    "Cache-Control": "no-store",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
}


@dataclass(frozen=True, eq=False)
class _Room:
    """What the handlers share."""

    desk: Desk
    parts: Parts
    door: Door
    jobs: Jobs


def serve(
    desk: Desk,
    parts: Parts,
    *,
    host: str = "127.0.0.1",
    port: int | None = None,
    on_ready: Callable[[str], None] = lambda url: None,
) -> None:
    """Serve the page until Ctrl-C (raised as KeyboardInterrupt) or SIGTERM; no solve outlives it.

    host: the address to listen on; other machines can reach any but the loopback address. port:
    default 8642, or any that is free where that is taken. on_ready: called with the page's address.
    Raises InputError if the address or the port cannot be had.
    """
    asyncio.run(_serve(desk, parts, host, port, on_ready))


async def _serve(
    desk: Desk, parts: Parts, host: str, port: int | None, on_ready: Callable[[str], None]
) -> None:
    sockets = _sockets(host, port)
    door = Door(host, sockets[0].getsockname()[1])
    jobs = Jobs()
    server = HTTPServer(
        application(desk, parts, door, jobs),
        max_body_size=MOST_BODY,
        max_header_size=MOST_HEADERS,
        body_timeout=BODY_SECONDS,
        idle_connection_timeout=IDLE_SECONDS,
    )
    server.add_sockets(sockets)
    ended = asyncio.Event()
    with suppress(NotImplementedError):  # Windows
        asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, ended.set)
    try:
        jobs.make_ready()
        on_ready(door.url)
        while not ended.is_set():
            with suppress(asyncio.TimeoutError):
                await asyncio.wait_for(ended.wait(), READY_SECONDS)
            if jobs.last is not None and jobs.last.ended:
                jobs.make_ready()
    finally:
        server.stop()
        jobs.close()


def check_address(host: str, port: int | None = None) -> None:
    """Raise InputError if the address or the port cannot be had, before any work is done for it."""
    for one in _sockets(host, port):
        one.close()


def _sockets(host: str, port: int | None) -> list[socket.socket]:
    try:
        return bind_sockets(USUAL_PORT if port is None else port, address=host)
    except (OSError, UnicodeError) as problem:
        with warnings.catch_warnings():
            # Tornado leaves open the socket that it could not bind; it goes with the frame.
            warnings.simplefilter("ignore", ResourceWarning)
            traceback.clear_frames(problem.__traceback__)
        number = getattr(problem, "errno", None)
        if port is None and number == errno.EADDRINUSE:
            return bind_sockets(0, address=host)
        raise InputError(_why_not(host, port, problem).found) from problem


def _why_not(host: str, port: int | None, problem: OSError | UnicodeError) -> Faults:
    """Return what is wrong with an address: its port if that is taken or kept, else its host."""
    faults = Faults()
    if isinstance(problem, OSError) and problem.errno in (errno.EADDRINUSE, errno.EACCES):
        faults.add(
            "explore",
            "--port",
            f"{USUAL_PORT if port is None else port} on {host} ({problem})",
            "a port that is free, and that this user may listen on",
            "Leave --port out to take any that is free.",
        )
    else:
        faults.add(
            "explore",
            "--host",
            f"'{host}' ({problem})",
            "an address of this machine",
            "Leave --host out to listen where only this machine can reach it.",
        )
    return faults


def application(desk: Desk, parts: Parts, door: Door, jobs: Jobs) -> Application:
    """Return the handlers of every address of the server."""
    room = {"room": _Room(desk, parts, door, jobs)}
    return Application(
        [
            ("/", _Page, room),
            ("/api/optimise", _Optimise, room),
            ("/api/job", _LastJob, room),
            ("/api/jobs/([A-Za-z0-9_-]{1,64})", _OneJob, room),
            ("/api/jobs/([A-Za-z0-9_-]{1,64})/stop", _StopJob, room),
            (".*", _Nothing, room),
        ],
        log_function=lambda handler: None,  # one line a second while a solve runs would tell nobody
    )


class _Handler(RequestHandler):
    """Checks who asks before anything else, and answers with words, in JSON, when it refuses."""

    def initialize(self, room: _Room) -> None:
        self.room = room

    def set_default_headers(self) -> None:
        for name, value in HEADERS.items():
            self.set_header(name, value)
        self.clear_header("Server")

    def prepare(self) -> None:
        headers, door = self.request.headers, self.room.door
        host, token = headers.get("Host"), headers.get(TOKEN_HEADER)
        refusal = door.refuses_host(host)
        if not refusal and self.request.method not in ("GET", "HEAD"):
            refusal = door.refuses_post(host or "", headers.get("Origin"), token)
        elif not refusal and self.request.path.startswith("/api/"):
            refusal = door.refuses_token(token)
        if refusal:
            self.refuse(403, refusal)

    def refuse(self, code: int, sentence: str, faults: list[str] | None = None) -> None:
        """Answer with a sentence that the page shows, and end."""
        self.set_status(code)
        self.tell({"error": sentence, "faults": faults or []})

    def tell(self, content: dict[str, Any]) -> None:
        """Answer in JSON, and end."""
        self.set_header("Content-Type", f"{JSON}; charset=utf-8")
        self.finish(json.dumps(content, allow_nan=False))

    def write_error(self, status_code: int, **_: Any) -> None:
        said = "Something broke; the terminal shows what." if status_code >= 500 else self._reason
        self.refuse(status_code, said)


class _Nothing(_Handler):
    def prepare(self) -> None:
        super().prepare()
        if not self._finished:
            raise HTTPError(404)


class _Page(_Handler):
    def get(self) -> None:
        nonce = secrets.token_urlsafe(16)
        self.set_header("Content-Type", "text/html; charset=utf-8")
        self.set_header(
            "Content-Security-Policy",
            f"default-src 'none'; script-src 'nonce-{nonce}'; style-src 'unsafe-inline'; "
            "img-src data: blob:; font-src data:; connect-src 'self'; base-uri 'none'; "
            "form-action 'none'; frame-ancestors 'none'",
        )
        room = self.room
        self.finish(page(room.parts, room.desk.form(), room.door.token, nonce))


class _Optimise(_Handler):
    def post(self) -> None:
        if self.request.headers.get("Content-Type", "").partition(";")[0].strip() != JSON:
            self.refuse(415, f"A request is {JSON}.")
            return
        try:
            asked = read_asked(self.request.body, self.room.desk)
            job = self.room.jobs.start(asked)
        except InputError as error:
            self.refuse(400, "This cannot be asked:", [str(fault) for fault in error.faults])
        except BusyError as error:
            self.refuse(409, str(error))
        else:
            self.set_status(202)
            self.tell(job.view())


class _LastJob(_Handler):
    def get(self) -> None:
        last = self.room.jobs.last
        self.tell({"job": None if last is None else last.view()})


class _OneJob(_Handler):
    def get(self, job_id: str) -> None:
        job = self.find(job_id)
        if job is not None:
            self.tell(job.view())

    def find(self, job_id: str) -> Job | None:
        """Return a job; answer that there is none of that id if so."""
        job = self.room.jobs.find(job_id)
        if job is None:
            self.refuse(404, "That solve is not known; another has been started since.")
        return job


class _StopJob(_OneJob):
    def get(self, job_id: str) -> None:
        raise HTTPError(405)

    def post(self, job_id: str) -> None:
        job = self.find(job_id)
        if job is not None:
            job.stop()
            self.tell(job.view())
