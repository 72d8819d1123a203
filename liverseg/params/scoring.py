"""Sections of the way out: inference, labels, scores and their comparison."""

from typing import Annotated, Literal

from liverseg.params.fields import (
    Count,
    Index,
    NonNegative,
    NotEmpty,
    OpenFraction,
    Positive,
    Section,
)

Flips = Literal["none", "horizontal", "all"]
"""Mirror images of a slice whose answers are averaged with its own; see ``inference.flips``."""


class PredictParams(Section):
    """Inference."""

    num_threads: Count
    batch_size: Count
    flips: Flips


RULES_FILE = "rules.json"
"""``ModelRules``: beside the scores of a model, and in the final model."""


class LabelRules(Section):
    """How probabilities become labels on the grid of the scan."""

    liver_threshold: OpenFraction
    lesion_threshold: OpenFraction
    largest_liver_component: bool
    min_lesion_ml: NonNegative
    lesion_connectivity: Literal[6, 18, 26]


class ModelRules(LabelRules):
    """The rules as they were chosen for a model, and what its probabilities are worth.

    A temperature of 1 leaves the probabilities of a region as they are, and ``flips`` are what they
    are made with. Files that name neither are of models that were scored without.
    """

    liver_temperature: Positive = 1.0
    lesion_temperature: Positive = 1.0
    flips: Flips = "none"


class RuleCandidates(Section):
    """Values of three rules; every combination of them is tried on the validation cases."""

    lesion_threshold: Annotated[tuple[OpenFraction, ...], NotEmpty]
    largest_liver_component: Annotated[tuple[bool, ...], NotEmpty]
    min_lesion_ml: Annotated[tuple[NonNegative, ...], NotEmpty]


class ScoreParams(Section):
    """From probabilities to scores.

    With ``tune`` the best candidates replace their rules; with ``calibrate`` a temperature a region
    is fitted, which moves no label.
    """

    rules: LabelRules
    tune: bool
    candidates: RuleCandidates
    calibrate: bool


class EvaluateParams(Section):
    """Chance: intervals and tests over patients."""

    seed: Index
    num_bootstraps: Count
