import numpy as np
import pytest

from liverseg.slices.windowing import apply_windows


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
