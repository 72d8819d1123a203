"""Tumour burden: how much of the liver is lesion."""

from liverseg.scoring.overlap import Overlap


def compute_burden(num_lesion: int, num_liver: int) -> float:
    """Lesion voxels over liver voxels (lesions included); 0 for a mask without liver."""
    return num_lesion / num_liver if num_liver else 0.0


def compute_burden_error(liver: Overlap, lesion: Overlap) -> float:
    """Burden of the prediction minus that of the reference."""
    predicted = compute_burden(lesion.num_predicted, liver.num_predicted)
    return predicted - compute_burden(lesion.num_reference, liver.num_reference)
