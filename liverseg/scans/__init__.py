"""New scans in, lesions out: what ``liverseg predict`` and ``liverseg report`` do."""
