"""What stands against contact in a question: lawyers, refusals, disputes, opt-outs, lists, named times and places."""

from __future__ import annotations

from collections.abc import Iterator
from typing import get_args

from dialer.rules.asking import words
from dialer.rules.asking.fields import Fields, Misunderstood
from dialer.rules.facts import Channel, Designated, Suppressed, SuppressionKind
from dialer.rules.hours import instant_at

SETTLED = ("verified", "verification_sent", "answered", "resolved", "duplicative", "duplicate")
FLAGS: tuple[SuppressionKind, ...] = ("opt_out", "wrong_person", "withdrawn", "deceased", "insolvency")


def bars(consumer: Fields, said: Fields) -> Iterator[Suppressed]:
    """The bars on this person, of whatever origin."""
    yield from _lawyer(consumer)
    yield from _refusal(consumer)
    yield from _dispute(consumer)
    yield from _mediums(consumer)
    if consumer.flag("national_dnc"):
        yield Suppressed("do_not_call", list_name="national_dnc")
    if (since := consumer.day("sp_block_list_since")) is not None:
        yield Suppressed("do_not_call", list_name="nao_me_ligue", since=instant_at(since, 0, "America/Sao_Paulo"))
    for kind in FLAGS:
        if consumer.flag(kind):
            yield Suppressed(kind)
    for entry in said.objects("suppressions"):
        yield _suppressed(entry)


def designations(consumer: Fields) -> Iterator[Designated]:
    """Times and places that the person named as inconvenient."""
    for entry in consumer.objects("designations"):
        entry.known("kind", "origin")
        begins = entry.text("from_") or entry.text("from")
        entry.known("from")
        place = (entry.text("place") or "").casefold()
        channel = entry.text("channel")
        yield Designated(
            days=tuple(words.weekday(day, entry.where("days")) for day in entry.texts("days")),
            from_minute=words.minute(begins, entry.where("from_")),
            to_minute=words.minute(entry.text("to"), entry.where("to")),
            until=entry.day("until"),
            place="home" if place == "home" else "work" if place in ("work", "workplace", "office") else None,
            channel=words.channel(channel, entry.where("channel")) if channel else None,
        )


def _lawyer(consumer: Fields) -> Iterator[Suppressed]:
    lawyer = _object_or_flag(consumer, "attorney", "known")
    known = lawyer.flag("known")
    reached = lawyer.flag("responsive") is not False and lawyer.flag("ascertainable") is not False
    if known and reached and not lawyer.flag("consented"):
        yield Suppressed("lawyer", debts=lawyer.texts("debts"))
    lawyer.known("debts")


def _refusal(consumer: Fields) -> Iterator[Suppressed]:
    notice = _object_or_flag(consumer, "cease_notice", "written")
    told = consumer.take("cease_notice")
    since, written = notice.instant("ts"), notice.flag("written")
    if told and written is not False:
        yield Suppressed("cease", since=since)


def _dispute(consumer: Fields) -> Iterator[Suppressed]:
    dispute = _object_or_flag(consumer, "dispute", "open")
    told = consumer.take("dispute")
    settled = any([dispute.flag(word) for word in SETTLED]) or dispute.text("status") in SETTLED
    late = dispute.flag("in_validation_period") is False or dispute.flag("timely") is False
    apart = dispute.flag("written") is False or dispute.flag("open") is False
    since, debts = dispute.instant("ts"), dispute.texts("debts")
    if told and not (settled or late or apart):
        yield Suppressed("dispute", since=since, debts=debts)


def _mediums(consumer: Fields) -> Iterator[Suppressed]:
    told = consumer.take("medium_optouts")
    for entry in told if isinstance(told, list) else [] if told is None else [told]:
        fields = Fields({"channel": entry} if isinstance(entry, str) else entry, consumer.where("medium_optouts"))
        word, number = fields.text("channel") or fields.text("medium") or "all", fields.text("number")
        since = fields.instant("ts")
        if word.casefold() == "all":
            yield Suppressed("opt_out", number=number, since=since)
        elif word.casefold() in (*get_args(Channel), *words.CHANNELS):
            yield Suppressed("opt_out", number, words.channel(word, "medium_optouts"), since=since)
        else:  # one number or address of theirs
            yield Suppressed("opt_out", word, since=since)


def _suppressed(entry: Fields) -> Suppressed:
    kind = entry.text("kind") or ""
    if kind not in get_args(SuppressionKind):
        known = ", ".join(get_args(SuppressionKind))
        raise Misunderstood(f"{entry.where('kind')} {kind!r} is not known; use one of {known}")
    channel = entry.text("channel")
    return Suppressed(
        kind,  # type: ignore[arg-type]
        number=entry.text("number"),
        channel=words.channel(channel, entry.where("channel")) if channel else None,
        automated_only=bool(entry.flag("automated_only")),
        until=entry.instant("until"),
        since=entry.instant("since"),
        list_name=entry.text("list"),
        debts=entry.texts("debts"),
    )


def _object_or_flag(fields: Fields, key: str, flag: str) -> Fields:
    """An object, or a bare true or false that stands for one with this flag."""
    value = fields.take(key)
    if value is None or isinstance(value, bool):
        return Fields({} if value is None else {flag: value}, fields.where(key))
    if isinstance(value, str):
        return Fields({"ts" if value[:4].isdigit() else "status": value, flag: True}, fields.where(key))
    return fields.inner(key)
