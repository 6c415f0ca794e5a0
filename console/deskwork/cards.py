"""A card at the desk: begun with an amount, then how far it is in dots, and how it came out. No figure comes here."""

from __future__ import annotations

from dataclasses import dataclass

from fastapi import APIRouter
from fastapi.requests import Request
from fastapi.responses import HTMLResponse, Response

from console import pages
from console.deskwork.amounts import minor_of
from console.deskwork.routes import Acting, AtDesk
from dialer.attending import agreeing, capturing, drafting
from dialer.attending.talk import Seat, present
from dialer.errors import BadInput, Refused, ToqueError
from dialer.operation import Operation
from dialer.store import agents, captures
from dialer.store.models import CardCapture

PATH = "/desk/work/card"
FORM = "card"  # under which a draft of the amount is kept
OPEN = ("asked", "open", "charging")


@dataclass(frozen=True, slots=True)
class Step:
    """One figure on the screen: keyed in, being keyed in (so many dots), or to come."""

    figure: str
    stands: str
    digits: int


def card_routes(op: Operation, acting: Acting) -> APIRouter:
    """Everything under /desk/work/card."""
    router = APIRouter(prefix="/work/card")

    @router.get("")
    async def card(request: Request, agent: str = "", attempt: int = 0) -> Response:
        """How far the card of this call is; the amount for a new one where there is none."""
        at = await acting(request, agent)
        return at if isinstance(at, Response) else await _sheet(op, at, attempt)

    @router.post("/{act}")
    async def change(request: Request, act: str, agent: str = "", attempt: int = 0) -> Response:
        """Begin, ask again for a figure, give it up, or choose an amount anew."""
        at = await acting(request, agent)
        if isinstance(at, Response):
            return at
        seat = Seat(at.tenant_id, at.desk.name, attempt)
        typed = str((await request.form()).get("amount", ""))
        try:
            match act:
                case "begin":
                    await capturing.begin(op, seat, minor_of(typed, await _currency(op, seat)))
                    await drafting.keep(op, seat, FORM, {"amount": ""})  # it was sent
                case "again":
                    await capturing.again(op, seat)
                case "give_up":
                    await capturing.give_up(op, seat)
                case "anew":
                    return await _sheet(op, at, attempt, anew=True)
                case _:
                    return Response(status_code=404, headers=pages.HEADERS)
        except ToqueError as fault:
            return await _sheet(op, at, attempt, anew=act == "begin", typed=typed, fault=at.words.told(str(fault)))
        return await _sheet(op, at, attempt)

    return router


async def _sheet(
    op: Operation, at: AtDesk, attempt: int, *, anew: bool = False, typed: str = "", fault: str = ""
) -> HTMLResponse:
    seat = Seat(at.tenant_id, at.desk.name, attempt)
    owed, currency = await _owed(op, seat)
    async with op.database.read() as session:
        capture = await captures.latest(session, attempt) if await _is_mine(op, seat) else None
    if capture is not None and anew and capture.status not in OPEN:
        capture = None
    typed = typed or ("" if capture else await _typed(op, seat))
    html = pages.render(
        "desk/card.html", at.words, capture=capture, steps=_steps(capture) if capture else [], attempt=attempt,
        owed=owed, currency=currency, typed=typed, fault=fault, path=PATH, under_way=OPEN,
        talking=at.desk.card is not None and at.desk.card.stands == "connected",
    )  # fmt: skip
    return HTMLResponse(html, 422 if fault else 200, headers=pages.HEADERS)


def _steps(capture: CardCapture) -> list[Step]:
    """The figures in order; of a card that is over or being charged all that came before count as keyed in."""
    names = [str(one) for one in capture.figures]
    place = len(names) if capture.status in ("charging", "charged", "lost") else names.index(capture.figure)
    stands = ["done" if n < place else "now" if n == place else "ahead" for n in range(len(names))]
    return [Step(name, how, capture.digits if how == "now" else 0) for name, how in zip(names, stands, strict=True)]


async def _typed(op: Operation, seat: Seat) -> str:
    """The amount as the agent has typed it and not sent; of the card itself nothing is ever typed here."""
    async with op.database.read() as session:
        agent = await agents.by_name(session, seat.tenant_id, seat.agent)
        return (await drafting.kept(session, op, agent, seat.attempt)).get(FORM, {}).get("amount", "")


async def _is_mine(op: Operation, seat: Seat) -> bool:
    """Whether the call stands on this agent's screen."""
    async with op.database.write() as session:
        try:
            await present(session, seat)
        except Refused:
            return False
    return True


async def _owed(op: Operation, seat: Seat) -> tuple[int, str]:
    """What is owed in this call and its currency; nothing where there is no such call or debt."""
    async with op.database.write() as session:
        try:
            about = await agreeing.collectable(session, await present(session, seat))
        except (BadInput, Refused):
            return 0, "BRL"
        return sum(one.amount_minor for one in about), about[0].currency


async def _currency(op: Operation, seat: Seat) -> str:
    return (await _owed(op, seat))[1]
