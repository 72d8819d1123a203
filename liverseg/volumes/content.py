"""What a volume holds, whatever file and header it came with: the same scan under two names."""

import hashlib
from typing import Any

import numpy as np
import numpy.typing as npt

from liverseg.volumes.nifti import Volume


def hash_voxels(volume: Volume) -> str:
    """A text that two volumes share if they hold the same values.

    Neither compression, type and byte order of the file nor its header matter. Public sets hold one
    scan with its true axes and with a false identity affine, so the order of the axes is not taken
    from the header either: axes are sorted by length and content, and each is turned so that its
    content ascends. That is ambiguous where sums over whole planes are equal: in made images, never
    in scans.

    Returns:
        BLAKE2b, 32 hexadecimal digits.
    """
    digest = hashlib.blake2b(digest_size=16)
    ordered = _order_axes(volume.data)
    digest.update(repr(ordered.shape).encode())
    for plane in ordered:
        digest.update(_read_bits(plane).data)
    return digest.hexdigest()


def _order_axes(data: npt.NDArray[Any]) -> npt.NDArray[Any]:
    """A view whose axes follow from the values alone."""
    profiles = _sum_bits(data)
    backwards = [profile[::-1] < profile for profile in profiles]
    profiles = [min(profile, profile[::-1]) for profile in profiles]
    turned = data[tuple(slice(None, None, -1 if turn else 1) for turn in backwards)]
    return turned.transpose(sorted(range(3), key=lambda axis: (data.shape[axis], profiles[axis])))


def _sum_bits(data: npt.NDArray[Any]) -> list[list[int]]:
    """Sum over each plane across i, j and k: of bit patterns, since these add up exactly."""
    i_sums, j_sums = (np.zeros(length, np.int64) for length in data.shape[:2])
    k_sums = []
    for k in range(data.shape[2]):
        bits = _read_bits(data[..., k])
        along_i = bits.sum(axis=1, dtype=np.int64)
        i_sums += along_i
        j_sums += bits.sum(axis=0, dtype=np.int64)
        k_sums.append(int(along_i.sum()))
    return [i_sums.tolist(), j_sums.tolist(), k_sums]


def _read_bits(plane: npt.NDArray[Any]) -> npt.NDArray[np.int32]:
    """The values of a plane as little-endian float32, with one zero, bit by bit."""
    values = np.ascontiguousarray(plane, "<f4") + np.float32(0)  # -0 becomes 0
    return values.view("<i4")
