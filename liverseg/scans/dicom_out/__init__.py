"""What was found in a DICOM series as DICOM objects that refer to it; needs the extra ``dicom``."""
