from dataclasses import replace

import numpy as np
import pytest

from liverseg.models.resnet import ENCODER_FILE
from liverseg.params import ResnetParams
from liverseg.pretraining.encoder import (
    QUESTIONS,
    answer_questions,
    pretrain_encoder,
    write_encoder,
)
from liverseg.training.fit import train_model
from liverseg.training.job import TrainingJob


def answer(labels: list[list[int]]) -> dict[str, bool]:
    answers = answer_questions(np.array(labels, np.uint8))
    assert answers.dtype == np.float32
    assert set(answers.tolist()) <= {0, 1}
    return dict(zip(QUESTIONS, answers.astype(bool).tolist(), strict=True))


def test_of_an_empty_slice_every_answer_is_no():
    assert not any(answer([[0] * 4] * 4).values())


def test_liver_on_the_left_and_at_the_bottom():
    """3 of 16 pixels are liver, all in the left half, 2 of 3 below the middle; no lesion."""
    yes = {"liver", "liver on a tenth of the slice", "more liver on the left of the slice"}
    answers = answer([[0] * 4, [1, 0, 0, 0], [1, 0, 0, 0], [1, 0, 0, 0]])
    assert {question for question, is_yes in answers.items() if is_yes} == yes


def test_lesion_counts_as_liver_too():
    """A lesion of 2 pixels, one of them at the top on the left, and one pixel of liver beside it:
    on the left lie 1 liver and 1 lesion of 2, at the top 2 of 3 and 1 of 2."""
    answers = answer([[0, 0, 1, 0], [0, 2, 0, 0], [0, 0, 2, 0], [0] * 4])
    yes = {
        "liver",
        "lesion",
        "liver on a tenth of the slice",  # 3 of 16
        "lesion on a tenth of the liver",  # 2 of 3
        "more liver at the top of the slice",  # 2 to 1
    }
    assert {question for question, is_yes in answers.items() if is_yes} == yes


def test_a_tenth_is_not_yet_more_than_a_tenth():
    """1 of 10 pixels is liver, later 10 of 10 with 1 of them lesion."""
    answers = answer([[1, 0, 0, 0, 0], [0, 0, 0, 0, 0]])
    assert not answers["liver on a tenth of the slice"]
    answers = answer([[2, 1, 1, 1, 1], [1, 1, 1, 1, 1]])
    assert answers["liver on a tenth of the slice"]
    assert not answers["lesion on a tenth of the liver"]
    assert answers["more lesion on the left of the slice"]
    assert answers["more lesion at the top of the slice"]
    assert not answers["more liver at the top of the slice"]


@pytest.mark.slow
def test_a_resnet_trains_from_the_encoder_that_was_trained_on_slices(
    job: TrainingJob, resnet: ResnetParams, tmp_path, monkeypatch
):
    """The second phase, at a rate of 0.5, spoils what the first has learnt: the weights of the
    first epoch come back, in which the encoder is still exactly the pre-trained one."""
    monkeypatch.chdir(tmp_path)
    spoilt = resnet.model_copy(update={"weights": "slices", "fine_tune_learning_rate": 0.5})
    pretrain = job.train.model_copy(update={"epochs": 1})
    encoder_job = replace(job, model="resnet", own=spoilt, train=pretrain)
    pretrained = pretrain_encoder(encoder_job, tmp_path / "unfinished" / "encoder")
    assert set(pretrained.accuracies) == set(QUESTIONS)
    assert all(0 <= share <= 1 for share in pretrained.accuracies.values())
    write_encoder(tmp_path, pretrained)
    assert (tmp_path / ENCODER_FILE).exists()

    two_epochs = replace(job, model="resnet", own=spoilt, encoder=tmp_path)
    unfinished = tmp_path / "unfinished" / "resnet"
    trained = train_model(two_epochs, tmp_path / "curves", tmp_path / "logs", unfinished)
    assert trained.description.initial_weights == "slices"
    assert trained.metrics["num_epochs"] == 2
    assert trained.metrics["kept_epoch"] == 1
    for layer in pretrained.encoder.layers:
        if layer.name.startswith("conv"):
            kept = trained.model.get_layer(layer.name).get_weights()
            assert all(map(np.array_equal, kept, layer.get_weights()))
