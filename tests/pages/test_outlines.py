import re

import numpy as np
import pytest

from liverseg.pages.outlines import trace_outline


def list_lines(path: str) -> list[list[tuple[float, float]]]:
    """Corners (x, y) of each closed line, in pixels."""
    lines = []
    for line in re.findall("M([^z]*)z", path):
        steps = [tuple(map(int, step.split())) for step in line.split("l")]
        lines.append([(x / 2, y / 2) for x, y in np.cumsum(steps, axis=0).tolist()])
    return lines


def compute_area(corners: list[tuple[float, float]]) -> float:
    """By the shoelace formula."""
    x, y = np.transpose(corners)
    return abs(np.dot(x, np.roll(y, -1)) - np.dot(y, np.roll(x, -1))) / 2


def build_mask(shape, *boxes):
    mask = np.zeros(shape, np.bool_)
    for rows, columns in boxes:
        mask[rows, columns] = True
    return mask


def test_one_pixel_is_a_diamond_through_the_middles_of_its_sides():
    mask = build_mask((3, 4), (slice(1, 2), slice(2, 3)))  # its centre lies at x 2.5, y 1.5
    (corners,) = list_lines(trace_outline(mask))
    assert sorted(corners) == [(2, 1.5), (2.5, 1), (2.5, 2), (3, 1.5)]


def test_an_outline_runs_along_the_sides_of_a_rectangle_and_cuts_its_corners():
    mask = build_mask((6, 9), (slice(1, 4), slice(2, 7)))
    (corners,) = list_lines(trace_outline(mask))
    assert len(corners) == 8  # two a corner: points on straight sides are left out
    assert compute_area(corners) == pytest.approx(3 * 5 - 4 * 0.125)  # a triangle of 1/8 a corner


def test_a_mask_at_the_edge_of_the_image_is_closed_there():
    (corners,) = list_lines(trace_outline(np.ones((2, 2), np.bool_)))
    assert compute_area(corners) == pytest.approx(4 - 4 * 0.125)
    assert np.min(corners) == 0
    assert np.max(corners) == 2


def test_each_part_and_each_hole_has_its_line():
    ring = build_mask((9, 9), (slice(0, 5), slice(0, 5)), (slice(7, 8), slice(7, 8)))
    ring[2, 2] = False
    assert len(list_lines(trace_outline(ring))) == 3


def test_an_empty_mask_has_no_outline():
    assert trace_outline(np.zeros((4, 4), np.bool_)) == ""
