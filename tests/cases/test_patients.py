"""The table of patients lies inside the data set and is consistent."""

import pytest

from liverseg.cases.patients import read_patients
from liverseg.errors import DataError


def test_ids_are_texts_as_they_were_written(tmp_path):
    text = "\ufeffpatient_id,case_id,age\n007,1,60\n007,2,61\nNA,3,62\n"
    (tmp_path / "patients.csv").write_text(text, encoding="utf-8")
    assert read_patients(tmp_path, "patients.csv") == {"1": "007", "2": "007", "3": "NA"}


@pytest.mark.parametrize("name", ["../patients.csv", "/etc/patients.csv"])
def test_a_table_outside_the_root_is_an_error(tmp_path, name):
    with pytest.raises(DataError, match=r"expected a file inside data.root"):
        read_patients(tmp_path, name)


@pytest.mark.parametrize(
    ("rows", "message"),
    [
        ("1,\n", "a printable patient in row 1"),
        (",p\n", "a case and"),
        ("1,a\n1,b\n", "one patient for '1' in row 2. Received: 'a' and 'b'"),
        ("1\n", "2 values in row 1"),
    ],
)
def test_an_unclear_table_is_an_error_that_names_the_row(tmp_path, rows, message):
    (tmp_path / "patients.csv").write_text(f"case_id,patient_id\n{rows}")
    with pytest.raises(DataError, match=message):
        read_patients(tmp_path, "patients.csv")


def test_a_missing_table_is_an_error(tmp_path):
    with pytest.raises(DataError, match="no such file"):
        read_patients(tmp_path, "patients.csv")
