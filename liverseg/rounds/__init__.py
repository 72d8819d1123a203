"""The ready model: rounds of training on synthetic patients alone, each going on from the last."""
