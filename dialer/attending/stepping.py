"""Acts of an agent who follows a script: each branch taken, each step back and each change of script is a line of
the record. Where the agent stands is read from those lines, so that every window shows the same step.

Only names of scripts, steps and keys are kept: no word of the person.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from dialer.attending import identity
from dialer.attending.talk import Seat, Talk, present, write_down
from dialer.errors import BadInput
from dialer.operation import Operation
from dialer.store.models import Interaction
from ivr_flows.errors import FlowError
from ivr_flows.scripts.loading import load
from ivr_flows.scripts.script import Script

KIND = "script_step"
Known = ("checked", "confirmed")


@dataclass(frozen=True, slots=True)
class Standing:
    """Where an agent is: the script, and the steps from the first one to the present one. `n` lines say so."""

    script: str
    path: tuple[str, ...]
    n: int

    @property
    def step(self) -> str:
        """The present step or end."""
        return self.path[-1]


async def standing(session: AsyncSession, attempt_id: int) -> Standing | None:
    """Where the agent of this call stands; None when no script was begun."""
    rows = await session.scalars(
        select(Interaction.detail)
        .where(Interaction.attempt_id == attempt_id, Interaction.kind == KIND)
        .order_by(Interaction.id)
    )
    return replay(list(rows))


def replay(lines: list[dict[str, Any]]) -> Standing | None:
    """The lines of a call, oldest first, to where the agent stands after them."""
    script, path = "", list[str]()
    for line in lines:
        match line:
            case {"back": True}:
                path = path[:-1] or path
            case {"key": _, "to": to}:
                path = [*path, str(to)]
            case {"script": name, "to": to}:
                script, path = str(name), [str(to)]
    return Standing(script, tuple(path), len(lines)) if path else None


async def begin(op: Operation, seat: Seat, name: str, seen: int) -> bool:
    """Open a script at its beginning; `seen` lines were known to the screen. False: another window was first."""
    script = _loaded(name)
    async with op.database.write() as session:
        talk = await present(session, seat)
        if not await _is_news(session, talk, seen):
            return False
        first = script.first(known=talk.attempt.level in Known)
        await _write(session, op, talk, script, {"to": first.name})
        return True


async def take(op: Operation, seat: Seat, key: str, seen: int, *, script: str) -> bool:
    """Follow the branch of this key from where the agent stands (a script that is not begun: from its beginning).

    False when another window was first. BadInput when the key leads nowhere from there.
    """
    async with op.database.write() as session:
        talk = await present(session, seat)
        if not await _is_news(session, talk, seen):
            return False
        found = await standing(session, seat.attempt)
        chosen = _loaded(found.script if found else script)
        at = found.step if found else chosen.first(known=talk.attempt.level in Known).name
        if found is None:
            await _write(session, op, talk, chosen, {"to": at})
        try:
            to = chosen.follow(at, key)
            branch = next(one for one in chosen.branches(chosen.step(at)) if one.key == key)
        except FlowError as fault:
            raise BadInput(str(fault)) from None
        await _write(session, op, talk, chosen, {"from": at, "key": key, "to": to.name})
        if branch.confirms:
            await identity.confirm(session, op, talk)
        return True


async def back(op: Operation, seat: Seat, seen: int) -> bool:
    """One step back; the line of the step that was taken stays. False: another window was first, or no step to."""
    async with op.database.write() as session:
        talk = await present(session, seat)
        found = await standing(session, seat.attempt)
        if found is None or found.n != seen or len(found.path) < 2:
            return False
        await _write(session, op, talk, _loaded(found.script), {"back": True, "to": found.path[-2]})
        return True


async def _is_news(session: AsyncSession, talk: Talk, seen: int) -> bool:
    found = await standing(session, talk.attempt.id)
    return (found.n if found else 0) == seen


async def _write(session: AsyncSession, op: Operation, talk: Talk, script: Script, detail: dict[str, Any]) -> None:
    await write_down(session, op, talk, KIND, {"script": script.name, "revision": script.revision, **detail})


def _loaded(name: str) -> Script:
    try:
        return load(name)
    except FlowError as fault:
        raise BadInput(f"There is no script of that name: {fault}") from None
