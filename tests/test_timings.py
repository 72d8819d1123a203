import pytest

from liverseg.timings import measure_time, read_timing


def test_a_measured_time_comes_back(tmp_path):
    with measure_time(tmp_path / "timings" / "train_unet.json", num_items=12):
        pass
    timing = read_timing(tmp_path / "timings" / "train_unet.json")
    assert timing is not None
    assert timing.num_items == 12
    assert 0 <= timing.seconds < 10


def fail(path):
    with measure_time(path, num_items=1):
        raise ZeroDivisionError


def test_a_block_that_raises_leaves_no_time(tmp_path):
    with pytest.raises(ZeroDivisionError):
        fail(tmp_path / "train_unet.json")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("content", [None, "", "[]", "{}", '{"seconds": 1}'])
def test_where_nothing_was_measured_there_is_no_time(tmp_path, content):
    if content is not None:
        (tmp_path / "train_unet.json").write_text(content)
    assert read_timing(tmp_path / "train_unet.json") is None
