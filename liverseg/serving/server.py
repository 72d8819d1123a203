"""The server of the page, from its start to the removal of all that it was sent."""

import re
import secrets
import signal
import socket
from contextlib import closing

import uvicorn

from liverseg.archives.private_folder import private_folder
from liverseg.errors import DataError
from liverseg.serving.app import build_app
from liverseg.serving.guard import Guard, is_loopback, tell_hosts
from liverseg.serving.queue import JobOptions, JobQueue
from liverseg.viewing.server import announce

PREFIX = "liverseg-serve-"

TOKEN = re.compile(r"[A-Za-z0-9_-]{16,200}")
PATIENCE_S = 2
"""How long answers that are under way may take once the server is asked to end."""


def choose_token(host: str, token: str | None) -> str:
    """The token that was given, or a new one where only this machine can ask.

    Raises:
        DataError: It is missing at an address that others reach, or is no token.
    """
    if token is None:
        if is_loopback(host):
            return secrets.token_urlsafe(16)
        received = "none, at an address that other machines reach"
    elif TOKEN.fullmatch(token):
        return token
    else:
        received = f"{len(token)} characters, or others"
    raise DataError(
        f"the token for {host}",
        expected="16 to 200 letters, digits, - and _",
        received=received,
        next_step='Make one: export LIVERSEG_TOKEN="$(openssl rand -hex 16)". Or leave out --host.',
    )


def serve(
    host: str,
    port: int,
    *,
    token: str,
    options: JobOptions,
    opens_browser: bool,
) -> None:
    """Print the address on standard output and serve the page until Ctrl-C.

    Args:
        host: Where to listen.
        port: Likewise, 0 for a free one.
        token: The first part of every path.
        options: Of all jobs.
        opens_browser: Lead the browser there.

    Raises:
        DataError: The address cannot be had.
    """
    with (
        closing(_listen(host, port)) as listening,
        private_folder(PREFIX) as folder,
    ):
        port = listening.getsockname()[1]
        app = build_app(JobQueue(folder, options), token)
        config = uvicorn.Config(
            Guard(app, token, tell_hosts(host, port)),
            access_log=False,  # paths hold the token
            http="h11",
            log_level="error",
            proxy_headers=False,
            server_header=False,
            timeout_graceful_shutdown=PATIENCE_S,
            ws="none",
        )
        with announce(f"http://{_name_host(host)}:{port}/{token}/", opens_browser=opens_browser):
            _end_on_hangup()
            uvicorn.Server(config).run([listening])


def _name_host(host: str) -> str:
    """Under which name the browser asks; of all addresses of the machine, its own."""
    if host in {"0.0.0.0", "::"}:
        return socket.gethostname().lower()
    return f"[{host}]" if ":" in host else host


def _end_on_hangup() -> None:
    """Let a terminal that is closed end the server in the one way that it knows."""
    if signal.getsignal(signal.SIGHUP) != signal.SIG_IGN:  # as under nohup
        signal.signal(signal.SIGHUP, lambda *_: signal.raise_signal(signal.SIGTERM))


def _listen(host: str, port: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        return socket.create_server((host, port), family=family)
    except (OSError, OverflowError) as error:
        raise DataError(
            f"{host}:{port}",
            expected="an address of this machine with a free port",
            received=str(error),
            next_step="Choose others with --host and --port.",
        ) from None
