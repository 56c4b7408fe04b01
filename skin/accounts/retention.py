"""How long a person's photos are kept: what can be chosen, and what holds without a choice."""

from dataclasses import dataclass

from skin.accounts.tables import User

CHOICES_HOURS: tuple[float, ...] = (0, 1, 24, 7 * 24, 30 * 24)  # 0: no longer than the result takes


@dataclass(frozen=True, slots=True)
class Retention:
    """How long a person's photos are kept, in hours; `own_hours` is their own choice, if they made one."""

    picture_hours: float
    own_hours: float | None
    service_hours: float


def is_choice(hours: float | None) -> bool:
    """None stands for what the service does."""
    return hours is None or hours in CHOICES_HOURS


def find_retention(user: User, service_hours: float) -> Retention:
    """Guests cannot choose."""
    own = None if user.is_guest else user.picture_retention_hours
    return Retention(service_hours if own is None else own, own, service_hours)


def find_longest_hours(service_hours: float) -> float:
    """No photo of anybody is kept longer than this."""
    return max(service_hours, *CHOICES_HOURS)
