import numpy as np
import pytest

from liverseg.grids.grid import Grid
from liverseg.scans.key_slices import KeySlices, select_key_slices
from liverseg.scans.pictures import build_figure, describe_lesions, draw_scan
from liverseg.volumes.nifti import Volume

SHAPE = (24, 20, 8)
SKY_BLUE, ORANGE = (0x56, 0xB4, 0xE9), (0xE6, 0x9F, 0x00)


@pytest.fixture
def scan():
    return Volume(np.full(SHAPE, 60, np.int16), Grid(SHAPE, np.diag([-2.0, -2.0, 5.0, 1.0])))


@pytest.fixture
def labels():
    labels = np.zeros(SHAPE, np.uint8)
    labels[4:18, 4:16, 1:7] = 1
    labels[6:10, 6:10, 3:5] = 2
    return labels


def draw_axes(scan, labels):
    """The axes of a drawn sheet: overviews from the feet and from the front, then the lesions."""
    figure = build_figure(select_key_slices(scan, labels, 6))
    figure.canvas.draw()
    return figure.axes


def read_colours(axis):
    """Colours of the pixels inside an axis."""
    pixels = np.asarray(axis.figure.canvas.buffer_rgba())[::-1, :, :3]  # from the bottom, as boxes
    (left, bottom), (right, top) = axis.get_window_extent().get_points().round().astype(int)
    inside = pixels[bottom:top, left:right].reshape(-1, 3)
    return {tuple(colour) for colour in np.unique(inside, axis=0).tolist()}


def find_text(axis, text):
    (found,) = [each for each in axis.texts if each.get_text().strip() == text]
    return found


def test_slices_outline_liver_and_lesion_in_their_colours(scan, labels):
    axial, coronal, lesion = map(read_colours, draw_axes(scan, labels))
    assert SKY_BLUE in axial
    assert ORANGE not in axial  # the first slice of the liver, below the lesion
    assert {SKY_BLUE, ORANGE} <= coronal
    assert {SKY_BLUE, ORANGE} <= lesion


def test_a_scan_without_liver_and_lesion_is_drawn_without_colours(scan):
    axes = draw_axes(scan, np.zeros(SHAPE, np.uint8))
    assert len(axes) == 2
    for axis in axes:
        assert all(red == green == blue for red, green, blue in read_colours(axis))


def test_right_stands_on_the_left_where_the_right_of_the_patient_is(scan, labels):
    """The lesion has columns 6 to 9 of 24, which count from the patient's right: x = -2 i."""
    coronal = draw_axes(scan, labels)[1]
    right, lesion, left = (find_text(coronal, text).get_window_extent() for text in ("R", "1", "L"))
    middle = coronal.get_window_extent().get_points()[:, 0].mean()
    assert right.x1 < lesion.x0 < middle < left.x0


def test_every_lesion_that_is_seen_bears_its_number(scan, labels):
    labels[14:16, 12:14, 4] = 2  # smaller than the other
    slices = select_key_slices(scan, labels, 6).slices
    for axis, key_slice in zip(draw_axes(scan, labels), slices, strict=True):
        for number in set(np.unique(key_slice.lesions).tolist()) - {0}:
            column, row = find_text(axis, str(number)).xy
            assert key_slice.lesions[row, column] == number


def test_the_scale_bar_is_as_long_as_it_says(scan, labels):
    """Of the 24 columns of 2 mm the largest bar that fits into 30 % is one of 10 mm: 5 columns."""
    axial = draw_axes(scan, labels)[0]
    assert find_text(axial, "10 mm")
    (bar,) = axial.lines
    ends = bar.get_transform().transform(bar.get_xydata())
    (start, _), (end, _) = axial.transData.inverted().transform(ends)
    assert end - start == pytest.approx(5)


def test_the_same_scan_gives_the_same_bytes(tmp_path, scan, labels):
    for name in ("first.png", "second.png"):
        draw_scan(tmp_path / name, scan, labels, 6)
    assert (tmp_path / "first.png").read_bytes() == (tmp_path / "second.png").read_bytes()


@pytest.mark.parametrize(
    ("has_liver", "num_lesions", "num_shown", "title"),
    [
        (False, 0, 0, "No liver and no lesion found"),
        (True, 0, 0, "No lesion found"),
        (True, 1, 1, "1 lesion"),
        (True, 4, 4, "4 lesions"),
        (True, 9, 6, "9 lesions: slices of the 6 largest"),
    ],
)
def test_the_sheet_says_what_was_found(has_liver, num_lesions, num_shown, title):
    assert describe_lesions(KeySlices((), has_liver, num_lesions, num_shown)) == title
