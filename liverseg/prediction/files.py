"""The files of a predicted scan and of a folder of them, by name."""

from pathlib import Path

from liverseg.errors import DataError
from liverseg.scoring.mask_pairs import PREDICTED_LABELS

LESIONS_FILE = "lesions.csv"
SCANS_FILE = "scans.csv"
SUMMARY_FILE = "summary.json"
OVERLAY_FILE = "overlay.png"
LIVER_PROBABILITY_FILE = "liver_probability.nii.gz"
LESION_PROBABILITY_FILE = "lesion_probability.nii.gz"
REPORT_FILE = "report.html"
INDEX_FILE = "index.html"

SCAN_FILES = frozenset(
    {
        *(PREDICTED_LABELS, LESIONS_FILE, SUMMARY_FILE, OVERLAY_FILE),
        *(LIVER_PROBABILITY_FILE, LESION_PROBABILITY_FILE, REPORT_FILE),
    }
)
"""All that ``liverseg predict`` and ``liverseg report`` write into the folder of a scan."""

PREDICT_AGAIN = "Predict the scan again with --force."
"""What to do about results that are missing or damaged."""


def refuse_other_folder(folder: Path) -> None:
    """Results replace a folder: one that holds anything else is somebody's data.

    Raises:
        DataError: It is a file, has files that are no results, or has files but no summary.
    """
    if not folder.exists():
        return
    names = {path.name for path in folder.iterdir()} if folder.is_dir() else {"a file"}
    others = sorted(names if SUMMARY_FILE not in names else names - SCAN_FILES)
    if others:
        raise DataError(
            str(folder),
            expected="results of liverseg alone, or nothing yet",
            received=f"{', '.join(others[:5])}{', ...' if others[5:] else ''}",
            next_step="Move what is yours to another place, or choose another folder with --out.",
        )
