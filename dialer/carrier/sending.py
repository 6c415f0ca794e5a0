"""httpx's way to the network, by aiohttp: a fraction of the processor time of its own.

What a fault proves is kept: only what failed before a connection stood is a `ConnectError` or `ConnectTimeout`,
after which a create is asked again. A connection that was lost later proves nothing.
"""

from __future__ import annotations

import ssl
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager

import aiohttp
import httpx
from yarl import URL

PIECE = 64 * 1024
OWN_HEADERS = ("User-Agent", "Accept", "Accept-Encoding", "Content-Type")  # httpx has said all there is to say


class Sending(httpx.AsyncBaseTransport):
    """Kept connections to the carrier, at most `connections` at once. They open in the loop that first sends."""

    def __init__(self, trusted: ssl.SSLContext, *, connections: int) -> None:
        self._trusted = trusted
        self._connections = connections
        self._session: aiohttp.ClientSession | None = None

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Send once and hand back the answer's beginning; httpx's exceptions, by what they prove."""
        session = self._session or self._opened()
        limits = request.extensions["timeout"]
        with _as_httpx(request):
            answer = await session.request(
                request.method,
                URL(str(request.url), encoded=True),
                headers=request.headers,
                data=await request.aread() or None,
                allow_redirects=False,
                timeout=aiohttp.ClientTimeout(
                    connect=limits["pool"], sock_connect=limits["connect"], sock_read=limits["read"]
                ),
            )
        return httpx.Response(
            answer.status, headers=answer.raw_headers, stream=_Body(answer, request), request=request
        )

    def _opened(self) -> aiohttp.ClientSession:
        self._session = aiohttp.ClientSession(
            connector=aiohttp.TCPConnector(limit=self._connections, ssl=self._trusted),
            cookie_jar=aiohttp.DummyCookieJar(),
            auto_decompress=False,
            skip_auto_headers=OWN_HEADERS,
        )
        return self._session

    async def aclose(self) -> None:
        """Close the connections."""
        if self._session is not None:
            await self._session.close()


class _Body(httpx.AsyncByteStream):
    """What is left of an answer to be read."""

    def __init__(self, answer: aiohttp.ClientResponse, request: httpx.Request) -> None:
        self._answer = answer
        self._request = request

    async def __aiter__(self) -> AsyncIterator[bytes]:
        with _as_httpx(self._request):
            async for piece in self._answer.content.iter_chunked(PIECE):
                yield piece

    async def aclose(self) -> None:
        """Give the connection back; one whose answer was not read to its end is closed."""
        self._answer.release()


@contextmanager
def _as_httpx(request: httpx.Request) -> Iterator[None]:
    """The faults of aiohttp in httpx's words."""
    try:
        yield
    except aiohttp.ClientConnectorError as fault:
        raise httpx.ConnectError(type(fault).__name__, request=request) from fault
    except aiohttp.ConnectionTimeoutError as fault:
        raise httpx.ConnectTimeout(type(fault).__name__, request=request) from fault
    except TimeoutError as fault:
        raise httpx.ReadTimeout(type(fault).__name__, request=request) from fault
    except (aiohttp.ClientError, OSError) as fault:
        raise httpx.ReadError(type(fault).__name__, request=request) from fault
