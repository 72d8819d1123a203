import hashlib
import shutil
import subprocess

import pydicom
import pytest

from liverseg.errors import DataError
from liverseg.scans import provenance
from liverseg.scans.ensemble import read_ensemble
from liverseg.scans.provenance import collect_provenance, hash_scan


@pytest.fixture
def repository(tmp_path):
    """A folder in git with one commit, and a function that runs git there."""
    folder = tmp_path / "repository"
    folder.mkdir()

    def git(*arguments):
        author = ("-c", "user.name=A", "-c", "user.email=a@example.org")
        command = ["git", *author, *arguments]
        done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=True)
        return done.stdout.strip()

    git("init", "-q")
    (folder / "params.yaml").write_text("a: 1\n")
    (folder / ".gitignore").write_text("models/\n")
    git("add", ".")
    git("commit", "-q", "-m", "first")
    return folder, git


def collect(*folders):
    return collect_provenance(read_ensemble(folders), "none", probabilities=False)


def test_a_model_of_the_users_repository_names_its_commit_and_whether_files_have_changed(
    repository, model, monkeypatch
):
    folder, git = repository
    monkeypatch.chdir(folder)
    ours = folder / "models" / "final"
    shutil.copytree(model, ours)
    clean = collect(ours)
    assert (clean.git_commit, clean.git_dirty) == (git("rev-parse", "HEAD"), False)
    (folder / "params.yaml").write_text("a: 2\n")
    assert collect(ours).git_dirty is True


def test_models_of_several_places_name_no_commit(repository, model, monkeypatch):
    folder, _ = repository
    monkeypatch.chdir(folder)
    shutil.copytree(model, folder / "final")
    mixed = collect(folder / "final", model)
    assert (mixed.git_commit, mixed.git_dirty) == (None, None)
    first, second = (each.md5 for each in mixed.models)
    assert first == second  # the same content


@pytest.mark.parametrize("inside", [False, True])
def test_a_model_of_a_strangers_repository_runs_none_of_its_commands(
    repository, model, tmp_path, monkeypatch, inside
):
    folder, git = repository
    shutil.copytree(model, folder / "final")
    sprung = tmp_path / "sprung"
    git("config", "core.fsmonitor", f"echo ran >> {sprung}; false")
    git("status")
    assert sprung.exists()  # the trap works
    sprung.unlink()
    monkeypatch.chdir(folder if inside else tmp_path)
    assert (collect(folder / "final").git_commit is not None) == inside
    assert not sprung.exists()


def test_what_reads_dicom_is_named_where_it_is_installed(model, monkeypatch):
    assert collect(model).packages["pydicom"] == pydicom.__version__
    monkeypatch.setattr(provenance, "DICOM_PACKAGES", ("no-such-package",))
    assert collect(model).packages.keys() == set(provenance.PACKAGES)


def test_one_file_hashes_as_sha256sum_does_and_several_as_one_after_the_other(tmp_path):
    for name in ("a", "b"):
        (tmp_path / name).write_text(name)
    assert hash_scan([tmp_path / "a"]) == hashlib.sha256(b"a").hexdigest()
    assert hash_scan([tmp_path / "a", tmp_path / "b"]) == hashlib.sha256(b"ab").hexdigest()


def test_a_file_that_cannot_be_read_is_a_users_error(tmp_path):
    with pytest.raises(DataError, match="is a directory"):
        hash_scan([tmp_path])
