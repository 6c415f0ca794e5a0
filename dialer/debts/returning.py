"""The return file: what came of every debt of a list, in the creditor's own codes, days and decimals.

Written beside and put in place at the end: where a code is missing, nothing is written. It carries the creditor's
own data back to the creditor, so numbers are in full; who made it is on record.
"""

from __future__ import annotations

import csv
import re
from collections import Counter
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Any, Protocol
from zoneinfo import ZoneInfo

import yaml

from dialer.errors import BadInput, Refused
from dialer.lists.codes_file import Codes, codes_of, read_codes
from dialer.operation import Operation
from dialer.rules.formulas import harmless
from dialer.store import campaigns, interactions, returns
from dialer.store.models import ContactList, Creditor
from dialer.store.places import place_of
from dialer.store.returns import Case

OURS = re.compile(r"[0-9a-f]{32}|contract:.*")  # keys that stand for a document or a contract, not the creditor's
CENTS = Decimal(100)


@dataclass(frozen=True, slots=True)
class Returned:
    """What was written: rows by our word, and the code that each word has."""

    path: Path
    rows: int
    by_disposition: dict[str, int]
    codes: dict[str, str]


async def give_back(op: Operation, name: str, *, codes: Path | None, out: Path, actor: str = "manager") -> Returned:
    """Write the return file of a list. Refused, naming them, while results on record have no code.

    `codes` is kept with the creditor and shown to agents; None takes the table that was kept last.
    """
    if out.suffix.lower() not in (".csv", ".xlsx"):
        raise BadInput(f"{out}: the return file is a .csv or an .xlsx")
    given = None if codes is None else await keep_codes(op, name, codes=codes, actor=actor)
    async with op.database.write() as session:
        tenant = await campaigns.tenant(session)
        source = await campaigns.list_by_name(session, tenant.id, name)
        creditor = await session.get_one(Creditor, source.creditor_id)
        chosen = given or codes_of(creditor.codes)
        if chosen is None:
            raise Refused(f'No codes of "{creditor.key}" are kept yet. Give a file of its codes once')
        language = chosen.language or await returns.usual_language(session, source.id)
    counts = await _write_all(op, source, chosen, language, creditor=creditor.key, out=out)
    async with op.database.write() as session:
        await interactions.add(
            session, tenant_id=tenant.id, at=op.clock.now(), kind="list_returned", actor=actor,
            detail={"list": name, "rows": counts.total()},
        )  # fmt: skip
    return Returned(out, counts.total(), dict(counts), {word: chosen.of(word) or "" for word in counts})


async def keep_codes(op: Operation, name: str, *, codes: Path, actor: str = "manager") -> Codes:
    """Keep a table of codes with the creditor of this list, in the place of the last. BadInput, Refused, NotFound."""
    chosen = read_codes(codes)
    async with op.database.write() as session:
        tenant = await campaigns.tenant(session)
        source = await campaigns.list_by_name(session, tenant.id, name)
        creditor = await session.get_one(Creditor, source.creditor_id)
        if chosen.creditor not in (None, creditor.key):
            raise Refused(
                f'{codes} holds the codes of "{chosen.creditor}", but "{name}" is a list of "{creditor.key}"'
            )
        if creditor.codes != chosen.kept():
            creditor.codes = chosen.kept()
            await interactions.add(
                session, tenant_id=tenant.id, at=op.clock.now(), kind="codes_kept", actor=actor,
                detail={"creditor": creditor.key, "codes": len(chosen.by_word)},
            )  # fmt: skip
    return chosen


async def _write_all(
    op: Operation, source: ContactList, codes: Codes, language: str, *, creditor: str, out: Path
) -> Counter[str]:
    counts: Counter[str] = Counter()
    unfinished = out.with_name(f".{out.name}.part")
    try:
        sheet: _Sheet = _open(unfinished, language, spreadsheet=out.suffix.lower() == ".xlsx")
    except OSError as fault:
        raise BadInput(f"{out} cannot be written ({fault.strerror}): choose another file for --out") from None
    try:
        async for case in _all_cases(op, source):
            word = word_of(case)
            counts[word] += 1
            sheet.add(_row(case, word, codes.of(word) or "", _Words(language), creditor=creditor))
        sheet.close()
        if missing := sorted(word for word in counts if codes.of(word) is None):
            raise Refused(
                f"No code for {', '.join(missing)}: nothing was written. Add them to the codes, or a default"
            )
        unfinished.replace(out)
    finally:
        unfinished.unlink(missing_ok=True)
    return counts


async def _all_cases(op: Operation, source: ContactList) -> AsyncIterator[Case]:
    after = 0
    while True:
        async with op.database.read() as session:
            found, last = await returns.cases(session, source, after=after, now=op.clock.now())
        if last == after:
            return
        after = last
        for case in found:
            yield case


def word_of(case: Case) -> str:
    """What came of a debt in one word: how it stands if it is settled, a broken promise, else the last call."""
    if case.debt.status in ("paid", "withdrawn"):
        return case.debt.status
    if case.promises and case.promises[-1].status == "broken" and _is_last_word(case):
        return "broken_promise"
    return case.calls[-1].disposition if case.calls else "not_called"


def _is_last_word(case: Case) -> bool:
    """Whether nobody was called since the promise was given."""
    return not case.calls or case.calls[-1].disposition == "promised"


@dataclass(frozen=True, slots=True)
class _Words:
    """How one language writes."""

    language: str

    def of(self, kind: str, name: str = "") -> str:
        entry = _texts()[kind][name] if name else _texts()[kind]
        return str(entry[self.language])

    def format(self, name: str) -> str:
        return str(_texts()["formats"][self.language][name])

    def money(self, minor: int) -> str:
        return f"{Decimal(minor) / CENTS:.2f}".replace(".", self.format("decimal"))

    def day(self, day: date) -> str:
        return day.strftime(self.format("day"))

    def moment(self, at: datetime, zone: str) -> str:
        return at.astimezone(ZoneInfo(zone)).strftime(self.format("moment"))


def _row(case: Case, word: str, code: str, words: _Words, *, creditor: str) -> list[str]:
    last = case.calls[-1] if case.calls else None
    promise = case.promises[-1] if case.promises else None
    key = case.key.removeprefix(f"{creditor}:")
    status = promise.status if promise else ""
    values = {
        "key": "" if OURS.fullmatch(key) else key,
        "contract": case.debt.contract,
        "instalment": case.debt.instalment,
        "code": code,
        "disposition": word,
        "when": words.moment(last.at, place_of(last.country, None, last.number).zone) if last else "",
        "number": last.number if last else "",
        "attempts": str(len(case.calls)),
        "promise_date": words.day(promise.due_on) if promise else "",
        "promise_amount": words.money(promise.amount_minor) if promise else "",
        "promise_status": words.of("statuses", "promise_open" if status == "open" else status) if promise else "",
        "wrong_numbers": " ".join(case.wrong_numbers),
        "opted_out": words.of("yes" if case.opted_out else "no"),
        "paid": words.money(case.debt.paid_minor),
        "owed": words.money(case.debt.amount_minor),
        "status": words.of("statuses", case.debt.status),
    }
    return [values[name] for name in _texts()["columns"]]


class _Sheet(Protocol):
    def add(self, row: Sequence[str]) -> None: ...

    def close(self) -> None: ...


def _open(path: Path, language: str, *, spreadsheet: bool) -> _Sheet:
    words = _Words(language)
    headings = [words.of("columns", name) for name in _texts()["columns"]]
    return _Spreadsheet(path, headings) if spreadsheet else _Csv(path, headings, words.format("delimiter"))


class _Csv:
    """A CSV that spreadsheets open as it is: UTF-8 with its mark, and no cell that they would run."""

    def __init__(self, path: Path, headings: Sequence[str], delimiter: str) -> None:
        self._file = path.open("w", encoding="utf-8-sig", newline="")
        self._writer = csv.writer(self._file, delimiter=delimiter)
        self._writer.writerow(headings)

    def add(self, row: Sequence[str]) -> None:
        self._writer.writerow([harmless(cell) for cell in row])

    def close(self) -> None:
        self._file.close()


class _Spreadsheet:
    """An XLSX whose cells are all text: no lost zeros, no numbers with exponents, no formulas."""

    def __init__(self, path: Path, headings: Sequence[str]) -> None:
        from openpyxl import Workbook  # it takes long to load
        from openpyxl.cell import WriteOnlyCell

        self._cell = WriteOnlyCell
        path.touch()
        self._path = path
        self._book = Workbook(write_only=True)
        self._sheet: Any = self._book.create_sheet("return")
        self._sheet.freeze_panes = "A2"
        self.add(headings)

    def add(self, row: Sequence[str]) -> None:
        self._sheet.append([self._text(cell) for cell in row])

    def close(self) -> None:
        self._book.save(self._path)

    def _text(self, value: str) -> Any:
        cell = self._cell(self._sheet, value=value)
        cell.data_type = "s"
        return cell


@cache
def _texts() -> dict[str, Any]:
    read: dict[str, Any] = yaml.safe_load((files("dialer.debts") / "returns.yaml").read_text("utf-8"))
    return read
