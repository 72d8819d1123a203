"""Typed, validated sections of params.yaml.

No field has a default: every value stands in params.yaml. Only ``train`` and ``pretrain`` inside
``models.<name>`` are partial, since they override single values of the shared ``train`` section.
"""

from liverseg.params.fields import MODEL_NAMES, ModelName, Section, count_values
from liverseg.params.file import Params, read_params
from liverseg.params.input import DataParams, PhantomParams, PreprocessParams, SplitParams
from liverseg.params.keys import LOCATOR_KEYS, TrainingKeys, build_model_keys
from liverseg.params.lesions import LesionKindParams, LesionParams
from liverseg.params.models import (
    EncoderParams,
    LocatorParams,
    PretrainParams,
    ResnetParams,
    SimpleCnnParams,
    UnetParams,
    UnetShape,
)
from liverseg.params.scoring import (
    RULES_FILE,
    EvaluateParams,
    Flips,
    LabelRules,
    ModelRules,
    ScoreParams,
)
from liverseg.params.training import (
    AffineParams,
    AugmentParams,
    BlurParams,
    BrightnessContrastParams,
    CosineParams,
    DevicesName,
    ElasticParams,
    FitParams,
    FlipParams,
    GammaParams,
    LossName,
    LowResolutionParams,
    Monitor,
    NoiseParams,
    PlateauParams,
    TrainOverrides,
    TrainParams,
)

__all__ = [
    "LOCATOR_KEYS",
    "MODEL_NAMES",
    "RULES_FILE",
    "AffineParams",
    "AugmentParams",
    "BlurParams",
    "BrightnessContrastParams",
    "CosineParams",
    "DataParams",
    "DevicesName",
    "ElasticParams",
    "EncoderParams",
    "EvaluateParams",
    "FitParams",
    "FlipParams",
    "Flips",
    "GammaParams",
    "LabelRules",
    "LesionKindParams",
    "LesionParams",
    "LocatorParams",
    "LossName",
    "LowResolutionParams",
    "ModelName",
    "ModelRules",
    "Monitor",
    "NoiseParams",
    "Params",
    "PhantomParams",
    "PlateauParams",
    "PreprocessParams",
    "PretrainParams",
    "ResnetParams",
    "ScoreParams",
    "Section",
    "SimpleCnnParams",
    "SplitParams",
    "TrainOverrides",
    "TrainParams",
    "TrainingKeys",
    "UnetParams",
    "UnetShape",
    "build_model_keys",
    "count_values",
    "read_params",
]
