"""A question from outside -> facts and a proposal, as `toque gate check` takes them. It decides nothing.

An absent key means that nothing of the kind is on record. Zones are those that are said: none is guessed of a number.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from dialer.rules.asking import words
from dialer.rules.asking.fields import Fields, Misunderstood
from dialer.rules.asking.record import Key, consents, contacts, permits
from dialer.rules.asking.standing import bars, designations
from dialer.rules.facts import (
    NO_LIMITS,
    Content,
    Facts,
    Limits,
    Meters,
    Noticed,
    Proposed,
    Reassigned,
    Zone,
)

# By what the fields of a document are called.
ANNOTATIONS = ("id",)
PARTS = {
    "name": ("name", "nome", "supplier", "fornecedor"),
    "address": ("address", "endere"),
    "tax_id": ("cpf", "cnpj", "tax"),
}


@dataclass(frozen=True, slots=True)
class Question:
    """One case: what the gate is told, and the keys (dotted) that no rule knows."""

    id: str | None
    facts: Facts
    proposed: Proposed
    ignored: tuple[str, ...]


def read_question(data: object) -> Question:
    """The question in a JSON object; raises Misunderstood with the key and what it should be."""
    top = Fields(data)
    said = top.inner("facts")
    proposed = said.inner("proposed") if isinstance(said.take("proposed"), dict) else top.inner("proposed")
    country, region = words.jurisdiction(top.text("jurisdiction"))
    at = proposed.instant("ts")
    if at is None:
        raise Misunderstood("facts.proposed.ts is missing: say when the contact is to be made")
    key = _key(said, proposed)
    consumer = said.inner("consumer")
    zones = _zones(consumer)
    said.known("debt_type")
    own = tuple(dict.fromkeys(filter(None, (region, words.state(consumer.text("state"), country)))))
    history = tuple(contacts(said, key))
    city = consumer.text("city")
    facts = Facts(
        history=history,
        suppressions=tuple(bars(consumer, said)),
        zones=zones,
        regions=own,
        consents=tuple(consents(said, key, at)),
        permits=tuple(permits(said, key)),
        designations=tuple(designations(consumer)),
        notices=tuple(_notices(said)),
        cities=(city,) if city else (),
        employer_prohibits=bool(consumer.take("employer_prohibits")),
        work_numbers=frozenset(c.number for c in history if c.number and words.place_of(c.number, None) == "work"),
    )
    asked = _proposed(proposed, said, at, country=country, key=key)
    return Question(top.text("id"), facts, asked, top.unread)


def _key(said: Fields, proposed: Fields) -> Key:
    groups: dict[str, str] = {}
    listed = said.take("debt_groups")
    if isinstance(listed, dict):
        for name, members in listed.items():
            groups |= {str(member): str(name) for member in (members if isinstance(members, list) else [members])}
    elif isinstance(listed, list):
        for members in listed:
            groups |= _group(members)
    return Key(proposed.text("person"), proposed.text("collector"), groups)


def _group(members: object) -> dict[str, str]:
    if isinstance(members, dict):
        name = str(members.get("id") or members.get("account") or members.get("name") or "")
        inside = members.get("debts") or members.get("members") or members.get("loans") or []
    else:
        inside = members if isinstance(members, list) else [members]
        name = str(inside[0]) if inside else ""
    return {str(member): name for member in inside}


def _zones(consumer: Fields) -> tuple[Zone, ...]:
    listed = [Zone(name, "candidate") for name in consumer.texts("tz_candidates")]
    for evidence in consumer.objects("location_evidence"):
        name, source = evidence.text("tz"), evidence.text("type")
        listed += [Zone(name, source or "evidence")] if name else []
    return tuple({zone.name: zone for zone in listed}.values())


def _notices(said: Fields) -> Iterator[Noticed]:
    value = said.take("notice_letter_sent")
    for one in value if isinstance(value, list) else [value]:
        if one is not None and not isinstance(one, bool):
            yield Noticed(said.read_day(one, "notice_letter_sent"))


def _proposed(proposed: Fields, said: Fields, at: datetime, *, country: str, key: Key) -> Proposed:
    medium = words.channel(proposed.text("channel"), proposed.where("channel"))
    number, line_type = proposed.text("number"), proposed.text("line_type")
    debts = proposed.texts("debts") or tuple(filter(None, (proposed.text("loan"),)))
    proposed.known("loan")
    role = said.text("person_role") or proposed.text("person_role")
    place = proposed.text("place") or words.place_of(number, line_type)
    gap = said.inner("limits").whole("person_gap_minutes")
    return Proposed(
        at=at,
        person=key.person or "",
        number=number or "",
        country=country,
        channel=medium,
        mode=words.mode(proposed.text("mode"), medium, proposed.where("mode")),
        debts=key.grouped(debts),
        ring_seconds=proposed.whole("ring_seconds"),
        rings=proposed.whole("rings"),
        line_type=line_type,
        limits=NO_LIMITS if gap is None else Limits(timedelta(minutes=gap), None, None, None),
        person_role=words.role(role),
        place="work" if place == "work" else "home" if place == "home" else None,
        reassigned=_reassigned(said),
        meters=_meters(said.inner("originator"), proposed),
        content=_content(said, proposed),
    )


def _reassigned(said: Fields) -> Reassigned | None:
    value = said.take("rnd_result")
    if value is None:
        return None
    word = {"True": "yes", "False": "no"}.get(str(value), str(value).casefold().replace(" ", "_"))
    # an answer that is not understood clears nobody
    return "yes" if word == "yes" else "no" if word == "no" else "no_data"


def _meters(originator: Fields, proposed: Fields) -> Meters:
    return Meters(
        live_answers_30d=proposed.whole("live_answers_30d"),
        abandoned_30d=proposed.whole("abandoned_30d"),
        live_answers_24h=proposed.whole("live_answers_24h"),
        abandoned_24h=proposed.whole("abandoned_24h"),
        calls_today=originator.whole("calls_today"),
        short_calls_today=originator.whole("short_calls_today"),
        short_def_seconds=originator.whole("short_def_seconds"),
        calls_month=originator.whole("calls_month"),
        authenticated=bool(originator.flag("authenticated")),
    )


def _content(said: Fields, proposed: Fields) -> Content:
    script = said.inner("script")
    return Content(
        text=proposed.text("text"),
        recording_notice=script.flag("recording_notice"),
        discloses_debt_before_identity=bool(script.flag("discloses_debt_before_rpc")),
        document=_document(said),
        action=said.text("action") or proposed.text("action"),
        prior_written_notice=bool(said.flag("prior_written_notice")),
    )


def _document(said: Fields) -> frozenset[str] | None:
    """Which parts of the supplier's identity a document shows, by the names of its fields."""
    document = said.take("document")
    if document is None:
        return None
    shown = document if isinstance(document, list) else _shown(document) if isinstance(document, dict) else []
    names = [str(name).casefold() for name in shown]
    return frozenset(part for part, marks in PARTS.items() if any(mark in name for name in names for mark in marks))


def _shown(document: dict[str, object]) -> Iterator[str]:
    for name, value in document.items():
        if isinstance(value, dict):
            yield from (f"{inner}" for inner in _shown(value))
        elif isinstance(value, list):
            yield from map(str, value)
        elif value:
            yield name
