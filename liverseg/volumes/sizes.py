"""What a header promises, held against the size of its file and the memory of the machine."""

import math
from pathlib import Path

import psutil

from liverseg.errors import DataError
from liverseg.volumes.compression import is_gzip
from liverseg.volumes.memory_limit import find_container_memory

GZIP_RATIO = 1032
"""DEFLATE makes no more than this many bytes of one (zlib.net, "zlib Technical Details")."""

RESULT_BYTES = 4
"""Of a voxel once it is read: float32 at most."""


def check_promise(path: Path, num_bytes: int) -> None:
    """Check that a file can hold so many bytes, for a gzip file at the best possible compression.

    Raises:
        DataError: It cannot.
    """
    size = path.stat().st_size
    largest = size * GZIP_RATIO if is_gzip(path) else size
    if num_bytes > largest:
        unpacked = f", at most {largest} once decompressed" if largest != size else ""
        raise DataError(
            str(path),
            expected=f"the {num_bytes} bytes that its header promises",
            received=f"{size} bytes{unpacked}",
            next_step="Fetch or convert it again.",
        )


def check_memory(path: Path, shape: tuple[int, int, int], voxel_bytes: int) -> None:
    """Check that the free memory holds a volume as it is stored and as it is read, side by side.

    The limit is that of the machine, or of the container where that is lower; workers share it.

    Args:
        path: Of the volume, for the message.
        shape: Of the volume.
        voxel_bytes: Of a voxel as it is stored.

    Raises:
        DataError: It does not.
    """
    needed = math.prod(shape) * (voxel_bytes + RESULT_BYTES)
    available = min(psutil.virtual_memory().available, find_container_memory())
    if needed > available:
        raise DataError(
            str(path),
            expected=f"a volume that fits in the {available / 1e9:.1f} GB of free memory",
            received=f"{' x '.join(str(length) for length in shape)} voxels, which take "
            f"{needed / 1e9:.1f} GB to read",
            next_step="Give it more memory.",
        )
