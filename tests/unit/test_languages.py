"""Which language a visit has, and how its dates and numbers are written."""

from datetime import UTC, datetime

import pytest
from starlette.requests import HTTPConnection

from skin.ui import words
from skin.ui.blocks import SpokenBlocks, build_labels, spoken_html
from skin.ui.formats import show_moment, show_number, show_share
from skin.ui.languages import choose_language, get_language, gettext, speaking


def ask(accept: str = "", cookie: str = "") -> HTTPConnection:
    headers = [(b"accept-language", accept.encode()), (b"cookie", cookie.encode())]
    return HTTPConnection({"type": "http", "headers": headers})


@pytest.mark.parametrize(
    ("accept", "cookie", "language"),
    [
        ("", "", "en"),
        ("es-MX,es;q=0.9,en;q=0.8", "", "es"),
        ("fr, hi-IN;q=0.4, en;q=0.3", "", "hi"),
        ("en;q=0.2, es;q=0.7", "", "es"),
        ("fr-FR", "", "en"),
        ("es;q=0, en", "", "en"),
        ("es;q=much, */*, ;;;", "", "en"),
        ("en-GB", "skin_language=hi", "hi"),
        ("es", "skin_language=xx", "es"),
    ],
)
def test_the_choice_goes_before_the_browser_and_english_is_last(accept: str, cookie: str, language: str) -> None:
    assert choose_language(ask(accept, cookie)) == language


def test_a_text_without_translation_stays_and_the_language_ends_with_its_block() -> None:
    with speaking("es"):
        assert gettext("Pores") == "Poros"
        assert gettext("ada@example.org") == "ada@example.org"
        with speaking("hi"):
            assert get_language() == "hi"
        assert get_language() == "es"
    assert gettext("Pores") == "Pores"


def test_dates_and_numbers_are_written_as_the_language_does() -> None:
    when = datetime(2026, 11, 2, 9, 5, tzinfo=UTC)
    told = {}
    for language in ("en", "es", "hi"):
        with speaking(language):
            told[language] = (show_moment(when), show_number(12.34, digits=1), show_share(0.015, digits=1))
    assert told["en"] == ("2 November 2026, 09:05 UTC", "12.3", "1.5%")
    assert told["es"] == ("2 de noviembre de 2026, 09:05 UTC", "12,3", "1,5\xa0%")
    assert told["hi"][0].startswith("2 नवंबर 2026")


def test_a_value_has_its_unit_in_every_language() -> None:
    with speaking("es"):
        assert words.show_value("light_difference_stops", 0.55) == "0,6 pasos de luz"
        assert words.say_hours(48) == "2 días"
        assert words.say_hours(1) == "1 hora"
    assert words.show_value("light_difference_stops", 0.5) == "0.5 stops"
    assert [words.say_hours(hours) for hours in (0.5, 1, 24, 48)] == ["0.5 hours", "1 hour", "24 hours", "2 days"]


def test_every_language_has_a_configuration_of_its_own() -> None:
    with SpokenBlocks(analytics_enabled=False) as blocks:
        spoken_html(html_template=lambda: gettext("Pores"), words=lambda: {"one": gettext("Shine")})("")
    blocks.say_in_every_language()
    told = {}
    for language in ("en", "es", "hi"):
        with speaking(language):
            (html,) = (one["props"] for one in blocks.config["components"])
            labels = build_labels().translations_dict[language]
            told[language] = (html["html_template"], html["props"]["words"]["one"], labels["Scan again"])
    assert told == {
        "en": ("Pores", "Shine", "Scan again"),
        "es": ("Poros", "Brillo", "Escanear otra vez"),
        "hi": ("रोमछिद्र", "चमक", "फिर स्कैन करें"),
    }
