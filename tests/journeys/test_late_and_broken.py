"""A key that comes after the call's end; a database that fails in the middle of a call; prompts as files."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest
from sqlalchemy.exc import OperationalError
from structlog.testing import capture_logs
from twilio.request_validator import RequestValidator

from audio.sound import Sound
from dialer import closing, talking
from dialer.store.models import Attempt
from dialer.store.models import Suppression as Bar
from tests.audio.voices import hum
from tests.journeys.town import TOKEN, Town, town
from tests.wire.twiml_grammar import faults_of
from webhooks import patience


async def tell(place: Town, attempt: Attempt, path: str, **form: str) -> Any:
    """One signed webhook of the carrier about an attempt."""
    import httpx

    url = f"{place.web_url}/voice/{attempt.token}/{path}"
    fields = {"CallSid": attempt.sid or "", "CallStatus": "in-progress"} | form
    headers = {
        "X-Twilio-Signature": RequestValidator(TOKEN).compute_signature(url, fields),
        "Content-Type": "application/x-www-form-urlencoded",
    }
    async with httpx.AsyncClient(trust_env=False) as client:
        return await client.post(url, content=urlencode(fields), headers=headers)


async def test_a_key_that_arrives_after_the_end_still_counts(database_url: str, tmp_path: Path) -> None:
    async with town(database_url, tmp_path) as place:
        person = await place.add_person("hangs_up_at_once")
        await place.start()
        await place.finish_calls()
        attempt = await place.attempt_of(person)
        assert (attempt.disposition, (await place.contact_of(person)).status) == ("hung_up", "waiting")
        turn = str(attempt.turn + 1)
        first = await tell(place, attempt, turn, Digits="9", CallStatus="completed")
        again = await tell(place, attempt, turn, Digits="9", CallStatus="completed")
        assert (first.status_code, first.text) == (200, again.text)
        attempt, contact = await place.attempt_of(person), await place.contact_of(person)
        assert (attempt.status, attempt.disposition) == ("ended", "opted_out")
        assert (contact.status, contact.outcome) == ("done", "opted_out")
        assert [bar.kind for bar in await place.rows(Bar, person)] == ["opt_out"]


async def test_a_request_without_a_key_after_the_end_changes_nothing(sqlite_url: str, tmp_path: Path) -> None:
    async with town(sqlite_url, tmp_path) as place:
        person = await place.add_person("hangs_up_at_once")
        await place.start()
        await place.finish_calls()
        before = await place.attempt_of(person)
        answer = await tell(place, before, str(before.turn + 1), CallStatus="completed")
        after = await place.attempt_of(person)
        assert answer.status_code == 200
        assert (after.turn, after.version, after.disposition) == (before.turn, before.version, before.disposition)


async def test_when_we_fail_inside_the_caller_hears_an_apology_and_news_is_asked_for_again(
    sqlite_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def broken(*_args: object, **_values: object) -> None:
        raise OperationalError("SELECT secrets", {"who": "Pessoa"}, OSError("disk I/O error"))

    async with town(sqlite_url, tmp_path) as place:
        person = await place.add_person("promiser")
        await place.start()
        await place.finish_calls()
        attempt = await place.attempt_of(person)
        monkeypatch.setattr(patience, "SPOKEN", 0.0)
        monkeypatch.setattr(patience, "NEWS", 0.0)
        monkeypatch.setattr(talking, "take_turn", broken)
        monkeypatch.setattr(closing, "hear", broken)
        with capture_logs() as logs:
            spoken = await tell(place, attempt, "1", Digits="1")
            news = await tell(place, attempt, "status", CallStatus="completed")
            verdict = await tell(place, attempt, "amd", AnsweredBy="human")
        assert (spoken.status_code, news.status_code, verdict.status_code) == (200, 503, 503)
        assert "<Say" in spoken.text
        assert spoken.text.endswith("<Hangup/></Response>")
        assert faults_of(spoken.text) == []
        failed = [log["fault"] for log in logs if log["event"] == "webhook_failed"]
        assert failed == ["OperationalError"] * 3


@dataclass
class Hummer:
    """Hums, so briefly that every prompt is ready while the carrier waits."""

    name: str = "hummer"

    def identity(self, language: str) -> str:
        return self.name

    def can(self, language: str, *, private: bool) -> bool:
        return True

    def speak(self, text: str, language: str) -> Sound | None:
        return hum(0.05 + 0.001 * len(text))


async def test_who_hears_files_decides_as_who_hears_words(sqlite_url: str, tmp_path: Path) -> None:
    async with town(sqlite_url, tmp_path, engines=[Hummer()]) as place:
        person = await place.add_person("promiser")
        await place.start()
        await place.finish_calls()
        attempt = await place.attempt_of(person)
        assert attempt.disposition == "promised"
        played = [one for one in place.documents if "<Play>" in one.body]
        assert played, "prompts went out as files"
        heard = " ".join(place.heard_by(attempt.to_number))
        assert "duzentos e trinta e quatro reais" in heard
