"""Act II: an event of a live call, the flow engine, the next turn. Committed before it is spoken.

Callback addresses carry the attempt's token and the turn's number: a repeated request gets the answer that was
given, whatever it says this time. A key that comes after the call's end is not lost: it is committed all the same.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

import structlog
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncSession

from dialer import (
    closing,
    collecting,
    continuing,
    guessing,
    heralding,
    leaving,
    recognising,
    suppressing,
    transferring,
)
from dialer.addresses import conference_name
from dialer.callers import caller
from dialer.debts import receiving
from dialer.errors import Conflict
from dialer.flows import pinning
from dialer.intending import BY_HAND
from dialer.operation import Operation
from dialer.rules.lifecycle import CarrierStatus, Detected, KeyHeard, News
from dialer.rules.plan import Plan
from dialer.speaking import Answer, apology, as_record, dump_answer, dump_state, load_answer, load_state, name_of
from dialer.store import agents, attempts, recordings, turns
from dialer.store.database import lost_a_deadlock, was_cut_off
from dialer.store.models import Agent, Attempt, Person
from dialer.tapes import recording
from ivr_flows import engine
from ivr_flows.errors import FlowFailed, InputRefused
from ivr_flows.events import (
    Answered,
    AnsweredBy,
    CardEnded,
    Event,
    MachineHeard,
    Pressed,
    Recalled,
    RecordingEnded,
    Silent,
    StillWaiting,
    TransferEnded,
)
from ivr_flows.turn import End, Speech, Transfer, Turn

log = structlog.get_logger("toque.talking")

REFUSE = "*"  # the key of who would rather not answer an identity check
Injected = Literal["machine", "opted_out", "nothing_due", "stopped", "unsafe", "requeue", "connect"]


@dataclass(frozen=True, slots=True)
class Heard:
    """What a voice request of the carrier says, in our words. `dial_ended`: a bridge or conference is over."""

    digits: str | None = None
    answered_by: AnsweredBy | None = None
    call_ended: bool = False
    dial_ended: bool = False
    recording: tuple[str, int] | None = None
    card: CardEnded | None = None
    sid: str | None = None

    @property
    def only_keys(self) -> bool:
        """Whether nothing is said but what was pressed, if anything was."""
        more = self.call_ended or self.dial_ended or self.recording or self.card
        return not more and self.answered_by in (None, "unknown")


async def take_turn(op: Operation, token: str, n: int, heard: Heard) -> Answer | None:
    """Answer turn number n of a call; None when the token is not ours."""
    if heard.card is not None:  # money that was taken is on record before anything else, whatever the call becomes
        await receiving.hear(op, token, n, heard.card)
    if n == 0:
        await recording.begin(op, token, sid=heard.sid, answered_by=heard.answered_by)
    if heard.only_keys and (taken := await continuing.take(op, token, n, heard.digits)):
        await _tell(op, *taken)
        return taken[1]
    try:
        return await _take_turn(op, token, n, heard)
    except Conflict:  # two requests for one turn at the same instant: the loser repeats what the winner said
        return await _take_turn(op, token, n, heard)
    except DBAPIError as error:
        if not (lost_a_deadlock(error) or was_cut_off(error)):
            raise
        return await _take_turn(op, token, n, heard)


async def _take_turn(op: Operation, token: str, n: int, heard: Heard) -> Answer | None:
    async with op.database.write() as session:
        attempt = await attempts.by_token(session, token)
        if attempt is None:
            return None
        waited = n <= attempt.turn or attempt.waits == "transfer"
        if n <= attempt.turn or (heard.call_ended and not (heard.digits or heard.recording or heard.card)):
            answer = await _given(session, op, attempt, min(n, attempt.turn))
        else:
            attempt = await _note_news(session, op, attempt, heard)
            answer = await _next(session, op, attempt, heard)
    continuing.remember(op, attempt)
    await _tell(op, attempt, answer, waited=waited)
    return await _unheard_by_tape(op, attempt, answer, otherwise="unsafe")


async def inject(op: Operation, token: str, what: Injected) -> Answer | None:
    """Answer a live call that was sent to us by our own request: a machine, a recall, an agent found or missed."""
    async with op.database.write() as session:
        attempt = await attempts.by_token(session, token)
        if attempt is None:
            return None
        late = what in ("requeue", "connect") and attempt.waits != "transfer"  # they wait for no agent any more
        if attempt.waits == "end" or late:
            answer = await _given(session, op, attempt, attempt.turn)
        else:
            answer = await _next(session, op, attempt, Heard(), injected=what)
    await _tell(op, attempt, answer)
    return await _unheard_by_tape(op, attempt, answer, otherwise="stopped")


async def _unheard_by_tape(op: Operation, attempt: Attempt, answer: Answer, *, otherwise: Injected) -> Answer:
    """The answer if no recording hears a secret that it asks for; else the way of who refuses, or a polite end."""
    if not attempt.recorded or await recording.safe_to_speak(op, attempt.token, answer.wait):
        return answer
    return await inject(op, attempt.token, otherwise) or Answer((), End("over"), answer.next_turn)


async def _given(session: AsyncSession, op: Operation, attempt: Attempt, n: int) -> Answer:
    """The answer that was given at turn n, or a silent end when the call was over before its first turn."""
    sealed = await turns.answer_of(session, attempt.id, n) if n >= 0 else None
    if sealed is None:
        return Answer((), End("over"), attempt.turn + 1)
    return load_answer(op.database.keyring.unseal(sealed))


async def _note_news(session: AsyncSession, op: Operation, attempt: Attempt, heard: Heard) -> Attempt:
    """A voice request proves that the call is live, perhaps before any status callback says so."""
    news: list[News] = []
    if attempt.status not in ("live", "ended"):
        news.append(CarrierStatus("in-progress", sid=heard.sid))
    if heard.answered_by and heard.answered_by != "unknown":
        news.append(Detected(heard.answered_by))
    if heard.digits and not attempt.key_pressed:
        news.append(KeyHeard())
    return await attempts.apply(session, attempt, *news, at=op.clock.now()) if news else attempt


async def _next(
    session: AsyncSession, op: Operation, attempt: Attempt, heard: Heard, *, injected: Injected | None = None
) -> Answer:
    """Decide the event, run the flow, commit, and say what is spoken."""
    n = attempt.turn + 1
    event = await _event(session, op, attempt, heard, injected)
    if event is None:  # waiting for an agent who is already reserved: no turn of the flow, only the bridge
        return await _bridge(session, op, attempt, n)
    try:
        turn = await leaving.held_to_it(session, attempt, await _run(session, op, attempt, event))
        turn, answer = await _answer(session, op, attempt, turn, n)
    except InputRefused:
        return await _given(session, op, attempt, attempt.turn)  # it does not fit here: say again what was said
    except FlowFailed as fault:
        log.error("flow_failed", attempt=attempt.id, flow=attempt.flow, turn=n, fault=str(fault))
        await transferring.end(session, op, attempt.id, "failed")
        person = await session.get_one(Person, attempt.person_id)
        answer = Answer((apology(person.language),), End("failed"), n + 1)
        await _keep(session, op, attempt, event, answer, path=(), columns={"flow_disposition": "carrier_failed"})
        return answer
    columns = await collecting.commit_effects(session, op, attempt, turn.effects)
    columns["state"] = op.database.keyring.seal(dump_state(turn.state))
    await _keep(session, op, attempt, event, answer, path=turn.path, columns=columns)
    if answer.room is not None:  # the card tells of this very turn, too
        await transferring.write_packet(session, op, attempt.id)
    if attempt.closed_at is not None:
        await closing.close(session, op, await attempts.fresh(session, attempt.id))
    return answer


async def _event(
    session: AsyncSession, op: Operation, attempt: Attempt, heard: Heard, injected: Injected | None
) -> Event | None:
    """What happened, in the engine's words; None when a reserved agent waits for this caller."""
    if attempt.turn < 0 or attempt.state is None:
        return Answered(attempt.answered_by or heard.answered_by or "unknown")  # type: ignore[arg-type]
    if reason := await suppressing.recalled_for(session, attempt):
        return Recalled(reason)
    match injected:
        case "machine":
            return MachineHeard("fax" if attempt.answered_by == "fax" else "machine")
        case "opted_out" | "nothing_due" | "stopped":
            return Recalled(injected)
        case "unsafe":  # as if the person had refused
            return CardEnded("unavailable") if attempt.waits == "card" else Pressed(REFUSE)
        case _:
            pass
    if heard.recording is not None:
        return RecordingEnded(seconds=heard.recording[1], reference=heard.recording[0])
    if heard.card is not None:
        return heard.card
    if heard.digits:
        guessed = attempt.waits == "secret" and await guessing.refused(session, op, attempt)
        return Pressed(REFUSE if guessed else heard.digits)
    if attempt.waits == "transfer":
        return await _queue_event(session, op, attempt, dial_ended=heard.dial_ended)
    return Silent()


async def _queue_event(
    session: AsyncSession, op: Operation, attempt: Attempt, *, dial_ended: bool
) -> StillWaiting | TransferEnded | None:
    reservation = await agents.open_reservation(session, attempt.id)
    if reservation is None:  # the news that the talk is over may come before the bridge's own end
        return TransferEnded("talked" if await transferring.talked(session, attempt.id) else "failed")
    if dial_ended and reservation.status == "connected":
        await transferring.end(session, op, attempt.id, "ended")
        return TransferEnded("talked")
    if dial_ended and reservation.status == "reserved":  # the agent's own line was gone
        await transferring.miss(session, op, reservation)
    elif reservation.status != "waiting":
        return None
    seconds = int((op.clock.now() - reservation.asked_at).total_seconds())
    return StillWaiting(await agents.position(session, reservation), seconds)


async def _run(session: AsyncSession, op: Operation, attempt: Attempt, event: Event) -> Turn:
    state = load_state(op.database.keyring.unseal(attempt.state)) if attempt.state is not None else None
    flow = await pinning.of_call(session, op, attempt, state.revision if state else None)
    if state is None:
        await pinning.keep(session, op, attempt, flow)
        person, number, campaign, _company = await attempts.whose(session, attempt)
        who = await caller(
            session,
            op,
            person,
            number,
            skill=campaign.skill,
            from_number=attempt.from_number or "",
            debts=attempt.debts or None,
            also={
                "message_only": Plan.model_validate(campaign.plan).message_only,
                "voicemail_allowed": await leaving.allowed(session, campaign, attempt),
                "recorded": attempt.recorded and await recordings.is_on(session, attempt.id),
                **({"agents_open": True} if attempt.mode == BY_HAND else {}),
                **await recognising.told_of_call(session, op, attempt),
                **await guessing.told(session, op, attempt),
            },
        )
        turn = engine.start(flow, who, answered=event if isinstance(event, Answered) else Answered())
        if reason := await suppressing.recalled_for(session, attempt):
            return await _then(session, op, attempt, turn, Recalled(reason))  # news of while it rang: not a word more
        return turn
    return engine.resume(flow, state, event)


async def _answer(session: AsyncSession, op: Operation, attempt: Attempt, turn: Turn, n: int) -> tuple[Turn, Answer]:
    """The turn as it will be spoken. A wish for an agent is tried at once, and told to the flow if it cannot be."""
    if not isinstance(turn.wait, Transfer):
        await _leave_queue(session, op, attempt, turn)
        return turn, Answer(turn.speech, turn.wait, n + 1)
    language = str(turn.state.data["lang"])
    outcome = await transferring.ask(session, op, attempt, turn.wait, language=language)
    match outcome:
        case transferring.Reserved(room=room):  # at once, without a word: two seconds are all the law gives
            said = turn.speech if attempt.mode == BY_HAND and n == 0 else ()  # only that the call is recorded
            return turn, Answer(said, turn.wait, n + 1, room=room)
        case transferring.Queued(position=position):
            if attempt.waits != "transfer":  # newly in the queue: the place, and the key to leave it, at once
                turn = await _then(session, op, attempt, turn, StillWaiting(position, 0), said=turn.speech)
            return turn, Answer(turn.speech, turn.wait, n + 1, queued=True)
        case reason:
            after = await _then(session, op, attempt, turn, TransferEnded(reason))
            return await _answer(session, op, attempt, after, n)


async def _then(
    session: AsyncSession,
    op: Operation,
    attempt: Attempt,
    turn: Turn,
    event: Event,
    *,
    said: tuple[Speech, ...] = (),
) -> Turn:
    """Two turns of the flow as one; of the first one's words only those of `said` are spoken."""
    after = engine.resume(await pinning.of_call(session, op, attempt, turn.state.revision), turn.state, event)
    return Turn(after.state, said + after.speech, after.wait, turn.effects + after.effects, turn.path + after.path)


async def _leave_queue(session: AsyncSession, op: Operation, attempt: Attempt, turn: Turn) -> None:
    if attempt.waits == "transfer":
        how = "callback" if any(type(effect).__name__ == "CallbackAsked" for effect in turn.effects) else "left"
        await transferring.end(session, op, attempt.id, how)


async def _bridge(session: AsyncSession, op: Operation, attempt: Attempt, n: int) -> Answer:
    """The caller's agent is reserved: into their conference, without another word."""
    reservation = await agents.open_reservation(session, attempt.id)
    assert reservation is not None, "a reserved caller has a reservation"
    agent = await session.get_one(Agent, reservation.agent_id, populate_existing=True)
    wait = Transfer(reservation.skill, reservation.max_wait_seconds)
    answer = Answer((), wait, n + 1, room=conference_name(agent.leg_token))
    await _keep(session, op, attempt, StillWaiting(0, 0), answer, path=(), columns={})
    return answer


async def _keep(
    session: AsyncSession,
    op: Operation,
    attempt: Attempt,
    event: Event,
    answer: Answer,
    *,
    path: tuple[str, ...],
    columns: dict[str, Any],
) -> None:
    """Commit the turn: the swap on its number decides between two that heard the same event."""
    n = answer.next_turn - 1
    columns = {"waits": name_of(answer.wait), **columns}
    secret = attempt.waits == "secret"  # what was asked before this turn, not by it
    if not await turns.swap(session, attempt.id, n, **columns):
        raise Conflict(f"turn {n} of attempt {attempt.id} was answered by another request; ask again")
    await turns.add(
        session,
        attempt.id,
        n,
        at=op.clock.now(),
        event=as_record(event, secret=secret),
        answer=op.database.keyring.seal(dump_answer(answer)),
        path=list(path),
    )


async def _tell(op: Operation, attempt: Attempt, answer: Answer, *, waited: bool = True) -> None:
    """After the commit: screens that look at this campaign may look again; the agent's own shows who is coming.

    `waited`: the card may be on the screen since before this turn.
    """
    await op.fanout.publish(f"campaign:{attempt.campaign_id}", {"attempt": attempt.id, "turn": answer.next_turn - 1})
    if answer.room:
        await heralding.before_voice(op, attempt.id, answer.room, may_stand=waited)
