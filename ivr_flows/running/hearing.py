"""What an event means at the node where the call waits. Events that fit no wait are refused, not guessed at."""

from __future__ import annotations

from typing import cast

from ivr_flows import events, nodes, turn
from ivr_flows.errors import FlowFailed, InputRefused
from ivr_flows.running import asking, entering, paying
from ivr_flows.running.run import Run

SPEAK_POSITION_EVERY_SECONDS = 30  # music in between: more often sounds like nagging, less like being forgotten

Step = str | turn.Wait
_QUESTIONS = (nodes.Menu, nodes.Choose, nodes.Verify, nodes.Collect, nodes.Record)


def wait_at(run: Run, node: nodes.Node) -> turn.Wait:
    """What the call waits for at a node, without a word."""
    if isinstance(node, nodes.Transfer):
        return entering.wait_for_agent(node)
    if isinstance(node, _QUESTIONS):
        return asking.wait_of(run, node)
    if isinstance(node, nodes.PayByCard):
        return paying.wait_for_card(run, node)
    raise FlowFailed(f"{run.flow.name}: a call cannot wait at {node.name}; the stored state is of another flow.")


def hear(run: Run, node: nodes.Node, event: events.Event) -> Step:
    """The next node, or what is waited for now; InputRefused for an event that does not belong here."""
    match node, event:
        case nodes.Transfer(), events.StillWaiting() | events.TransferEnded() | events.Pressed() | events.Silent():
            return _in_queue(run, node, event)
        case nodes.Record(), events.RecordingEnded(seconds=seconds, reference=reference):
            if not seconds:
                return asking.missed(run, node, "silent")
            run.effects.append(turn.Recorded(reference, seconds))
            return node.next
        case nodes.PayByCard(), events.CardEnded() | events.Silent():
            return paying.ended(run, node, event)
        case ((nodes.Menu() | nodes.Choose() | nodes.Verify() | nodes.Collect() | nodes.Record()), events.Silent()):
            return asking.missed(run, node, "silent")
        case (
            (nodes.Menu() | nodes.Choose() | nodes.Verify() | nodes.Collect() | nodes.Record()),
            events.Pressed(digits=digits),
        ):
            run.data["pressed"] = True
            return asking.pressed(run, node, digits)
        case _:
            raise InputRefused(
                f"{type(event).__name__} does not fit node {node.name} ({type(node).__name__}); the call waits on."
            )


def _in_queue(
    run: Run,
    node: nodes.Transfer,
    event: events.StillWaiting | events.TransferEnded | events.Pressed | events.Silent,
) -> Step:
    match event:
        case events.TransferEnded(result=result):
            if result == "talked":
                run.reach("transferred")
            elif result in ("nobody_free", "failed"):
                run.reach("nobody_free")
            return run.leave(node, result)
        case events.StillWaiting(seconds=seconds) if seconds >= node.max_wait_seconds:
            run.reach("nobody_free")
            return run.leave(node, "nobody_free")
        case events.StillWaiting():
            _tell_position(run, node, event)
        case events.Pressed(digits=digits) if digits == node.callback_key:
            return run.leave(node, "callback")
        case events.Pressed(digits=digits) if key := asking.meant_key(run, node.keys, digits):
            return key.to
        case _:
            pass  # a key that means nothing here; the music goes on
    return entering.wait_for_agent(node)


def _tell_position(run: Run, node: nodes.Transfer, event: events.StillWaiting) -> None:
    """Say the place in the queue when it changed, and every half minute."""
    known = cast("list[int] | None", run.data.get("queue"))
    if known and known[0] == event.position and event.seconds - known[1] < SPEAK_POSITION_EVERY_SECONDS:
        return
    run.data["queue"] = [event.position, event.seconds]
    run.changed()
    run.say(node.waiting, node.privacy)
