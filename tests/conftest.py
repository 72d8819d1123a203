"""Fixtures shared by all tests."""

import signal
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import settings

from tests.browser import Browser, list_missing_programs, open_browser

pytest_plugins = ("tests.made.cases", "tests.made.scores")

settings.register_profile("patient", deadline=None)  # a busy machine is no failure
settings.register_profile("long", deadline=None, max_examples=10_000)
settings.load_profile("patient")

# A shell starts background jobs with Ctrl-C ignored, nohup commands with the loss of the terminal,
# and a process hands that on to its children: the tests that stop one would wait for ever.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)
if signal.getsignal(signal.SIGHUP) is signal.SIG_IGN:
    signal.signal(signal.SIGHUP, signal.SIG_DFL)

REPOSITORY = Path(__file__).resolve().parent.parent


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """Real CT data that lies beside the project and is never part of it."""
    folder = REPOSITORY.parent / "shared" / "data"
    if not folder.is_dir():
        pytest.skip("no real CT data in ../shared/data")
    return folder


@pytest.fixture(scope="session")
def browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Browser]:
    """A headless Chromium; the tests of a session share it, so begin with ``browser.open``."""
    missing = list_missing_programs()
    if missing:
        pytest.skip(f"no {' and no '.join(missing)}: apt-get install chromium chromium-driver")
    with open_browser(tmp_path_factory.mktemp("chromium")) as opened:
        yield opened
