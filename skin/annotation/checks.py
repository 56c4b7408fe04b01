"""Hidden checks: pictures whose label is known, and pictures the annotator has labelled before."""

from dataclasses import dataclass
from random import Random
from typing import Protocol
from uuid import UUID

from sqlalchemy import exists, func, insert, select
from sqlalchemy.orm import Session, aliased

from skin.annotation.queue import LEASED, Leased, Taker
from skin.annotation.tables import Assignment, AssignmentState, Item, Kind

REPEAT_GAP = 10  # answers between an answer and its repeat, so that it is not simply remembered


class Rates(Protocol):
    @property
    def gold_rate(self) -> float: ...
    @property
    def repeat_rate(self) -> float: ...


@dataclass(frozen=True, slots=True)
class Checks:
    """Chooses hidden checks by the given source of chance."""

    random: Random

    def draw(self, rates: Rates) -> Kind:
        """What the next task shall be."""
        share = self.random.random()
        if share < rates.gold_rate:
            return Kind.GOLD
        return Kind.REPEAT if share < rates.gold_rate + rates.repeat_rate else Kind.REGULAR

    def create(self, session: Session, taker: Taker, kind: Kind) -> Leased | None:
        """A leased check of this kind; None when there is none left for this person."""
        find = self._find_gold if kind is Kind.GOLD else self._find_repeat
        item_id = find(session, taker)
        if item_id is None:
            return None
        check = insert(Assignment).values(
            project_id=taker.project_id,
            item_id=item_id,
            slot=0,
            kind=kind,
            state=AssignmentState.LEASED,
            mode=taker.mode,
            annotator_id=taker.annotator_id,
            leased_until=taker.leased_until,
            started_at=taker.now,
        )
        return Leased(*session.execute(check.returning(*LEASED)).one())

    def _find_gold(self, session: Session, taker: Taker) -> UUID | None:
        seen = exists().where(Assignment.item_id == Item.id, Assignment.annotator_id == taker.annotator_id)
        query = select(Item.id).where(Item.project_id == taker.project_id, Item.gold.is_not(None), ~seen)
        waiting = session.scalars(query.order_by(Item.id)).all()
        return self.random.choice(waiting) if waiting else None

    def _find_repeat(self, session: Session, taker: Taker) -> UUID | None:
        """One of the person's own answers by chance, unless it lies too near or was repeated already."""
        own = (
            Assignment.annotator_id == taker.annotator_id,
            Assignment.project_id == taker.project_id,
            Assignment.finished_at.is_not(None),
        )
        count = session.scalar(select(func.count()).select_from(Assignment).where(*own)) or 0
        if count <= REPEAT_GAP:
            return None
        back = self.random.randrange(REPEAT_GAP, count)
        earlier = select(Assignment).where(*own).order_by(Assignment.finished_at.desc(), Assignment.id)
        chosen = session.scalar(earlier.offset(back).limit(1))
        if chosen is None or chosen.kind is not Kind.REGULAR or chosen.state is not AssignmentState.SUBMITTED:
            return None
        again = aliased(Assignment)
        query = select(again.id).where(
            again.item_id == chosen.item_id, again.annotator_id == taker.annotator_id, again.kind == Kind.REPEAT
        )
        return chosen.item_id if session.scalar(query) is None else None
