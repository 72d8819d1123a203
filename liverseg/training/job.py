"""What a training is made of: the params, the slices, and the batches that follow from them."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from liverseg.cases.split import CaseRole, Role
from liverseg.errors import DataError
from liverseg.params import AugmentParams, ModelName, TrainParams
from liverseg.slices.augment import Augmenter
from liverseg.slices.batches import SliceBatches, TargetBuilder, TrainingBatches
from liverseg.slices.samples import select_rows, split_regions
from liverseg.slices.stacks import SliceRow, read_index
from liverseg.training.causes import Causes


@dataclass(frozen=True)
class TrainingJob:
    """All that decides how a model comes out of training.

    Attributes:
        model: Its name.
        own: The section ``models.<name>``.
        train: The section ``train``, the model's overrides in place.
        augment: The section ``augment``.
        slices: The folder of the stage preprocess.
        roles: The split.
        encoder: The folder of the stage pretrain, for the model that starts from it.
        causes: The same, by hashes and values: for the record, and to know the job again.
    """

    model: ModelName
    own: Any
    train: TrainParams
    augment: AugmentParams
    slices: Path
    roles: Sequence[CaseRole]
    encoder: Path | None
    causes: Causes


def build_batches(
    job: TrainingJob, build_target: TargetBuilder = split_regions
) -> tuple[TrainingBatches, SliceBatches]:
    """Batches of the training and of the validation slices.

    Raises:
        DataError: One of the roles has no slices.
    """
    rows = read_index(job.slices)
    training = TrainingBatches(
        job.slices,
        _select_role(rows, job.roles, "train"),
        job.train,
        Augmenter(job.augment),
        build_target=build_target,
    )
    validation = SliceBatches(
        job.slices,
        _select_role(rows, job.roles, "validation"),
        context=job.train.context,
        batch_size=job.train.batch_size,
        build_target=build_target,
    )
    return training, validation


def _select_role(rows: Iterable[SliceRow], roles: Iterable[CaseRole], role: Role) -> list[SliceRow]:
    selected = select_rows(rows, [each.case_id for each in roles if each.role == role])
    if not selected:
        raise DataError(
            f"the {role} cases",
            expected="at least one slice",
            received="none",
            next_step="Give the split more patients, or run `dvc repro preprocess split`.",
        )
    return selected
