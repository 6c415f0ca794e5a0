"""Who answers our calls in the journeys, and what each of these calls must come to."""

from __future__ import annotations

import re
from dataclasses import dataclass

LANGUAGES = ("pt-BR", "en-US", "fr-FR")
CHECK_DIGITS = "725"


@dataclass(frozen=True, slots=True)
class Fate:
    """What a call comes to. `contact`: done, or waiting for a retry. `level`: how far identity was established."""

    disposition: str
    contact: str = "waiting"
    carrier: str = "completed"
    answered_by: str | None = "human"
    level: str = "none"
    suppressed: str | None = None
    message: str | None = None
    promises: bool = False
    talked: bool = False
    debt: str = "open"


PROMISE = Fate(
    "promised", "done", level="checked", suppressed="promise", message="promise_confirmation", promises=True,
    debt="promised",
)  # fmt: skip
MACHINE = Fate("voicemail_left", answered_by="machine")
# Calls that end alike whatever the flow is.
ANYHOW = {
    "busy": Fate("busy", carrier="busy", answered_by=None),
    "no_answer": Fate("no_answer", carrier="no-answer", answered_by=None),
    "invalid": Fate("invalid_number", "done", carrier="failed", answered_by=None),
    "fax": Fate("fax", "done", answered_by="fax"),
    "machine_with_beep": MACHINE,
    "machine_no_beep": MACHINE,
    "carrier_announcement": MACHINE,
    "opts_out": Fate("opted_out", "done", suppressed="opt_out"),
    "wrong_number": Fate("wrong_number", "done", suppressed="wrong_person"),
    "deceased_relative": Fate("deceased", "done", suppressed="deceased"),
    "agent_seeker": Fate("transferred", "done", talked=True),
}
UNMOVED = Fate("completed", "done")  # recado: the words were heard, nothing was pressed
FATES: dict[str, dict[str, Fate]] = {
    "lembrete": ANYHOW | {
        "promiser": PROMISE,
        "barge_in": PROMISE,
        "repeat_listener": PROMISE,
        "payer": Fate("payment_code_sent", "done", level="checked", message="payment_link"),
        "already_paid": Fate("already_paid", "done", level="checked", suppressed="already_paid", debt="held"),
        "disputer": Fate("disputed", "done", level="checked", suppressed="dispute", debt="held"),
        "absent": Fate("absent"),
        "refuses_check": Fate("refused_check", level="claimed"),
        "wrong_check": Fate("failed_check", level="claimed"),
        "silent": Fate("no_input"),
        "invalid_keys": Fate("no_input"),
        "hangs_up_at_once": Fate("hung_up"),
        "hangs_up_mid_sentence": Fate("hung_up"),
    },
    "recado": ANYHOW | dict.fromkeys(
        ("promiser", "barge_in", "repeat_listener", "payer", "already_paid", "disputer", "absent", "refuses_check",
         "wrong_check", "silent", "hangs_up_at_once", "hangs_up_mid_sentence"),
        UNMOVED,
    ) | {"invalid_keys": Fate("no_input")},
}  # fmt: skip
# Words that give a debt away, in any of the three languages, and what the list says of it.
_DEBT = re.compile(
    r"\bloja\b|d[ií]vida|d[eé]bito|cobran|pend[eê]ncia|boleto|contrato|\bdebt|collect|\bbalance|\bowe|\bpay\b|payment|"
    r"contract|\bdette|cr[eé]ance|recouvr|\bsomme\b|montant|impay|\bpaye|contrat|duzentos|two hundred|deux cent",
    re.IGNORECASE,
)


def gives_away(words: str) -> str | None:
    """The first word that gives a debt away, if there is one."""
    found = _DEBT.search(words)
    return found[0] if found else None
