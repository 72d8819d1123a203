"""Typed, validated sections of params.yaml.

No field has a default: every value stands in params.yaml. Only ``train`` inside ``models.<name>``
is partial, since it overrides single values of the shared ``train`` section.
"""

from liverseg.params.fields import MODEL_NAMES, ModelName, Section
from liverseg.params.file import Params, read_params
from liverseg.params.input import DataParams, PhantomParams, SplitParams
from liverseg.params.models import PretrainParams, ResnetParams, SimpleCnnParams, UnetParams
from liverseg.params.scoring import RULES_FILE, EvaluateParams, LabelRules, ScoreParams
from liverseg.params.training import (
    AffineParams,
    AugmentParams,
    BrightnessContrastParams,
    ElasticParams,
    FlipParams,
    NoiseParams,
    PlateauParams,
    TrainOverrides,
    TrainParams,
    apply_overrides,
)

__all__ = [
    "MODEL_NAMES",
    "RULES_FILE",
    "AffineParams",
    "AugmentParams",
    "BrightnessContrastParams",
    "DataParams",
    "ElasticParams",
    "EvaluateParams",
    "FlipParams",
    "LabelRules",
    "ModelName",
    "NoiseParams",
    "Params",
    "PhantomParams",
    "PlateauParams",
    "PretrainParams",
    "ResnetParams",
    "ScoreParams",
    "Section",
    "SimpleCnnParams",
    "SplitParams",
    "TrainOverrides",
    "TrainParams",
    "UnetParams",
    "apply_overrides",
    "read_params",
]
