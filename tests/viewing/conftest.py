"""A small scan and its mask, on an anisotropic grid with axes LPS."""

from pathlib import Path

import nibabel as nib
import numpy as np
import pytest

AFFINE = np.array([[-2.0, 0, 0, 50], [0, -2.0, 0, 40], [0, 0, 3.0, -70], [0, 0, 0, 1]])


@pytest.fixture(scope="session")
def labels() -> np.ndarray:
    """A liver with two lesions; the larger one of 3 x 3 x 3 voxels has its centre at (6, 7, 8)."""
    labels = np.zeros((24, 20, 16), np.uint8)
    labels[3:20, 3:17, 2:14] = 1
    labels[5:8, 6:9, 7:10] = 2
    labels[14:16, 12:14, 5:7] = 2
    return labels


@pytest.fixture(scope="session")
def scene_files(labels: np.ndarray, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """Scan and mask; HU are -1000 outside, 100 in the liver and 30 in a lesion."""
    folder = tmp_path_factory.mktemp("scene")
    hu = np.choose(labels, (-1000, 100, 30)).astype(np.int16)
    hu[0] = 1200  # bone, for another window
    paths = folder / "scan <b>&.nii.gz", folder / "mask.nii"
    for path, data in zip(paths, (hu, labels), strict=True):
        nib.save(nib.Nifti1Image(data, AFFINE), path)
    return paths
