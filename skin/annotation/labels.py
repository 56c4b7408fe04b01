"""What an annotator says of one face: the label schema `labels.v1`, whose words are in data/scales/labels.v1.yaml."""

from collections.abc import Mapping
from enum import StrEnum
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator

from skin.core.concerns import Concern, SkinType
from skin.core.zones import Zone

SCHEMA_VERSION: Literal["labels.v1"] = "labels.v1"
NOTE_LIMIT = 2000
REGION_LIMIT = 500
MASK_SIDE_LIMIT_PX = 2048

Grade = Annotated[int, Field(ge=0, le=3)]
Monk = Annotated[int, Field(ge=1, le=10)]
Share = Annotated[float, Field(ge=0, le=1, allow_inf_nan=False)]


class Form(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class QualityFlag(StrEnum):
    BLURRED = "blurred"
    BAD_LIGHT = "bad_light"
    MAKEUP = "makeup"
    OCCLUDED = "occluded"
    FILTERED = "filtered"
    NOT_A_FACE = "not_a_face"


class Origin(StrEnum):
    """Who drew a region: a machine's region that was accepted as it was, or changed, stays known as such."""

    ANNOTATOR = "annotator"
    MACHINE = "machine"
    MACHINE_CHANGED = "machine_changed"


class Mask(Form):
    """COCO's uncompressed run lengths: column by column, beginning with the run of background (Lin 2014)."""

    size_hw: tuple[int, int]
    counts: tuple[Annotated[int, Field(ge=0)], ...]

    @model_validator(mode="after")
    def _covers_the_picture(self) -> "Mask":
        height, width = self.size_hw
        if not (0 < height <= MASK_SIDE_LIMIT_PX and 0 < width <= MASK_SIDE_LIMIT_PX):
            raise ValueError("the mask's size is outside the limits")
        if sum(self.counts) != height * width:
            raise ValueError("the run lengths do not add up to the mask's size")
        return self


class Box(Form):
    kind: Literal["box"] = "box"
    concern: Concern
    xyxy_norm: tuple[Share, Share, Share, Share]
    origin: Origin = Origin.ANNOTATOR

    @model_validator(mode="after")
    def _has_an_area(self) -> "Box":
        left, top, right, bottom = self.xyxy_norm
        if not (left < right and top < bottom):
            raise ValueError("a box needs left < right and top < bottom")
        return self


class Point(Form):
    kind: Literal["point"] = "point"
    concern: Concern
    xy_norm: tuple[Share, Share]
    origin: Origin = Origin.ANNOTATOR


class Brush(Form):
    kind: Literal["mask"] = "mask"
    concern: Concern
    mask: Mask
    origin: Origin = Origin.ANNOTATOR


Region = Annotated[Box | Point | Brush, Field(discriminator="kind")]


class ConcernLabel(Form):
    """The grade of a concern, and the zones it is seen in; `grade` is None while (or where) it cannot be judged."""

    grade: Grade | None = None
    zones: tuple[Zone, ...] = ()


class Label(Form):
    """One annotator's view of one aligned face; places are in shares of the face picture's side."""

    schema_version: Literal["labels.v1"] = SCHEMA_VERSION
    skin_type: SkinType | None = None
    monk: Monk | None = None
    monk_second: Monk | None = None
    concerns: Mapping[Concern, ConcernLabel] = Field(default_factory=dict)
    regions: Annotated[tuple[Region, ...], Field(max_length=REGION_LIMIT)] = ()
    quality_flags: tuple[QualityFlag, ...] = ()
    sure: Annotated[int, Field(ge=1, le=3)] | None = None
    note: Annotated[str, Field(max_length=NOTE_LIMIT)] = ""

    def is_complete(self) -> bool:
        """Whether it may be submitted: everything graded, or the picture flagged as no usable face."""
        if QualityFlag.NOT_A_FACE in self.quality_flags:
            return True
        graded = all(concern in self.concerns and self.concerns[concern].grade is not None for concern in Concern)
        return graded and self.skin_type is not None and self.monk is not None


def list_fields() -> tuple[str, ...]:
    """The names of the ordinal and nominal fields that agreement is measured on."""
    return ("skin_type", "monk", *(concern.value for concern in Concern))


def read_field(label: Label, field: str) -> int | str | None:
    """The value of one of `list_fields` in a label."""
    if field == "skin_type":
        return label.skin_type
    if field == "monk":
        return label.monk
    graded = label.concerns.get(Concern(field))
    return graded.grade if graded else None
