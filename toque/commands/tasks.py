"""`toque task …`: what people have to look into, and what they found."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated

import typer
from rich.console import RenderableType
from rich.markup import escape
from rich.table import Table
from rich.text import Text

from dialer.debts import holding
from dialer.debts.holding import Listed
from dialer.errors import BadInput
from toque.commands.acting import act
from toque.commands.output import Json, show

app = typer.Typer(no_args_is_help=True, help="Tasks for people: payments to check, disputes to answer, call-backs.")

STATUSES = ("open", "done", "dropped")


@app.command("list")
def list_tasks(
    status: Annotated[str, typer.Option(help="open, done or dropped.")] = "open",
    kind: Annotated[str | None, typer.Option(help="Only these, like check_payment or answer_dispute.")] = None,
    as_json: Json = False,
) -> None:
    """The work list: what is due first stands first; overdue and escalated ones are marked."""
    if status not in STATUSES:
        raise BadInput(f'--status: "{status}" is none; say one of {", ".join(STATUSES)}')
    found = act(lambda op: holding.listed(op, status=status, kind=kind))
    show(found, lambda: of_tasks(found), as_json=as_json)


@app.command()
def done(
    number: Annotated[int, typer.Argument(metavar="ID", help="The task.")],
    outcome: Annotated[str, typer.Option(help="What was found: paid, not_paid, upheld, rejected, withdrawn; done.")],
    as_json: Json = False,
) -> None:
    """Close a task. What was found settles the debts that waited for it, or puts them back into collection."""
    task = act(lambda op: holding.answer(op, number, outcome))
    show(task, lambda: of_tasks([task]), as_json=as_json)


def of_tasks(found: Sequence[Listed]) -> RenderableType:
    """One line a task, with the debts that it is about."""
    if not found:
        return Text("Nothing to do.")
    table = Table("id", "task", "person", "debts", "said", "due", "", "answers")
    for task in found:
        debts = "\n".join(
            f"{debt.contract} {debt.instalment} {debt.amount_minor / 100:,.2f} {debt.currency} ({debt.status})"
            for debt in task.debts
        )
        said = ", ".join(f"{name} {value}" for name, value in task.detail.items())
        mark = "escalated" if task.escalated else "overdue" if task.overdue else task.outcome or ""
        due = task.due_at.strftime("%Y-%m-%d %H:%M")
        answers = " | ".join(task.answers) if task.status == "open" else ""
        table.add_row(str(task.id), task.kind, *map(escape, (task.person, debts, said, due, mark, answers)))
    return table
