"""Consents: what people are asked in which words, and what they decided."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from uuid import UUID

from skin.accounts import queries
from skin.accounts.tables import Consent, Purpose, User
from skin.db.session import Sessions
from skin.errors import Code, error

_FILE = re.compile(r"(?P<purpose>[a-z_]+)\.v(?P<number>\d+)")


@dataclass(frozen=True, slots=True)
class Wording:
    """What is shown to a person who is asked; `version` names the file it comes from."""

    version: str
    title: str
    paragraphs: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ConsentState:
    """Where a person stands on one purpose; `wording` is the present one, which a new yes is given to."""

    purpose: Purpose
    wording: Wording
    granted: bool
    decided_at: datetime | None


class Consents:
    """Asks people and keeps what they decide; `forget_owner` erases what only a person's yes allowed to keep."""

    def __init__(
        self,
        sessions: Sessions,
        wordings: Mapping[Purpose, Wording],
        *,
        forget_owner: Callable[[UUID], None] = lambda _: None,
    ) -> None:
        self._sessions = sessions
        self._wordings = wordings
        self._forget_owner = forget_owner

    def list_states(self, user_id: UUID) -> list[ConsentState]:
        with self._sessions.begin() as session:
            latest = {purpose: queries.find_latest_decision(session, user_id, purpose) for purpose in Purpose}
        return [_state(purpose, self._wordings[purpose], decision) for purpose, decision in latest.items()]

    def list_decisions(self, user_id: UUID) -> list[Consent]:
        """Every decision of the person, the latest first."""
        with self._sessions.begin() as session:
            return queries.list_decisions(session, user_id)

    def grant(self, user_id: UUID, purpose: Purpose, text_version: str) -> None:
        """The person agrees to the wording of this version.

        NotPermitted for a guest, who may not come back to change their mind; Conflict when the wording is another now.
        """
        if text_version != self._wordings[purpose].version:
            raise error(Code.CONSENT_TEXT_CHANGED)
        self._decide(user_id, purpose, granted=True)

    def withdraw(self, user_id: UUID, purpose: Purpose) -> None:
        """The person says no, or takes a yes back, and with it all that came of it."""
        self._decide(user_id, purpose, granted=False)
        self._forget_owner(user_id)

    def _decide(self, user_id: UUID, purpose: Purpose, *, granted: bool) -> None:
        """Adds the decision unless it is the latest one already; one decision of a person after another."""
        version = self._wordings[purpose].version
        with self._sessions.begin() as session:
            user = session.get(User, user_id, with_for_update=True)
            if user is None:
                raise error(Code.NOT_AUTHENTICATED)
            if granted and user.is_guest:
                raise error(Code.CONSENT_NEEDS_ACCOUNT)
            latest = queries.find_latest_decision(session, user_id, purpose)
            if latest is None or (latest.granted, latest.text_version) != (granted, version):
                session.add(Consent(user_id=user_id, purpose=purpose, granted=granted, text_version=version))


def load_wordings(folder: Path) -> dict[Purpose, Wording]:
    """The latest wording of every purpose, from files named `<purpose>.v<number>.md`."""
    files = [(match, path) for path in folder.glob("*.md") if (match := _FILE.fullmatch(path.stem))]
    files.sort(key=lambda pair: int(pair[0]["number"]))
    wordings = {Purpose(match["purpose"]): _read(path) for match, path in files}
    missing = set(Purpose) - set(wordings)
    if missing:
        raise FileNotFoundError(f"no wording in {folder} for {sorted(missing)}")
    return wordings


def _read(path: Path) -> Wording:
    """A title line and paragraphs, divided by empty lines."""
    title, *paragraphs = path.read_text(encoding="utf-8").strip().split("\n\n")
    return Wording(path.stem, title.removeprefix("# "), tuple(" ".join(one.split()) for one in paragraphs))


def _state(purpose: Purpose, wording: Wording, latest: Consent | None) -> ConsentState:
    if latest is None:
        return ConsentState(purpose, wording, granted=False, decided_at=None)
    return ConsentState(purpose, wording, granted=latest.granted, decided_at=latest.created_at)
