"""Codes of the record in plain English; the catalogues translate them. A code without words is said as it stands."""

from __future__ import annotations

from collections.abc import Mapping

from dialer.rules import masking

OUTCOMES = {
    "promised": "promised to pay",
    "paid_by_card": "paid by card",
    "payment_code_sent": "payment code sent",
    "transferred": "talked with an agent",
    "callback_asked": "asked to be called again",
    "opted_out": "wants no more calls",
    "wrong_number": "wrong number",
    "deceased": "deceased",
    "lawyer": "has a lawyer",
    "insolvency": "insolvent",
    "cease": "all contact is to cease",
    "absent": "not there",
    "already_paid": "says it is paid",
    "disputed": "contests the debt",
    "refused_check": "would not say who they are",
    "failed_check": "could not be identified",
    "no_input": "pressed no key",
    "hung_up": "hung up",
    "voicemail_left": "message left on voicemail",
    "machine": "a machine answered",
    "fax": "a fax answered",
    "completed": "heard to the end",
    "recalled": "ended because of news",
    "nobody_free": "no agent was free",
    "busy": "busy",
    "no_answer": "no answer",
    "invalid_number": "the number does not exist",
    "carrier_failed": "the carrier failed",
    "canceled": "taken back before it was answered",
    "announcement": "an announcement of the network",
    "lost": "no news of it",
    "denied": "not made",
}
LIVE = {
    "placing": "being placed",
    "placed": "being placed",
    "ringing": "ringing",
    "live": "talking now",
    "unknown": "not known yet",
    "planned": "planned",
    "ended": "ended",
}
KINDS = {
    "call_denied": "No call",
    "call_skipped": "Left for later by an agent",
    "message_denied": "No text",
    "agent_hung_up": "The agent ended the call",
    "agent_noted": "The agent noted something",
    "agent_outcome": "The agent's word",
    "agent_reserved": "An agent was found",
    "call_allowed": "May be called",
    "call_back_agreed": "A call-back was agreed",
    "call_ended": "The call ended",
    "contact_data_corrected": "An address was corrected",
    "debt_updated": "A debt was changed by the creditor",
    "debt_withdrawn": "A debt was withdrawn by the creditor",
    "identity_confirmed": "An agent confirmed who it is",
    "instalment_kept": "An instalment was paid",
    "message_allowed": "May be written to",
    "message_recorded": "Spoke a message",
    "note": "A note was written",
    "payment_code_asked": "A payment code was sent",
    "payment_received": "A payment was received",
    "plan_agreed": "A payment plan was agreed",
    "promised": "Promised to pay",
    "recording_stored": "The recording was kept",
    "script_step": "The agent went on in the script",
    "supervisor_asked": "The agent asked for a supervisor",
    "task_given": "A task was given",
    "text_received": "A text message came in",
    "voicemail_left": "A message was left",
    "card_begun": "An agent began to take a card",
    "card_charged": "Card charged",
    "card_not_charged": "Card not charged",
    "card_given_up": "Card given up",
    "card_not_known": "Nobody knows whether the card was charged",
    "suppressed_opt_out": "Wants no more contact",
    "suppressed_do_not_call": "Not to be called",
    "suppressed_lawyer": "Has a lawyer",
    "suppressed_deceased": "Deceased",
    "suppressed_insolvency": "Insolvent",
    "suppressed_cease": "All contact is to cease",
    "suppressed_dispute": "Contests the debt",
    "suppressed_withdrawn": "Withdrawn by the creditor",
    "suppressed_wrong_person": "The number is somebody else's",
    "suppressed_already_paid": "Says it is paid",
    "suppressed_promise": "Promised to pay",
    "ended_lawyer": "No lawyer any more",
    "ended_deceased": "Not deceased after all",
    "ended_insolvency": "Insolvency ended",
    "ended_cease": "Contact may go on",
    "ended_dispute": "The debt is no longer contested",
    "ended_withdrawn": "No longer withdrawn",
    "ended_do_not_call": "May be called again",
    "ended_opt_out": "May be called again",
    "opted_in": "Wants to be called again",
    "designated": "Named an inconvenient time or place",
    "designation_ended": "An inconvenient time was taken back",
    "consent_given": "Consent given",
    "consent_revoked": "Consent taken back",
    "promise_kept": "The promise was kept",
    "promise_broken": "The promise was broken",
    "promise_reminder": "Reminded of the promise",
    "promise_ended": "The promise is settled otherwise",
    "task_done": "A task was done",
    "people_united": "Two records of one person were united",
    "list_loaded": "Loaded with a list",
    "dossier_made": "A dossier was made",
    "person_exported": "The data was given to the person",
    "person_erased": "The data was erased",
    "details_shown": "Numbers were shown in clear",
    "supervision_begun": "A supervisor asked to hear the talk",
    "supervision_joined": "A supervisor came into the talk",
    "supervision_changed": "The supervisor's part in the talk changed",
    "supervision_ended": "The supervisor's part in the talk ended",
    "recording_heard": "The recording was listened to",
    "recording_copied": "The recording was copied",
    "recording_erased": "The recording was erased",
}
BARS = {
    "opt_out": "wants no calls",
    "wrong_person": "reaches somebody else",
    "do_not_call": "do not call",
    "withdrawn": "withdrawn by the creditor",
    "deceased": "deceased",
    "lawyer": "has a lawyer",
    "dispute": "contests the debt",
    "already_paid": "says it is paid",
    "promise": "promised to pay",
    "insolvency": "insolvent",
    "cease": "all contact is to cease",
}
CONSENTS = {
    "tcpa": "calls by machine",
    "calls": "calls by machine",
    "call_me": "asked to be called",
    "texts": "text messages",
    "email": "e-mail",
    "recording": "recording of calls",
    "contact": "contact",
}
STATUSES = {
    "open": "open",
    "promised": "promised",
    "held": "held",
    "paid": "paid",
    "withdrawn": "withdrawn",
    "kept": "kept",
    "broken": "broken",
    "ended": "settled otherwise",
    "done": "done",
    "dropped": "dropped",
    "planned": "planned",
    "sending": "being sent",
    "sent": "sent",
    "delivered": "delivered",
    "failed": "failed",
    "unknown": "not known yet",
    "denied": "not sent",
    "received": "received",
    "usable": "usable",
    "wrong_person": "somebody else's",
    "invalid": "does not exist",
    "stored": "kept",
    "erased": "erased",
}
TASKS = {
    "check_payment": "Check a payment",
    "answer_dispute": "Answer a dispute",
    "call_back": "Call back",
    "answer_text": "Answer a text",
    "attend_deceased": "Attend to a death",
    "check_number": "Check a number",
    "check_card": "Check a card payment",
}
PLACES = {"home": "home", "work": "work"}
DONE = {
    "barred": "It is on record. Calls under way were stopped.",
    "unbarred": "That bar has ended. Others hold on.",
    "designated": "The inconvenient time is on record.",
    "designation-ended": "It was taken back.",
    "consented": "The consent is on record.",
    "revoked": "The consent is taken back, from now on.",
    "number-barred": "The number is left alone from now on, whoever answers there.",
}


def word(names: dict[str, str], code: str | None) -> str:
    """The English words of a code, or the code itself in words."""
    return names.get(code or "", (code or "").replace("_", " "))


def sentence(reason: str) -> str:
    """A reason of the gate as a sentence of its own."""
    return f"{reason[:1].upper()}{reason[1:].rstrip('.')}."


def actor(name: str, people: Mapping[int, str]) -> str:
    """Who stands in the record: the name of a user ("user 7") where it is known, else as it stands."""
    number = name.removeprefix("user ")
    return people.get(int(number), name) if number.isdigit() else name


def masked(e164: str) -> str:
    """A number as those see it who gave no reason."""
    return masking.number(e164)
