"""Labels come in by the batch, and final labels from elsewhere are looked at like any other."""

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any
from uuid import UUID

from sqlalchemy import event

from skin.accounts.tables import User
from skin.annotation.adjudication import Adjudication
from skin.annotation.labels import Label
from skin.annotation.ledger import Ledger
from skin.datasets.formats import Format
from skin.datasets.record import LabelKind
from skin.datasets.schemas import ImportFormat
from skin.datasets.service import Datasets
from skin.db.session import Sessions
from tests.integration.labelled import answer_all, list_items, record_fields
from tests.unit.labels import make_record


def test_many_labels_cost_no_more_statements_than_few(
    sessions: Sessions,
    admin: User,
    datasets: Datasets,
    make_project: Callable[..., UUID],
) -> None:
    asked: list[int] = []
    for pictures in (2, 12):
        project_id = make_project(pictures, seed=31)
        answer_all(sessions, admin, datasets, project_id, raters=1)
        data = b"".join(datasets.snapshots.export_now(admin, project_id, Format.JSON_LINES).pieces)
        other_id = make_project(pictures, seed=31)
        with count_statements(sessions) as statements:
            done = datasets.imports.add_file(admin, other_id, ImportFormat.JSON_LINES, data)
        assert done.added == pictures
        asked.append(len(statements))
    assert asked[0] == asked[1]


@contextmanager
def count_statements(sessions: Sessions) -> Iterator[list[str]]:
    engine, statements = sessions.kw["bind"], list[str]()

    def note(*told: Any) -> None:
        statements.append(told[2])

    event.listen(engine, "before_cursor_execute", note)
    try:
        yield statements
    finally:
        event.remove(engine, "before_cursor_execute", note)


def test_a_final_label_from_elsewhere_is_shown_without_sources(
    sessions: Sessions,
    admin: User,
    datasets: Datasets,
    make_project: Callable[..., UUID],
) -> None:
    (item,) = list_items(sessions, make_project(1))
    record = make_record(Label(monk=7), kind=LabelKind.FINAL, annotator=None)
    line = json.dumps(record_fields(record, item)).encode()
    assert datasets.imports.add_file(admin, item.project_id, ImportFormat.JSON_LINES, line).added == 1
    final = Adjudication(sessions, Ledger(sessions)).get_answers(admin, item.id).final
    assert final is not None
    assert (final.label.monk, final.sources, final.earlier) == (7, {}, 0)
