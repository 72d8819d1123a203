"""The viewer served to this machine alone: one page and its files, at an address nobody guesses."""

import secrets
import shutil
import sys
import webbrowser
from collections.abc import Mapping
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from io import BytesIO
from pathlib import Path
from typing import Any, BinaryIO

from liverseg.viewing.page import build_page
from liverseg.viewing.scene import Scene

LOCAL_ADDRESS = "127.0.0.1"


class ViewServer(ThreadingHTTPServer):
    """Serves one scene on a free port of 127.0.0.1; nothing else can be asked for."""

    daemon_threads = True

    def __init__(self, scene: Scene) -> None:
        super().__init__((LOCAL_ADDRESS, 0), _Handler)
        root = f"/{secrets.token_urlsafe(16)}/"
        self.address = f"http://{LOCAL_ADDRESS}:{self.server_port}{root}"
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
        """The page or a file, else 404; so too for a file that has gone since."""
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
            self.send_header("Cache-Control", "no-store")
            self.send_header("Referrer-Policy", "no-referrer")
            self.send_header("X-Content-Type-Options", "nosniff")
            self.end_headers()
            shutil.copyfileobj(file, self.wfile)

    def log_message(self, *_arguments: object) -> None:
        """Say nothing of each request."""


def _open(content: Path | bytes) -> BinaryIO:
    return BytesIO(content) if isinstance(content, bytes) else content.open("rb")


def serve_scene(scene: Scene, *, opens_browser: bool) -> None:
    """Print the address on standard output and serve it until Ctrl-C."""
    with ViewServer(scene) as server:
        print(server.address, flush=True)
        if opens_browser:
            webbrowser.open(server.address)
        server.serve_forever()
