import numpy as np
import pytest
from PIL import Image

from liverseg.grids.grid import Grid
from liverseg.scans.key_slices import KeySlices, select_key_slices
from liverseg.scans.pictures import build_sheet, describe_lesions, draw_scan
from liverseg.scans.tiles import draw_tile, fit_tile, place_marks
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


def select(scan, labels):
    """The key slices: overviews from the feet and from the front, then the lesions."""
    return select_key_slices(scan, labels, 6).slices


def find_colour(pixels, colour):
    """Where a colour is seen, of smoothed lines their cores: (pixels, (row, column))."""
    return np.argwhere(np.abs(pixels.astype(int) - colour).max(axis=-1) <= 24)


def read_colours(pixels):
    return {tuple(colour) for colour in np.unique(pixels.reshape(-1, 3), axis=0).tolist()}


def find_mark(key_slice, text):
    (found,) = [each for each in place_marks(key_slice) if each.text == text]
    return found


def test_slices_outline_liver_and_lesion_in_their_colours(scan, labels):
    axial, coronal, lesion = map(draw_tile, select(scan, labels))
    assert find_colour(axial, SKY_BLUE).size
    assert not find_colour(axial, ORANGE).size  # the first slice of the liver, below the lesion
    for pixels in (coronal, lesion):
        assert find_colour(pixels, SKY_BLUE).size
        assert find_colour(pixels, ORANGE).size


def test_outlines_run_half_way_between_pixels_inside_and_outside(scan, labels):
    """Of 24 x 20 pixels of one size, columns 4 to 17 and rows 4 to 15 are liver: 19 1/6 a pixel."""
    pixels = draw_tile(select(scan, labels)[0])
    assert pixels.shape == (383, 460, 3)
    on_line = find_colour(pixels, SKY_BLUE)
    edges = [edge * 460 / 24 for edge in (4, 4, 16, 18)]
    found = [*on_line.min(axis=0), *(on_line.max(axis=0) + 1)]
    assert found == pytest.approx(edges, abs=2)  # the line has some width


def test_a_scan_without_liver_and_lesion_is_drawn_without_colours(scan):
    slices = select(scan, np.zeros(SHAPE, np.uint8))
    assert len(slices) == 2
    for key_slice in slices:
        assert all(red == green == blue for red, green, blue in read_colours(draw_tile(key_slice)))


def test_a_tile_is_true_to_millimetres(scan, labels):
    """The coronal slice has 24 columns of 2 mm and 8 rows of 5 mm: 48 x 40 mm."""
    coronal = select(scan, labels)[1]
    assert draw_tile(coronal).shape == (383, 460, 3)
    assert fit_tile(coronal) == (383, 460)


def test_right_stands_on_the_left_where_the_right_of_the_patient_is(scan, labels):
    """The lesion has columns 6 to 9 of 24, which count from the patient's right: x = -2 i."""
    coronal = select(scan, labels)[1]
    right, lesion, left = (find_mark(coronal, text).across for text in ("R", "1", "L"))
    assert right < lesion < fit_tile(coronal)[1] / 2 < left


def test_every_lesion_that_is_seen_bears_its_number_at_its_right_end(scan, labels):
    labels[14:16, 12:14, 4] = 2  # smaller than the other
    for key_slice in select(scan, labels):
        scale = fit_tile(key_slice)[1] / key_slice.lesions.shape[1]
        for number in set(np.unique(key_slice.lesions).tolist()) - {0}:
            _, columns = np.nonzero(key_slice.lesions == number)
            end = (columns.max() + 1) * scale
            assert find_mark(key_slice, str(number)).across == pytest.approx(end, abs=scale)


def test_marks_are_written_where_they_are_placed(scan, labels):
    key_slice = select(scan, labels)[2]
    pixels = draw_tile(key_slice)
    for mark in place_marks(key_slice):
        column, row = round(mark.across), round(mark.down)
        near = pixels[max(row - 25, 0) : row + 25, max(column - 25, 0) : column + 25]
        colour = ORANGE if mark.text == "1" else (255, 255, 255)
        assert {colour, (0, 0, 0)} <= read_colours(near)  # letters on black


def test_the_scale_bar_is_as_long_as_it_says(scan, labels):
    """Of the 24 columns of 2 mm the largest bar that fits into 30 % is one of 10 mm: 5 columns."""
    axial = select(scan, labels)[0]
    assert find_mark(axial, "10 mm")
    pixels = draw_tile(axial)
    bar = [np.count_nonzero((row == 255).all(axis=-1)) for row in pixels[-20:]]
    assert max(bar) == pytest.approx(5 * 460 / 24, abs=1)


def test_a_sheet_holds_every_tile_as_it_is_drawn(scan, labels):
    key_slices = select_key_slices(scan, labels, 6)
    sheet = np.asarray(build_sheet(key_slices))
    for key_slice in key_slices.slices:
        tile = draw_tile(key_slice)
        windows = np.lib.stride_tricks.sliding_window_view(sheet[..., 1], tile.shape[1], axis=1)
        starts = np.argwhere((windows == tile[0, :, 1]).all(axis=-1)).tolist()
        assert any(
            np.array_equal(sheet[row : row + len(tile), column : column + tile.shape[1]], tile)
            for row, column in starts
        )


def test_the_same_scan_gives_the_same_bytes(tmp_path, scan, labels):
    for name in ("first.png", "second.png"):
        draw_scan(tmp_path / name, scan, labels, 6)
    assert (tmp_path / "first.png").read_bytes() == (tmp_path / "second.png").read_bytes()
    with Image.open(tmp_path / "first.png") as picture:
        assert picture.size[0] == 3 * 460 + 4 * 20  # three tiles with gaps


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
