"""News of a card that the carrier took in a call: it may come before the turn that it ends, after it, or without it.

The money is on record before anything else is decided; what the call says then is the turn's.
"""

from __future__ import annotations

from sqlalchemy.exc import DBAPIError

from dialer import closing
from dialer.debts import charging
from dialer.operation import Operation
from dialer.speaking import load_answer
from dialer.store import attempts, turns
from dialer.store.database import lost_a_deadlock
from ivr_flows.events import CardEnded
from ivr_flows.turn import Card, PaidByCard


async def hear(op: Operation, token: str, turn: int, ended: CardEnded) -> bool:
    """News of the card that turn `turn` ends; False when no call of ours has this token.

    It may come before the turn itself, after it, or without it (the person hung up while the card was charged).
    """
    try:
        return await _hear(op, token, turn, ended)
    except DBAPIError as error:
        if not lost_a_deadlock(error):
            raise
        return await _hear(op, token, turn, ended)


async def _hear(op: Operation, token: str, turn: int, ended: CardEnded) -> bool:
    async with op.database.write() as session:
        attempt = await attempts.by_token(session, token)
        if attempt is None:
            return False
        sealed = await turns.answer_of(session, attempt.id, turn - 1) if ended.result == "paid" and turn > 0 else None
        wait = load_answer(op.database.keyring.unseal(sealed)).wait if sealed is not None else None
        if not isinstance(wait, Card):
            return True
        paid = PaidByCard(wait.amount, ended.confirmation, wait.debts)
        if await charging.keep(session, op, attempt, paid) and attempt.closed_at is not None:
            await closing.close(session, op, await attempts.fresh(session, attempt.id))
        return True
