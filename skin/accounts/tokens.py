"""Access tokens: JSON Web Tokens (RFC 7519) signed with HMAC-SHA-256, by Authlib's JOSE library."""

from datetime import datetime, timedelta
from typing import Literal, TypedDict
from uuid import UUID

from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import OctKey

from skin.errors import Code, error

COOKIE = "skin_session"
ALGORITHM = "HS256"
ISSUER = AUDIENCE = "skin"


class SessionCookie(TypedDict):
    """How a page keeps its token; scripts cannot read it and other sites cannot send it along with a POST."""

    key: str
    value: str
    max_age: int
    httponly: bool
    samesite: Literal["lax"]
    path: str


def build_cookie(token: str, lifetime: timedelta) -> SessionCookie:
    max_age = int(lifetime.total_seconds())
    return SessionCookie(key=COOKIE, value=token, max_age=max_age, httponly=True, samesite="lax", path="/")


class TokenSigner:
    """Makes and reads access tokens with one key and one lifetime."""

    def __init__(self, secret: str, lifetime: timedelta) -> None:
        self._key = OctKey.import_key(secret)
        self.lifetime = lifetime

    def create_access_token(self, user_id: UUID, now: datetime) -> str:
        claims = {
            "iss": ISSUER,
            "aud": AUDIENCE,
            "sub": str(user_id),
            "iat": int(now.timestamp()),
            "exp": int((now + self.lifetime).timestamp()),
        }
        return jwt.encode({"alg": ALGORITHM}, claims, self._key)

    def read_access_token(self, token: str, now: datetime) -> UUID:
        """Whose token this is; NotAuthenticated unless signature, issuer, audience and time are all right."""
        return self._read(token, now)[0]

    def is_half_spent(self, token: str, now: datetime) -> bool:
        """Whether a good token is past half of its life, so that a page may renew it."""
        return now > self._read(token, now)[1] + self.lifetime / 2

    def _read(self, token: str, now: datetime) -> tuple[UUID, datetime]:
        registry = jwt.JWTClaimsRegistry(
            now=lambda: int(now.timestamp()),
            iss={"essential": True, "value": ISSUER},
            aud={"essential": True, "value": AUDIENCE},
            sub={"essential": True},
            exp={"essential": True},
            iat={"essential": True},
        )
        try:
            claims = jwt.decode(token, self._key, algorithms=[ALGORITHM]).claims
            registry.validate(claims)
            return UUID(claims["sub"]), datetime.fromtimestamp(claims["iat"], tz=now.tzinfo)
        except (JoseError, ValueError, TypeError) as failure:
            raise error(Code.NOT_AUTHENTICATED) from failure
