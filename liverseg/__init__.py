"""Reproducible segmentation of liver tumours on CT."""

import os

# Read by the libraries when they are first imported, so set before any of them can be.
os.environ["KERAS_BACKEND"] = "tensorflow"
os.environ["NO_ALBUMENTATIONS_UPDATE"] = "1"  # else its import asks the network for a newer version
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")  # warnings and errors only
