"""What datasets take and give over REST."""

from datetime import datetime
from enum import StrEnum
from typing import Annotated
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, model_validator

from skin.datasets.record import SAID, LabelKind, Split
from skin.datasets.splits import DEFAULT_SHARES

NEAR_BITS = (
    4  # of 64: finds nine of ten altered copies, and none of 67,835 pairs of different people (docs/datasets.md)
)


class SnapshotRequest(BaseModel):
    """What goes into a snapshot, and how it is split."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"example": {"seed": 1}})
    kinds: Annotated[
        list[LabelKind], Field(min_length=1, description="All but `consensus`, which is computed when asked for.")
    ] = list(SAID)
    sources: list[str] | None = Field(None, description="Only pictures of these sets; all when left out.")
    seed: int = 0
    shares: dict[Split, Annotated[float, Field(ge=0, le=1)]] = dict(DEFAULT_SHARES)
    near_bits: Annotated[int, Field(ge=0, le=16)] = NEAR_BITS

    @model_validator(mode="after")
    def _shares_are_a_whole(self) -> "SnapshotRequest":
        if abs(sum(self.shares.values()) - 1) > 1e-6:
            raise ValueError("the shares must add up to 1")
        return self


class SnapshotCounts(BaseModel):
    """`people` and `pictures` are counted by split; `alike` are pairs of people with near-duplicate pictures."""

    kinds: dict[LabelKind, int]
    people: dict[Split, int]
    pictures: dict[Split, int]
    alike: int


class SnapshotResponse(BaseModel):
    """The manifest: `sha256` is of the canonical JSON Lines; `left` says what erasure has left of it."""

    model_config = ConfigDict(from_attributes=True)

    id: UUID
    project_id: UUID
    number: int
    created_at: datetime
    request: SnapshotRequest
    counts: SnapshotCounts = Field(description="As on the day it was made.")
    lines: int
    sha256: str
    erased_lines: int = Field(description="Lines taken out since, because a person was erased or took consent back.")
    sha256_left: str = Field(description="Of the lines that are left; `sha256` while none was erased.")


class SnapshotsResponse(BaseModel):
    snapshots: list[SnapshotResponse]


class NearDuplicate(BaseModel):
    """Two pictures that differ in this many of 64 bits; `same_person` when both are known to be of one."""

    item_ids: tuple[UUID, UUID]
    bits: int
    same_person: bool


class NearDuplicatesResponse(BaseModel):
    pairs: list[NearDuplicate]
    cut_off: bool = Field(description="Whether there are more than could be listed.")


class RefusedLabel(BaseModel):
    """A label that was not taken: where it stood, and why."""

    where: str
    why: str


class LabelsResponse(BaseModel):
    """`known` were here already; `left` are a machine's or known beforehand, which are not imported as answers."""

    added: int = 0
    known: int = 0
    left: int = 0
    refused: list[RefusedLabel] = []


class ImportFormat(StrEnum):
    JSON_LINES = "jsonl"
    LABEL_STUDIO = "label_studio"
