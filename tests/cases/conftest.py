"""Cases made by hand."""

from collections.abc import Callable

import pytest

from liverseg.cases.case_table import Case

MakeCase = Callable[..., Case]


@pytest.fixture(scope="session")
def make_case() -> MakeCase:
    """A case of which a test names only what matters to it."""

    def make(case_id: str, patient_id: str | None = None, **values: object) -> Case:
        defaults: dict[str, object] = {
            "scan": f"volume-{case_id}.nii",
            "mask": f"segmentation-{case_id}.nii",
            "shape": (512, 512, 100),
            "spacing_mm": (0.7, 0.7, 2.5),
            "axis_codes": "LPS",
            "dtype": "int16",
            "hu_min": -1024.0,
            "hu_max": 1500.0,
            "liver_ml": 1500.0,
            "lesion_ml": 30.0,
            "num_lesions": 2,
            "liver_slice_fraction": 0.6,
            "lesion_slice_fraction": 0.25,
        }
        return Case(case_id=case_id, patient_id=patient_id or case_id, **(defaults | values))

    return make
