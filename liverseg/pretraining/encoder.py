"""Pre-training of the ResNet's encoder on what a slice shows, for machines without a network."""

from dataclasses import dataclass
from pathlib import Path

import keras
import numpy as np
import numpy.typing as npt

from liverseg.labels import LESION, LIVER
from liverseg.models.resnet import ENCODER_FILE, build_encoder, build_slice_classifier
from liverseg.networks.causes import compute_key
from liverseg.training.callbacks import Progress
from liverseg.training.devices import should_compile_with_xla
from liverseg.training.fit import fit_epochs
from liverseg.training.job import FitJob, build_batches
from liverseg.training.runtime import prepare_runtime
from liverseg.training.unfinished import Unfinished

QUESTIONS = (
    "liver",
    "lesion",
    "liver on a tenth of the slice",
    "lesion on a tenth of the liver",
    "more liver on the left of the slice",
    "more liver at the top of the slice",
    "more lesion on the left of the slice",
    "more lesion at the top of the slice",
)


@dataclass(frozen=True)
class PretrainedEncoder:
    """An encoder that has learnt what slices show.

    Attributes:
        encoder: Uncompiled, in float32.
        accuracies: Share of right answers on the validation slices, by question.
    """

    encoder: keras.Model
    accuracies: dict[str, float]


def answer_questions(labels: npt.NDArray[np.uint8]) -> npt.NDArray[np.float32]:
    """Answers 0 or 1 to ``QUESTIONS`` for one slice of labels (rows, columns); shape (questions,).

    They need no label beyond the segmentation's own, and cannot be told from the position of the
    slice alone.
    """
    liver, lesion = labels >= LIVER, labels == LESION
    row, column = (side // 2 for side in labels.shape)
    answers = (
        liver.any(),
        lesion.any(),
        10 * liver.sum() > liver.size,
        10 * lesion.sum() > liver.sum(),
        liver[:, :column].sum() > liver[:, column:].sum(),
        liver[:row].sum() > liver[row:].sum(),
        lesion[:, :column].sum() > lesion[:, column:].sum(),
        lesion[:row].sum() > lesion[row:].sum(),
    )
    return np.array(answers, dtype=np.float32)


def pretrain_encoder(job: FitJob, unfinished: Path) -> PretrainedEncoder:
    """Train the encoder on the training slices, for a fixed number of epochs.

    Args:
        job: Its own params are ``EncoderParams``.
        unfinished: Where the state after each epoch is kept, see ``train_model``.

    Raises:
        DataError: A role has no slices.
        ModelError: The state of the unfinished training is damaged.
    """
    prepare_runtime(job.train)
    training, validation = build_batches(job, build_target=answer_questions)
    classifier = build_slice_classifier(job.own, training.input_shape, len(QUESTIONS))
    classifier.compile(
        optimizer=keras.optimizers.Adam(job.train.learning_rate),
        loss="binary_crossentropy",
        jit_compile=should_compile_with_xla(),
    )
    epochs = Unfinished(unfinished / compute_key(job.causes), callbacks=())
    epochs.restore_callbacks()
    progress = Progress("encoder", job.train.epochs)
    fit_epochs(classifier, (training, None), range(job.train.epochs), ((), [progress]), epochs)
    predicted = classifier.predict(validation, verbose=0) >= 0.5
    reference = np.concatenate([validation[i][1] for i in range(len(validation))]) > 0
    shares = (predicted == reference).mean(axis=0)
    keras.config.set_dtype_policy("float32")
    encoder = build_encoder(job.own, training.input_shape)
    for layer in encoder.layers:
        layer.set_weights(classifier.get_layer(layer.name).get_weights())
    return PretrainedEncoder(encoder, dict(zip(QUESTIONS, map(float, shares), strict=True)))


def write_encoder(folder: Path, pretrained: PretrainedEncoder) -> None:
    """Write the weights, to be loaded by ``models.resnet``."""
    pretrained.encoder.save_weights(folder / ENCODER_FILE)
