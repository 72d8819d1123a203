"""What the sections of params.yaml are made of: the strict base and the ranges of values."""

from typing import Annotated, Literal, TypeVar

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from liverseg.model_table import MODELS

MODEL_NAMES = tuple(MODELS)


def _check_model_name(name: str) -> str:
    if name not in MODEL_NAMES:
        raise ValueError(f"expected one of {', '.join(MODEL_NAMES)}. Received: {name!r}")
    return name


ModelName = Annotated[str, AfterValidator(_check_model_name)]

Fraction = Annotated[float, Field(ge=0, le=1)]
OpenFraction = Annotated[float, Field(gt=0, lt=1)]
Positive = Annotated[float, Field(gt=0)]
NonNegative = Annotated[float, Field(ge=0)]
Count = Annotated[int, Field(ge=1)]
Index = Annotated[int, Field(ge=0)]
Context = Annotated[int, Field(ge=0, le=32)]  # neighbouring slices on either side
ContextMm = Annotated[float, Field(gt=0, le=100)]  # from one neighbouring slice to the next
PixelMm = Annotated[float, Field(ge=0.1, le=20)]
MarginMm = Annotated[float, Field(ge=0, le=500)]
RegionName = Literal["scan", "liver"]
ImageSize = Annotated[int, Field(ge=32, le=2048, multiple_of=32)]  # the coarsest stride of a ResNet
Sha256 = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]

Value = TypeVar("Value")


def _check_not_empty(values: tuple[Value, ...]) -> tuple[Value, ...]:
    if not values:
        raise ValueError("expected at least one value. Received: an empty list")
    return values


# Field(min_length=1) counts the valid items only, and so complains of each bad item twice.
NotEmpty = AfterValidator(_check_not_empty)


class Section(BaseModel):
    """A section of params.yaml: strict types, finite numbers, no unknown keys, immutable."""

    model_config = ConfigDict(strict=True, extra="forbid", frozen=True, allow_inf_nan=False)


def count_values(section: Section) -> int:
    """How many values a file gives a section, and those within it; a list or mapping is one."""
    given = (getattr(section, name) for name in section.model_fields_set)
    return sum(count_values(each) if isinstance(each, Section) else 1 for each in given)
