import numpy as np

from liverseg.scans.numbering import number_lesions


def test_lesions_are_numbered_by_decreasing_volume():
    labels = np.ones((7, 1, 1), np.uint8)
    labels[0], labels[2:5], labels[6] = 2, 2, 2  # of 1, 3 and again 1 voxel
    lesions, num_lesions = number_lesions(labels, 6)
    assert num_lesions == 3
    assert lesions[:, 0, 0].tolist() == [2, 0, 1, 1, 1, 0, 3]


def test_the_connectivity_says_what_is_one_lesion():
    labels = np.zeros((2, 2, 1), np.uint8)
    labels[0, 0], labels[1, 1] = 2, 2  # share an edge
    assert number_lesions(labels, 6)[1] == 2
    assert number_lesions(labels, 18)[1] == 1


def test_without_lesions_all_is_zero():
    lesions, num_lesions = number_lesions(np.ones((2, 2, 2), np.uint8), 6)
    assert num_lesions == 0
    assert not lesions.any()
