"""Settings: the only reader of the environment."""

import secrets
from pathlib import Path
from typing import Annotated, Literal

from pydantic import AliasChoices, Field, SecretStr, field_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

ROOT = Path(__file__).resolve().parent.parent
JWT_SECRET_MIN_BYTES = 32


class Settings(BaseSettings):
    """Everything that can be set, from `SKIN_*` variables or a `.env` file.

    The descriptions are the documentation: `docs/settings.md` and `.env.example` are held to them.
    """

    model_config = SettingsConfigDict(
        env_prefix="SKIN_", env_file=".env", extra="ignore", populate_by_name=True, env_ignore_empty=True
    )

    host: str = Field("127.0.0.1", description="Address to listen on; 0.0.0.0 for every interface.")
    port: int = Field(
        7860, validation_alias=AliasChoices("SKIN_PORT", "PORT"), description="Port to listen on; `PORT` works too."
    )
    home: Path = Field(
        ROOT / ".skin", description="Folder for what the app keeps: database, pictures, secret, temporary files."
    )
    database_url: str | None = Field(
        None,
        validation_alias=AliasChoices("SKIN_DATABASE_URL", "DATABASE_URL"),
        description="A Postgres server, as postgresql://user:password@host/name; unset starts the embedded one. "
        "`DATABASE_URL` works too.",
    )
    database_pool_size: int = Field(10, ge=1, description="Database connections kept open.")
    database_pool_overflow: int = Field(15, ge=0, description="Database connections allowed above those for a while.")
    jwt_secret: SecretStr | None = Field(
        None, description="Key that signs access tokens, 32 bytes at least; unset makes one and keeps it in the home."
    )
    access_token_minutes: int = Field(30, ge=1, description="How long an access token is good for.")
    picture_store: str | None = Field(
        None, description="Where pictures go: s3://bucket/prefix or a file:// folder; unset is a folder in the home."
    )
    s3_endpoint: str | None = Field(None, description="Address of an S3 server that is not Amazon's.")
    s3_region: str = Field("us-east-1", description="Region of the S3 bucket.")
    s3_access_key_id: str | None = Field(None, description="Access key of the S3 bucket.")
    s3_secret_access_key: SecretStr | None = Field(None, description="Secret key of the S3 bucket.")
    picture_retention_hours: float = Field(
        24,
        gt=0,
        description="Hours after which a scan's pictures are erased unless their owner chose another time; "
        "its result stays.",
    )
    guest_retention_hours: float = Field(24, gt=0, description="Hours after which a guest account is erased whole.")
    worker_concurrency: int = Field(
        1, ge=0, description="Scans analysed at once inside the web process; 0 leaves them to `python -m skin worker`."
    )
    model_dir: Path | None = Field(
        None, description="Folder of the network: its card and weights; unset takes the one in data/models."
    )
    cors_origins: Annotated[list[str], NoDecode] = Field(
        [], description="Origins that may call the API from a browser, separated by commas."
    )
    trusted_proxies: str = Field(
        "127.0.0.1", description="Proxies whose X-Forwarded-For is believed, separated by commas, or *."
    )
    sign_in_limit: str = Field("10/minute", description="Sign-ins allowed per address.")
    registration_limit: str = Field("20/hour", description="Registrations and guest accounts allowed per address.")
    upload_limit: str = Field("60/minute", description="Photo uploads allowed per account.")
    log_format: Literal["console", "json"] = Field("console", description="How log lines look: console or json.")

    def resolve_folder(self, place: str) -> Path:
        """A folder given as a path or as a file:// address."""
        return Path(place.removeprefix("file://")).expanduser()

    @field_validator("cors_origins", mode="before")
    @classmethod
    def _split_origins(cls, value: object) -> object:
        return [part.strip() for part in value.split(",") if part.strip()] if isinstance(value, str) else value

    @field_validator("jwt_secret")
    @classmethod
    def _long_enough(cls, value: SecretStr | None) -> SecretStr | None:
        if value is not None and len(value.get_secret_value().encode()) < JWT_SECRET_MIN_BYTES:
            raise ValueError(f"SKIN_JWT_SECRET must be at least {JWT_SECRET_MIN_BYTES} bytes")
        return value


def load_jwt_secret(settings: Settings) -> str:
    """The signing key: from the settings, or a random one kept in the home, readable by its owner only."""
    if settings.jwt_secret is not None:
        return settings.jwt_secret.get_secret_value()
    path = settings.home / "jwt_secret"
    settings.home.mkdir(parents=True, exist_ok=True)
    try:
        path.touch(mode=0o600, exist_ok=False)
    except FileExistsError:
        kept = path.read_text()
        if len(kept) >= JWT_SECRET_MIN_BYTES:
            return kept
    path.write_text(secrets.token_urlsafe(48))
    path.chmod(0o600)
    return path.read_text()
