"""Abdominal CT more varied than reality, to train on: bodies, phases, kernels, clutter, lesions.

Domain randomisation after Billot et al., SynthSeg, arXiv 2107.09559: what a network has seen vary
widely it learns to look past. Beauty is no aim; being wider than reality is.
"""
