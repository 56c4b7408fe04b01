"""Rate limits, by the `limits` library: a moving window per key, in this process's memory."""

from limits import parse
from limits.storage import MemoryStorage
from limits.strategies import MovingWindowRateLimiter

from skin.errors import Code, error


class RateLimits:
    """One limit per action ("10/minute"), counted per key (an address or an account)."""

    def __init__(self, limits: dict[str, str]) -> None:
        self._limits = {action: parse(limit) for action, limit in limits.items()}
        self._window = MovingWindowRateLimiter(MemoryStorage())

    def hit(self, action: str, key: str) -> None:
        """Count one; TooManyRequests when it is one too many."""
        if not self._window.hit(self._limits[action], action, key):
            raise error(Code.RATE_LIMITED)
