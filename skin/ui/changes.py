"""A comparison in plain words: what was, what is, and whether that says anything."""

from collections.abc import Sequence
from dataclasses import dataclass

from skin.core.change import MEASURED_BY, TONE, Verdict
from skin.core.concerns import Concern
from skin.scans.comparison import ChangeView, ScanComparisonResponse
from skin.scans.schemas import QualityView
from skin.scans.timeline import TimelineCourse
from skin.ui.formats import show_number
from skin.ui.languages import gettext
from skin.ui.words import CONCERNS, name_check, show_value

VERDICTS: dict[Verdict, str] = {
    Verdict.MORE: "More",
    Verdict.LESS: "Less",
    Verdict.NO_REAL_CHANGE: "No real change",
    Verdict.NOT_JUDGED: "Not judged",
}
TONE_VERDICTS = VERDICTS | {Verdict.MORE: "Lighter", Verdict.LESS: "Deeper"}
TONE_NAME = "Skin tone (ITA)"
ORDER = (Verdict.MORE, Verdict.LESS, Verdict.NO_REAL_CHANGE, Verdict.NOT_JUDGED)


@dataclass(frozen=True, slots=True)
class ChangeLine:
    """One field of two scans, ready to be read."""

    name: str
    before: str
    after: str
    verdict: str
    reason: str


@dataclass(frozen=True, slots=True)
class Obstacle:
    """A capture check whose two values are too far apart."""

    name: str
    before: str
    after: str


def say_changes(compared: ScanComparisonResponse) -> list[ChangeLine]:
    """Every field that at least one scan judged, real changes first."""
    told = [one for one in compared.changes if not (one.before is None and one.after is None)]
    return [_say_change(one, compared.comparable) for one in sorted(told, key=lambda one: ORDER.index(one.verdict))]


def list_silent(compared: ScanComparisonResponse) -> list[str]:
    """The fields that neither scan judged."""
    return [_name(one.field) for one in compared.changes if one.before is None and one.after is None]


def say_summary(compared: ScanComparisonResponse) -> str:
    if not compared.comparable:
        return gettext("Nothing can be said about a change.")
    judged = [one for one in compared.changes if one.verdict is not Verdict.NOT_JUDGED]
    changed = [one for one in judged if one.verdict is not Verdict.NO_REAL_CHANGE]
    if changed:
        return gettext("%(changed)s of %(judged)s that could be judged changed.") % {
            "changed": len(changed),
            "judged": len(judged),
        }
    if judged:
        return gettext("No real change in the %(judged)s that could be judged.") % {"judged": len(judged)}
    return gettext("No change could be judged.")


def say_obstacles(
    compared: ScanComparisonResponse, before: Sequence[QualityView], after: Sequence[QualityView]
) -> list[Obstacle]:
    """What hinders the comparison, with the two values, as far as both results still name them."""
    earlier, later = ({check.name: show_value(check.name, check.value) for check in one} for one in (before, after))
    earlier[MEASURED_BY], later[MEASURED_BY] = gettext("one version"), gettext("another")
    return [Obstacle(name_check(name), earlier.get(name, "?"), later.get(name, "?")) for name in compared.obstacles]


def say_course(course: TimelineCourse) -> ChangeLine:
    """A field over time: its first value against its last."""
    first, last = course.points[0].value, course.points[-1].value
    if course.verdict is None:
        shown = show_field(course.field, first)
        return ChangeLine(_name(course.field), shown, shown, *_say_single())
    change = ChangeView(
        field=course.field,
        before=first,
        after=last,
        minimum_detectable=course.minimum_detectable,
        verdict=course.verdict,
    )
    return _say_change(change, True)


def _say_single() -> tuple[str, str]:
    return gettext("One value so far"), gettext("The other scans did not judge it.")


def show_field(field: str, value: float) -> str:
    """A value of a concern or of the colour angle, as people read it."""
    return _show(field, value)


def _say_change(change: ChangeView, comparable: bool) -> ChangeLine:
    verdicts = TONE_VERDICTS if change.field == TONE else VERDICTS
    return ChangeLine(
        _name(change.field),
        _show(change.field, change.before),
        _show(change.field, change.after),
        gettext(verdicts[change.verdict]),
        _say_why(change, comparable),
    )


def _say_why(change: ChangeView, comparable: bool) -> str:
    if change.before is None or change.after is None:
        if change.before is None:
            return gettext("The earlier photo did not allow a value.")
        return gettext("The later photo did not allow a value.")
    if change.verdict is Verdict.NOT_JUDGED:
        if not comparable:
            return gettext("The two photos were taken too differently.")
        return gettext("Nobody has measured yet how far scans of unchanged skin differ in this.")
    least = _show(change.field, change.minimum_detectable, digits=1)
    difference = _show(change.field, abs(change.after - change.before), digits=1)
    if change.verdict is Verdict.NO_REAL_CHANGE:
        form = gettext("A difference of %(difference)s; scans of unchanged skin differ by up to %(least)s.")
    else:
        form = gettext("A difference of %(difference)s, beyond the %(least)s by which scans of unchanged skin differ.")
    return form % {"difference": difference, "least": least}


def _name(field: str) -> str:
    return gettext(TONE_NAME if field == TONE else CONCERNS[Concern(field)][0])


def _show(field: str, value: float | None, *, digits: int = 0) -> str:
    if value is None:
        return gettext("no value")
    number = show_number(value, digits=digits, least=0)
    return f"{number}°" if field == TONE else number
