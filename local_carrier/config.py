"""What a local carrier is started with: one account, its pace, its numbers, the faults it is asked to make."""

from __future__ import annotations

from dataclasses import dataclass, field

from local_carrier.faults import Fault

DEFAULT_ACCOUNT = "AC" + "0" * 31 + "1"
DEFAULT_TOKEN = "local-carrier-token"


@dataclass(frozen=True, slots=True)
class CarrierConfig:
    """One account. Time-outs are real seconds, as Twilio applies them to webhooks.

    `numbers` are the caller IDs the account owns; None accepts any. `calls_per_second` is the pace at
    which created calls leave the queue; excess is queued, never refused.
    """

    account_sid: str = DEFAULT_ACCOUNT
    auth_token: str = DEFAULT_TOKEN
    calls_per_second: float = 1.0
    numbers: frozenset[str] | None = None
    faults: tuple[Fault, ...] = ()
    fault_seed: int = 0
    connect_timeout_seconds: float = 5.0
    total_timeout_seconds: float = 15.0
    inbound_message_url: str | None = None
    price_per_minute: str = field(default="-0.01400")
