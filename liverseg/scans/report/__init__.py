"""One page a scan for people: what ``liverseg report`` makes of what ``liverseg predict`` wrote."""
