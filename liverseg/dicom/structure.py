"""What masks outline: structures by name, and by the codes that say what they are."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
from pydicom.sr.coding import Code

from liverseg.dicom.elements import read_text
from liverseg.dicom.stack import Stack
from liverseg.labels import LESION, LIVER

LIVER_CODE = Code("10200004", "SCT", "Liver")

LESION_CODES = tuple(
    Code(value, "SCT", meaning)
    for value, meaning in (
        ("52988006", "Lesion"),
        ("4147007", "Mass"),
        ("27925004", "Nodule"),
        ("108369006", "Neoplasm"),
        ("372087000", "Neoplasm, Primary"),
        ("86049000", "Neoplasm, Primary"),
        ("14799000", "Neoplasm, Secondary"),
        ("128462008", "Metastasis"),
        ("25370001", "Hepatocellular carcinoma"),
    )
)
"""Of PS3.16, CID 7159 (Lesion Segmentation Types) and SNOMED CT; cysts, abscesses, bleedings and
necroses of that list are no tumours, but whoever wants them names them."""


@dataclass(frozen=True)
class Structure:
    """Something that is outlined in a scan.

    Attributes:
        name: As its author called it.
        coded: The label that its code stands for; None without one, or for any other.
        draw: Sets its voxels in a mask (i, j, slice) of a stack.
    """

    name: str
    coded: int | None
    draw: Callable[[npt.NDArray[np.bool_], Stack], None]


def find_coded_label(types: Sequence[Any], regions: Sequence[Any]) -> int | None:
    """The label that coded types stand for; None for all but the liver and lesions of it.

    Codes of SNOMED-RT (``SRT``), as files of before 2018 have them, count as their SNOMED CT ones.

    Args:
        types: Items of a code sequence that say what it is.
        regions: Those that say where; empty where nothing is said.
    """
    codes = [_read_code(item) for item in types]
    if LIVER_CODE in codes:
        return LIVER
    in_liver = not regions or any(_is_hepatic(item) for item in regions)
    return LESION if in_liver and any(code in LESION_CODES for code in codes) else None


def _read_code(item: Any) -> Code:
    value, scheme, meaning = (
        read_text(item, keyword)
        for keyword in ("CodeValue", "CodingSchemeDesignator", "CodeMeaning")
    )
    return Code(value, scheme, meaning)


def _is_hepatic(region: Any) -> bool:
    """Whether a region is the liver or a part of it, by its code or by its meaning."""
    code = _read_code(region)
    return code == LIVER_CODE or any(word in code.meaning.lower() for word in ("liver", "hepat"))
