"""Inference: slices in, probabilities out."""
