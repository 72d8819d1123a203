"""Second scans of the phantom: which lesion is which is known, and by how much it grew.

Over 40 patients a setting and finer grids: ``python -m benchmarks.followup_pairs``.
"""

import pytest

from benchmarks.followup_pairs import PARAMS, follow_patient

COARSE = PARAMS.model_copy(
    update={"in_plane_spacing_mm": (2.5, 3.0), "slice_spacing_mm": (4.0, 5.0)}
)


@pytest.mark.parametrize("wide", [False, True])
def test_lesions_of_the_phantom_find_their_partners(wide):
    followed = [follow_patient(seed, COARSE, wide=wide) for seed in (1, 4)]
    num_right, num_wrong = (
        sum(getattr(each, name) for each in followed) for name in ("num_right", "num_wrong")
    )
    assert num_right >= 20
    assert num_wrong == 0
    errors = [error for each in followed for error in each.border_errors]
    assert len(errors) >= 5
    assert max(errors) < 1  # edges of a voxel
