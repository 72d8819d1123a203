"""What a prediction of scans is asked for."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Options:
    """What is written, and what is predicted at all.

    Attributes:
        probabilities: Write the probabilities of liver and lesion as well.
        uncertainty: Write the entropy of the lesion probability as well, as a map and a picture.
        dicom: Write a DICOM-SEG and a DICOM SR as well, and a map of uncertainty if that is asked
            for; all scans have to be DICOM series.
        mixed: They need not be: what is no series goes without these.
        force: Predict again what is done.
        force_input: Predict also what is no CT of the body by the rules of ``liverseg check``.
    """

    probabilities: bool = False
    uncertainty: bool = False
    dicom: bool = False
    force: bool = False
    force_input: bool = False
    mixed: bool = False


PLAIN = Options()
