"""Does the body lie as the header says? Spine, table, lungs and liver bear witness.

A wrong side that nobody mirrored comes of a header that lost or mixed up its axes. One or three
wrong sides are a mirror image; two are a turn by half, as of a patient who lies prone or comes feet
first where the header says otherwise. Where the scan shows too little, nothing is said.
"""

from collections.abc import Iterator
from typing import NamedTuple

from liverseg.cases.body import BodyFigures
from liverseg.cases.findings import Finding, build_warning

FARTHEST_LEFT_MM = 10.0
"""Of the centre of a liver from that of the body; it lies 45 to 60 mm to the right."""

FARTHEST_FRONT = -0.2
LEAST_AGREEMENT = 0.75
"""The bone near the midline lies at 0.3 to 0.6 from the middle (0) to the skin of the back (1), and
behind the middle in 82 % and more of the slices (36 phantoms and two real scans)."""

LEAST_TABLE = 0.5

LEAST_LUNG_CM2 = 50.0
MUCH_LUNG_CM2 = 100.0
"""Of both lungs in the slices at one end; bowel at the other end has less than a tenth of it."""

MOST_OTHER_LUNG = 0.2
LEAST_TRUNK = 0.7
"""Area of the end without lung in that with it. An abdomen has more than that; a neck, the other
end at which lungs stop, has a third."""


class Witness(NamedTuple):
    """One pair of sides that the body contradicts: which, what shows it, and whether for sure."""

    sides: str
    shown_by: str
    is_sure: bool


def check_orientation(body: BodyFigures, to_the_right_mm: float | None) -> Iterator[Finding]:
    """A warning where the body contradicts the sides that the header names.

    Args:
        body: Of the scan.
        to_the_right_mm: How far the centre of the liver lies to the right of the body's; None where
            no liver is known.
    """
    heard = (_ask_spine(body), _ask_lungs(body), _ask_liver(to_the_right_mm))
    wrong = [witness for witness in heard if witness is not None]
    if not wrong:
        return
    sure = "very likely" if all(witness.is_sure for witness in wrong) else "likely"
    what = "turned by half" if len(wrong) == 2 else "mirrored"
    sides = ", and ".join(witness.sides for witness in wrong)
    shown_by = "; ".join(witness.shown_by for witness in wrong)
    yield build_warning(
        f"the scan is {sure} {what}, {sides} exchanged: {shown_by}",
        "Look at the scan with its sides named (liverseg view), and convert it again from DICOM.",
    )


def _ask_spine(body: BodyFigures) -> Witness | None:
    """Front and back; a table on the same side as the spine leaves little doubt."""
    spine, table = body.spine_behind, body.table_behind or 0.0
    if spine is None or spine > FARTHEST_FRONT or body.spine_agreement < LEAST_AGREEMENT:
        return None
    both = table <= -LEAST_TABLE
    things = "spine and table lie" if both else "the spine lies"
    return Witness("front and back", f"{things} in front", both)


def _ask_lungs(body: BodyFigures) -> Witness | None:
    (lowest, highest), (low_area, high_area) = body.lung_cm2, body.ends_cm2
    if lowest < LEAST_LUNG_CM2 or highest > MOST_OTHER_LUNG * lowest:
        return None
    if high_area < LEAST_TRUNK * low_area:
        return None
    shown_by = f"{lowest:.0f} cm2 of lung in the lowest slices, {highest:.0f} in the highest"
    return Witness("head and feet", shown_by, lowest >= MUCH_LUNG_CM2)


def _ask_liver(to_the_right_mm: float | None) -> Witness | None:
    if to_the_right_mm is None or to_the_right_mm >= -FARTHEST_LEFT_MM:
        return None
    shown_by = f"the liver lies {-to_the_right_mm:.0f} mm to the left of the body's centre"
    return Witness("left and right", shown_by, is_sure=False)
