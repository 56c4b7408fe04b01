"""Settings come from the environment, and secrets are made well."""

import stat
from pathlib import Path

import pytest
from pydantic import ValidationError

from skin.config import Settings, load_jwt_secret
from skin.db.session import libpq_url, parse_database_url


def test_the_platforms_own_names_work(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PORT", "9000")
    monkeypatch.setenv("DATABASE_URL", "postgres://me:secret@db/skin")
    settings = Settings(_env_file=None)
    assert (settings.port, settings.database_url) == (9000, "postgres://me:secret@db/skin")


def test_our_own_names_win_over_the_platforms(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PORT", "9000")
    monkeypatch.setenv("SKIN_PORT", "9001")
    assert Settings(_env_file=None).port == 9001


def test_an_empty_variable_counts_as_unset(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SKIN_JWT_SECRET", "")
    assert Settings(_env_file=None).jwt_secret is None


def test_origins_are_separated_by_commas(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SKIN_CORS_ORIGINS", "https://a.example, https://b.example")
    assert Settings(_env_file=None).cors_origins == ["https://a.example", "https://b.example"]


def test_a_short_signing_key_is_refused() -> None:
    with pytest.raises(ValidationError, match="32 bytes"):
        Settings(_env_file=None, jwt_secret="short")


def test_the_signing_key_is_made_once_and_only_its_owner_reads_it(tmp_path: Path) -> None:
    settings = Settings(_env_file=None, home=tmp_path / "home")
    secret = load_jwt_secret(settings)
    assert len(secret) >= 32
    assert load_jwt_secret(settings) == secret
    assert stat.S_IMODE((tmp_path / "home" / "jwt_secret").stat().st_mode) == 0o600


def test_a_signing_key_from_the_settings_is_not_written_down(tmp_path: Path) -> None:
    settings = Settings(_env_file=None, home=tmp_path, jwt_secret="k" * 32)
    assert load_jwt_secret(settings) == "k" * 32
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("spelling", ["postgres://u:p@h/d", "postgresql://u:p@h/d", "postgresql+psycopg://u:p@h/d"])
def test_every_usual_spelling_of_a_database_address_works(spelling: str) -> None:
    url = parse_database_url(spelling)
    assert url.drivername == "postgresql+psycopg2"
    assert libpq_url(url) == "postgresql://u:p@h/d"
