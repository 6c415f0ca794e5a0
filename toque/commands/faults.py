"""Faults in plain words on standard error, with the exit code: 1 refused or failed, 2 wrong use or settings."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager

import httpx
from pydantic import ValidationError
from pydantic_settings import SettingsError
from sqlalchemy.exc import ArgumentError, InterfaceError, NoSuchModuleError, OperationalError, SQLAlchemyError

from dialer.errors import ToqueError
from ivr_flows.errors import FlowError
from toque.commands.output import errors

USAGE = 2
REFUSED = 1
INTERRUPTED = 130


@contextmanager
def told() -> Iterator[None]:
    """Turns known faults into a message and SystemExit; an unknown one stays what it is."""
    try:
        yield
    except (KeyboardInterrupt, asyncio.CancelledError):
        raise SystemExit(INTERRUPTED) from None
    except Exception as fault:
        words, code = _in_words(fault)
        if words is None:
            raise
        errors().print(f"[red]✗[/] {_escaped(words)}", soft_wrap=True)
        raise SystemExit(code) from None


def of_settings(fault: ValidationError) -> str:
    """Every wrong setting with its name in the environment and what is wrong; never its value."""
    lines = []
    for error in fault.errors(include_url=False, include_input=False):
        name = f"TOQUE_{str(error['loc'][0]).upper()}: " if error["loc"] else ""
        lines.append(name + error["msg"].removeprefix("Value error, "))
    return "\n".join(lines) + "\nSee what each setting means: toque settings --describe"


def of_values(fault: ValidationError) -> str:
    """Every wrong value of an order, by its name."""
    return "\n".join(
        f"{'.'.join(map(str, error['loc'])) or 'the order'}: {error['msg'].removeprefix('Value error, ')}"
        for error in fault.errors(include_url=False, include_input=False)
    )


def _in_words(fault: Exception) -> tuple[str | None, int]:
    match fault:
        case ToqueError():
            return str(fault), fault.exit_code
        case FlowError():
            return str(fault), USAGE
        case ValidationError(title="Settings"):
            return of_settings(fault), USAGE
        case ValidationError():
            return of_values(fault), USAGE
        case SettingsError():
            return f"{fault}. See what each setting means: toque settings --describe", USAGE
        case ArgumentError() | NoSuchModuleError():
            return (
                "TOQUE_DATABASE_URL is no address of a database: write sqlite+aiosqlite:///FILE or postgresql+asyncpg://…",
                USAGE,
            )
        case ModuleNotFoundError(name="asyncpg"):
            return (
                'TOQUE_DATABASE_URL names PostgreSQL, but its driver is not installed: pip install "toque[postgres]"',
                USAGE,
            )
        case httpx.HTTPError():
            return (
                f"The carrier does not answer ({type(fault).__name__}): check TOQUE_TWILIO_API_ROOT and the network",
                REFUSED,
            )
        case SQLAlchemyError() if isinstance(fault, OperationalError | InterfaceError):
            return (
                f"The database does not answer ({_cause(fault)}), and nothing is dialled until it does:"
                " check TOQUE_DATABASE_URL and that it runs",
                REFUSED,
            )
        case ConnectionError() | TimeoutError():
            return (
                f"A server does not answer ({type(fault).__name__}), and nothing is dialled until it does:"
                " check TOQUE_DATABASE_URL and TOQUE_REDIS_URL",
                REFUSED,
            )
        case _ if type(fault).__module__.startswith("redis."):
            return f"Redis does not answer ({type(fault).__name__}): check TOQUE_REDIS_URL and that it runs", REFUSED
        case OSError(strerror=str(why)):
            return f"{fault.filename or 'The system'}: {why}", REFUSED
        case _:
            return None, REFUSED


def _cause(fault: SQLAlchemyError) -> str:
    return type(getattr(fault, "orig", None) or fault).__name__


def _escaped(words: str) -> str:
    return words.replace("[", "\\[")
