"""All scores over cases, each with its interval and the number of cases that it covers."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from liverseg.errors import DataError
from liverseg.scoring.case_score import CaseScore
from liverseg.scoring.score_files import export_cases, write_document
from liverseg.statistics.bootstrap import Estimate, PatientBootstrap
from liverseg.statistics.case_columns import tabulate_cases
from liverseg.statistics.score_table import SCORES


@dataclass(frozen=True)
class Summary:
    """Scores over cases by their keys in the table of scores: ``summary["lesion.dice_per_case"]``.

    Attributes:
        num_cases: How many cases were scored.
        num_patients: How many patients they come from.
        estimates: One a score, in the order of the table.
    """

    num_cases: int
    num_patients: int
    estimates: Mapping[str, Estimate]

    def __getitem__(self, key: str) -> Estimate:
        """The score of a key."""
        return self.estimates[key]

    def get_value(self, key: str) -> float:
        """A score without its interval; a count is whole."""
        value = self.estimates[key].value
        return int(value) if SCORES[key].is_count else value

    def export(self) -> dict[str, Any]:
        """Members of JSON, nested by the parts of the keys; NaN where undefined."""
        document: dict[str, Any] = {
            "num_cases": self.num_cases,
            "num_patients": self.num_patients,
        }
        for key, estimate in self.estimates.items():
            *parents, name = key.split(".")
            place = document
            for parent in parents:
                place = place.setdefault(parent, {})
            place[name] = self.get_value(key) if SCORES[key].is_count else asdict(estimate)
        return document


def summarize(scores: Sequence[CaseScore], *, seed: int, num_bootstraps: int) -> Summary:
    """Scores over cases, in any order of the cases.

    Args:
        scores: At least one case.
        seed: Of the bootstrap.
        num_bootstraps: Number of replicates.

    Raises:
        DataError: There is no case.

    Examples:
        One liver, its only lesion missed:

        >>> import numpy as np
        >>> from liverseg.grids.grid import Grid
        >>> from liverseg.scoring.case_score import score_case
        >>> grid = Grid((4, 1, 1), np.eye(4))
        >>> reference = np.array([1, 1, 2, 2], np.uint8).reshape(grid.shape)
        >>> score = score_case("7", "7", reference, reference.clip(max=1), grid, 6)
        >>> summary = summarize([score], seed=1, num_bootstraps=100)
        >>> summary["liver.dice_per_case"].value, summary["lesion.dice_per_case"].value
        (1.0, 0.0)
        >>> summary["lesion.assd_mm"].num_cases, summary["lesion.num_missed"].value
        (0, 1.0)
    """
    if not scores:
        raise DataError(
            "summary of scores",
            expected="at least one scored case",
            received="none",
            next_step="Check which cases were selected.",
        )
    scores = sorted(scores, key=lambda score: score.case_id)  # sums round alike in any order
    patient_ids = [score.patient_id for score in scores]
    bootstrap = PatientBootstrap(patient_ids, seed=seed, num_bootstraps=num_bootstraps)
    columns = tabulate_cases(scores)
    return Summary(
        num_cases=len(scores),
        num_patients=bootstrap.num_patients,
        estimates={key: score.estimate(columns, bootstrap) for key, score in SCORES.items()},
    )


def write_scores(path: Path, scores: Sequence[CaseScore], summary: Summary) -> None:
    """Write JSON: ``cases``, and ``summary``; ``null`` where undefined."""
    write_document(path, {"cases": export_cases(scores), "summary": summary.export()})
