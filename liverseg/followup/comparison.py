"""Two studies of one patient compared: every lesion's change, the response, and what to look at."""

from dataclasses import dataclass

import numpy as np

from liverseg.followup.changes import Change, ComparedLesions, compare_lesions
from liverseg.followup.pairing import pair_lesions
from liverseg.followup.registration import Registration, register_livers
from liverseg.followup.response import (
    MEASURABLE_MM,
    THICKEST_SLICE_MM,
    Response,
    judge_response,
)
from liverseg.followup.study import Study
from liverseg.grids.orientation import reorient_array

LEAST_DICE = 0.8
"""Of two livers laid over each other; those of one patient reach 0.9 on the phantom."""


@dataclass(frozen=True, eq=False)
class Comparison:
    """Two scans side by side.

    Attributes:
        baseline: The first scan.
        followup: The second scan.
        registration: From the first to the second.
        compared: All lesions: those of the first scan by decreasing volume, then new ones.
        response: By RECIST 1.1.
    """

    baseline: Study
    followup: Study
    registration: Registration
    compared: tuple[ComparedLesions, ...]
    response: Response

    @property
    def notes(self) -> tuple[str, ...]:
        """What somebody has to look at before believing it, a sentence or two each."""
        studies = (self.baseline, self.followup)
        notes = []
        if self.registration.liver_dice < LEAST_DICE:
            notes.append(
                f"The livers overlap by {self.registration.liver_dice:.2f} (Dice) only: are they "
                "of one patient, and whole in both scans? Pairs may be wrong."
            )
        notes += [
            f"{each.name}: the liver reaches the first or the last slice. A lesion beyond it "
            "counts as vanished or new."
            for each in studies
            if _is_cut_off(each)
        ]
        notes += [
            f"{each.name}: slices are {each.slice_mm:.3g} mm apart, more than the "
            f"{THICKEST_SLICE_MM:g} mm of RECIST 1.1."
            for each in studies
            if each.slice_mm > THICKEST_SLICE_MM
        ]
        small = [
            str(lesion.number)
            for each in self.compared
            for lesion in each.followup
            if each.change == Change.NEW and lesion.diameters.longest_mm < MEASURABLE_MM
        ]
        if small:
            notes.append(
                f"New and shorter than {MEASURABLE_MM:g} mm in {self.followup.name}: "
                f"{', '.join(small)}. A new lesion counts only if it is one beyond doubt."
            )
        return tuple(notes)


def compare_studies(baseline: Study, followup: Study) -> Comparison:
    """The lesions of both scans, paired and judged; equal input gives an equal result.

    Raises:
        LiversegError: SimpleITK is not installed.
    """
    registration = register_livers(baseline.labels, followup.labels)
    tracks = pair_lesions(baseline, followup, registration.motion)
    compared = tuple(compare_lesions(track, baseline, followup) for track in tracks)
    response = judge_response(compared, baseline)
    return Comparison(baseline, followup, registration, compared, response)


def _is_cut_off(study: Study) -> bool:
    slices = reorient_array(study.labels.data, study.labels.grid.axis_codes, "SPL")
    return bool(np.any(slices[[0, -1]]))
