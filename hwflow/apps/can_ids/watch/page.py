"""A live page of what is being watched: one page, and what it asks for once a second."""

import json
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from importlib.resources import files
from ipaddress import ip_address

from hwflow.errors import UserError

LOOPBACK = "127.0.0.1"
# Nothing but what the page itself holds, whatever an alarm says.
_POLICY = "default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'; connect-src 'self'"


@contextmanager
def live_page(place: str, state: Callable[[], dict[str, object]]) -> Iterator[str]:
    """Serve the page at `[HOST:]PORT` (port 0: any that is free) until the block ends; yields its address.

    state: what the page shows now, as JSON values; asked for from other threads. Raises UserError if there is no such place
    or it cannot be listened at.
    """
    host, port = _place(place)
    page = files(__package__).joinpath("page.html").read_bytes()

    class Handler(_Handler):
        def content(self) -> tuple[str, bytes] | None:
            if self.path == "/":
                return "text/html; charset=utf-8", page
            if self.path == "/state.json":
                return "application/json", json.dumps(state()).encode()
            return None

    class Server(ThreadingHTTPServer):
        address_family = socket.AF_INET6 if ":" in host else socket.AF_INET
        daemon_threads = True

    try:
        server = Server((host, port), Handler)
    except (OSError, OverflowError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise UserError(f"The page cannot be served at {place} ({reason}); give another --http [HOST:]PORT.") from None
    thread = threading.Thread(target=server.serve_forever, args=(0.1,), daemon=True)
    thread.start()
    try:
        shown = f"[{host}]" if ":" in host else host
        yield f"http://{shown}:{server.server_address[1]}/"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


class _Handler(BaseHTTPRequestHandler):
    """Reads only, and answers those who call this machine by an address or as localhost.

    A site elsewhere whose name was made to mean this machine does not get to see what is watched.
    """

    protocol_version = "HTTP/1.1"

    def content(self) -> tuple[str, bytes] | None:
        """Type and bytes of what `path` names; None if nothing is there."""
        raise NotImplementedError

    def do_GET(self) -> None:
        if not _is_address(self.headers.get("Host", "")):
            self._answer(403, "text/plain", b"Open this page by the machine's address.\n")
        elif found := self.content():
            self._answer(200, *found)
        else:
            self._answer(404, "text/plain", b"There is / and /state.json.\n")

    def _answer(self, status: int, kind: str, body: bytes) -> None:
        self.send_response(status)
        headers = {"Content-Type": kind, "Content-Length": str(len(body)), "Cache-Control": "no-store",
                   "Content-Security-Policy": _POLICY, "X-Content-Type-Options": "nosniff"}  # fmt: skip
        for name, value in headers.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:
        """Nothing: standard error is for what goes wrong."""


def _place(text: str) -> tuple[str, int]:
    host, _, port = text.rpartition(":")
    if not port.isdecimal() or int(port) > 65535:
        raise UserError(f"{text!r:.60} is no place for the page; give --http PORT or --http HOST:PORT.")
    return host.strip("[]") or LOOPBACK, int(port)


def _is_address(host: str) -> bool:
    name = host[1:].partition("]")[0] if host.startswith("[") else host.partition(":")[0]
    try:
        ip_address(name)
    except ValueError:
        return name == "localhost"
    return True
