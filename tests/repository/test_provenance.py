import shutil

import pytest

from liverseg.errors import DataError
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


def test_a_folder_that_is_missing_is_named(tiny):
    with pytest.raises(DataError, match=r"no-model: expected the folder of a model"):
        find_origins(tiny.folder / "no-model", tiny.folder)
