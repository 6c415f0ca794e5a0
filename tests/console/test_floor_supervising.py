"""A supervisor's part in a talk, from the floor: pressed, shown to both, refused where it must be."""

from __future__ import annotations

import re

import httpx
import orjson
import pytest
from sqlalchemy import select

from console.account import account_routes
from console.catalogues import texts_for
from console.deskwork import floor, seats
from console.guard import COOKIE, TOKEN_HEADER, Guard, Visitor, token_of
from console.pofiles import of_pages
from console.router import add_refusals
from dialer.store.models import Supervision, User
from dialer.supervising import hearing
from dialer.supervising.lines import keep
from tests.console.office import Office
from tests.console.test_desk_work import signed_in, talking

LINE = "sip:ivo@pbx.example"


@pytest.fixture
async def whole(desk: Office) -> Office:
    """The office with floor and account in its app, the list under its creditor, and Bia in a call."""
    add_refusals(desk.app, desk.op)
    desk.app.include_router(floor.floor_routes(desk.op, Guard(desk.op)))
    desk.app.include_router(account_routes(desk.op, Guard(desk.op)))
    return desk


async def boss(desk: Office, role: str = "supervisor", **more: object) -> httpx.AsyncClient:
    made = await signed_in(desk, role, **more)  # type: ignore[arg-type]
    made.headers.update({TOKEN_HEADER: token_of(made.cookies[COOKIE]), "sec-fetch-site": "same-origin"})
    return made


async def press(browser: httpx.AsyncClient, what: str, via: str = LINE, **headers: str) -> httpx.Response:
    return await browser.post("/desk/floor/supervise", data={"do": what, "via": via}, headers=headers)


async def newest(desk: Office) -> Supervision:
    async with desk.op.database.read() as session:
        return (await session.scalars(select(Supervision).order_by(Supervision.id.desc()).limit(1))).one()


async def test_what_a_supervisor_presses_is_seen_by_them_and_by_the_agent(whole: Office) -> None:
    agent, chief = await talking(whole), await boss(whole)
    listen = f"listen:{whole.ids['agent']}"
    assert f'value="{listen}"' in (await chief.get("/desk/floor")).text
    assert (await press(chief, listen)).status_code == 303
    assert "Your line rings. Answer it to hear the talk of Bia Nunes." in (await chief.get("/desk/floor")).text
    assert 'class="watched' not in (await agent.get("/desk")).text, "nobody hears anything yet"
    await keep(whole.op)
    one = await newest(whole)
    assert await hearing.enter(whole.op, one.token, "CA1") is not None
    page = (await chief.get("/desk/floor/table")).text
    assert "You hear the talk of Bia Nunes. Nobody hears you." in page
    assert "Ivo Prado listens" in page
    assert "A supervisor is listening." in (await agent.get("/desk")).text
    whole.op.settings.tell_agents_of_listening = False
    assert 'class="watched' not in (await agent.get("/desk")).text
    told = await press(chief, f"barge:{whole.ids['agent']}", **{"hx-request": "true"})
    assert "has not confirmed your change yet" in told.text, "this carrier knows no such conference"
    assert "The caller hears them too." in (await agent.get("/desk")).text
    await press(chief, "leave")
    assert 'class="watched' not in (await agent.get("/desk")).text
    assert ((await newest(whole)).why, (await newest(whole)).status) == ("left", "ended")


async def test_the_floor_says_where_in_the_script_a_talk_is_to_who_may_see_it(whole: Office) -> None:
    agent = await talking(whole)
    steps = "/desk/work/steps/1?attempt=1&seen=0&script=promessa-quebrada"
    assert (await agent.post(steps)).status_code == 204
    told = re.search(r"Script \S+: [^<]+, step 2<", (await (await boss(whole)).get("/desk/floor")).text)
    assert told is not None
    assert "Script " not in (await (await boss(whole, "manager", creditors=["another"])).get("/desk/floor")).text


async def test_why_ones_part_ended_is_told_for_a_while(whole: Office) -> None:
    await talking(whole)
    chief = await boss(whole)
    await press(chief, f"listen:{whole.ids['agent']}")
    await whole.leave()
    await keep(whole.op)
    assert "The talk is over, and your line was hung up." in (await chief.get("/desk/floor")).text
    await whole.clock.sleep(300)
    assert "The talk is over" not in (await chief.get("/desk/floor")).text


async def test_of_another_creditors_talk_nothing_is_seen_or_heard(whole: Office) -> None:
    await talking(whole)
    chief = await boss(whole, creditors=["another"])
    page = (await chief.get("/desk/floor")).text
    assert "somebody of another creditor" in page
    assert not [mark for mark in ("november", "Aurora", "••02", 'value="listen:') if mark in page]
    refused = await press(chief, f"listen:{whole.ids['agent']}")
    assert (refused.status_code, "whose people you may not see" in refused.text) == (409, True)
    own = await boss(whole, "manager", creditors=["aurora"])
    page = (await own.get("/desk/floor")).text
    assert "Aurora Energia · november" in page
    assert f'href="/people/{whole.ids["person"]}"' in page
    assert "Marina" not in page
    assert "+5511999990002" not in page


async def test_refusals_are_told_beside_what_was_typed(whole: Office) -> None:
    agent, chief = await talking(whole), await boss(whole)
    wrong = await press(chief, f"listen:{whole.ids['agent']}", via="phone 12")
    assert wrong.status_code == 400
    assert 'value="phone 12"' in wrong.text
    assert (await press(chief, "listen:999")).status_code == 404
    assert (await press(chief, "shout")).status_code == 400
    for other in (agent, await boss(whole, "auditor")):
        assert (await press(other, f"listen:{whole.ids['agent']}")).status_code == 403
    without = await chief.post("/desk/floor/supervise", data={"do": "leave"}, headers={TOKEN_HEADER: "x"})
    assert without.status_code == 403
    assert whole.carrier_asked == []


async def test_another_companys_agent_does_not_exist(whole: Office) -> None:
    await talking(whole)
    chief = await boss(whole)
    async with whole.op.database.write() as session:
        from dialer.store.models import Tenant

        session.add(other := Tenant(key="other", name="Other"))
        await session.flush()
        user = (await session.scalars(select(User).order_by(User.id.desc()))).first()
        assert user is not None
        user.tenant_id = other.id
    assert (await press(chief, f"listen:{whole.ids['agent']}")).status_code == 404
    assert "Bia Nunes" not in (await chief.get("/desk/floor")).text


async def test_every_stream_begins_with_the_whole_floor_and_tells_what_changes(whole: Office) -> None:
    chief = await boss(whole)
    cookie = {"cookie": f"{COOKIE}={chief.cookies[COOKIE]}"}
    for _ in range(2):  # whoever comes back has missed nothing
        status, _, first, beat = await whole.events("/desk/floor/events", cookie, count=3)
        assert (status, first.split(b"\n")[0], beat.split(b"\n")[0]) == (b"200", b"event: state", b"event: beat")
    await talking(whole)
    _, _, first = await whole.events("/desk/floor/events", cookie, count=2)
    told = orjson.loads(first.split(b"data: ")[1])
    assert told["now"] == int(whole.clock.now().timestamp() * 1000)
    assert "1 is talking." in told["html"]
    assert "Marina" not in told["html"]


async def test_a_supervisor_keeps_a_line_in_their_account(whole: Office) -> None:
    await talking(whole)
    chief = await boss(whole)
    assert (await chief.post("/me/line", data={"line": LINE})).status_code == 303
    assert f'value="{LINE}"' in (await chief.get("/me")).text
    assert f'value="{LINE}"' in (await chief.get("/desk/floor")).text
    theirs = await chief.post("/me/line", data={"line": "tel:+5511999990002"})
    assert (theirs.status_code, "on record of a person" in theirs.text) == (400, True)
    assert (await press(chief, f"whisper:{whole.ids['agent']}", via="")).status_code == 303
    assert (await newest(whole)).via == LINE
    assert "Your line for talks" not in (await (await boss(whole, "auditor")).get("/me")).text


@pytest.mark.parametrize("language", ["pt-BR", "fr-FR"])
def test_its_words_are_in_every_language(language: str) -> None:
    said = {
        *seats.WHY_ENDED.values(),
        *seats.MODE_NOW.values(),
        *(one for pair in seats.MODES.values() for one in pair),
    }
    assert said <= set(of_pages(language))


async def test_who_may_not_look_any_more_is_shown_no_more(whole: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    chief = await boss(whole)
    monkeypatch.setattr(floor, "MAY_LOOK_EVERY", 0.0)
    asked = iter([True, False])

    async def still() -> bool:
        return next(asked)

    async with whole.op.database.read() as session:
        user = (await session.scalars(select(User))).one()
    viewer = Visitor(user.id, user.tenant_id, user.name, "supervisor", None, None, "", texts_for("en-US", "", "UTC"))
    told = [one.split(b"\n")[0] async for one in floor.stream(whole.op, viewer, still)]
    assert told == [b"retry: 1000", b"event: state", b"event: closed"]
    await chief.aclose()
