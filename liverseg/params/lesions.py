"""The section of lesions that training paints into healthy liver."""

from typing import Annotated, Self

from pydantic import AfterValidator, Field, model_validator

from liverseg.params.fields import Fraction, NonNegative, Positive, Section
from liverseg.params.input import SpacingRange


def _check_range(limits: tuple[float, float]) -> tuple[float, float]:
    smallest, largest = limits
    if not 0 <= smallest <= largest:
        raise ValueError(f"expected 0 <= smallest <= largest. Received: {smallest:g}, {largest:g}")
    return limits


Range = Annotated[tuple[float, float], AfterValidator(_check_range)]


class LesionKindParams(Section):
    """How often each kind is drawn, relative to the others; 0 leaves it out."""

    hypodense: NonNegative
    hyperdense: NonNegative
    faint: NonNegative
    rim: NonNegative
    necrotic: NonNegative
    cystic: NonNegative

    @model_validator(mode="after")
    def _check_any(self) -> Self:
        if not any(self.model_dump().values()):
            raise ValueError(
                "expected at least one kind above 0. Received: 0 for all of them "
                "(probability: 0 paints none)"
            )
        return self


class LesionParams(Section):
    """Lesions painted into healthy liver: how often, how large, how different from the liver."""

    probability: Fraction
    largest_number: Annotated[int, Field(ge=1, le=20)]
    diameter_mm: SpacingRange
    median_diameter_mm: Positive
    contrast_hu: Range
    faint_contrast_hu: Range
    blur_mm: Range
    texture_hu: Range
    kinds: LesionKindParams

    @model_validator(mode="after")
    def _check_median(self) -> Self:
        smallest, largest = self.diameter_mm
        if not smallest < self.median_diameter_mm < largest:
            raise ValueError(
                f"expected median_diameter_mm within diameter_mm ({smallest:g} to {largest:g}). "
                f"Received: {self.median_diameter_mm:g}"
            )
        return self
