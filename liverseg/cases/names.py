"""Names of files, folders and people as they can be shown and written, whatever they hold."""


def escape_unprintable(text: str) -> str:
    r"""The text on one line of valid UTF-8 that leaves a terminal as it is.

    What is not printable (``str.isprintable``) becomes its escape in Python: a line break ``\n``, a
    byte that is no UTF-8, which Python keeps as a lone surrogate, ``\udce9``.
    """
    return "".join(each if each.isprintable() else ascii(each)[1:-1] for each in text)
