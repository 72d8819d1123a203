"""The network in the format of another runtime, and that runtime at work.

Needs TensorFlow, and for two of the formats the extra ``export``.
"""

import warnings
from collections.abc import Callable
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Literal

import keras
import numpy as np
import numpy.typing as npt
import tensorflow as tf

from liverseg.errors import DataError

FormatName = Literal["onnx", "saved_model", "openvino"]
Slices = npt.NDArray[np.uint8]
Probabilities = npt.NDArray[np.float32]

INPUT = "slices"
OUTPUT = "probabilities"


@dataclass(frozen=True)
class ExportedNetwork:
    """A network in its own runtime, on the CPU and in float32.

    Attributes:
        run: From (batch, rows, columns, channels) to (batch, rows, columns, 2).
    """

    run: Callable[[Slices], Probabilities]

    def predict_on_batch(self, slices: Slices) -> Probabilities:
        """What Keras calls it, so that inference takes either."""
        return self.run(slices)


@dataclass(frozen=True)
class Format:
    """How a network is written and read.

    Attributes:
        file: Name of the file or folder that a runtime opens.
        packages: What has to be installed besides TensorFlow.
        write: From a model with a named output to ``file`` in an existing folder.
        open: From ``file`` to the network at work.
    """

    file: str
    packages: tuple[str, ...]
    write: Callable[[keras.Model, Path], None]
    open: Callable[[Path], ExportedNetwork]


def select_format(name: FormatName) -> Format:
    """A format whose packages are installed.

    Raises:
        DataError: They are not.
    """
    selected = FORMATS[name]
    missing = [package for package in selected.packages if find_spec(package) is None]
    if missing:
        raise DataError(
            f"--format {name}",
            expected=f"the packages {', '.join(selected.packages)}",
            received=f"no {', '.join(missing)}",
            next_step='Install the extra: pip install -e ".[export]".',
        )
    return selected


def name_output(model: keras.Model) -> keras.Model:
    """The same network, its output named ``OUTPUT`` in every format."""
    named = keras.Model(model.inputs[0], {OUTPUT: model.outputs[0]})
    named(np.zeros((1, *model.input_shape[1:]), np.uint8))  # Keras exports what was called once
    return named


def _write_saved_model(model: keras.Model, path: Path) -> None:
    model.export(path, format="tf_saved_model", verbose=False)


def _open_saved_model(path: Path) -> ExportedNetwork:
    loaded = tf.saved_model.load(path)
    serve = loaded.signatures["serving_default"]

    def run(slices: Slices, _keeps_variables: Any = loaded) -> Probabilities:
        probabilities: Probabilities = serve(**{INPUT: tf.constant(slices)})[OUTPUT].numpy()
        return probabilities

    return ExportedNetwork(run)


def _write_onnx(model: keras.Model, path: Path) -> None:
    with warnings.catch_warnings():
        # Keras asks whether NumPy still has `object`, which a future NumPy may have again.
        warnings.filterwarnings("ignore", "In the future `np.object`", FutureWarning)
        model.export(path, format="onnx", verbose=False)


def _open_onnx(path: Path) -> ExportedNetwork:
    from onnxruntime import InferenceSession

    session = InferenceSession(path, providers=["CPUExecutionProvider"])
    return ExportedNetwork(lambda slices: session.run([OUTPUT], {INPUT: slices})[0])


def _write_openvino(model: keras.Model, path: Path) -> None:
    """Through a SavedModel: the converter that Keras calls reports each use to its makers."""
    import openvino

    with TemporaryDirectory(dir=path.parent) as folder:
        saved_model = Path(folder) / "saved_model"
        _write_saved_model(model, saved_model)
        converted = openvino.Core().read_model(saved_model)
        openvino.save_model(converted, path, compress_to_fp16=False)


def _open_openvino(path: Path) -> ExportedNetwork:
    """In float32: processors that know bfloat16 would compute in it, at 1 % of probability."""
    import openvino

    hints = {"INFERENCE_PRECISION_HINT": "f32"}
    compiled = openvino.Core().compile_model(path, "CPU", hints)
    return ExportedNetwork(lambda slices: compiled(slices)[OUTPUT])


FORMATS: dict[FormatName, Format] = {
    "onnx": Format("model.onnx", ("onnx", "onnxruntime", "tf2onnx"), _write_onnx, _open_onnx),
    "saved_model": Format("saved_model", (), _write_saved_model, _open_saved_model),
    "openvino": Format("model.xml", (), _write_openvino, _open_openvino),
}
