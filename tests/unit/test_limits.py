"""Rate limits count per action and per key."""

import pytest

from skin.errors import TooManyRequests
from skin.web.limits import RateLimits


def test_one_too_many_is_refused_and_others_are_not_affected() -> None:
    limits = RateLimits({"sign_in": "2/minute", "upload": "1/minute"})
    limits.hit("sign_in", "a")
    limits.hit("sign_in", "a")
    with pytest.raises(TooManyRequests):
        limits.hit("sign_in", "a")
    limits.hit("sign_in", "b")
    limits.hit("upload", "a")
