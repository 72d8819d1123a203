"""JSON files, written whole and read without trust in what they hold."""

import json
from pathlib import Path
from typing import Any

from liverseg.names import encode_name
from liverseg.outputs import whole_file
from liverseg.regular_files import read_regular

LARGEST_BYTES = 256 * 2**20


def write_json(
    path: Path, content: object, *, indent: int | None = 2, sort_keys: bool = False
) -> None:
    """Write a file that appears whole or not at all; equal contents give equal bytes.

    Names in it may hold bytes that are no UTF-8: see ``encode_name``.

    Raises:
        ValueError: A number is NaN or infinite, which JSON does not know.
    """
    text = json.dumps(
        _encode_names(content),
        indent=indent,
        sort_keys=sort_keys,
        allow_nan=False,
    )
    with whole_file(path) as partial:
        partial.write_text(f"{text}\n", encoding="utf-8")


def read_json(path: Path) -> Any:
    """The value that a file holds, its names as they are written.

    Raises:
        OSError: It cannot be read, or is no regular file.
        ValueError: It is larger than ``LARGEST_BYTES`` or no JSON in UTF-8.
    """
    content = read_regular(path, LARGEST_BYTES)
    try:
        return json.loads(content.decode("utf-8"))
    except RecursionError:
        raise ValueError("values nested too deep") from None


def _encode_names(content: object) -> object:
    if isinstance(content, str):
        return encode_name(content)
    if isinstance(content, dict):
        return {
            encode_name(key) if isinstance(key, str) else key: _encode_names(value)
            for key, value in content.items()
        }
    if isinstance(content, list | tuple):
        return [_encode_names(value) for value in content]
    return content
