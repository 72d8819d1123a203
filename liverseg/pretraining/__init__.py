"""Pre-training of encoders, above training: an edit here trains no model again but through them."""
