"""Two scans of one patient: which lesion became which, how much larger, and the response."""
