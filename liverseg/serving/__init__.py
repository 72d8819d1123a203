"""A page to drop scans on: ``liverseg serve``."""
