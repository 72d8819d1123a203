"""The models by name.

Each is imported by name, so that an edit of one model's file is a dependency of that model's stage
alone.
"""

from importlib import import_module

from liverseg.models.recipe import Recipe
from liverseg.params import ModelName

MODEL_FILES: dict[ModelName, str] = {
    "simple_cnn": "liverseg.models.simple_cnn",
    "unet": "liverseg.models.unet",
    "resnet": "liverseg.models.resnet",
}


def load_recipe(name: ModelName) -> Recipe:
    """The ``RECIPE`` of a model's own file."""
    recipe: Recipe = import_module(MODEL_FILES[name]).RECIPE
    return recipe
