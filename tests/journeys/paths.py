"""Every path that a flow with menus has, as a person who takes it, and the record that must be left at its end."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Any

DAYS = {
    "tomorrow": dict.fromkeys(("pt-BR", "en-US", "fr-FR"), "2026-03-03"),
    "today": dict.fromkeys(("pt-BR", "en-US", "fr-FR"), "2026-03-02"),
    "chosen": dict.fromkeys(("pt-BR", "en-US", "fr-FR"), "2026-03-05"),
    # The fifth working day in Brazil, the weekday before the 15th in the United States, the last weekday in France.
    "payday": {"pt-BR": "2026-03-06", "en-US": "2026-03-13", "fr-FR": "2026-03-31"},
}
SLIP = "23793.38128 60007.827136 95000.063305 9 84660000015050"
WAYS = {"pix": "00020126580014br.gov.bcb.pix", "boleto": SLIP, "link": "https://pay.example/1"}
MADE_UP = {
    "original_minor": 20000,
    "items": [{"kind": "principal", "minor": 20000}, {"kind": "interest", "minor": 3450}],
}


def payable_by(*kinds: str) -> tuple[dict[str, Any], ...]:
    """One debt, with these ways to pay."""
    return ({"ways_to_pay": [{"kind": one, "code": WAYS[one], "expires_on": None} for one in kinds]},)


TWO = ({}, {"amount_minor": 9900})


@dataclass(frozen=True, slots=True)
class End:
    """The record at the end of a call. `promised`: a key of DAYS; `owed`: what has become of each debt.

    `tasks` are their kinds with what they say; `level` is how far identity was established.
    """

    disposition: str
    contact: str = "done"
    level: str = "none"
    barred: str | None = None
    messages: tuple[str, ...] = ()
    promised: str | None = None
    promised_minor: int = 23450
    owed: tuple[str, ...] = ("open",)
    tasks: tuple[str, ...] = ()
    paid_minor: int = 0
    called_back: int | None = None
    talk: str | None = None
    carrier: str = "completed"
    answered_by: str | None = "human"


@dataclass(frozen=True, slots=True)
class Path:
    """Somebody who takes this path: a persona of the carrier's with other wishes, and the end of their call."""

    end: End
    wants: tuple[str, ...] = ()
    persona: str = "promiser"
    overrides: dict[str, object] = field(default_factory=dict)
    knows: dict[str, str] = field(default_factory=dict)
    debts: tuple[dict[str, Any], ...] = ({},)
    extension: str | None = None
    landline: bool = False
    detect: str = "beep"


def checked(disposition: str, **values: Any) -> End:
    """The end of a call to somebody who has passed the check."""
    return End(disposition, level="checked", **values)


def promise(day: str, **values: Any) -> End:
    """A promise kept on record, and confirmed by text."""
    usual: dict[str, Any] = {"barred": "promise", "messages": ("promise_confirmation",), "owed": ("promised",)}
    return checked("promised", promised=day, **(usual | values))


def hold(disposition: str, barred: str, task: str, **values: Any) -> End:
    """Collection rests until people have looked into it."""
    return checked(disposition, barred=barred, tasks=(task,), **({"owed": ("held",)} | values))


def sent(template: str) -> End:
    return checked("payment_code_sent", messages=(template,))


def paid(detail: str) -> End:
    return hold("already_paid", "already_paid", f"check_payment {detail}".strip())


def disputed(detail: str) -> End:
    return hold("disputed", "dispute", f"answer_dispute {detail}".strip())


ME = ("it_is_me",)
LATER = {"contact": "waiting"}
MACHINE = End("voicemail_left", "waiting", answered_by="machine")
TALKED = {"talk": "ended"}

# In every flow and every variant of it: who or what picks up, and the keys that everybody has at all times.
ANYHOW: dict[str, Path] = {
    "machine with a beep": Path(MACHINE, persona="machine_with_beep"),
    "machine without a beep": Path(MACHINE, persona="machine_no_beep"),
    "announcement": Path(MACHINE, persona="carrier_announcement"),
    "full mailbox": Path(MACHINE, persona="voicemail_full"),
    "fax": Path(End("fax", answered_by="fax"), persona="fax"),
    "busy": Path(End("busy", "waiting", carrier="busy", answered_by=None), persona="busy"),
    "no answer": Path(End("no_answer", "waiting", carrier="no-answer", answered_by=None), persona="no_answer"),
    "invalid": Path(End("invalid_number", carrier="failed", answered_by=None), persona="invalid"),
    "never again": Path(End("opted_out", barred="opt_out"), ("opt_out",)),
    "an agent": Path(End("transferred", **TALKED), ("agent",)),
}
# Where there is a first menu: who is on the line.
WHO: dict[str, Path] = {
    "screening accepted": Path(promise("tomorrow", answered_by=None), persona="screener_accepts", detect="off"),
    "screening declined": Path(
        End("hung_up", "waiting", answered_by=None), persona="screener_declines", detect="off"
    ),
    "screening detected": Path(MACHINE, persona="screener_accepts"),
    "switchboard": Path(promise("tomorrow", answered_by=None, messages=()), persona="switchboard", extension="204"),
    "in an hour": Path(End("absent", called_back=60, **LATER), ("absent", "later")),
    "in some hours": Path(End("absent", called_back=240, **LATER), ("absent", "some_hours")),
    "absent until tomorrow": Path(End("absent", called_back=1440, **LATER), ("absent", "tomorrow")),
    "at an hour": Path(End("absent", **LATER), ("absent", "other_time", "confirm"), knows={"hour": "1730"}),
    "absent, no word": Path(End("absent", **LATER), ("absent",)),
    "wrong number": Path(End("wrong_number", barred="wrong_person"), ("wrong_number", "confirm")),
    "wrong number, silence": Path(
        End("wrong_number", barred="wrong_person"), ("wrong_number",), overrides={"repeats": 1}
    ),
    "deceased": Path(
        End("deceased", barred="deceased", tasks=("attend_deceased",)), ("deceased", "wrong_number", "confirm")
    ),
    "check refused": Path(
        End("refused_check", "waiting", level="claimed"), ("it_is_me", "refuse", "end"), "refuses_check"
    ),
    "check refused, agent": Path(
        End("transferred", level="claimed", **TALKED), ("it_is_me", "refuse", "agent"), "refuses_check"
    ),
    "check wrong": Path(End("failed_check", "waiting", level="claimed"), ("it_is_me", "end"), "wrong_check"),
    "silent": Path(End("no_input", "waiting"), persona="silent"),
    "keys that mean nothing": Path(End("no_input", "waiting"), persona="invalid_keys"),
    "hangs up": Path(End("hung_up", "waiting"), persona="hangs_up_at_once"),
    "hangs up in a sentence": Path(End("hung_up", "waiting"), persona="hangs_up_mid_sentence"),
}
# Where there is a second menu: what the debtor does about it.
DEBTOR: dict[str, Path] = {
    "promise today": Path(promise("today"), (*ME, "promise", "today", "confirm")),
    "promise tomorrow": Path(promise("tomorrow"), (*ME, "promise", "tomorrow", "confirm")),
    "promise payday": Path(promise("payday"), (*ME, "promise", "pay_day", "confirm")),
    "promise a date": Path(promise("chosen"), (*ME, "promise", "other_date", "confirm"), knows={"pay_day": "0503"}),
    "promise, another day": Path(
        promise("today"), (*ME, "promise", "tomorrow_once", "change_once", "today", "confirm")
    ),
    "promise, no mobile": Path(
        promise("tomorrow", messages=()), (*ME, "promise", "tomorrow", "confirm"), landline=True
    ),
    "pix": Path(sent("payment_pix"), (*ME, "pay_once", "pix"), debts=payable_by("pix", "boleto", "link")),
    "boleto": Path(sent("payment_boleto"), (*ME, "pay_once", "boleto"), debts=payable_by("pix", "boleto", "link")),
    "link": Path(sent("payment_link"), (*ME, "pay_once", "link"), debts=payable_by("pix", "boleto", "link")),
    "boleto read aloud": Path(
        checked("payment_code_sent"), (*ME, "pay_once", "slip", "ready", "noted"), debts=payable_by("boleto")
    ),
    "boleto, no mobile": Path(
        checked("payment_code_sent"),
        (*ME, "pay_once", "slip", "ready", "repeat_once", "noted"),
        debts=payable_by("boleto", "pix"),
        landline=True,
    ),
    "card": Path(
        checked("paid_by_card", owed=("paid",), paid_minor=23450),
        persona="pays_by_card",
    ),
    "no way to pay, agent": Path(
        checked("transferred", **TALKED), (*ME, "pay_once", "agent"), debts=payable_by("link"), landline=True
    ),
    "paid by transfer": Path(
        paid("transfer 2026-02-20"), (*ME, "already_paid", "by_transfer"), knows={"paid_day": "2002"}
    ),
    "paid by slip": Path(paid("slip_or_check"), (*ME, "already_paid", "by_slip")),
    "paid by card": Path(paid("card"), (*ME, "already_paid", "card")),
    "paid in another way": Path(
        paid("other 2026-02-20"), (*ME, "already_paid", "other_way"), knows={"paid_day": "2002"}
    ),
    "paid, no word how": Path(paid(""), (*ME, "already_paid")),
    "not mine": Path(disputed("not_mine"), (*ME, "dispute", "not_mine")),
    "wrong amount": Path(disputed("wrong_amount"), (*ME, "wrong_amount", "dispute", "confirm")),
    "cancelled": Path(disputed("cancelled"), (*ME, "settled_otherwise", "dispute", "confirm")),
    "renegotiated": Path(disputed("renegotiated"), (*ME, "renegotiated", "dispute", "confirm")),
    "disputed, no word why": Path(disputed(""), (*ME, "dispute")),
    "details, items, interest": Path(
        promise("tomorrow"),
        (*ME, "details_once", "items_once", "interest_once", "promise", "tomorrow", "confirm"),
        debts=(MADE_UP,),
    ),
    "promise for one of two": Path(
        promise("tomorrow", owed=("promised", "open")),
        (*ME, "promise", "first_one", "tomorrow", "confirm"),
        debts=TWO,
    ),
    "promise for both": Path(
        promise("tomorrow", owed=("promised", "promised"), promised_minor=33350),
        (*ME, "promise", "all_of_them", "tomorrow", "confirm"),
        debts=TWO,
    ),
    "both are disputed": Path(
        hold("disputed", "dispute", "answer_dispute wrong_amount", owed=("held", "held")),
        (*ME, "wrong_amount", "dispute", "all_of_them", "confirm"),
        debts=TWO,
    ),
    "one of two is paid already": Path(
        hold("already_paid", "already_paid", "check_payment transfer", owed=("held", "open")),
        (*ME, "already_paid", "first_one", "by_transfer"),
        debts=TWO,
    ),
    "one of two is paid by pix": Path(
        checked("payment_code_sent", messages=("payment_pix",), owed=("open", "open")),
        (*ME, "pay_once", "first_one", "pix", "end"),
        debts=(*payable_by("pix"), TWO[1]),
    ),
    "the debtor wants an agent": Path(checked("transferred", **TALKED), ("it_is_me", "agent")),
    "the debtor wants no calls": Path(checked("opted_out", barred="opt_out"), (*ME, "opt_out")),
    "the debtor is silent": Path(checked("no_input", contact="waiting"), ME),
}
EVERY_PATH = ANYHOW | WHO | DEBTOR
# A message asks nothing: what is heard is heard, whatever people would have wanted.
HEARD = End("completed")
MESSAGE: dict[str, Path] = ANYHOW | {
    "an agent": Path(HEARD, ("agent",)),  # the key is not named here
    "heard to the end": Path(HEARD, ME),
    "heard and hung up": Path(HEARD, persona="hangs_up_mid_sentence"),
    "silent": Path(HEARD, persona="silent"),
}
# Who calls us is answered by a person, whatever answers their phone; nothing is tried again.
CALLING: dict[str, Path] = {
    name: replace(path, end=replace(path.end, contact="done", answered_by=None))
    for name, path in (ANYHOW | WHO | DEBTOR).items()
    if name in DEBTOR
    or name in ("never again", "an agent", "wrong number", "deceased", "silent", "check wrong")
    or name.startswith(("check refused", "keys"))
}
