"""What a job may take of the disk."""

from liverseg.archives.received import Budget

MOST_FILES = 20_000
"""Of a job, as sent and as unpacked: some scans of a thousand slices each."""


def build_budget(num_bytes: int, num_files: int = MOST_FILES) -> Budget:
    """A budget whose messages speak of the server."""
    return Budget(
        num_bytes,
        num_files,
        limit="the limit of the server",
        next_step="Send fewer scans at a time, or start the server with a larger --limit-gib.",
    )
