"""Cases made by hand, and one small phantom on disk that a test may spoil."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import nibabel as nib
import numpy as np
import pytest

from liverseg.cases.case_check import CaseCheck
from liverseg.cases.verify import verify_cases
from liverseg.params import DataParams, PhantomParams
from liverseg.phantom.patient import draw_patient
from liverseg.phantom.scan import PhantomScan, build_scan
from liverseg.tables.case_table import Case

MakeCase = Callable[..., Case]
MakeParams = Callable[..., DataParams]


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


@pytest.fixture(scope="session")
def make_params() -> MakeParams:
    """A data section in which a test names only what matters to it."""

    def make(**values: object) -> DataParams:
        plain = {
            "root": "unused",
            "patients": None,
            "on_error": "stop",
            "exclude": (),
            "spacing_overrides": {},
            "label_map": {},
        }
        return DataParams(**(plain | values))

    return make


@dataclass
class Sample:
    """A scan, its mask and their affines, to be spoiled and saved as one case in LiTS layout."""

    hu: np.ndarray
    labels: np.ndarray
    affine: np.ndarray
    mask_affine: np.ndarray | None = None
    edit_header: Callable[[nib.Nifti1Image], None] = lambda _: None

    def save(self, root: Path, case_id: str = "1") -> None:
        """Write ``volume-ID.nii.gz`` and ``segmentation-ID.nii.gz``."""
        scan = nib.Nifti1Image(self.hu, self.affine)
        scan.set_qform(self.affine, code=1)
        scan.set_sform(self.affine, code=1)
        self.edit_header(scan)
        mask_affine = self.affine if self.mask_affine is None else self.mask_affine
        nib.save(scan, root / f"volume-{case_id}.nii.gz")
        nib.save(nib.Nifti1Image(self.labels, mask_affine), root / f"segmentation-{case_id}.nii.gz")


@pytest.fixture(scope="session")
def phantom() -> PhantomScan:
    """A scan of 4 x 4 x 5 mm, axes LPS: a liver of 789 ml with three lesions."""
    params = PhantomParams(
        seed=0,
        anatomy="plain",
        num_patients=1,
        num_second_scans=0,
        field_of_view_mm=300,
        in_plane_spacing_mm=(4.0, 4.0),
        slice_spacing_mm=(5.0, 5.0),
    )
    rng = np.random.default_rng(3)
    return build_scan(rng, draw_patient(rng, has_lesions=True), params)


@pytest.fixture
def sample(phantom: PhantomScan) -> Sample:
    """The phantom's own copy for one test."""
    return Sample(phantom.hu.copy(), phantom.labels.copy(), phantom.grid.affine.copy())


@pytest.fixture
def verify(
    tmp_path: Path, make_params: MakeParams, monkeypatch: pytest.MonkeyPatch
) -> Callable[..., CaseCheck]:
    """The check of the one case in the folder, under params of which a test names some."""
    monkeypatch.setenv("LIVERSEG_WORKERS", "1")

    def run(**values: object) -> CaseCheck:
        (check,) = verify_cases(tmp_path, make_params(**values), description="test").cases
        return check

    return run
