import json
from importlib.metadata import version

from dvc.repo import Repo
from dvc_data.hashfile.build import build

from liverseg.hashing import hash_path
from liverseg.networks.causes import collect_causes, write_causes


def hash_as_dvc_does(path) -> str:
    with Repo.init(str(path.parent), no_scm=True, force=True) as repo:
        cache = repo.cache.local
        _, _, built = build(cache, str(path), cache.fs, "md5", dry_run=True)
        return built.hash_info.value


def test_the_hash_of_a_file_is_its_md5(tmp_path):
    """Of "hello", as printed by md5sum."""
    (tmp_path / "file").write_text("hello")
    assert hash_path(tmp_path / "file") == "5d41402abc4b2a76b9719d911017c592"


def test_the_hash_of_a_folder_is_dvcs(tmp_path):
    folder = tmp_path / "folder"
    for name in ("b.npz", "a/z.txt", "a/é.txt", "a-b", "empty"):
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text("" if name == "empty" else name)
    assert hash_path(folder).endswith(".dir")
    assert hash_path(folder) == hash_as_dvc_does(folder)


def test_causes_name_inputs_params_and_packages_and_nothing_that_changes_by_itself(job, tmp_path):
    (tmp_path / "split.csv").write_text("hello")
    causes = collect_causes({"split": tmp_path / "split.csv"}, {"train": job.train})
    write_causes(tmp_path, causes)
    content = json.loads((tmp_path / "causes.json").read_text())
    assert content["inputs"] == {"split": "5d41402abc4b2a76b9719d911017c592"}
    assert content["params"]["train"]["seed"] == 3
    assert content["params"]["train"]["plateau"]["factor"] == 0.5
    assert content["packages"]["tensorflow"] == version("tensorflow")
    assert set(content) == {"inputs", "params", "packages"}
