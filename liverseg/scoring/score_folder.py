"""The folder of one model's scores: which of its files holds what."""

import math
from dataclasses import dataclass
from pathlib import Path

from liverseg.errors import DataError
from liverseg.json_files import read_json
from liverseg.outputs import Member
from liverseg.params import RULES_FILE
from liverseg.scoring.case_score import CaseScore
from liverseg.scoring.score_files import read_case_scores
from liverseg.tables.case_table import file_stem

CALIBRATION_COLUMNS = ("region", "mean_probability", "observed_share", "num_pixels")
PRECISION_RECALL_COLUMNS = ("threshold", "precision", "recall")
NEXT_STEP = "Write it again with the stage score: `dvc repro`."


@dataclass(frozen=True)
class ScoreFolder:
    """``scores/<model>``: the stage score writes it, the stage evaluate reads it.

    Beside these it holds the description of the model, which says whose scores they are. Lesion
    pixels by threshold and pixels by probability are of the test cases alone.

    Attributes:
        path: The folder.
    """

    path: Path

    rules = Member(RULES_FILE)  # from probabilities to labels, as they were used
    candidates = Member("candidates.csv")  # what each combination of rules is worth, where tuned
    labels = Member("labels")  # uint8 NIfTI on the grid of each scan
    cases = Member("cases.json")  # scores of the validation and test cases
    all_background = Member("all_background.json")  # of an empty prediction on the same cases
    precision_recall = Member("precision_recall.csv")  # PRECISION_RECALL_COLUMNS
    calibration = Member("calibration.csv")  # CALIBRATION_COLUMNS
    calibrated = Member("calibrated.csv")  # the same by the temperatures of the rules
    calibration_errors = Member("calibration.json")  # liver_ece, lesion_ece; more of both

    def labels_of(self, case_id: str) -> Path:
        """The predicted labels of a case."""
        return self.labels / f"{file_stem(case_id)}.nii.gz"

    def read_cases(self) -> tuple[CaseScore, ...]:
        """The scores of the model, once it is sure that nothing is missing beside them.

        Raises:
            DataError: A file is missing, or the scores are damaged.
        """
        required = (
            *(self.cases, self.all_background, self.rules),
            *(self.calibration_errors, self.calibration, self.calibrated, self.precision_recall),
        )
        missing = [path.name for path in required if not path.exists()]
        if missing:
            raise DataError(
                str(self.path),
                expected=", ".join(path.name for path in required),
                received=f"no {', '.join(missing)}",
                next_step=NEXT_STEP,
            )
        return read_case_scores(self.cases)

    def read_calibration_errors(self) -> tuple[float, float]:
        """Of liver and lesion; NaN where undefined.

        Raises:
            DataError: The file holds something else.
        """
        try:
            content = read_json(self.calibration_errors)
            liver, lesion = (content[name] for name in ("liver_ece", "lesion_ece"))
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise DataError(
                str(self.calibration_errors),
                expected="liver_ece and lesion_ece as JSON",
                received=str(error),
                next_step=NEXT_STEP,
            ) from None
        return math.nan if liver is None else liver, math.nan if lesion is None else lesion
