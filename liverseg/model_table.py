"""The models that there are, a row each: how people read of them, and how they are drawn.

What else a model is made of goes by its name: ``liverseg/models/<name>.py``, the section
``models.<name>`` of the params, and its line in dvc.yaml.
"""

from dataclasses import dataclass


@dataclass(frozen=True)
class ModelRow:
    """A model among the others.

    Attributes:
        title: As people read it.
        colour: In every plot, of ``pages.colours``; told apart on white and on black. Sky blue and
            orange are those of the outlines.
        symbol: Of its points, as Plotly calls them.
    """

    title: str
    colour: str
    symbol: str


MODELS = {
    "simple_cnn": ModelRow("Simple CNN", "#d55e00", "square"),  # vermillion
    "unet": ModelRow("U-Net", "#0072b2", "circle"),  # blue
    "resnet": ModelRow("ResNet", "#009e73", "diamond"),  # bluish green
}
"""By name, in the order of every table."""
