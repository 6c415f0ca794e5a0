"""The words of a question -> ours. What is not understood is said, or read in the strictest way, never guessed."""

from __future__ import annotations

from functools import cache
from typing import Literal, get_args

import holidays

from dialer.rules.asking.fields import Misunderstood
from dialer.rules.facts import Channel, ContactOutcome, Mode, PersonRole, Place

CHANNELS: dict[str, Channel] = {
    "call": "phone", "calls": "phone", "voice": "phone", "telephone": "phone", "text": "sms", "texts": "sms",
    "e-mail": "email", "mail": "letter", "post": "letter",
}  # fmt: skip
MODES: dict[str, Mode] = {
    "manual": "live_agent_manual", "preview": "preview_guaranteed_agent", "robocall": "prerecorded",
    "atds": "prerecorded", "artificial_voice": "prerecorded", "ringless_voicemail": "voicemail_drop", "sms": "text",
    "email": "text", "letter": "text",
}  # fmt: skip
OUTCOMES: dict[str, ContactOutcome] = {
    "answered": "conversation", "machine": "voicemail", "hangup": "answered_dropped", "delivered": "sent",
    "received": "message",
}  # fmt: skip
ROLES: dict[str, PersonRole] = {
    "debtor": "consumer", "self": "consumer", "parent": "parent_of_minor", "legal_guardian": "guardian",
    "administrator": "executor", "personal_representative": "executor", "attorney": "consumer_attorney",
    "cra": "consumer_reporting_agency", "creditors_attorney": "creditor_attorney",
    "collectors_attorney": "collector_attorney", "location_information": "third_party_location_information",
}  # fmt: skip
WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
ConsentKind = Literal["call_me", "tcpa"]


def channel(word: str | None, where: str) -> Channel:
    """A medium; the telephone when none is named."""
    word = (word or "phone").casefold()
    found = word if word in get_args(Channel) else CHANNELS.get(word)
    if found is None:
        raise Misunderstood(f"{where} {word!r} is not known; use one of {', '.join(get_args(Channel))}")
    return found  # type: ignore[return-value]


def mode(word: str | None, medium: Channel, where: str) -> Mode:
    """How it is made; the strictest when it is not said."""
    if word is None:
        return "prerecorded" if medium == "phone" else "text"
    word = word.casefold()
    found = word if word in get_args(Mode) else MODES.get(word)
    if found is None:
        raise Misunderstood(f"{where} {word!r} is not known; use one of {', '.join(get_args(Mode))}")
    return found  # type: ignore[return-value]


def outcome(word: str | None, where: str) -> ContactOutcome:
    """What came of a contact."""
    word = (word or "").casefold()
    found = word if word in get_args(ContactOutcome) else OUTCOMES.get(word)
    if found is None:
        raise Misunderstood(f"{where} {word!r} is not known; use one of {', '.join(get_args(ContactOutcome))}")
    return found  # type: ignore[return-value]


def role(word: str | None) -> PersonRole:
    """Who it is; somebody of an unknown part is a third party."""
    word = (word or "consumer").casefold()
    if word in get_args(PersonRole):
        return word  # type: ignore[return-value]
    return ROLES.get(word, "third_party")


def weekday(word: str, where: str) -> int:
    """0 for Monday."""
    short = word[:3].casefold()
    if short not in WEEKDAYS:
        raise Misunderstood(f"{where} {word!r} is no weekday; write Mon, Tue, Wed, Thu, Fri, Sat or Sun")
    return WEEKDAYS.index(short)


def minute(text: str | None, where: str) -> int | None:
    """Minutes from midnight of "15:00"."""
    if text is None:
        return None
    hours, _, minutes = text.partition(":")
    minutes = minutes[:2] or "0"
    if not (
        hours.isdigit() and minutes.isdigit() and int(hours) * 60 + int(minutes) <= 24 * 60 and int(minutes) < 60
    ):
        raise Misunderstood(f"{where} {text!r} is no time of day; write it like 15:00")
    return int(hours) * 60 + int(minutes)


def consent_kind(word: str | None) -> str:
    """ "tcpa" for the consent to automated calls, "call_me" for a request to be called, else the word itself."""
    plain = (word or "call_me").casefold()
    if plain.startswith(("tcpa", "pec", "prior_express", "express", "automated")):
        return "tcpa"
    asked = plain.startswith(("call", "direct", "regf", "frequency", "prior_consent"))
    return "call_me" if asked else plain


def place_of(number: str | None, line_type: str | None) -> Place | None:
    """Where a number rings, by what it is called ("work_direct", "home landline"); a real number says nothing."""
    said = f"{number if number and not number.startswith('+') else ''} {line_type or ''}".casefold()
    if any(word in said for word in ("work", "office", "employer")):
        return "work"
    return "home" if "home" in said or "residen" in said else None


def jurisdiction(word: str | None) -> tuple[str, str | None]:
    """Country and region of "US-MA"; "BR-BR" is a country whose state is not known."""
    country, _, rest = (word or "").strip().upper().partition("-")
    country = "GB" if country == "UK" else country
    return country, f"{country}-{rest}" if rest and rest != country else None


def state(word: str | None, country: str) -> str | None:
    """The code of a state, which may be written out."""
    if not word:
        return None
    code = word.upper().removeprefix(f"{country}-")
    code = _aliases(country).get(word.casefold(), code)
    return None if code == country else f"{country}-{code}"


@cache
def _aliases(country: str) -> dict[str, str]:
    try:
        names = holidays.country_holidays(country).get_subdivision_aliases()
    except (NotImplementedError, KeyError):
        return {}
    return {name.casefold(): code for code, known in names.items() for name in known}
