"""What a REST client may ask for: form parameters to checked values, or one of Twilio's refusals. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal
from urllib.parse import urlsplit

from local_carrier.detection import Detection
from local_carrier.rest.errors import Refusal

E164 = re.compile(r"\+[1-9]\d{6,14}")
SIP = re.compile(r"sips?:[^\s@]+@[^\s@]+")
CLIENT = re.compile(r"client:[A-Za-z0-9_.@+-]{1,256}")
STATUS_EVENTS = ("initiated", "ringing", "answered", "completed")
RECORDING_EVENTS = ("in-progress", "completed", "absent")
TWIML_LIMIT = 4000

Form = Mapping[str, Sequence[str]]


@dataclass(frozen=True, slots=True)
class Hook:
    """An address to call back and how."""

    url: str
    method: str = "POST"


@dataclass(frozen=True, slots=True)
class RecordingOrder:
    """How a call is recorded and who is told: channels 1 or 2, track inbound, outbound or both."""

    hook: Hook | None = None
    events: tuple[str, ...] = ("completed",)
    channels: int = 1
    track: str = "both"


@dataclass(frozen=True, slots=True)
class CallOrder:
    """A checked POST Calls.json."""

    to: str
    from_: str
    voice: Hook | None
    twiml: str | None = None
    fallback: Hook | None = None
    status: Hook | None = None
    status_events: tuple[str, ...] = ("completed",)
    timeout_seconds: int = 60
    time_limit_seconds: int | None = None
    detection: Detection | None = None
    send_digits: str | None = None
    recording: RecordingOrder | None = None


@dataclass(frozen=True, slots=True)
class CallChange:
    """A checked POST Calls/{Sid}.json."""

    status: Literal["completed", "canceled"] | None = None
    voice: Hook | None = None
    twiml: str | None = None
    status_hook: Hook | None = None


@dataclass(frozen=True, slots=True)
class NumberOrder:
    """A checked change to a number of the account: hooks by the name of the field they go to, and its name."""

    hooks: Mapping[str, Hook | None]
    name: str | None = None


@dataclass(frozen=True, slots=True)
class MessageOrder:
    """A checked POST Messages.json."""

    to: str
    from_: str
    body: str
    status: Hook | None = None
    service_sid: str | None = None


def one(form: Form, name: str) -> str:
    """Return the first value of a parameter, or the empty string."""
    values = form.get(name) or ("",)
    return values[0].strip()


def address_is_valid(address: str) -> bool:
    """Tell whether this is E.164, `sip:` or `client:`."""
    return any(pattern.fullmatch(address) for pattern in (E164, SIP, CLIENT))


def is_yes(value: str) -> bool:
    """Read the wire's booleans; anything but "true" is false."""
    return value.lower() == "true"


def read_hook(form: Form, url_name: str, *, code: int = 21205) -> Hook | None:
    """Read Xxx and XxxMethod; refuse what is not an http(s) address, or a host with an underscore."""
    url = one(form, url_name)
    if not url:
        return None
    parts = urlsplit(url)
    if parts.scheme not in ("http", "https") or not parts.hostname or "_" in parts.hostname:
        raise Refusal(code, url)
    method = one(form, "Method" if url_name == "Url" else url_name.removesuffix("Url") + "Method") or "POST"
    if method.upper() not in ("GET", "POST"):
        raise Refusal(20001, f"{url_name}: method {method}")
    return Hook(url, method.upper())


def read_call_order(form: Form, numbers: frozenset[str] | None) -> CallOrder:
    """Check a call creation. `numbers` are the caller IDs that the account owns (None: any)."""
    to, from_ = _parties(form, numbers)
    if one(form, "ApplicationSid"):
        raise Refusal(21218, one(form, "ApplicationSid"))
    voice = read_hook(form, "Url")
    twiml = one(form, "Twiml") or None
    if voice is None and twiml is None:
        raise Refusal(21205, "(none given)")
    if voice is None and len(twiml or "") > TWIML_LIMIT:
        raise Refusal(32018)
    send_digits = one(form, "SendDigits") or None
    if send_digits and not re.fullmatch(r"[0-9A-D#*wW]{1,32}", send_digits):
        raise Refusal(20001, f"SendDigits {send_digits}")
    return CallOrder(
        to=to,
        from_=from_,
        voice=voice,
        twiml=None if voice else twiml,
        fallback=read_hook(form, "FallbackUrl"),
        status=read_hook(form, "StatusCallback", code=21609),
        status_events=_events(form),
        timeout_seconds=_whole(form, "Timeout", 60, (1, 600)),
        time_limit_seconds=_whole(form, "TimeLimit", 0, (0, 86_400)) or None,
        detection=None if send_digits else read_detection(form),
        send_digits=send_digits,
        recording=read_recording_order(form) if is_yes(one(form, "Record")) else None,
    )


def read_recording_order(form: Form) -> RecordingOrder:
    """Check the parameters of a recording: RecordingChannels, RecordingTrack, RecordingStatusCallback*, Trim."""
    channels, track = one(form, "RecordingChannels") or "mono", one(form, "RecordingTrack") or "both"
    if channels not in ("mono", "dual"):
        raise Refusal(20001, f"RecordingChannels {channels}, expected mono or dual")
    if track not in ("inbound", "outbound", "both"):
        raise Refusal(20001, f"RecordingTrack {track}, expected inbound, outbound or both")
    events = [event for value in form.get("RecordingStatusCallbackEvent") or () for event in value.split()]
    if unknown := [event for event in events if event not in RECORDING_EVENTS]:
        raise Refusal(20001, f"RecordingStatusCallbackEvent {' '.join(unknown)}")
    hook = read_hook(form, "RecordingStatusCallback", code=21609)
    return RecordingOrder(hook, tuple(events) or ("completed",), 2 if channels == "dual" else 1, track)


def _parties(form: Form, numbers: frozenset[str] | None) -> tuple[str, str]:
    to, from_ = one(form, "To"), one(form, "From")
    if not to:
        raise Refusal(21201)
    if not from_:
        raise Refusal(21213)
    if not address_is_valid(to):
        raise Refusal(21211, to)
    if not address_is_valid(from_) or (E164.fullmatch(to) and not E164.fullmatch(from_)):
        raise Refusal(21212, from_)
    if numbers is not None and E164.fullmatch(from_) and from_ not in numbers:
        raise Refusal(21210, from_)
    return to, from_


def _events(form: Form) -> tuple[str, ...]:
    given = [event for value in form.get("StatusCallbackEvent") or () for event in value.split()]
    unknown = [event for event in given if event not in STATUS_EVENTS]
    if unknown:
        raise Refusal(20001, f"StatusCallbackEvent {' '.join(unknown)}")
    return tuple(given) or ("completed",)


def _whole(form: Form, name: str, default: int, bounds: tuple[int, int]) -> int:
    value = one(form, name)
    if not value:
        return default
    if not value.isdecimal() or not bounds[0] <= int(value) <= bounds[1]:
        raise Refusal(20001, f"{name} {value}, expected {bounds[0]} to {bounds[1]}")
    return int(value)


def read_detection(form: Form) -> Detection | None:
    """Read MachineDetection and its thresholds (milliseconds on the wire)."""
    mode = one(form, "MachineDetection")
    if not mode or mode == "false":
        return None
    if mode not in ("Enable", "DetectMessageEnd"):
        raise Refusal(20001, f"MachineDetection {mode}")
    hook = read_hook(form, "AsyncAmdStatusCallback", code=21609)
    return Detection(
        mode=mode,  # type: ignore[arg-type]
        asynchronous=is_yes(one(form, "AsyncAmd")),
        callback_url=hook.url if hook else None,
        callback_method=hook.method if hook else "POST",
        timeout=float(_whole(form, "MachineDetectionTimeout", 30, (3, 59))),
        speech_threshold=_whole(form, "MachineDetectionSpeechThreshold", 2400, (1000, 6000)) / 1000,
        speech_end=_whole(form, "MachineDetectionSpeechEndThreshold", 1200, (500, 5000)) / 1000,
        silence_timeout=_whole(form, "MachineDetectionSilenceTimeout", 5000, (2000, 10_000)) / 1000,
    )


def read_call_change(form: Form) -> CallChange:
    """Check a change to a live call: an end, or new instructions."""
    status = one(form, "Status")
    if status and status not in ("completed", "canceled"):
        raise Refusal(20001, f"Status {status}, expected completed or canceled")
    twiml = one(form, "Twiml") or None
    if len(twiml or "") > TWIML_LIMIT:
        raise Refusal(32018)
    voice = read_hook(form, "Url")
    return CallChange(
        status=status or None,  # type: ignore[arg-type]
        voice=voice,
        twiml=None if voice else twiml,
        status_hook=read_hook(form, "StatusCallback", code=21609),
    )


NUMBER_HOOKS = {
    "voice": "VoiceUrl",
    "voice_fallback": "VoiceFallbackUrl",
    "sms": "SmsUrl",
    "sms_fallback": "SmsFallbackUrl",
    "status": "StatusCallback",
}


def read_number_order(form: Form) -> NumberOrder:
    """Check what is sent of a number: only what is there is changed."""
    hooks = {field: read_hook(form, name, code=21502) for field, name in NUMBER_HOOKS.items() if name in form}
    return NumberOrder(hooks, one(form, "FriendlyName") or None)


def read_message_order(form: Form, numbers: frozenset[str] | None) -> MessageOrder:
    """Check a message creation."""
    to, from_, body = one(form, "To"), one(form, "From"), one(form, "Body")
    service = one(form, "MessagingServiceSid") or None
    if not to:
        raise Refusal(21604)
    if not from_ and service is None:
        raise Refusal(21603)
    if not E164.fullmatch(to):
        raise Refusal(21211, to)
    if from_ and not (E164.fullmatch(from_) or re.fullmatch(r"[A-Za-z0-9 ]{1,11}", from_)):
        raise Refusal(21212, from_)
    if numbers is not None and E164.fullmatch(from_) and from_ not in numbers:
        raise Refusal(21210, from_)
    if not body:
        raise Refusal(21602)
    if len(body) > 1600:
        raise Refusal(21617)
    hook = read_hook(form, "StatusCallback", code=21609)
    return MessageOrder(to, from_ or (service or ""), body, hook, service)
