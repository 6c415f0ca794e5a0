"""One record of a list -> one clean row (a person, their numbers, a debt), or the cells that forbid it. Pure.

A row with a usable remainder is loaded: a second number, an e-mail or a payment text that cannot be used is left
out. What would make the call wrong rejects it: name, document, amount, day, state, contradictions.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache
from typing import Any

from dialer.lists.cells import Fault, Reject
from dialer.lists.cellwise import Cells, cleaned, in_one_line, may_need_cleaning
from dialer.lists.consents import KINDS, read_consents
from dialer.lists.days import read_year
from dialer.lists.documents import is_company, read_document
from dialer.lists.habits import NO_HABITS, Habits
from dialer.lists.owing import OwedReader
from dialer.lists.phones import phone_plan, read_phones
from dialer.lists.places import read_postal_code, read_region
from dialer.lists.row import ListedNumber, Row
from dialer.lists.table import Line
from dialer.lists.words import begins_like, meaning
from ivr_flows.lexicon import LEXICONS

LANGUAGE_OF_COUNTRY = {"BR": "pt-BR", "US": "en-US", "FR": "fr-FR"}
LONGEST_KEY, LONGEST_CITY, LONGEST_ADDRESS = 100, 100, 200
NEEDED = ("name", "amount", "due_date")
TOTAL, FOOTER = "a total, not a person", "a line of the report, not a person"
_EMAIL = re.compile(r"[^@\s;,<>\"]+@[^@\s;,<>\"]+\.[A-Za-z0-9-]{2,}")
_CARE_OF = re.compile(r"^(?:a/c|att[n.]?|attention|aos cuidados de|à l'attention de)[:.]?\s+", re.IGNORECASE)
_LETTER = re.compile(r"[^\W\d_]")
_FIGURES = re.compile(r"[\d\s.,:/R$€US%()x-]*", re.ASCII)


class RowReader:
    """Reads the records of one file. `country` is the default where a row names none (ISO 3166); `habits` is what
    the columns prove of their dates and decimals (`habits.survey`).
    """

    def __init__(
        self,
        columns: Sequence[str],
        assigned: Mapping[str, int],
        country: str | None,
        habits: Habits = NO_HABITS,
    ) -> None:
        self._columns = columns
        self._assigned = dict(assigned)
        self._phones = phone_plan(columns, assigned)
        self._phone_places = [one.place for one in self._phones]
        self._country = country
        self._places = tuple(sorted(set(self._assigned.values())))
        self._last_needed = max([place for field in NEEDED if (place := assigned.get(field)) is not None], default=0)
        has = frozenset(assigned)
        self._owed = OwedReader(has, habits)
        self._optional = [(name, one) for field, name, one in OPTIONAL if field in has]
        self._has_consent = bool(has & KINDS.keys())
        self._has_document = bool(has & {"document", "company_document", "kind"})
        self._has_parted_name = bool(has & {"first_name", "last_name"})

    def read(self, line: Line) -> tuple[Row | None, list[Reject]]:
        """The row, or None, and every cell that was not used. (None, []) is a line that is no record: a total."""
        if not self._phone_text(line) and self.left_out(line):
            return None, []
        if fault := self._of_other_width(line):
            return None, [fault]
        joined = in_one_line(line.cells)
        clean = self._clean(line.cells) if may_need_cleaning(joined, len(line.cells)) else line.cells
        cells = Cells(line, clean, self._columns, self._assigned)
        if not joined.isprintable():
            cells.refuse_unspeakable()
        if "#" in joined:
            cells.refuse_errors()
        row = self._row(cells)
        return row, cells.rejects()

    def left_out(self, line: Line) -> str:
        """Why a line is no record: a total at the end, the footer of a report. "" for every other line."""
        filled = [cell for cell in line.cells if cell]
        if not filled or self._phone_text(line) or len(line.cells) > len(self._columns):
            return ""
        labels = [cell for cell in filled if not _FIGURES.fullmatch(cell)]
        if 1 <= len(labels) <= 2 and begins_like("totals", labels[0]):
            return TOTAL
        return FOOTER if len(filled) <= 2 and labels and begins_like("footers", labels[0]) else ""

    def _phone_text(self, line: Line) -> bool:
        cells = line.cells
        return any([place < len(cells) and cells[place] for place in self._phone_places])

    def _of_other_width(self, line: Line) -> Reject | None:
        """A record that is cut short behind its last needed cell is filled up; any other width is refused."""
        width, cells = len(self._columns), line.cells
        if len(cells) == width:
            return None
        if self._last_needed < len(cells) < width:
            cells.extend([""] * (width - len(cells)))
            return None
        what = f"{len(cells)} cells under {width} headings; a cell with the delimiter needs quotes"
        return Reject(line.number, "", "", what)

    def _clean(self, written: list[str]) -> list[str]:
        """The cells without placeholders and wrappings, where they are read."""
        cells = written
        for place in self._places:
            cell = cells[place]
            if (
                cell
                and not cell[0].isdigit()
                and may_need_cleaning(f"|{cell}", 1)
                and (clean := cleaned(cell)) != cell
            ):
                if cells is written:
                    cells = list(cells)
                cells[place] = clean
        return cells

    def _row(self, cells: Cells) -> Row | None:
        country = self._country_of(cells)
        if country is None:
            return None  # nothing else can be read
        numbers = self._numbers(cells, country)
        if not country and numbers:
            country = numbers[0].number.country
        return self._filled(cells, country, numbers) if country else None

    def _filled(self, cells: Cells, country: str, numbers: tuple[ListedNumber, ...]) -> Row | None:
        language = _language(cells, country)
        document, company = _document(cells, country) if self._has_document else (None, False)
        region = cells.read("region", lambda text: read_region(text, country))
        optional = {name: one(cells, country, region) for name, one in self._optional}
        given_on = self._owed.want_day(cells, "consent_on", country) if self._has_consent else None
        row = Row(
            line=cells.number,
            key=cells.short("key", LONGEST_KEY) or None,
            document=document,
            name=_name(cells, parted=self._has_parted_name),
            language=language,
            country=country,
            numbers=numbers,
            owed=self._owed.read(cells, country, language),
            kind="company" if company else "person",
            region=region,
            consents=read_consents(cells, given_on) if self._has_consent else (),
            **optional,
        )
        if not (row.key or row.document or row.owed.contract) and not cells.faults:
            cells.fault("key" if "key" in self._assigned else "document", "nothing says whose row it is")
        return None if cells.faults else row

    def _country_of(self, cells: Cells) -> str | None:
        """The country; "" when the number will tell it, None when nothing does."""
        text = cells.text("country")
        country = read_country(text) if text else self._country or ""
        if country:
            return country
        if not text and any(cells.cells[one.place].startswith("+") for one in self._phones):
            return ""
        cells.fault("country", "no country: give a code of two letters in a column, or --country for all rows")
        return None

    def _numbers(self, cells: Cells, country: str | None) -> tuple[ListedNumber, ...]:
        """The usable numbers in order of rank; an unusable one is left out as long as another is left."""
        read = read_phones(self._phones, cells.cells, country or None, cells.text("best_phone"))
        if read.numbers:
            cells.left_out.extend(read.left_out)
        elif read.left_out:
            cells.faults.extend(read.left_out)
        else:
            cells.fault(self._phones[0].field if self._phones else "phone", "no telephone number")
        return read.numbers


@lru_cache(maxsize=256)
def read_country(text: str) -> str:
    """A country's code of two letters from its code or its name; "" for anything else."""
    code = text.strip().upper()
    named = meaning("countries", text)
    return named or (code if re.fullmatch(r"[A-Z]{2}", code) else "")


def read_email(text: str) -> str | Fault:
    """The first address of a cell."""
    if len(text) <= 200 and (found := _EMAIL.fullmatch(text)):
        return found[0].casefold()
    parts = [part.strip().removeprefix("mailto:") for part in re.split(r"[;,/\s]+", text)]
    good = [part for part in parts if _EMAIL.fullmatch(part) and len(part) <= 200]
    return good[0].casefold() if good else Fault("not an e-mail address")


def _language(cells: Cells, country: str) -> str:
    wanted = cells.text("language").replace("_", "-")
    if not wanted:
        found = LANGUAGE_OF_COUNTRY.get(country)
        if found is None:
            cells.fault("language", f"no language is known for {country}: name one in a column")
        return found or ""
    tongue = meaning("languages", wanted) or wanted.partition("-")[0].casefold()
    same = [language for language in LEXICONS if language.partition("-")[0] == tongue]
    if not same:
        cells.fault("language", f"not spoken here; the languages are {', '.join(LEXICONS)}")
    return same[0] if same else ""


def _document(cells: Cells, country: str) -> tuple[str | None, bool]:
    """The document, and whether it is a company's; a column of companies' documents goes first."""
    said = meaning("kinds", cells.text("kind")) if cells.text("kind") else None
    if cells.text("company_document"):
        read = cells.read("company_document", lambda text: read_document(text, country, company=True))
        return read, True
    company = said == "company"
    document = cells.read("document", lambda text: read_document(text, country, company=company))
    if document is not None and country == "BR":
        company = is_company(document, country)
    return document, company


def _name(cells: Cells, *, parted: bool) -> str:
    """The name as it will be spoken: letters, and no formula of a spreadsheet."""
    name = _parted_name(cells) if parted else cells.needed("name")
    if name and (name[0] in "=@" or not _LETTER.search(name)):
        cells.fault("name", "a formula or digits, not a name that can be spoken")
    return name


def _parted_name(cells: Cells) -> str:
    """The name; a first name of its own column goes before it."""
    first, last = cells.short("first_name"), cells.short("last_name")
    if not cells.text("name"):
        whole = f"{first} {last}".strip()
        if not whole:
            cells.fault("name", "empty")
        return whole
    name = cells.needed("name")
    if first and not last and first.casefold() not in name.casefold():
        return f"{first} {name}"
    return name


def _address(cells: Cells) -> str | None:
    """Street, number, addition and quarter in one line, as an envelope has them."""
    fields = ("address", "house_number", "address_extra", "district")
    parts = [cells.short(field) for field in fields] if cells.text("address") else []
    return ", ".join(part for part in parts if part)[:LONGEST_ADDRESS] or None


def _contact_name(cells: Cells, _country: str, _region: str | None) -> str | None:
    """Whom to ask for, without "A/C" and "Attn:" before the name."""
    return _CARE_OF.sub("", cells.short("contact_name")) or None


def _city(cells: Cells, _country: str, _region: str | None) -> str | None:
    return cells.short("city", LONGEST_CITY) or None


def _postal_code(cells: Cells, country: str, region: str | None) -> str | None:
    return cells.want("postal_code", lambda text: read_postal_code(text, country, region))


# Field -> attribute of the row and how it is read, for what most lists do not have.
OPTIONAL: tuple[tuple[str, str, Callable[[Cells, str, str | None], Any]], ...] = (
    ("contact_name", "contact_name", _contact_name),
    ("email", "email", lambda cells, _country, _region: cells.want("email", read_email)),
    ("city", "city", _city),
    ("address", "address", lambda cells, _country, _region: _address(cells)),
    ("postal_code", "postal_code", _postal_code),
    ("birth_year", "birth_year", lambda cells, _country, _region: cells.want("birth_year", read_year)),
)
