import shutil
import stat
from hashlib import md5

import pytest

from tests.repository.conftest import damage

WEIGHTS = "data and weights of seed 1"
WEIGHTS_NAME = md5(WEIGHTS.encode()).hexdigest()
ALL_WHOLE = "all 4 objects are whole"  # sub/data, model's listing, weights and notes


def test_a_whole_cache_is_said_to_be_whole(tiny):
    assert ALL_WHOLE in tiny.liverseg("verify")


def test_a_damaged_file_that_dvc_checks_out_as_good_is_removed_and_made_again(tiny):
    damage(tiny.find_object(WEIGHTS_NAME))
    shutil.rmtree(tiny.folder / "model")
    tiny.run("dvc", "checkout")
    assert (tiny.folder / "model/weights").read_text() != WEIGHTS  # why there is such a command
    assert "up to date" in tiny.run("dvc", "status")
    output = tiny.liverseg("verify", expect=2)
    (row,) = [line for line in output.splitlines() if line.startswith(WEIGHTS_NAME)]
    assert row.split() == [WEIGHTS_NAME, "make", "model/weights", "removed"]
    assert "1 of 4 objects were damaged, 1 of them removed" in output
    assert "dvc repro" in output
    assert not tiny.find_object(WEIGHTS_NAME).exists()
    tiny.run("dvc", "repro")
    assert tiny.count_runs() == 2
    assert (tiny.folder / "model/weights").read_text() == WEIGHTS
    assert ALL_WHOLE in tiny.liverseg("verify")


@pytest.mark.slow
def test_after_a_removal_dvc_does_not_believe_that_the_object_is_there(tiny):
    damage(tiny.find_object(WEIGHTS_NAME))
    shutil.rmtree(tiny.folder / "model")
    tiny.liverseg("verify", expect=2)
    tiny.run("dvc", "checkout", expect=255)
    assert not (tiny.folder / "model/weights").exists()
    tiny.run("dvc", "repro")
    assert (tiny.folder / "model/weights").read_text() == WEIGHTS


def test_a_whole_copy_in_the_workspace_goes_back_into_the_cache(tiny):
    damage(tiny.find_object(WEIGHTS_NAME))
    output = tiny.liverseg("verify")
    assert "put back from model/weights" in output
    assert "0 of them removed" in output
    assert "Next:" not in output
    restored = tiny.find_object(WEIGHTS_NAME)
    assert restored.read_text() == WEIGHTS
    assert stat.S_IMODE(restored.stat().st_mode) == 0o444
    assert "up to date" in tiny.run("dvc", "repro")
    assert tiny.count_runs() == 1
    assert ALL_WHOLE in tiny.liverseg("verify")


def test_a_damaged_listing_of_a_folder_is_made_again_from_a_whole_folder(tiny):
    name = tiny.read_hash("make")
    listing = tiny.find_object(name).read_bytes()
    damage(tiny.find_object(name))
    assert f"{name}  make   model   put back from model" in tiny.liverseg("verify")
    assert tiny.find_object(name).read_bytes() == listing
    assert "up to date" in tiny.run("dvc", "repro")


@pytest.mark.slow
def test_a_damaged_listing_of_a_folder_that_is_gone_is_removed_and_made_again(tiny):
    name = tiny.read_hash("make")
    damage(tiny.find_object(name))
    shutil.rmtree(tiny.folder / "model")
    assert f"{name}  make   model   removed" in tiny.liverseg("verify", expect=2)
    tiny.run("dvc", "repro")
    assert tiny.count_runs() == 2
    assert ALL_WHOLE in tiny.liverseg("verify")


@pytest.mark.slow
@pytest.mark.parametrize("link", ["hardlink", "symlink"])
def test_a_link_into_the_cache_never_brings_the_damage_back(tiny, link):
    tiny.run("dvc", "config", "cache.type", link)
    tiny.run("dvc", "checkout", "--relink")
    weights = tiny.folder / "model/weights"
    assert weights.samefile(tiny.find_object(WEIGHTS_NAME))
    assert "up to date" in tiny.run("dvc", "status")  # DVC notes the hash of the link
    damage(tiny.find_object(WEIGHTS_NAME))
    assert "1 of them removed" in tiny.liverseg("verify", expect=2)
    if link == "hardlink":
        tiny.run("dvc", "commit", "--force")  # takes the file as it is, under its own name
        assert "are whole" in tiny.liverseg("verify")
        tiny.run("git", "checkout", "--quiet", "dvc.lock")
    tiny.run("dvc", "repro")
    assert weights.read_text() == WEIGHTS
    assert "are whole" in tiny.liverseg("verify")


@pytest.mark.slow
def test_an_object_of_an_earlier_run_belongs_to_no_output(tiny):
    make = tiny.folder / "make.py"
    make.write_text(make.read_text().replace("seed 1", "seed 2"))
    tiny.run("dvc", "repro")
    damage(tiny.find_object(WEIGHTS_NAME))
    output = tiny.liverseg("verify", expect=2)
    (row,) = [line for line in output.splitlines() if line.startswith(WEIGHTS_NAME)]
    assert row.split() == [WEIGHTS_NAME, "–", "–", "removed"]
    assert "nothing for this workspace" in output
    assert "up to date" in tiny.run("dvc", "repro")


@pytest.mark.slow
def test_data_that_was_added_cannot_be_made_again_and_the_advice_says_so(tiny):
    (tiny.folder / "scan").write_text("a scan")
    tiny.run("dvc", "add", "scan")
    name = md5(b"a scan").hexdigest()
    damage(tiny.find_object(name))
    (tiny.folder / "scan").unlink()
    output = tiny.liverseg("verify", expect=2)
    assert "scan.dvc" in output
    assert "dvc pull" in output
    assert "dvc repro" not in output


@pytest.mark.slow
def test_the_stage_of_another_pipeline_file_is_named_in_a_cache_elsewhere(tiny):
    elsewhere = tiny.folder.parent / "elsewhere"
    tiny.run("dvc", "cache", "dir", str(elsewhere))
    shutil.move(tiny.folder / ".dvc/cache", elsewhere)
    name = md5(b"data").hexdigest()
    damage(elsewhere / "files/md5" / name[:2] / name[2:])
    assert f"{name}  sub/dvc.yaml:data  sub/data  put back" in tiny.liverseg("verify")


def test_what_dvc_was_still_writing_is_no_object(tiny):
    (tiny.cache / "ab").mkdir(exist_ok=True)
    (tiny.cache / "ab" / ".xyz.tmp").write_text("half")
    assert ALL_WHOLE in tiny.liverseg("verify")


def test_an_empty_cache_is_whole(tiny):
    shutil.rmtree(tiny.folder / ".dvc/cache")
    assert "all 0 objects are whole" in tiny.liverseg("verify")


def test_an_unreadable_lock_file_is_an_error_that_names_the_next_step(tiny):
    damage(tiny.find_object(WEIGHTS_NAME))
    (tiny.folder / "dvc.lock").write_text("schema: '2.0'\nstages:\n  make: {")
    output = tiny.liverseg("verify", expect=2)
    assert "dvc.lock" in output
    assert "liverseg mend" in output
    assert tiny.find_object(WEIGHTS_NAME).exists()


def test_outside_a_repository_there_is_an_error_of_one_line(tmp_path, finished_repository):
    tiny = type(finished_repository)(tmp_path)
    for verb in (["verify"], ["mend"], ["provenance", "."]):
        output = tiny.liverseg(*verb, expect=2)
        assert len(output.splitlines()) == 1
        assert output.startswith("error:")
