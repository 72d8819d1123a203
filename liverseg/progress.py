"""Progress bars on standard error, which whoever calls from Python may do without."""

from collections.abc import Collection, Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import TypeVar

Item = TypeVar("Item")

_SHOWN = ContextVar("shown", default=True)


@contextmanager
def progress_bars(shown: bool) -> Iterator[None]:
    """Show bars within, or none.

    ``TQDM_DISABLE=1`` in the environment, read when tqdm is imported, shows none anywhere.
    """
    before = _SHOWN.set(shown)
    try:
        yield
    finally:
        _SHOWN.reset(before)


def show_progress(items: Collection[Item], description: str, unit: str = "case") -> Iterable[Item]:
    """The items, with a bar that grows as they are gone through.

    Args:
        items: As many as the bar is long.
        description: In front of the bar.
        unit: What an item is.
    """
    if not _SHOWN.get():
        return items
    from tqdm import tqdm  # only here: the command line sets its variable first

    bar: tqdm[Item] = tqdm(items, desc=description, unit=unit)
    return bar
