"""The viewer served to this machine alone: one page and its files, at an address nobody guesses.

Every user of a machine can ask its ports, and see the command lines of its processes; so can web
pages, through the browser that shows them. What is served lies under a secret path, the browser is
started with the name of a file that only its user can read, and requests that another page had a
part in are refused.
"""

import secrets
import shutil
import sys
import webbrowser
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from io import BytesIO
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import Any, BinaryIO

from liverseg.viewing.own_requests import is_own_request
from liverseg.viewing.page import build_page, build_way
from liverseg.viewing.scene import Scene

LOCAL_ADDRESS = "127.0.0.1"

HEADERS = {
    "Cache-Control": "no-store",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
}


class ViewServer(ThreadingHTTPServer):
    """Serves one scene on a free port of 127.0.0.1; nothing else can be asked for."""

    daemon_threads = True

    def __init__(self, scene: Scene) -> None:
        super().__init__((LOCAL_ADDRESS, 0), _Handler)
        root = f"/{secrets.token_urlsafe(16)}/"
        self.hosts = tuple(f"{name}:{self.server_port}" for name in (LOCAL_ADDRESS, "localhost"))
        self.address = f"http://{self.hosts[0]}{root}"
        self.contents: Mapping[str, Path | bytes] = {
            root: build_page(scene).encode(),
            **{f"{root}file-{number}": path for number, path in enumerate(scene.files)},
        }

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Say nothing where a reader left before the end of an answer."""
        if not isinstance(sys.exception(), ConnectionError):
            super().handle_error(request, client_address)


class _Handler(BaseHTTPRequestHandler):
    server: ViewServer

    def do_GET(self) -> None:
        """The page or a file, else 404; so too for a file that has gone since, 403 for others."""
        if not is_own_request(self.headers.get, self.server.hosts.__contains__):
            self.send_error(HTTPStatus.FORBIDDEN)
            return
        try:
            content = self.server.contents[self.path]
            file = _open(content)
        except (KeyError, OSError):
            self.send_error(HTTPStatus.NOT_FOUND)
            return
        is_page = isinstance(content, bytes)
        kind = "text/html; charset=utf-8" if is_page else "application/octet-stream"
        with file:
            length = file.seek(0, 2)
            file.seek(0)
            self.send_response(HTTPStatus.OK)
            self.send_header("Content-Type", kind)
            self.send_header("Content-Length", str(length))
            self.end_headers()
            shutil.copyfileobj(file, self.wfile)

    def end_headers(self) -> None:
        """End them with those of every answer."""
        for name, value in HEADERS.items():
            self.send_header(name, value)
        super().end_headers()

    def log_message(self, *_arguments: object) -> None:
        """Say nothing of each request."""


def _open(content: Path | bytes) -> BinaryIO:
    return BytesIO(content) if isinstance(content, bytes) else content.open("rb")


def serve_scene(scene: Scene, *, opens_browser: bool) -> None:
    """Print the address on standard output and serve it until Ctrl-C."""
    with ViewServer(scene) as server, announce(server.address, opens_browser=opens_browser):
        server.serve_forever()


@contextmanager
def announce(address: str, *, opens_browser: bool) -> Iterator[None]:
    """Print the address; the browser finds it in a file of its user's for as long as the block."""
    with NamedTemporaryFile("w", suffix=".html") as way:  # mode 0600
        print(address, flush=True)
        if opens_browser:
            way.writelines(build_way(address))
            way.flush()
            webbrowser.open(Path(way.name).as_uri())
        yield
