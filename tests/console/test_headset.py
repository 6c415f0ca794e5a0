"""The browser as the agent's telephone: who gets a token, what it lets them do, and what the page may then reach."""

from __future__ import annotations

import re
import time
from collections.abc import Callable
from typing import Any

import httpx
import jwt
import pytest
from pydantic import SecretStr, ValidationError

from console.headset import SDK
from console.router import STATIC
from console.wording import LANGUAGES, words_for
from dialer.carrier.headset import registration
from dialer.errors import NotConfigured
from dialer.settings import Settings
from local_carrier.clients.tokens import identity_of
from local_carrier.config import CarrierConfig
from tests.console.office import Office

OURS = {"X-Toque-Desk": "1"}
KEY = {"twilio_api_key_sid": "SK" + "7" * 32, "twilio_api_key_secret": SecretStr("k" * 32)}
TWILIO = {"twilio_api_root": "https://api.twilio.com", "public_url": "https://calls.example"}
Turn = Callable[..., None]


@pytest.fixture
def turn(desk: Office, monkeypatch: pytest.MonkeyPatch) -> Turn:
    """Change settings for one test."""

    def change(**settings: object) -> None:
        for name, value in settings.items():
            monkeypatch.setattr(desk.op.settings, name, value)

    return change


async def asked(desk: Office, name: str = "Rui Sá", role: str = "agent", **query: str) -> httpx.Response:
    return await (await desk.client(role, name)).post("/desk/headset", headers=OURS, params=query)


async def page(desk: Office, name: str = "Rui Sá") -> httpx.Response:
    return await (await desk.client("agent", name)).get("/desk", headers={"Accept-Language": "en"})


def settings(**more: Any) -> Settings:
    given = {"twilio_account_sid": "AC" + "4" * 32, "twilio_auth_token": SecretStr("t" * 32)} | more
    return Settings(_env_file=None, **given)


async def test_an_agents_token_lets_their_own_line_be_called_for_an_hour_and_nothing_else(desk: Office) -> None:
    told = (await asked(desk)).json()
    assert (told["phone"], told["url"]) == ("local", "ws://127.0.0.1:9/v1/client")
    claims = jwt.decode(told["token"], options={"verify_signature": False})
    assert claims["grants"] == {"identity": "rui", "voice": {"incoming": {"allow": True}}}
    assert claims["exp"] - time.time() <= 3600
    assert told["seconds"] == 3600
    config = CarrierConfig(account_sid="AC" + "0" * 32, auth_token="not-a-secret")
    assert identity_of(told["token"], config) == "rui"


async def test_no_secret_and_no_other_agents_name_is_in_the_answer(desk: Office, turn: Turn) -> None:
    turn(**KEY)
    answer = await asked(desk)
    assert "not-a-secret" not in answer.text
    assert "k" * 32 not in answer.text
    assert answer.headers["cache-control"] == "no-store"
    assert "token" not in repr(registration(settings(**TWILIO, **KEY), "rui"))


@pytest.mark.parametrize(
    ("role", "name", "query", "status"),
    [
        ("agent", "Bia Nunes", {"agent": "Rui Sá"}, 403),
        ("manager", "Ana", {"agent": "Rui Sá"}, 403),
        ("supervisor", "Ana", {"agent": "Rui Sá"}, 403),
        ("agent", "Bia Nunes", {}, 409),  # her line is a telephone
    ],
)
async def test_nobody_else_gets_the_token(
    desk: Office, role: str, name: str, query: dict[str, str], status: int
) -> None:
    answer = await asked(desk, name, role, **query)
    assert (answer.status_code, "token" in answer.json()) == (status, False)


async def test_a_stranger_and_another_site_get_nothing(desk: Office) -> None:
    assert (await (await desk.client()).post("/desk/headset", headers=OURS)).status_code == 401
    rui = await desk.client("agent", "Rui Sá")
    assert (await rui.post("/desk/headset")).status_code == 403
    assert (await rui.post("/desk/headset", headers=OURS | {"Sec-Fetch-Site": "cross-site"})).status_code == 403


async def test_only_the_page_of_a_browsers_line_reaches_the_carrier_and_the_microphone(desk: Office) -> None:
    with_headset, without = await page(desk), await page(desk, "Bia Nunes")
    assert "Connect my headset" in with_headset.text
    assert "connect-src 'self' ws://127.0.0.1:9" in with_headset.headers["content-security-policy"]
    assert "microphone=(self)" in with_headset.headers["permissions-policy"]
    assert "headset" not in without.text.lower()
    assert "connect-src" not in without.headers["content-security-policy"]
    assert "microphone=()" in without.headers["permissions-policy"]


async def test_with_twilio_the_sdk_is_ours_and_waits_until_it_is_asked_for(desk: Office, turn: Turn) -> None:
    turn(**TWILIO, **KEY)
    shown = await page(desk)
    policy = shown.headers["content-security-policy"]
    assert "connect-src 'self' https://eventgw.twilio.com wss://voice-js.roaming.twilio.com;" in policy
    assert "'unsafe" not in policy
    assert f'data-sdk="{SDK}"' in shown.text
    assert f'src="{SDK}"' not in shown.text
    assert (STATIC / SDK.removeprefix("/static/")).is_file()
    told = (await asked(desk)).json()
    assert (told["phone"], told["url"]) == ("twilio", "")
    claims = jwt.decode(told["token"], "k" * 32, algorithms=["HS256"])
    assert (claims["iss"], claims["sub"]) == (KEY["twilio_api_key_sid"], "AC" + "0" * 32)
    assert jwt.get_unverified_header(told["token"])["cty"] == "twilio-fpa;v=1"


@pytest.mark.parametrize(
    ("change", "words", "told"),
    [
        (TWILIO, "set TOQUE_TWILIO_API_KEY_SID", "make an API key"),
        ({"clock_speed": 20.0}, "start at speed 1", "TOQUE_CLOCK_SPEED 1"),
        ({"twilio_account_sid": ""}, "no phone company is set up", "TOQUE_TWILIO_ACCOUNT_SID"),
    ],
)
async def test_where_no_browser_can_talk_the_page_says_why_and_opens_nothing(
    desk: Office, turn: Turn, change: dict[str, object], words: str, told: str
) -> None:
    turn(**change)
    shown = await page(desk)
    assert words in shown.text
    assert "Connect my headset" not in shown.text
    assert "connect-src" not in shown.headers["content-security-policy"]
    refused = await asked(desk)
    assert refused.status_code == 409
    assert told in refused.json()["detail"]
    with pytest.raises(NotConfigured):
        registration(desk.op.settings, "rui")


def test_the_api_keys_two_halves_belong_together() -> None:
    for name, value in KEY.items():
        with pytest.raises(ValidationError, match="belong together"):
            settings(**{name: value})
    assert settings(**KEY).twilio_api_key_sid == KEY["twilio_api_key_sid"]


def test_every_state_of_the_headset_has_its_words_in_every_language() -> None:
    script = (STATIC / "desk_phone.js").read_text("utf-8")
    shown = set(re.findall(r'(?:show|state)\("(\w+)"', script)) | {"ringing", "open", "muted"}  # two come by the wire
    assert len(shown) > 7
    for language in LANGUAGES:
        known = words_for(language).texts["headset"]
        assert shown <= set(known)
        assert "{why}" in known["refused"]
        assert "{words}" in known["said"]
