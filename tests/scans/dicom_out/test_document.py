"""The report as Encapsulated PDF; whose it is, is tested with the other objects."""

from datetime import datetime

import pydicom
import pytest
from pydicom.uid import EncapsulatedPDFStorage
from pypdf import PdfReader

from liverseg.scans.dicom_out.author import Author
from liverseg.scans.dicom_out.document import build_document
from liverseg.scans.dicom_out.source import Source
from liverseg.scans.provenance import collect_provenance
from liverseg.scans.report.writing import write_reports


def test_it_holds_the_pdf_of_the_report_byte_for_byte(write_scan, predict):
    write_scan()
    folder = predict()
    made = pydicom.dcmread(folder / "report.dcm")
    write_reports(folder, None, None, pdf=True)
    pdf = (folder / "report.pdf").read_bytes()
    assert made.EncapsulatedDocument[: made.EncapsulatedDocumentLength] == pdf
    assert len(made.EncapsulatedDocument) - len(pdf) == len(pdf) % 2
    assert PdfReader(folder / "report.pdf").metadata.title == "ct: liver lesions"


def test_it_says_what_it_is(write_scan, predict):
    files = write_scan()
    made = pydicom.dcmread(predict() / "report.dcm")
    assert made.SOPClassUID == made.file_meta.MediaStorageSOPClassUID == EncapsulatedPDFStorage
    assert (made.Modality, made.MIMETypeOfEncapsulatedDocument) == ("DOC", "application/pdf")
    assert made.DocumentTitle.startswith("Liver lesions on CT, segmented by software")
    # the name of a folder, which is on the page, may be that of the patient
    assert (made.BurnedInAnnotation, made.VerificationFlag) == ("YES", "UNVERIFIED")
    assert made.ConversionType == "WSD"
    for keyword in ("ContentDate", "ContentTime", "AcquisitionDateTime", "ConceptNameCodeSequence"):
        assert keyword in made  # type 2: there, if empty
    shown = {item.ReferencedSOPInstanceUID for item in made.SourceInstanceSequence}
    assert shown == {pydicom.dcmread(file).SOPInstanceUID for file in files}


@pytest.mark.parametrize("pdf", [b"%PDF-1.3 even", b"%PDF-1.3 odd"])
def test_an_odd_number_of_bytes_is_made_even_and_told(pdf, write_scan, predictor, tmp_path):
    image = pydicom.dcmread(write_scan()[0])
    made_with = collect_provenance(predictor.ensemble, "none", probabilities=False)
    author = Author(made_with, "found", "sha256", datetime(2026, 1, 2, 3, 4, 5))
    document = build_document(Source(tmp_path, (image,)), pdf, author)
    document.save_as(tmp_path / "report.dcm")
    read = pydicom.dcmread(tmp_path / "report.dcm")
    assert read.EncapsulatedDocumentLength == len(pdf)
    assert read.EncapsulatedDocument == pdf + bytes(len(pdf) % 2)


def test_predicting_again_takes_an_older_report_away(write_scan, predict):
    write_scan()
    folder = predict()
    write_reports(folder, None, None, pdf=True)
    assert (predict(force=True) / "report.dcm").is_file()
    assert not {"report.html", "report.pdf"} & {path.name for path in folder.iterdir()}
