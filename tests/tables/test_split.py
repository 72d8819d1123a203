"""A split file brings back what was written and refuses what would leak."""

import pytest

from liverseg.errors import DataError
from liverseg.tables.split import CaseRole, read_split, write_split

HEADER = "case_id,patient_id,role,fold\n"


def test_a_written_split_is_read_back_exactly(tmp_path):
    fixed = (CaseRole("007", "p", "train", None), CaseRole("7", "NA", "test", None))
    folds = (CaseRole("007", "p", "validation", 3), CaseRole("7", "q,r", "test", 0))
    for roles in (fixed, folds):
        write_split(tmp_path / "split.csv", roles)
        assert read_split(tmp_path / "split.csv") == roles


def test_a_fixed_split_leaves_the_fold_empty(tmp_path):
    write_split(tmp_path / "split.csv", [CaseRole("1", "p", "train", None)])
    assert (tmp_path / "split.csv").read_text() == HEADER + "1,p,train,\n"


@pytest.mark.parametrize(
    ("rows", "message"),
    [
        ("1,p,train,\n2,p,test,\n", "one role a patient. Received: patient p in train and test"),
        ("1,p,train,\n1,p,train,\n", "one row a case. Received: case 1 again"),
        ("1,p,val,\n", "a role of train, validation, test.* Received: 'val'"),
        ("1,p,train,first\n", "and a fold. Received: 'train', 'first'"),
    ],
)
def test_a_split_that_leaks_or_is_unclear_is_an_error(tmp_path, rows, message):
    (tmp_path / "split.csv").write_text(HEADER + rows)
    with pytest.raises(DataError, match=message):
        read_split(tmp_path / "split.csv")


def test_a_missing_split_names_the_stage_that_writes_it(tmp_path):
    with pytest.raises(DataError, match=r"no such file.*dvc repro split"):
        read_split(tmp_path / "split.csv")
