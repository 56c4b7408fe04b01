"""Which picture is worth most to label next: uncertainty x disagreement x balance (docs/annotation.md)."""

from collections import Counter
from collections.abc import Mapping, Sequence
from itertools import combinations
from math import sqrt
from typing import Any
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.orm import Session

from skin.annotation.labels import Label, list_fields, read_field
from skin.annotation.tables import Order, Project

UNKNOWN_DISAGREEMENT = 0.5
FLOOR = 0.5  # added to both factors, so that neither alone can send a picture to the end
BALANCE_LIMIT = 4.0
RANGES = {"skin_type": None, "monk": 9} | {name: 3 for name in list_fields() if name not in ("skin_type", "monk")}

Group = tuple[int | None, str | None]

_VOICES = text("""
    SELECT item.id, item.prediction,
           array_agg(answer.label ORDER BY answer.created_at) FILTER (WHERE answer.id IS NOT NULL) AS answers
    FROM annotation_items AS item
    LEFT JOIN annotation_assignments AS task ON task.item_id = item.id AND task.kind = 'regular'
    LEFT JOIN annotation_answers AS answer ON answer.assignment_id = task.id
    WHERE item.project_id = :project_id AND item.gold IS NULL AND (CAST(:item_id AS uuid) IS NULL OR item.id = :item_id)
    GROUP BY item.id
""")
_STORE = text("""
    UPDATE annotation_items SET priority = value.priority
    FROM unnest(CAST(:ids AS uuid[]), CAST(:priorities AS float8[])) AS value(id, priority)
    WHERE annotation_items.id = value.id
""")
_RANK = text("""
    UPDATE annotation_assignments SET rank = -value.priority
    FROM unnest(CAST(:ids AS uuid[]), CAST(:priorities AS float8[])) AS value(id, priority)
    WHERE annotation_assignments.item_id = value.id AND state = 'open' AND rank <> -value.priority
""")
_LEVEL = text("UPDATE annotation_assignments SET rank = 0 WHERE project_id = :project_id AND state = 'open'")


def score(uncertainty: float, disagreement: float, balance: float) -> float:
    """The higher, the sooner a picture is handed out."""
    return round((FLOOR + uncertainty) * (FLOOR + disagreement) * balance, 6)


def measure_disagreement(voices: Sequence[Label]) -> float:
    """Mean distance of all pairs over the fields both judged, from 0 (all the same) to 1; unknown is a half."""
    distances = [
        distance
        for one, other in combinations(voices, 2)
        for field, width in RANGES.items()
        if (distance := _distance(read_field(one, field), read_field(other, field), width)) is not None
    ]
    return sum(distances) / len(distances) if distances else UNKNOWN_DISAGREEMENT


def measure_balance(group: Group, groups: Mapping[Group, int]) -> float:
    """How rare the tone and type of a picture are: 1 at an even share, up to 4 where rarer, down to a quarter."""
    if group not in groups:
        return 1.0
    even = sum(groups.values()) / len(groups)
    return min(BALANCE_LIMIT, max(1 / BALANCE_LIMIT, sqrt(even / groups[group])))


def group_of(voices: Sequence[Label]) -> Group:
    """Monk tone in three groups (1-3, 4-6, 7-10) and skin type, by the latest voice that judged each."""
    monk = next((one.monk for one in reversed(voices) if one.monk), None)
    kind = next((one.skin_type for one in reversed(voices) if one.skin_type), None)
    return (None if monk is None else (monk > 3) + (monk > 6), kind)


def refresh_all(session: Session, project: Project) -> None:
    """Score every picture anew and put the open tasks in that order; in a plain project, in the order of import."""
    if project.order is Order.PLAIN:
        session.execute(_LEVEL, {"project_id": project.id})
        return
    found = session.execute(_VOICES, {"project_id": project.id, "item_id": None}).all()
    voices = {item_id: _voices(prediction, answers) for item_id, prediction, answers in found}
    groups = Counter(group_of(one) for one in voices.values())
    priorities = {
        item_id: score(
            uncertainty_of(prediction),
            measure_disagreement(voices[item_id]),
            measure_balance(group_of(voices[item_id]), groups),
        )
        for item_id, prediction, _ in found
    }
    _store(session, priorities)


def refresh_one(session: Session, project_id: UUID, item_id: UUID) -> None:
    """Right after an answer: the disagreement with it in place of that without; the balance waits for a full round."""
    item = session.execute(_VOICES, {"project_id": project_id, "item_id": item_id}).one_or_none()
    if item is None:
        return
    before = session.scalar(text("SELECT priority FROM annotation_items WHERE id = :id"), {"id": item_id}) or 0.0
    voices = _voices(item.prediction, item.answers)
    old = (FLOOR + uncertainty_of(item.prediction)) * (FLOOR + measure_disagreement(voices[:-1]))
    _store(session, {item_id: score(uncertainty_of(item.prediction), measure_disagreement(voices), before / old)})


def uncertainty_of(prediction: Mapping[str, Any] | None) -> float:
    """The prediction's mean entropy, 1 without a prediction."""
    return float(prediction.get("uncertainty", 1.0)) if prediction else 1.0


def first_score(prediction: Mapping[str, Any] | None) -> float:
    """Of a picture just added, before the next full round."""
    return score(uncertainty_of(prediction), UNKNOWN_DISAGREEMENT, 1.0)


def _voices(prediction: Mapping[str, Any] | None, answers: Sequence[Any] | None) -> list[Label]:
    """The machine's label first, then the people's from first to last."""
    said = [prediction["label"]] if prediction else []
    return [Label.model_validate(one) for one in [*said, *(answers or ())]]


def _distance(one: int | str | None, other: int | str | None, width: int | None) -> float | None:
    if one is None or other is None:
        return None
    if isinstance(one, int) and isinstance(other, int) and width:
        return abs(one - other) / width
    return float(one != other)


def _store(session: Session, priorities: Mapping[UUID, float]) -> None:
    values = {"ids": [str(one) for one in priorities], "priorities": list(priorities.values())}
    session.execute(_STORE, values)
    session.execute(_RANK, values)
