"""What ``liverseg predict`` writes, made by hand for a small scan."""

import csv
import hashlib
import json
import math
from pathlib import Path

import nibabel as nib
import numpy as np
from PIL import Image

AFFINE = np.diag([-2.0, -2.0, 5.0, 1.0])
VOXEL_ML = 0.02
PROVENANCE = {
    "liverseg_version": "0.1.0",
    "models": [{"folder": "models/final", "model": "unet", "md5": "0123abcd.dir"}],
    "rules": {"liver_threshold": 0.5, "largest_liver_component": True},
    "flips": "none",
    "probabilities": False,
    "git_commit": "fedc9876",
    "git_dirty": False,
    "packages": {"numpy": "2.3.1"},
}


def write_prediction(
    folder: Path,
    num_lesions: int = 2,
    *,
    has_liver: bool = True,
    provenance: dict | None = None,
    findings: tuple[dict, ...] = (),
) -> Path:
    """Write a prediction into ``folder`` and its scan, ``scan.nii.gz``, beside it.

    Its picture is a grey one of the size that many lesions need.
    Lesion n is a bar of 14 - n by 2 by 1 voxels in slice 2 n, so of (14 - n) 0.04 ml.
    """
    folder.mkdir(parents=True)
    shape = (24, 20, 2 * num_lesions + 4)
    labels = np.zeros(shape, np.uint8)
    if has_liver:
        labels[4:20, 4:16, 1:-1] = 1
    for number in range(1, num_lesions + 1):
        labels[5 : 19 - number, 8:10, 2 * number] = 2
    scan = folder.parent / "scan.nii.gz"
    nib.save(nib.Nifti1Image(np.where(labels == 2, 40, 100).astype(np.int16), AFFINE), scan)
    nib.save(nib.Nifti1Image(labels, AFFINE), folder / "labels.nii.gz")
    Image.new("L", (1920, 1170), 128).save(folder / "overlay.png")
    lesions = [build_lesion(number) for number in range(1, num_lesions + 1)]
    write_lesions(folder, lesions)
    liver_ml = VOXEL_ML * 16 * 12 * (shape[2] - 2) if has_liver else 0
    lesion_ml = sum(lesion["volume_ml"] for lesion in lesions)
    summary = {
        "scan": "scan",
        "scan_sha256": hashlib.sha256(scan.read_bytes()).hexdigest(),
        "shape": shape,
        "spacing_mm": (2, 2, 5),
        "axis_codes": "LPS",
        "liver_ml": liver_ml,
        "lesion_ml": lesion_ml,
        "burden": lesion_ml / liver_ml if has_liver else 0,
        "num_lesions": num_lesions,
        "lesion_connectivity": 6,
        "provenance": PROVENANCE | (provenance or {}),
        "findings": findings,
    }
    write_summary(folder, summary)
    return folder


def build_lesion(number: int) -> dict[str, float]:
    """The row of lesion ``number``."""
    length_mm, width_mm = 2.0 * (14 - number), 4.0
    diagonal_mm = math.hypot(length_mm, width_mm)
    i, j, k = 5 + (14 - number - 1) / 2, 8.5, 2 * number
    return {
        "lesion": number,
        "volume_ml": (14 - number) * 2 * VOXEL_ML,
        "longest_diameter_mm": diagonal_mm,
        "perpendicular_diameter_mm": width_mm * diagonal_mm / length_mm,
        "first_i": 5,
        "last_i": 18 - number,
        "first_j": 8,
        "last_j": 9,
        "first_k": k,
        "last_k": k,
        "centre_i": i,
        "centre_j": j,
        "centre_k": k,
        "centre_ras_x_mm": -2 * i,
        "centre_ras_y_mm": -2 * j,
        "centre_ras_z_mm": 5 * k,
        "centre_lps_x_mm": 2 * i,
        "centre_lps_y_mm": 2 * j,
        "centre_lps_z_mm": 5 * k,
        "first_slice": k,
        "last_slice": k,
        "mean_hu": 40,
        "std_hu": 0,
        "distance_to_liver_surface_mm": 2,
        "position": "subcapsular right caudal",
        "share_right_to_left": 0.3,
        "share_ventral_to_dorsal": 0.5,
        "share_caudal_to_cranial": 0.2,
        "left_of_liver_centre_mm": -6.5,
        "confidence": 0.75,
        "mean_entropy_bits": 0.6,
        "agreement": "",
    }


def write_lesions(folder: Path, lesions: list[dict[str, float]]) -> None:
    """Write ``lesions.csv``, with a header even where there are none."""
    with (folder / "lesions.csv").open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, list(build_lesion(1)))
        writer.writeheader()
        writer.writerows(lesions)


def read_summary(folder: Path) -> dict:
    return json.loads((folder / "summary.json").read_text(encoding="utf-8"))


def write_summary(folder: Path, summary: dict) -> None:
    (folder / "summary.json").write_text(json.dumps(summary), encoding="utf-8")
