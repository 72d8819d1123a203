"""Texts of many cases, short: columns that stand below each other, notes that are said once."""

from collections.abc import Mapping, Sequence

MAX_SHOWN_CASES = 5


def format_columns(titles: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """A line of titles and a line a row, every column as wide as its widest cell."""
    lines = [titles, *rows]
    widths = [max(map(len, cells)) for cells in zip(*lines, strict=True)]
    return "\n".join("  ".join(map(str.ljust, line, widths)).rstrip() for line in lines)


def format_notes(notes: Mapping[str, Sequence[str]]) -> list[str]:
    """A line for each note, with the cases that it holds for.

    Args:
        notes: Of each case.

    Examples:
        >>> format_notes({"1": ["no mask"], "2": ["no mask", "odd"]})
        ['1, 2: no mask', '2: odd']
    """
    groups: dict[str, list[str]] = {}
    for case_id, its_notes in notes.items():
        for note in its_notes:
            groups.setdefault(note, []).append(case_id)
    return [
        f"{', '.join(ids[:MAX_SHOWN_CASES])}"
        f"{f' and {len(ids) - MAX_SHOWN_CASES} more' if ids[MAX_SHOWN_CASES:] else ''}: {note}"
        for note, ids in groups.items()
    ]
