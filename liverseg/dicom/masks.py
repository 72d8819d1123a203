"""Labels of a scan: the structures that are outlined in it, told by name or by code."""

from collections.abc import Iterable, Sequence

import numpy as np

from liverseg.dicom.contours import list_contoured
from liverseg.dicom.mask_folders import list_structures
from liverseg.dicom.references import MaskHeader
from liverseg.dicom.segmentation import list_segments
from liverseg.dicom.series import Series
from liverseg.dicom.stack import Stack
from liverseg.dicom.structure import Structure
from liverseg.errors import DataError
from liverseg.imported import NamedLabels
from liverseg.labels import LESION, LIVER
from liverseg.names import escape_unprintable
from liverseg.volumes.structure_names import LIVER_NAMES, Patterns


def build_labels(
    series: Series, stack: Stack, masks: Sequence[MaskHeader], patterns: Patterns
) -> NamedLabels | None:
    """The labels of a scan from the masks that outline it; None without any.

    Args:
        series: The scan.
        stack: Its slices.
        masks: DICOM-SEGs and RTSTRUCTs, those of other scans too. Masks of 3D-IRCADb-1 and CHAOS
            are found by their place.
        patterns: Which structures are liver and lesion.

    Raises:
        DataError: A mask cannot be read or does not lie on the slices, or none is a liver.
    """
    structures = [structure for mask in masks if series.has(mask) for structure in _list(mask)]
    if series.mask_folder:
        structures.extend(list_structures(series.mask_folder))
    if not structures:
        return None
    told = [(each, patterns.find_label(each.name, each.coded)) for each in structures]
    livers = [each for each, label in told if label == LIVER]
    lesions = [each for each, label in told if label == LESION]
    unused = [each for each, label in told if label is None]
    if not livers:
        raise DataError(
            series.name,
            expected=f"a structure named like {' or '.join(patterns.liver or LIVER_NAMES)}",
            received=", ".join(_show_names(structures)),
            next_step="Name the liver's by --liver, the lesions' by --lesion.",
        )
    labels = np.zeros(stack.shape, np.uint8, order="F")
    for label, selected in ((LIVER, livers), (LESION, lesions)):
        mask = np.zeros(stack.shape, np.bool_, order="F")
        for structure in selected:
            structure.draw(mask, stack)
        labels[mask] = label
    return NamedLabels(labels, _show_names(livers), _show_names(lesions), _show_names(unused))


def _list(mask: MaskHeader) -> list[Structure]:
    return list_contoured(mask.path) if mask.kind == "RTSTRUCT" else list_segments(mask.path)


def _show_names(structures: Iterable[Structure]) -> tuple[str, ...]:
    """Names in order, each once and on one line whatever a header holds."""
    return tuple(escape_unprintable(name) for name in sorted({each.name for each in structures}))
