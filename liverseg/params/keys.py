"""What the values of a training are called in params.yaml, for messages."""

from dataclasses import dataclass

from liverseg.params.fields import ModelName
from liverseg.params.training import TrainOverrides


@dataclass(frozen=True)
class TrainingKeys:
    """The sections from which one training takes its values.

    Attributes:
        own: Of what is trained, ``models.unet`` say.
        train: Of its ``TrainParams``.
        slices: Of the preprocessing of what it sees.
        overridden: Keys of ``train`` in whose place stand those of ``<own>.train``.
    """

    own: str
    train: str
    slices: str
    overridden: frozenset[str] = frozenset()

    def name_train(self, key: str) -> str:
        """The dotted key of a value of ``TrainParams``; it may lie in one of its sections."""
        is_own = key.partition(".")[0] in self.overridden
        return f"{self.own}.train.{key}" if is_own else f"{self.train}.{key}"


LOCATOR_KEYS = TrainingKeys(own="locator.network", train="locator.train", slices="locator")


def build_model_keys(model: ModelName, overrides: TrainOverrides) -> TrainingKeys:
    """Those of one of the models.

    Args:
        model: Its name.
        overrides: Its ``models.<name>.train``.
    """
    return TrainingKeys(
        own=f"models.{model}",
        train="train",
        slices="preprocess",
        overridden=frozenset(overrides.model_dump(exclude_none=True)),
    )
