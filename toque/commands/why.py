"""`toque why KEY`: why somebody was called or was not, and from when they may be."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated
from zoneinfo import ZoneInfo

import typer
from rich.console import Group, RenderableType
from rich.markup import escape
from rich.text import Text

from dialer import explaining
from dialer.explaining import Happened, Standing, Why
from dialer.store.campaigns import BY_HAND
from toque.commands.acting import act
from toque.commands.output import Json, show
from toque.commands.pictures import plain_table

WORDS = {
    "call_allowed": "call allowed",
    "call_denied": "no call",
    "call_skipped": "left for later by an agent",
    "call_ended": "call ended",
    "message_allowed": "text allowed",
    "message_denied": "no text",
    "text_received": "text received",
    "agent_reserved": "an agent was reserved",
    "agent_outcome": "the agent's word",
}


def why(
    key: Annotated[str, typer.Argument(help="The person's key, as `toque person find` shows it.")],
    campaign: Annotated[str | None, typer.Option(help="Only what concerns this campaign.")] = None,
    as_json: Json = False,
) -> None:
    """Why was this person called, or not, and when may they be called next?"""
    told = act(lambda op: explaining.why(op, key, campaign=campaign))
    show(told, lambda: picture_of(told), as_json=as_json)


def picture_of(told: Why) -> RenderableType:
    """What the gate says now, then what happened, by the clock of the person's (first) place."""
    place = told.zone or "UTC"
    head = Text(f"{told.key}  {told.name}  times in {place}", style="bold")
    parts: list[RenderableType] = [head, Text(""), Text("Now", style="bold"), _now(told, place)]
    parts += [Text(""), Text("What happened", style="bold")]
    if told.earlier:
        parts.append(Text(f"{told.earlier} earlier rows are not shown", style="dim"))
    parts.append(_past(told, place) if told.happened else Text("Nothing yet."))
    given = [one.link for one in told.standings] + [one.link for one in told.happened]
    links = dict.fromkeys(link for link in given if link)
    parts += [Text(link, style="dim", no_wrap=True, overflow="ignore") for link in links]
    return Group(*parts)


def _now(told: Why, place: str) -> RenderableType:
    table = plain_table("campaign", "contact", "may be called", "why not", "from")
    for one in told.standings:
        word = Text("yes", style="green") if one.allowed else Text("no", style="red")
        by_hand = one.status == BY_HAND
        where, contact = (one.campaign, "") if by_hand else (f"{one.campaign} ({one.status})", one.contact)
        table.add_row(escape(where), contact, word, escape(_why_not(one)), escape(_next(one, place)))
    return table


def _why_not(one: Standing) -> str:
    if one.allowed:
        return ""
    return f"{one.rule}: {one.reason} [{one.citation}; {one.pack}]" if one.pack else f"{one.rule}: {one.reason}"


def _next(one: Standing, place: str) -> str:
    if one.next_at is not None:
        return _local(one.next_at, place)
    if one.status in explaining.OVER:
        return "over"
    return "no end is known" if one.holds in (None, f"{one.rule}: {one.reason}") else f"not then: {one.holds}"


def _past(told: Why, place: str) -> RenderableType:
    table = plain_table("when", "what", "campaign", "")
    for one in told.happened:
        table.add_row(
            _local(one.at, place), WORDS.get(one.what, one.what.replace("_", " ")), one.campaign, _said(one)
        )
    return table


def _said(one: Happened) -> str:
    """All that is worth reading of a row, in one line."""
    until = f"until {one.until}" if one.until else ""
    rule = f"{one.rule}: {one.reason} [{one.citation}]" if one.rule else ""
    advice = "advice: " + ", ".join(one.advisories) if one.advisories else ""
    also = "also " + ", ".join(one.also) if one.also else ""
    by = "" if one.by == "system" else f"by {one.by}"
    told = (rule, until, one.outcome, one.number, one.mode, one.pack, also, advice, by)
    return escape(" · ".join(part for part in told if part))


def _local(at: datetime, place: str) -> str:
    return f"{at.astimezone(ZoneInfo(place)):%Y-%m-%d %H:%M}"
