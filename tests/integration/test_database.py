"""The database keeps its own rules, whoever writes to it."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

import pytest
from alembic import command
from sqlalchemy import Engine, inspect, text
from sqlalchemy.exc import DataError, DBAPIError, IntegrityError, InvalidRequestError
from sqlalchemy.orm import Session, sessionmaker

from skin.accounts.tables import Role, User
from skin.core.concerns import Concern
from skin.db.migrate import alembic_config, migrate
from skin.db.session import Sessions, build_engine, parse_database_url
from skin.scans.tables import ScanSession, ScanState, SkinAnalysis


@pytest.fixture(scope="module")
def engine(make_database: Callable[[], str]) -> Iterator[Engine]:
    engine = build_engine(parse_database_url(make_database()))
    migrate(engine)
    yield engine
    engine.dispose()


@pytest.fixture(scope="module")
def sessions(engine: Engine) -> Sessions:
    return sessionmaker(engine, expire_on_commit=False)


def add_user(session: Session, **values: object) -> User:
    user = User(**{"email": f"{uuid4().hex}@example.org", "password_hash": "x"} | values)
    session.add(user)
    session.flush()
    return user


def add_scan(session: Session, **values: object) -> ScanSession:
    scan = ScanSession(**{"user_id": add_user(session).id} | values)
    session.add(scan)
    session.flush()
    return scan


def add_analysis(session: Session, scan_id: UUID, **values: object) -> SkinAnalysis:
    complete = {
        "skin_type": "oily",
        "skin_tone": "monk_4",
        "concerns": [Concern.ACNE.value],
        "confidence_scores": {},
        "recommendations": [],
        "analysis_metadata": {},
    }
    analysis = SkinAnalysis(scan_id=scan_id, **complete | values)
    session.add(analysis)
    session.flush()
    return analysis


def test_the_migrations_make_exactly_the_tables_of_the_code(engine: Engine) -> None:
    config = alembic_config()
    with engine.begin() as connection:
        config.attributes["connection"] = connection
        command.check(config)


def test_every_migration_can_be_undone_and_leaves_nothing(make_database: Callable[[], str]) -> None:
    engine = build_engine(parse_database_url(make_database()))
    migrate(engine)
    migrate(engine, "base")
    with engine.connect() as connection:
        assert set(inspect(connection).get_table_names()) <= {"alembic_version"}
        enums = connection.execute(text("SELECT typname FROM pg_type WHERE typtype = 'e'")).scalars().all()
        functions = connection.execute(text("SELECT proname FROM pg_proc WHERE proname LIKE 'procrastinate%'"))
        assert (enums, functions.all()) == ([], [])
    migrate(engine)
    engine.dispose()


def test_a_new_scan_is_pending_and_dated(sessions: Sessions) -> None:
    with sessions.begin() as session:
        scan = add_scan(session)
        session.refresh(scan)
        assert scan.status is ScanState.PENDING
        assert scan.scan_metadata == {}
        assert abs(scan.created_at - datetime.now(UTC)) < timedelta(minutes=5)


def test_a_status_outside_the_four_is_refused(sessions: Sessions) -> None:
    with sessions() as session:
        scan = add_scan(session)
        with pytest.raises(DataError):
            session.execute(text("UPDATE scan_sessions SET status = 'lost' WHERE id = :id"), {"id": scan.id})


def test_a_scan_needs_a_person(sessions: Sessions) -> None:
    with sessions() as session, pytest.raises(IntegrityError, match="fk_scan_sessions_user_id_users"):
        add_scan(session, user_id=uuid4())


@pytest.mark.parametrize(
    ("values", "constraint"),
    [
        ({"status": ScanState.FAILED}, "failed_with_code"),
        ({"failure_code": "no_face"}, "failed_with_code"),
        ({"scan_metadata": []}, "metadata_is_object"),
    ],
)
def test_a_scan_row_that_makes_no_sense_is_refused(
    sessions: Sessions, values: dict[str, object], constraint: str
) -> None:
    with sessions() as session, pytest.raises(IntegrityError, match=constraint):
        add_scan(session, **values)


def test_a_scan_has_at_most_one_analysis(sessions: Sessions) -> None:
    with sessions() as session:
        scan = add_scan(session)
        add_analysis(session, scan.id)
        with pytest.raises(IntegrityError, match="uq_skin_analysis_scan_id"):
            add_analysis(session, scan.id)


@pytest.mark.parametrize(
    ("values", "constraint"),
    [
        ({"skin_type": "reptile"}, "known_skin_type"),
        ({"skin_tone": "monk_11"}, "known_skin_tone"),
        ({"concerns": ["acne", "beauty"]}, "known_concerns"),
        ({"confidence_scores": []}, "confidence_is_object"),
        ({"recommendations": {}}, "recommendations_is_array"),
        ({"analysis_metadata": []}, "analysis_is_object"),
    ],
)
def test_an_analysis_outside_the_vocabulary_is_refused(
    sessions: Sessions, values: dict[str, object], constraint: str
) -> None:
    with sessions() as session:
        scan = add_scan(session)
        with pytest.raises(IntegrityError, match=constraint):
            add_analysis(session, scan.id, **values)


def test_erasing_a_person_erases_all_that_is_theirs(sessions: Sessions) -> None:
    with sessions.begin() as session:
        scan = add_scan(session)
        analysis_id = add_analysis(session, scan.id).id
        session.execute(text("DELETE FROM users WHERE id = :id"), {"id": scan.user_id})
    with sessions.begin() as session:
        assert session.get(ScanSession, scan.id) is None
        assert session.get(SkinAnalysis, analysis_id) is None


def test_one_email_address_has_one_account_in_any_case_of_letters(sessions: Sessions) -> None:
    with sessions() as session:
        add_user(session, email="Ada@example.org")
        with pytest.raises(IntegrityError, match="uq_users_email"):
            add_user(session, email="ada@EXAMPLE.org")


@pytest.mark.parametrize(
    ("values", "constraint"),
    [
        ({"password_hash": None}, "email_with_password"),
        ({"email": None, "password_hash": None}, "guests_expire"),
    ],
)
def test_an_account_is_a_persons_or_a_guests(sessions: Sessions, values: dict[str, object], constraint: str) -> None:
    with sessions() as session, pytest.raises(IntegrityError, match=constraint):
        add_user(session, **values)


def test_a_new_account_has_no_special_role(sessions: Sessions) -> None:
    with sessions.begin() as session:
        user = add_user(session)
        session.refresh(user)
        assert user.role is Role.USER


def test_an_analysis_is_never_loaded_by_surprise(sessions: Sessions) -> None:
    with sessions.begin() as session:
        scan_id = add_scan(session).id
    with sessions() as session:
        scan = session.get(ScanSession, scan_id)
        assert scan is not None
        with pytest.raises(InvalidRequestError, match="raise"):
            _ = scan.analysis


def test_a_failed_statement_does_not_tell_its_values(engine: Engine) -> None:
    with engine.connect() as connection, pytest.raises(DBAPIError, match="division by zero") as failed:
        connection.execute(text("SELECT 1 / 0 WHERE :email <> ''"), {"email": "ada@example.org"})
    assert "ada@example.org" not in str(failed.value)
