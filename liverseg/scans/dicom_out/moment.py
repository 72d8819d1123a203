"""When a result was made: by the clock, or as the environment says."""

import os
from datetime import UTC, datetime

from liverseg.errors import DataError

VARIABLE = "SOURCE_DATE_EPOCH"
"""Seconds since 1970 in UTC that stand in for the clock (reproducible-builds.org)."""


def read_moment() -> datetime:
    """Now in local time, as DICOM means times without a zone; where ``VARIABLE`` is set that, UTC.

    Raises:
        DataError: The variable holds no number of seconds, or one beyond the year 9999.
    """
    text = os.environ.get(VARIABLE)
    if text is None:
        return datetime.now()
    try:
        if not (text.isascii() and text.isdigit()):
            raise ValueError
        return datetime.fromtimestamp(int(text), UTC)
    except (ValueError, OverflowError, OSError):
        raise DataError(
            VARIABLE,
            expected="whole seconds since 1970, until the year 9999",
            received=repr(text),
            next_step="Set it so, such as to that of `git log -1 --format=%ct`, or unset it.",
        ) from None
