"""What the pages say, and that it can be read."""

import re
from datetime import UTC, datetime
from itertools import product
from uuid import uuid4

import pytest

from skin.core.concerns import Concern, Severity, SkinType
from skin.core.cover import CLOTH
from skin.core.findings import NOT_JUDGED_REASONS, NotJudged, Outcome
from skin.core.zones import Zone
from skin.scans import schemas
from skin.scans.tables import ScanState
from skin.ui import words
from skin.ui.languages import speaking
from skin.ui.render import ASSETS, Renderer, draw_outline, find_worth_attention, group_by_reason, read_asset
from skin.vision.quality import LIMITS

SILENT = schemas.NotJudgedView(code=NotJudged.LIGHT, reason=NOT_JUDGED_REASONS[NotJudged.LIGHT])


@pytest.fixture(scope="module")
def renderer() -> Renderer:
    return Renderer(photos_kept="24 hours", guests_kept="24 hours")


def build_concern(name: Concern, score: int | None) -> schemas.ConcernView:
    if score is None:
        return schemas.ConcernView(name=name, not_judged=SILENT)
    return schemas.ConcernView(
        name=name, score=score, severity=Severity.of_score(score), confidence=0.7, zones=[Zone.NOSE]
    )


def build_result(**changes: object) -> schemas.ScanResultResponse:
    scores = [0, 12, 44, 71, 35, 8, None, None, 90, 1]
    values: dict[str, object] = {
        "scan_id": uuid4(),
        "status": ScanState.COMPLETED,
        "created_at": datetime(2026, 11, 22, 10, tzinfo=UTC),
        "skin_type": schemas.SkinTypeView(value=SkinType.DRY, confidence=0.7),
        "skin_tone": schemas.SkinToneView(
            monk=4, monk_probabilities=[0, 0, 0.25, 0.5, 0.25, 0, 0, 0, 0, 0], ita_deg=38.4,
            ita_interval_deg=(33.0, 44.0), ita_class="intermediate", confidence=1.0,
        ),
        "concerns": [build_concern(*pair) for pair in zip(Concern, scores, strict=True)],
        "recommendations": [
            schemas.RecommendationView(code="a", text="Drink water.", reason="Dry."),
            schemas.RecommendationView(code="b", text="See somebody.", reason="Severe.", see_doctor=True),
        ],
        "quality": [schemas.QualityView(name="yaw_deg", value=-17.2, outcome=Outcome.USABLE, hint="Turn.")],
        "face_box_xyxy_norm": (0.1, 0.2, 0.3, 0.4),
        "model": schemas.ModelView(name="net", version="1", pipeline_version="1"),
    }  # fmt: skip
    return schemas.ScanResultResponse.model_validate(values | changes)


def test_a_result_tells_tone_type_concerns_advice_and_disclaimer(renderer: Renderer) -> None:
    page = renderer.render_result(build_result())
    for told in ("Monk 4", "ITA 38°", "Dry", "71 of 100", "Severe", "Left and right are your own", "Turn.", "-17°"):
        assert told in page
    assert schemas.DISCLAIMER in page
    assert page.index("See somebody.") < page.index("Drink water.")
    assert (
        page.index("Skin tone") < page.index("Skin type") < page.index("Worth attention") < page.index("Ten concerns")
    )


@pytest.mark.parametrize(
    ("language", "reason", "hint"),
    [
        ("en", "is hidden: show it if you can.", "Uncover nose and mouth if you can"),
        ("es", "está tapada: muéstrala si puedes.", "Descubre la nariz y la boca si puedes"),
        ("hi", "हो सके तो उसे दिखाइए।", "हो सके तो नाक और मुँह खुला रखिए"),
    ],
)
def test_what_lies_under_a_mask_is_said_to_be_hidden_in_every_language(
    renderer: Renderer, language: str, reason: str, hint: str
) -> None:
    hidden = schemas.NotJudgedView(code=NotJudged.ZONE_HIDDEN, reason=NOT_JUDGED_REASONS[NotJudged.ZONE_HIDDEN])
    limit = next(limit for limit in LIMITS if limit.name == CLOTH)
    with speaking(language):
        page = renderer.render_result(
            build_result(
                skin_tone=schemas.SkinToneView(not_judged=hidden),
                quality=[schemas.QualityView(name=CLOTH, value=0.9, outcome=Outcome.USABLE, hint=limit.hint)],
            )
        )
    assert reason in page
    assert hint in page
    assert CLOTH not in page


def test_what_was_not_judged_is_said_with_its_reason_and_without_a_number(renderer: Renderer) -> None:
    page = renderer.render_result(
        build_result(
            skin_type=schemas.SkinTypeView(value=None, not_judged=SILENT),
            skin_tone=schemas.SkinToneView.model_validate({"not_judged": SILENT}),
            concerns=[build_concern(name, None) for name in Concern],
            recommendations=[],
        )
    )
    assert page.count(SILENT.reason) == 3
    assert "Not judged: 10" in page
    assert "of 100" not in page
    assert "Monk" not in page


def test_the_report_tells_what_the_result_tells_and_by_what(renderer: Renderer) -> None:
    result = build_result()
    page = renderer.render_report(result)
    for told in (
        str(result.scan_id),
        "net 1",
        "Monk 4 of 10",
        "ITA 38°",
        "71 of 100",
        "Severe",
        "-17°",
        "Drink water.",
    ):
        assert told in page
    assert schemas.DISCLAIMER in page
    assert page.count(SILENT.reason) == 1
    assert page.index("See somebody.") < page.index("Drink water.")
    assert all(line in page for line in words.SEE_DOCTOR)


def test_nothing_that_came_from_outside_is_run_as_html(renderer: Renderer) -> None:
    attack = "<script>x</script>"
    advice = [schemas.RecommendationView(code="a", text=attack, reason=attack)]
    model = schemas.ModelView(name=attack, version="1", pipeline_version="1")
    for render in (renderer.render_result, renderer.render_report):
        assert "&lt;script&gt;x" in (page := render(build_result(recommendations=advice, model=model)))
        assert attack not in page
    assert attack not in renderer.render("header.html", name=attack, may_annotate=False)


def test_the_strongest_three_are_worth_attention_and_absent_ones_never() -> None:
    scores = {Concern.ACNE: 0, Concern.PORES: 5, Concern.REDNESS: 80, Concern.DRYNESS: 31, Concern.TEXTURE: 4}
    found = find_worth_attention([build_concern(name, score) for name, score in scores.items()])
    assert [one.name for one in found] == [Concern.REDNESS, Concern.DRYNESS, Concern.PORES]


def test_an_outline_is_closed_and_stays_within_its_corners() -> None:
    drawn = draw_outline([(0.2, 0.4), (0.6, 0.4), (0.6, 0.8), (0.2, 0.8)])
    assert drawn.startswith("M0.2000 0.6000Q0.2000 0.4000 0.4000 0.4000")
    assert drawn.endswith("Q0.2000 0.8000 0.2000 0.6000")


def test_reasons_are_told_once_for_all_they_hold_for() -> None:
    other = schemas.NotJudgedView(code=NotJudged.UNCERTAIN, reason="Unsure.")
    concerns = [build_concern(name, None) for name in (Concern.ACNE, Concern.PORES)]
    concerns.append(schemas.ConcernView(name=Concern.REDNESS, not_judged=other))
    assert [(reason, len(held)) for reason, held in group_by_reason(concerns)] == [(SILENT.reason, 2), ("Unsure.", 1)]


@pytest.mark.parametrize("state", list(ScanState))
def test_the_history_shows_every_state(renderer: Renderer, state: ScanState) -> None:
    item = schemas.ScanHistoryItem(scan_id=uuid4(), status=state, created_at=datetime.now(UTC))
    if state is ScanState.COMPLETED:
        item = item.model_copy(update={"skin_tone": "monk_7", "skin_type": "oily", "concerns": [Concern.ACNE]})
    page = renderer.render_history(schemas.ScanHistoryResponse(scans=[item], next_cursor="next"), is_newest=True)
    assert str(item.scan_id) in page
    assert 'data-turn="next"' in page
    assert ("data-open" in page) == (state is ScanState.COMPLETED)
    assert ("Monk 7" in page) == (state is ScanState.COMPLETED)


def test_an_empty_history_invites(renderer: Renderer) -> None:
    assert "No scans yet" in renderer.render_history(
        schemas.ScanHistoryResponse(scans=[], next_cursor=None), is_newest=True
    )


def test_every_term_of_the_vocabulary_has_words() -> None:
    assert set(words.CONCERNS) == set(Concern)
    assert set(words.SEVERITIES) == set(Severity)
    assert set(words.SKIN_TYPES) == set(SkinType)
    assert set(words.ZONES) == set(Zone)
    assert set(words.OUTCOMES) == set(Outcome)
    assert set(words.STATES) == set(ScanState)


def test_every_capture_check_has_words() -> None:
    from skin.vision.quality import LIMITS

    assert {limit.name for limit in LIMITS} <= set(words.CHECKS)


@pytest.mark.parametrize(
    ("name", "value", "shown"),
    [
        ("yaw_deg", -17.2, "-17°"),
        ("face_width_px", 512.0, "512 px"),
        ("blur_px", 1.26, "1.3 px"),
        ("clipped_share", 0.012, "1.2%"),
        ("light_difference_stops", 0.8, "0.8 stops"),
        ("mouth_opening", 0.061, "0.06"),
        ("odd_thing", 2.0, "2.0"),
    ],
)
def test_measured_values_are_shown_with_their_unit(name: str, value: float, shown: str) -> None:
    assert words.show_value(name, value) == shown


def test_the_error_within_a_burst_is_told_in_words_and_never_made_up(renderer: Renderer) -> None:
    assert not re.search("give or take|steady", renderer.render_result(build_result()).lower())
    tone = build_result().skin_tone.model_copy(update={"ita_se_deg": 0.82})
    redness = build_concern(Concern.REDNESS, 40).model_copy(update={"score_se": 0.0})
    page = renderer.render_result(build_result(skin_tone=tone, concerns=[redness]))
    assert "Give or take 0.8°" in page
    assert "40 of 100</span>, steady" in page


def test_a_map_is_offered_for_the_concerns_that_have_one(renderer: Renderer) -> None:
    assert "pic-map" not in renderer.render_result(build_result())
    concerns = [build_concern(name, 40) for name in (Concern.REDNESS, Concern.PORES)]
    concerns[0] = concerns[0].model_copy(update={"has_map": True})
    page = renderer.render_result(build_result(concerns=concerns, face_matrix_norm=(2, 0, -0.5, 0, 2, -0.25)))
    assert "translate(-50.000%, -25.000%) matrix(2.00000, 0.00000, 0.00000, 2.00000, 0, 0)" in page
    assert page.count("data-map=") == 1
    assert "/maps/redness.png" in page


@pytest.mark.parametrize(
    ("error", "unit", "said"),
    [(0.0, "", "steady"), (0.82, "°", "give or take 0.8°"), (2.0, "", "give or take 2")],
)
def test_a_standard_error_is_said_as_give_or_take(error: float, unit: str, said: str) -> None:
    assert words.say_give_or_take(error, unit) == said


OWN_ASSETS = [*(one for one in ASSETS.iterdir() if one.is_file()), *(ASSETS / "guide").iterdir()]


@pytest.mark.parametrize("path", [str(one.relative_to(ASSETS)) for one in OWN_ASSETS])
def test_no_asset_asks_another_host_for_anything(path: str) -> None:
    text = read_asset(path).replace("http://www.w3.org/2000/svg", "")
    assert not re.search(r"https?://|url\(|@import", text)


TEXT_PAIRS = [
    *product(("ink", "muted"), ("page", "surface", "sunken")),
    *product(("danger",), ("surface", "danger-soft")),
    *product(("accent",), ("surface", "page")),
    *product(("on-accent",), ("accent", "accent-strong")),
    *product(("good", "warn"), ("surface",)),
    ("ink", "danger-soft"),
    ("accent-strong", "accent-soft"),
]
PART_PAIRS = [
    *product(("line-strong",), ("surface", "page")),
    *product(("mild", "moderate", "severe"), ("surface",)),
    ("accent", "sunken"),
]


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_colours_reach_the_contrast_of_wcag_aa(theme: str) -> None:
    light, dark = read_asset("tokens.css").split("@media screen and (prefers-color-scheme: dark)")
    colours = dict(re.findall(r"--sk-([a-z-]+): (#[0-9a-f]{6});", light))
    if theme == "dark":
        colours |= dict(re.findall(r"--sk-([a-z-]+): (#[0-9a-f]{6});", dark))
    weak = {
        (front, back): round(ratio, 2)
        for pairs, least in ((TEXT_PAIRS, 4.5), (PART_PAIRS, 3.0))
        for front, back in pairs
        if (ratio := contrast(colours[front], colours[back])) < least
    }
    assert weak == {}


def contrast(one: str, other: str) -> float:
    """Contrast ratio after WCAG 2.2."""
    darker, lighter = sorted((luminance(one), luminance(other)))
    return (lighter + 0.05) / (darker + 0.05)


def luminance(colour: str) -> float:
    channels = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    red, green, blue = (c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue
