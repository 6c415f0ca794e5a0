"""Acts that keep the sound of calls: sealed copies, deletion at the carrier, copies on request, erasure when due.

Every step can be taken again from the status on record. The carrier's copy goes only when ours is durable.
"""

from __future__ import annotations

import os
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import BinaryIO

import structlog
from sqlalchemy.ext.asyncio import AsyncSession

from dialer.carrier.tapes import RUNNING, Tape
from dialer.errors import BadInput, NotFound, Refused
from dialer.operation import Operation
from dialer.store import campaigns, interactions, people, recordings, vault
from dialer.store.models import Attempt, Recording
from dialer.store.recordings import Listed
from dialer.store.vault import Sealed, TooLarge, Unreadable

log = structlog.get_logger("toque.keeping")

NEWS_AFTER = timedelta(minutes=2)  # from the end of the call; then the carrier is asked
LOOK_AGAIN = timedelta(minutes=1)
BATCH = 10
FOLDER = "recordings"


async def look_after(op: Operation) -> int:
    """Settle what is left to do at the carrier, and erase what is overdue; how many recordings were looked at."""
    now = op.clock.now()
    async with op.database.read() as session:
        due = await recordings.unsettled(
            session, ended_before=now - NEWS_AFTER, looked_before=now - LOOK_AGAIN, limit=BATCH
        )
        over = await recordings.overdue(session, now.date(), BATCH)
    for recording, attempt in due if op.settings.can_dial else ():
        await _settle(op, recording, attempt)
    for recording in over:
        await _erase(op, recording, actor="system", reason="the time to keep it is over")
    return len(due) + len(over)


async def listed(op: Operation, *, campaign: str | None, person: str | None, limit: int = 100) -> list[Listed]:
    """Recordings, the youngest first, of a campaign or of the person with this key (NotFound: none such)."""
    async with op.database.read() as session:
        tenant = await campaigns.tenant(session)
        if campaign is not None:
            await campaigns.by_name(session, tenant.id, campaign)
        if person is not None:
            await people.by_key(session, tenant.id, person)
        return await recordings.listed(session, campaign=campaign, person=person, limit=limit)


async def copy(op: Operation, recording_id: int, out: Path, *, actor: str, reason: str) -> int:
    """Write the sound as WAV into a new file that only its owner reads; its bytes. Who asked and why is on record.

    Raises NotFound, Refused (there is no sound, or a file of that name), vault.Unreadable; then there is no file.
    """
    recording = await _stored(op, recording_id)
    reason = _given(reason)
    with _new_file(out) as file:
        await _note(op, recording, "recording_copied", actor=actor, reason=reason)
        return sum(file.write(piece) for piece in _sound(op, recording))


async def listen(op: Operation, recording_id: int, *, actor: str) -> Iterator[bytes]:
    """The sound as WAV, piece by piece, for somebody who listens on a screen; that they did so is on record first.

    Raises NotFound and Refused before anything is on record; vault.Unreadable while it is read.
    """
    recording = await _stored(op, recording_id)
    await _note(op, recording, "recording_heard", actor=actor, reason="listened to on the screen")
    return _sound(op, recording)


async def erase(op: Operation, recording_id: int, *, actor: str, reason: str) -> None:
    """Erase the sound before its time; that it was there stays on record. Raises NotFound, Refused."""
    await _erase(op, await _stored(op, recording_id), actor=actor, reason=_given(reason))


async def _settle(op: Operation, recording: Recording, attempt: Attempt) -> None:
    match recording.status:
        case "asked":
            await _change(op, recording, "failed", error="nobody was told of it: it was not confirmed in time")
        case "on" | "paused":
            await _ask(op, recording)
        case "ended":
            await _keep(op, recording, attempt)
        case _:  # stored, failed or erased, and the carrier may have it still
            await _delete(op, recording, attempt)


async def _ask(op: Operation, recording: Recording) -> None:
    """The news of its end was lost: look at the carrier."""
    sid, call = recording.sid, await _call_of(op, recording)
    tapes = await op.carrier.tapes.of_call(call) if call else []
    if tapes is None:
        return await _looked(op, recording)
    tape = next((one for one in tapes if one.sid == sid), Tape(sid or "", "absent"))
    if tape.status == "completed":
        await _change(op, recording, "ended", seconds=tape.seconds, heard_at=None)
    elif tape.status == "absent":
        gone = op.clock.now()
        await _change(op, recording, "failed", error="the carrier has no sound", gone_at_carrier_at=gone)
    else:  # it is being made ready, or a call that we take for over still talks
        await _looked(op, recording)


async def _keep(op: Operation, recording: Recording, attempt: Attempt) -> None:
    """Fetch the sound and seal it; then it goes at the carrier."""
    assert recording.sid is not None, "a recording that ended has an id"
    path = f"{FOLDER}/{recording.started_at:%Y/%m}/{recording.id}.sealed"

    async def seal(pieces: AsyncIterator[bytes]) -> Sealed:
        return await vault.write(op.settings.home / path, pieces, op.database.keyring)

    try:
        sealed = await op.carrier.tapes.fetch(recording.sid, seal)
    except TooLarge as fault:
        await _change(op, recording, "failed", error=str(fault))
        return
    if sealed is None:
        log.warning("sound_not_fetched", recording=recording.id, todo="none: it is tried again in a minute")
        return await _looked(op, recording)
    async with op.database.write() as session:
        values = {"status": "stored", "path": path, "digest": sealed.digest}
        if await recordings.change(session, recording.id, ["ended"], **values):
            detail = {"bytes": sealed.size, "sha256": sealed.digest, "why": recording.why}
            await _add(session, op, recording, attempt, "recording_stored", "system", detail)
    await _delete(op, recording, attempt)


async def _delete(op: Operation, recording: Recording, attempt: Attempt) -> None:
    """Delete the carrier's copy, and whatever else it has of a recording that nobody was told of."""
    sids = [recording.sid] if recording.sid else []
    if not sids and attempt.sid:
        tapes = await op.carrier.tapes.of_call(attempt.sid)
        if tapes is None or any(tape.status in RUNNING for tape in tapes):
            return await _looked(op, recording)
        sids = [tape.sid for tape in tapes]
    if not all([await op.carrier.tapes.delete(sid) for sid in sids]):
        return await _looked(op, recording)
    async with op.database.write() as session:
        kept = ("stored", "failed", "erased")
        await recordings.change(session, recording.id, kept, gone_at_carrier_at=op.clock.now())


async def _erase(op: Operation, recording: Recording, *, actor: str, reason: str) -> None:
    _path(op, recording).unlink(missing_ok=True)  # first: what is gone may be erased again, what is forgotten not
    async with op.database.write() as session:
        now = op.clock.now()
        if await recordings.change(session, recording.id, ["stored"], status="erased", path=None, erased_at=now):
            attempt = await session.get_one(Attempt, recording.attempt_id)
            detail = {"reason": reason, "sha256": recording.digest}
            await _add(session, op, recording, attempt, "recording_erased", actor, detail)


async def _stored(op: Operation, recording_id: int) -> Recording:
    async with op.database.read() as session:
        found = await session.get(Recording, recording_id)
    if found is None:
        raise NotFound(f"There is no recording {recording_id}. See them: toque recording list")
    if found.status != "stored":
        why = f" ({found.error})" if found.error else ""
        raise Refused(f"Recording {recording_id} is {found.status}{why}: there is no sound of it here.")
    return found


@contextmanager
def _new_file(out: Path) -> Iterator[BinaryIO]:
    """A file that was not there. A part of a recording is no copy: what fails leaves none."""
    try:
        descriptor = os.open(out, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        raise Refused(f"{out} is there already; choose another name.") from None
    except OSError as fault:
        raise Refused(f"{out} cannot be written ({fault.strerror}); choose another place.") from None
    try:
        with os.fdopen(descriptor, "wb") as file:
            yield file
    except BaseException:
        out.unlink(missing_ok=True)
        raise


def _sound(op: Operation, recording: Recording) -> Iterator[bytes]:
    try:
        yield from vault.read(_path(op, recording), op.database.keyring)
    except FileNotFoundError:
        raise Unreadable(f"The sealed sound of recording {recording.id} is missing; take it from a backup.") from None


def _path(op: Operation, recording: Recording) -> Path:
    assert recording.path is not None, "what is stored has a file"
    return op.settings.home / recording.path


def _given(reason: str) -> str:
    if not reason.strip():
        raise BadInput("Say why: --reason TEXT. It is kept in the record.")
    return reason.strip()[:200]


async def _note(op: Operation, recording: Recording, kind: str, *, actor: str, reason: str) -> None:
    async with op.database.write() as session:
        attempt = await session.get_one(Attempt, recording.attempt_id)
        await _add(session, op, recording, attempt, kind, actor, {"reason": reason, "sha256": recording.digest})


async def _add(
    session: AsyncSession, op: Operation, recording: Recording, attempt: Attempt, kind: str, actor: str,
    detail: Mapping[str, object],
) -> None:  # fmt: skip
    await interactions.add(
        session,
        tenant_id=recording.tenant_id,
        person_id=attempt.person_id,
        attempt_id=attempt.id,
        at=op.clock.now(),
        kind=kind,
        actor=actor,
        detail={"recording": recording.id, **detail},
    )


async def _call_of(op: Operation, recording: Recording) -> str | None:
    async with op.database.read() as session:
        return (await session.get_one(Attempt, recording.attempt_id)).sid


async def _change(op: Operation, recording: Recording, status: str, **values: object) -> None:
    async with op.database.write() as session:
        await recordings.change(session, recording.id, [recording.status], status=status, **values)


async def _looked(op: Operation, recording: Recording) -> None:
    """Nothing to be done now: again in a minute."""
    async with op.database.write() as session:
        await recordings.change(session, recording.id, [recording.status], heard_at=op.clock.now())
