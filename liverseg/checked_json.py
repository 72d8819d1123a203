"""JSON files from anywhere, read into the type that they should hold."""

from pathlib import Path
from typing import TypeVar

from pydantic import ConfigDict, TypeAdapter, ValidationError

from liverseg.names import escape_unprintable
from liverseg.regular_files import read_regular

LARGEST_BYTES = 2**20
"""More than any description takes."""

STRICT = ConfigDict(strict=True, extra="forbid", allow_inf_nan=False)
"""For the ``__pydantic_config__`` of dataclasses that are read: as ``params.Section`` is."""

Value = TypeVar("Value")


def read_checked(path: Path, kind: TypeAdapter[Value], largest_bytes: int = LARGEST_BYTES) -> Value:
    """What a file holds, checked against its type.

    Raises:
        OSError: It cannot be read, or is no regular file.
        ValueError: It is too large, no JSON or of another type; the message names the key of the
            first problem.
    """
    return check_json(read_regular(path, largest_bytes), kind)


def check_json(content: bytes, kind: TypeAdapter[Value]) -> Value:
    """The value of a JSON text.

    Raises:
        ValueError: It is no JSON or of another type; the message names the key.
    """
    try:
        return kind.validate_json(content)
    except ValidationError as error:
        raise ValueError(_describe(error)) from None


def describe_problem(error: OSError | ValueError) -> str:
    """Why a file was not read, in words that follow its name."""
    return str(error.strerror).lower() if isinstance(error, OSError) else str(error)


def _describe(error: ValidationError) -> str:
    problem = error.errors(include_url=False)[0]
    key = escape_unprintable(".".join(map(str, problem["loc"])))[:100]
    message = problem["msg"].removeprefix("Value error, ")
    where = f"{key}: " if key else ""
    if problem["type"] in ("json_invalid", "missing") or "Received" in message:
        return where + message
    return f"{where}{message}, not {_shorten(problem['input'])}"


def _shorten(value: object) -> str:
    try:
        text = repr(value)
    except ValueError:  # Python writes out no number of more than 4300 digits
        return "a number of thousands of digits"
    return text if len(text) <= 60 else f"{text[:60]}..."
