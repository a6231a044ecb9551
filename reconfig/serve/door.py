"""Who may ask the local server: the page that it made, in a browser that called it by its name."""

from __future__ import annotations

import ipaddress
import secrets
import socket
from dataclasses import dataclass, field

LOCAL_NAME = "localhost"
TOKEN_HEADER = "X-Reconfig-Token"


@dataclass(frozen=True)
class Door:
    """What a request must show. host: the address that is served; port: after binding.

    token: in the page, and needed with whatever the page asks for: pages from elsewhere, which a
    browser lets send but not read, do not have it.
    """

    host: str
    port: int
    token: str = field(default_factory=lambda: secrets.token_urlsafe(32))

    def refuses_host(self, header: str | None) -> str:
        """Say why a Host header is refused, "" if it is not.

        A name that is not the server's may be another site's, pointed here so that a browser takes
        this server for a part of that site (DNS rebinding). An address cannot be pointed elsewhere,
        so where the server listens on all addresses of the machine any address will do.
        """
        name, port = _host_and_port(header or "")
        if port == self.port and self._is_ours(name):
            return ""
        shown = header or "none"
        return f"This server is {self.url}; it does not answer to the name {shown[:80]!r}."

    def refuses_post(self, host: str, origin: str | None, token: str | None) -> str:
        """Say why what a page asks for is refused, "" if it is not. host: the Host header."""
        if origin is None or origin.casefold() != f"http://{host.casefold()}":
            return "Only the page that this server made may ask it anything."
        return self.refuses_token(token)

    def refuses_token(self, token: str | None) -> str:
        """Say why a token is refused, "" if it is not."""
        if token is not None and secrets.compare_digest(token.encode(), self.token.encode()):
            return ""
        return "This page is of another run of the server. Load it again."

    @property
    def url(self) -> str:
        """Where a browser on this machine finds the page."""
        host = LOCAL_NAME if _is_every_address(self.host) else self.host
        shown = f"[{host}]" if ":" in host else host
        return f"http://{shown}:{self.port}/"

    def _is_ours(self, name: str) -> bool:
        if name == self.host.casefold() or (is_loopback(self.host) and name == LOCAL_NAME):
            return True
        if not _is_every_address(self.host):
            return False
        return name in (LOCAL_NAME, socket.gethostname().casefold()) or _address(name) is not None


def is_loopback(host: str) -> bool:
    """Say whether only this machine can reach an address."""
    address = _address(host)
    return host.casefold() == LOCAL_NAME if address is None else address.is_loopback


def _is_every_address(host: str) -> bool:
    address = _address(host)
    return not host or (address is not None and address.is_unspecified)


def _address(host: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    try:
        return ipaddress.ip_address(host)
    except ValueError:
        return None


def _host_and_port(header: str) -> tuple[str, int | None]:
    """Return the name and port of a Host header; port 80 where it has none."""
    name, colon, port = header.rpartition(":")
    if not colon or header.endswith("]"):
        name, port = header, "80"
    name = name.removeprefix("[").removesuffix("]") if name.startswith("[") else name
    return name.casefold(), int(port) if port.isascii() and port.isdigit() else None
