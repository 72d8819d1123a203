import pytest

from liverseg.errors import DataError, ModelError
from liverseg.networks.description import write_no_model
from liverseg.params import LabelRules
from liverseg.scans.ensemble import read_ensemble
from tests.scans.conftest import RULES, SIZE, write_model_folder


def test_a_model_folder_says_all_that_its_use_takes(model):
    ensemble = read_ensemble([model])
    (member,) = ensemble.members
    assert member.description.context == 1
    assert ensemble.preprocessing.image_size == SIZE
    assert ensemble.rules == RULES


def test_models_of_other_contexts_go_together(model, tmp_path):
    other = write_model_folder(tmp_path / "other", context=0)
    ensemble = read_ensemble([model, other])
    assert [member.description.context for member in ensemble.members] == [1, 0]


def test_models_that_see_other_slices_do_not(model, tmp_path):
    other = write_model_folder(tmp_path / "other", size=64)
    with pytest.raises(DataError, match=r"same windows, region and size.*32 pixels.*64 pixels"):
        read_ensemble([model, other])


@pytest.mark.parametrize("changed", [{"min_lesion_ml": 0.1}, {"flips": "horizontal"}])
def test_models_with_other_rules_need_a_choice(model, tmp_path, changed):
    rules = RULES.model_copy(update=changed)
    other = write_model_folder(tmp_path / "other", rules=rules)
    with pytest.raises(DataError, match="--rules FILE"):
        read_ensemble([model, other])
    assert read_ensemble([model, other], other / "rules.json").rules == rules


def test_models_of_other_temperatures_go_together_at_the_mean(model, tmp_path):
    rules = RULES.model_copy(update={"liver_temperature": 3.0, "lesion_temperature": 2.0})
    other = write_model_folder(tmp_path / "other", rules=rules)
    received = read_ensemble([model, other]).rules
    assert received == RULES.model_copy(
        update={"liver_temperature": 2.0, "lesion_temperature": 1.5}
    )
    assert read_ensemble([other]).rules == rules


def test_rules_of_before_there_were_temperatures_and_flips_leave_probabilities_as_they_are(
    model, tmp_path
):
    old = LabelRules(**RULES.model_dump(include=set(LabelRules.model_fields)))
    folder = write_model_folder(tmp_path / "old", rules=old)
    assert read_ensemble([folder]).rules == RULES
    assert read_ensemble([folder]).rules.flips == "none"


def test_a_model_without_rules_is_pointed_to_the_final_one(tmp_path):
    bare = write_model_folder(tmp_path / "unet", rules=None)
    with pytest.raises(DataError, match=r"no such file.*models/final has them.*--rules"):
        read_ensemble([bare])


def test_damaged_rules_and_preprocessing_are_users_errors(tmp_path):
    folder = write_model_folder(tmp_path / "model")
    (folder / "rules.json").write_text('{"liver_threshold": 2}')
    with pytest.raises(DataError, match="liver_threshold"):
        read_ensemble([folder])
    (folder / "preprocessing.json").write_text("{}")
    with pytest.raises(ModelError, match=r"preprocessing\.json"):
        read_ensemble([folder])


def test_a_folder_without_a_model_and_a_skipped_model_are_users_errors(tmp_path):
    with pytest.raises(ModelError, match=r"model\.json"):
        read_ensemble([tmp_path])
    write_no_model(tmp_path, "resnet")
    with pytest.raises(ModelError, match="not part of the last run"):
        read_ensemble([tmp_path])
