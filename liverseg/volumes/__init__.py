"""Volumes: NIfTI in and out, grids, HU, and the phantom."""
