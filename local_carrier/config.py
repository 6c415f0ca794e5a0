"""What a local carrier is started with: one account, its pace, its numbers, the faults it is asked to make."""

from __future__ import annotations

from dataclasses import dataclass

from local_carrier.faults import Fault

DEFAULT_ACCOUNT = "AC" + "0" * 31 + "1"
DEFAULT_TOKEN = "local-carrier-token"


@dataclass(frozen=True, slots=True)
class CarrierConfig:
    """One account. Time-outs are real seconds, as Twilio applies them to webhooks.

    `numbers` are the caller IDs the account owns; None accepts any. `calls_per_second` is the pace at which
    created calls leave the queue; excess is queued, never refused. Prices are known `price_after_seconds` of the
    carrier's clock after the end. `root_url` stands in the addresses of recordings. `inbound_*_url` are asked for
    numbers that have no addresses of their own. `opt_out_words`: the carrier itself heeds STOP and answers it.
    `pay_connectors` are the payment connectors there are; None: any name. `api_key_*` sign the tokens that browsers
    register with (none: the account's own); `real_time` is False when the clock runs faster than people can speak.
    """

    account_sid: str = DEFAULT_ACCOUNT
    auth_token: str = DEFAULT_TOKEN
    calls_per_second: float = 1.0
    numbers: frozenset[str] | None = None
    faults: tuple[Fault, ...] = ()
    fault_seed: int = 0
    connect_timeout_seconds: float = 5.0
    total_timeout_seconds: float = 15.0
    inbound_voice_url: str | None = None
    inbound_status_url: str | None = None
    inbound_message_url: str | None = None
    opt_out_words: bool = True
    pay_connectors: frozenset[str] | None = None
    price_per_minute: str = "-0.01400"
    price_per_inbound_minute: str = "-0.00850"
    price_per_segment: str = "-0.00790"
    price_per_inbound_segment: str = "-0.00790"
    price_per_recorded_minute: str = "-0.00250"
    price_unit: str = "USD"
    price_after_seconds: float = 20.0
    root_url: str = "https://api.twilio.com"
    api_key_sid: str = ""
    api_key_secret: str = ""
    real_time: bool = True
