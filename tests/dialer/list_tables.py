"""What the tables hold after loads, by names instead of ids; invented lists for loading."""

from __future__ import annotations

from pathlib import Path
from typing import Any, cast

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from dialer import importing
from dialer.clock import ScaledClock
from dialer.importing import Order, Report
from dialer.operation import Operation
from dialer.store.database import Database
from dialer.store.models import Consent, Contact, ContactList, Debt, ListMember, Model, Number, Person, PersonKey
from dialer.store.sealing import Keyring

HEAD = "id cliente;nome;telefone;telefone 2;cpf;uf;contrato;valor;vencimento\n"


class Doubles:
    """Just what an import needs of an operation."""

    def __init__(self, database: Database) -> None:
        self.database = database
        self.clock = ScaledClock()


def doubles(database: Database) -> Operation:
    return cast(Operation, Doubles(database))


async def load(op: Operation, folder: Path, text: str, **order: Any) -> Report:
    path = folder / "list.csv"
    path.write_bytes(text.encode("utf-8"))
    settings: dict[str, Any] = {"creditor": "loja", "list_name": "novembro", "country": "BR"} | order
    return await importing.load(op, Order(path, **settings))


async def rows(op: Operation, model: type[Model]) -> list[Any]:
    async with op.database.read() as session:
        return list(await session.scalars(select(model).order_by(model.id)))


async def tables(database: Database) -> dict[str, list[Any]]:
    """People with all that is theirs, without ids and instants: equal for equal contents, in whatever order made."""
    async with database.read() as session:
        people = {one.id: one for one in await session.scalars(select(Person))}
        keys = {one: {person.key} for one, person in people.items()}
        for alias in await session.scalars(select(PersonKey)):
            keys[alias.person_id].add(alias.key)
        who = {one: tuple(sorted(names)) for one, names in keys.items()}
        keyring = session.info["keyring"]
        found: dict[str, list[Any]] = {"people": [(who[one], *_facts(people[one], keyring)) for one in people]}
        for model in (Number, Debt, Consent, ListMember, Contact):
            found[model.__tablename__] = await _theirs(session, model, who)
        found["lists"] = [one.name for one in await session.scalars(select(ContactList))]
    return {name: sorted(lines, key=repr) for name, lines in found.items()}


def _facts(person: Person, keyring: Keyring) -> tuple[Any, ...]:
    """In clear: two seals of one text differ."""
    names = ("kind", "name", "email", "language", "country", "region", "city", "postal_code", "document_index")
    values = (getattr(person, name) for name in names)
    return tuple(keyring.unseal(one) if isinstance(one, bytes) else one for one in values)


async def _theirs(session: AsyncSession, model: Any, who: dict[int, Any]) -> list[Any]:
    left_out = {"id", "person_id", "tenant_id", "creditor_id", "list_id", "campaign_id", "number_id", "due_at"}
    left_out |= {"rank"} if model is Contact else set()
    columns = [column.key for column in model.__table__.columns if column.key not in left_out]
    return [
        (who[one.person_id], *(getattr(one, name) for name in columns))
        for one in await session.scalars(select(model))
    ]
