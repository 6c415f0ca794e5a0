"""Prompts over HTTP: whole, in part, not again to who has them, and nothing but prompts. No socket."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest
from fastapi import FastAPI

from audio.prompts import PromptStore
from tests.audio.voices import Hummer, Said
from webhooks.media import CACHE, media_router


@dataclass
class Shelf:
    """A client before the media routes, with the digest and the bytes of one prompt."""

    client: httpx.AsyncClient
    digest: str
    content: bytes

    async def get(self, **headers: str) -> httpx.Response:
        return await self.client.get(f"/media/{self.digest}.wav", headers=headers)


@pytest.fixture
async def shelf(tmp_path: Path) -> AsyncIterator[Shelf]:
    prompts = PromptStore(tmp_path, [Hummer()])
    prompt = await prompts.render("pt-BR", [Said("Até logo!")])
    app = FastAPI()
    app.include_router(media_router(prompts), prefix="/media")
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="https://ours.example") as client:
        path = prompts.path(prompt.hash)
        assert path is not None
        yield Shelf(client, prompt.hash, await asyncio.to_thread(Path(path).read_bytes))


async def test_a_prompt_is_a_wav_that_may_be_kept_for_long(shelf: Shelf) -> None:
    answer = await shelf.get()
    assert (answer.status_code, answer.content) == (200, shelf.content)
    assert answer.content[:4] + answer.content[8:12] == b"RIFFWAVE"
    assert answer.headers["content-type"] == "audio/wav"
    assert answer.headers["cache-control"] == CACHE
    assert "immutable" in CACHE
    assert answer.headers["etag"] == f'"{shelf.digest}"'


async def test_who_has_it_is_not_sent_it_again(shelf: Shelf) -> None:
    answer = await shelf.get(**{"If-None-Match": f'"{shelf.digest}"'})
    assert (answer.status_code, answer.content) == (304, b"")
    assert answer.headers["etag"] == f'"{shelf.digest}"'
    assert (await shelf.get(**{"If-None-Match": '"other"'})).status_code == 200


async def test_a_part_can_be_asked_for(shelf: Shelf) -> None:
    part = await shelf.get(Range="bytes=0-43")
    assert (part.status_code, part.content) == (206, shelf.content[:44])
    assert part.headers["content-range"] == f"bytes 0-43/{len(shelf.content)}"
    rest = await shelf.get(Range="bytes=44-")
    assert part.content + rest.content == shelf.content
    assert (await shelf.get(Range=f"bytes={len(shelf.content)}-")).status_code == 416


async def test_its_head_says_as_much_without_the_sound(shelf: Shelf) -> None:
    answer = await shelf.client.head(f"/media/{shelf.digest}.wav")
    assert (answer.status_code, answer.content) == (200, b"")
    assert int(answer.headers["content-length"]) == len(shelf.content)


@pytest.mark.parametrize("name", ["0" * 64, "..%2f..%2fetc%2fpasswd", "%00", "a" * 5000, "é"])
async def test_nothing_but_prompts_is_served(shelf: Shelf, name: str) -> None:
    assert (await shelf.client.get(f"/media/{name}.wav")).status_code == 404
