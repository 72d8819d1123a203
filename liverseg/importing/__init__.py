"""Data sets of other layouts and file formats, brought into the project's own."""
