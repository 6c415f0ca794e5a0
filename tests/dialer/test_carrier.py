"""Our end of the wire: what each answer of the carrier proves, and what may therefore be asked again."""

from __future__ import annotations

import base64
import dataclasses
import logging
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from typing import Any
from urllib.parse import parse_qsl

import httpx
import pytest
import respx

from dialer.carrier import client as wire
from dialer.carrier.client import Accepted, CallRequest, Carrier, NoAnswer, Rejected
from dialer.rules.clearance import StaffLine, clear
from dialer.rules.facts import Proposed
from dialer.rules.gate import Allow
from dialer.settings import Settings

ROOT = "https://carrier.example"
ACCOUNT, TOKEN = "AC" + "5" * 32, "a token that nobody may see"
CALLS = f"{ROOT}/2010-04-01/Accounts/{ACCOUNT}/Calls.json"
SID = "CA" + "1" * 32
CALL = f"{ROOT}/2010-04-01/Accounts/{ACCOUNT}/Calls/{SID}.json"
DEBTOR = "+5511999990100"
REQUEST = CallRequest(
    to=DEBTOR, from_="+15005550006", url="https://toque.example/voice/t/0#rc=3&rp=all",
    status_url="https://toque.example/voice/t/status", leave=StaffLine(1), ring_seconds=25, detect="quick",
    detect_url="https://toque.example/voice/t/amd",
)  # fmt: skip
MADE = httpx.Response(201, json={"sid": SID, "status": "queued"})
site = respx.mock(using="httpx", assert_all_called=False)  # at the client: whatever carries its requests
TOO_MANY = {"code": 20429, "message": "Too Many Requests", "status": 429}


def settings_with(**changes: Any) -> Settings:
    values: dict[str, Any] = {
        "twilio_api_root": ROOT, "twilio_account_sid": ACCOUNT, "twilio_auth_token": TOKEN, "http_timeout": 2.0
    }  # fmt: skip
    return Settings(_env_file=None, **values | changes)


@pytest.fixture
async def carrier() -> AsyncIterator[Carrier]:
    opened = Carrier(settings_with())
    yield opened
    await opened.close()


@pytest.fixture
def naps(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """The seconds that the client waited between tries, without waiting."""
    slept: list[float] = []

    async def note(seconds: float) -> None:
        slept.append(seconds)

    monkeypatch.setattr(wire.asyncio, "sleep", note)
    return slept


def form_of(route: respx.Route) -> list[tuple[str, str]]:
    return parse_qsl(route.calls.last.request.content.decode(), keep_blank_values=True)


@site
async def test_a_call_is_asked_for_in_the_published_words(carrier: Carrier) -> None:
    route = site.post(CALLS).mock(return_value=MADE)
    assert await carrier.create_call(REQUEST) == Accepted(SID, "queued")
    form = form_of(route)
    assert [value for name, value in form if name == "StatusCallbackEvent"] == [
        "initiated", "ringing", "answered", "completed",
    ]  # fmt: skip
    assert {name: value for name, value in form if name != "StatusCallbackEvent"} == {
        "To": DEBTOR, "From": "+15005550006", "Url": REQUEST.url, "StatusCallback": REQUEST.status_url,
        "Timeout": "25", "MachineDetection": "Enable", "AsyncAmd": "true",
        "AsyncAmdStatusCallback": REQUEST.detect_url,
    }  # fmt: skip


@site
async def test_a_switchboard_is_told_the_extension_and_no_machine_is_looked_for(carrier: Carrier) -> None:
    route = site.post(CALLS).mock(return_value=MADE)
    await carrier.create_call(dataclasses.replace(REQUEST, extension="204"))
    form = dict(form_of(route))
    assert form["SendDigits"] == "wwww204"
    assert not form.keys() & {"MachineDetection", "AsyncAmd", "AsyncAmdStatusCallback"}


@pytest.mark.parametrize(("detect", "asked"), [("off", None), ("quick", "Enable"), ("beep", "DetectMessageEnd")])
@site
async def test_detection_is_asked_for_only_when_it_is_wanted(
    carrier: Carrier, detect: str, asked: str | None
) -> None:
    route = site.post(CALLS).mock(return_value=MADE)
    await carrier.create_call(
        CallRequest(DEBTOR, "+15005550006", "u", "s", StaffLine(1), detect=detect, detect_url="d")
    )
    form = dict(form_of(route))
    assert form.get("MachineDetection") == asked
    assert ("AsyncAmd" in form) == (asked is not None)


@pytest.mark.parametrize("status", [400, 401, 403, 404])
@site
async def test_a_refusal_is_final_and_says_why_without_the_number(carrier: Carrier, status: int) -> None:
    body = {"code": 21211, "message": f"The 'To' number {DEBTOR} is not valid.", "status": status}
    route = site.post(CALLS).respond(status, json=body)
    answer = await carrier.create_call(REQUEST)
    assert isinstance(answer, Rejected)
    assert (answer.code, answer.busy) == (21211, False)
    assert "is not valid" in answer.message
    assert DEBTOR[1:] not in answer.message
    assert route.call_count == 1


@site
async def test_a_429_is_asked_again_after_the_time_that_it_names(carrier: Carrier, naps: list[float]) -> None:
    busy = httpx.Response(429, json=TOO_MANY, headers={"Retry-After": "2"})
    route = site.post(CALLS).mock(side_effect=[busy, MADE])
    assert await carrier.create_call(REQUEST) == Accepted(SID, "queued")
    assert (route.call_count, naps) == (2, [2.0])


@site
async def test_a_429_that_stays_is_asked_three_times_and_is_then_busy(carrier: Carrier, naps: list[float]) -> None:
    route = site.post(CALLS).respond(429, json=TOO_MANY, headers={"Retry-After": "1"})
    answer = await carrier.create_call(REQUEST)
    assert isinstance(answer, Rejected)
    assert (answer.code, answer.busy) == (20429, True)
    assert (route.call_count, len(naps)) == (3, 2)


@pytest.mark.parametrize("after", ["60", "3600"])
@site
async def test_a_long_wait_belongs_to_the_queue_not_to_a_held_intent(
    carrier: Carrier, naps: list[float], after: str
) -> None:
    route = site.post(CALLS).respond(429, json=TOO_MANY, headers={"Retry-After": after})
    assert isinstance(await carrier.create_call(REQUEST), Rejected)
    assert (route.call_count, naps) == (1, [])


@pytest.mark.parametrize("after", ["Wed, 21 Oct 2026 07:28:00 GMT", "nan", "inf", "-1", "soon", ""])
@site
async def test_an_odd_retry_after_neither_fails_nor_hammers(carrier: Carrier, naps: list[float], after: str) -> None:
    site.post(CALLS).respond(429, json=TOO_MANY, headers={"Retry-After": after})
    assert isinstance(await carrier.create_call(REQUEST), Rejected)
    assert all(0.1 <= nap <= wire.LONGEST_RETRY_AFTER for nap in naps)


@pytest.mark.parametrize("status", [500, 502, 503, 504])
@site
async def test_a_5xx_may_have_made_a_call_and_is_never_asked_again(carrier: Carrier, status: int) -> None:
    route = site.post(CALLS).respond(status, json={"code": 20500, "message": "Internal", "status": status})
    assert isinstance(await carrier.create_call(REQUEST), NoAnswer)
    assert route.call_count == 1


@pytest.mark.parametrize(
    "fault", [httpx.ReadTimeout, httpx.WriteTimeout, httpx.ReadError, httpx.RemoteProtocolError, httpx.WriteError]
)
@site
async def test_silence_after_the_request_was_sent_is_no_answer_and_is_never_asked_again(
    carrier: Carrier, fault: type[httpx.HTTPError]
) -> None:
    route = site.post(CALLS).mock(side_effect=fault)
    assert await carrier.create_call(REQUEST) == NoAnswer(fault.__name__)
    assert route.call_count == 1


@pytest.mark.parametrize("fault", [httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout])
@site
async def test_no_connection_proves_that_nothing_was_created(
    carrier: Carrier, naps: list[float], fault: type[httpx.HTTPError]
) -> None:
    route = site.post(CALLS).mock(side_effect=[fault, fault, MADE])
    assert await carrier.create_call(REQUEST) == Accepted(SID, "queued")
    route.mock(side_effect=fault)
    answer = await carrier.create_call(REQUEST)
    assert isinstance(answer, Rejected)
    assert answer.busy
    assert route.call_count == 3 + wire.CREATE_TRIES


@pytest.mark.parametrize("status", [400, 403, 413])
@site
async def test_a_refusal_in_html_is_still_a_refusal(carrier: Carrier, status: int) -> None:
    """A proxy or firewall answers in its own way."""
    site.post(CALLS).respond(status, html=f"<html>{DEBTOR} forbidden</html>")
    answer = await carrier.create_call(REQUEST)
    assert isinstance(answer, Rejected)
    assert answer.code == status
    assert DEBTOR[1:] not in answer.message


@pytest.mark.parametrize("status", [200, 201])
@pytest.mark.parametrize("body", ["<html>welcome</html>", "", "null", "[]", '{"status": "queued"}'])
@site
async def test_a_success_that_cannot_be_read_may_be_a_call(carrier: Carrier, status: int, body: str) -> None:
    route = site.post(CALLS).respond(status, text=body)
    assert isinstance(await carrier.create_call(REQUEST), NoAnswer)
    assert route.call_count == 1


@site
async def test_a_problem_document_is_read_for_its_code(carrier: Carrier) -> None:
    """RFC 9457, as the vendor's newer interfaces answer."""
    site.post(CALLS).respond(
        400,
        json={"type": "https://carrier.example/21219", "title": "Bad", "status": 400, "code": 21219,
              "detail": f"{DEBTOR} is unverified"},
        headers={"Content-Type": "application/problem+json"},
    )  # fmt: skip
    answer = await carrier.create_call(REQUEST)
    assert isinstance(answer, Rejected)
    assert answer.code == 21219
    assert DEBTOR[1:] not in answer.message


@site
async def test_a_live_call_is_changed_by_an_address_of_ours(carrier: Carrier) -> None:
    route = site.post(CALL).respond(200, json={"sid": SID, "status": "in-progress"})
    assert await carrier.redirect(SID, "https://toque.example/voice/t/machine")
    assert dict(form_of(route)) == {"Url": "https://toque.example/voice/t/machine", "Method": "POST"}


@site
async def test_hanging_up_completes_and_taking_back_cancels(carrier: Carrier) -> None:
    route = site.post(CALL).respond(200, json={"sid": SID, "status": "completed"})
    assert await carrier.hang_up(SID)
    assert dict(form_of(route)) == {"Status": "completed"}
    assert await carrier.cancel(SID)
    assert dict(form_of(route)) == {"Status": "canceled"}


@pytest.mark.parametrize(
    "answer",
    [
        {
            "return_value": httpx.Response(
                400, json={"code": 21220, "message": "Call is not in-progress", "status": 400}
            )
        },
        {"return_value": httpx.Response(503, text="busy")},
        {"return_value": httpx.Response(200, text="<html>")},
        {"side_effect": httpx.ReadTimeout},
        {"side_effect": httpx.ConnectError},
    ],
)
@site
async def test_a_change_that_failed_says_so_and_raises_nothing(carrier: Carrier, answer: dict[str, Any]) -> None:
    site.post(CALL).mock(**answer)
    assert not await carrier.redirect(SID, "https://toque.example/")
    assert not await carrier.cancel(SID)
    assert not await carrier.hang_up(SID)


def seen(sid: str, created: str, **more: object) -> dict[str, object]:
    return {"sid": sid, "to": DEBTOR, "from": "+15005550006", "status": "completed", "date_created": created} | more


@site
async def test_calls_between_two_numbers_are_found_from_an_instant_on(carrier: Carrier) -> None:
    old = seen("CA" + "0" * 32, "Mon, 02 Mar 2026 14:59:59 +0000")
    new = seen(SID, "Mon, 02 Mar 2026 15:00:00 +0000", duration="12", answered_by="machine_start")
    route = site.get(CALLS).respond(200, json={"calls": [new, old], "page": 0, "page_size": 50})
    found = await carrier.find_calls(to=DEBTOR, from_="+15005550006", since=datetime(2026, 3, 2, 15, tzinfo=UTC))
    assert found is not None
    (one,) = found
    assert (one.sid, one.status, one.seconds, one.answered_by) == (SID, "completed", 12, "machine_start")
    assert (one.to, one.from_) == (DEBTOR, "+15005550006")
    assert one.created_at == datetime(2026, 3, 2, 15, tzinfo=UTC)
    asked = dict(route.calls.last.request.url.params)
    assert (asked["To"], asked["From"]) == (DEBTOR, "+15005550006")


@pytest.mark.parametrize("body", [(503, "busy"), (200, "<html>welcome</html>"), (200, "null"), (404, "")])
@site
async def test_a_carrier_that_does_not_answer_is_not_one_that_knows_no_such_call(
    carrier: Carrier, body: tuple[int, str]
) -> None:
    """None, never an empty list: an attempt is given up only on the carrier's word."""
    since = datetime(2026, 3, 2, tzinfo=UTC)
    site.get(CALLS).respond(body[0], text=body[1])
    site.get(CALL).respond(body[0], text=body[1])
    assert await carrier.find_calls(to=DEBTOR, from_="+15005550006", since=since) is None
    assert await carrier.fetch_call(SID) is None
    site.get(CALLS).mock(side_effect=httpx.ReadTimeout)
    site.get(CALL).mock(side_effect=httpx.ConnectError)
    assert await carrier.find_calls(to=DEBTOR, from_="+15005550006", since=since) is None
    assert await carrier.fetch_call(SID) is None


@site
async def test_the_secret_travels_in_the_authorization_header_only(
    carrier: Carrier, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    route = site.post(CALLS).mock(return_value=MADE)
    await carrier.create_call(REQUEST)
    site.post(CALLS).respond(400, json={"code": 21211, "message": f"{DEBTOR} bad", "status": 400})
    await carrier.create_call(REQUEST)
    request = route.calls[0].request
    kind, _, given = request.headers["authorization"].partition(" ")
    assert (kind, base64.b64decode(given).decode()) == ("Basic", f"{ACCOUNT}:{TOKEN}")
    elsewhere = [str(request.url), request.content.decode(), repr(carrier), caplog.text]
    elsewhere += [value for name, value in request.headers.items() if name != "authorization"]
    assert not any(TOKEN in text for text in elsewhere)


@site
async def test_no_number_of_a_debtor_is_logged(carrier: Carrier, caplog: pytest.LogCaptureFixture) -> None:
    """Not even where the address of a list carries it."""
    caplog.set_level(logging.DEBUG)
    site.post(CALLS).respond(400, json={"code": 21211, "message": f"{DEBTOR} bad", "status": 400})
    site.get(CALLS).respond(200, json={"calls": []})
    await carrier.create_call(REQUEST)
    await carrier.find_calls(to=DEBTOR, from_="+15005550006", since=datetime(2026, 3, 2, tzinfo=UTC))
    assert DEBTOR[1:] not in caplog.text


@pytest.mark.parametrize(
    ("root", "expected"),
    [
        ("http://127.0.0.1:7000/twilio/", f"http://127.0.0.1:7000/twilio/2010-04-01/Accounts/{ACCOUNT}/Calls.json"),
        ("http://localhost:7000", f"http://localhost:7000/2010-04-01/Accounts/{ACCOUNT}/Calls.json"),
        ("https://api.twilio.com", f"https://api.twilio.com/2010-04-01/Accounts/{ACCOUNT}/Calls.json"),
    ],
)
@pytest.mark.parametrize("variables", [{}, {"TWILIO_EDGE": "sydney", "TWILIO_REGION": "au1"}])
@site
async def test_every_request_goes_to_the_api_root_whatever_the_environment_says(
    monkeypatch: pytest.MonkeyPatch, root: str, expected: str, variables: dict[str, str]
) -> None:
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    route = site.post(url__regex=".*").mock(return_value=MADE)
    carrier = Carrier(settings_with(twilio_api_root=root))
    await carrier.create_call(REQUEST)
    await carrier.close()
    assert str(route.calls.last.request.url) == expected


@site
async def test_a_redirect_is_not_followed_with_the_account_s_secret(carrier: Carrier) -> None:
    elsewhere = site.post("https://elsewhere.example/")
    site.post(CALLS).respond(307, headers={"Location": "https://elsewhere.example/"})
    assert not isinstance(await carrier.create_call(REQUEST), Accepted)
    assert not elsewhere.called


@site
async def test_a_message_is_asked_for_and_found_again(carrier: Carrier) -> None:
    messages = f"{ROOT}/2010-04-01/Accounts/{ACCOUNT}/Messages.json"
    route = site.post(messages).respond(201, json={"sid": "SM" + "1" * 32, "status": "queued"})
    asked = Proposed(datetime(2026, 3, 2, 15, tzinfo=UTC), "1", DEBTOR, "BR", channel="sms", mode="text")
    leave = clear(Allow("br@test"), asked)
    answer = await carrier.create_message(
        to=DEBTOR, from_="+15005550006", body="olá", status_url="https://t.example/s", leave=leave
    )
    assert answer == Accepted("SM" + "1" * 32, "queued")
    assert dict(form_of(route)) == {
        "To": DEBTOR, "From": "+15005550006", "Body": "olá", "StatusCallback": "https://t.example/s",
    }  # fmt: skip
    listed = seen("SM" + "1" * 32, "Mon, 02 Mar 2026 15:00:00 +0000", body="olá")
    site.get(messages).respond(200, json={"messages": [listed]})
    found = await carrier.find_messages(to=DEBTOR, from_="+15005550006", since=datetime(2026, 3, 2, tzinfo=UTC))
    assert found is not None
    ((one, body),) = found
    assert (one.sid, one.from_, body) == ("SM" + "1" * 32, "+15005550006", "olá")
