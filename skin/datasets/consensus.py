"""What the answers to a picture say together, as labels: the plain median, and the model of how each annotator errs.

Both come with the zones, regions and flags that more than half of the answers agree on.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from skin.annotation.consensus import find_consensus
from skin.annotation.labels import Label
from skin.annotation.merging import Merged, merge
from skin.annotation.ratings import Ratings, Stamp, find_stamp, load_ratings, value_at
from skin.core.concerns import Concern
from skin.datasets.record import LabelKind
from skin.db.session import Sessions

MEDIAN = "median"
RATER_MODEL = "rater_model"
Judged = dict[str, tuple[int, float | None]]  # by field: the place on its scale, and how sure the method is
_EMPTY = Label().model_dump(mode="json")


class Consensus:
    """Of a whole project at once, since how an annotator errs shows in all of their answers; `stamp` dates them."""

    def __init__(self, ratings: Ratings, stamp: Stamp) -> None:
        self.stamp = stamp
        self._rows = {str(item_id): row for row, item_id in enumerate(ratings.items)}
        self._fields = find_consensus(ratings)

    def list_labels(self, item_id: str, answers: Sequence[Mapping[str, Any]]) -> Iterator[dict[str, Any]]:
        """Both labels of a picture by a record's fields, from those that were given; none where nobody answered."""
        row = self._rows.get(item_id)
        counts = {} if row is None else {one.field: int(one.answers[row]) for one in self._fields if one.answers[row]}
        if not counts:
            return
        merged = merge(answers)
        plain: Judged = {field.field: (int(field.plain[row]), None) for field in self._fields}
        modelled: Judged = {one.field: (int(one.modelled[row]), float(one.confidence[row])) for one in self._fields}
        for method, judged in ((MEDIAN, plain), (RATER_MODEL, modelled)):
            yield {
                "kind": LabelKind.CONSENSUS,
                "label_id": item_id,
                "made_by": method,
                "support": {name: _support(count, judged[name][1]) for name, count in counts.items()},
                "label": _build_label({name: value_at(name, judged[name][0]) for name in counts}, merged),
            }


def find_ahead(sessions: Sessions, project_id: UUID) -> Consensus:
    """Computed outside any transaction, since it takes seconds for many answers."""
    with sessions.begin() as session:
        session.connection(execution_options={"isolation_level": "REPEATABLE READ"})
        ratings, stamp = load_ratings(session, project_id), find_stamp(session, project_id)
    return Consensus(ratings, stamp)


def bring_up_to_date(session: Session, project_id: UUID, known: Consensus | None) -> Consensus:
    """The one that is known, or another when answers have changed since."""
    stamp = find_stamp(session, project_id)
    return known if known and known.stamp == stamp else Consensus(load_ratings(session, project_id), stamp)


def _support(answers: int, confidence: float | None) -> dict[str, float | None]:
    return {"answers": answers, "confidence": None if confidence is None else round(confidence, 4)}


def _build_label(values: Mapping[str, int | str | None], merged: Merged) -> dict[str, Any]:
    graded = {one.value: values[one] for one in Concern if one in values}
    concerns = {name: {"grade": grade, "zones": merged.zones.get(name, [])} for name, grade in graded.items()}
    fields = {"skin_type": values.get("skin_type"), "monk": values.get("monk"), "concerns": concerns}
    return _EMPTY | fields | {"regions": merged.regions, "quality_flags": merged.quality_flags}
