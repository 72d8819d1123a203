import math

import pytest

from liverseg.evaluation.floor import measure_floor
from liverseg.slices.stacks import Preprocessing, SliceRow, write_index, write_preprocessing
from liverseg.tables.split import CaseRole


@pytest.fixture
def slices(tmp_path):
    """Slices of 16 x 16 = 256 pixels."""
    write_preprocessing(tmp_path, Preprocessing(((-100, 400),), 16, "npz"))
    write_index(
        tmp_path,
        [
            *(SliceRow("1", 0, 100, 64), SliceRow("1", 1, 0, 0)),
            *(SliceRow("2", 0, 100, 32), SliceRow("3", 0, 9, 9)),
        ],
    )
    return tmp_path


def test_accuracies_are_the_shares_of_pixels_without_lesion_by_role(slices, score):
    roles = [
        *(CaseRole("1", "a", "train", None), CaseRole("2", "b", "validation", None)),
        CaseRole("3", "c", "test", None),
    ]
    background = [score("2", (32, 0, 0)), score("3", (9, 0, 0))]
    floor = measure_floor(slices, roles, background)
    assert floor.accuracy == 1 - 64 / (2 * 256)
    assert floor.val_accuracy == 1 - 32 / 256
    assert floor.validation == (background[0],)
    assert floor.test == (background[1],)


def test_without_training_slices_the_accuracy_is_undefined(slices):
    assert math.isnan(measure_floor(slices, [CaseRole("2", "b", "validation", None)], []).accuracy)
