import nibabel as nib
import numpy as np
import pytest
from PIL import Image

from liverseg.pages.colours import YELLOW
from liverseg.scans.ensemble import read_ensemble
from liverseg.scans.options import Options
from liverseg.scans.predict import predict_scans
from liverseg.scans.predictor import Predictor
from liverseg.scans.scans import find_scans
from liverseg.scans.tiles import lay_over, read_colour
from tests.scans.conftest import AFFINE, RULES, write_model_folder

TEMPERATURE = 1.6


@pytest.fixture(scope="module")
def predictor(tmp_path_factory) -> Predictor:
    """A network that is unsure of everything, and calibrated."""
    rules = RULES.model_copy(update={"lesion_temperature": TEMPERATURE})
    folder = tmp_path_factory.mktemp("models") / "unsure"
    return Predictor(read_ensemble([write_model_folder(folder, sharpness=6.0, rules=rules)]))


def predict(scan, predictor, out, **options):
    scans = find_scans([scan], out).scans
    assert predict_scans(scans, predictor, out, Options(**options)) == ()
    return out / "a"


def list_bytes(folder):
    return {path.name: path.read_bytes() for path in folder.iterdir()}


def test_the_map_is_the_entropy_of_the_calibrated_probability(write_scan, predictor, tmp_path):
    scan = write_scan(tmp_path / "a.nii")
    folder = predict(scan, predictor, tmp_path / "out", uncertainty=True, probabilities=True)
    image = nib.load(folder / "uncertainty.nii.gz")
    assert image.get_data_dtype() == np.uint8
    assert np.array_equal(image.affine, AFFINE)
    given = nib.load(folder / "lesion_probability.nii.gz").get_fdata()
    assert len(np.unique(given)) == 3  # background, liver and lesion
    share = 1 / (1 + ((1 - given) / given) ** (1 / TEMPERATURE))
    bits = -share * np.log2(share) - (1 - share) * np.log2(1 - share)
    assert np.abs(image.get_fdata() - bits).max() < 0.5 / 255 + 1e-6


def test_the_map_changes_nothing_else(write_scan, predictor, tmp_path):
    scan = write_scan(tmp_path / "a.nii")
    plain = list_bytes(predict(scan, predictor, tmp_path / "plain"))
    mapped = list_bytes(predict(scan, predictor, tmp_path / "mapped", uncertainty=True))
    assert mapped.keys() - plain.keys() == {"uncertainty.nii.gz", "uncertainty.png"}
    assert {name: mapped[name] for name in plain} == plain


@pytest.mark.parametrize("name", ["uncertainty.nii.gz", "uncertainty.png"])
def test_a_map_or_picture_that_is_gone_comes_back_when_asked_for(
    write_scan, predictor, tmp_path, name
):
    scan = write_scan(tmp_path / "a.nii")
    folder = predict(scan, predictor, tmp_path / "out", uncertainty=True)
    before = list_bytes(folder)
    (folder / name).unlink()
    predict(scan, predictor, tmp_path / "out")
    assert not (folder / name).exists()
    predict(scan, predictor, tmp_path / "out", uncertainty=True)
    assert list_bytes(folder) == before


def test_entropy_lies_over_the_grey_in_its_share():
    """A fifth of a bit takes a fifth of the colour (240, 228, 66) and four of 100."""
    grey = np.full((1, 3, 3), 100, np.uint8)
    mixed = lay_over(grey, np.array([[0, 51, 255]], np.uint8))
    assert mixed.tolist() == [[[100, 100, 100], [128, 126, 93], [240, 228, 66]]]


def test_the_picture_shows_the_slices_of_the_overlay_in_the_colour_of_entropy(
    write_scan, predictor, model, tmp_path
):
    """Where the network is sure of all, no tile has any of the colour: the legend alone has."""
    scan = write_scan(tmp_path / "a.nii")
    counts = {}
    for name, each in (("unsure", predictor), ("sure", Predictor(read_ensemble([model])))):
        folder = predict(scan, each, tmp_path / name, uncertainty=True)
        pictures = [
            np.asarray(Image.open(folder / file)).astype(int)
            for file in ("overlay.png", "uncertainty.png")
        ]
        assert pictures[0].shape == pictures[1].shape
        yellow = [
            (each[..., 1] - each[..., 2] > 60) & (each[..., 0] - each[..., 1] < 20)
            for each in pictures
        ]
        counts[name] = [int(np.count_nonzero(mask)) for mask in yellow]
    (none, unsure), (also_none, sure) = counts["unsure"], counts["sure"]
    assert none == also_none == 0
    assert 0 < sure < 2000 < 20 * sure < unsure
    assert read_colour(YELLOW) == (240, 228, 66)
