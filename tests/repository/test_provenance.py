import json
import shutil
from importlib.metadata import version

import pytest

from liverseg.errors import DataError, LiversegError
from liverseg.repository.packages import describe_package_changes, find_package_changes
from liverseg.repository.provenance import find_origins


def change_seed(tiny, seed):
    make = tiny.folder / "make.py"
    text = make.read_text()
    make.write_text(text.replace(text[text.index("seed") :][:6], f"seed {seed}"))


@pytest.fixture
def branched(tiny):
    """A first model on main, a second on a branch that is checked out, and both outside."""
    outside = tiny.folder.parent
    shutil.copytree(tiny.folder / "model", outside / "first")
    tiny.run("git", "checkout", "--quiet", "-b", "trial")
    change_seed(tiny, 2)
    tiny.run("dvc", "repro")
    tiny.commit("a second model | with a bar")
    shutil.copytree(tiny.folder / "model", outside / "second")
    return tiny


def test_a_model_that_lies_anywhere_is_traced_to_the_commit_that_recorded_it(branched):
    outside = branched.folder.parent
    head = branched.run("git", "rev-parse", "HEAD").strip()
    first = branched.run("git", "rev-parse", "main").strip()
    (origin,) = find_origins(outside / "first", branched.folder)
    assert (origin.commit, origin.subject, origin.output) == (first, "a first model", "model")
    branched.run("git", "checkout", "--quiet", "main")  # the branch counts wherever one stands
    output = branched.liverseg("provenance", str(outside / "second"))
    title, row = output.splitlines()
    assert title.split() == ["commit", "date", "output", "subject"]
    assert row.startswith(head[:9])
    assert row.endswith("  model   a second model | with a bar")


def test_a_commit_that_only_changes_something_else_is_not_listed(branched):
    (branched.folder / "notes.md").write_text("notes")
    branched.commit("notes")
    (origin,) = find_origins(branched.folder / "model", branched.folder)
    assert origin.subject.startswith("a second model")


def test_a_model_that_only_a_merged_side_branch_recorded_is_found(branched):
    branched.run("git", "checkout", "--quiet", "main")
    branched.run(
        "git", "merge", "--quiet", "--strategy", "ours", "--message", "theirs not", "trial"
    )
    branched.run("git", "branch", "--quiet", "--delete", "trial")
    (origin,) = find_origins(branched.folder.parent / "second", branched.folder)
    assert origin.subject.startswith("a second model")
    (origin,) = find_origins(branched.folder.parent / "first", branched.folder)
    assert origin.subject == "a first model"  # and not the merge, which took it over


def test_a_merge_that_made_a_model_of_its_own_is_an_origin(branched):
    branched.run("git", "checkout", "--quiet", "main")
    merge = ("git", "merge", "--quiet", "--no-commit", "--strategy", "ours", "trial")
    branched.run(*merge)
    change_seed(branched, 4)
    branched.run("dvc", "repro")
    branched.commit("merged, with a third model")
    (origin,) = find_origins(branched.folder / "model", branched.folder)
    assert origin.subject == "merged, with a third model"


def test_a_commit_that_only_adds_a_stage_beside_or_after_the_model_is_not_listed(branched):
    stage = "  copy:\n    cmd: cp model/weights copy\n    deps: [model]\n    outs: [copy]\n"
    pipeline = branched.folder / "dvc.yaml"
    pipeline.write_text(pipeline.read_text() + stage)
    branched.run("dvc", "repro")
    branched.commit("a copy")
    assert branched.run("git", "show", "HEAD:dvc.lock").count(branched.read_hash("make")) == 2
    (origin,) = find_origins(branched.folder / "model", branched.folder)
    assert origin.subject.startswith("a second model")
    (origin,) = find_origins(branched.folder / "copy", branched.folder)
    assert origin.subject == "a copy"


def test_a_model_that_comes_back_after_another_has_both_commits_the_newest_first(branched):
    branched.run("git", "checkout", "--quiet", "main", "dvc.lock", "make.py")
    branched.commit("the first model again")
    origins = find_origins(branched.folder.parent / "first", branched.folder)
    subjects = [origin.subject for origin in origins]
    assert subjects == ["the first model again", "a first model"]


@pytest.mark.parametrize("name", ["földer", "a b"])
def test_a_pipeline_file_in_a_folder_of_any_name_counts(tiny, name):
    tiny.run("git", "mv", "sub", name)
    for file in ("make.py", "dvc.yaml"):
        path = tiny.folder / file
        path.write_text(path.read_text().replace("sub/data", f"{name}/data"))
    tiny.commit("moved")
    origins = find_origins(tiny.folder / name / "data", tiny.folder)
    assert [origin.output for origin in origins] == [f"{name}/data", "sub/data"]


def write_causes_of(folder, **packages):
    causes = {"inputs": {}, "params": {}, "packages": {"keras": version("keras"), **packages}}
    (folder / "causes.json").write_text(json.dumps(causes))
    return folder


def test_packages_that_differ_from_those_of_the_model_are_shown_below(tiny):
    make = tiny.folder / "make.py"
    make.write_text(
        make.read_text() + "import shutil\nshutil.copy('causes.json', 'model/causes.json')\n"
    )
    write_causes_of(tiny.folder, tensorflow="1.15.0", gone="2.0")
    tiny.run("dvc", "repro")
    tiny.commit("a model that knows its causes")
    output = tiny.liverseg("provenance", "model")
    assert "a model that knows its causes" in output
    rows = [line.split() for line in output.splitlines()[-3:]]
    assert rows == [
        ["package", "of", "the", "model", "installed"],
        ["gone", "2.0", "none"],
        ["tensorflow", "1.15.0", version("tensorflow")],
    ]


def test_a_model_of_the_installed_packages_differs_in_none(tmp_path):
    assert find_package_changes(write_causes_of(tmp_path)) == ()
    assert "The installed packages are those" in describe_package_changes(())


@pytest.mark.parametrize("content", [None, "{", "[]", '{"packages": 3}', '{"packages": ["ab1"]}'])
def test_a_model_that_does_not_say_its_packages_says_nothing(tmp_path, content):
    if content is not None:
        (tmp_path / "causes.json").write_text(content)
    assert find_package_changes(tmp_path) is None


@pytest.mark.slow
def test_an_experiment_that_no_branch_holds_is_found_by_its_name(tiny):
    change_seed(tiny, 3)
    tiny.run("dvc", "exp", "run", "--name", "third-seed")
    shutil.copytree(tiny.folder / "model", tiny.folder.parent / "third")
    tiny.run("git", "checkout", "--quiet", ".")
    (origin,) = find_origins(tiny.folder.parent / "third", tiny.folder)
    assert origin.experiment == "third-seed"
    assert "[third-seed]" in tiny.liverseg("provenance", "../third")


def test_a_model_of_the_second_pipeline_file_has_its_path_from_the_top(tiny):
    (origin,) = find_origins(tiny.folder / "sub/data", tiny.folder)
    assert origin.output == "sub/data"


def test_a_model_that_no_commit_recorded_is_an_error_with_the_next_step(tiny):
    (tiny.folder / "model/extra").write_text("more")
    before = sorted(tiny.cache.rglob("*"))
    output = tiny.liverseg("provenance", "model", expect=2)
    assert "in no dvc.lock of any" in output
    assert "dvc exp pull" in output
    assert sorted(tiny.cache.rglob("*")) == before  # asked, not added


def test_a_hash_that_is_only_a_dependency_is_no_origin(tiny):
    (tiny.folder / "copy.py").write_text((tiny.folder / "make.py").read_text())
    with pytest.raises(DataError, match=r"in no dvc\.lock"):
        find_origins(tiny.folder / "copy.py", tiny.folder)


def test_outside_a_repository_the_next_step_is_to_go_into_one(tmp_path):
    (tmp_path / "model").mkdir()
    with pytest.raises(LiversegError, match=r"Received: you are not inside.* Run it in the repos"):
        find_origins(tmp_path / "model", tmp_path)


def test_a_folder_that_is_missing_is_named(tiny):
    with pytest.raises(DataError, match=r"no-model: expected the folder of a model"):
        find_origins(tiny.folder / "no-model", tiny.folder)
