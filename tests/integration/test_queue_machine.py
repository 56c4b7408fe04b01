"""The queue under any order of doings: whatever people do, no answer is lost and no picture is given out too often."""

from collections import Counter
from collections.abc import Callable
from typing import Any
from uuid import UUID

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)
from sqlalchemy import func, select

from skin.accounts.tables import Role, User
from skin.annotation.projects import Projects
from skin.annotation.schemas import ProjectChanges, Task
from skin.annotation.tables import Answer, Assignment, AssignmentState, Kind, Revision
from skin.errors import Code, SkinError
from tests.integration.annotating import Office, build_label

PICTURES = 4
PEOPLE = 3
LEASE_MINUTES = 30
DETERMINISTIC = settings(max_examples=25, stateful_step_count=30, deadline=None, derandomize=True)

people = st.integers(0, PEOPLE - 1)
steps = st.integers(1, 10)
chances = st.integers(0, 100)
OTHERS_FROM = 75  # of these chances: what somebody else was given


def test_whatever_people_do_no_answer_is_lost_and_no_picture_given_out_too_often(office: Office) -> None:
    run_state_machine_as_test(lambda: QueueMachine(office), settings=DETERMINISTIC)  # type: ignore[no-untyped-call]


class QueueMachine(RuleBasedStateMachine):
    """What should be true is told from the rows before each step; `said` is every answer that was accepted.

    Each person is served by a process of their own.
    """

    def __init__(self, office: Office) -> None:
        super().__init__()
        self.office = office
        self.projects = Projects(office.sessions)
        self.said: dict[UUID, list[int]] = {}
        self.given: dict[UUID, list[UUID]] = {}
        self.is_open = True

    @initialize(overlap=st.integers(1, 3), gold_rate=st.sampled_from([0, 0.3]))
    def begin(self, overlap: int, gold_rate: float) -> None:
        self.overlap = overlap
        rules = {"lease_minutes": LEASE_MINUTES, "gold_rate": gold_rate, "overlap": overlap}
        self.project_id = self.office.make_project(PICTURES, gold=2, **rules)
        self.admin = self.office.hire(Role.ADMIN)
        self.people = [self.office.hire() for _ in range(PEOPLE)]
        self.services = [self.office.open_tasks() for _ in self.people]

    @rule(who=people)
    def take(self, who: int) -> None:
        held = [row.id for row in self.rows() if row.annotator_id == self.people[who].id and is_leased(row)]
        task = self.expect(None if self.is_open else Code.PROJECT_CLOSED, self.services[who].take, who, self.project_id)
        if held:
            assert not self.is_open or (task and task.assignment_id in held)
        self.receive(who, task)

    @precondition(lambda self: any(self.given.values()))
    @rule(who=people, which=chances, monk=steps)
    def save_draft(self, who: int, which: int, monk: int) -> None:
        row = self.pick(who, which)
        is_held = is_mine(row, self.people[who]) and is_leased(row)
        refusal = None if is_held else Code.LEASE_LOST
        self.expect(refusal, self.services[who].save_draft, who, row.id, build_label(monk), 1.0)
        if is_held:
            task = self.services[who].get(self.people[who].id, row.id)
            assert task.draft is not None
            assert task.draft.monk == monk

    @precondition(lambda self: any(self.given.values()))
    @rule(who=people, which=chances, monk=steps)
    def submit(self, who: int, which: int, monk: int) -> None:
        row = self.pick(who, which)
        is_lost = not is_mine(row, self.people[who]) or row.state is AssignmentState.SKIPPED
        refusal = Code.LEASE_LOST if is_lost else None
        if not is_lost and is_leased(row):
            self.said[row.id] = [monk]
        self.receive(who, self.expect(refusal, self.services[who].submit, who, row.id, build_label(monk), 1.0))

    @precondition(lambda self: any(self.given.values()))
    @rule(who=people, which=chances)
    def skip(self, who: int, which: int) -> None:
        row = self.pick(who, which)
        is_lost = not is_mine(row, self.people[who]) or row.state is AssignmentState.SUBMITTED
        refusal = Code.LEASE_LOST if is_lost else None
        self.receive(who, self.expect(refusal, self.services[who].skip, who, row.id, "I know this person."))

    @precondition(lambda self: self.said)
    @rule(who=people, which=chances, monk=steps)
    def correct(self, who: int, which: int, monk: int) -> None:
        row = self.pick(who, which)
        if not is_mine(row, self.people[who]):
            refusal: Code | None = Code.LEASE_LOST
        elif row.id not in self.said:
            refusal = Code.ASSIGNMENT_NOT_FOUND
        else:
            refusal = None if self.is_open else Code.PROJECT_CLOSED
        self.expect(refusal, self.services[who].correct, who, row.id, build_label(monk), 1.0)
        if refusal is None:
            self.said[row.id].append(monk)

    @rule(minutes=st.sampled_from([1, LEASE_MINUTES - 1, LEASE_MINUTES + 1]))
    def wait(self, minutes: int) -> None:
        self.office.clock.advance(minutes=minutes)

    @rule()
    def close_or_open(self) -> None:
        self.is_open = not self.is_open
        self.projects.change(self.admin, self.project_id, ProjectChanges(is_open=self.is_open))

    @invariant()
    def all_is_well(self) -> None:
        rows = self.rows()
        assert_nothing_is_given_out_too_often(rows, self.overlap)
        self.assert_every_accepted_answer_is_there(rows)
        self.assert_counts_are_those_of(rows)

    def assert_every_accepted_answer_is_there(self, rows: list[Assignment]) -> None:
        """The latest and as many earlier ones as there were corrections, and no other."""
        earlier = select(func.count(Revision.id)).where(Revision.answer_id == Answer.id).scalar_subquery()
        query = select(Answer.assignment_id, Answer.label["monk"].as_integer(), earlier)
        with self.office.sessions.begin() as session:
            found = session.execute(query.join(Assignment).where(Assignment.project_id == self.project_id)).all()
        assert {id_: (monk, count) for id_, monk, count in found} == {
            id_: (monks[-1], len(monks) - 1) for id_, monks in self.said.items()
        }
        assert {row.id for row in rows if row.state is AssignmentState.SUBMITTED} == set(self.said)

    def assert_counts_are_those_of(self, rows: list[Assignment]) -> None:
        states = Counter(row.state for row in rows if row.kind is Kind.REGULAR)
        for user in self.people:
            mine = [row for row in rows if row.annotator_id == user.id]
            done = sum(row.state is AssignmentState.SUBMITTED for row in mine)
            told = self.projects.measure_progress(user, self.project_id)
            assert (told.wanted, told.mine.submitted) == (PICTURES * self.overlap, done)
            assert (told.submitted, told.leased, told.skipped) == tuple(
                states[state] for state in (AssignmentState.SUBMITTED, AssignmentState.LEASED, AssignmentState.SKIPPED)
            )
            if mine:
                position = self.office.open_tasks().get(user.id, mine[0].id).position
                assert (position.done, position.left) == (done, states[AssignmentState.OPEN])

    def teardown(self) -> None:
        """Nothing is stuck: new people can always finish the project."""
        if not hasattr(self, "project_id"):
            return
        self.projects.change(self.admin, self.project_id, ProjectChanges(is_open=True, gold_rate=0))
        self.office.clock.advance(minutes=LEASE_MINUTES + 1)
        for _ in range(self.overlap):
            user, service = self.office.hire(), self.office.open_tasks()
            task = service.take(user.id, self.project_id)
            while task is not None:
                task = service.submit(user.id, task.assignment_id, build_label(), 1.0)
        left = {row.state for row in self.rows() if row.kind is Kind.REGULAR} - {AssignmentState.SKIPPED}
        assert left == {AssignmentState.SUBMITTED}

    def rows(self) -> list[Assignment]:
        return self.office.list_rows(self.project_id)

    def pick(self, who: int, which: int) -> Assignment:
        """Something that was given out once: to this person for the most part, else to somebody."""
        own = self.given.get(self.people[who].id)
        known = own if own and which < OTHERS_FROM else [one for given in self.given.values() for one in given]
        wanted = known[which % len(known)]
        return next(row for row in self.rows() if row.id == wanted)

    def receive(self, who: int, task: Task | None) -> None:
        given = self.given.setdefault(self.people[who].id, [])
        if task is not None and task.assignment_id not in given:
            given.append(task.assignment_id)

    def expect(self, refusal: Code | None, act: Callable[..., Any], who: int, *arguments: Any) -> Any:
        """What the act gives; it must be refused just when it should be, and for that reason."""
        if refusal is None:
            return act(self.people[who].id, *arguments)
        with pytest.raises(SkinError) as refused:
            act(self.people[who].id, *arguments)
        assert refused.value.code == refusal
        return None


def is_leased(row: Assignment) -> bool:
    return row.state is AssignmentState.LEASED


def is_mine(row: Assignment, user: User) -> bool:
    return row.annotator_id == user.id


def assert_nothing_is_given_out_too_often(rows: list[Assignment], overlap: int) -> None:
    """As many answers are wanted of a picture as the project says, from nobody two, and each holds one task at most."""
    regular = [row for row in rows if row.kind is Kind.REGULAR]
    slots = Counter((row.item_id, row.slot) for row in regular if row.state is not AssignmentState.SKIPPED)
    assert set(slots.values()) == {1}
    assert Counter(item for item, _ in slots) == dict.fromkeys({row.item_id for row in regular}, overlap)
    seen = Counter((row.item_id, row.annotator_id) for row in rows if row.annotator_id)
    assert set(seen.values()) <= {1}
    held = Counter(row.annotator_id for row in rows if is_leased(row))
    assert set(held.values()) <= {1}
