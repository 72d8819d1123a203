"""The stage split gives every case a role and shows the balance."""

from pathlib import Path

import pytest

from liverseg.tables.case_table import Case, write_cases
from liverseg.tables.split import read_split
from tests.commands import run_stage

REPOSITORY = Path(__file__).resolve().parents[2]


@pytest.fixture
def project(tmp_path):
    """A folder with the shipped params and ten cases of ten patients."""
    (tmp_path / "params.yaml").write_bytes((REPOSITORY / "params.yaml").read_bytes())
    cases = [
        Case(
            case_id=str(number),
            patient_id=f"patient {number}",
            scan=f"volume-{number}.nii",
            mask=f"segmentation-{number}.nii",
            shape=(512, 512, 100),
            spacing_mm=(0.7, 0.7, 2.5),
            axis_codes="LPS",
            dtype="int16",
            hu_min=-1024.0,
            hu_max=1500.0,
            liver_ml=1500.0,
            lesion_ml=30.0,
            num_lesions=2,
            liver_slice_fraction=0.6,
            lesion_slice_fraction=0.25,
        )
        for number in range(10)
    ]
    write_cases(tmp_path / "cases.csv", cases)
    return tmp_path


def run_split(project):
    return run_stage(project, "split", "--cases", "cases.csv", "--out", "split.csv")


def test_every_case_has_a_role_and_the_balance_is_shown(project):
    done = run_split(project)
    assert done.returncode == 0, done.stderr
    assert [row.case_id for row in read_split(project / "split.csv")] == list("0123456789")
    lines = [line.split() for line in done.stdout.splitlines()]
    assert lines[1:] == [
        ["train", "6", "6", "0", "180.0", "2.0%"],
        ["validation", "2", "2", "0", "60.0", "2.0%"],
        ["test", "2", "2", "0", "60.0", "2.0%"],
    ]


def test_too_few_patients_end_with_a_message_and_write_nothing(project):
    table = (project / "cases.csv").read_text().splitlines(keepends=True)
    (project / "cases.csv").write_text("".join(table[:3]))
    done = run_split(project)
    assert done.returncode == 2
    assert done.stderr.startswith("error: split: expected at least 3 patients")
    assert not (project / "split.csv").exists()
