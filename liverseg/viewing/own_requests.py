"""Which requests come from the page that is served, or from who opens it; no other page's do."""

from collections.abc import Callable
from urllib.parse import urlsplit


def is_own_request(
    get_header: Callable[[str], str | None], is_own_host: Callable[[str], bool]
) -> bool:
    """Whether the page itself asks, or who opens it: no other page, under no other name.

    A name of somebody else's may be made to lead here (DNS rebinding): then it is the host.

    Args:
        get_header: A header by its name, in capital letters or not; None where it is missing.
        is_own_host: Whether a host with its port, in small letters, is this server.
    """
    host = (get_header("Host") or "").lower()
    if not is_own_host(host):
        return False
    senders = [sender for name in ("Origin", "Referer") if (sender := get_header(name)) is not None]
    if any(urlsplit(sender)[:2] != ("http", host) for sender in senders):
        return False
    is_opened = get_header("Sec-Fetch-Dest") == "document"  # in a tab, by any link
    return is_opened or (get_header("Sec-Fetch-Site") or "none") in {"none", "same-origin"}
