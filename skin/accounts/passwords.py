"""Password hashes: Argon2id."""

from functools import cache

from pwdlib import PasswordHash
from pwdlib.hashers.argon2 import Argon2Hasher

# OWASP's minimum for Argon2id (19 MiB, 2 passes, 1 lane): 60 ms here; the library's default takes 150-300 ms.
_hashes = PasswordHash((Argon2Hasher(time_cost=2, memory_cost=19 * 1024, parallelism=1),))


def hash_password(password: str) -> str:
    return _hashes.hash(password)


def is_password(password: str, password_hash: str | None) -> bool:
    """Whether the password fits; takes as long for an account that is not there (None) as for one that is."""
    fits = _hashes.verify(password, password_hash or _nobodys_hash())
    return fits and password_hash is not None


@cache
def _nobodys_hash() -> str:
    return hash_password("no account has this password")
