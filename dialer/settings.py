"""Settings from the environment (prefix TOQUE_) and `.env`. Every field is described by `toque settings`."""

from __future__ import annotations

import os
import re
import secrets
from datetime import datetime
from ipaddress import ip_address
from pathlib import Path
from typing import Annotated, Literal, Self
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import Field, SecretStr, field_validator, model_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

from dialer.clock import ScaledClock
from dialer.errors import NotConfigured

TWILIO_API_ROOT = "https://api.twilio.com"
ENGINES = ("pack", "kokoro", "espeak", "gtts")
DATABASES = ("sqlite+aiosqlite://", "postgresql+asyncpg://")


class Settings(BaseSettings):
    """All settings, validated once at the start of a process."""

    model_config = SettingsConfigDict(env_prefix="TOQUE_", env_file=".env", extra="ignore", hide_input_in_errors=True)

    home: Path = Field(Path("var"), description="folder of the embedded database, the audio cache and the exports")
    database_url: str = Field(
        "",
        description="sqlite+aiosqlite:///… or postgresql+asyncpg://…; default: a SQLite file under TOQUE_HOME",
    )
    redis_url: str = Field("", description="redis://…; needed as soon as more than one process runs")
    public_url: str = Field(
        "http://127.0.0.1:8000",
        description="address the carrier calls back; signatures are checked against it",
    )
    twilio_api_root: str = Field(
        TWILIO_API_ROOT, description="any Twilio-compatible host, the local carrier included"
    )
    twilio_account_sid: str = Field("", description="account at the carrier; without it nothing is dialled")
    twilio_auth_token: SecretStr = Field(SecretStr(""), description="its secret; also signs and checks the webhooks")
    twilio_api_key_sid: str = Field("", description="API key that lets agents talk in the browser (SK…)")
    twilio_api_key_secret: SecretStr = Field(SecretStr(""), description="that key's secret; signs their tokens")
    calls_per_second: float = Field(1.0, gt=0, le=1000, description="account-wide cap on calls started per second")
    lines: int = Field(100, ge=1, description="most calls in flight at once, over all campaigns")
    caller_ids: Annotated[tuple[str, ...], NoDecode] = Field(
        (), description="numbers that may be shown, comma-separated E.164"
    )
    caller_name: str = Field(
        "",
        description="name spoken first in every call; it must not give the debt away (default: the tenant's name)",
    )
    official_site: str = Field("", description="web site named in calls, where people can check who is calling")
    official_number: str = Field("", description="number named in calls, E.164 (default: the first caller ID)")
    time_zone: str = Field(
        "UTC", description="our own place, such as America/Sao_Paulo: its days count what is capped by day"
    )
    origin_verified: bool = Field(
        False, description="our calls to Brazil are authenticated (Origem Verificada): no brake at 500,000 a month"
    )
    inbound_flow: str = Field(
        "retorno", description="what people hear who call one of our numbers: a flow of the library, or a file"
    )
    pay_connector: str = Field(
        "", description="the carrier's payment connector (<Pay>); without it no call offers to pay by card"
    )
    carrier_answers_stop: bool = Field(
        True, description="the carrier itself answers STOP, START and HELP in English, as Twilio does by default"
    )
    contact_person: str = Field("", description="natural person named in United States voicemail (limited content)")
    secret_key: SecretStr = Field(
        SecretStr(""), description="signs links and encrypts fields; several, comma-separated, rotate"
    )
    hash_key: SecretStr = Field(
        SecretStr(""), description="keyed hashes, seal of the record; several, comma-separated, rotate"
    )
    clock_speed: float = Field(1.0, gt=0, le=1000, description="simulated time, only with a loopback API root")
    clock_start: datetime | None = Field(
        None, description="instant at which simulated time starts (ISO 8601 with offset)"
    )
    clock_epoch: float | None = Field(
        None, description="wall-clock second at which simulated time started; shared by processes"
    )
    speech_engines: Annotated[tuple[str, ...], NoDecode] = Field(
        ("pack", "espeak"), description="speech engines in order of preference: pack, kokoro, espeak, gtts"
    )
    record: Literal["pack", "all", "off"] = Field(
        "pack", description="recording of calls: where the rule pack requires it, wherever it allows it, or never"
    )
    tell_agents_of_listening: bool = Field(
        True, description="an agent's desk says when a supervisor listens; who whispers or barges is always named"
    )
    card_wait_ms: int = Field(
        500, ge=0, le=1500, description="milliseconds a caller waits for the agent's open screen to show their card"
    )
    law_dir: Path | None = Field(
        None, description="folder of your own rule packs and holidays of cities; default: law under TOQUE_HOME"
    )
    http_timeout: float = Field(10.0, gt=0, le=15, description="seconds to wait for the carrier's answer")
    list_megabytes: int = Field(200, ge=1, le=4000, description="largest list that the console takes, in megabytes")
    unknown_grace: float = Field(
        20.0, gt=0, description="real seconds before an unanswered create is looked up at the carrier"
    )

    @field_validator("caller_ids", "speech_engines", mode="before")
    @classmethod
    def _split(cls, value: object) -> object:
        if isinstance(value, str):
            return tuple(item.strip() for item in value.split(",") if item.strip())
        return value

    @field_validator("caller_ids")
    @classmethod
    def _e164(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        wrong = [one for one in value if not re.fullmatch(r"\+[1-9]\d{6,14}", one)]
        if wrong:
            raise ValueError("write every number of TOQUE_CALLER_IDS as +country code and number, such as +5511…")
        return value

    @field_validator("time_zone")
    @classmethod
    def _zone(cls, value: str) -> str:
        try:
            ZoneInfo(value)
        except (ZoneInfoNotFoundError, ValueError, OSError):
            raise ValueError("no such time zone: write an IANA name, such as America/Sao_Paulo") from None
        return value

    @field_validator("speech_engines")
    @classmethod
    def _engines(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        if unknown := [one for one in value if one not in ENGINES]:
            raise ValueError(f"no speech engine {', '.join(unknown)}: choose among {', '.join(ENGINES)}")
        return value

    @field_validator("redis_url")
    @classmethod
    def _redis(cls, value: str) -> str:
        if value and not value.startswith(("redis://", "rediss://", "unix://")):
            raise ValueError("TOQUE_REDIS_URL must begin with redis://, rediss:// or unix://")
        return value

    @field_validator("public_url", "twilio_api_root")
    @classmethod
    def _address(cls, value: str) -> str:
        if not value.startswith(("http://", "https://")):
            raise ValueError("write the whole address, beginning with https://")
        return value.rstrip("/")

    @field_validator("clock_start")
    @classmethod
    def _aware(cls, value: datetime | None) -> datetime | None:
        if value is not None and value.tzinfo is None:
            raise ValueError("TOQUE_CLOCK_START needs an offset, such as 2026-11-23T10:00:00-03:00")
        return value

    @model_validator(mode="after")
    def _whole(self) -> Self:
        if not self.database_url:
            self.database_url = f"sqlite+aiosqlite:///{self.home / 'toque.sqlite3'}"
        if not self.database_url.startswith(DATABASES):
            raise ValueError(f"TOQUE_DATABASE_URL must begin with {' or '.join(DATABASES)}")
        simulated = self.clock_speed != 1 or self.clock_start is not None or self.clock_epoch is not None
        if simulated and not is_loopback(self.twilio_api_root):
            raise ValueError(
                "TOQUE_CLOCK_SPEED and TOQUE_CLOCK_START are refused while TOQUE_TWILIO_API_ROOT is a real carrier:"
                " real people live in real time. Unset them, or point the API root at a local carrier."
            )
        if bool(self.twilio_api_key_sid) != bool(self.twilio_api_key_secret.get_secret_value()):
            raise ValueError(
                "TOQUE_TWILIO_API_KEY_SID and TOQUE_TWILIO_API_KEY_SECRET belong together: set both, or neither."
            )
        if self.pay_connector and not (self.public_url.startswith("https://") or is_loopback(self.twilio_api_root)):
            raise ValueError(
                "TOQUE_PAY_CONNECTOR is set, but the carrier tells of cards over https only:"
                " give TOQUE_PUBLIC_URL an https address, or unset TOQUE_PAY_CONNECTOR."
            )
        return self

    @property
    def embedded(self) -> bool:
        """True on SQLite: one process does everything."""
        return self.database_url.startswith("sqlite")

    @property
    def can_dial(self) -> bool:
        """True when an account at a carrier is configured."""
        return bool(self.twilio_account_sid and self.twilio_auth_token.get_secret_value())

    @property
    def real_carrier(self) -> bool:
        """True when calls would reach real telephones."""
        return not is_loopback(self.twilio_api_root)

    def clock(self) -> ScaledClock:
        """The business clock of this process."""
        return ScaledClock(speed=self.clock_speed, start=self.clock_start, epoch=self.clock_epoch)

    def keys(self) -> tuple[str, str]:
        """The secret key(s) and the hash key; made and kept under TOQUE_HOME (0600) when SQLite is used.

        Raises NotConfigured when PostgreSQL is used and either is missing: other processes could not read the data.
        """
        secret, hashing = self.secret_key.get_secret_value(), self.hash_key.get_secret_value()
        if secret and hashing:
            return secret, hashing
        if not self.embedded:
            raise NotConfigured(
                "Set TOQUE_SECRET_KEY and TOQUE_HASH_KEY (32 random characters or more each) for PostgreSQL"
            )
        return secret or _kept_key(self.home / "secret.key"), hashing or _kept_key(self.home / "hash.key")


def is_loopback(url: str) -> bool:
    """Whether a URL's host is this machine by address or as "localhost"."""
    host = urlsplit(url).hostname or ""
    if host == "localhost":
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False


def _kept_key(path: Path) -> str:
    path.parent.mkdir(parents=True, exist_ok=True)
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        return path.read_text(encoding="ascii").strip()
    with os.fdopen(descriptor, "w", encoding="ascii") as file:
        file.write(key := secrets.token_urlsafe(32))
    return key
