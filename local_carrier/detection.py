"""Answering-machine detection as a rule: what was picked up, and the caller's settings, to a verdict in time.

Pure. Thresholds and verdict names: twilio.com/docs/voice/answering-machine-detection.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from local_carrier.lines.line import PickedUp

Mode = Literal["Enable", "DetectMessageEnd"]


@dataclass(frozen=True, slots=True)
class Detection:
    """The settings of one call; seconds, not the wire's milliseconds."""

    mode: Mode
    asynchronous: bool = False
    callback_url: str | None = None
    callback_method: str = "POST"
    timeout: float = 30.0
    speech_threshold: float = 2.4
    speech_end: float = 1.2
    silence_timeout: float = 5.0


@dataclass(frozen=True, slots=True)
class Verdict:
    """Twilio's AnsweredBy and the seconds after the answer at which it is known."""

    answered_by: str
    after_seconds: float


def detect(picked_up: PickedUp, detection: Detection) -> Verdict:
    """Decide as Twilio does: long speech is a machine, short speech then silence a human, silence unknown."""
    greeting = picked_up.greeting_seconds
    if picked_up.voice == "fax":
        return Verdict("fax", 2.0)
    if greeting <= 0:
        return Verdict("unknown", detection.silence_timeout)
    if greeting < detection.speech_threshold:
        return Verdict("human", greeting + detection.speech_end)
    if detection.mode == "Enable":
        return Verdict("machine_start", detection.speech_threshold)
    ended = greeting + (0.5 if picked_up.beep else detection.speech_end)
    if ended > detection.timeout:
        return Verdict("unknown", detection.timeout)
    if picked_up.voice == "announcement":
        return Verdict("machine_end_other", ended)
    return Verdict("machine_end_beep" if picked_up.beep else "machine_end_silence", ended)
