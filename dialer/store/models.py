"""The tables. Integer times (milliseconds UTC), money as minor units + currency, no logic.

I1 and I7 are held by the partial unique indexes at the end of `Attempt` and `Reservation`.
"""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import (
    JSON,
    BigInteger,
    ForeignKey,
    Index,
    LargeBinary,
    MetaData,
    String,
    Text,
    UniqueConstraint,
    text,
)
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

from dialer.store.columns import Day, Id, Instant

LIVE_STATUSES = ("placing", "placed", "ringing", "live", "unknown")
LIVE_ATTEMPT = f"status IN {LIVE_STATUSES}"
LIVE_CALL_OUT = f"{LIVE_ATTEMPT} AND direction = 'out'"  # nobody can stop a person from calling us meanwhile
UNPRICED_CALL = "price_micros IS NULL AND carrier_status = 'completed'"  # only these are charged for
UNPRICED_MESSAGE = "price_micros IS NULL AND direction = 'out' AND status IN ('sent', 'delivered', 'failed')"
BUSY_RESERVATION = "status IN ('reserved', 'connected')"
OPEN_RESERVATION = "status IN ('waiting', 'reserved', 'connected')"
OPEN_SUPERVISION = "status IN ('asked', 'ringing', 'joined', 'leaving')"
OPEN_CAPTURE = "status IN ('asked', 'open', 'charging')"


def _where(condition: str) -> dict[str, Any]:
    return {"sqlite_where": text(condition), "postgresql_where": text(condition)}


class Model(DeclarativeBase):
    """The declarative root: one metadata, named constraints (so that migrations can drop them)."""

    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(column_0_label)s",
            "uq": "uq_%(table_name)s_%(column_0_name)s",
            "fk": "fk_%(table_name)s_%(column_0_name)s",
            "pk": "pk_%(table_name)s",
        }
    )
    type_annotation_map = {  # noqa: RUF012 - SQLAlchemy's own hook
        datetime: Instant(),
        date: Day(),
        dict[str, Any]: JSON(),
        list[Any]: JSON(),
        bytes: LargeBinary(),
    }

    id: Mapped[int] = mapped_column(Id, primary_key=True)


class Tenant(Model):
    """The operating company. `record_n`, `record_head`: the chain of what is on record of nobody in particular."""

    __tablename__ = "tenant"
    key: Mapped[str] = mapped_column(String(64), unique=True)
    name: Mapped[str] = mapped_column(String(200))
    record_n: Mapped[int] = mapped_column(default=0, server_default="0")
    record_head: Mapped[str | None] = mapped_column(String(64))


class AccessToken(Model):
    """A bearer token, a ticket or a sign-in; only its hash is kept. `expires_at` is real time; none: no end."""

    __tablename__ = "access_token"
    tenant_id: Mapped[int] = mapped_column(ForeignKey("tenant.id"))
    name: Mapped[str] = mapped_column(String(100))
    role: Mapped[str] = mapped_column(String(20))
    hash: Mapped[str] = mapped_column(String(64), unique=True)
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime | None]
    revoked_at: Mapped[datetime | None]


class User(Model):
    """Somebody who signs in to the console. `password` is an argon2 hash, `totp` a sealed secret (None: not used).

    `creditors`: keys of those whose people they may see (None: all). `agent`: whose desk is theirs (role agent).
    `line` is where they are called to listen to a talk (tel:, sip: or client:), if they have said so.
    `failed` counts wrong passwords in a row; until `locked_until` (real time) none is looked at. `totp_step` is the
    step of time (RFC 6238) of the last code that was taken: neither it nor an older one opens again.
    """

    __tablename__ = "user_account"
    tenant_id: Mapped[int] = mapped_column(ForeignKey("tenant.id"))
    email: Mapped[str] = mapped_column(String(200), unique=True)
    name: Mapped[str] = mapped_column(String(100))
    role: Mapped[str] = mapped_column(String(20))
    password: Mapped[str] = mapped_column(String(200))
    totp: Mapped[bytes | None]
    totp_step: Mapped[int] = mapped_column(BigInteger, default=0, server_default="0")
    creditors: Mapped[list[Any] | None]
    agent: Mapped[str | None] = mapped_column(String(100))
    line: Mapped[str | None] = mapped_column(String(200))
    language: Mapped[str | None] = mapped_column(String(5))
    created_at: Mapped[datetime]
    disabled_at: Mapped[datetime | None]
    failed: Mapped[int] = mapped_column(default=0, server_default="0")
    locked_until: Mapped[datetime | None]


class SignIn(Model):
    """A browser in which somebody is signed in; only the hash of its cookie is kept. All times are real."""

    __tablename__ = "sign_in"
    user_id: Mapped[int] = mapped_column(ForeignKey("user_account.id"), index=True)
    hash: Mapped[str] = mapped_column(String(64), unique=True)
    created_at: Mapped[datetime]
    seen_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]


class DoorTry(Model):
    """Wrong sign-ins from one network address, of which only a keyed hash is kept, and that for a short time.

    `failed` counts them since `began_at`; until `locked_until` nobody is let in from there. All times are real.
    """

    __tablename__ = "door_try"
    address: Mapped[str] = mapped_column(String(32), unique=True)
    failed: Mapped[int] = mapped_column(default=0, server_default="0")
    began_at: Mapped[datetime] = mapped_column(index=True)
    locked_until: Mapped[datetime | None]


class Creditor(Model):
    """Whose debt it is. `columns` is how its files name their columns: heading -> field, as last confirmed.

    `codes` is how it codes results: {"codes": {our word: code}, "words": {our word: text}, "default": code or None}.
    """

    __tablename__ = "creditor"
    tenant_id: Mapped[int] = mapped_column(ForeignKey("tenant.id"))
    key: Mapped[str] = mapped_column(String(64))
    name: Mapped[str] = mapped_column(String(200))
    columns: Mapped[dict[str, Any]] = mapped_column(default=dict, server_default="{}")
    codes: Mapped[dict[str, Any]] = mapped_column(default=dict, server_default="{}")
    __table_args__ = (UniqueConstraint("tenant_id", "key"),)


class Person(Model):
    """One debtor of one tenant. `version` moves with every intent and every opt-out (I3, I5).

    `kind`: person, company (then `contact_name` is whom to ask for), caller (somebody who called us from a number
    that is on nobody's record; owes nothing). `record_n` rows of the record are sealed, `record_head` is the chain's
    end. `erased_at`: what told who it was is gone; what happened stays.
    """

    __tablename__ = "person"
    tenant_id: Mapped[int] = mapped_column(ForeignKey("tenant.id"))
    key: Mapped[str] = mapped_column(String(200))
    kind: Mapped[str] = mapped_column(String(10), default="person", server_default="person")
    name: Mapped[str] = mapped_column(String(200))
    contact_name: Mapped[str | None] = mapped_column(String(200))
    email: Mapped[bytes | None]
    language: Mapped[str] = mapped_column(String(10))
    country: Mapped[str] = mapped_column(String(2))
    region: Mapped[str | None] = mapped_column(String(10))
    city: Mapped[str | None] = mapped_column(String(100))
    address: Mapped[bytes | None]
    postal_code: Mapped[str | None] = mapped_column(String(16))
    birth_year: Mapped[int | None]
    document: Mapped[bytes | None]
    document_index: Mapped[str | None] = mapped_column(String(32))
    version: Mapped[int] = mapped_column(BigInteger, default=0, server_default="0")
    created_at: Mapped[datetime]
    record_n: Mapped[int] = mapped_column(default=0, server_default="0")
    record_head: Mapped[str | None] = mapped_column(String(64))
    erased_at: Mapped[datetime | None]
    __table_args__ = (
        UniqueConstraint("tenant_id", "key"),
        Index(
            "uq_person_document",
            "tenant_id",
            "document_index",
            unique=True,
            **_where("document_index IS NOT NULL"),
        ),
    )


class PersonKey(Model):
    """One more key by which a creditor knows a person: two keys of a file proved, by one document, to be one."""

    __tablename__ = "person_key"
    tenant_id: Mapped[int] = mapped_column(ForeignKey("tenant.id"))
    key: Mapped[str] = mapped_column(String(200))
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), index=True)
    __table_args__ = (UniqueConstraint("tenant_id", "key"),)


class Number(Model):
    """A telephone number that may reach a person. `status`: usable, wrong_person, invalid.

    `extension` is dialled after the answer of a switchboard. `place`: home or work, where somebody said so.
    `reassigned` is what a register of reassigned numbers answered on `reassigned_on`: yes, no, no_data.
    """

    __tablename__ = "number"
    tenant_id: Mapped[int] = mapped_column(ForeignKey("tenant.id"))
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    e164: Mapped[str] = mapped_column(String(20), index=True)
    country: Mapped[str] = mapped_column(String(2))
    rank: Mapped[int] = mapped_column(default=0)
    line_type: Mapped[str] = mapped_column(String(20))
    extension: Mapped[str | None] = mapped_column(String(10))
    status: Mapped[str] = mapped_column(String(20), default="usable")
    place: Mapped[str | None] = mapped_column(String(10))
    reassigned: Mapped[str | None] = mapped_column(String(10))
    reassigned_on: Mapped[date | None]
    __table_args__ = (UniqueConstraint("person_id", "e164"),)


class Debt(Model):
    """One debt, or one instalment of it. `status`: open, promised, held, paid, withdrawn.

    `items` is what the amount is made of: [{"kind": principal | interest | fine | fees | discount, "minor": n}].
    `ways_to_pay`: [{"kind": pix | boleto | link, "code": text, "expires_on": ISO date or None}], the best first.
    `held_for`: already_paid or dispute. `step` is the latest step of the collection ladder taken for it (0: none).
    `notice_on` is the day on which the written notice that the law asks for was sent. `kind` is a word of the lists
    (dialer/lists/words.yaml, debt_kinds), None where nobody has said it.
    """

    __tablename__ = "debt"
    tenant_id: Mapped[int] = mapped_column(ForeignKey("tenant.id"))
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), index=True)
    creditor_id: Mapped[int] = mapped_column(ForeignKey("creditor.id"))
    contract: Mapped[str] = mapped_column(String(100))
    instalment: Mapped[str] = mapped_column(String(20), default="", server_default="")
    invoice: Mapped[str | None] = mapped_column(String(100))
    kind: Mapped[str | None] = mapped_column(String(20))
    amount_minor: Mapped[int] = mapped_column(BigInteger)
    original_minor: Mapped[int | None] = mapped_column(BigInteger)
    currency: Mapped[str] = mapped_column(String(3))
    items: Mapped[list[Any]] = mapped_column(default=list, server_default="[]")
    due_on: Mapped[date]
    ways_to_pay: Mapped[list[Any]] = mapped_column(default=list, server_default="[]")
    notice_on: Mapped[date | None]
    status: Mapped[str] = mapped_column(String(20), default="open")
    held_for: Mapped[str | None] = mapped_column(String(20))
    step: Mapped[int] = mapped_column(default=0, server_default="0")
    paid_minor: Mapped[int] = mapped_column(BigInteger, default=0, server_default="0")
    closed_at: Mapped[datetime | None]
    __table_args__ = (
        UniqueConstraint("creditor_id", "person_id", "contract", "instalment"),
        Index("ix_debt_contract", "creditor_id", "contract"),
    )


class Consent(Model):
    """What a person agreed to, when and how it was given, to whom (a creditor's key; None: to us), for which number
    (None: all). `kind`: tcpa (automated and prerecorded calls), texts, recording, call_me, and what lists bring.
    """

    __tablename__ = "consent"
    tenant_id: Mapped[int] = mapped_column(ForeignKey("tenant.id"))
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), index=True)
    kind: Mapped[str] = mapped_column(String(30))
    given_on: Mapped[date | None]
    how: Mapped[str | None] = mapped_column(String(200))
    given_to: Mapped[str | None] = mapped_column(String(64))
    number: Mapped[str | None] = mapped_column(String(20))
    revoked_at: Mapped[datetime | None]
    __table_args__ = (UniqueConstraint("person_id", "kind", "given_to"),)


class Designation(Model):
    """A time or a place that a person named as inconvenient: no contact then, or there.

    `days` are weekdays (0 = Monday; none: every day), `from_minute` to before `to_minute` of the local day (None: the
    whole day; backwards: over midnight), `until` the last day on which it holds, `place` home or work. `origin`: how
    it came to us (keypad, agent, text, list, creditor).
    """

    __tablename__ = "designation"
    tenant_id: Mapped[int] = mapped_column(ForeignKey("tenant.id"))
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), index=True)
    days: Mapped[list[Any]] = mapped_column(default=list, server_default="[]")
    from_minute: Mapped[int | None]
    to_minute: Mapped[int | None]
    until: Mapped[date | None]
    place: Mapped[str | None] = mapped_column(String(10))
    origin: Mapped[str] = mapped_column(String(20))
    attempt_id: Mapped[int | None] = mapped_column(ForeignKey("attempt.id"))
    created_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]


class Meter(Model):
    """How often something happened to the calls out of one day, counted in the transaction in which it happens.

    `scope`: tenant, campaign, number (one of ours); `of` is a country, a campaign's id and a country ("12:BR"), or
    E.164. `name`: calls, short_calls, long_calls, answers, live_answers, legal_drops. `day` is that of the intent at
    our own place.
    """

    __tablename__ = "meter"
    tenant_id: Mapped[int] = mapped_column(ForeignKey("tenant.id"))
    scope: Mapped[str] = mapped_column(String(10))
    of: Mapped[str] = mapped_column(String(40))
    name: Mapped[str] = mapped_column(String(20))
    day: Mapped[date]
    count: Mapped[int] = mapped_column(BigInteger, default=0, server_default="0")
    __table_args__ = (UniqueConstraint("tenant_id", "scope", "of", "name", "day"),)


class Payment(Model):
    """Money that the creditor has received for a debt. `reference` is the creditor's own, and loads once."""

    __tablename__ = "payment"
    tenant_id: Mapped[int] = mapped_column(ForeignKey("tenant.id"))
    creditor_id: Mapped[int] = mapped_column(ForeignKey("creditor.id"))
    debt_id: Mapped[int] = mapped_column(ForeignKey("debt.id"), index=True)
    reference: Mapped[str] = mapped_column(String(100))
    amount_minor: Mapped[int] = mapped_column(BigInteger)
    currency: Mapped[str] = mapped_column(String(3))
    paid_on: Mapped[date]
    method: Mapped[str | None] = mapped_column(String(30))
    created_at: Mapped[datetime]
    __table_args__ = (UniqueConstraint("creditor_id", "reference"),)


class Task(Model):
    """Something that a person of the team has to do. `status`: open, done, dropped. `owner` is an agent's name.

    `kind`: check_payment, answer_dispute, call_back, and what later work brings. `detail` holds codes, no names.
    """

    __tablename__ = "task"
    tenant_id: Mapped[int] = mapped_column(ForeignKey("tenant.id"))
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), index=True)
    debt_id: Mapped[int | None] = mapped_column(ForeignKey("debt.id"))
    attempt_id: Mapped[int | None] = mapped_column(ForeignKey("attempt.id"))
    kind: Mapped[str] = mapped_column(String(30))
    detail: Mapped[dict[str, Any]]
    status: Mapped[str] = mapped_column(String(20), default="open")
    owner: Mapped[str | None] = mapped_column(String(100))
    outcome: Mapped[str | None] = mapped_column(String(30))
    due_at: Mapped[datetime]
    created_at: Mapped[datetime]
    closed_at: Mapped[datetime | None]
    __table_args__ = (Index("ix_task_open", "tenant_id", "due_at", **_where("status = 'open'")),)


class Load(Model):
    """One file of a creditor, applied in chunks. `kind`: import, update, withdraw, payments.

    `digest` stands for the file's content and for how it was read; `rows_done` rows are committed, `counts` says
    what came of them. `status`: running, done. A load that was cut off goes on behind `rows_done`.
    """

    __tablename__ = "load"
    tenant_id: Mapped[int] = mapped_column(ForeignKey("tenant.id"))
    creditor_id: Mapped[int] = mapped_column(ForeignKey("creditor.id"))
    list_id: Mapped[int | None] = mapped_column(ForeignKey("list.id"))
    kind: Mapped[str] = mapped_column(String(20))
    digest: Mapped[str] = mapped_column(String(64))
    rows_done: Mapped[int] = mapped_column(default=0)
    counts: Mapped[dict[str, Any]]
    status: Mapped[str] = mapped_column(String(20), default="running")
    started_at: Mapped[datetime]
    finished_at: Mapped[datetime | None]
    __table_args__ = (Index("ix_load_digest", "tenant_id", "kind", "digest"),)


class LoadReject(Model):
    """A row that the record contradicted while its chunk was loaded: no value of the row, only where and why."""

    __tablename__ = "load_reject"
    load_id: Mapped[int] = mapped_column(ForeignKey("load.id"), index=True)
    line: Mapped[int]
    reason: Mapped[str] = mapped_column(String(200))


class ListFile(Model):
    """A creditor's file that was handed in to the console, and how far it is on its way. All times are real.

    `kind`: import, update, withdraw, payments. `status`: new, checking, checked, loading, done, failed. The file lies
    under `token` in a folder of the web process until it is loaded; `fault` says why it could not be, `report` what
    came of it. `beat_at` moves while a process is at it; `country` and `mapping` are how its rows are read.
    """

    __tablename__ = "list_file"
    tenant_id: Mapped[int] = mapped_column(ForeignKey("tenant.id"), index=True)
    user_id: Mapped[int]
    token: Mapped[str] = mapped_column(String(40), unique=True)
    kind: Mapped[str] = mapped_column(String(20))
    creditor: Mapped[str] = mapped_column(String(64))
    creditor_name: Mapped[str | None] = mapped_column(String(200))
    list_name: Mapped[str] = mapped_column(String(100))
    file_name: Mapped[str] = mapped_column(String(200))
    size: Mapped[int] = mapped_column(BigInteger)
    country: Mapped[str | None] = mapped_column(String(2))
    mapping: Mapped[dict[str, Any]]
    reopens: Mapped[bool] = mapped_column(default=False, server_default=text("false"))
    status: Mapped[str] = mapped_column(String(20), default="new")
    rows_done: Mapped[int] = mapped_column(default=0)
    rows_total: Mapped[int] = mapped_column(default=0)
    report: Mapped[dict[str, Any] | None]
    fault: Mapped[str | None] = mapped_column(String(1000))
    beat_at: Mapped[datetime | None]
    created_at: Mapped[datetime]
    finished_at: Mapped[datetime | None]


class CallerId(Model):
    """A number of ours that may be shown. `status`: active, resting (not for new people), retired.

    `daily_cap` is the most calls a day (at our own place) that show it; None: no cap of its own. `used` counts the
    intents of `used_on`, that day.
    """

    __tablename__ = "caller_id"
    tenant_id: Mapped[int] = mapped_column(ForeignKey("tenant.id"))
    e164: Mapped[str] = mapped_column(String(20))
    label: Mapped[str] = mapped_column(String(100), default="")
    daily_cap: Mapped[int | None]
    used_on: Mapped[date | None]
    used: Mapped[int] = mapped_column(default=0, server_default="0")
    status: Mapped[str] = mapped_column(String(20), default="active")
    created_at: Mapped[datetime]
    __table_args__ = (UniqueConstraint("tenant_id", "e164"),)


class ContactList(Model):
    """A loaded list, by name."""

    __tablename__ = "list"
    tenant_id: Mapped[int] = mapped_column(ForeignKey("tenant.id"))
    creditor_id: Mapped[int] = mapped_column(ForeignKey("creditor.id"))
    name: Mapped[str] = mapped_column(String(100))
    created_at: Mapped[datetime]
    __table_args__ = (UniqueConstraint("tenant_id", "name"),)


class ListMember(Model):
    """A person stands on a list."""

    __tablename__ = "list_member"
    list_id: Mapped[int] = mapped_column(ForeignKey("list.id"))
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), index=True)
    __table_args__ = (UniqueConstraint("list_id", "person_id"),)


class Campaign(Model):
    """list + flow + plan. `status`: draft, checked, running, paused, stopped, finished. `waiting_for`: why it rests.

    `direction` "in": the standing campaign of calls that come in; it has no list and never dials (`answering`).
    `lease_owner`/`lease_until` (wall-clock ms) say which worker leads it, and all others of the company that run;
    claims stay safe if two believe they do.
    """

    __tablename__ = "campaign"
    tenant_id: Mapped[int] = mapped_column(ForeignKey("tenant.id"))
    list_id: Mapped[int | None] = mapped_column(ForeignKey("list.id"))
    direction: Mapped[str] = mapped_column(String(3), default="out", server_default="out")
    name: Mapped[str] = mapped_column(String(100))
    flow: Mapped[str] = mapped_column(String(100))
    status: Mapped[str] = mapped_column(String(20), default="draft")
    plan: Mapped[dict[str, Any]]
    skill: Mapped[str] = mapped_column(String(50), default="")
    created_at: Mapped[datetime]
    checked_at: Mapped[datetime | None]
    started_at: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]
    lease_owner: Mapped[str | None] = mapped_column(String(64))
    lease_until: Mapped[int] = mapped_column(BigInteger, default=0, server_default="0")
    waiting_for: Mapped[str | None] = mapped_column(String(300))
    __table_args__ = (UniqueConstraint("tenant_id", "name"),)


class Contact(Model):
    """One debtor in one campaign: what the queue holds. `status`: waiting, claimed, calling, done.

    `claim_until` is wall-clock ms; of who waits in a preview it says until when an agent has the case before them.
    `blocked_rule` is the rule that last said no (and still stands). `wished_at` is
    the time at which whoever answered asked to be called: those are taken before all others that are due.
    """

    __tablename__ = "contact"
    tenant_id: Mapped[int] = mapped_column(ForeignKey("tenant.id"))
    campaign_id: Mapped[int] = mapped_column(ForeignKey("campaign.id"))
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), index=True)
    number_id: Mapped[int | None] = mapped_column(ForeignKey("number.id"))
    status: Mapped[str] = mapped_column(String(20), default="waiting")
    due_at: Mapped[datetime]
    wished_at: Mapped[datetime | None]
    rank: Mapped[int] = mapped_column(BigInteger, default=0)
    tries: Mapped[int] = mapped_column(default=0)
    outcome: Mapped[str | None] = mapped_column(String(30))
    blocked_rule: Mapped[str | None] = mapped_column(String(50))
    blocked_reason: Mapped[str | None] = mapped_column(String(300))
    claim_owner: Mapped[str | None] = mapped_column(String(64))
    claim_until: Mapped[int] = mapped_column(BigInteger, default=0, server_default="0")
    __table_args__ = (
        UniqueConstraint("campaign_id", "person_id"),
        Index("ix_contact_queue", "campaign_id", "due_at", "rank", **_where("status = 'waiting'")),
        Index(
            "ix_contact_wishes",
            "campaign_id",
            "due_at",
            **_where("status = 'waiting' AND wished_at IS NOT NULL"),
        ),
        Index("ix_contact_claims", "claim_until", **_where("status = 'claimed'")),
    )


class Attempt(Model):
    """One dialling of one number. Committed before the carrier is asked. `token` is in every callback address.

    `mode` is the gate's word for the kind of call (prerecorded: a flow speaks; live_agent_manual: an agent began it).
    `debts` are those that it is about, `counted_debts` those that an unanswered call counts for (None: all of them).

    `direction` "in": somebody called us; `to_number` is then the caller's number and `from_number` the one of ours
    that was called, so that both kinds read alike. `price_micros` is what the carrier charged, in millionths;
    `price_asked_at` when it was last asked for. `recorded`: a recording was begun. `metered`: what meters count it as
    since it is over.
    `flow_revision`: what the gate was asked about, and what is said from the first word to the last.
    `intent_real` is wall-clock ms. `state` is the sealed state of the flow after turn number `turn` (-1: none yet),
    `waits` what it waits for: answer, keys, secret, transfer, record, end. `cancel_asked`: why the call should not
    happen after all (opted_out, nothing_due, stopped; changed: part of what it is about was settled while it talked),
    for whoever hears first that it exists.
    """

    __tablename__ = "attempt"
    token: Mapped[str] = mapped_column(String(32), unique=True)
    version: Mapped[int] = mapped_column(default=0, server_default="0")
    tenant_id: Mapped[int] = mapped_column(ForeignKey("tenant.id"))
    campaign_id: Mapped[int] = mapped_column(ForeignKey("campaign.id"), index=True)
    contact_id: Mapped[int] = mapped_column(ForeignKey("contact.id"), index=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), index=True)
    number_id: Mapped[int] = mapped_column(ForeignKey("number.id"))
    direction: Mapped[str] = mapped_column(String(3), default="out", server_default="out")
    to_number: Mapped[str] = mapped_column(String(20))
    from_number: Mapped[str | None] = mapped_column(String(20))
    status: Mapped[str] = mapped_column(String(20))
    sid: Mapped[str | None] = mapped_column(String(64), unique=True)
    flow: Mapped[str] = mapped_column(String(100))
    flow_revision: Mapped[str | None] = mapped_column(String(16))
    mode: Mapped[str] = mapped_column(String(30), default="prerecorded", server_default="prerecorded")
    debts: Mapped[list[Any]]
    counted_debts: Mapped[list[Any] | None]
    intent_at: Mapped[datetime]
    intent_real: Mapped[int] = mapped_column(BigInteger)
    placed_at: Mapped[datetime | None]
    ringing_at: Mapped[datetime | None]
    answered_at: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]
    heard_at: Mapped[datetime | None]
    carrier_status: Mapped[str | None] = mapped_column(String(20))
    answered_by: Mapped[str | None] = mapped_column(String(30))
    sip_code: Mapped[int | None]
    seconds: Mapped[int | None]
    error: Mapped[str | None] = mapped_column(String(300))
    turn: Mapped[int] = mapped_column(default=-1, server_default="-1")
    waits: Mapped[str] = mapped_column(String(10), default="answer")
    state: Mapped[bytes | None]
    level: Mapped[str] = mapped_column(String(20), default="none")
    key_pressed: Mapped[bool] = mapped_column(default=False)
    flow_disposition: Mapped[str | None] = mapped_column(String(30))
    disposition: Mapped[str | None] = mapped_column(String(30))
    callback_at: Mapped[datetime | None]
    cancel_asked: Mapped[str | None] = mapped_column(String(20))
    closed_at: Mapped[datetime | None]
    pack: Mapped[str | None] = mapped_column(String(40))
    recorded: Mapped[bool] = mapped_column(default=False)
    metered: Mapped[str | None] = mapped_column(String(80))
    price_micros: Mapped[int | None] = mapped_column(BigInteger)
    price_currency: Mapped[str | None] = mapped_column(String(3))
    price_asked_at: Mapped[datetime | None]
    __table_args__ = (
        Index("ix_attempt_unpriced", "ended_at", **_where(UNPRICED_CALL)),
        Index("uq_attempt_live_number", "tenant_id", "to_number", unique=True, **_where(LIVE_CALL_OUT)),
        Index("uq_attempt_live_person", "person_id", unique=True, **_where(LIVE_CALL_OUT)),
        Index("ix_attempt_live", "status", "intent_real", **_where(LIVE_ATTEMPT)),
    )


class CallTurn(Model):
    """One committed turn: what was heard, what was answered. Keys of an identity check are stored as dots."""

    __tablename__ = "turn"
    attempt_id: Mapped[int] = mapped_column(ForeignKey("attempt.id"))
    n: Mapped[int]
    at: Mapped[datetime]
    event: Mapped[dict[str, Any]]
    answer: Mapped[bytes]
    path: Mapped[list[Any]]
    __table_args__ = (UniqueConstraint("attempt_id", "n"),)


class Agent(Model):
    """A person who takes calls. `status`: offline, connecting, ready, reserved, in_call, wrapup, paused.

    The line: `leg_claim_until` (wall-clock ms) is set while its create has no answer, `leg_sid` once it exists,
    `leg_joined_at` once it stands in the conference; `leg_heard_at` is the last time that it was asked for or seen.
    `until`: when wrap-up ends, or when a break was meant to end.
    `guest_sid` is a caller who was called back from the conference and may still be in it.
    `break_…`: the next break that is booked for them, `break_of` its booking; `break_at` in the past: it is due.
    """

    __tablename__ = "agent"
    tenant_id: Mapped[int] = mapped_column(ForeignKey("tenant.id"))
    name: Mapped[str] = mapped_column(String(100))
    via: Mapped[str] = mapped_column(String(200))
    skills: Mapped[list[Any]]
    status: Mapped[str] = mapped_column(String(20), default="offline")
    since: Mapped[datetime]
    until: Mapped[datetime | None]
    pause_reason: Mapped[str | None] = mapped_column(String(100))
    leg_token: Mapped[str] = mapped_column(String(32), unique=True)
    leg_sid: Mapped[str | None] = mapped_column(String(64))
    leg_claim_until: Mapped[int] = mapped_column(BigInteger, default=0, server_default="0")
    leg_heard_at: Mapped[datetime | None]
    leg_joined_at: Mapped[datetime | None]
    guest_sid: Mapped[str | None] = mapped_column(String(64))
    break_at: Mapped[datetime | None]
    break_minutes: Mapped[int] = mapped_column(default=0, server_default="0")
    break_reason: Mapped[str | None] = mapped_column(String(30))
    break_of: Mapped[int | None]
    version: Mapped[int] = mapped_column(default=0, server_default="0")
    __table_args__ = (UniqueConstraint("tenant_id", "name"),)


class BookedBreak(Model):
    """A break booked for an agent: on these weekdays (ISO, Monday 1) at a time of day ("10:00") of a place."""

    __tablename__ = "booked_break"
    tenant_id: Mapped[int] = mapped_column(ForeignKey("tenant.id"))
    agent_id: Mapped[int] = mapped_column(ForeignKey("agent.id"), index=True)
    weekdays: Mapped[list[Any]]
    starts: Mapped[str] = mapped_column(String(5))
    minutes: Mapped[int]
    reason: Mapped[str] = mapped_column(String(30))
    zone: Mapped[str] = mapped_column(String(50))
    created_at: Mapped[datetime]
    cancelled_at: Mapped[datetime | None]


class KeptBreak(Model):
    """What became of a booked break on its day. `outcome`: taken, missed, away (the agent was not there)."""

    __tablename__ = "kept_break"
    tenant_id: Mapped[int] = mapped_column(ForeignKey("tenant.id"))
    agent_id: Mapped[int] = mapped_column(ForeignKey("agent.id"))
    booking_id: Mapped[int] = mapped_column(ForeignKey("booked_break.id"))
    due_at: Mapped[datetime]
    minutes: Mapped[int]
    reason: Mapped[str] = mapped_column(String(30))
    outcome: Mapped[str] = mapped_column(String(10))
    began_at: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]
    __table_args__ = (UniqueConstraint("booking_id", "due_at"), Index("ix_kept_break_of", "agent_id", "due_at"))


class Reservation(Model):
    """One wish for an agent. `status`: waiting, reserved, connected, ended, left, nobody_free, callback, failed."""

    __tablename__ = "reservation"
    tenant_id: Mapped[int] = mapped_column(ForeignKey("tenant.id"))
    campaign_id: Mapped[int] = mapped_column(ForeignKey("campaign.id"), index=True)
    attempt_id: Mapped[int] = mapped_column(ForeignKey("attempt.id"), index=True)
    agent_id: Mapped[int | None] = mapped_column(ForeignKey("agent.id"))
    skill: Mapped[str] = mapped_column(String(50), default="")
    language: Mapped[str] = mapped_column(String(10))
    status: Mapped[str] = mapped_column(String(20))
    missed: Mapped[int] = mapped_column(default=0)
    asked_at: Mapped[datetime]
    reserved_at: Mapped[datetime | None]
    connected_at: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]
    turn: Mapped[int]
    max_wait_seconds: Mapped[int]
    __table_args__ = (
        Index("uq_reservation_agent", "agent_id", unique=True, **_where(BUSY_RESERVATION)),
        Index("uq_reservation_attempt", "attempt_id", unique=True, **_where(OPEN_RESERVATION)),
        Index("ix_reservation_queue", "tenant_id", "asked_at", **_where("status = 'waiting'")),
    )


class Supervision(Model):
    """A supervisor in one talk of an agent. `status`: asked, ringing, joined, leaving (not known to be over), ended.

    `wanted` is who shall hear them: listen (nobody), whisper (the agent), barge (both); `mode` what the carrier is
    known to do ("": not known). `via` is their own line, `token` is in its addresses, `sid` its call, `claim_until`
    (wall-clock ms) is set while its create has no answer. `room` is the token of the agent's line whose conference it
    is, `coached` that line's call. `why` it ends: left, call_over, hung_up, not_answered, refused, not_allowed.
    """

    __tablename__ = "supervision"
    tenant_id: Mapped[int] = mapped_column(ForeignKey("tenant.id"))
    user_id: Mapped[int] = mapped_column(ForeignKey("user_account.id"))
    agent_id: Mapped[int] = mapped_column(ForeignKey("agent.id"))
    attempt_id: Mapped[int] = mapped_column(ForeignKey("attempt.id"), index=True)
    room: Mapped[str] = mapped_column(String(32))
    coached: Mapped[str] = mapped_column(String(64))
    via: Mapped[str] = mapped_column(String(200))
    mode: Mapped[str] = mapped_column(String(10), default="", server_default="")
    wanted: Mapped[str] = mapped_column(String(10))
    status: Mapped[str] = mapped_column(String(10))
    token: Mapped[str] = mapped_column(String(32), unique=True)
    sid: Mapped[str | None] = mapped_column(String(64), index=True)
    claim_until: Mapped[int] = mapped_column(BigInteger, default=0, server_default="0")
    asked_at: Mapped[datetime]
    heard_at: Mapped[datetime]
    joined_at: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]
    why: Mapped[str | None] = mapped_column(String(20))
    version: Mapped[int] = mapped_column(default=0, server_default="0")
    __table_args__ = (
        Index("uq_supervision_user", "user_id", unique=True, **_where(OPEN_SUPERVISION)),
        Index("uq_supervision_line", "via", unique=True, **_where(OPEN_SUPERVISION)),
        Index("ix_supervision_agent", "agent_id", **_where(OPEN_SUPERVISION)),
    )


class CardCapture(Model):
    """A card that an agent takes in a talk through the carrier, which alone gets its figures.

    `status`: asked (the carrier has not answered yet), open, charging, charged, failed, canceled, lost (nobody knows
    whether it was charged). `figures`: what is asked for, in order; `figure`: which one now, `digits`: how many keys
    of it were heard, `tries`: how often it was asked for; `error`: what was wrong last. `sid` is the carrier's,
    `token` is in our address.
    """

    __tablename__ = "card_capture"
    tenant_id: Mapped[int] = mapped_column(ForeignKey("tenant.id"))
    attempt_id: Mapped[int] = mapped_column(ForeignKey("attempt.id"), index=True)
    agent_id: Mapped[int] = mapped_column(ForeignKey("agent.id"))
    token: Mapped[str] = mapped_column(String(32), unique=True)
    sid: Mapped[str | None] = mapped_column(String(64))
    amount_minor: Mapped[int] = mapped_column(BigInteger)
    currency: Mapped[str] = mapped_column(String(3))
    debts: Mapped[list[Any]]
    figures: Mapped[list[Any]]
    figure: Mapped[str] = mapped_column(String(30))
    digits: Mapped[int] = mapped_column(default=0, server_default="0")
    tries: Mapped[int] = mapped_column(default=0, server_default="0")
    error: Mapped[str] = mapped_column(String(40), default="", server_default="")
    status: Mapped[str] = mapped_column(String(10))
    version: Mapped[int] = mapped_column(default=0, server_default="0")
    created_at: Mapped[datetime]
    moved_at: Mapped[datetime]
    __table_args__ = (
        Index("uq_card_capture", "attempt_id", unique=True, **_where(OPEN_CAPTURE)),
        Index("ix_card_capture_open", "moved_at", **_where(OPEN_CAPTURE)),
    )


class Packet(Model):
    """What the agent's screen shows before the voice; sealed, because it names the person and the debts."""

    __tablename__ = "packet"
    tenant_id: Mapped[int] = mapped_column(ForeignKey("tenant.id"))
    reservation_id: Mapped[int] = mapped_column(ForeignKey("reservation.id"), index=True)
    attempt_id: Mapped[int] = mapped_column(ForeignKey("attempt.id"))
    agent_id: Mapped[int] = mapped_column(ForeignKey("agent.id"), index=True)
    body: Mapped[bytes]
    created_at: Mapped[datetime]
    shown_at: Mapped[datetime | None]


class Note(Model):
    """What an agent wrote about a person, sealed; never changed. `author` is an agent's name."""

    __tablename__ = "note"
    tenant_id: Mapped[int] = mapped_column(ForeignKey("tenant.id"))
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), index=True)
    attempt_id: Mapped[int | None] = mapped_column(ForeignKey("attempt.id"))
    author: Mapped[str] = mapped_column(String(100))
    body: Mapped[bytes]
    created_at: Mapped[datetime]


class Draft(Model):
    """What an agent has typed into a form of the desk and not sent yet; sealed, gone once it is sent."""

    __tablename__ = "draft"
    attempt_id: Mapped[int] = mapped_column(ForeignKey("attempt.id"))
    agent_id: Mapped[int] = mapped_column(ForeignKey("agent.id"))
    form: Mapped[str] = mapped_column(String(30))
    body: Mapped[bytes]
    saved_at: Mapped[datetime]
    __table_args__ = (UniqueConstraint("attempt_id", "agent_id", "form"),)


class FlowText(Model):
    """What a revision of a flow was read from, kept for good: a call that began with it ends with it.

    `fragments`: name -> text of all that it includes.
    """

    __tablename__ = "flow_text"
    tenant_id: Mapped[int] = mapped_column(ForeignKey("tenant.id"))
    name: Mapped[str] = mapped_column(String(100))
    revision: Mapped[str] = mapped_column(String(16))
    text: Mapped[str] = mapped_column(Text)
    fragments: Mapped[dict[str, Any]]
    kept_at: Mapped[datetime]
    __table_args__ = (UniqueConstraint("tenant_id", "name", "revision"),)


class FlowVersion(Model):
    """One saved state of a company's own flow, numbered from 1 and never changed; its text is the FlowText's.

    In force is the published one with the greatest number. `places` (ISO 3166) are those that it is proven for.
    """

    __tablename__ = "flow_version"
    tenant_id: Mapped[int] = mapped_column(ForeignKey("tenant.id"))
    name: Mapped[str] = mapped_column(String(100))
    number: Mapped[int]
    revision: Mapped[str] = mapped_column(String(16), index=True)
    why: Mapped[str] = mapped_column(String(300))
    saved_by: Mapped[str] = mapped_column(String(100))
    saved_at: Mapped[datetime]
    places: Mapped[list[Any] | None]
    proof: Mapped[dict[str, Any] | None]
    published_by: Mapped[str | None] = mapped_column(String(100))
    published_at: Mapped[datetime | None]
    __table_args__ = (UniqueConstraint("tenant_id", "name", "number"),)


class FlowDraft(Model):
    """What a user has typed into the editor of an own flow and not saved; `base` is the version it began from."""

    __tablename__ = "flow_draft"
    user_id: Mapped[int] = mapped_column(ForeignKey("user_account.id"))
    name: Mapped[str] = mapped_column(String(100))
    base: Mapped[int]
    text: Mapped[str] = mapped_column(Text)
    saved_at: Mapped[datetime]
    __table_args__ = (UniqueConstraint("user_id", "name"),)


class WorkerBeat(Model):
    """When a worker that runs finished a beat last (`beat_at`, wall-clock ms); gone when it has stopped.

    `drifting`: how many meters differed from the calls on record when it counted them last (`recounted_at`).
    `window_away_at`: since when it cannot reach the window of calls per second; None: it can.
    """

    __tablename__ = "worker_beat"
    name: Mapped[str] = mapped_column(String(64), unique=True)
    beat_at: Mapped[int] = mapped_column(BigInteger)
    recounted_at: Mapped[int | None] = mapped_column(BigInteger)
    drifting: Mapped[int | None]
    window_away_at: Mapped[int | None] = mapped_column(BigInteger)


class Promise(Model):
    """A promise to pay. `status`: open, kept, broken, ended (the debt was withdrawn, or settled otherwise).

    `debts` are the ids that it is about; `paid_minor` what has arrived for them since it was made. `schedule` are the
    later instalments of a plan: [{"due_on": ISO date, "minor": all that must have arrived by then}].
    """

    __tablename__ = "promise"
    tenant_id: Mapped[int] = mapped_column(ForeignKey("tenant.id"))
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), index=True)
    attempt_id: Mapped[int] = mapped_column(ForeignKey("attempt.id"), unique=True)
    amount_minor: Mapped[int] = mapped_column(BigInteger)
    currency: Mapped[str] = mapped_column(String(3))
    due_on: Mapped[date]
    debts: Mapped[list[Any]] = mapped_column(default=list, server_default="[]")
    schedule: Mapped[list[Any]] = mapped_column(default=list, server_default="[]")
    paid_minor: Mapped[int] = mapped_column(BigInteger, default=0, server_default="0")
    status: Mapped[str] = mapped_column(String(20), default="open")
    created_at: Mapped[datetime]
    reminded_at: Mapped[datetime | None]
    settled_at: Mapped[datetime | None]
    __table_args__ = (Index("ix_promise_open", "due_on", **_where("status = 'open'")),)


class Suppression(Model):
    """A reason not to call. `person_id` None: everybody at `number`; `number` None: all numbers of the person.

    `creditor_id` None: whatever it is about. `list_name` is the do-not-call list that it stands on. `number_index` is
    a keyed hash of a number: all that is kept of one when its person was erased.
    """

    __tablename__ = "suppression"
    tenant_id: Mapped[int] = mapped_column(ForeignKey("tenant.id"))
    creditor_id: Mapped[int | None] = mapped_column(ForeignKey("creditor.id"))
    person_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    number: Mapped[str | None] = mapped_column(String(20), index=True)
    number_index: Mapped[str | None] = mapped_column(String(32))
    list_name: Mapped[str | None] = mapped_column(String(50))
    kind: Mapped[str] = mapped_column(String(30))
    channel: Mapped[str | None] = mapped_column(String(20))
    automated_only: Mapped[bool] = mapped_column(default=False)
    since: Mapped[datetime]
    until: Mapped[datetime | None]
    attempt_id: Mapped[int | None] = mapped_column(ForeignKey("attempt.id"))
    source: Mapped[str] = mapped_column(String(50))
    __table_args__ = (  # a list of numbers has a million rows of nobody: no index is to offer them all at once
        Index("ix_suppression_person", "person_id", **_where("person_id IS NOT NULL")),
        Index("ix_suppression_number_index", "number_index", **_where("number_index IS NOT NULL")),
    )


class Message(Model):
    """The outbox of text messages, with the same life as attempts; and, by `direction` "in", what people text us.

    `status`: planned, sending, sent, delivered, failed, unknown, denied; received. `sent_real` is wall-clock ms.
    `to_number` is the person's number in both directions. `read_as`: what an incoming text was taken for (opt_out,
    opt_in, help, reply). `segments` and `price_micros` (millionths) are what it costs.
    """

    __tablename__ = "message"
    token: Mapped[str] = mapped_column(String(32), unique=True)
    tenant_id: Mapped[int] = mapped_column(ForeignKey("tenant.id"))
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), index=True)
    campaign_id: Mapped[int | None] = mapped_column(ForeignKey("campaign.id"), index=True)
    attempt_id: Mapped[int | None] = mapped_column(ForeignKey("attempt.id"))
    number_id: Mapped[int] = mapped_column(ForeignKey("number.id"))
    direction: Mapped[str] = mapped_column(String(3), default="out", server_default="out")
    template: Mapped[str] = mapped_column(String(50))
    purpose: Mapped[str] = mapped_column(String(30))
    to_number: Mapped[str] = mapped_column(String(20))
    from_number: Mapped[str | None] = mapped_column(String(20))
    body: Mapped[bytes]
    status: Mapped[str] = mapped_column(String(20))
    read_as: Mapped[str | None] = mapped_column(String(20))
    sid: Mapped[str | None] = mapped_column(String(64), unique=True)
    segments: Mapped[int | None]
    price_micros: Mapped[int | None] = mapped_column(BigInteger)
    price_currency: Mapped[str | None] = mapped_column(String(3))
    price_asked_at: Mapped[datetime | None]
    error: Mapped[str | None] = mapped_column(String(300))
    created_at: Mapped[datetime]
    due_at: Mapped[datetime]
    tries: Mapped[int] = mapped_column(default=0)
    sent_real: Mapped[int] = mapped_column(BigInteger, default=0, server_default="0")
    finished_at: Mapped[datetime | None]
    __table_args__ = (
        UniqueConstraint("attempt_id", "template"),
        Index("ix_message_unpriced", "created_at", **_where(UNPRICED_MESSAGE)),
        Index("ix_message_outbox", "due_at", **_where("status IN ('planned', 'sending', 'unknown')")),
    )


class Recording(Model):
    """The sound of a call. `status`: asked, on, paused, ended, stored, failed, erased.

    `path` is the sealed file under TOQUE_HOME, `digest` the SHA-256 of the sound before it was sealed.
    `gone_at_carrier_at` is set when the carrier's own copy is deleted, which follows the copy; `heard_at` is when
    the carrier was last heard or asked about it. `error` says why there is no sound, or not all of it.
    """

    __tablename__ = "recording"
    tenant_id: Mapped[int] = mapped_column(ForeignKey("tenant.id"))
    attempt_id: Mapped[int] = mapped_column(ForeignKey("attempt.id"), unique=True)
    sid: Mapped[str | None] = mapped_column(String(64), unique=True)
    status: Mapped[str] = mapped_column(String(20))
    why: Mapped[str] = mapped_column(String(50))
    started_at: Mapped[datetime]
    seconds: Mapped[int | None]
    path: Mapped[str | None] = mapped_column(String(300))
    digest: Mapped[str | None] = mapped_column(String(64))
    keep_until: Mapped[date]
    gone_at_carrier_at: Mapped[datetime | None]
    erased_at: Mapped[datetime | None]
    heard_at: Mapped[datetime | None]
    error: Mapped[str | None] = mapped_column(String(300))
    __table_args__ = (
        Index("ix_recording_at_carrier", "id", **_where("gone_at_carrier_at IS NULL")),
        Index("ix_recording_kept", "keep_until", **_where("status = 'stored'")),
    )


class Seal(Model):
    """One step of sealing the record: `chain` binds `digest` (of the rows sealed then) to the step before."""

    __tablename__ = "seal"
    tenant_id: Mapped[int] = mapped_column(ForeignKey("tenant.id"))
    n: Mapped[int]
    at: Mapped[datetime]
    rows: Mapped[int]
    last_id: Mapped[int]
    digest: Mapped[str] = mapped_column(String(64))
    chain: Mapped[str] = mapped_column(String(64))
    __table_args__ = (UniqueConstraint("tenant_id", "n"),)


class Purge(Model):
    """Why rows of the record are gone: all of a person, to place `n` and id `last_id`. `mac`: no forged one.

    `head` is the chain's end at that time; `sums` what the rows had been to each seal: seal -> [rows, sum].
    """

    __tablename__ = "purge"
    tenant_id: Mapped[int] = mapped_column(ForeignKey("tenant.id"))
    person_id: Mapped[int] = mapped_column(BigInteger, index=True)  # the person may be gone with it
    n: Mapped[int]
    last_id: Mapped[int] = mapped_column(BigInteger)
    head: Mapped[str | None] = mapped_column(String(64))
    sums: Mapped[dict[str, Any]]
    why: Mapped[str] = mapped_column(String(30))
    at: Mapped[datetime]
    mac: Mapped[str] = mapped_column(String(64))


class Interaction(Model):
    """The append-only record: what happened to whom, when, by whom. Never updated, but for its seal.

    `n` is its place among the rows of its person, `chain` binds it to the row before, `seal` is the step that did so;
    all None until it is sealed. Triggers refuse every other change, and to delete what no `Purge` covers.
    """

    __tablename__ = "interaction"
    tenant_id: Mapped[int] = mapped_column(ForeignKey("tenant.id"))
    person_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"), index=True)
    attempt_id: Mapped[int | None] = mapped_column(ForeignKey("attempt.id"), index=True)
    at: Mapped[datetime]
    kind: Mapped[str] = mapped_column(String(40))
    actor: Mapped[str] = mapped_column(String(100))
    detail: Mapped[dict[str, Any]]
    n: Mapped[int | None]
    chain: Mapped[str | None] = mapped_column(String(64))
    seal: Mapped[int | None]
    __table_args__ = (
        Index("ix_interaction_unsealed", "id", **_where("n IS NULL")),
        Index("uq_interaction_place", "person_id", "n", unique=True, **_where("n IS NOT NULL")),
    )
