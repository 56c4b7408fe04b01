"""Results and histories as HTML: Jinja templates with autoescaping, filled from the same schemas as REST."""

from collections.abc import Sequence
from itertools import groupby
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from skin.core.advice import Rule
from skin.core.findings import Outcome
from skin.scans.comparison import ScanComparisonResponse
from skin.scans.schemas import ConcernView, DeletedScan, ScanHistoryResponse, ScanResultResponse
from skin.scans.timeline import ScanTimelineResponse
from skin.ui import changes, charts, formats, words
from skin.ui.languages import LANGUAGES, get_language, gettext, ngettext

ASSETS = Path(__file__).parent / "assets"
WORTH_ATTENTION = 3


class Renderer:
    """Fills the templates in assets/; `facts` are values every template may tell, such as how long photos are kept."""

    def __init__(self, *, advice_rules: Sequence[Rule] = (), **facts: Any) -> None:
        self._templates = Environment(
            loader=FileSystemLoader(ASSETS), autoescape=True, trim_blocks=True, lstrip_blocks=True,
            undefined=StrictUndefined, extensions=["jinja2.ext.i18n"],
        )  # fmt: skip
        self._templates.install_gettext_callables(gettext, ngettext, newstyle=True)  # type: ignore[attr-defined]
        self._templates.globals.update(
            say=gettext,
            language=get_language,
            languages=LANGUAGES,
            formats=formats,
            advice_rules=advice_rules,
            words=words,
            charts=charts,
            draw_outline=draw_outline,
            asset=lambda name: Markup(read_asset(name)),
            **facts,
        )

    def render(self, template: str, **values: Any) -> str:
        return self._templates.get_template(template).render(**values)

    def render_result(self, result: ScanResultResponse) -> str:
        return self._render_result("result.html", result)

    def render_report(self, result: ScanResultResponse) -> str:
        """The same result as a page of its own, made for paper."""
        return self._render_result("report.html", result)

    def _render_result(self, template: str, result: ScanResultResponse) -> str:
        judged = [concern for concern in result.concerns if concern.score is not None]
        return self.render(
            template,
            result=result,
            fit=fit_layer(result.face_matrix_norm),
            marked={zone for concern in judged if concern.score for zone in concern.zones},
            judged=sorted(judged, key=lambda concern: -(concern.score or 0)),
            not_judged=group_by_reason(result.concerns),
            mapped=[concern for concern in result.concerns if concern.has_map],
            attention=find_worth_attention(judged),
            hints=[check for check in result.quality if check.outcome is not Outcome.GOOD],
            advice=sorted(result.recommendations, key=lambda one: not one.see_doctor),
        )

    def render_comparison(
        self, compared: ScanComparisonResponse, before: ScanResultResponse, after: ScanResultResponse
    ) -> str:
        """`before` and `after` are the results of the two scans, in the order of the comparison."""
        return self.render(
            "compare.html",
            before=before,
            after=after,
            summary=changes.say_summary(compared),
            obstacles=changes.say_obstacles(compared, before.quality, after.quality),
            lines=changes.say_changes(compared),
            silent=changes.list_silent(compared),
        )

    def render_history(
        self, page: ScanHistoryResponse, deleted: Sequence[DeletedScan] = (), *, is_newest: bool, said: str = ""
    ) -> str:
        """`deleted` can still be restored; `said` is read out to those who do not see it."""
        return self.render("history.html", page=page, deleted=deleted, is_newest=is_newest, said=said)

    def render_timeline(self, timeline: ScanTimelineResponse) -> str:
        return self.render(
            "timeline.html",
            total=len(timeline.scans),
            drawn=len(timeline.drawn),
            courses=charts.draw_charts(timeline),
            left_out=charts.list_left_out(timeline),
        )


def read_asset(name: str) -> str:
    return (ASSETS / name).read_text(encoding="utf-8")


def fit_layer(matrix_norm: Sequence[float] | None) -> str:
    """CSS that lays what is stretched over a square, a photo or its map, onto the face in that square."""
    if matrix_norm is None:
        return ""
    a, b, c, d, e, f = matrix_norm
    return f"translate({c:.3%}, {f:.3%}) matrix({a:.5f}, {d:.5f}, {b:.5f}, {e:.5f}, 0, 0)"


def draw_outline(corners: Sequence[tuple[float, float]]) -> str:
    """An SVG path round a zone: each corner bends the line between the middles of its two sides."""
    following = [*corners[1:], *corners[:1]]
    middles = [((x + u) / 2, (y + v) / 2) for (x, y), (u, v) in zip(corners, following, strict=True)]
    bends = (f"Q{x:.4f} {y:.4f} {u:.4f} {v:.4f}" for (x, y), (u, v) in zip(corners, middles, strict=True))
    return f"M{middles[-1][0]:.4f} {middles[-1][1]:.4f}" + "".join(bends)


def find_worth_attention(judged: Sequence[ConcernView]) -> list[ConcernView]:
    """The two or three strongest concerns that are present at all."""
    present = [concern for concern in judged if concern.score]
    return sorted(present, key=lambda concern: -(concern.score or 0))[:WORTH_ATTENTION]


def group_by_reason(concerns: Sequence[ConcernView]) -> list[tuple[str, list[ConcernView]]]:
    """What was not judged, once per reason."""
    silent = [(concern.not_judged.reason, concern) for concern in concerns if concern.not_judged is not None]
    silent.sort(key=lambda pair: pair[0])
    return [(reason, [one for _, one in pairs]) for reason, pairs in groupby(silent, key=lambda pair: pair[0])]
