"""`toque person bar, unbar, designate, consent`: what people, their lawyers and employers have told us to heed."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from typing import Annotated

import typer
from rich.text import Text

from dialer.errors import BadInput
from dialer.heeding import cases, consenting, designating
from dialer.heeding.cases import Order
from dialer.rules.phone_numbers import PhoneNumber, read
from dialer.store.consents import Agreed
from dialer.store.designations import Inconvenient
from dialer.store.gate_facts import EMPLOYER
from toque.commands.acting import act
from toque.commands.output import Json, show

Key = Annotated[str, typer.Argument(help="The person, by the key of the list.")]
Because = Annotated[str, typer.Option(help="Why, for the record; name nobody.")]
Kind = Annotated[str, typer.Option(help=f"One of {', '.join(cases.KINDS)}.")]
Creditor = Annotated[str | None, typer.Option(help="Only what is about this creditor's debts.")]
WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
SEVERAL = {"weekdays": range(5), "weekend": range(5, 7)}


def bar(
    key: Key,
    kind: Kind,
    creditor: Creditor = None,
    until: Annotated[str | None, typer.Option(help="The last day on which it holds, like 2026-12-31.")] = None,
    because: Because = "",
    as_json: Json = False,
) -> None:
    """Stop contact with a person: on record at once, and calls under way are cancelled or end politely."""
    order = Order(kind, creditor, _end_of(until), because)
    barred = act(lambda op: cases.bar(op, key, order))
    words = f"{key}: {kind} is {'' if barred.new else 'already '}on record; calls stopped: {barred.calls_stopped}"
    show(barred, lambda: Text(words), as_json=as_json)


def unbar(
    key: Key,
    kind: Kind,
    because: Annotated[str, typer.Option(help="Why it no longer holds, for the record; name nobody.")],
    creditor: Creditor = None,
    as_json: Json = False,
) -> None:
    """End such bars on a person; what else holds them back holds on."""
    ended = act(lambda op: cases.unbar(op, key, Order(kind, creditor, because=because)))
    show({"ended": ended}, lambda: Text(f"{key}: ended {ended} of {kind}. Other bars hold on."), as_json=as_json)


def designate(
    key: Key,
    days: Annotated[
        str, typer.Option(help="Weekdays like tue,thu; or weekdays, weekend. Without it: every day.")
    ] = "",
    begins: Annotated[str | None, typer.Option("--from", help="From this time of day, like 15:00.")] = None,
    ends: Annotated[
        str | None, typer.Option("--to", help="To before this time; past midnight if it is earlier.")
    ] = None,
    until: Annotated[str | None, typer.Option(help="The last day on which it holds, like 2026-12-31.")] = None,
    place: Annotated[str | None, typer.Option(help="home or work: not there.")] = None,
    employer: Annotated[bool, typer.Option("--employer", help="The employer allows no calls at work.")] = False,
    end: Annotated[bool, typer.Option("--end", help="The person has taken all of them back.")] = False,
    as_json: Json = False,
) -> None:
    """Keep a time or a place that the person named as inconvenient; no contact then, or there."""
    if end:
        ended = act(lambda op: designating.take_back(op, key))
        show({"ended": ended}, lambda: Text(f"{key}: ended {ended}."), as_json=as_json)
        return
    named = Inconvenient(_days(days), _minute(begins), _minute(ends), _day(until), "work" if employer else place)
    origin = EMPLOYER if employer else "agent"
    done = act(lambda op: designating.designate(op, key, named, origin=origin))
    words = f"{key}: {'kept' if done.new else 'on record already'}; calls taken back: {done.calls_stopped}"
    show(done, lambda: Text(words), as_json=as_json)


def consent(
    key: Key,
    kind: Annotated[str, typer.Option(help=f"One of {', '.join(consenting.KINDS)}.")],
    given_on: Annotated[str | None, typer.Option(help="The day on which it was given, like 2026-03-31.")] = None,
    how: Annotated[str | None, typer.Option(help="How it was given: a form, a recorded call …")] = None,
    creditor: Annotated[str | None, typer.Option(help="It was given to this creditor; without it, to us.")] = None,
    number: Annotated[str | None, typer.Option(help="Only for this number, like +1212…")] = None,
    revoke: Annotated[bool, typer.Option("--revoke", help="The person has taken it back, from now on.")] = False,
    as_json: Json = False,
) -> None:
    """Keep a consent of a person, or that it was taken back: then it ends at once, in calls under way too."""
    if revoke:
        stopped = act(lambda op: consenting.revoke(op, key, kind))
        show(
            {"calls_stopped": stopped}, lambda: Text(f"{key}: taken back; calls stopped: {stopped}"), as_json=as_json
        )
        return
    day = _day(given_on)
    if day is None:
        raise BadInput("Say on which day it was given with --given-on, or that it was taken back with --revoke")
    agreed = Agreed(kind, day, how, creditor, _e164(number))
    new = act(lambda op: consenting.give(op, key, agreed))
    show({"new": new}, lambda: Text(f"{key}: {kind} is {'' if new else 'already '}on record"), as_json=as_json)


def _day(text: str | None) -> date | None:
    try:
        return date.fromisoformat(text) if text else None
    except ValueError:
        raise BadInput(f'"{text}" is no day: write it like 2026-12-31') from None


def _end_of(text: str | None) -> datetime | None:
    """When that day is over everywhere on earth."""
    day = _day(text)
    return datetime.combine(day + timedelta(days=1), time(12), UTC) if day else None


def _days(text: str) -> tuple[int, ...]:
    words = [one.strip().lower()[:3] if one.strip().lower() not in SEVERAL else one.strip().lower()
             for one in text.split(",") if one.strip()]  # fmt: skip
    if unknown := [one for one in words if one not in WEEKDAYS and one not in SEVERAL]:
        raise BadInput(f'"{unknown[0]}" is no weekday: use {", ".join(WEEKDAYS)}, weekdays or weekend')
    return tuple(sorted({day for one in words for day in SEVERAL.get(one) or [WEEKDAYS.index(one)]}))


def _minute(text: str | None) -> int | None:
    if text is None:
        return None
    hours, _, minutes = text.partition(":")
    if not (hours.isdigit() and minutes.isdigit() and int(minutes) < 60):
        raise BadInput(f'"{text}" is no time of day: write it like 15:00')
    return int(hours) * 60 + int(minutes)


def _e164(text: str | None) -> str | None:
    if text is None:
        return None
    found = read(text, "US") if text.startswith("+") else None
    if not isinstance(found, PhoneNumber):
        raise BadInput("The number cannot be read: write it as +country code and number")
    return found.e164
