"""The state of Keras and TensorFlow before training: seeds, threads, precision, memory."""

import os

import keras
import tensorflow as tf

from liverseg.networks.threads import pin_threads
from liverseg.params import DevicesName, FitParams
from liverseg.training.devices import should_compile_with_xla
from liverseg.training.memory import keep_freed_memory

_POLICIES = {"float32": "float32", "mixed": "mixed_float16"}


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
    keras.config.set_dtype_policy(_POLICIES[train.precision])
