"""The commands that run until told to stop: `demo`, `serve`, `work`, `carrier`; and `bench`."""

from __future__ import annotations

import asyncio
import json
import sys
from contextlib import redirect_stdout
from pathlib import Path
from typing import Annotated

import typer

from dialer.settings import Settings
from toque.commands.output import errors, to_json

Port = Annotated[int, typer.Option(min=1, max=65535, help="Where to listen.")]
Host = Annotated[str, typer.Option(help="Which address to listen on.")]


def demo(
    contacts: Annotated[int, typer.Option(min=1, max=5000, help="How many people to call.")] = 60,
    speed: Annotated[float, typer.Option(min=1, max=1000, help="How much faster than real time.")] = 20.0,
    flow: Annotated[str, typer.Option(help="What is said.")] = "lembrete",
    report: Annotated[Path | None, typer.Option(help="Write the report at the end, as JSON.")] = None,
    talk: Annotated[bool, typer.Option("--talk", help="Be the agent, in the browser, in real time.")] = False,
    leave: Annotated[bool, typer.Option("--exit", help="End when the calls are over.")] = False,
    as_json: Annotated[
        bool, typer.Option("--json", help="Print the report as JSON at the end; implies --exit.")
    ] = False,
) -> None:
    """Watch invented people being called: everything in one process, no account, nothing leaves this machine."""
    from toque.demo import run

    show = run(contacts=contacts, speed=speed, flow=flow, report=report, leave=leave or as_json, talk=talk)
    if not as_json:
        asyncio.run(show)
        return
    with redirect_stdout(sys.stderr):  # what is watched is no data
        made = asyncio.run(show)
    typer.echo(to_json(made))


def serve(host: Host = "127.0.0.1", port: Port = 8000) -> None:
    """Answer the carrier, the API and the desk; on SQLite, dial as well."""
    from toque.serving import serve as run

    settings = Settings()
    errors().print(
        f"Listening on http://{host}:{port}; the carrier is given {settings.public_url}. Ctrl-C ends it.",
        soft_wrap=True,
    )
    asyncio.run(run(settings, host, port))


def work() -> None:
    """Dial: a worker of its own beside `toque serve`, on PostgreSQL and Redis."""
    from toque.serving import work as run

    asyncio.run(run(Settings()))


def carrier(
    host: Host = "127.0.0.1",
    port: Port = 8900,
    people: Annotated[Path | None, typer.Option(help="Who answers at which number (YAML).")] = None,
    calls_per_second: Annotated[float, typer.Option(min=0.1, max=1000, help="Calls started per second.")] = 1.0,
    account_sid: Annotated[
        str, typer.Option(envvar="TOQUE_TWILIO_ACCOUNT_SID", help="The account that it accepts.")
    ] = "AC" + "0" * 32,
    auth_token: Annotated[
        str, typer.Option(envvar="TOQUE_TWILIO_AUTH_TOKEN", help="The account's secret.", show_default=False)
    ] = "local",
    voice_url: Annotated[str | None, typer.Option(help="Asked what to do when somebody calls a number.")] = None,
    sms_url: Annotated[str | None, typer.Option(help="Given the texts that people send to a number.")] = None,
) -> None:
    """A phone company in a box that speaks Twilio's HTTP, with simulated people at the other end."""
    from local_carrier.config import CarrierConfig
    from toque.serving import carrier as run

    settings = Settings()
    errors().print(f"Account {account_sid} at http://{host}:{port}. Ctrl-C ends it.", soft_wrap=True)
    config = CarrierConfig(
        account_sid=account_sid,
        auth_token=auth_token,
        calls_per_second=calls_per_second,
        inbound_voice_url=voice_url,
        inbound_message_url=sms_url,
        root_url=f"http://{host}:{port}",
        api_key_sid=settings.twilio_api_key_sid,
        api_key_secret=settings.twilio_api_key_secret.get_secret_value(),
        real_time=settings.clock_speed == 1,
    )
    asyncio.run(run(host, port, people, config))


def bench(
    names: Annotated[list[str] | None, typer.Argument(metavar="[NAME]…", help="Without it: all of them.")] = None,
    scale: Annotated[
        float, typer.Option(min=0.001, max=100, help="So many times as much: import --scale 5 loads a million rows.")
    ] = 1.0,
    table: Annotated[
        typer.FileTextWrite | None,
        typer.Option(lazy=False, help="Write a Markdown table to this file as well: figures, goals, machine, date."),
    ] = None,
) -> None:
    """Measure; one line of JSON a figure: name, value, unit, floor, ratio, n."""
    from toque.bench import run
    from toque.bench.table import machine, page

    before, figures = machine() if table else "", []
    for figure in run(names or [], scale=scale):
        typer.echo(json.dumps(figure, ensure_ascii=False))
        figures.append(figure)
    if table:
        table.write(page(before, figures, machine()))
