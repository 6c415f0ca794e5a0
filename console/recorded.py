"""What a line of the record holds, as a person reads it: the names in its detail, its codes, days and sums in words.

The English here is looked up in the catalogues like that of the templates. It adds nothing and hides nothing.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

import orjson
from babel.dates import get_day_names

from console.catalogues import Texts
from console.guard import ROLE_NAMES
from console.people import words
from dialer.rules import masking
from dialer.store.models import Interaction

KINDS = {  # of lines about the office; those about a person are in people/words.py
    "agent_added": "Added an agent",
    "codes_kept": "Kept a creditor's codes",
    "campaign_created": "Created a campaign",
    "campaign_edited": "Changed a campaign",
    "campaign_checked": "Checked a campaign",
    "campaign_start": "Started a campaign",
    "campaign_pause": "Paused a campaign",
    "campaign_resume": "Resumed a campaign",
    "campaign_stop": "Stopped a campaign",
    "law_in_force": "The rules in force were noted",
    "list_returned": "A file was returned to the creditor",
    "numbers_exported": "Figures with numbers were exported",
    "number_opt_out": "Numbers put on a list: want no calls",
    "number_wrong_person": "Numbers put on a list: reach somebody else",
    "number_deceased": "Numbers put on a list: deceased",
    "number_lawyer": "Numbers put on a list: have a lawyer",
    "number_cease": "Numbers put on a list: all contact is to cease",
    "sign_in_link_made": "Made a link to sign in with",
    "token_made": "Made a token",
    "token_ended": "Ended a token",
    "user_changed": "Changed a user",
    "user_let_in_again": "Let a user in again",
}
NAMES = {  # the catalogues have them with what follows: "amount: {value}"
    "advisories": "worth knowing",
    "agent": "agent",
    "also": "and also",
    "amount_minor": "amount",
    "asked": "what the law asks",
    "at": "at",
    "automated_only": "only calls by machine",
    "back": "one step back",
    "because": "because",
    "break": "break",
    "broken": "packs that cannot be read",
    "bytes": "size in bytes",
    "campaign": "campaign",
    "campaigns": "campaigns",
    "capture": "card payment",
    "carrier": "at the carrier",
    "changed": "changed",
    "channel": "by",
    "citation": "law",
    "codes": "codes",
    "creditor": "creditor",
    "currency": "currency",
    "days": "days",
    "debt": "debt",
    "debts": "debts",
    "designations": "times and places",
    "discount_minor": "discount",
    "disposition": "how it ended",
    "due": "due",
    "due_on": "due on",
    "faults": "faults",
    "fields": "fields",
    "file": "file",
    "flow": "flow",
    "forced": "in spite of what is open",
    "from": "from",
    "from_minute": "from",
    "given_on": "given on",
    "given_to": "given to",
    "inputs": "hash of what was known",
    "instalments": "instalments",
    "key": "key",
    "kind": "kind",
    "level": "identity",
    "list": "list",
    "masked": "numbers masked",
    "message": "text message",
    "minor": "amount",
    "minutes": "minutes",
    "missing_minor": "still missing",
    "mode": "manner",
    "new": "new",
    "next_on": "next on",
    "note": "note",
    "number": "number",
    "numbers": "numbers",
    "on": "on",
    "origin": "said where",
    "outcome": "outcome",
    "over_minor": "too much",
    "pack": "rule pack",
    "packs": "rule packs",
    "paid_minor": "paid",
    "person": "person",
    "place": "place",
    "places": "countries",
    "planned": "planned",
    "promise": "promise",
    "read_as": "read as",
    "reason": "reason",
    "recording": "recording",
    "recordings": "recordings",
    "reference": "reference",
    "rejected": "rejected",
    "revision": "revision",
    "role": "role",
    "rows": "rows",
    "rule": "rule",
    "same": "unchanged",
    "script": "script",
    "seconds": "seconds",
    "sha256": "hash (SHA-256)",
    "skills": "skills",
    "sound": "sound",
    "starts": "starts at",
    "task": "task",
    "template": "template",
    "to": "to",
    "to_minute": "until",
    "token": "token",
    "until": "until",
    "user": "user",
    "version": "version",
    "was": "before",
    "why": "why",
    "zone": "time zone",
}
LEVELS = {
    "none": "nobody has said who they are",
    "claimed": "they say that they are the person",
    "checked": "the check was passed",
    "confirmed": "confirmed by an agent",
}
CODES: Mapping[str, dict[str, str]] = {  # names whose values are codes -> their words; other values stay as they are
    "kind": {**words.CONSENTS, **words.TASKS, "link": "link"},
    "channel": {"phone": "calls", "sms": "text messages", "email": "e-mail", "letter": "letters"},
    "disposition": words.OUTCOMES,
    "outcome": {**words.OUTCOMES, **words.STATUSES},
    "reason": {"already_paid": "says it is paid", "dispute": "contests the debt"},
    "level": LEVELS,
    "was": LEVELS,
    "mode": {"listen": "listens", "whisper": "whispers", "barge": "speaks to both"},
    "place": words.PLACES,
    "origin": {"call": "in a call", "operator": "to us", "text": "by text message", "agent": "to an agent"},
    "role": ROLE_NAMES,
    "why": {
        "left": "the supervisor left",
        "hung_up": "the supervisor hung up",
        "call_over": "the call was over",
        "not_allowed": "not allowed any more",
        "no known mobile": "no known mobile",
        "erased": "erased",
    },
}
_DAY = re.compile(r"\d{4}-\d\d-\d\d")
_MINUTES = ("from_minute", "to_minute")
_SUNDAY = 7
_WEEK = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


def about(line: Interaction, say: Texts) -> str:
    """What stands in a line: "kind: text messages · given on: Feb 1, 2026"; numbers of people are masked."""
    shown: Any = masking.last_resort(line.detail)
    currency = str(shown.get("currency") or "")
    pairs = ((name, value) for name, value in shown.items() if value not in (None, "", []))
    return " · ".join(_pair(name, value, say, currency) for name, value in pairs)


def named(name: str) -> str:
    """How a value is told by its name, to be filled in: "due on: {value}"."""
    return f"{NAMES.get(name) or name.replace('_', ' ')}: {{value}}"


def _pair(name: str, value: Any, say: Texts, currency: str) -> str:
    return say(named(name), value=_value(name, value, say, currency))


def _value(name: str, value: Any, say: Texts, currency: str) -> str:
    """A value in words; `currency` is that of the sums of the line, "" when it names none."""
    match value:
        case bool():
            return say("yes") if value else say("no")
        case int() if name in _MINUTES:
            return f"{value // 60:02d}:{value % 60:02d}"
        case int() if name.endswith("minor") and currency:
            return say.money(value, currency)
        case int() if name == "days" and 1 <= value <= _SUNDAY:
            return str(get_day_names("abbreviated", locale=say.language.replace("-", "_"))[value - 1])
        case str():
            return _text(name, value, say)
        case list():
            return ", ".join(_value(name, one, say, currency) for one in value)
        case dict():
            return "; ".join(_pair(str(each), one, say, currency) for each, one in value.items())
        case _:
            return orjson.dumps(value).decode()


def _text(name: str, value: str, say: Texts) -> str:
    if name in CODES and value in CODES[name]:
        return say(CODES[name][value])
    if name == "days" and set(found := value.split(", ")) <= set(_WEEK):
        return ", ".join(_value(name, _WEEK.index(one) + 1, say, "") for one in found)
    if _DAY.match(value):
        return _moment(value, say)
    return say.told(value) if " " in value else value


def _moment(value: str, say: Texts) -> str:
    """A day or a moment of ISO 8601 as this language writes it; anything else as it stands."""
    try:
        return (
            say.day(date.fromisoformat(value)) if _DAY.fullmatch(value) else say.time(datetime.fromisoformat(value))
        )
    except ValueError:
        return value
