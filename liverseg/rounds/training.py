"""One round: new patients, and both networks trained on them from where the last round ended."""

import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from pydantic import TypeAdapter

from liverseg.json_files import read_json, write_json
from liverseg.networks.causes import collect_causes
from liverseg.networks.model_folder import ModelFolder
from liverseg.outputs import whole_folder
from liverseg.params import (
    LOCATOR_KEYS,
    RULES_FILE,
    ModelName,
    Params,
    PhantomParams,
    TrainParams,
    UnetShape,
    build_model_keys,
)
from liverseg.rounds.patients import (
    COARSE_FOLDER,
    FINE_FOLDER,
    SPLIT_FILE,
    Views,
    build_views,
    move_on,
    write_patients,
)
from liverseg.slices.stacks import Preprocessing
from liverseg.tables.split import CaseRole, read_split
from liverseg.training.fit import train_model
from liverseg.training.job import TrainingJob, apply_overrides

PATIENTS_FOLDER = "patients"
DRAWN_FILE = "drawn.json"
"""In their folder, what they were drawn by."""


@dataclass(frozen=True)
class Round:
    """Which round it is, and where it works.

    Attributes:
        model: The kind of both networks.
        number: From 1.
        num_patients: New ones, at least 1; None for as many as the params say.
        num_epochs: Of the model; likewise.
        previous: The model folder of the round before; None for the first.
        work: Where its patients and the state of its trainings are kept until it is done, and found
            again after an interruption.
        logs: A folder for TensorBoard's logs.
    """

    model: ModelName
    number: int
    num_patients: int | None
    num_epochs: int | None
    previous: Path | None
    work: Path
    logs: Path


def train_round(params: Params, this: Round, folder: ModelFolder) -> None:
    """Write the model of a round, with its locator and its rules, into an existing folder.

    An interrupted round goes on after its last finished epoch.

    Args:
        params: All that is chosen; ``phantom.seed`` and the seeds of both trainings move on from
            round to round.
        this: The round.
        folder: Of the model.

    Raises:
        ModelError: The last round's networks do not fit, or a training diverged.
    """
    views = build_views(params)
    roles = read_split(prepare_patients(params, this, views) / SPLIT_FILE)
    locator = params.locator
    folder.locator.path.mkdir()
    job = _build_job(this, locator.network, locator.train, params, roles, COARSE_FOLDER)
    _train(job, folder.locator, views.coarse, this)
    own, train = params.models.unet, apply_overrides(params.train, params.models.unet.train)
    if this.num_epochs:
        train = train.model_copy(update={"epochs": this.num_epochs})
    job = _build_job(this, own, train, params, roles, FINE_FOLDER)
    _train(job, folder, views.fine, this)
    write_json(folder.path / RULES_FILE, params.rules.model_dump())


def prepare_patients(params: Params, this: Round, views: Views) -> Path:
    """The folder of a round's patients, drawn unless an interrupted run has, by the same params."""
    patients, own = this.work / PATIENTS_FOLDER, choose_patients(params.phantom, this)
    drawn = TypeAdapter(Views).dump_python(views, mode="json") | own.model_dump(mode="json")
    if (patients / DRAWN_FILE).exists() and read_json(patients / DRAWN_FILE) == drawn:
        return patients
    with whole_folder(patients) as new:
        write_patients(new, own, views)
        write_json(new / DRAWN_FILE, drawn)
    return patients


def choose_patients(params: PhantomParams, this: Round) -> PhantomParams:
    """Those of a round, from those of all."""
    own = move_on(params, this.number)
    if this.num_patients is None:
        return own
    return own.model_copy(update={"num_patients": this.num_patients})


def _build_job(
    this: Round,
    own: UnetShape,
    train: TrainParams,
    params: Params,
    roles: Sequence[CaseRole],
    view: str,
) -> TrainingJob:
    """The training of one network on one view, from where the last round left the same one."""
    previous = None
    if this.previous is not None:
        previous = this.previous if view == FINE_FOLDER else ModelFolder(this.previous).locator.path
        own = own.model_copy(update={"weights": str(previous)})
    train = train.model_copy(update={"seed": train.seed + this.number - 1})
    slices = this.work / PATIENTS_FOLDER / view
    inputs = {"slices": slices} | ({"previous": previous} if previous else {})
    sections = {"train": train, "augment": params.augment, "models.unet": own}
    is_coarse = view == COARSE_FOLDER
    return TrainingJob(
        model=this.model,
        own=own,
        train=train,
        keys=LOCATOR_KEYS if is_coarse else build_model_keys(this.model, params.models.unet.train),
        augment=params.augment,
        slices=slices,
        roles=roles,
        encoder=None,
        causes=collect_causes(inputs, sections),
    )


def _train(job: TrainingJob, folder: ModelFolder, view: Preprocessing, this: Round) -> None:
    name = job.slices.name
    with tempfile.TemporaryDirectory(dir=this.work) as scratch:  # TensorBoard shows the curves
        trained = train_model(job, Path(scratch) / "curves", this.logs / name, this.work / name)
    folder.write_trained(trained.model, trained.description, view)
    folder.write_metrics(trained.metrics)
    folder.write_causes(job.causes)
