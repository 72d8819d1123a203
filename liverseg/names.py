r"""Names of files, folders and people as they can be shown and written, whatever they hold.

A byte of a name that is no UTF-8 stands in Python's text as a lone surrogate, 0xE9 as ``\udce9``,
which no file in UTF-8 can hold. There it is written as that escape, in six letters.
"""

import re

_SURROGATE = re.compile(r"(\\*)([\udc80-\udcff])|(\\+)(?=udc[89a-f][0-9a-f])")
_ESCAPE = re.compile(r"(\\+)(udc[89a-f][0-9a-f])")


def escape_unprintable(text: str) -> str:
    r"""The text on one line that leaves a terminal as it is.

    What is not printable (``str.isprintable``) becomes its escape in Python, a line break ``\n``.
    Bytes that are no UTF-8 stay: whoever writes the text down escapes them, so that once is enough.
    """
    return "".join(
        each if each.isprintable() or "\udc80" <= each <= "\udcff" else ascii(each)[1:-1]
        for each in text
    )


def encode_name(text: str) -> str:
    r"""A text that any file in UTF-8 can hold, from which ``decode_name`` makes the text again.

    It differs only where bytes are no UTF-8, or where the text looks like their escape: backslashes
    before either are doubled.
    """

    def escape(match: re.Match[str]) -> str:
        backslashes, surrogate, plain = match.groups()
        if surrogate is None:
            return str(plain) * 2
        return f"{backslashes * 2}\\{ascii(surrogate)[2:-1]}"

    return _SURROGATE.sub(escape, text)


def decode_name(text: str) -> str:
    """The text that ``encode_name`` was given."""

    def restore(match: re.Match[str]) -> str:
        count, escape = len(match[1]), match[2]
        last = chr(int(escape[1:], 16)) if count % 2 else escape
        return "\\" * (count // 2) + last

    return _ESCAPE.sub(restore, text)
