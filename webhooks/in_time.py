"""Every request of the carrier about calls is answered in time, whatever is away, crowded or broken.

Somebody listens: an apology in the language of the call, and no word of a debt; keys that were pressed are kept.
News: 503, and the carrier tells them again (`Addresses` asks it to); they are kept as well, should it give up.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from functools import partial

import structlog
from sqlalchemy.exc import SQLAlchemyError
from starlette.types import Send

from dialer import talking
from dialer.operation import Operation
from dialer.recognising import language_of
from dialer.store.database import is_away
from webhooks import counting, patience, reading
from webhooks.admitting import CALLERS_WAIT, NEWS_WAIT, Admission, Crowded
from webhooks.seldom import Seldom
from webhooks.unheard import Unheard
from webhooks.writing import TWIML_TYPE, TwimlWriter

log = structlog.get_logger("toque.voice")

NEWS = ("status", "amd", "conference", "recording")  # nobody listens to the answer
CROWDED_SECONDS = 1.0  # real time

Path = list[str]  # what follows /voice/
Form = dict[str, str]


@dataclass(frozen=True, slots=True)
class Reply:
    """What goes back over HTTP."""

    body: str
    status: int = 200
    kind: bytes = TWIML_TYPE


class InTime:
    """Answers requests by `route`, or without it when it would take too long."""

    def __init__(self, op: Operation, writer: TwimlWriter, route: Callable[[Path, Form], Awaitable[Reply]]) -> None:
        self._op = op
        self._writer = writer
        self._route = route
        self._callers, self._news = Admission(CALLERS_WAIT), Admission(NEWS_WAIT)
        self._seldom = Seldom()
        self._unheard = Unheard()

    async def answer(self, path: Path, form: Form, send: Send) -> None:
        """Answer once, after LONGEST_SPOKEN or LONGEST_NEWS at the latest."""

        async def instead() -> None:
            self._seldom.tell("webhook_late", kind=kind_of(path), todo="see whether the database is slow or hangs")
            await respond(send, self._without(path, form))

        watch = patience.Watch(patience.LONGEST_SPOKEN if _speaks(path) else patience.LONGEST_NEWS, instead)
        try:
            reply = await self._reply(path, form)
            if watch.answers:
                await asyncio.sleep(patience.LONGEST_NEWS)  # until it has: then this is cancelled
                return  # or was, and whatever it waited for did not pass that on
        except asyncio.CancelledError:
            if not watch.answers:
                raise
            return
        finally:
            watch.stop()
        await respond(send, reply)

    async def _reply(self, path: Path, form: Form) -> Reply:
        try:
            longest = patience.SPOKEN if _speaks(path) else patience.NEWS
            return await patience.patiently(partial(self._admitted, path, form), longest)
        except Crowded:
            self._seldom.tell("webhook_crowded", kind=kind_of(path), todo="start another web process")
            reply = self._without(path, form)
            if not _speaks(path):
                await asyncio.sleep(CROWDED_SECONDS)  # the carrier repeats at once, and not for ever
            return reply
        except (SQLAlchemyError, OSError) as fault:
            away = is_away(fault)
            todo = "see that the database answers: /readyz" if away else "report this fault"
            name = type(fault).__name__
            self._seldom.tell("webhook_failed", kind=kind_of(path), fault=name, todo=todo, exc_info=not away)
            return self._without(path, form)
        except Exception as fault:  # the last line of defence: a caller must not hear an error message
            log.exception("webhook_failed", kind=kind_of(path), fault=type(fault).__name__)
            return Reply(self._writer.apology(self._language(path, form))) if _speaks(path) else Reply("", 500)

    async def _admitted(self, path: Path, form: Form) -> Reply:
        admission = self._callers if _speaks(path) else self._news
        await admission.enter(ahead=not _begins(path, form))
        try:
            return await self._route(path, form)
        finally:
            admission.leave()

    def _without(self, path: Path, form: Form) -> Reply:
        """What is answered when nothing can be put on record now."""
        counting.refused(spoken=_speaks(path))
        if not _speaks(path):
            what = tuple(path) if path[-1] == "status" else (*path, *sorted(form.items()))
            act = partial(self._route, path, form)
            self._unheard.keep(what, kind_of(path), act, last_word=not _begins(path, form))
            return Reply("", 503)
        heard = reading.heard(form)
        if heard.digits and len(path) == 2 and path[1].isdigit():  # we hang up: what it leads to, nobody hears
            late = partial(talking.take_turn, self._op, path[0], int(path[1]), replace(heard, call_ended=True))
            self._unheard.keep((*path, heard.digits), kind_of(path), late)
        return Reply(self._writer.apology(self._language(path, form)))

    def _language(self, path: Path, form: Form) -> str:
        """That of the call as this process knows it, else that of the place where the other party's number is."""
        known = self._op.calls.find(path[0])
        if known is not None:
            return str(known.state.data["lang"])
        inbound = form.get("Direction") == "inbound"
        theirs, ours = (form.get("From", ""), form.get("To", "")) if inbound else (form.get("To", ""), "")
        return language_of(theirs, ours)


def kind_of(path: Path) -> str:
    """The kind of an address without its token."""
    return "turn" if path[-1].isdigit() else path[-1] if len(path) > 1 else path[0]


def _speaks(path: Path) -> bool:
    """Whether somebody hears the answer to a request of this path."""
    if len(path) == 1:
        return path == ["inbound"]
    return path[-1] not in NEWS and path[1] != "card"


def _begins(path: Path, form: Form) -> bool:
    """Whether this is the first of a call, or news that more will follow: what may wait behind others."""
    if _speaks(path):
        return path[-1] in ("0", "inbound")
    return path[-1] == "status" and form.get("CallStatus") not in reading.OVER


async def respond(send: Send, reply: Reply) -> None:
    """Send one answer."""
    body = reply.body.encode()
    headers = [(b"content-type", reply.kind), (b"content-length", str(len(body)).encode())]
    await send({"type": "http.response.start", "status": reply.status, "headers": headers})
    await send({"type": "http.response.body", "body": body})
