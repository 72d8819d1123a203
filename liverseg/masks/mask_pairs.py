"""Which predicted mask belongs to which reference mask, by the names of their files."""

import re
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import unquote

from liverseg.errors import DataError
from liverseg.tables.case_table import natural_key
from liverseg.volumes.nifti_file import find_stem

PREDICTED_LABELS = "labels.nii.gz"
"""What ``liverseg predict`` writes into a folder named after each scan."""


@dataclass(frozen=True)
class MaskPair:
    """The two masks of a case."""

    case_id: str
    reference: Path
    predicted: Path


@dataclass(frozen=True)
class Pairing:
    """The masks that were given.

    Attributes:
        pairs: Cases with both masks, in natural order of their ids.
        alone: Masks without their counterpart, which cannot be scored.
    """

    pairs: tuple[MaskPair, ...]
    alone: tuple[Path, ...]


def pair_masks(reference: Path, predicted: Path) -> Pairing:
    """Reference and predicted masks brought together.

    Two files are one case. Of two folders, ``segmentation-N`` in the first belongs to the same name
    in the second or, failing that, to the one file there whose name ends in the number N. Where the
    first holds no ``segmentation-N``, equal names belong together, whatever the suffix. Of
    subfolders only the results of ``liverseg predict`` are taken, ``NAME/labels.nii.gz`` as a mask
    called NAME.

    Raises:
        DataError: A path is missing, one is a file and the other a folder, two files claim one
            place, or nothing pairs.
    """
    kinds = [_get_kind(path) for path in (reference, predicted)]
    if kinds[0] != kinds[1]:
        raise DataError(
            str(predicted),
            expected=f"a {kinds[0]}, like {reference}",
            received=f"a {kinds[1]}",
            next_step="Give two files or two folders.",
        )
    if kinds[0] == "file":
        name = find_stem(reference.name) or reference.name
        return Pairing((MaskPair(_get_lits_id(name) or name, reference, predicted),), ())
    return _pair_folders(reference, predicted)


def _pair_folders(reference: Path, predicted: Path) -> Pairing:
    references, predictions = _list_masks(reference), _list_masks(predicted)
    numbered = {_get_lits_id(name): path for name, path in references.items()}
    numbered.pop("", None)
    pairs = []
    for case_id, path in (numbered or references).items():
        name = _find_numbered(case_id, predictions, predicted) if numbered else case_id
        if name in predictions:
            pairs.append(MaskPair(case_id, path, predictions[name]))
    if not pairs:
        raise DataError(
            str(predicted),
            expected=f"masks named like those in {reference} ({_show(references)})",
            received=_show(predictions),
            next_step="Rename one of the two sets: segmentation-N against segmentation-N or "
            "another name that ends in the number N, else equal file names.",
        )
    pairs.sort(key=lambda pair: natural_key(pair.case_id))
    paired = {path for pair in pairs for path in (pair.reference, pair.predicted)}
    given = [*(numbered or references).values(), *predictions.values()]
    return Pairing(tuple(pairs), tuple(path for path in given if path not in paired))


def _find_numbered(number: str, predictions: dict[str, Path], folder: Path) -> str:
    """Name of the prediction for ``segmentation-N``; empty without one."""
    exact = f"segmentation-{number}"
    if exact in predictions:
        return exact
    names = [name for name in predictions if re.fullmatch(f"(.*[^0-9])?{number}", name)]
    if len(names) > 1:
        raise _build_ambiguity(folder, f"one mask for case {number}", names)
    return names[0] if names else ""


def _list_masks(folder: Path) -> dict[str, Path]:
    """Masks of a folder by name without suffix; what is hidden is left out."""
    files = [*folder.iterdir(), *folder.glob(f"*/{PREDICTED_LABELS}")]
    masks: dict[str, Path] = {}
    for path in sorted(files):
        shown = path.relative_to(folder)
        name = _get_name(path)
        if shown.parts[0].startswith(".") or name is None:
            continue
        if name in masks:
            others = [str(masks[name].relative_to(folder)), str(shown)]
            raise _build_ambiguity(folder, "one file a mask", others)
        masks[name] = path
    return masks


def _build_ambiguity(folder: Path, expected: str, names: list[str]) -> DataError:
    return DataError(
        str(folder),
        expected=expected,
        received=" and ".join(names),
        next_step="Move all but one to another folder.",
    )


def _get_kind(path: Path) -> str:
    if not path.exists():
        raise DataError(
            str(path),
            expected="a mask, or a folder of masks",
            received="no such file or folder",
            next_step="Check the path.",
        )
    return "folder" if path.is_dir() else "file"


def _get_name(path: Path) -> str | None:
    """The name of a mask, of results of ``liverseg predict`` that of the scan; None for others.

    The scan's is percent-quoted, see ``file_stem``, and in nnU-Net's layout ends in a channel that
    the reference's lacks.
    """
    if path.name == PREDICTED_LABELS:
        return unquote(path.parent.name, errors="surrogateescape").removesuffix("_0000")
    return find_stem(path.name)


def _get_lits_id(name: str) -> str:
    """N of ``segmentation-N``; empty for other names."""
    match = re.fullmatch("segmentation-([0-9]+)", name)
    return match[1] if match else ""


def _show(masks: dict[str, Path]) -> str:
    names = [path.name for path in masks.values()]
    listed = ", ".join(names[:3]) + (", ..." if names[3:] else "")
    return f"{len(names)} files: {listed}" if names else "no NIfTI files"
