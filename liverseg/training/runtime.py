"""The state of Keras and TensorFlow before training: seeds, threads, precision, memory."""

import os
from typing import Literal

import keras
import tensorflow as tf

from liverseg.networks.threads import pin_threads
from liverseg.params import DevicesName, FitParams
from liverseg.training.devices import should_compile_with_xla
from liverseg.training.memory import keep_freed_memory


def prepare_runtime(train: FitParams, devices: DevicesName = "one") -> None:
    """Seed every generator, make operations deterministic, and set the precision of new layers.

    Call it in a fresh process, before the first model is built. TensorFlow's deterministic
    operations and XLA exclude each other: where XLA compiles, XLA's own are asked for.
    """
    keep_freed_memory()
    pin_threads(train.num_threads)
    keras.utils.set_random_seed(train.seed)
    if should_compile_with_xla(devices):
        os.environ.setdefault("XLA_FLAGS", "--xla_gpu_deterministic_ops=true")
    else:
        tf.config.experimental.enable_op_determinism()
    keras.config.set_dtype_policy(choose_policy(train.precision))


def choose_policy(precision: Literal["float32", "mixed"]) -> str:
    """The dtype policy of Keras: ``mixed`` is bfloat16, which has the range of float32.

    On a GPU older than NVIDIA's compute capability 8.0 (Ampere), which has no units for it, it is
    float16; Keras then scales the loss, so that small gradients do not vanish.
    """
    if precision == "float32":
        return "float32"
    gpus = tf.config.list_physical_devices("GPU")
    details = map(tf.config.experimental.get_device_details, gpus)
    has_bfloat16 = all(each.get("compute_capability", (0, 0)) >= (8, 0) for each in details)
    return "mixed_bfloat16" if has_bfloat16 else "mixed_float16"
