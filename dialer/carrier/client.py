"""Our end of the wire: the official SDK over httpx, towards any Twilio-compatible host.

The one place that knows the vendor's words. A create is asked again only when it is certain that nothing was
created (a 429, or no connection); every other silence comes back as `NoAnswer` and is never repeated here.
"""

from __future__ import annotations

import asyncio
import logging
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache, lru_cache
from typing import Any
from urllib.parse import SplitResult, urlsplit, urlunsplit

import httpx
from twilio.base.exceptions import TwilioException, TwilioRestException, TwilioServiceException
from twilio.http import AsyncHttpClient
from twilio.http.response import Response
from twilio.rest import Client

from dialer.carrier.books import Books
from dialer.carrier.cards import Cards
from dialer.carrier.rooms import Rooms
from dialer.carrier.sending import Sending
from dialer.carrier.tapes import Tapes
from dialer.rules.clearance import Clearance, Leave
from dialer.settings import Settings

logging.getLogger("httpx").setLevel(logging.WARNING)  # its INFO lines hold addresses, and those of lists hold numbers

NO_CONTENT = 204  # of a deletion
NO_SUCH_RESOURCE = 20404  # https://www.twilio.com/docs/api/errors/20404
CONNECTIONS = 512  # more than there are creates under way: nobody who has a grant waits for one
CREATE_TRIES = 3  # only for answers that prove that nothing was created
SWITCHBOARD_PAUSE = "wwww"  # each w is half a second, which a switchboard needs before it takes keys
LONGEST_RETRY_AFTER = 5.0  # seconds; longer waits belong to the queue, not to a held intent


@dataclass(frozen=True, slots=True)
class CallRequest:
    """One call to be made, with the leave to make it.

    `detect`: "off"; "quick" (a person or a machine) and "beep" (the end of a machine's greeting) while the call
    already speaks; "first" (as "beep", but nothing is said before the verdict).
    `extension` is keyed in once the switchboard has answered; the carrier detects no machines in such a call.
    """

    to: str
    from_: str
    url: str
    status_url: str
    leave: Leave
    ring_seconds: int = 30
    detect: str = "off"
    detect_url: str | None = None
    extension: str | None = None


@dataclass(frozen=True, slots=True)
class Accepted:
    """The carrier took the request: its id and first status."""

    sid: str
    status: str


@dataclass(frozen=True, slots=True)
class Rejected:
    """The carrier said no, and nothing was created. `busy`: the account is over a limit, not the request at fault."""

    code: int
    message: str
    busy: bool = False


@dataclass(frozen=True, slots=True)
class NoAnswer:
    """The carrier may or may not have acted: nobody can tell from here."""

    why: str


Answer = Accepted | Rejected | NoAnswer


@dataclass(frozen=True, slots=True)
class Seen:
    """A call or message as the carrier's own list shows it. Times are aware, UTC."""

    sid: str
    to: str
    from_: str
    status: str
    created_at: datetime
    answered_by: str | None = None
    seconds: int | None = None


@dataclass(frozen=True, slots=True)
class Gone:
    """The carrier's own word that it has no such call."""

    sid: str


class Carrier:
    """The account at the carrier. Close it when the process ends."""

    def __init__(self, settings: Settings, *, transport: httpx.AsyncBaseTransport | None = None) -> None:
        self.account = settings.twilio_account_sid
        # Real seconds after which a create that was begun has surely had its answer, or never will.
        self.longest_create = settings.http_timeout * CREATE_TRIES + LONGEST_RETRY_AFTER * (CREATE_TRIES - 1)
        self._http = HttpxClient(settings.twilio_api_root, settings.http_timeout, transport)
        self._client = Client(
            self.account,
            settings.twilio_auth_token.get_secret_value(),
            http_client=self._http,
            region=None,
            edge=None,
        )
        self.books = Books(self._client)
        self.cards = Cards(self._client)
        self.rooms = Rooms(self._client)
        self.tapes = Tapes(self._client, self._http.download)

    async def close(self) -> None:
        """Close the connections."""
        await self._http.close()

    async def create_call(self, request: CallRequest) -> Answer:
        """Ask for one call. RuntimeError when its leave is for another number, or was used before."""
        if isinstance(request.leave, Clearance):
            request.leave.spend(to=request.to, channel="phone")
        return await self._create(
            lambda: self._client.calls.create_async(
                to=request.to,
                from_=request.from_,
                url=request.url,
                status_callback=request.status_url,
                status_callback_event=["initiated", "ringing", "answered", "completed"],
                timeout=request.ring_seconds,
                **_after_the_answer(request),
            )
        )

    async def create_message(self, *, to: str, from_: str, body: str, status_url: str, leave: Clearance) -> Answer:
        """Ask for one text message. RuntimeError when its leave is for another number, or was used before."""
        leave.spend(to=to, channel="sms")
        return await self._create(
            lambda: self._client.messages.create_async(to=to, from_=from_, body=body, status_callback=status_url)
        )

    async def redirect(self, sid: str, url: str) -> bool:
        """Make a live call fetch its next document from `url`. False when the call is not live (any more)."""
        return await self._update(sid, url=url, method="POST")

    async def hang_up(self, sid: str) -> bool:
        """End a live call."""
        return await self._update(sid, status="completed")

    async def cancel(self, sid: str) -> bool:
        """Take back a call that is queued or ringing; a call that was answered meanwhile goes on."""
        return await self._update(sid, status="canceled")

    async def fetch_call(self, sid: str) -> Seen | Gone | None:
        """The call as the carrier sees it now; None when the carrier does not answer."""
        try:
            return _seen_call(await self._client.calls(sid).fetch_async())
        except TwilioRestException as error:
            return Gone(sid) if (error.status, error.code) == (404, NO_SUCH_RESOURCE) else None
        except (TwilioException, httpx.HTTPError):
            return None

    async def conference_calls(self, room: str) -> set[str] | None:
        """The ids of the calls that hear each other in a conference of this name; None without an answer."""
        try:
            running = await self._client.conferences.list_async(friendly_name=room, status="in-progress", limit=5)
            seats = [await one.participants.list_async(limit=50) for one in running]
        except (TwilioException, httpx.HTTPError):
            return None
        return {str(seat.call_sid) for found in seats for seat in found if seat.status in (None, "connected")}

    async def find_calls(self, *, to: str, from_: str, since: datetime) -> list[Seen] | None:
        """Calls between two numbers created at or after `since`; None when the carrier does not answer."""
        try:
            calls = await self._client.calls.list_async(to=to, from_=from_, limit=50)
        except (TwilioException, httpx.HTTPError):
            return None
        return [seen for call in calls if (seen := _seen_call(call)).created_at >= since]

    async def find_messages(self, *, to: str, from_: str, since: datetime) -> list[tuple[Seen, str]] | None:
        """Messages between two numbers created at or after `since`, with their texts; None without an answer."""
        try:
            messages = await self._client.messages.list_async(to=to, from_=from_, limit=50)
        except (TwilioException, httpx.HTTPError):
            return None
        found = [(_seen_message(message), str(message.body or "")) for message in messages]
        return [(seen, body) for seen, body in found if seen.created_at >= since]

    async def _create(self, ask: Callable[[], Awaitable[Any]]) -> Answer:
        answer: Answer = NoAnswer("not asked")
        for attempt in range(CREATE_TRIES):
            answer, again_in = await self._create_once(ask)
            if again_in is None or again_in > LONGEST_RETRY_AFTER or attempt == CREATE_TRIES - 1:
                break
            await asyncio.sleep(again_in)
        return answer

    async def _create_once(self, ask: Callable[[], Awaitable[Any]]) -> tuple[Answer, float | None]:
        """The answer, and the seconds after which a repeat is safe (None: never)."""
        try:
            made = await ask()
        except (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout) as error:
            return Rejected(0, f"no connection to the carrier ({type(error).__name__})", busy=True), 0.2
        except httpx.HTTPError as error:
            return NoAnswer(type(error).__name__), None
        except TwilioRestException as error:
            return self._refusal(error.status, error.code, str(error.msg))
        except TwilioServiceException as error:  # a problem document (RFC 9457)
            return self._refusal(error.status, error.code, str(error.detail or error.title))
        except TwilioException as error:
            return NoAnswer(type(error).__name__), None
        if not made.sid:
            return NoAnswer("an answer without a sid"), None
        return Accepted(str(made.sid), str(made.status)), None

    def _refusal(self, status: int, code: int | None, message: str) -> tuple[Answer, float | None]:
        if status == 429:
            return Rejected(code or 429, "too many requests at once", busy=True), self._http.retry_after()
        if status >= 500:
            return NoAnswer(f"HTTP {status}"), None
        return Rejected(code or status, _without_numbers(message)), None

    async def _update(self, sid: str, **change: str) -> bool:
        try:
            await self._client.calls(sid).update_async(**change)
        except (TwilioException, httpx.HTTPError):
            return False
        return True


class UnreadableAnswer(httpx.HTTPError):
    """A success that says nothing: whoever answered, it was not the carrier's own interface."""


@cache
def _trusted() -> ssl.SSLContext:
    """The authorities whose certificates count, read once: there are many."""
    return httpx.create_ssl_context(trust_env=False)


class HttpxClient(AsyncHttpClient):
    """The SDK's transport: rewrites the host to the API root, has its own time-outs, keeps the last Retry-After."""

    def __init__(self, api_root: str, timeout: float, transport: httpx.AsyncBaseTransport | None) -> None:
        super().__init__(logging.getLogger("toque.carrier"), True, timeout)
        self._root = urlsplit(api_root)
        self._retry_after = 1.0
        self._client = httpx.AsyncClient(
            timeout=httpx.Timeout(timeout, connect=min(3.0, timeout)),
            trust_env=False,  # neither .netrc nor proxy variables may speak for the account
            follow_redirects=False,
            transport=transport or Sending(_trusted(), connections=CONNECTIONS),
        )

    async def request(
        self,
        method: str,
        uri: str,
        params: dict[str, Any] | None = None,
        data: dict[str, Any] | None = None,
        headers: dict[str, str] | None = None,
        auth: tuple[str, str] | None = None,
        timeout: float | None = None,
        allow_redirects: bool = False,
    ) -> Response:
        """One request of the SDK. httpx errors pass through: the caller knows what they prove."""
        answer = await self._client.request(
            method.upper(),
            self._rewrite(uri),
            params=params,
            data=data,
            headers=dict(headers or {}),
            auth=auth,
        )
        if answer.status_code == 429:
            self._retry_after = _seconds(answer.headers.get("Retry-After"))
        if answer.is_success and answer.status_code != NO_CONTENT and not _is_object(answer):
            raise UnreadableAnswer(f"HTTP {answer.status_code} and no JSON object: is a proxy between?")
        return Response(answer.status_code, answer.text, answer.headers)

    @asynccontextmanager
    async def download(self, uri: str, auth: tuple[str, str]) -> AsyncIterator[httpx.Response]:
        """A file, from the API root's host only, whatever address the carrier names; not read yet."""
        async with self._client.stream("GET", self._rewrite(uri), auth=auth) as answer:
            yield answer

    def retry_after(self) -> float:
        """Seconds that the last 429 asked for (the SDK's exception carries no headers)."""
        return self._retry_after

    async def close(self) -> None:
        """Close the pool."""
        await self._client.aclose()

    def _rewrite(self, uri: str) -> httpx.URL:
        return _rewritten(self._root, uri)


@lru_cache(maxsize=64)
def _rewritten(root: SplitResult, uri: str) -> httpx.URL:
    """The same place under the API root. Kept: every create asks for one and the same."""
    parts = urlsplit(uri)
    path = root.path.rstrip("/") + parts.path
    return httpx.URL(urlunsplit((root.scheme, root.netloc, path, parts.query, "")))


def _is_object(answer: httpx.Response) -> bool:
    try:
        return isinstance(answer.json(), dict)
    except ValueError:
        return False


def _seconds(header: str | None) -> float:
    try:
        return max(0.1, float(header or 1))
    except ValueError:  # an HTTP date
        return 1.0


def _after_the_answer(request: CallRequest) -> dict[str, Any]:
    """What the carrier does before the first word: it keys in an extension, or looks for a machine."""
    if request.extension:
        return {"send_digits": SWITCHBOARD_PAUSE + request.extension}
    asked: dict[str, Any] = {}
    if request.detect != "off":
        asked["machine_detection"] = "Enable" if request.detect == "quick" else "DetectMessageEnd"
    if request.detect in ("quick", "beep"):
        asked |= {"async_amd": "true", "async_amd_status_callback": request.detect_url}
    return asked


def _seen_call(call: Any) -> Seen:
    return Seen(
        sid=str(call.sid),
        to=str(call.to),
        from_=str(getattr(call, "_from", "") or ""),
        status=str(call.status),
        created_at=_utc(call.date_created),
        answered_by=call.answered_by or None,
        seconds=int(call.duration) if call.duration else None,
    )


def _seen_message(message: Any) -> Seen:
    return Seen(
        sid=str(message.sid),
        to=str(message.to),
        from_=str(getattr(message, "from_", "") or ""),
        status=str(message.status),
        created_at=_utc(message.date_created),
    )


def _utc(value: datetime | None) -> datetime:
    if value is None:
        return datetime.fromtimestamp(0, UTC)
    return value if value.tzinfo else value.replace(tzinfo=UTC)


def _without_numbers(message: str) -> str:
    """A vendor's message without the telephone numbers that it may quote."""
    return "".join("•" if character.isdigit() else character for character in message)[:300]
