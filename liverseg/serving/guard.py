"""What stands before every answer: whose request it is, and what browsers may do with it."""

import ipaddress
import re
import secrets
import socket
from collections.abc import Callable

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from liverseg.viewing.own_requests import is_own_request
from liverseg.viewing.server import HEADERS

HTTP_PORT = 80
NETLOC = re.compile(r"(?:\[([0-9a-f:.]+)\]|([^\[\]:@/]+))(?::([0-9]{1,5}))?")
"""An address of IPv6, or a name or another address; and the port."""

SAFE_METHODS = {"GET", "HEAD"}

PAGE_POLICY = "frame-ancestors 'none'; object-src 'none'; base-uri 'none'; form-action 'none'"
"""Of pages, which carry a stricter one each that knows their scripts and styles by hash."""

FILE_POLICY = "default-src 'none'; frame-ancestors 'none'; sandbox"


class Guard:
    """Passes requests on that know the token and come from the page itself, or who opens it.

    Others get 403, or 404 where the token at the start of the path is missing or wrong.

    Args:
        app: What answers the rest.
        token: The first part of all paths.
        is_own_host: Whether a host with its port is this server.
    """

    def __init__(self, app: ASGIApp, token: str, is_own_host: Callable[[str], bool]) -> None:
        self._app, self._token, self._is_own_host = app, token, is_own_host

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer, or let it be answered."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return

        async def send_guarded(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                is_page = headers.get("Content-Type", "").startswith("text/html")
                headers["Content-Security-Policy"] = PAGE_POLICY if is_page else FILE_POLICY
                headers.update(HEADERS)
            await send(message)

        app = self._choose_app(scope)
        await app(scope, receive, send_guarded)

    def _choose_app(self, scope: Scope) -> ASGIApp:
        headers = Headers(scope=scope)
        is_known = scope["method"] in SAFE_METHODS or "Origin" in headers  # browsers always say it
        if not (is_known and is_own_request(headers.get, self._is_own_host)):
            return PlainTextResponse("This page takes requests from itself alone.", 403)
        first = str(scope["path"]).split("/")[1:2]
        if not first or not secrets.compare_digest(first[0].encode(), self._token.encode()):
            return PlainTextResponse("Not found.", 404)
        return self._app


def is_loopback(host: str) -> bool:
    """Whether only this machine can ask there."""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def tell_hosts(host: str, port: int) -> Callable[[str], bool]:
    """Whether the header ``Host`` of a request, in small letters, can be that of this server.

    Of one that other machines reach, any address may be its own: no page can make one lead here, as
    it can a name of its own.

    Args:
        host: Where it listens.
        port: Likewise.
    """
    names = {host.lower(), "localhost"}
    is_private = is_loopback(host)
    names |= {"127.0.0.1", "::1"} if is_private else {socket.gethostname().lower()}

    def is_own(netloc: str) -> bool:
        match = NETLOC.fullmatch(netloc)
        if match is None or int(match[3] or HTTP_PORT) != port:
            return False
        name = match[1] or match[2]
        return name in names or (not is_private and _is_address(name))

    return is_own


def _is_address(name: str) -> bool:
    try:
        ipaddress.ip_address(name)
    except ValueError:
        return False
    return True
