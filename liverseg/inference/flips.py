"""Mirror images of a slice, for the mean over them; needs no TensorFlow."""

from liverseg.params import Flips

_ROWS, _COLUMNS = 1, 2  # axes of a batch: front to back, and the patient's right to left

MIRRORED_AXES: dict[Flips, tuple[tuple[int, ...], ...]] = {
    "none": ((),),
    "horizontal": ((), (_COLUMNS,)),
    "all": ((), (_COLUMNS,), (_ROWS,), (_ROWS, _COLUMNS)),
}
"""Axes to mirror, one entry a pass. ``horizontal`` is the flip that training shows by default,
``all`` is nnU-Net's mirroring in two dimensions."""
