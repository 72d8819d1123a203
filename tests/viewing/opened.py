"""A page of the viewer in a browser: is it ready, did it complain?"""

import time

from tests.browser import Browser

SPEED_MESSAGE = "GL Driver Message"  # of the WebGL in software, on its own speed
WAIT_SECONDS = 60


def wait_until_ready(browser: Browser) -> None:
    """Wait until scan and masks are drawn."""
    deadline = time.monotonic() + WAIT_SECONDS
    while browser.run("return document.body.dataset.state") is None:
        assert time.monotonic() < deadline
        time.sleep(0.1)
    assert browser.run("return document.body.dataset.state") == "ready", browser.list_errors()


def list_errors(browser: Browser) -> list[str]:
    """What the page complained of."""
    return [message for message in browser.list_errors() if SPEED_MESSAGE not in message]
