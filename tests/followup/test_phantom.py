"""Second scans of the phantom: which lesion is which is known, and by how much it grew.

Over more patients, and on finer grids: ``python -m benchmarks.followup_pairs``.
"""

import pytest

from benchmarks.followup_pairs import PARAMS, follow_patient

COARSE = PARAMS.model_copy(
    update={"in_plane_spacing_mm": (2.5, 3.0), "slice_spacing_mm": (4.0, 5.0)}
)


@pytest.mark.parametrize(("seed", "wide"), [(1, False), (4, True)])
def test_lesions_of_the_phantom_find_their_partners(seed, wide):
    followed = follow_patient(seed, COARSE, wide=wide)
    assert followed.num_right >= 12
    assert followed.num_wrong == 0
    assert len(followed.border_errors) >= 2
    assert max(followed.border_errors) < 1  # edges of a voxel
