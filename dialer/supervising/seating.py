"""How a supervisor sits in the conference in each mode, and the change from one to another without a new ring.

What is wanted is committed before the carrier is told; what nobody knows the outcome of is told again.
"""

from __future__ import annotations

from typing import Literal, assert_never, get_args

from dialer.addresses import conference_name
from dialer.carrier.rooms import Seat
from dialer.errors import BadInput
from dialer.operation import Operation
from dialer.store import supervisions
from dialer.store.models import Supervision
from dialer.supervising.telling import tell

Mode = Literal["listen", "whisper", "barge"]
MODES: tuple[Mode, ...] = get_args(Mode)


def mode_of(word: str) -> Mode:
    """The mode of this name; BadInput for any other word."""
    for mode in MODES:
        if mode == word:
            return mode
    raise BadInput(f"{word[:20]}: a supervisor can {', '.join(MODES)}; choose one of these")


def seat(mode: Mode, coached: str) -> Seat:
    """Who hears them: nobody, the agent's call alone, everybody."""
    match mode:
        case "listen":
            return Seat(muted=True)
        case "whisper":
            return Seat(muted=False, coached=coached)
        case "barge":
            return Seat(muted=False)
        case _:
            assert_never(mode)


async def apply(op: Operation, one: Supervision) -> None:
    """Tell the carrier what is wanted of a seat that is taken; without a yes it counts as not known."""
    if one.sid is None:
        return
    mode = mode_of(one.wanted)
    done = await op.carrier.rooms.change(conference_name(one.room), one.sid, seat(mode, one.coached))
    async with op.database.write() as session:
        await supervisions.applied(session, one, mode if done else "", at=op.clock.now())
    await tell(op, one)
