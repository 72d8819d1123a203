"""The report as DICOM Encapsulated PDF (PS3.3, A.45.1) in the study of its series."""

import hashlib

from highdicom.base import SOPClass
from highdicom.content import ReferencedImageSequence
from pydicom.uid import EncapsulatedPDFStorage, ExplicitVRLittleEndian

from liverseg.scans.dicom_out.author import Author
from liverseg.scans.dicom_out.source import Source

SERIES_NUMBER = 9003
DESCRIPTION = "report on liver and lesions, for research"
TITLE = "Liver lesions on CT, segmented by software: for research, not for clinical use"


def build_document(source: Source, pdf: bytes, author: Author) -> SOPClass:
    """The object; nobody has verified what it says.

    Args:
        source: The series.
        pdf: The report, kept byte for byte; a byte is added to an odd number of them, as the
            standard asks, and ``EncapsulatedDocumentLength`` says how many there were.
        author: Who made it.
    """
    first = source.images[0]
    made = SOPClass(
        study_instance_uid=first.StudyInstanceUID,
        sop_class_uid=EncapsulatedPDFStorage,
        transfer_syntax_uid=ExplicitVRLittleEndian,
        modality="DOC",
        **author.sign("document", hashlib.sha256(pdf).hexdigest()),
        series_number=SERIES_NUMBER,
        series_description=DESCRIPTION,
    )
    made.ConversionType = "WSD"  # made on a workstation
    made.AcquisitionDateTime = None  # of a document that was on paper
    made.BurnedInAnnotation = "YES"  # the name of the scan, which may be that of the patient
    made.SourceInstanceSequence = ReferencedImageSequence(source.images)
    made.DocumentTitle = TITLE
    made.ConceptNameCodeSequence = []
    made.VerificationFlag = "UNVERIFIED"
    made.MIMETypeOfEncapsulatedDocument = "application/pdf"
    made.EncapsulatedDocument = pdf
    made.EncapsulatedDocumentLength = len(pdf)
    source.complete(made)
    return made
