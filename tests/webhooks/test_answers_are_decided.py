"""An answer to a text is a contact as well: the gate's yes to it is kept in the transaction that keeps the answer."""

from __future__ import annotations

from dialer.store.database import Database
from dialer.store.models import Interaction, Message
from tests.dialer.records import campaign_of
from tests.webhooks.test_incoming_texts import all_of, number_of, web_on


async def test_the_answer_to_stop_stands_beside_the_gates_yes(database: Database) -> None:
    rows, web = await campaign_of(database, 1), web_on(database)
    number = await number_of(database, rows)
    assert await web.text(number, "Pare!") is not None
    (answer,) = [one for one in await all_of(database, Message) if one.direction == "out"]
    (said,) = [one for one in await all_of(database, Interaction) if one.kind == "message_allowed"]
    assert (said.detail["message"], said.detail["mode"], said.person_id) == (answer.id, "reply", rows.people[0])
    assert len(said.detail["inputs"]) == 32
    assert number not in repr(said.detail)
    await web.text(number, "Pare!")
    assert len([one for one in await all_of(database, Interaction) if one.kind == "message_allowed"]) == 1
