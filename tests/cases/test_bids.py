"""BIDS: subjects are patients, and a table beside a mask says what its values are called."""

import nibabel as nib
import numpy as np
import pytest

from liverseg.cases.bids import read_lookup
from liverseg.cases.verify import verify_cases
from liverseg.errors import DataError

HEADER = "index\tname\tcolor\n"


@pytest.fixture(autouse=True)
def one_worker(monkeypatch):
    monkeypatch.setenv("LIVERSEG_WORKERS", "1")


@pytest.fixture
def write_session(tmp_path, phantom):
    """A function that writes the phantom as one scan of a subject; ``values`` replace 0, 1, 2."""

    def write(subject, session, values=(0, 1, 2), table=""):
        inside = f"{subject}/{session}/ct"
        mask_folder = tmp_path / "derivatives/manual" / inside
        for folder in (tmp_path / inside, mask_folder):
            folder.mkdir(parents=True)
        name, affine = f"{subject}_{session}", phantom.grid.affine
        hu = phantom.hu + np.int16(len(list(tmp_path.glob("sub-*/*"))))  # no scan twice
        nib.save(nib.Nifti1Image(hu, affine), tmp_path / inside / f"{name}_ct.nii.gz")
        mask = np.array(values, np.uint8)[phantom.labels]
        nib.save(nib.Nifti1Image(mask, affine), mask_folder / f"{name}_desc-x_dseg.nii.gz")
        if table:
            (mask_folder / f"{name}_desc-x_dseg.tsv").write_text(table)

    return write


def test_subjects_are_patients_and_tables_name_the_values(tmp_path, write_session, make_params):
    write_session(
        "sub-01", "ses-1", (0, 6, 9), f"{HEADER}0\tBackground\tx\n6\tLiver\tx\n9\tTumour\tx\n"
    )
    write_session("sub-01", "ses-2")
    write_session("sub-02", "ses-1", (0, 1, 3))
    (tmp_path / "derivatives/manual/dseg.tsv").write_text(
        f"{HEADER}1\tliver\t\n2\tliver_lesion\t\n3\tspleen\t\n"
    )
    checked = verify_cases(tmp_path, make_params(), description="test")
    cases = {check.case_id: check.case for check in checked.cases}
    assert {name: case.patient_id for name, case in cases.items()} == {
        "sub-01_ses-1": "sub-01",
        "sub-01_ses-2": "sub-01",
        "sub-02_ses-1": "sub-02",
    }
    first, second, third = cases.values()
    assert first.label_map == ((0, 0), (6, 1), (9, 2))
    assert (first.liver_ml, first.num_lesions) == (second.liver_ml, second.num_lesions)
    assert third.num_lesions == 0


def test_what_the_params_say_goes_before_the_table(tmp_path, write_session, make_params):
    write_session("sub-1", "ses-1", (0, 6, 9), f"{HEADER}6\tliver\t\n9\tcyst\t\n")
    (check,) = verify_cases(tmp_path, make_params(label_map={6: 1, 9: 2}), description="test").cases
    assert check.case.num_lesions > 0


def test_the_table_of_most_entities_in_the_nearest_folder_counts(tmp_path, write_session):
    write_session("sub-1", "ses-1")
    inside = tmp_path / "derivatives/manual/sub-1/ses-1/ct"
    (mask,) = inside.iterdir()
    near = {"sub-1_desc-x_dseg.tsv": 5, "sub-1_dseg.tsv": 6, "sub-1_desc-y_dseg.tsv": 7}
    for name, value in near.items():
        (inside / name).write_text(f"{HEADER}{value}\tliver\t\n")
    (tmp_path / "dseg.tsv").write_text(f"{HEADER}8\tliver\t\n")
    assert read_lookup(tmp_path, mask.relative_to(tmp_path)) == ((5, 1),)


@pytest.mark.parametrize(
    ("table", "received"),
    [
        (f"{HEADER}1\tspleen\t\n", "spleen"),
        (HEADER, "no rows"),
        ("", "'index' is not in list"),
        (f"{HEADER}one\tliver\t\n", "invalid literal"),
        (f"{HEADER}1\n", "list index out of range"),
    ],
)
def test_a_table_that_names_no_liver_is_refused(tmp_path, write_session, table, received):
    write_session("sub-1", "ses-1")
    (mask,) = (tmp_path / "derivatives/manual/sub-1/ses-1/ct").iterdir()
    (tmp_path / "dseg.tsv").write_text(table)
    with pytest.raises(DataError, match=rf"dseg\.tsv: expected .* Received: .*{received}"):
        read_lookup(tmp_path, mask.relative_to(tmp_path))
