"""What happens on coming to a node: effects first, then words, then where to go or what to wait for."""

from __future__ import annotations

from datetime import date, time, timedelta
from typing import assert_never

from ivr_flows import nodes, turn
from ivr_flows.errors import FlowFailed
from ivr_flows.hours import DAY, HOUR
from ivr_flows.running import asking, owing, paying
from ivr_flows.running.run import Run

Step = str | turn.Wait
# Weekdays, and from and to which minute of the day: what people mean by these words.
TIMES: dict[nodes.Times, tuple[tuple[int, ...], int | None, int | None]] = {
    "mornings": ((), None, 12 * HOUR),
    "afternoons": ((), 12 * HOUR, 18 * HOUR),
    "evenings": ((), 18 * HOUR, None),
    "weekends": ((5, 6), None, None),
}


def enter(run: Run, node: nodes.Node) -> Step:
    """Act on a node: the name of the next one, or what the call now waits for."""
    match node:
        case nodes.Say():
            return _speak_and_go(run, node)
        case nodes.Menu() | nodes.Collect() | nodes.Record():
            return asking.begin(run, node)
        case nodes.Choose():
            return _choose(run, node)
        case nodes.Verify():
            return _verify(run, node)
        case nodes.Branch():
            return next((case.to for case in node.cases if run.holds(case.when)), node.next)
        case nodes.Set():
            return _set(run, node)
        case nodes.Transfer():
            return _transfer(run, node)
        case nodes.Hangup():
            run.reach(node.disposition)
            run.say(node.prompt, node.privacy)
            return turn.End()
        case _:
            return _act(run, node)


def _act(
    run: Run,
    node: nodes.Message
    | nodes.Pay
    | nodes.PayByCard
    | nodes.Promise
    | nodes.Hold
    | nodes.Callback
    | nodes.OptOut
    | nodes.Designate
    | nodes.WrongPerson
    | nodes.Voicemail,
) -> Step:
    """The nodes that leave something behind."""
    match node:
        case nodes.Message():
            return _message(run, node)
        case nodes.Pay():
            return _pay(run, node)
        case nodes.PayByCard():
            return paying.begin(run, node)
        case nodes.Promise():
            return _promise(run, node)
        case nodes.Hold():
            return _hold(run, node)
        case nodes.Callback():
            run.effects.append(_callback(run, node))
            run.reach(node.disposition)
        case nodes.OptOut():
            run.effects.append(turn.OptedOut(node.scope, str(run.value(node.number) or "") if node.number else ""))
            run.reach("opted_out")
        case nodes.Designate():
            run.effects.append(turn.Designated(*TIMES[node.times]))
            run.reach("absent")
        case nodes.WrongPerson():
            run.effects.append(turn.NotThisPerson(node.reason))
            run.reach(node.reason)
        case nodes.Voicemail():
            return _voicemail(run, node)
        case _:
            assert_never(node)
    return _speak_and_go(run, node)


def _speak_and_go(run: Run, node: nodes.Node) -> str:
    run.say(node.prompt, node.privacy)
    return node.next


def _callback(run: Run, node: nodes.Callback) -> turn.CallbackAsked:
    """When to call again: a time of day is counted from the minute in which the call began."""
    if not node.at:
        return turn.CallbackAsked(node.minutes, node.by_agent)
    at = run.value(node.at)
    if not isinstance(at, int) or run.minute is None:
        raise FlowFailed(f"{run.flow.name}: {node.name} needs {node.at} and the time of the call; collect it before.")
    return turn.CallbackAsked(max(1, at - run.minute), node.by_agent, time(at % DAY // HOUR, at % HOUR))


def _choose(run: Run, node: nodes.Choose) -> Step:
    """Nothing to choose from: whoever knows the host's debts only as a sum speaks of all of them."""
    run.data["page"] = 0
    if not owing.debts(run):
        return run.leave(node, "none")
    return asking.begin(run, node)


def _set(run: Run, node: nodes.Set) -> str:
    if node.debts:
        owing.speak_of_all(run)
    run.assign(node.values)
    if node.level is not None:
        run.raise_level(node.level)
    if node.disposition:
        run.reach(node.disposition)
    return node.next


def _verify(run: Run, node: nodes.Verify) -> Step:
    """Ask only for what is needed and known: no check on the list, no question (and no disclosure)."""
    if run.may_disclose:
        return node.next
    known = run.value("check_kind") in node.prompts and run.value("check_value")
    if run.data["need"] == "confirmed" or not known:
        return run.leave(node, "unavailable")
    return asking.begin(run, node)


def _transfer(run: Run, node: nodes.Transfer) -> Step:
    run.data["queue"] = None
    run.changed()
    if run.value("agents_open") is False:
        return run.leave(node, "closed")
    run.say(node.prompt, node.privacy)
    return wait_for_agent(node)


def wait_for_agent(node: nodes.Transfer) -> turn.Transfer:
    """The wait of a transfer."""
    return turn.Transfer(node.skill, node.max_wait_seconds, node.callback_key)


def _message(run: Run, node: nodes.Message) -> str:
    if not run.value("has_mobile"):
        return run.leave(node, "no_mobile")
    run.effects.append(turn.MessageAsked(node.template, run.text(node.text), node.purpose))
    return _speak_and_go(run, node)


def _pay(run: Run, node: nodes.Pay) -> str:
    run.guard("debt")
    kind = node.way or str(run.value("payment_kind"))
    if kind not in node.texts or not run.value(node.way or "payment_code"):
        return run.leave(node, "no_code")
    if not run.value("has_mobile"):
        return run.leave(node, "no_mobile")
    template = ":".join((f"payment_{kind}", *owing.meant(run)))  # one text for each debt, not one for the call
    run.effects.append(turn.MessageAsked(template, run.text(node.texts[kind]), "payment_code"))
    run.reach("payment_code_sent")
    return _speak_and_go(run, node)


def _promise(run: Run, node: nodes.Promise) -> str:
    run.guard("debt")
    amount, on = run.value(node.amount), run.value(node.on)
    if not isinstance(amount, turn.Money) or not isinstance(on, date):
        raise FlowFailed(f"{run.flow.name}: {node.name} needs {node.amount} and {node.on}; set both before it.")
    if not run.today <= on <= run.today + timedelta(days=node.horizon_days):
        return run.leave(node, "too_late")
    run.effects.append(turn.Promised(amount, on, owing.meant(run)))
    run.reach("promised")
    return _speak_and_go(run, node)


def _hold(run: Run, node: nodes.Hold) -> str:
    run.guard("debt")
    detail, on = run.value(node.detail), run.value(node.on)
    day = on if isinstance(on, date) else None
    run.effects.append(turn.HoldAsked(node.reason, str(detail or ""), day, owing.meant(run)))
    run.reach("already_paid" if node.reason == "already_paid" else "disputed")
    return _speak_and_go(run, node)


def _voicemail(run: Run, node: nodes.Voicemail) -> str:
    """A machine may be heard by anybody: public words, whatever the level."""
    run.say(node.prompt, node.privacy)
    if not run.speech or run.speech[-1].privacy != "public":
        raise FlowFailed(f"{run.flow.name}: {node.name} has no public words for a machine; use public variables.")
    run.effects.append(turn.VoicemailLeft())
    run.reach("voicemail_left")
    return node.next
