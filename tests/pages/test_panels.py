import numpy as np
import pytest

from liverseg.pages.panels import Line, Panel, build_sheet

LINES = [Line(f"a long name {number}", "#e69f00", 1.0) for number in range(4)]


@pytest.fixture
def panel():
    """10 x 10 pixels, twice as high as wide, with a square of 4 x 4 outlined."""
    mask = np.zeros((10, 10), np.bool_)
    mask[3:7, 3:7] = True
    return Panel("title", np.zeros((10, 10), np.uint8), {LINES[0]: mask}, (2.0, 1.0))


def draw(rows):
    sheet = build_sheet(rows, LINES, text_inches=0.4)
    sheet.canvas.draw()
    return sheet


def test_pixels_have_their_shape_in_millimetres(panel):
    (axis,) = draw([[panel]]).axes
    box = axis.get_window_extent()
    assert box.height == pytest.approx(2 * box.width, rel=0.02)


def test_outlines_lie_half_way_between_the_pixels_inside_and_outside(panel):
    (axis,) = draw([[panel]]).axes
    (contour,) = axis.collections
    corners = contour.get_paths()[0].vertices
    assert (corners.min(axis=0).tolist(), corners.max(axis=0).tolist()) == ([2.5] * 2, [6.5] * 2)


@pytest.mark.parametrize("value", [False, True])
def test_where_all_or_no_pixels_belong_to_a_mask_there_is_no_outline(panel, value):
    everywhere = Panel("title", panel.image, {LINES[0]: np.full((10, 10), value)})
    (axis,) = draw([[everywhere]]).axes
    assert not axis.collections


@pytest.mark.parametrize("num_columns", [1, 2, 3])
def test_the_legend_lies_within_the_sheet_and_off_the_panels(panel, num_columns):
    sheet = draw([num_columns * [panel]])
    (legend,) = sheet.legends
    box = legend.get_window_extent()
    assert [each.get_text() for each in legend.get_texts()] == [line.name for line in LINES]
    assert sheet.bbox.x0 <= box.x0 < box.x1 <= sheet.bbox.x1
    assert sheet.bbox.y0 <= box.y0
    assert all(box.y1 <= axis.get_window_extent().y0 for axis in sheet.axes)


def test_short_rows_end_in_empty_places(panel):
    sheet = draw([[panel, panel], [panel]])
    assert [len(axis.images) for axis in sheet.axes] == [1, 1, 1, 0]
