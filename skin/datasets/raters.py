"""People from outside who labelled elsewhere: accounts of their own that nobody can sign in to."""

import hashlib
import re
import secrets
from uuid import UUID

from sqlalchemy.orm import Session

from skin.accounts.passwords import hash_password
from skin.accounts.queries import find_user_by_email
from skin.accounts.tables import Role, User
from skin.datasets import queries
from skin.datasets.labels import pseudonym
from skin.datasets.studio import RATERS_DOMAIN


class Raters:
    """Finds or makes the account of a rater's name in one project."""

    def __init__(self, project_id: UUID) -> None:
        self._project_id = project_id
        self._known: dict[str, UUID] = {}

    def find(self, session: Session, name: str) -> UUID:
        """Whose pseudonym this is in the project, else the rater of this name, made when there is none."""
        if not self._known:
            for user_id in queries.list_annotators(session, self._project_id):
                self._known[pseudonym(self._project_id, str(user_id))] = user_id
        if name not in self._known:
            self._known[name] = self._find_or_make(session, address_of(self._project_id, name))
        return self._known[name]

    def _find_or_make(self, session: Session, email: str) -> UUID:
        user = find_user_by_email(session, email)
        if user is None:
            nobodys = hash_password(secrets.token_urlsafe(32))
            user = User(email=email, password_hash=nobodys, role=Role.ANNOTATOR)
            session.add(user)
            session.flush()
        return user.id


def address_of(project_id: UUID, name: str) -> str:
    """An address that can never be anybody's, to be told apart by people; of an e-mail address only the first part."""
    readable = re.sub(r"[^a-z0-9]+", "-", name.partition("@")[0].lower()).strip("-")[:40]
    digest = hashlib.sha256(f"{project_id} {name}".encode()).hexdigest()[:8]
    return f"{readable or 'rater'}-{digest}@{RATERS_DOMAIN}"
