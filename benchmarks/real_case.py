"""Is anything flipped, shifted or mis-scaled? Train the U-Net on one real case, score it there.

    python -m benchmarks.real_case FOLDER [--keep NEW_FOLDER]

FOLDER holds one case in the layout of LiTS. The U-Net sees nothing else, and is scored on the same
case, predicted as ``liverseg predict`` does: it can only come close to 1 if slices, masks, grids
and thresholds all mean the same voxels. It says nothing about other cases. ``NEW_FOLDER/model`` is
then a model for the verbs of the command line.
"""

import argparse
import json
import sys
import tempfile
import time
from pathlib import Path

from liverseg.cases.ingest import ingest_cases
from liverseg.errors import EXIT_CODE, LiversegError
from liverseg.networks.causes import collect_causes
from liverseg.networks.description import write_description
from liverseg.networks.saved import write_model
from liverseg.params import RULES_FILE, Params, TrainOverrides, build_model_keys, read_params
from liverseg.preprocess.framing import frame_scans
from liverseg.preprocess.slicing import preprocess_cases
from liverseg.scans.ensemble import read_ensemble
from liverseg.scans.predictor import Predictor
from liverseg.scoring.case_score import CaseScore, score_case
from liverseg.slices.stacks import Preprocessing, write_preprocessing
from liverseg.tables.case_table import Case
from liverseg.tables.split import CaseRole
from liverseg.training.fit import train_model
from liverseg.training.job import TrainingJob
from liverseg.volumes.reading import read_case_labels, read_case_scan

IMAGE_SIZE = 128
EPOCHS = 40
LEARNING_RATE = 2e-3


def overfit_case(root: Path, params: Params, scratch: Path) -> CaseScore:
    """Scores of the U-Net on the one case below ``root`` that it was trained on.

    ``scratch`` keeps the model as ``scratch/model``, with which ``liverseg predict`` works.
    """
    own: dict[str, object] = {
        "root": str(root),
        "patients": None,
        "exclude": (),
        "spacing_overrides": {},
    }
    data = params.data.model_copy(update=own)
    (case,) = ingest_cases(root, data).cases
    slices, model = scratch / "slices", scratch / "model"
    slices.mkdir()
    model.mkdir()
    preprocessing = Preprocessing(params.preprocess.windows_hu, IMAGE_SIZE, "npz")
    (region,) = frame_scans(root, [case], preprocessing)
    preprocess_cases(root, [case], {case.case_id: region}, preprocessing, slices)
    job = _build_job(case, slices, params)
    trained = train_model(job, model / "curves", scratch / "logs", scratch / "unfinished")
    write_model(model, trained.model)
    write_description(model, trained.description)
    write_preprocessing(model, preprocessing)
    rules = params.rules.model_copy(update={"flips": "none"})  # training shows no mirror images
    (model / RULES_FILE).write_text(rules.model_dump_json(indent=2), encoding="utf-8")
    scan, reference = read_case_scan(root, case), read_case_labels(root, case)
    predicted = Predictor(read_ensemble([model])).predict(scan)
    return score_case(
        case.case_id,
        case.patient_id,
        reference.data,
        predicted.labels,
        reference.grid,
        rules.lesion_connectivity,
    )


def _build_job(case: Case, slices: Path, params: Params) -> TrainingJob:
    augment = params.augment
    still = augment.model_copy(
        update={
            "flip": augment.flip.model_copy(
                update={"horizontal_probability": 0.0, "vertical_probability": 0.0}
            )
        }
        | {
            name: getattr(augment, name).model_copy(update={"probability": 0.0})
            for name in ("lesions", "affine", "elastic", "brightness_contrast", "noise")
        }
    )
    train = params.train.model_copy(
        update={
            "epochs": EPOCHS,
            "learning_rate": LEARNING_RATE,
            "loss": "bce_dice",
            "lesion_oversampling": 1,
            "liver_free_fraction": 0.2,
            "plateau": params.train.plateau.model_copy(update={"factor": 0.5, "patience": 6}),
            "early_stopping_patience": None,
        }
    )
    return TrainingJob(
        model="unet",
        own=params.models.unet.model_copy(update={"weights": "none"}),
        train=train,
        keys=build_model_keys("unet", TrainOverrides()),
        augment=still,
        slices=slices,
        roles=[
            CaseRole(case.case_id, case.patient_id, role, None) for role in ("train", "validation")
        ],
        encoder=None,
        causes=collect_causes(
            {"slices": slices}, {"train": train, "models.unet": params.models.unet}
        ),
    )


def main() -> None:
    """Train, score, and print the scores as JSON."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--params", type=Path, default=Path("params.yaml"))
    parser.add_argument(
        "--keep", type=Path, metavar="NEW_FOLDER", help="of the slices and the model"
    )
    flags = parser.parse_args()
    start = time.perf_counter()
    with tempfile.TemporaryDirectory() as scratch:
        if flags.keep:
            flags.keep.mkdir(parents=True)
        score = overfit_case(flags.folder, read_params(flags.params), flags.keep or Path(scratch))
    minutes = (time.perf_counter() - start) / 60
    result = {"lesion_dice": score.lesion.dice, "liver_dice": score.liver.dice, "minutes": minutes}
    print(json.dumps(result, indent=2))


if __name__ == "__main__":
    try:
        main()
    except LiversegError as error:
        print(f"error: {error}", file=sys.stderr)
        sys.exit(EXIT_CODE)
