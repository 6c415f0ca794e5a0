"""Structured logs on standard error. Numbers, names, keys and secrets are never given to them.

Should one be given all the same - in the words of somebody else's error, say - the last processor masks it.
"""

from __future__ import annotations

import logging
import sys

import structlog

from dialer.rules.masking import last_resort


def mask_what_is_left(
    _logger: structlog.typing.WrappedLogger, _method: str, event: structlog.typing.EventDict
) -> structlog.typing.EventDict:
    """The event without telephone numbers, documents and e-mail addresses, whatever it is about."""
    return {name: last_resort(value) for name, value in event.items()}


def set_up_logging(level: str = "INFO") -> None:
    """JSON lines, or coloured ones on a terminal."""
    renderer: structlog.typing.Processor = (
        structlog.dev.ConsoleRenderer() if sys.stderr.isatty() else structlog.processors.JSONRenderer()
    )
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.format_exc_info,
            mask_what_is_left,
            renderer,
        ],
        wrapper_class=structlog.make_filtering_bound_logger(logging.getLevelName(level)),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
        cache_logger_on_first_use=True,
    )
