"""Every setting: its name, its type, its default and what is refused."""

import json
import re
from ipaddress import IPv4Network, IPv6Network, ip_network
from pathlib import Path
from typing import Annotated, Any, Literal, Self
from urllib.parse import urlsplit
from zoneinfo import available_timezones

from pydantic import Field, field_validator, model_validator
from pydantic_settings import BaseSettings, NoDecode, PydanticBaseSettingsSource, SettingsConfigDict

from portal.config.providers import ProviderSettings
from portal.config.sources import PREFIX, beside_instance, from_environment, read_file
from portal.config.values import Smtp, address, parse_smtp, secret_weakness

LANGUAGES = ("en", "cs", "uk", "pl", "lt", "fa")

Environment = Literal["development", "demo", "production", "test"]
Positive = Annotated[int, Field(gt=0)]


class Settings(BaseSettings):
    """The settings as the application uses them; immutable."""

    model_config = SettingsConfigDict(
        env_prefix=PREFIX, extra="forbid", frozen=True, env_ignore_empty=True, validate_default=True
    )

    environment: Environment = "production"
    secret_key: str = Field(default="", repr=False)
    database_url: str = Field(default="sqlite:///instance/portal.db", repr=False)
    base_url: str = "http://127.0.0.1:8000"
    trusted_hosts: Annotated[tuple[str, ...], NoDecode] = ()
    trusted_proxies: Annotated[int, Field(ge=0, le=10)] = 0
    redis_url: str | None = Field(default=None, repr=False)
    storage_url: str = "file:instance/files"
    smtp_url: str = Field(default="smtp://127.0.0.1:1025", repr=False)
    mail_from: str = "Portal <portal@example.com>"
    mail_reply_to: str | None = None
    mail_in_listen: str | None = None
    providers: tuple[ProviderSettings, ...] = ()
    session_idle_minutes: Positive = 60
    session_absolute_hours: Positive = 12
    max_request_mb: Positive = 32
    attachment_max_mb: Positive = 10
    attachment_max_count: Positive = 10
    deals_per_day: Positive = 20
    # Business days after the day of order, that day not included.
    purchase_confirm_days: Annotated[int, Field(ge=0, le=60)] = 2
    order_rounding: Literal["line", "document"] = "document"
    brand_name: Annotated[str, Field(min_length=1, max_length=40)] = "Portal"
    brand_colour: Annotated[str, Field(pattern=r"^#[0-9a-fA-F]{6}$")] | None = None
    brand_logo: str | None = None
    brand_address: Annotated[str, Field(max_length=1000)] = ""
    default_language: Literal["en", "cs", "uk", "pl", "lt", "fa"] = "en"
    default_time_zone: str = "UTC"
    rate_sign_in: str = "20 per minute"
    rate_writes: str = "120 per minute"
    # For each key of the API.
    rate_api: str = "600 per minute"
    # Where webhooks may be sent besides public addresses.
    webhook_networks: Annotated[tuple[IPv4Network | IPv6Network, ...], NoDecode] = ()
    log_format: Literal["json", "console"] = "json"
    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = "INFO"

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        return init_settings, env_settings, _FileSource(settings_cls)

    @model_validator(mode="before")
    @classmethod
    def _log_for_the_reader(cls, data: dict[str, Any]) -> dict[str, Any]:
        """People read the logs of development and demo, machines the others."""
        is_for_people = data.get("environment") in ("development", "demo")
        return {"log_format": "console" if is_for_people else "json"} | data

    @field_validator("trusted_hosts", mode="before")
    @classmethod
    def _split_hosts(cls, value: Any) -> Any:
        if not isinstance(value, str):
            return value
        if not value.startswith("["):
            return [part.strip() for part in value.split(",")]
        try:
            return json.loads(value)
        except ValueError:
            raise ValueError('must be names with commas between them, or a JSON list such as ["a.example"]') from None

    @field_validator("webhook_networks", mode="before")
    @classmethod
    def _must_be_networks(cls, value: Any) -> Any:
        try:
            found = json.loads(value) if isinstance(value, str) and value.startswith("[") else value
            parts = found.split(",") if isinstance(found, str) else found
            return tuple(ip_network(part.strip() if isinstance(part, str) else part) for part in parts)
        except (TypeError, ValueError):
            raise ValueError('must be networks such as ["10.20.0.0/16"]') from None

    @field_validator("base_url")
    @classmethod
    def _must_be_origin(cls, value: str) -> str:
        parts = urlsplit(address(value))
        if parts.path.strip("/") or parts.query or parts.fragment:
            raise ValueError("must be scheme, host and port alone, such as https://portal.example.com")
        return value.rstrip("/")

    @field_validator("database_url")
    @classmethod
    def _must_be_known_database(cls, value: str) -> str:
        if not re.match(r"(sqlite://(/|$)|postgres(ql)?(\+psycopg)?://)", value):
            raise ValueError("must begin with sqlite:/// or postgresql://")
        return value

    @field_validator("redis_url")
    @classmethod
    def _must_be_redis(cls, value: str | None) -> str | None:
        if value and not re.match(r"(rediss?|unix)://", value):
            raise ValueError("must begin with redis://, rediss:// or unix://")
        return value or None

    @field_validator("storage_url")
    @classmethod
    def _must_be_storage(cls, value: str) -> str:
        if not re.match(r"(file:.+|memory:|s3://[^/]+)", value):
            raise ValueError("must be file:FOLDER, memory: or s3://BUCKET/PREFIX")
        return value

    @field_validator("smtp_url")
    @classmethod
    def _must_be_smtp(cls, value: str) -> str:
        parse_smtp(value)
        return value

    @field_validator("mail_in_listen")
    @classmethod
    def _must_be_listening_address(cls, value: str | None) -> str | None:
        if value and not re.fullmatch(r"(\[[0-9a-fA-F:]+\]|[^\s:/]+):\d{1,5}", value):
            raise ValueError("must be HOST:PORT, such as 127.0.0.1:8025")
        return value or None

    @field_validator("mail_from", "mail_reply_to")
    @classmethod
    def _must_be_mail_address(cls, value: str | None) -> str | None:
        if value and not re.fullmatch(r"([^<>@]+<[^<>@\s]+@[^<>@\s]+>|[^<>@\s]+@[^<>@\s]+)", value):
            raise ValueError("must be an e-mail address, or NAME <address>")
        return value or None

    @field_validator("default_time_zone")
    @classmethod
    def _must_be_time_zone(cls, value: str) -> str:
        if value not in available_timezones():
            raise ValueError("must be the name of a time zone, such as Europe/Prague")
        return value

    @field_validator("rate_sign_in", "rate_writes", "rate_api")
    @classmethod
    def _must_be_rate(cls, value: str) -> str:
        from limits import parse_many

        parse_many(value)
        return value

    @model_validator(mode="after")
    def _must_agree(self) -> Self:
        names = [provider.name for provider in self.providers]
        if twice := {name for name in names if names.count(name) > 1}:
            raise ValueError(f"two providers are called '{min(twice)}'")
        if self.attachment_max_mb > self.max_request_mb:
            raise ValueError("attachment_max_mb is larger than max_request_mb, so no such file could arrive")
        if self.environment == "production":
            self._must_be_fit_for_production()
        return self

    def _must_be_fit_for_production(self) -> None:
        if weakness := secret_weakness(self.secret_key):
            raise ValueError(
                f"secret_key {weakness}: set {PREFIX}SECRET_KEY to what"
                " `python3 -c 'import secrets; print(secrets.token_urlsafe(48))'` prints"
                f" (to try things out, set {PREFIX}ENVIRONMENT=development)"
            )
        if not self.base_url.startswith("https://"):
            raise ValueError("base_url must begin with https:// in production")
        for provider in self.providers:
            insecure = [
                a for a in (provider.issuer, provider.token_url, provider.userinfo_url) if a.startswith("http:")
            ]
            if insecure:
                raise ValueError(f"provider '{provider.name}' must be reached through https:// in production")

    @property
    def is_production(self) -> bool:
        return self.environment == "production"

    @property
    def is_secure(self) -> bool:
        """People reach the portal through TLS: cookies are Secure, HSTS is sent."""
        return self.base_url.startswith("https://")

    @property
    def smtp(self) -> Smtp:
        return parse_smtp(self.smtp_url)

    @property
    def sqlalchemy_url(self) -> str:
        """`database_url` with the driver named and a relative SQLite path made absolute."""
        url = re.sub(r"^postgres(ql)?(\+psycopg)?://", "postgresql+psycopg://", self.database_url)
        path = url.removeprefix("sqlite:///")
        if path != url and path and not path.startswith(("/", ":memory:")):
            return f"sqlite:///{beside_instance(path)}"
        return url

    @property
    def storage_folder(self) -> Path | None:
        """The folder of `file:` storage, absolute; None for the other kinds."""
        if not self.storage_url.startswith("file:"):
            return None
        return beside_instance(self.storage_url.removeprefix("file://").removeprefix("file:"))

    @property
    def allowed_hosts(self) -> list[str]:
        """Host names that a request may be addressed to."""
        hosts = list(self.trusted_hosts) or [urlsplit(self.base_url).hostname or ""]
        return hosts if self.is_production else [*hosts, "127.0.0.1", "localhost", "[::1]"]


class _FileSource(PydanticBaseSettingsSource):
    """`portal.toml` of the instance folder; the tests never read the one of whoever runs them."""

    def get_field_value(self, field: Any, field_name: str) -> tuple[Any, str, bool]:
        return None, field_name, False

    def __call__(self) -> dict[str, Any]:
        environment = {**self.current_state, **from_environment("environment")}.get("environment")
        return {} if environment == "test" else read_file(Settings.model_fields)
