"""Dates and numbers as the spoken language writes them."""

from datetime import UTC, datetime

from babel.dates import format_date, format_time
from babel.numbers import format_decimal, format_percent

from skin.ui.languages import get_locale


def show_number(value: float, *, digits: int = 0, least: int | None = None) -> str:
    """With at most `digits` decimals and at least `least`, which is as many unless told."""
    sure = digits if least is None else least
    pattern = "0." + "0" * sure + "#" * (digits - sure) if digits else "0"
    return format_decimal(round(value, digits) + 0.0, format=pattern, locale=get_locale())


def show_share(share: float, *, digits: int = 0) -> str:
    """A share of 1 in percent, with at most this many decimals."""
    pattern = get_locale().percent_formats[None].pattern
    if digits:
        pattern = pattern.replace("##0", "##0." + "#" * digits)
    return format_percent(round(share, digits + 2), format=pattern, locale=get_locale())


def show_moment(when: datetime) -> str:
    """Day and time in UTC; the browser shows its own time instead where it can."""
    return f"{show_day(when)}, {show_clock(when)}"


def show_day(when: datetime, form: str = "long") -> str:
    return format_date(when.astimezone(UTC), format=form, locale=get_locale())


def show_clock(when: datetime) -> str:
    return f"{format_time(when.astimezone(UTC), 'HH:mm', tzinfo=UTC, locale=get_locale())} UTC"
