"""Bars, inconvenient times and consents over REST: who may, what is answered, and who stands in the record."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from dialer.store.models import Interaction, Person, Suppression
from tests.console.office import Office


async def path_of(desk: Office) -> str:
    async with desk.op.database.read() as session:
        return f"/api/v1/people/{(await session.get_one(Person, desk.ids['person'])).key}"


async def test_what_a_manager_says_is_on_record_with_the_name_of_the_token(desk: Office) -> None:
    client, path = await desk.client("manager"), await path_of(desk)
    order = {"kind": "insolvency", "because": "letter of the court"}
    assert (await client.post(f"{path}/bars", json=order)).json() == {
        "kind": "insolvency", "new": True, "calls_stopped": 1,
    }  # fmt: skip
    named = {"days": [1, 3], "from_minute": 900, "to_minute": 1020, "until": "2099-12-31"}
    assert (await client.post(f"{path}/designations", json=named)).json()["new"]
    agreed = {"kind": "tcpa", "given_on": "2026-01-02"}
    assert (await client.post(f"{path}/consents", json=agreed)).json() == {"new": True}
    assert (await client.post(f"{path}/consents/revoke", json={"kind": "tcpa"})).status_code == 200
    assert (await client.post(f"{path}/designations/end")).json() == {"ended": 1}
    assert (await client.post(f"{path}/bars/end", json=order)).json() == {"ended": 1}
    assert (await client.post(f"{path}/bars/end", json=order)).status_code == 409
    async with desk.op.database.read() as session:
        noted = await session.execute(
            select(Interaction.kind, Interaction.actor)
            .where(Interaction.actor.like("api:%"))
            .order_by(Interaction.id)
        )
        assert [tuple(row) for row in noted] == [
            (kind, "api:Bia Nunes")
            for kind in (
                "suppressed_insolvency", "designated", "consent_given", "consent_revoked", "designation_ended",
                "ended_insolvency",
            )
        ]  # fmt: skip


@pytest.mark.parametrize(
    ("under", "body"),
    [
        ("bars", {"kind": "lawyer"}),
        ("designations", {"days": [1]}),
        ("consents", {"kind": "tcpa", "given_on": "2026-01-02"}),
    ],
)
async def test_an_agent_may_not(desk: Office, under: str, body: dict[str, object]) -> None:
    client, path = await desk.client("agent"), await path_of(desk)
    assert (await client.post(f"{path}/{under}", json=body)).status_code == 403
    async with desk.op.database.read() as session:
        assert list(await session.scalars(select(Suppression))) == []


@pytest.mark.parametrize(
    ("under", "body", "status"),
    [
        ("bars", {"kind": "gossip"}, 400),
        ("bars", {"kind": "lawyer", "until": "2026-01-01"}, 400),
        ("bars", {"kind": "lawyer", "because": "asked from +1 212 555 0101"}, 400),
        ("bars", {"kind": "lawyer", "creditor": "nobody"}, 404),
        ("designations", {}, 400),
        ("designations", {"days": [9]}, 400),
        ("consents", {"kind": "tcpa", "given_on": "2026-01-02", "number": "12"}, 400),
    ],
)
async def test_what_makes_no_sense_is_refused(desk: Office, under: str, body: dict[str, object], status: int) -> None:
    client, path = await desk.client("manager"), await path_of(desk)
    answer = await client.post(f"{path}/{under}", json=body)
    assert answer.status_code == status
    assert answer.json()["todo"]
