"""A stranger cannot fill the memory, whatever the route; a request of lawful length arrives whole."""

from __future__ import annotations

import re
from typing import Any
from urllib.parse import urlencode

import httpx
import pytest

from dialer.flows.reading import LONGEST_BYTES
from dialer.store.database import Database
from tests.dialer.records import accepts, operation_on
from toque.app import build_app
from toque.body_limit import LIMIT, TEXTS_LIMIT, BodyLimit

PATHS = ["/voice/x/0", "/messaging/x/status", "/api/v1/people/1/opt-out", "/desk/ready", "/nowhere"]


class Sender:
    """One request whose body comes in pieces of a tenth of the limit, without end."""

    def __init__(self, path: str, *, announced: int | None = None) -> None:
        length = [] if announced is None else [(b"content-length", b"%d" % announced)]
        self.scope = {
            "type": "http", "asgi": {"version": "3.0"}, "method": "POST", "path": path, "raw_path": path.encode(),
            "query_string": b"", "headers": [(b"content-type", b"application/json"), *length], "http_version": "1.1",
            "scheme": "http", "server": ("x", 80), "client": ("y", 1), "root_path": "",
        }  # fmt: skip
        self.taken = 0
        self.statuses: list[int] = []

    async def receive(self) -> dict[str, Any]:
        self.taken += LIMIT // 10
        assert self.taken < 10 * LIMIT, "it reads on and on"
        return {"type": "http.request", "body": b"x" * (LIMIT // 10), "more_body": True}

    async def send(self, message: Any) -> None:
        if message["type"] == "http.response.start":
            self.statuses.append(message["status"])


@pytest.fixture
def app(database: Database) -> Any:
    return build_app(operation_on(database, accepts), None)


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
@pytest.mark.parametrize("path", PATHS)
async def test_a_body_without_end_is_read_to_the_limit_and_refused(app: Any, path: str) -> None:
    sender = Sender(path)
    await app(sender.scope, sender.receive, sender.send)
    assert sender.statuses == [413]
    assert sender.taken <= LIMIT * 1.1


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
@pytest.mark.parametrize("path", PATHS)
async def test_a_body_that_says_it_is_too_long_is_not_read_at_all(app: Any, path: str) -> None:
    sender = Sender(path, announced=LIMIT + 1)
    await app(sender.scope, sender.receive, sender.send)
    assert (sender.statuses, sender.taken) == ([413], 0)


@pytest.mark.parametrize("size", [0, 1, LIMIT - 1, LIMIT])
async def test_a_lawful_body_arrives_whole(size: int) -> None:
    heard: list[bytes] = []

    async def inside(scope: Any, receive: Any, send: Any) -> None:
        heard.append((await receive())["body"])
        await send({"type": "http.response.start", "status": 204, "headers": []})
        await send({"type": "http.response.body", "body": b""})

    transport = httpx.ASGITransport(BodyLimit(inside))
    async with httpx.AsyncClient(transport=transport, base_url="http://x") as client:
        answer = await client.post("/", content=b"x" * size)
    assert (answer.status_code, heard) == (204, [b"x" * size])


def test_the_answer_names_the_limit() -> None:
    from toque import body_limit

    (said,) = re.findall(rb"(\d+) KB", body_limit._TOO_LONG)
    assert int(said) * 1024 == LIMIT


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
@pytest.mark.parametrize("path", ["/lists/new", "/flows/new", "/flows/own/natal/text", "/flows/lembrete/call"])
async def test_a_strangers_file_or_flow_is_not_read_at_all(path: str, app: Any) -> None:
    sender = Sender(path)
    await app(sender.scope, sender.receive, sender.send)
    assert (sender.statuses, sender.taken) == ([303], 0)


async def test_a_flow_of_any_lawful_length_goes_through_as_a_form() -> None:
    come: list[int] = []

    async def inside(_scope: Any, receive: Any, send: Any) -> None:
        come.append(len((await receive())["body"]))
        await send({"type": "http.response.start", "status": 204, "headers": []})
        await send({"type": "http.response.body", "body": b""})

    form = urlencode({"text": "é: [a, b]\r\n" * (LONGEST_BYTES // 11)}).encode()
    async with httpx.AsyncClient(transport=httpx.ASGITransport(BodyLimit(inside)), base_url="http://x") as client:
        for path in ("/flows/new", "/flows/own/natal/save", "/flows/recado/call"):
            assert (await client.post(path, content=form)).status_code == 204
        assert (await client.post("/flows/own/natal/save", content=b"x" * (TEXTS_LIMIT + 1))).status_code == 413
        assert (await client.post("/flows/own/natal/publish", content=form)).status_code == 413
    assert come == [len(form)] * 3


async def test_a_file_goes_through_in_pieces_up_to_its_own_limit() -> None:
    pieces: list[int] = []

    async def inside(_scope: Any, receive: Any, _send: Any) -> None:
        while True:
            pieces.append(len((await receive())["body"]))

    sender = Sender("/lists/7/payments")
    await BodyLimit(inside, files=3 * LIMIT)(sender.scope, sender.receive, sender.send)
    assert sender.statuses == [413]
    assert 3 * LIMIT < sum(pieces) <= 4 * LIMIT
    announced = Sender("/lists/new", announced=4 * LIMIT + 1)
    await BodyLimit(inside, files=3 * LIMIT)(announced.scope, announced.receive, announced.send)
    assert (announced.statuses, announced.taken) == ([413], 0)


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
@pytest.mark.parametrize("path", PATHS)
async def test_a_websocket_is_refused_before_anybody_sees_it(app: Any, path: str) -> None:
    sender = Sender(path)
    sent: list[Any] = []

    async def send(message: Any) -> None:
        sent.append(message)

    await app(sender.scope | {"type": "websocket", "scheme": "ws"}, sender.receive, send)
    assert [one["type"] for one in sent] == ["websocket.close"]
