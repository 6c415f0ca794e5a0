"""How people of a campaign were done with, in words."""

from __future__ import annotations

OUTCOMES = {
    "promised": "promised to pay", "paid_by_card": "paid by card", "payment_code_sent": "got a code to pay with",
    "transferred": "talked with an agent", "callback_asked": "asked to be called back",
    "opted_out": "asked not to be called", "wrong_number": "wrong number", "deceased": "the person has died",
    "lawyer": "have a lawyer", "insolvency": "are insolvent", "cease": "refuse all contact",
    "absent": "not at home", "already_paid": "say that they have paid", "disputed": "dispute the debt",
    "refused_check": "did not want to say who they are", "failed_check": "could not show who they are",
    "no_input": "pressed nothing", "hung_up": "hung up", "voicemail_left": "a message was left",
    "machine": "a machine answered", "fax": "a fax answered", "completed": "heard it to the end",
    "recalled": "settled during the call", "nobody_free": "no agent was free", "busy": "busy",
    "no_answer": "no answer", "invalid_number": "the number does not exist",
    "carrier_failed": "the carrier could not connect it", "canceled": "taken back", "lost": "not known",
    "announcement": "an announcement of the carrier", "denied": "not allowed by a rule",
    "nothing_due": "nothing is owed any more", "erased": "erased on request",
    "max_tries": "tried as often as allowed",
}  # fmt: skip
