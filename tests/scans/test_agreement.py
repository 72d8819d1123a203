"""Passes that agree and differ, by networks whose every answer is known."""

import csv

import numpy as np
import pytest

from liverseg.inference.mean import Network, predict_mean
from liverseg.scans.agreement import predict_votes
from liverseg.scans.ensemble import read_ensemble
from liverseg.scans.predict import predict_scans
from liverseg.scans.predictor import Predictor
from liverseg.scans.scans import find_scans
from liverseg.slices.context import Surroundings
from tests.scans.conftest import write_model_folder

ROWS, COLUMNS = 6, 8


class Ramp:
    """A network that adds to a pixel's own value one that grows from left to right."""

    name = "ramp"
    input_shape = (None, ROWS, COLUMNS, 1)

    def __init__(self, slope: float) -> None:
        self.slope = slope
        self.num_asked = 0

    def predict_on_batch(self, images):
        self.num_asked += len(images)
        lesion = images[..., 0] / np.float32(255) + self.slope * np.arange(COLUMNS)
        lesion = np.clip(lesion, 0, 1)
        return np.stack([lesion, lesion], axis=-1).astype(np.float32)


def build_images():
    return np.random.default_rng(2).integers(0, 200, (5, 1, ROWS, COLUMNS)).astype(np.uint8)


def build_networks(*slopes):
    return [Network(Ramp(slope), Surroundings(0, None)) for slope in slopes]


@pytest.mark.parametrize("flips", ["none", "horizontal", "all"])
def test_votes_change_no_probability_and_ask_no_network_more_often(flips):
    images, slopes = build_images(), (0.01, 0.04, 0.1)
    plain, voting = build_networks(*slopes), build_networks(*slopes)
    expected = predict_mean(plain, images, 2, flips, slice_mm=1.0)
    values, _ = predict_votes(voting, images, 2, flips, slice_mm=1.0, threshold=0.5)
    assert np.array_equal(values, expected)
    asked = [[each.model.num_asked for each in networks] for networks in (plain, voting)]
    assert asked[0] == asked[1]


def test_a_vote_is_a_pass_at_the_threshold_or_above():
    """A pixel of 102 is 0.4; in column n the ramp of 0.1 adds n tenths, mirrored 7 - n. So with
    0.65 the plain pass votes from column 3 on and the mirrored one up to column 4.
    """
    images = np.full((1, 1, ROWS, COLUMNS), 102, np.uint8)
    networks = build_networks(0.1)
    _, shares = predict_votes(networks, images, 4, "horizontal", slice_mm=1.0, threshold=0.65)
    assert shares[0, 0].tolist() == [128, 128, 128, 255, 255, 128, 128, 128]


def read_lesions(folder):
    with (folder / "lesions.csv").open(newline="") as file:
        return list(csv.DictReader(file))


def predict(scan, models, out, flips="none"):
    predictor = Predictor(read_ensemble(models), flips)
    assert predict_scans(find_scans([scan], out).scans, predictor, out) == ()
    return read_lesions(out / "a")


def test_a_single_pass_has_no_agreement(write_scan, model, tmp_path):
    rows = predict(write_scan(tmp_path / "a.nii"), [model], tmp_path / "out")
    assert [row["agreement"] for row in rows] == ["", ""]


def test_passes_of_one_mind_agree_wholly(write_scan, model, tmp_path):
    rows = predict(write_scan(tmp_path / "a.nii"), [model], tmp_path / "out", "all")
    assert [float(row["agreement"]) for row in rows] == [1, 1]


def test_models_of_opposite_minds_agree_in_a_half(write_scan, model, tmp_path):
    """The sharp model gives 1 at 200 HU, where the other, which prefers the dark, gives
    1 / (1 + exp(50 / 255)) = 0.451, below the threshold. The mean is 0.7255, as are 185 of 255.
    """
    other = write_model_folder(tmp_path / "other", sharpness=-1.0)
    rows = predict(write_scan(tmp_path / "a.nii"), [model, other], tmp_path / "out")
    assert [float(row["agreement"]) for row in rows] == [0.5, 0.5]
    share = 185 / 255
    bits = -share * np.log2(share) - (1 - share) * np.log2(1 - share)
    assert [float(row["mean_entropy_bits"]) for row in rows] == [round(bits, 3)] * 2
    assert [float(row["confidence"]) for row in rows] == [round(share, 3)] * 2
