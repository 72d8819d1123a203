"""Pairs of masks that anybody made: what ``liverseg score`` scores."""
