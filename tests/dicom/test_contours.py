"""RTSTRUCT: contours filled on the slices of their scan."""

import numpy as np
import pytest
from pydicom.sr.codedict import codes

from liverseg.dicom.contours import fill_outline
from liverseg.dicom.masks import Patterns, build_labels
from liverseg.dicom.series import find_series, order_series
from liverseg.errors import DataError
from tests.made.dicom import change, make_hu, rotate, write_series
from tests.made.dicom_masks import write_contours

SHAPE = (6, 20, 24)
ORIGIN, STEP, SPACING = (-50.0, -60.0, 100.0), (0.0, 0.0, 2.5), (0.7, 0.8)
AXIAL = np.array([[1.0, 0, 0], [0, 1.0, 0]])


def draw(corners, k, *, axes=AXIAL, step=STEP):
    """Corners (row, column) in pixels of slice k as points in mm."""
    rows, columns = np.array(corners, float).T
    between_rows, between_columns = SPACING
    return (
        np.array(ORIGIN)
        + k * np.array(step)
        + columns[:, None] * axes[0] * between_columns
        + rows[:, None] * axes[1] * between_rows
    )


def draw_box(k, low, high, **geometry):
    """Along the edges of the pixels (row, column) from ``low`` to ``high``, both inside."""
    (r0, c0), (r1, c1) = np.array(low) - 0.5, np.array(high) + 0.5
    return draw([(r0, c0), (r0, c1), (r1, c1), (r1, c0)], k, **geometry)


def read_labels(folder):
    found = find_series([folder])
    (series,) = found.series
    return build_labels(series, order_series(series), found.masks, Patterns())


def fill(*boxes):
    """Labels (slice, row, column): 1 in each box ``(k, low, high)``."""
    labels = np.zeros(SHAPE, np.uint8)
    for k, (r0, c0), (r1, c1) in boxes:
        labels[k, r0 : r1 + 1, c0 : c1 + 1] = 1
    return labels


@pytest.mark.parametrize("step", [STEP, (0.0, 0.9, 2.5)])
def test_regions_become_liver_and_lesion(tmp_path, step):
    files = write_series(tmp_path, make_hu(SHAPE), step=step)
    liver = [(k, (3, 4), (15, 20)) for k in (1, 2, 3)]
    lesion = [(2, (5, 6), (8, 11))]
    regions = {
        name: [draw_box(*box, step=step) for box in boxes]
        for name, boxes in (
            ("Liver", liver),
            ("Liver tumour", lesion),
            ("Spine", [(0, (1, 1), (2, 2))]),
        )
    }
    write_contours(tmp_path / "rt", files, regions)
    named = read_labels(tmp_path)
    expected = fill(*liver) + fill(*lesion)
    assert np.array_equal(named.labels.T, expected)
    assert (named.liver, named.lesion, named.unused) == (("Liver",), ("Liver tumour",), ("Spine",))


def test_regions_of_an_oblique_scan_lie_on_its_voxels(tmp_path):
    axes = rotate(15, 25)
    geometry = {"axes": axes, "step": 2.0 * np.cross(*axes)}
    files = write_series(tmp_path, make_hu(SHAPE), **geometry)
    write_contours(tmp_path / "rt", files, {"liver": [draw_box(2, (3, 4), (9, 12), **geometry)]})
    assert np.array_equal(read_labels(tmp_path).labels.T, fill((2, (3, 4), (9, 12))))


def test_a_contour_within_another_cuts_a_hole(tmp_path):
    files = write_series(tmp_path, make_hu(SHAPE))
    outer, inner = (2, (3, 4), (15, 20)), (2, (6, 8), (9, 12))
    write_contours(tmp_path / "rt", files, {"liver": [draw_box(*outer), draw_box(*inner)]})
    assert np.array_equal(read_labels(tmp_path).labels.T, fill(outer) - fill(inner))


def test_a_keyhole_cuts_a_hole(tmp_path):
    """One contour goes in, around the hole, and out again on the same line."""
    files = write_series(tmp_path, make_hu(SHAPE))
    outer = [(2.5, 3.5), (2.5, 20.5), (15.5, 20.5), (15.5, 3.5), (2.5, 3.5)]
    inner = [(5.5, 7.5), (9.5, 7.5), (9.5, 12.5), (5.5, 12.5), (5.5, 7.5)]
    write_contours(tmp_path / "rt", files, {"liver": [draw(outer + inner, 2)]})
    expected = fill((2, (3, 4), (15, 20))) - fill((2, (6, 8), (9, 12)))
    assert np.array_equal(read_labels(tmp_path).labels.T, expected)


def test_pixels_are_inside_by_their_centres():
    """Of a circle, of which arithmetic knows the inside."""
    centre, radius = np.array([20.3, 17.8]), 11.37
    turn = np.linspace(0, 2 * np.pi, 2000, endpoint=False)
    circle = centre + radius * np.column_stack((np.cos(turn), np.sin(turn)))
    apart = np.linalg.norm(np.moveaxis(np.indices((40, 36)), 0, -1) - centre, axis=-1)
    sure = np.abs(apart - radius) > 0.02
    for corners in (circle, circle[::-1]):
        filled = fill_outline(corners, (40, 36))
        assert np.array_equal(filled[sure], (apart < radius)[sure])
        assert sure.mean() > 0.99


@pytest.mark.parametrize("turned", [1, -1])
def test_a_contour_through_centres_holds_them(turned):
    """As tools draw it that trace the pixels of a mask."""
    filled = fill_outline(np.array([(2, 3), (2, 7), (6, 7), (6, 3)], float)[::turned], (9, 9))
    expected = np.zeros((9, 9), bool)
    expected[2:7, 3:8] = True
    assert np.array_equal(filled, expected)


@pytest.mark.parametrize(
    ("polygon", "received"),
    [
        (draw_box(2.4, (3, 4), (9, 12)), r"0\.40 slices beside"),
        (draw_box(9, (3, 4), (9, 12)), r"4\.00 slices beside"),
        (draw_box(2, (3, 4), (9, 12)) + np.diag([0, 0, 2.5, 0])[:, :3], "across"),
        (draw_box(2, (3, 4), (9, 40)), "reaches out"),
    ],
)
def test_contours_that_do_not_lie_on_the_slices_are_an_error(tmp_path, polygon, received):
    files = write_series(tmp_path, make_hu(SHAPE))
    write_contours(tmp_path / "rt", files, {"liver": [polygon]})
    with pytest.raises(DataError, match=f"rt: expected contours on the slices.*{received}"):
        read_labels(tmp_path)


@pytest.mark.parametrize("kind", ["POINT", "OPEN_PLANAR"])
def test_contours_that_enclose_nothing_are_an_error(tmp_path, kind):
    files = write_series(tmp_path, make_hu(SHAPE))
    write_contours(tmp_path / "rt", files, {"liver": [draw_box(2, (3, 4), (9, 12))]}, kind=kind)
    with pytest.raises(DataError, match=f"rt: .*contour of type {kind}"):
        read_labels(tmp_path)


def test_regions_of_another_series_are_not_used(tmp_path):
    write_series(tmp_path, make_hu(SHAPE))
    others = write_series(tmp_path / "elsewhere" / "x", make_hu(SHAPE))
    write_contours(tmp_path / "rt", others, {"liver": [draw_box(2, (3, 4), (9, 12))]})
    for file in others:
        change(file, Modality="MR")
    assert read_labels(tmp_path) is None


def test_regions_are_known_by_their_codes(tmp_path):
    files = write_series(tmp_path, make_hu(SHAPE))
    liver, lesion = (2, (3, 4), (15, 20)), (2, (5, 6), (8, 11))
    write_contours(
        tmp_path / "rt",
        files,
        {"Leber": [draw_box(*liver)], "Herd": [draw_box(*lesion)]},
        types={"Leber": codes.SCT.Liver, "Herd": codes.SCT.Neoplasm},
    )
    assert np.array_equal(read_labels(tmp_path).labels.T, fill(liver) + fill(lesion))
