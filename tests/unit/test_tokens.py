"""Access tokens are believed only when everything about them is right."""

from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest
from joserfc import jwt
from joserfc.jwk import OctKey

from skin.accounts.passwords import hash_password, is_password
from skin.accounts.tokens import TokenSigner
from skin.errors import NotAuthenticated

SECRET = "a secret of at least thirty-two bytes"
NOW = datetime(2026, 1, 1, tzinfo=UTC)
USER_ID = uuid4()
SIGNER = TokenSigner(SECRET, timedelta(minutes=30))


def forge(*, secret: str = SECRET, alg: str = "HS256", **changes: object) -> str:
    good = {
        "iss": "skin",
        "aud": "skin",
        "sub": str(USER_ID),
        "iat": int(NOW.timestamp()),
        "exp": int(NOW.timestamp()) + 60,
    }
    claims = {name: value for name, value in (good | changes).items() if value is not None}
    return jwt.encode({"alg": alg}, claims, OctKey.import_key(secret), algorithms=[alg])


def test_a_token_names_its_owner_until_it_expires() -> None:
    token = SIGNER.create_access_token(USER_ID, NOW)
    assert SIGNER.read_access_token(token, NOW + timedelta(minutes=29)) == USER_ID
    with pytest.raises(NotAuthenticated):
        SIGNER.read_access_token(token, NOW + timedelta(minutes=31))


def test_the_forger_of_these_tests_makes_good_tokens_too() -> None:
    assert SIGNER.read_access_token(forge(), NOW) == USER_ID


@pytest.mark.parametrize(
    "token",
    [
        forge(secret="another secret of thirty-two bytes!"),
        forge(alg="HS512"),
        forge(iss="somebody else"),
        forge(aud="somebody else"),
        forge(sub="not a uuid"),
        forge(sub=None),
        forge(exp=None),
        forge(iat=None),
        forge(exp=int(NOW.timestamp()) - 1),
        forge() + "x",
        "",
        "a.b.c",
    ],
)
def test_a_token_with_one_thing_wrong_is_refused(token: str) -> None:
    with pytest.raises(NotAuthenticated):
        SIGNER.read_access_token(token, NOW)


def test_a_token_past_half_its_life_is_due_for_renewal() -> None:
    token = SIGNER.create_access_token(USER_ID, NOW)
    assert not SIGNER.is_half_spent(token, NOW + timedelta(minutes=14))
    assert SIGNER.is_half_spent(token, NOW + timedelta(minutes=16))


def test_a_password_is_kept_as_argon2id_and_fits_only_itself() -> None:
    kept = hash_password("correct horse")
    assert kept.startswith("$argon2id$")
    assert is_password("correct horse", kept)
    assert not is_password("correct horsf", kept)


def test_nobodys_password_never_fits() -> None:
    assert not is_password("no account has this password", None)
