import numpy as np
import pytest

from liverseg.slices.windowing import apply_windows, estimate_hu


@pytest.mark.parametrize("dtype", [np.int16, np.float32])
def test_a_window_is_linear_rounded_and_saturates(dtype):
    # (hu + 100) / 500 * 255: 0 at -100, 51 at 0, 127.5 (to even: 128) at 150, 255 at 400
    plane = np.array([[-1000, -100, 0], [150, 400, 3000]], dtype)
    grey = apply_windows(plane, [(-100, 400)])
    assert grey.dtype == np.uint8
    assert grey.tolist() == [[[0, 0, 51], [128, 255, 255]]]


def test_every_window_is_a_channel_of_its_own():
    plane = np.array([[0, 100]], np.int16)
    assert apply_windows(plane, [(0, 100), (-100, 100), (100, 200)]).tolist() == [
        [[0, 255]],
        [[128, 255]],  # 100 / 200 * 255 = 127.5
        [[0, 0]],
    ]


def test_a_wide_window_tells_neighbouring_grey_values_by_its_step():
    # -1024 to 1016: 2040 / 255 = 8 HU a grey value, so 3 HU more stay and 5 HU more are the next
    plane = np.array([[-1024, -1021, -1019, 1016]], np.int16)
    assert apply_windows(plane, [(-1024, 1016)]).tolist() == [[[0, 0, 1, 255]]]


def test_the_way_back_to_hu_is_exact_to_half_a_step_of_the_narrowest_window_that_holds_it():
    hu = np.arange(-300, 600, dtype=np.float32).reshape(30, 30)
    windows = [(-200, 400), (0, 100)]
    back = estimate_hu(apply_windows(hu, windows), windows)
    inside = (hu > -198) & (hu < 398)
    narrow = (hu > 1) & (hu < 99)
    assert np.abs(back - hu)[narrow].max() <= 0.5 * 100 / 255 + 1e-4
    assert np.abs(back - hu)[inside].max() <= 0.5 * 600 / 255 + 1e-4
    assert (back[hu <= -200] == -200).all()
    assert (back[hu >= 400] == 400).all()


def test_a_pixel_outside_of_all_windows_is_put_at_the_nearest_end():
    """300 HU is white in both, 500 to 600 black at 300: 200 is known to be exceeded."""
    windows = [(0, 100), (50, 200), (500, 600)]
    plane = np.array([[-50, 300, 700]], np.float32)
    assert estimate_hu(apply_windows(plane, windows), windows).tolist() == [[0, 200, 600]]


def test_windows_of_the_way_back_are_those_of_the_way_there():
    grey = np.arange(256, dtype=np.uint8).reshape(1, 16, 16)
    windows = [(-100.0, 400.0)]
    assert np.array_equal(apply_windows(estimate_hu(grey, windows), windows), grey)
