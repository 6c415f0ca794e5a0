"""Voice webhooks: a small ASGI application, because this is the hot path of every call. It stands before all others.

Signed or refused (403). Here requests find their acts; that each is answered in time, whatever fails, is for in_time.
"""

from __future__ import annotations

import structlog
from starlette.types import ASGIApp, Receive, Scope, Send

from dialer import answering, closing, staffing, suppressing, talking
from dialer.addresses import conference_name
from dialer.attending import capturing
from dialer.debts import receiving
from dialer.operation import Operation
from dialer.speaking import Answer
from dialer.supervising import hearing as supervising
from dialer.tapes import recording
from webhooks import reading
from webhooks.in_time import InTime, Reply, kind_of, respond
from webhooks.signature import SignatureCheck, read_form
from webhooks.voicing import Voicing
from webhooks.writing import EMPTY, TwimlWriter

log = structlog.get_logger("toque.voice")

ROOT = "/voice/"
BODY_LIMIT = 64 * 1024
SEATS = ("participant-join", "participant-leave")
RECALLS: dict[str, talking.Injected] = {
    "opted_out": "opted_out",
    "nothing_due": "nothing_due",
    "stopped": "stopped",
}
NOT_OURS = Reply("no call of ours has this address", 404, b"text/plain; charset=utf-8")


class VoiceApp:
    """Answers /voice/… , and passes everything else on."""

    def __init__(self, app: ASGIApp, op: Operation, check: SignatureCheck, voicing: Voicing) -> None:
        self._app = app
        self._op = op
        self._check = check
        self._voicing = voicing
        self._writer = TwimlWriter(op.addresses, voicing.find, voicing.music, connector=op.settings.pay_connector)
        self._in_time = InTime(op, self._writer, self._route)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """ASGI entry."""
        if scope["type"] != "http" or not scope["path"].startswith(ROOT):
            await self._app(scope, receive, send)
            return
        path = scope["path"].removeprefix(ROOT).strip("/").split("/")
        headers = dict(scope["headers"])
        too_long = _announced(headers) > BODY_LIMIT
        body = b"" if too_long else await _read_body(receive)
        if body is None:
            return  # the asker has gone away: nobody waits for an answer
        if too_long or len(body) > BODY_LIMIT:
            log.warning("webhook_refused", why="size", kind=kind_of(path))
            await respond(send, Reply("larger than any webhook", 413, b"text/plain; charset=utf-8"))
            return
        form = read_form(body)
        raw_path = scope.get("raw_path") or scope["path"].encode()
        if not self._check.accepts(
            raw_path=raw_path.split(b"?")[0], query=scope["query_string"], headers=headers, body=body, form=form
        ):
            log.warning("webhook_refused", why="signature", kind=kind_of(path))
            await respond(send, Reply("signature does not fit", 403, b"text/plain; charset=utf-8"))
            return
        await self._in_time.answer(path, dict(form), send)

    async def _route(self, path: list[str], form: dict[str, str]) -> Reply:
        match path:
            case ["hold"]:
                return Reply(self._writer.hold())
            case ["inbound"]:
                return await self._incoming(form)
            case ["inbound", "status"]:
                token = await answering.token_of(self._op, form.get("CallSid", ""))
                return await self._status(token, form) if token else NOT_OURS
            case ["agent", token]:
                return await self._agent_room(token)
            case ["agent", token, "status"]:
                return await self._agent_status(token, form)
            case ["agent", token, "conference"]:
                return await self._conference(token, form)
            case ["supervisor", token]:
                return await self._supervisor_room(token, form)
            case ["supervisor", token, "status"]:
                return await self._supervisor_status(token, form)
            case ["capture", token, "status"]:
                told = reading.capture(form)
                known = told is None or await capturing.heard(self._op, token, told)
                return Reply(EMPTY) if known else NOT_OURS
            case [token, "status"]:
                return await self._status(token, form)
            case [token, "amd"]:
                return await self._detection(token, form)
            case [token, "recording"]:
                return await self._recording(token, form)
            case [token, "machine"]:
                return await self._inject(token, "machine")
            case [token, "requeue"]:
                return await self._inject(token, "requeue")
            case [token, "connect", _]:
                return await self._inject(token, "connect")
            case [token, "recall", reason] if reason in RECALLS:
                return await self._inject(token, RECALLS[reason])
            case [token, "card", turn] if turn.isdigit():
                heard = reading.heard(form)
                known = heard.card is None or await receiving.hear(self._op, token, int(turn), heard.card)
                return Reply(EMPTY) if known else NOT_OURS
            case [token, turn] if turn.isdigit():
                answer = await talking.take_turn(self._op, token, int(turn), reading.heard(form))
                return await self._spoken(token, answer)
            case _:
                return NOT_OURS

    async def _incoming(self, form: dict[str, str]) -> Reply:
        call = reading.incoming_call(form)
        if call is None:
            return NOT_OURS
        token, answer = await answering.answer(self._op, call)
        return await self._spoken(token, answer)

    async def _inject(self, token: str, what: talking.Injected) -> Reply:
        return await self._spoken(token, await talking.inject(self._op, token, what))

    async def _spoken(self, token: str, answer: Answer | None) -> Reply:
        if answer is None:
            return NOT_OURS
        await self._voicing.prepare(answer.speech)
        return Reply(self._writer.answer(token, answer))

    async def _status(self, token: str, form: dict[str, str]) -> Reply:
        news = reading.status(form)
        if news is None:
            return Reply(EMPTY)
        attempt = await closing.hear(
            self._op, token, news, sip_code=reading.sip_code(form), seconds=reading.seconds(form)
        )
        if attempt is not None:  # this may be the first that is heard of a call which is not wanted any more
            await suppressing.take_back(self._op, attempt)
        return Reply(EMPTY) if attempt else NOT_OURS

    async def _detection(self, token: str, form: dict[str, str]) -> Reply:
        """A machine was heard: the live call is sent to its own turn, unless somebody has pressed a key."""
        news = reading.detection(form)
        attempt = await closing.hear(self._op, token, news) if news else None
        if attempt is None:
            return NOT_OURS if news else Reply(EMPTY)
        machine = attempt.answered_by in ("machine", "fax") and not attempt.key_pressed
        if machine and attempt.status == "live" and attempt.sid:
            await self._op.carrier.redirect(attempt.sid, self._op.addresses.machine(token))
        return Reply(EMPTY)

    async def _recording(self, token: str, form: dict[str, str]) -> Reply:
        """Its sound is ready, or there is none."""
        told = reading.recording(form)
        if told is None:
            return Reply(EMPTY)
        return Reply(EMPTY) if await recording.heard(self._op, token, *told) else NOT_OURS

    async def _agent_room(self, token: str) -> Reply:
        if not await staffing.expected(self._op, token):
            return Reply(EMPTY)  # a line that was given up: it ends
        return Reply(self._writer.agent_room(token, conference_name(token)))

    async def _agent_status(self, token: str, form: dict[str, str]) -> Reply:
        sid = form.get("CallSid", "")
        if form.get("CallStatus") in reading.OVER:
            await staffing.leg_ended(self._op, token, sid)
        elif sid:
            await staffing.leg_heard(self._op, token, sid)
        return Reply(EMPTY)

    async def _conference(self, token: str, form: dict[str, str]) -> Reply:
        sid, event = form.get("CallSid", ""), form.get("StatusCallbackEvent", "")
        if event in SEATS and await supervising.in_conference(self._op, sid, left=event == "participant-leave"):
            return Reply(EMPTY)
        match event:
            case "participant-join":
                await staffing.leg_joined(self._op, token, sid)
            case "participant-leave":
                await staffing.caller_left(self._op, token, sid)
                await supervising.talk_moved(self._op, token)
            case _:
                pass
        return Reply(EMPTY)

    async def _supervisor_room(self, token: str, form: dict[str, str]) -> Reply:
        entry = await supervising.enter(self._op, token, form.get("CallSid", ""))
        return Reply(EMPTY if entry is None else self._writer.supervisor_room(entry.room, entry.seat))

    async def _supervisor_status(self, token: str, form: dict[str, str]) -> Reply:
        status = form.get("CallStatus", "")
        over = status if status in reading.OVER else None
        await supervising.heard(self._op, token, form.get("CallSid", ""), over=over)
        return Reply(EMPTY)


def _announced(headers: dict[bytes, bytes]) -> int:
    """The length that the headers give; what they give wrongly, or not at all, is counted as it comes."""
    length = headers.get(b"content-length", b"")
    return int(length[:18]) if length.isdigit() else 0


async def _read_body(receive: Receive) -> bytes | None:
    """The body, read no further than just beyond BODY_LIMIT; None when the asker went away before its end."""
    body: bytes = b""
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            return None
        body += message.get("body", b"")
        if len(body) > BODY_LIMIT or not message.get("more_body"):
            return body
