"""``liverseg import`` as a user runs it."""

import os
import subprocess
import sys

import pytest

from tests.dicom.test_import_set import SHAPE, write_case
from tests.made.dicom import make_hu, write_series

MAIN = "from liverseg.cli import main; main()"


def run(*arguments, program=MAIN):
    command = [sys.executable, "-c", program, "import", *map(str, arguments)]
    return subprocess.run(command, capture_output=True, encoding="utf-8", check=False)


def test_the_table_shows_what_was_used_for_what(tmp_path):
    write_case(tmp_path / "dicom")
    (tmp_path / "dicom" / "a.json").write_text("{}")
    key = tmp_path / "key.csv"
    result = run(tmp_path / "dicom", "-o", tmp_path / "set", "--key", key)
    assert result.returncode == 0, result.stderr
    titles, row = result.stdout.splitlines()
    assert titles.split() == ["case", "patient", "voxels", "mm", "liver", "lesion", "from"]
    assert "8 x 8 x 6" in row
    assert "0.8 x 0.7 x 2.5" in row
    assert "liver  liver tumour" in row
    assert "1 left out, no DICOM file (a.json)" in result.stderr
    assert "headers: 100%" in result.stderr
    assert "MRN-4711" in key.read_text()


def test_patterns_can_be_given_several_times(tmp_path):
    write_case(tmp_path / "dicom")
    options = "--liver", "hepar", "--liver", "LIV*", "--lesion", "*tumour"
    result = run(tmp_path / "dicom", "-o", tmp_path / "set", *options, "--quiet")
    assert result.returncode == 0, result.stderr
    assert "liver  liver tumour" in result.stdout
    assert result.stderr == ""


def test_some_failures_are_listed_and_exit_with_1(tmp_path):
    write_series(tmp_path / "dicom" / "a", make_hu(SHAPE))[2].unlink()
    write_series(tmp_path / "dicom" / "b", make_hu(SHAPE))
    result = run(tmp_path / "dicom", "-o", tmp_path / "set")
    assert result.returncode == 1
    assert "error: case_001: " in result.stderr
    assert "102.50 to 107.50 mm" in result.stderr
    assert "Traceback" not in result.stderr
    assert [path.name for path in (tmp_path / "set" / "images").iterdir()] == ["case_002.nii.gz"]


def test_missing_slices_are_made_up_on_request_and_that_is_said(tmp_path):
    write_series(tmp_path / "dicom", make_hu(SHAPE))[2].unlink()
    result = run(tmp_path / "dicom", "-o", tmp_path / "set", "--resample-slices")
    assert result.returncode == 0, result.stderr
    assert "8 x 8 x 6" in result.stdout
    assert "case_001: 5 slices at distances of 2.50 to 5.00 mm are resampled to 6" in result.stderr


def test_the_key_is_its_owners_alone(tmp_path):
    write_case(tmp_path / "dicom")
    key = tmp_path / "key.csv"
    program = f"import os; os.umask(0o022); {MAIN}"
    result = run(tmp_path / "dicom", "-o", tmp_path / "set", "--key", key, program=program)
    assert result.returncode == 0, result.stderr
    assert key.stat().st_mode & 0o777 == 0o600


def test_a_key_inside_the_data_set_is_refused(tmp_path):
    write_case(tmp_path / "dicom")
    result = run(tmp_path / "dicom", "-o", tmp_path / "set", "--key", tmp_path / "set" / "key.csv")
    assert result.returncode == 2
    assert "handed on without names" in result.stderr
    assert not (tmp_path / "set").exists()


@pytest.mark.parametrize("name", [b"caf\xe9", b"a\x1b[31mb", b"a\nb"])
def test_a_folder_of_any_name_is_written_to_the_key_and_shown_on_one_line(tmp_path, name):
    folder = tmp_path / os.fsdecode(name)
    write_case(folder)
    key = tmp_path / "key.csv"
    result = run(folder, "-o", tmp_path / "set", "--key", key)
    assert result.returncode == 0, result.stderr
    source = ascii(os.fsdecode(name))[1:-1]
    assert result.stdout.endswith(f"{source}\n")
    assert f"{source}\n" in key.read_text(encoding="utf-8")


def test_a_key_that_cannot_be_written_leaves_no_data_set(tmp_path):
    write_case(tmp_path / "dicom")
    (tmp_path / "file").touch()
    result = run(tmp_path / "dicom", "-o", tmp_path / "set", "--key", tmp_path / "file" / "key.csv")
    assert result.returncode == 2
    assert not (tmp_path / "set").exists()


def test_nothing_to_import_exits_with_2_and_leaves_nothing(tmp_path):
    (tmp_path / "dicom").mkdir()
    result = run(tmp_path / "dicom", "-o", tmp_path / "set")
    assert result.returncode == 2
    assert "expected CT slices. Received: no files" in result.stderr
    assert not (tmp_path / "set").exists()


def test_without_the_extra_one_line_says_what_to_install(tmp_path):
    program = f"import sys; sys.modules['pydicom'] = None; {MAIN}"
    result = run(tmp_path, "-o", tmp_path / "set", program=program)
    assert result.returncode == 2
    assert len(result.stderr.splitlines()) == 1
    assert 'pip install "liverseg[dicom]"' in result.stderr
