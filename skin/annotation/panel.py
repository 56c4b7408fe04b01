"""What administrators see of how far annotators agree, and what their answers say together."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any
from uuid import UUID

import numpy as np

from skin.accounts.tables import User
from skin.annotation.agreement import By, GroupAgreement, measure_agreement
from skin.annotation.coefficients import ABSENT
from skin.annotation.consensus import FieldConsensus, Rater, find_consensus
from skin.annotation.labels import Label, QualityFlag, Region
from skin.annotation.ledger import Ledger
from skin.annotation.merging import merge
from skin.annotation.permissions import require_admin
from skin.annotation.raters import Anchoring, RaterReport, measure_anchoring, report_raters
from skin.annotation.ratings import FIELDS, Ratings, load_labels, value_at
from skin.annotation.resampling import LEVEL, REPLICATES
from skin.core.concerns import Concern
from skin.core.zones import Zone
from skin.db.session import Sessions

CONSENSUS_LIMIT = 1000


@dataclass(frozen=True, slots=True)
class AgreementResponse:
    """Annotators are numbered from 1, in the order of `annotators` (the ids of their accounts).

    `raters` comes with by=annotator, `anchoring` with by=all.
    """

    by: By
    level: float
    replicates: int
    pictures: int
    answers: int
    assisted_answers: int
    annotators: tuple[UUID, ...]
    groups: tuple[GroupAgreement, ...]
    raters: tuple[RaterReport, ...] = ()
    anchoring: tuple[Anchoring, ...] = ()


@dataclass(frozen=True, slots=True)
class FieldVerdict:
    """`median` is the commonest one for the skin type; `confidence` is the model's own, from 0 to 1."""

    answers: int
    median: int | str | None
    model: int | str | None
    confidence: float | None


@dataclass(frozen=True, slots=True)
class ItemConsensus:
    """`zones`, `regions` and `quality_flags` are what more than half of those who judged agree on."""

    item_id: UUID
    fields: dict[str, FieldVerdict]
    zones: dict[Concern, tuple[Zone, ...]]
    regions: tuple[Region, ...]
    quality_flags: tuple[QualityFlag, ...]


@dataclass(frozen=True, slots=True)
class ConsensusResponse:
    """`next_offset` is where the next page begins; `raters` tells each annotator's bias and spread, by field."""

    items: tuple[ItemConsensus, ...]
    next_offset: int | None
    raters: dict[str, tuple[Rater, ...]]


class Panel:
    """Computed from all answers when asked, and kept until one changes."""

    def __init__(self, sessions: Sessions, ledger: Ledger) -> None:
        self._sessions = sessions
        self._ledger = ledger

    def measure(self, user: User, project_id: UUID, by: By) -> AgreementResponse:
        require_admin(user)
        return self._ledger.compute(project_id, f"agreement by {by}", partial(_describe, by=by))

    def find_consensus(self, user: User, project_id: UUID, *, limit: int, offset: int) -> ConsensusResponse:
        require_admin(user)
        fields = self._ledger.compute(project_id, "consensus", find_consensus)
        items = self._ledger.read(project_id).items
        end = min(offset + limit, len(items), *(len(field.plain) for field in fields))
        with self._sessions.begin() as session:
            labels = load_labels(session, items[offset:end])
        return ConsensusResponse(
            tuple(_agree(items[row], _judge(fields, row), labels[items[row]]) for row in range(offset, end)),
            next_offset=end if end < len(items) else None,
            raters={field.field: field.raters for field in fields if field.raters},
        )


def _describe(ratings: Ratings, by: By) -> AgreementResponse:
    return AgreementResponse(
        by,
        LEVEL,
        REPLICATES,
        pictures=len(np.unique(ratings.item)),
        answers=len(ratings.item),
        assisted_answers=int(ratings.is_assisted.sum()),
        annotators=ratings.annotators,
        groups=measure_agreement(ratings, by),
        raters=report_raters(ratings) if by is By.ANNOTATOR else (),
        anchoring=measure_anchoring(ratings) if by is By.ALL else (),
    )


def _agree(item_id: UUID, fields: dict[str, FieldVerdict], labels: Sequence[dict[str, Any]]) -> ItemConsensus:
    merged = merge(labels)
    concerns = {concern: {"zones": zones} for concern, zones in merged.zones.items()}
    parts = {"concerns": concerns, "regions": merged.regions, "quality_flags": merged.quality_flags}
    label = Label.model_validate(parts)
    zones = {concern: one.zones for concern, one in label.concerns.items()}
    return ItemConsensus(item_id, fields, zones, label.regions, label.quality_flags)


def _judge(fields: tuple[FieldConsensus, ...], row: int) -> dict[str, FieldVerdict]:
    return {
        name: FieldVerdict(
            int(field.answers[row]),
            value_at(name, int(field.plain[row])),
            value_at(name, int(field.modelled[row])),
            None if field.modelled[row] == ABSENT else round(float(field.confidence[row]), 4),
        )
        for name, field in zip(FIELDS, fields, strict=True)
    }
