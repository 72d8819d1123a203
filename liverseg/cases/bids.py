"""BIDS: scans below their subjects, masks in derivatives, and what values of masks are called.

Sources: bids-specification.readthedocs.io, "Imaging data types and derivatives" (discrete
segmentations, ``dseg``), "Common principles" (inheritance), and BEP 24 (CT, suffix ``ct``).
"""

from pathlib import Path, PurePosixPath
from typing import Literal

from liverseg.errors import DataError
from liverseg.labels import BACKGROUND, LIVER
from liverseg.regular_files import read_regular
from liverseg.volumes.nifti_file import find_stem
from liverseg.volumes.structure_names import LESION_NAMES, Patterns

DERIVATIVES = "derivatives"
SCAN_SUFFIX, MASK_SUFFIX = "ct", "dseg"

OF_DERIVATIVES = {"space", "res", "den", "label", "desc", "atlas", "seg"}
"""Entities by which a derivative differs from the name of its scan."""

NAMES = Patterns(lesion=(*LESION_NAMES, "lesion*", "tumo*r*"))
LARGEST_BYTES = 2**20


def parse_bids(file: PurePosixPath) -> tuple[Literal["scan", "mask"], str] | None:
    """Scan or mask, and the id of its case: ``sub-01_ses-2``, and other entities of the scan.

    A scan lies below the folder of its subject, a mask besides below ``derivatives``.
    """
    *entities, suffix = (find_stem(file.name) or "").split("_")
    if not entities or not entities[0].startswith("sub-") or entities[0] not in file.parts:
        return None
    if DERIVATIVES not in file.parts:
        return ("scan", "_".join(entities)) if suffix.lower() == SCAN_SUFFIX else None
    own = [each for each in entities if each.partition("-")[0] not in OF_DERIVATIVES]
    return ("mask", "_".join(own)) if suffix.lower() == MASK_SUFFIX else None


def find_subject(case_id: str) -> str:
    """The patient of a case."""
    return case_id.partition("_")[0]


def read_lookup(root: Path, mask: PurePosixPath) -> tuple[tuple[int, int], ...]:
    """Labels of the values of a mask, by their names in the nearest ``dseg.tsv``; all if none.

    That is a file of the same entities or some of them, in the folder of the mask or above it.
    Names other than the liver's and those of its lesions are background.

    Args:
        root: Root of the data set.
        mask: File of the mask, relative to it.

    Raises:
        DataError: The table cannot be read, or has no liver.
    """
    entities = set((find_stem(mask.name) or "").split("_"))
    for folder in mask.parents:
        tables = [
            path
            for path in (root / folder).glob(f"*{MASK_SUFFIX}.tsv")
            if set(path.stem.split("_")) <= entities
        ]
        if tables:
            return _read_table(max(tables, key=lambda path: len(path.stem.split("_"))))
    return ()


def _read_table(path: Path) -> tuple[tuple[int, int], ...]:
    try:
        text = read_regular(path, LARGEST_BYTES).decode("utf-8-sig")
        header, *rows = [line.split("\t") for line in text.splitlines() if line.strip()] or [[""]]
        at, named = header.index("index"), header.index("name")
        names = {int(row[at]): row[named].strip() for row in rows}
    except OSError as error:
        raise _build_error(path, str(error.strerror).lower()) from None
    except (ValueError, IndexError) as error:
        raise _build_error(path, str(error)) from None
    labels = {value: NAMES.find_label(name) or BACKGROUND for value, name in names.items()}
    if LIVER not in labels.values():
        raise _build_error(path, ", ".join(list(names.values())[:8]) or "no rows")
    return tuple(sorted(labels.items()))


def _build_error(path: Path, received: str) -> DataError:
    return DataError(
        str(path),
        expected="the columns index and name, tab-separated, with a row for the liver",
        received=received,
        next_step="Mend the table, or say under data.label_map what the values stand for.",
    )
