"""Which model is taken: by lesion Dice per case on the validation cases, then by cost."""

from collections.abc import Sequence
from dataclasses import dataclass

from liverseg.evaluation.results import ModelResult
from liverseg.networks.description import ModelDescription
from liverseg.params import EvaluateParams
from liverseg.statistics.bootstrap import Estimate
from liverseg.statistics.comparison import PairedComparison, compare_paired
from liverseg.statistics.summary import summarize


@dataclass(frozen=True)
class Candidate:
    """A model that may be taken.

    Attributes:
        description: What it is.
        dice: Its lesion Dice per case on the validation cases.
        to_best: How much higher that is than the best model's, case by case; 0 for the best.
        is_tied: It is the best, or the 95 % interval of the difference holds 0.
    """

    description: ModelDescription
    dice: Estimate
    to_best: PairedComparison
    is_tied: bool


@dataclass(frozen=True)
class Rival:
    """A model that was not taken.

    Attributes:
        description: What it is.
        validation: How much higher the final model's lesion Dice per case is than its own.
        test: The same on the test cases, which had no part in the choice.
    """

    description: ModelDescription
    validation: PairedComparison
    test: PairedComparison


@dataclass(frozen=True)
class Selection:
    """The choice and what it rests on.

    Attributes:
        final: The model that is taken.
        candidates: All models of the run, best first.
        rivals: The others, best first; empty where there was no choice.
        num_cases: Validation cases.
        num_patients: Patients they come from.
    """

    final: ModelDescription
    candidates: tuple[Candidate, ...]
    rivals: tuple[Rival, ...]
    num_cases: int
    num_patients: int

    @property
    def best(self) -> Candidate:
        """The model with the highest value."""
        return self.candidates[0]

    @property
    def tied(self) -> tuple[Candidate, ...]:
        """The models that cannot be told from the best, the best among them."""
        return tuple(candidate for candidate in self.candidates if candidate.is_tied)


def select_model(results: Sequence[ModelResult], params: EvaluateParams) -> Selection:
    """Take the cheapest of the models that tie with the best.

    Args:
        results: The models of the run, at least one.
        params: Of the bootstrap.

    Raises:
        DataError: Two models were not scored on the same cases.
    """
    chance = params.model_dump()
    ranked = sorted(
        ((result, _summarize_dice(result, params)) for result in results),
        key=lambda pair: (-pair[1].value, *_get_cost(pair[0].description)),
    )
    best, _ = ranked[0]
    candidates = []
    for result, dice in ranked:
        to_best = compare_paired(result.validation, best.validation, **chance)
        is_tied = result is best or to_best.low <= 0 <= to_best.high
        candidates.append(Candidate(result.description, dice, to_best, is_tied))
    tied = [candidate.description for candidate in candidates if candidate.is_tied]
    final = min(tied, key=_get_cost)
    taken = next(result for result in results if result.description == final)
    rivals = [
        Rival(
            description=result.description,
            validation=compare_paired(taken.validation, result.validation, **chance),
            test=compare_paired(taken.test, result.test, **chance),
        )
        for result, _ in ranked
        if result is not taken
    ]
    return Selection(
        final=final,
        candidates=tuple(candidates),
        rivals=tuple(rivals),
        num_cases=len(best.validation),
        num_patients=candidates[0].to_best.num_patients,
    )


def _summarize_dice(result: ModelResult, params: EvaluateParams) -> Estimate:
    return summarize(result.validation, **params.model_dump())["lesion.dice_per_case"]


def _get_cost(description: ModelDescription) -> tuple[int, int]:
    return description.macs_per_slice, description.num_parameters
