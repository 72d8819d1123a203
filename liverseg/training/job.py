"""What a training is made of: the params, the slices, and the batches that follow from them."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from liverseg.errors import DataError
from liverseg.networks.by_slice import ReadSample, read_slice
from liverseg.networks.causes import Causes
from liverseg.params import (
    AugmentParams,
    FitParams,
    ModelName,
    TrainingKeys,
    TrainOverrides,
    TrainParams,
)
from liverseg.slices.context import Surroundings
from liverseg.slices.stacks import SliceRow, read_index
from liverseg.tables.split import CaseRole, Role
from liverseg.training.batches import SliceBatches, TargetBuilder, TrainingBatches
from liverseg.training.samples import select_rows, split_regions


@dataclass(frozen=True, kw_only=True)
class FitJob:
    """What is fitted to what.

    Attributes:
        own: The params of what is fitted, of the section ``models.<name>``.
        train: How; overrides in place.
        augment: The section ``augment``.
        slices: The folder of the stage preprocess.
        roles: The split.
        causes: The same, by hashes and values: for the record, and to know the job again.
    """

    own: Any
    train: FitParams
    augment: AugmentParams
    slices: Path
    roles: Sequence[CaseRole]
    causes: Causes


@dataclass(frozen=True, kw_only=True)
class TrainingJob(FitJob):
    """All that decides how a model comes out of training.

    Attributes:
        model: Its name; ``own`` is its whole section.
        train: The section ``train``, the model's overrides in place.
        keys: Under which the params file has these values.
        encoder: The folder of the stage pretrain, for the model that starts from it.
    """

    model: ModelName
    train: TrainParams
    keys: TrainingKeys
    encoder: Path | None


def apply_overrides(train: TrainParams, overrides: TrainOverrides) -> TrainParams:
    """The shared train section with one model's own values in place."""
    own = {name: value for name, value in overrides if value is not None}
    return train.model_copy(update=own)


def build_batches(
    job: FitJob,
    read_sample: ReadSample = read_slice,
    build_target: TargetBuilder = split_regions,
) -> tuple[TrainingBatches, SliceBatches]:
    """Batches of the training and of the validation slices.

    Args:
        job: Whose slices, params and seed they follow from.
        read_sample: That of the model's recipe.
        build_target: From the labels of a sample to its target.

    Raises:
        DataError: One of the roles has no slices.
    """
    rows = read_index(job.slices)
    training = TrainingBatches(
        job.slices,
        _select_role(rows, job.roles, "train"),
        job.train,
        job.augment,
        read_sample=read_sample,
        build_target=build_target,
    )
    validation = SliceBatches(
        job.slices,
        _select_role(rows, job.roles, "validation"),
        surroundings=Surroundings(job.train.context, job.train.context_mm),
        batch_size=job.train.batch_size,
        read_sample=read_sample,
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
