"""The queue on a real Postgres: who is given what, in which order, and what becomes of it."""

from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from random import Random
from uuid import UUID

import pytest
from sqlalchemy import select, update

from skin.accounts.tables import Role, User
from skin.annotation import queries
from skin.annotation.checks import REPEAT_GAP
from skin.annotation.projects import Projects
from skin.annotation.schemas import ProjectChanges
from skin.annotation.tables import Answer, AssignmentState, Item, Mode, Order, Project, Revision
from skin.annotation.tasks import Tasks
from skin.core.concerns import SkinType
from skin.errors import SkinError
from tests.integration.annotating import Office, build_label

ANNOTATORS = 8


def work_through(tasks: Tasks, user: User, project_id: UUID) -> list[UUID]:
    """Submit until nothing is left; the items in the order they came."""
    seen = []
    task = tasks.take(user.id, project_id)
    while task is not None:
        seen.append(task.item_id)
        task = tasks.submit(user.id, task.assignment_id, build_label(), 1.0)
    return seen


def test_eight_annotators_at_once_give_every_picture_exactly_three_answers_and_see_none_twice(office: Office) -> None:
    project_id = office.make_project(1000, overlap=3)
    people = [office.hire() for _ in range(ANNOTATORS)]
    service = office.open_tasks()

    def work(user: User) -> None:
        """As people do: some tasks are put down in the middle, and taken up again."""
        chance = Random(user.id.int)
        task = service.take(user.id, project_id)
        while task is not None:
            if chance.random() < 0.05:
                service.save_draft(user.id, task.assignment_id, build_label(note="not yet"), 1.0)
                again = service.take(user.id, project_id)
                assert again is not None
                assert again.assignment_id == task.assignment_id
            task = service.submit(user.id, task.assignment_id, build_label(), 1.0)

    with ThreadPoolExecutor(ANNOTATORS) as pool:
        list(pool.map(work, people))
    answers = office.list_answers(project_id)
    assert len(answers) == 3000
    assert set(Counter(item for item, _, _ in answers).values()) == {3}
    assert len({(item, annotator) for item, annotator, _ in answers}) == 3000
    assert {row.state for row in office.list_rows(project_id)} == {AssignmentState.SUBMITTED}


def test_leases_that_end_in_the_middle_lose_no_answer_and_give_none_too_many(office: Office) -> None:
    project_id = office.make_project(200, overlap=2, lease_minutes=10)
    people = [office.hire() for _ in range(4)]

    def work(user: User) -> int:
        """Every fifth task is abandoned: its time runs out, and a late answer is tried after others went on."""
        service, refused, abandoned = office.open_tasks(), 0, []
        for turn in range(1000):
            task = service.take(user.id, project_id)
            if task is None:
                break
            if turn % 5 == 4:
                office.clock.advance(minutes=11)
                abandoned.append(task.assignment_id)
            for assignment_id in abandoned if turn % 5 == 3 else [task.assignment_id]:
                try:
                    service.submit(user.id, assignment_id, build_label(), 1.0)
                except SkinError as refusal:
                    assert refusal.code == "lease_lost"  # noqa: PT017 (only a refusal has a code)
                    refused += 1
        return refused

    with ThreadPoolExecutor(len(people)) as pool:
        list(pool.map(work, people))
    for user in people:
        work_through(office.open_tasks(), user, project_id)
    answers = office.list_answers(project_id)
    assert set(Counter(item for item, _, _ in answers).values()) == {2}
    assert len({(item, annotator) for item, annotator, _ in answers}) == len(answers) == 400


def test_a_double_click_gives_one_answer_and_the_same_next_task(office: Office) -> None:
    project_id, user, service = office.make_project(30), office.hire(), office.open_tasks()
    task = service.take(user.id, project_id)
    for _ in range(10):
        assert task is not None
        click = partial(service.submit, user.id, task.assignment_id, build_label(), 1.0)
        with ThreadPoolExecutor(4) as pool:
            following = [clicked.result() for clicked in [pool.submit(click) for _ in range(4)]]
        assert len({one and one.assignment_id for one in following}) == 1
        task = following[0]
    assert len(office.list_answers(project_id)) == 10


def test_two_windows_of_one_person_share_one_task(office: Office) -> None:
    project_id, user, service = office.make_project(50, overlap=3), office.hire(), office.open_tasks()
    with ThreadPoolExecutor(8) as pool:
        taken = list(pool.map(lambda _: service.take(user.id, project_id), range(8)))
    assert None not in taken
    items = [one.item_id for one in taken if one]
    leased = [row for row in office.list_rows(project_id) if row.state is AssignmentState.LEASED]
    assert len({row.item_id for row in leased}) == len(leased)
    assert set(items) == {row.item_id for row in leased}


def test_a_lease_that_ended_is_given_to_somebody_else_and_a_late_answer_is_refused(office: Office) -> None:
    project_id, service = office.make_project(1, lease_minutes=30), office.open_tasks()
    slow, quick = office.hire(), office.hire()
    task = service.take(slow.id, project_id)
    assert task is not None
    assert service.take(quick.id, project_id) is None
    office.clock.advance(minutes=31)
    taken = service.take(quick.id, project_id)
    assert taken is not None
    assert (taken.assignment_id, taken.draft) == (task.assignment_id, None)
    for act in (
        lambda: service.submit(slow.id, task.assignment_id, build_label(), 1.0),
        lambda: service.save_draft(slow.id, task.assignment_id, build_label(), 1.0),
        lambda: service.skip(slow.id, task.assignment_id, "late"),
    ):
        with pytest.raises(SkinError) as refused:
            act()
        assert refused.value.code == "lease_lost"


def test_a_late_answer_counts_while_nobody_else_was_given_the_task(office: Office) -> None:
    project_id, service, user = office.make_project(1, lease_minutes=30), office.open_tasks(), office.hire()
    task = service.take(user.id, project_id)
    assert task is not None
    service.save_draft(user.id, task.assignment_id, build_label(note="half"), 60.0)
    office.clock.advance(hours=9)
    again = service.take(user.id, project_id)
    assert again is not None
    assert again.draft is not None
    assert (again.assignment_id, again.draft.note, again.seconds_spent) == (task.assignment_id, "half", 60.0)
    office.clock.advance(hours=9)
    service.submit(user.id, task.assignment_id, build_label(), 90.0)
    assert len(office.list_answers(project_id)) == 1


def test_saving_a_draft_renews_the_lease(office: Office) -> None:
    project_id, service = office.make_project(1, lease_minutes=30), office.open_tasks()
    user, other = office.hire(), office.hire()
    task = service.take(user.id, project_id)
    assert task is not None
    for _ in range(3):
        office.clock.advance(minutes=20)
        service.save_draft(user.id, task.assignment_id, build_label(), 1.0)
        assert service.take(other.id, project_id) is None


def test_pictures_come_in_the_order_of_import_and_first_answers_before_second_ones(office: Office) -> None:
    project_id, service = office.make_project(5, overlap=2), office.open_tasks()
    rows = sorted(office.list_rows(project_id), key=lambda row: row.position)
    imported = [row.item_id for row in rows if row.slot == 0]
    assert work_through(service, office.hire(), project_id) == imported
    assert work_through(service, office.hire(), project_id) == imported


def test_a_picture_that_is_opened_again_behind_an_annotator_still_comes_to_them(office: Office) -> None:
    project_id, service = office.make_project(4), office.open_tasks()
    user, other = office.hire(), office.hire()
    first = service.take(other.id, project_id)
    assert first is not None
    task = service.take(user.id, project_id)
    assert task is not None
    service.skip(other.id, first.assignment_id, "I know them")
    assert first.item_id in work_through(service, user, project_id)


def test_gold_comes_at_its_rate_once_each_and_only_among_other_work(office: Office) -> None:
    project_id = office.make_project(300, gold=20, gold_rate=0.2)
    user, service = office.hire(), office.open_tasks()
    work_through(service, user, project_id)
    kinds = Counter(kind for _, _, kind in office.list_answers(project_id))
    assert kinds == {"regular": 300, "gold": 20}
    assert service.take(user.id, project_id) is None
    other_id = office.make_project(400, gold=400, gold_rate=0.1)
    work_through(service, user, other_id)
    share = sum(kind == "gold" for _, _, kind in office.list_answers(other_id)) / 400
    assert 0.05 < share < 0.2


def test_repeats_are_ones_own_earlier_answers_each_repeated_once_and_not_right_after(office: Office) -> None:
    project_id = office.make_project(200, repeat_rate=0.3)
    user, service = office.hire(), office.open_tasks()
    seen = work_through(service, user, project_id)
    repeated = [item for item, count in Counter(seen).items() if count > 1]
    assert 30 < len(repeated) < 110
    assert max(Counter(seen).values()) == 2
    for item in repeated:
        first = seen.index(item)
        assert seen.index(item, first + 1) - first > REPEAT_GAP
    kinds = Counter(kind for _, _, kind in office.list_answers(project_id))
    assert kinds == {"regular": 200, "repeat": len(repeated)}


def test_what_was_shown_is_kept_with_the_answer_even_when_the_project_changes_meanwhile(office: Office) -> None:
    project_id = office.make_project(1, mode=Mode.ASSISTED)
    prediction = {"label": build_label(monk=6).model_dump(mode="json"), "model": "net.v1", "maps": ["acne"]}
    with office.sessions.begin() as session:
        session.execute(update(Item).where(Item.project_id == project_id).values(prediction=prediction))
    user, service = office.hire(), office.open_tasks()
    task = service.take(user.id, project_id)
    assert task is not None
    assert task.suggestion is not None
    assert (task.suggestion.label.monk, task.suggestion.model) == (6, "net.v1")
    with office.sessions.begin() as session:
        session.execute(update(Project).where(Project.id == project_id).values(mode=Mode.BLIND))
    service.submit(user.id, task.assignment_id, build_label(monk=7), 1.0)
    with office.sessions.begin() as session:
        answer = queries.find_answer(session, task.assignment_id)
        assert answer is not None
        assert answer.mode is Mode.ASSISTED
        assert answer.prediction_shown is not None
        assert (answer.prediction_shown["label"]["monk"], answer.label["monk"]) == (6, 7)


def test_a_correction_keeps_what_was_said_before(office: Office) -> None:
    project_id, user, service = office.make_project(1), office.hire(), office.open_tasks()
    task = service.take(user.id, project_id)
    assert task is not None
    service.submit(user.id, task.assignment_id, build_label(monk=3), 5.0)
    service.correct(user.id, task.assignment_id, build_label(monk=4), 9.0)
    service.correct(user.id, task.assignment_id, build_label(monk=5), 11.0)
    with office.sessions.begin() as session:
        answer = session.scalars(select(Answer).where(Answer.assignment_id == task.assignment_id)).one()
        earlier = session.scalars(
            select(Revision).where(Revision.answer_id == answer.id).order_by(Revision.created_at)
        ).all()
    assert answer.label["monk"] == 5
    assert [one.label["monk"] for one in earlier] == [3, 4]


def test_an_informative_project_begins_with_what_is_uncertain_and_moves_disputed_pictures_up(office: Office) -> None:
    project_id = office.make_project(6, overlap=3, order=Order.INFORMATIVE)
    projects, service = Projects(office.sessions), office.open_tasks()
    with office.sessions.begin() as session:
        items = session.scalars(select(Item).where(Item.project_id == project_id).order_by(Item.id)).all()
        for uncertainty, item in enumerate(items):
            prediction = {"label": build_label().model_dump(mode="json"), "model": "net.v1", "maps": []}
            item.prediction = prediction | {"uncertainty": uncertainty / 100}
    projects.refresh_orders()
    first, second = office.hire(), office.hire()
    task = service.take(first.id, project_id)
    assert task is not None
    assert task.item_id == items[5].id
    dull = items[0].id
    while task is not None:
        label = build_label(monk=10, skin_type=SkinType.DRY) if task.item_id == dull else build_label()
        task = service.submit(first.id, task.assignment_id, label, 1.0)
    disputed = service.take(second.id, project_id)
    assert disputed is not None
    assert disputed.item_id == dull
    projects.change(office.hire(Role.ADMIN), project_id, ProjectChanges(order=Order.PLAIN))
    assert {row.rank for row in office.list_rows(project_id) if row.state is AssignmentState.OPEN} == {0}
