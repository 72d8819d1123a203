import numpy as np
import pytest

from liverseg.errors import ModelError
from liverseg.grids.grid import Grid
from liverseg.networks.input_figures import InputFigures
from liverseg.networks.model_folder import ModelFolder
from liverseg.networks.seen import Seen, SeenRange, join_seen, measure_seen, summarize_figures
from liverseg.slices.geometry import SliceGrid
from liverseg.slices.stacks import (
    Preprocessing,
    SliceRow,
    SliceStack,
    write_index,
    write_preprocessing,
    write_stack,
)
from liverseg.tables.split import CaseRole

SIZE = 40


def build_figures(slice_mm: float, liver_hu: float | None) -> InputFigures:
    return InputFigures(slice_mm, 70.0, liver_hu, None, None, None, None)


def test_ranges_are_those_of_the_scans_that_tell_a_figure():
    scans = [build_figures(mm, hu) for mm, hu in ((3, 90), (1, None), (5, 110), (2, 100), (4, 70))]
    assert summarize_figures(scans).ranges == {
        "slice_mm": SeenRange(1.0, 2.0, 4.0, 5.0),
        "body_percent": SeenRange(70.0, 70.0, 70.0, 70.0),
        "liver_hu": SeenRange(70.0, 85.0, 102.5, 110.0),  # quartiles of 70, 90, 100, 110
    }


def test_of_several_models_the_widest_ranges_count():
    first = Seen({"slice_mm": SeenRange(1, 2, 3, 4), "liver_hu": SeenRange(80, 90, 95, 99)})
    second = Seen({"slice_mm": SeenRange(0.5, 2.5, 3.5, 3.8)})
    assert join_seen([first, second]) == Seen(
        {"slice_mm": SeenRange(0.5, 2, 3.5, 4), "liver_hu": SeenRange(80, 90, 95, 99)}
    )
    assert join_seen([]).ranges == {}


@pytest.fixture
def slices(tmp_path):
    """Cases of 2, 3 and 9 mm a slice, all body, of 100, 120 and 200 HU; the last is to validate."""
    folder = tmp_path / "slices"
    folder.mkdir()
    labels = np.zeros((3, SIZE, SIZE), np.uint8)
    labels[:, 5:35, 5:35] = 1
    rows = []
    for case_id, slice_mm, liver_hu in (("a", 2, 100), ("b", 3, 120), ("c", 9, 200)):
        images = np.where(labels == 1, liver_hu, 50)[:, None].astype(np.uint8)
        grid = Grid((SIZE, SIZE, 3), np.diag([-1.0, -1.0, slice_mm, 1.0]))
        write_stack(folder, SliceStack(case_id, images, labels, SliceGrid(grid, SIZE)), "npz")
        rows += [SliceRow(case_id, index, 900, 0) for index in range(3)]
    write_index(folder, rows)
    write_preprocessing(folder, Preprocessing(((0.0, 255.0),), SIZE, "npz"))
    return folder


def test_training_cases_alone_are_seen_and_the_file_holds_their_ranges(slices, tmp_path):
    roles = [
        CaseRole("a", "a", "train", None),
        CaseRole("b", "b", "train", None),
        CaseRole("c", "c", "validation", None),
        CaseRole("no slices", "d", "train", None),
    ]
    seen = measure_seen(slices, roles)
    assert seen.ranges["slice_mm"] == SeenRange(2.0, 2.25, 2.75, 3.0)
    assert seen.ranges["liver_hu"] == SeenRange(100.0, 105.0, 115.0, 120.0)
    assert seen.ranges["liver_above_flesh_hu"] == SeenRange(50.0, 55.0, 65.0, 70.0)
    folder = ModelFolder(tmp_path)
    folder.write_seen(seen)
    written = (tmp_path / "seen.json").read_bytes()
    assert folder.read_seen() == seen
    folder.write_seen(measure_seen(slices, reversed(roles)))
    assert (tmp_path / "seen.json").read_bytes() == written


def test_a_model_that_does_not_say_has_seen_nothing_known(tmp_path):
    assert ModelFolder(tmp_path).read_seen() is None


@pytest.mark.parametrize(
    "content",
    ["", "{}", '{"ranges": {"slice_mm": {"minimum": 1}}}', '{"ranges": {"slice_mm": NaN}}'],
)
def test_a_damaged_file_is_a_users_error(tmp_path, content):
    (tmp_path / "seen.json").write_text(content)
    with pytest.raises(ModelError, match=r"seen\.json: expected what the training scans"):
        ModelFolder(tmp_path).read_seen()
