"""DICOM in: CT series and their masks, found, checked and turned into volumes."""
