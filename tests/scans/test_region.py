"""Models that see the surroundings of the liver: what the locator finds decides what they see."""

from pathlib import Path

import nibabel as nib
import numpy as np
import pytest

from liverseg.errors import ModelError
from liverseg.scans.ensemble import read_ensemble
from liverseg.scans.options import Options
from liverseg.scans.predict import predict_scans
from liverseg.scans.predictor import Predictor
from liverseg.scans.scans import find_scans
from liverseg.scans.summary import read_summary
from liverseg.slices.stacks import Preprocessing, write_preprocessing
from liverseg.volumes.nifti import read_scan
from tests.scans.conftest import LESION_HU, LIVER_HU, OTHER_HU, write_model_folder

SHAPE = (60, 60, 30)
AFFINE = np.diag([-2.0, -2.0, 4.0, 1.0])


@pytest.fixture(scope="module")
def model(tmp_path_factory) -> Path:
    """Sees 32 pixels of 2 mm, the voxels of the scan; its locator sees 32 of 4 mm, all of it."""
    folder = write_model_folder(
        tmp_path_factory.mktemp("models") / "final", region="liver", pixel_mm=2.0, margin_mm=2.0
    )
    write_model_folder(folder / "locator", pixel_mm=4.0, slice_mm=8.0, rules=None)
    return folder


def build_labels() -> np.ndarray:
    """A liver of 161 ml with a lesion within, in one corner of the scan."""
    labels = np.zeros(SHAPE, np.uint8)
    labels[28:58, 30:58, 3:15] = 1
    labels[40:44, 40:45, 6:9] = 2
    return labels


def predict(model: Path, hu: np.ndarray, folder: Path) -> tuple[np.ndarray, list[str]]:
    """Labels of a scan, and the reasons of what was found."""
    folder.mkdir(exist_ok=True)
    nib.save(nib.Nifti1Image(hu.astype(np.int16), AFFINE), folder / "scan.nii.gz")
    scans = find_scans([folder / "scan.nii.gz"], folder / "out").scans
    predictor = Predictor(read_ensemble([model]))
    assert predict_scans(scans, predictor, folder / "out", Options(force_input=True)) == ()
    labels = np.asarray(nib.load(folder / "out/scan/labels.nii.gz").dataobj)
    return labels, [each.reason for each in read_summary(folder / "out/scan").findings]


def build_hu(labels: np.ndarray) -> np.ndarray:
    hu = np.choose(labels, [OTHER_HU, LIVER_HU, LESION_HU])
    return hu + np.random.default_rng(0).integers(-5, 6, SHAPE)


def test_labels_come_back_voxel_by_voxel_through_locator_and_region(model, tmp_path):
    labels = build_labels()
    predicted, findings = predict(model, build_hu(labels), tmp_path)
    assert np.array_equal(predicted, labels)
    assert not [reason for reason in findings if "located" in reason]


def test_what_lies_outside_of_the_region_is_not_seen(model, tmp_path):
    """A second, smaller body as bright as the lesion, far from the liver and apart from it."""
    labels = build_labels()
    hu = build_hu(labels)
    hu[2:14, 2:14, 20:28] = LESION_HU
    predicted, _ = predict(model, hu, tmp_path)
    assert np.array_equal(predicted, labels)


def test_a_scan_without_a_liver_is_predicted_whole_and_that_is_said(model, tmp_path):
    """18 ml are no liver, and yet the network finds them in the whole scan."""
    labels = np.zeros(SHAPE, np.uint8)
    labels[20:32, 20:32, 10:18] = 1
    predicted, findings = predict(model, build_hu(labels), tmp_path)
    assert any("no liver was located" in reason for reason in findings)
    assert predicted.any()
    assert not predicted[labels == 0].all()


def test_a_model_without_its_locator_is_refused_by_its_folder(model, tmp_path):
    folder = write_model_folder(tmp_path / "model", region="liver", pixel_mm=2.0)
    with pytest.raises(ModelError, match="locator"):
        read_ensemble([folder])


def test_models_of_other_regions_do_not_go_together(model, tmp_path):
    other = write_model_folder(tmp_path / "other")
    with pytest.raises(Exception, match="same windows, region and size"):
        read_ensemble([model, other])


def test_models_of_one_locator_share_it_and_those_of_two_ask_both(model, tmp_path):
    twin = write_model_folder(
        tmp_path / "twin", sharpness=50.0, region="liver", pixel_mm=2.0, margin_mm=2.0
    )
    write_model_folder(twin / "locator", pixel_mm=4.0, slice_mm=8.0, rules=None)
    assert len(read_ensemble([model, twin]).locators) == 1
    (twin / "locator/model.json").write_text(
        (twin / "locator/model.json").read_text().replace('"random"', '"ready"')
    )
    assert len(read_ensemble([model, twin]).locators) == 2


def test_of_two_locators_the_region_holds_what_either_found(model, tmp_path):
    """The other one sees nothing above 200 HU, and no liver: the first one's box counts."""
    twin = write_model_folder(tmp_path / "twin", region="liver", pixel_mm=2.0, margin_mm=2.0)
    write_model_folder(twin / "locator", rules=None)
    blind = Preprocessing(((200.0, 900.0),), 32, "npz", pixel_mm=4.0)
    write_preprocessing(twin / "locator", blind)
    labels = build_labels()
    (tmp_path / "scan").mkdir()
    nib.save(nib.Nifti1Image(build_hu(labels).astype(np.int16), AFFINE), tmp_path / "scan/a.nii")
    scan = read_scan(tmp_path / "scan/a.nii")
    prediction = Predictor(read_ensemble([model, twin])).predict(scan)
    assert prediction.region_source == "located"
    assert np.array_equal(prediction.labels, labels)
