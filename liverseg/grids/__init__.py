"""Voxel grids: where they lie, in which order of axes, and what is cropped or connected in them."""
