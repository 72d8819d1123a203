"""The number of threads that one operation is divided among, fixed so that sums come out alike."""

import tensorflow as tf


def pin_threads(num_threads: int) -> None:
    """Divide each operation among so many threads, however many cores there are.

    Gradients of convolutions are summed a part a thread: another number gives other last digits,
    which a training magnifies. Seen on all three models with 1, 2, 4 and 8 threads; with 2 threads
    on one core the result is that of two cores. Call it before TensorFlow computes anything.
    """
    tf.config.threading.set_intra_op_parallelism_threads(num_threads)
