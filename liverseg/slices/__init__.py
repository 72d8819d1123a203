"""Windowed slices: the way from volumes to stacks on disk, and from stacks to batches."""
