"""A saved network at work on the CPU, by OpenVINO: TensorFlow and Keras are not needed."""

from pathlib import Path
from typing import Any

import numpy as np
import openvino

from liverseg.errors import ModelError
from liverseg.inference.graph import read_graph
from liverseg.inference.layer import UnsupportedError
from liverseg.networks.architecture import ARCHITECTURE_FILE, SIGNS_OF_DAMAGE, WEIGHTS_FILE
from liverseg.networks.by_slice import Images, Probabilities

_OPTIONS: dict[str, Any] = {
    "INFERENCE_PRECISION_HINT": "f32",  # processors that know bfloat16 would compute in it
    "NUM_STREAMS": 1,
    "ENABLE_CPU_PINNING": False,  # threads tied to cores wait where others use these cores too
}


class CompiledModel:
    """A network that answers one slice after the other: no answer depends on the others' number.

    Attributes:
        name: Of the model.
        input_shape: (None, rows, columns, channels), as Keras has it.
    """

    def __init__(self, graph: openvino.Model, num_threads: int | None) -> None:
        """Compile it.

        Args:
            graph: Of one slice.
            num_threads: That an operation is divided among; None for as many as there are cores.
        """
        threads = {} if num_threads is None else {"INFERENCE_NUM_THREADS": num_threads}
        self.name: str = graph.friendly_name
        self.input_shape: tuple[int | None, ...] = (None, *graph.inputs[0].shape[1:])
        self._compiled = openvino.Core().compile_model(graph, "CPU", _OPTIONS | threads)

    def predict_on_batch(self, images: Images, /) -> Probabilities:
        """What the network says of each of uint8 images (batch, rows, columns, channels)."""
        request = self._compiled.create_infer_request()  # one a call, so that calls may overlap
        return np.concatenate([request.infer([image[None]])[0] for image in images])


def load_compiled(folder: Path, num_threads: int | None) -> CompiledModel:
    """The network of a model folder.

    Args:
        folder: Of the model.
        num_threads: As for ``CompiledModel``.

    Raises:
        ModelError: Files are missing or do not fit each other, the weights are not finite, or the
            architecture has a layer or an option that is not translated.
    """
    try:
        return CompiledModel(read_graph(folder), num_threads)
    except UnsupportedError as error:
        raise ModelError(
            f"{folder}: expected layers that prediction knows. Received: {str(error)[:300]}. Take "
            "another layer or option, or translate it in liverseg/inference/graph.py."
        ) from None
    except SIGNS_OF_DAMAGE as error:
        raise ModelError(
            f"{folder}: expected {ARCHITECTURE_FILE} and {WEIGHTS_FILE} of one model. "
            f"Received: {' '.join(str(error).split())[:300]}. Train it again with `dvc repro`."
        ) from None
