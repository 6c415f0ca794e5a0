"""Prompts over HTTP: immutable by name, so cached for long; ETag and ranges as players expect."""

from __future__ import annotations

from fastapi import APIRouter, HTTPException, Request, Response
from fastapi.responses import FileResponse

from audio.prompts import PromptStore

CACHE = "private, max-age=31536000, immutable"


def media_router(prompts: PromptStore) -> APIRouter:
    """Routes under /media."""
    router = APIRouter()

    @router.get("/{digest}.wav", include_in_schema=False)
    @router.head("/{digest}.wav", include_in_schema=False)
    async def prompt(digest: str, request: Request) -> Response:
        """One prompt; 304 when the asker has it, 206 for a range."""
        tag = f'"{digest}"'
        if request.headers.get("if-none-match") == tag:
            return Response(status_code=304, headers={"ETag": tag, "Cache-Control": CACHE})
        try:
            path = prompts.path(digest)
        except ValueError:
            path = None
        if path is None:
            raise HTTPException(404, "no such prompt")
        return FileResponse(path, media_type="audio/wav", headers={"ETag": tag, "Cache-Control": CACHE})

    return router
