"""Every text of the pages is in every language, whole and with the same places for values."""

import json
import re
from collections.abc import Iterator
from io import BytesIO
from typing import Any

import pytest
from babel.messages.catalog import Catalog, Message
from babel.messages.extract import extract
from babel.messages.pofile import read_po

from skin.accounts.consents import load_wordings
from skin.accounts.tables import Purpose
from skin.bootstrap import ROOT, load_advice
from skin.core.advice import WHOLE_FACE
from skin.core.concerns import Concern, Severity
from skin.core.findings import NOT_JUDGED_REASONS
from skin.core.zones import Zone
from skin.errors import CATALOGUE, Code
from skin.scans.schemas import DISCLAIMER, ConcernView, RecommendationView
from skin.ui import changes, sign_in, words
from skin.ui.languages import ENGLISH, LANGUAGES, LOCALE, gettext, speaking
from skin.ui.render import ASSETS, Renderer, read_asset
from skin.vision.quality import LIMITS
from tests.unit.test_ui_render import build_result

OTHERS = [language for language in LANGUAGES if language != ENGLISH]
PLACES = re.compile(r"%\(\w+\)s|\{\w+\}|%%|</?\w+[^>]*>")
ANNOTATORS = {
    Code.PROJECT_NOT_FOUND, Code.PROJECT_NAME_TAKEN, Code.PROJECT_CLOSED, Code.ASSIGNMENT_NOT_FOUND,
    Code.ITEM_NOT_FOUND, Code.ITEM_KNOWN, Code.LEASE_LOST, Code.LABEL_INCOMPLETE, Code.SNAPSHOT_NOT_FOUND,
}  # fmt: skip
ITA_CLASSES = ("very light", "light", "intermediate", "tan", "brown", "dark")


def list_messages() -> set[str]:
    """Every source text; of a plural its singular."""
    constants = [value for name, value in vars(words).items() if name[0].isupper() and isinstance(value, dict)]
    found = {text for value in constants for text in _texts(value)} | {"%(number)s stops"}
    found |= {words.DELETED, words.RESTORED, words.ERASED, words.CHOICE_SAVED, words.CONSENT_GIVEN}
    found |= {words.CONSENT_TAKEN_BACK, *words.SEE_DOCTOR, *words.ZONES.values(), WHOLE_FACE, *ITA_CLASSES, DISCLAIMER}
    found |= {*changes.TONE_VERDICTS.values(), *changes.VERDICTS.values(), changes.TONE_NAME}
    found |= {sign_in.EMAIL_WANTED, sign_in.PASSWORD_WANTED, *NOT_JUDGED_REASONS.values()}
    found |= {sentence for code, (_, sentence) in CATALOGUE.items() if code not in ANNOTATORS}
    found |= {limit.hint for limit in LIMITS} | set(_texts(json.loads(read_asset("capture.json"))))
    found |= {text for rule in load_advice() for text in (rule.text, rule.because)}
    for purpose in Purpose:
        wording = load_wordings(ROOT / "data" / "consents")[purpose]
        found |= {wording.title, *wording.paragraphs}
    options = {
        "trimmed": "true",
        "trim_blocks": "true",
        "lstrip_blocks": "true",
        "newstyle_gettext": "true",
        "silent": "false",
    }
    for page in sorted(ASSETS.glob("*.html")):
        found |= set(_extract("jinja2", page.read_bytes(), options))
    for source in sorted((ROOT / "skin" / "ui").glob("*.py")):
        found |= set(_extract("python", source.read_bytes(), {}))
    return found


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict | tuple):
        for one in value.values() if isinstance(value, dict) else value:
            yield from _texts(one)


def _extract(method: str, source: bytes, options: dict[str, str]) -> Iterator[str]:
    keywords = {"_": None, "gettext": None, "ngettext": (1, 2)}
    for _, message, _, _ in extract(method, BytesIO(source), keywords=keywords, options=options):
        yield message[0] if isinstance(message, tuple) else message


def read_catalogue(language: str) -> Catalog:
    with (LOCALE / f"{language}.po").open("rb") as file:
        return read_po(file, locale=language)


def _singular(message: Message) -> str:
    return str(message.id[0] if isinstance(message.id, tuple) else message.id)


@pytest.mark.parametrize("language", OTHERS)
def test_a_catalogue_has_exactly_the_texts_of_the_pages(language: str) -> None:
    known = {_singular(message) for message in read_catalogue(language) if message.id}
    wanted = list_messages()
    assert sorted(wanted - known) == []
    assert sorted(known - wanted) == []


@pytest.mark.parametrize("language", OTHERS)
def test_every_translation_is_whole_and_keeps_the_places_for_values(language: str) -> None:
    for message in read_catalogue(language):
        if not message.id:
            continue
        sources = message.id if isinstance(message.id, tuple) else (message.id,)
        said = message.string if isinstance(message.string, tuple) else (message.string,)
        assert not message.fuzzy, message.id
        assert all(said), message.id
        assert len(said) == len(sources)
        for source, text in zip(sources, said, strict=True):
            assert sorted(PLACES.findall(source)) == sorted(PLACES.findall(str(text))), source


@pytest.mark.parametrize(
    ("language", "said"),
    [
        ("en", "A cosmetic aid, not a diagnosis"),
        ("es", "Una ayuda cosmética, no un diagnóstico"),
        ("hi", "यह सौंदर्य-संबंधी सहायता है, रोग का निदान नहीं"),
    ],
)
def test_the_line_that_this_is_no_diagnosis_says_so_in_every_language(language: str, said: str) -> None:
    with speaking(language):
        assert gettext(DISCLAIMER).startswith(said)
        assert gettext("A cosmetic aid, not a diagnosis.").startswith(said)


def test_a_template_says_nothing_outside_of_the_catalogues() -> None:
    """Words between tags or in spoken attributes that are not marked, such as names, stay as they are everywhere."""
    for page in sorted(ASSETS.glob("*.html")):
        bare = re.sub(
            r"\{%-?\s*trans.*?endtrans\s*-?%\}|\{#.*?#\}|\{\{.*?\}\}|\{%.*?%\}", "", page.read_text(), flags=re.S
        )
        bare = re.sub(r"<(style|script).*?</\1>", "", bare, flags=re.S)
        shown = re.sub(r"<[^>]*>", "|", bare) + "|".join(re.findall(r'(?:alt|aria-label|placeholder)="([^"]*)"', bare))
        assert set(re.findall(r"[A-Za-z]{2,}", shown)) <= {"Skin", "ITA", "Monk"}, page.name


def test_the_reason_of_an_old_advice_is_said_anew_in_the_language_of_the_page() -> None:
    given = RecommendationView(code="redness_gentle_care", text="-", reason="on cheek left")
    found = ConcernView(name=Concern.REDNESS, score=45, severity=Severity.MODERATE, zones=[Zone.CHEEK_LEFT, Zone.NOSE])
    result = build_result(concerns=[found])
    said = {}
    for language in LANGUAGES:
        with speaking(language):
            said[language] = words.say_reason(given, result, load_advice())
    assert said == {
        "en": "Redness was judged moderate (45 of 100): left cheek, nose.",
        "es": "Enrojecimiento, grado moderado (45 de 100): mejilla izquierda, nariz.",
        "hi": "लालिमा: मध्यम (100 में से 45): बायाँ गाल, नाक।",
    }
    assert words.say_reason(given, result, []) == "on cheek left"
    assert words.say_reason(given, build_result(concerns=[]), load_advice()) == "on cheek left"


@pytest.mark.parametrize("language", OTHERS)
def test_the_report_is_a_page_of_the_language(language: str) -> None:
    renderer = Renderer(photos_kept="24")
    with speaking(language):
        page = renderer.render_report(build_result())
        assert f'<html lang="{language}">' in page
        for heading in ("Skin report", "In short", "See a doctor when", "Skin tone"):
            assert heading not in page
            assert gettext(heading) in page
