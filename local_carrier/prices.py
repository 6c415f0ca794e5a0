"""What the account is charged, known a while after the end: minutes by direction, messages by segment. Pure."""

from __future__ import annotations

from datetime import datetime, timedelta
from decimal import Decimal
from math import ceil

from local_carrier.calls import Call
from local_carrier.config import CarrierConfig
from local_carrier.messages import Message
from local_carrier.taping.shelf import Recording

PLACES = Decimal("0.00001")
FREE = frozenset({"failed", "queued", "accepted"})


def call_price(call: Call, config: CarrierConfig, now: datetime) -> str | None:
    """Return the price of an answered call as Twilio prints it (negative), or None while it is not known."""
    if call.duration is None or call.ended_at is None or not _known(call.ended_at, config, now):
        return None
    minute = config.price_per_inbound_minute if call.direction == "inbound" else config.price_per_minute
    return _printed(minute, -(-call.duration // 60))


def message_price(message: Message, config: CarrierConfig, now: datetime) -> str | None:
    """Return the price of a message, or None while it is not known and for what never left."""
    sent = message.sent_at if message.direction != "inbound" else message.created_at
    if sent is None or message.status in FREE or not _known(sent, config, now):
        return None
    segment = config.price_per_inbound_segment if message.direction == "inbound" else config.price_per_segment
    return _printed(segment, message.segments)


def recording_price(recording: Recording, config: CarrierConfig, now: datetime) -> str | None:
    """Return the price of a completed recording by its begun minutes, or None while it is not known."""
    if recording.status != "completed" or not _known(recording.updated_at, config, now):
        return None
    return _printed(config.price_per_recorded_minute, ceil(recording.seconds(now) / 60))


def _known(ended: datetime, config: CarrierConfig, now: datetime) -> bool:
    return now >= ended + timedelta(seconds=config.price_after_seconds)


def _printed(each: str, units: int) -> str:
    return str((Decimal(each) * units).quantize(PLACES))
