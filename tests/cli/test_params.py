"""``liverseg params`` as a user types it."""

import shutil

from ruamel.yaml import YAML

from tests.commands import REPOSITORY, run_liverseg


def count_leaves(content: object) -> int:
    """Values of a file; a list is one, and so is a mapping without keys."""
    return sum(map(count_leaves, content.values())) if isinstance(content, dict) and content else 1


def test_a_sound_file_is_said_to_be_sound_with_the_number_of_its_values(tmp_path):
    shutil.copy(REPOSITORY / "params.yaml", tmp_path)
    done = run_liverseg("params", cwd=tmp_path)
    number = count_leaves(YAML(typ="safe").load(tmp_path / "params.yaml"))
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout == f"params.yaml: {number} values, all valid\n"


def test_what_a_mapping_of_the_users_own_keys_holds_is_one_value(tmp_path):
    text = (REPOSITORY / "params.yaml").read_text(encoding="utf-8")
    assert "  label_map: {} " in text
    (tmp_path / "own.yaml").write_text(text.replace("label_map: {} ", "label_map: {5: 1, 6: 2} "))
    (tmp_path / "params.yaml").write_text(text, encoding="utf-8")
    plain, own = (
        run_liverseg("params", tmp_path / name).stdout for name in ("params.yaml", "own.yaml")
    )
    assert own.partition(":")[2] == plain.partition(":")[2] != ""


def test_a_file_that_cannot_be_used_ends_with_code_2_and_every_problem(tmp_path):
    text = (REPOSITORY / "params.yaml").read_text(encoding="utf-8")
    changed = text.replace("model: all", "modle: all").replace(
        "field_of_view_mm: 300", "field_of_view_mm: wide"
    )
    (tmp_path / "params.yaml").write_text(changed, encoding="utf-8")
    done = run_liverseg("params", cwd=tmp_path)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith("error: params.yaml: 3 value(s) cannot be used:\n")
