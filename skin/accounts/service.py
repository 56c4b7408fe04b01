"""Accounts: register, sign in, be a guest, be recognised, be forgotten."""

from collections.abc import Callable
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy.exc import IntegrityError

from skin.accounts import queries
from skin.accounts.passwords import hash_password, is_password
from skin.accounts.retention import Retention, find_retention, is_choice
from skin.accounts.tables import Role, User
from skin.accounts.tokens import SessionCookie, TokenSigner, build_cookie
from skin.db.session import Sessions
from skin.errors import Code, error

Clock = Callable[[], datetime]


class Accounts:
    """What every door asks about people.

    It opens its own short transactions, because hashing a password (60 ms) must not happen inside one.
    """

    def __init__(
        self,
        sessions: Sessions,
        signer: TokenSigner,
        *,
        clock: Clock,
        guest_lifetime: timedelta,
        picture_hours: float,
    ) -> None:
        self._sessions = sessions
        self._signer = signer
        self._clock = clock
        self._guest_lifetime = guest_lifetime
        self._picture_hours = picture_hours

    @property
    def token_lifetime(self) -> timedelta:
        return self._signer.lifetime

    def register(self, email: str, password: str, role: Role = Role.USER) -> User:
        """A new account; Conflict when the e-mail address (in any case of letters) has one."""
        user = User(email=email, password_hash=hash_password(password), role=role)
        try:
            with self._sessions.begin() as session:
                session.add(user)
        except IntegrityError as failure:
            raise error(Code.EMAIL_TAKEN) from failure
        return user

    def sign_in(self, email: str, password: str) -> User:
        """The account of these credentials; NotAuthenticated without telling which of the two was wrong."""
        with self._sessions.begin() as session:
            user = queries.find_user_by_email(session, email)
        if not is_password(password, user.password_hash if user else None) or user is None:
            raise error(Code.BAD_CREDENTIALS)
        return user

    def be_guest(self) -> User:
        """A throw-away account; it and all its scans are erased when its time is over."""
        guest = User(expires_at=self._clock() + self._guest_lifetime)
        with self._sessions.begin() as session:
            session.add(guest)
        return guest

    def create_access_token(self, user_id: UUID) -> str:
        return self._signer.create_access_token(user_id, self._clock())

    def create_cookie(self, user_id: UUID) -> SessionCookie:
        """A new token in the cookie that signs a page in."""
        return build_cookie(self.create_access_token(user_id), self.token_lifetime)

    def read_token(self, token: str) -> UUID:
        """Whose token this is, without a look at the account; NotAuthenticated when it is bad or old."""
        return self._signer.read_access_token(token, self._clock())

    def get_user_by_token(self, token: str) -> User:
        """Whose token this is; NotAuthenticated when it is bad, old, or the account is gone."""
        return self.get_user(self.read_token(token))

    def get_user(self, user_id: UUID) -> User:
        """The account as it is now, with its present role; NotAuthenticated when it is gone."""
        with self._sessions.begin() as session:
            return queries.require_user(session, user_id, self._clock())

    def is_half_spent(self, token: str) -> bool:
        return self._signer.is_half_spent(token, self._clock())

    def change_role(self, email: str, role: Role) -> User:
        with self._sessions.begin() as session:
            user = queries.find_user_by_email(session, email)
            if user is None:
                raise error(Code.USER_NOT_FOUND)
            user.role = role
        return user

    def get_retention(self, user: User) -> Retention:
        return find_retention(user, self._picture_hours)

    def choose_retention(self, user_id: UUID, hours: float | None) -> User:
        """How long this person's photos are kept from now on, the ones already there too; None is as the service does.

        InvalidInput for anything that is not offered, NotPermitted for a guest.
        """
        if not is_choice(hours):
            raise error(Code.INVALID_REQUEST)
        with self._sessions.begin() as session:
            user = queries.find_user(session, user_id, self._clock())
            if user is None:
                raise error(Code.NOT_AUTHENTICATED)
            if user.is_guest:
                raise error(Code.RETENTION_NEEDS_ACCOUNT)
            user.picture_retention_hours = hours
        return user

    def find(self, email: str) -> User:
        """The account of this e-mail address; NotFound without one."""
        with self._sessions.begin() as session:
            user = queries.find_user_by_email(session, email)
        if user is None:
            raise error(Code.USER_NOT_FOUND)
        return user

    def list_expired_guest_ids(self) -> list[UUID]:
        with self._sessions.begin() as session:
            return queries.list_expired_guest_ids(session, self._clock())

    def erase(self, user_id: UUID) -> None:
        """Delete the account with all its scans and results; pictures must be erased from the store before."""
        with self._sessions.begin() as session:
            user = session.get(User, user_id)
            if user is not None:
                session.delete(user)
