"""One training on one device, or on all of this machine: the same losses, the batch divided."""

from collections.abc import Callable

import keras
import tensorflow as tf

from liverseg.params import DevicesName

Loss = Callable[[keras.KerasTensor, keras.KerasTensor], keras.KerasTensor]


def choose_strategy(devices: DevicesName) -> tf.distribute.Strategy:
    """How the work of a step is divided; build, compile and fit a model in its ``scope()``.

    ``all`` are the GPUs, or where there are none the logical CPUs, of which TensorFlow has one
    unless told otherwise. With a single one this is TensorFlow's default, which divides nothing.
    Call it once the threads are pinned: it starts the devices.
    """
    if devices == "all":
        found = tf.config.list_logical_devices("GPU") or tf.config.list_logical_devices("CPU")
        if len(found) > 1:
            return tf.distribute.MirroredStrategy([device.name for device in found])
    return tf.distribute.get_strategy()


def should_compile_with_xla(devices: DevicesName = "one") -> bool:
    """Whether XLA serves: on one GPU.

    On the CPU it is slower than TensorFlow's own kernels; and what several devices add up together
    lies outside of what it compiles.
    """
    num_gpus = len(tf.config.list_physical_devices("GPU"))
    return num_gpus == 1 or (num_gpus > 1 and devices == "one")


def sum_over_devices(values: keras.KerasTensor) -> keras.KerasTensor:
    """The sum of what all devices have, each from its part of a batch; on one device its own.

    A loss made of such sums is that of the whole batch, on every device.
    """
    context = tf.distribute.get_replica_context()
    if context is None or context.num_replicas_in_sync == 1:
        return values
    return context.all_reduce(tf.distribute.ReduceOp.SUM, values)


def share_loss(loss: Loss) -> Loss:
    """A loss of the whole batch, less what several devices would count several times.

    Keras adds up the gradients of all devices, and that of ``sum_over_devices`` is the sum of
    theirs. It divides a loss by their number for that, but not one that is a single number.
    """

    def share(reference: keras.KerasTensor, probabilities: keras.KerasTensor) -> keras.KerasTensor:
        return loss(reference, probabilities) / count_devices()

    return loss if count_devices() == 1 else share


def count_devices() -> int:
    """Devices that divide a batch among them, within the scope of a strategy."""
    return int(tf.distribute.get_strategy().num_replicas_in_sync)
