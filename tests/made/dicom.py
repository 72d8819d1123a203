"""Real DICOM files from small arrays, made with pydicom as a scanner would."""

from pathlib import Path

import gdcm
import numpy as np
import pydicom
from pydicom.dataset import Dataset, FileDataset, FileMetaDataset
from pydicom.uid import CTImageStorage, ExplicitVRLittleEndian, generate_uid

AXIAL = np.array([[1.0, 0, 0], [0, 1.0, 0]])
STUDY = generate_uid()
FRAME_OF_REFERENCE = generate_uid()


def make_hu(shape=(4, 5, 6), seed=1):
    """HU (slice, row, column) over the whole range of CT."""
    return np.random.default_rng(seed).integers(-1024, 3000, shape).astype(np.int16)


def build_slice(hu, position, *, series_uid, axes=AXIAL, spacing=(0.7, 0.8), **elements):
    """One CT slice, stored as unsigned integers with an intercept of -1024.

    ``hu`` is (row, column); ``spacing`` is between rows, then between columns.
    """
    meta = FileMetaDataset()
    meta.MediaStorageSOPClassUID = CTImageStorage
    meta.MediaStorageSOPInstanceUID = generate_uid()
    meta.TransferSyntaxUID = ExplicitVRLittleEndian
    dataset = FileDataset("", {}, file_meta=meta, preamble=b"\0" * 128)
    defaults = {
        "SOPClassUID": CTImageStorage,
        "SOPInstanceUID": meta.MediaStorageSOPInstanceUID,
        "StudyInstanceUID": STUDY,
        "SeriesInstanceUID": series_uid,
        "FrameOfReferenceUID": FRAME_OF_REFERENCE,
        "Modality": "CT",
        "ImageType": ["ORIGINAL", "PRIMARY", "AXIAL"],
        "PatientName": "Doe^Jane",
        "PatientID": "MRN-4711",
        "PatientBirthDate": "19610203",
        "PatientSex": "F",
        "StudyDate": "20200102",
        "StudyTime": "101112",
        "StudyID": "1",
        "AccessionNumber": "ACC1",
        "ReferringPhysicianName": "House^Gregory",
        "SeriesNumber": 3,
        "InstanceNumber": 1,
        "SliceThickness": "5.0",
        "ImagePositionPatient": [f"{value:.8g}" for value in position],
        "ImageOrientationPatient": [f"{value:.8f}" for value in np.ravel(axes)],
        "PixelSpacing": [f"{value:g}" for value in spacing],
        "RescaleSlope": "1",
        "RescaleIntercept": "-1024",
        "RescaleType": "HU",
        "SamplesPerPixel": 1,
        "PhotometricInterpretation": "MONOCHROME2",
        "Rows": hu.shape[0],
        "Columns": hu.shape[1],
        "BitsAllocated": 16,
        "BitsStored": 16,
        "HighBit": 15,
        "PixelRepresentation": 0,
    }
    for name, value in (defaults | elements).items():
        if value is not None:
            setattr(dataset, name, value)
    dataset.PixelData = (hu.astype(np.int32) + 1024).astype("<u2").tobytes()
    return dataset


def save(dataset: Dataset, path: Path) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    dataset.save_as(path, enforce_file_format=True)
    return path


def write_series(folder, hu, *, step=(0, 0, 2.5), origin=(-50.0, -60.0, 100.0), **elements):
    """A series of CT slices under shuffled names; gives its files in the order of ``hu``."""
    elements.setdefault("series_uid", generate_uid())
    names = np.random.default_rng(3).permutation(len(hu))
    files = []
    for index, plane in enumerate(hu):
        position = np.array(origin) + index * np.array(step)
        dataset = build_slice(plane, position, InstanceNumber=index + 1, **elements)
        files.append(save(dataset, folder / f"IM{names[index]:04}"))
    return files


def change(path: Path, **elements) -> None:
    """Overwrite elements of a file."""
    dataset = pydicom.dcmread(path)
    for name, value in elements.items():
        if value is None:
            delattr(dataset, name)
        else:
            setattr(dataset, name, value)
    dataset.save_as(path)


def rotate(degrees_x, degrees_z):
    """Directions of rows and columns after turning about z, then about x."""
    x, z = np.radians((degrees_x, degrees_z))
    about_x = np.array([[1, 0, 0], [0, np.cos(x), -np.sin(x)], [0, np.sin(x), np.cos(x)]])
    about_z = np.array([[np.cos(z), -np.sin(z), 0], [np.sin(z), np.cos(z), 0], [0, 0, 1]])
    return (about_x @ about_z @ np.eye(3))[:, :2].T


def compress(path: Path, syntax: int) -> None:
    """Encode the pixels of a file in one of gdcm's transfer syntaxes."""
    reader, writer, change_syntax = (
        gdcm.ImageReader(),
        gdcm.ImageWriter(),
        gdcm.ImageChangeTransferSyntax(),
    )
    reader.SetFileName(str(path))
    assert reader.Read()
    change_syntax.SetTransferSyntax(gdcm.TransferSyntax(syntax))
    change_syntax.SetInput(reader.GetImage())
    assert change_syntax.Change()
    writer.SetFileName(str(path))
    writer.SetFile(reader.GetFile())
    writer.SetImage(change_syntax.GetOutput())
    assert writer.Write()
