"""Somebody who gives orders over the API, and gives them again while nobody answers."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any

import httpx

from tests.processes.fleet import CommandFailed, Fleet

PATIENCE = 60.0


@dataclass(frozen=True, slots=True)
class Manager:
    """The holder of a token."""

    town: Fleet
    token: str

    async def order(self, path: str, body: dict[str, Any] | None = None) -> bool:
        """Whether it was carried out; False when it is refused, because it was done before. Else CommandFailed."""
        headers = {"Authorization": f"Bearer {self.token}"}
        async with asyncio.timeout(PATIENCE), httpx.AsyncClient(trust_env=False, timeout=30) as http:
            while True:
                try:
                    answer = await http.post(f"{self.town.web_url}/api/v1{path}", json=body, headers=headers)
                except httpx.HTTPError:
                    await asyncio.sleep(0.3)
                    continue
                if answer.status_code < 300 or answer.status_code == HTTPStatus.CONFLICT:
                    return answer.status_code < 300
                if answer.status_code < 500:
                    raise CommandFailed(f"POST {path}: {answer.status_code} {answer.text[:500]}")
                await asyncio.sleep(0.3)
