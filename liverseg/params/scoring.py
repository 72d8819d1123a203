"""Sections of the way out: inference, labels, scores and their comparison."""

from typing import Annotated, Literal

from liverseg.params.fields import Count, Index, NonNegative, NotEmpty, OpenFraction, Section


class PredictParams(Section):
    """Inference."""

    num_threads: Count
    batch_size: Count


RULES_FILE = "rules.json"
"""``LabelRules`` as they were chosen for a model: beside its scores, and in the final model."""


class LabelRules(Section):
    """How probabilities become labels on the grid of the scan."""

    liver_threshold: OpenFraction
    lesion_threshold: OpenFraction
    largest_liver_component: bool
    min_lesion_ml: NonNegative
    lesion_connectivity: Literal[6, 18, 26]


class RuleCandidates(Section):
    """Values of three rules; every combination of them is tried on the validation cases."""

    lesion_threshold: Annotated[tuple[OpenFraction, ...], NotEmpty]
    largest_liver_component: Annotated[tuple[bool, ...], NotEmpty]
    min_lesion_ml: Annotated[tuple[NonNegative, ...], NotEmpty]


class ScoreParams(Section):
    """From probabilities to scores; with ``tune`` the best candidates replace their rules."""

    rules: LabelRules
    tune: bool
    candidates: RuleCandidates


class EvaluateParams(Section):
    """Chance: intervals and tests over patients."""

    seed: Index
    num_bootstraps: Count
