"""How resources look in REST answers: the field names and types of Twilio's published description."""

from __future__ import annotations

from datetime import datetime

from local_carrier.calls import Call, rfc2822
from local_carrier.conferences import Room, Seat
from local_carrier.config import CarrierConfig
from local_carrier.messages import Message
from local_carrier.prices import call_price, message_price
from local_carrier.rest.orders import E164

API = "/2010-04-01/Accounts"
Json = dict[str, object]
SUBRESOURCES = (
    "events",
    "notifications",
    "recordings",
    "payments",
    "siprec",
    "streams",
    "transcriptions",
    "user_defined_messages",
    "user_defined_message_subscriptions",
)


def formatted(address: str) -> str:
    """Print a North American number as Twilio does; everything else as it is."""
    if E164.fullmatch(address) and address.startswith("+1") and len(address) == 12:
        return f"({address[2:5]}) {address[5:8]}-{address[8:]}"
    return address


def call_view(call: Call, config: CarrierConfig, now: datetime) -> Json:
    """Return a Call resource as it looks at this moment."""
    account = config.account_sid
    uri = f"{API}/{account}/Calls/{call.sid}"
    order, duration = call.order, call.duration
    return {
        "sid": call.sid,
        "account_sid": account,
        "annotation": None,
        "answered_by": call.answered_by,
        "api_version": "2010-04-01",
        "caller_name": None,
        "date_created": rfc2822(call.created_at),
        "date_updated": rfc2822(call.updated_at),
        "direction": call.direction,
        "duration": None if duration is None else str(duration),
        "end_time": rfc2822(call.ended_at),
        "forwarded_from": None,
        "from": order.from_,
        "from_formatted": formatted(order.from_),
        "group_sid": None,
        "parent_call_sid": call.parent.sid if call.parent else None,
        "phone_number_sid": call.number_sid,
        "price": call_price(call, config, now),
        "price_unit": config.price_unit,
        "queue_time": str(call.queue_ms),
        "start_time": rfc2822(call.started_at),
        "status": call.status,
        "stir_verstat": None,
        "subresource_uris": {name: f"{uri}/{_camel(name)}.json" for name in SUBRESOURCES},
        "to": order.to,
        "to_formatted": formatted(order.to),
        "trunk_sid": None,
        "uri": f"{uri}.json",
    }


def _camel(name: str) -> str:
    return "".join(part.capitalize() for part in name.split("_"))


def message_view(message: Message, config: CarrierConfig, now: datetime) -> Json:
    """Return a Message resource as it looks at this moment."""
    account = config.account_sid
    uri = f"{API}/{account}/Messages/{message.sid}"
    order = message.order
    return {
        "sid": message.sid,
        "account_sid": account,
        "api_version": "2010-04-01",
        "body": order.body,
        "date_created": rfc2822(message.created_at),
        "date_sent": rfc2822(message.sent_at),
        "date_updated": rfc2822(message.updated_at),
        "direction": message.direction,
        "error_code": message.error_code,
        "error_message": None if message.error_code is None else f"Error {message.error_code}",
        "from": order.from_,
        "messaging_service_sid": order.service_sid,
        "num_media": "0",
        "num_segments": str(message.segments),
        "price": message_price(message, config, now),
        "price_unit": config.price_unit,
        "status": message.status,
        "subresource_uris": {"media": f"{uri}/Media.json"},
        "to": order.to,
        "uri": f"{uri}.json",
    }


def conference_view(room: Room, account: str) -> Json:
    """Return a Conference resource."""
    uri = f"{API}/{account}/Conferences/{room.sid}"
    return {
        "sid": room.sid,
        "account_sid": account,
        "api_version": "2010-04-01",
        "call_sid_ending_conference": room.ended_by,
        "date_created": rfc2822(room.created_at),
        "date_updated": rfc2822(room.updated_at),
        "friendly_name": room.name,
        "reason_conference_ended": room.reason_ended,
        "region": "us1",
        "status": room.status,
        "subresource_uris": {
            "participants": f"{uri}/Participants.json",
            "recordings": f"{uri}/Recordings.json",
        },
        "uri": f"{uri}.json",
    }


def participant_view(seat: Seat, room: Room, account: str, *, status: str = "connected") -> Json:
    """Return a Participant resource."""
    uri = f"{API}/{account}/Conferences/{room.sid}/Participants/{seat.call.sid}.json"
    return {
        "account_sid": account,
        "call_sid": seat.call.sid,
        "call_sid_to_coach": seat.coach or None,
        "coaching": bool(seat.coach),
        "conference_sid": room.sid,
        "date_created": rfc2822(seat.joined_at),
        "date_updated": rfc2822(room.updated_at),
        "end_conference_on_exit": seat.end_on_exit,
        "hold": seat.hold,
        "label": seat.label or None,
        "muted": seat.muted,
        "queue_time": str(seat.call.queue_ms),
        "start_conference_on_enter": seat.start_on_enter,
        "status": status,
        "uri": uri,
    }
