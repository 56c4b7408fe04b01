"""What the answers to a picture say together, as labels: the plain median, and the model of how each annotator errs."""

from collections.abc import Iterator, Mapping
from typing import Any

from skin.annotation.consensus import find_consensus
from skin.annotation.labels import Label
from skin.annotation.ratings import Ratings, value_at
from skin.core.concerns import Concern
from skin.datasets.record import LabelKind

MEDIAN = "median"
RATER_MODEL = "rater_model"
Judged = dict[str, tuple[int, float | None]]  # by field: the place on its scale, and how sure the method is
_EMPTY = Label().model_dump(mode="json")


class Consensus:
    """Of a whole project at once, since how an annotator errs shows in all of their answers."""

    def __init__(self, ratings: Ratings) -> None:
        self._rows = {str(item_id): row for row, item_id in enumerate(ratings.items)}
        self._fields = find_consensus(ratings)

    def list_labels(self, item_id: str) -> Iterator[dict[str, Any]]:
        """Both labels of a picture by a record's fields; none where nobody answered."""
        row = self._rows[item_id]
        counts = {field.field: int(field.answers[row]) for field in self._fields if field.answers[row]}
        if not counts:
            return
        plain: Judged = {field.field: (int(field.plain[row]), None) for field in self._fields}
        modelled: Judged = {one.field: (int(one.modelled[row]), float(one.confidence[row])) for one in self._fields}
        for method, judged in ((MEDIAN, plain), (RATER_MODEL, modelled)):
            yield {
                "kind": LabelKind.CONSENSUS,
                "label_id": item_id,
                "made_by": method,
                "support": {name: _support(count, judged[name][1]) for name, count in counts.items()},
                "label": _build_label({name: value_at(name, judged[name][0]) for name in counts}),
            }


def _support(answers: int, confidence: float | None) -> dict[str, float | None]:
    return {"answers": answers, "confidence": None if confidence is None else round(confidence, 4)}


def _build_label(values: Mapping[str, int | str | None]) -> dict[str, Any]:
    graded = {one.value: values[one] for one in Concern if one in values}
    concerns: dict[str, Any] = {name: {"grade": grade, "zones": []} for name, grade in graded.items()}
    return _EMPTY | {"skin_type": values.get("skin_type"), "monk": values.get("monk"), "concerns": concerns}
