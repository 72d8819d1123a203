"""The file of a model's weights, which may come from elsewhere, looked at before it is read."""

import math
from pathlib import Path

import h5py


def measure_weights_file(path: Path) -> int:
    """The bytes of a file whose weights lie in it, and take no more than it does.

    Raises:
        OSError: It cannot be read, or is no HDF5 file.
        ValueError: It is no regular file, or its weights lie elsewhere or are larger than it.
    """
    num_bytes = path.stat().st_size
    if not path.is_file():  # opening a pipe would wait for ever
        raise ValueError(f"{path.name} is no regular file")
    sizes: list[int] = []

    def find_link(name: str, link: h5py.HardLink | h5py.SoftLink | h5py.ExternalLink) -> str | None:
        return None if isinstance(link, h5py.HardLink) else name

    def measure(name: str, item: h5py.Dataset | h5py.Group) -> str | None:
        if isinstance(item, h5py.Dataset):
            sizes.append(math.prod(item.shape) * item.dtype.itemsize)
            return name if item.external or item.is_virtual else None
        return None

    with h5py.File(path, "r") as file:  # h5py crashes at an error in a visit
        elsewhere = file.visititems_links(find_link) or file.visititems(measure)
    if elsewhere:
        raise ValueError(f"{elsewhere[:60]!r} in {path.name} lies elsewhere")
    if sum(sizes) > num_bytes:
        raise ValueError(f"{sum(sizes):.6g} bytes of weights in a file of {num_bytes}")
    return num_bytes
