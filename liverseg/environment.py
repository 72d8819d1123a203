"""What the libraries read from the environment when they are imported; set before any can be.

It decides results, so the stages that train depend on this file.
"""

import os
import sys

os.environ["KERAS_BACKEND"] = "tensorflow"
os.environ["NO_ALBUMENTATIONS_UPDATE"] = "1"  # else its import asks the network for a newer version
# Else OpenVINO's import tells its makers of each use; without the module it falls silent.
sys.modules["openvino_telemetry"] = None  # type: ignore[assignment]
os.environ["MLFLOW_DISABLE_TELEMETRY"] = "true"  # likewise MLflow's
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")  # warnings and errors only
# oneDNN's kernels on every processor: TensorFlow's own choice depends on the processor. Measured on
# AVX2: a U-Net epoch takes a fifth less time than with Eigen's kernels.
os.environ["TF_ENABLE_ONEDNN_OPTS"] = "1"
