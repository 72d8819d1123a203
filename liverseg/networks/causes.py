"""What causes a trained model: inputs, params, seed and packages, but not the commit.

Causes only: the same ones give the same file to the byte, in every commit and on every day.
"""

import hashlib
import json
import sys
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Any

from liverseg.checked_json import STRICT
from liverseg.hashing import hash_files, hash_path
from liverseg.json_files import write_json
from liverseg.params import Section

CAUSES_FILE = "causes.json"
PACKAGES = ("albumentations", "keras", "numpy", "opencv-python-headless", "tensorflow")
"""Those that compute something between the slices and the weights."""


@dataclass(frozen=True)
class Causes:
    """What decides how a model comes out of training, besides this project's code.

    Attributes:
        inputs: MD5 of each input by name, as ``dvc.lock`` gives it.
        params: Sections of the params by name, overrides in place.
        packages: Versions by name.
    """

    __pydantic_config__ = STRICT

    inputs: Mapping[str, str]
    params: Mapping[str, Any]
    packages: Mapping[str, str]


def collect_causes(inputs: Mapping[str, Path], sections: Mapping[str, Section]) -> Causes:
    """The causes of a training from its files or folders and its params."""
    return Causes(
        inputs={name: hash_path(path) for name, path in inputs.items()},
        params={name: section.model_dump(mode="json") for name, section in sections.items()},
        packages={name: version(name) for name in PACKAGES},
    )


def write_causes(folder: Path, causes: Causes) -> None:
    """Write ``causes.json``."""
    write_json(folder / CAUSES_FILE, asdict(causes), sort_keys=True)


def compute_key(causes: Causes) -> str:
    """A name for the state of an unfinished training: of the causes and of the code, 32 digits.

    The code is that of all modules of the project that are loaded: call it when the training's are.
    """
    loaded = [module for name, module in sorted(sys.modules.items()) if _is_ours(name)]
    sources = [Path(file) for module in loaded if (file := getattr(module, "__file__", None))]
    parts = [
        json.dumps(asdict(causes), sort_keys=True),
        *(hash_files([source], "md5") for source in sources),
    ]
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()[:32]


def _is_ours(module: str) -> bool:
    return module.partition(".")[0] in {"__main__", "liverseg", "stages"}
