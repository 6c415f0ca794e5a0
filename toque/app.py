"""The one ASGI application: webhooks, media, API and console over one operation."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from functools import partial
from typing import Annotated

from fastapi import FastAPI, Query, Response
from prometheus_client import CONTENT_TYPE_LATEST
from starlette.types import ASGIApp, Receive, Scope, Send

from audio.prompts import PromptStore
from console.campaigns.sentences import in_english
from console.router import console_app
from dialer.operation import Operation
from toque import __version__
from toque.body_limit import BodyLimit
from toque.metrics import scraped
from toque.readiness import readiness
from webhooks.api import api_router
from webhooks.media import media_router
from webhooks.messaging import messaging_router
from webhooks.signature import SignatureCheck
from webhooks.voice import VoiceApp
from webhooks.voicing import Voicing


@dataclass(slots=True)
class Later:
    """An application that is made when it is first asked: the console has many pages, the carrier asks for none."""

    make: Callable[[], ASGIApp]
    made: ASGIApp | None = None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on."""
        if self.made is None:
            self.made = self.make()
        await self.made(scope, receive, send)


def build_app(op: Operation, prompts: PromptStore | None) -> ASGIApp:
    """All HTTP of one process. `prompts` None: everything is spoken by the carrier's own voice.

    Calls come first: nothing that pages need stands in their way.
    """
    voicing = Voicing(prompts)

    @asynccontextmanager
    async def lifespan(_app: FastAPI) -> AsyncIterator[None]:
        await voicing.open()
        yield

    app = FastAPI(title="Toque", version=__version__, lifespan=lifespan, docs_url="/api/docs", redoc_url=None)
    app.add_middleware(BodyLimit, files=op.settings.list_megabytes << 20)
    check = SignatureCheck(op.settings.public_url, op.settings.twilio_auth_token.get_secret_value())
    app.include_router(messaging_router(op, check), prefix="/messaging")
    if prompts is not None:
        app.include_router(media_router(prompts), prefix="/media")
    app.include_router(api_router(op, partial(in_english, zone=op.settings.time_zone)), prefix="/api/v1")
    _add_health(app, op)
    app.mount("/", Later(lambda: console_app(op, prompts)))
    return VoiceApp(app, op, check, voicing)


def _add_health(app: FastAPI, op: Operation) -> None:
    @app.get("/healthz", include_in_schema=False)
    async def healthz() -> dict[str, str]:
        return {"status": "up"}

    @app.get("/readyz", include_in_schema=False)
    async def readyz(response: Response, calls_only: Annotated[str, Query(alias="for")] = "") -> dict[str, object]:
        """Whether all parts are well; `?for=calls`: those without which the carrier cannot be answered."""
        found = await readiness(op, for_calls=calls_only == "calls")
        response.status_code = 200 if found.ready else 503
        return {"ready": found.ready, "dialling": op.settings.can_dial, "failing": found.failing}

    @app.get("/metrics", include_in_schema=False)
    async def metrics() -> Response:
        return Response(await scraped(op), media_type=CONTENT_TYPE_LATEST)
