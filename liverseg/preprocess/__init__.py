"""From volumes to windowed slices: what the stage preprocess does, and inference repeats."""
