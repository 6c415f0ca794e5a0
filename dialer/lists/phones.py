"""Telephone cells -> numbers: area code in a column of its own, extensions, several numbers in one cell, ranking.

Nothing is guessed about a number: two columns that contradict each other, or digits that a sheet lost, leave it out.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from phonenumbers import region_code_for_country_code

from dialer.lists.amounts import SCIENTIFIC
from dialer.lists.headings import plain
from dialer.lists.phone_columns import named, parted
from dialer.lists.row import ListedNumber
from dialer.lists.words import is_word, meaning
from dialer.rules.phone_numbers import PhoneNumber, Rejected, read

UNRANKED = 10_000.0
MOST_IN_A_CELL = 6
LOCAL_DIGITS = {"BR": (8, 9), "US": (7,), "FR": (8,)}

_USUAL = re.compile(r"[+(]{0,2}\d[\d ().-]*", re.ASCII)
_EXTENSION = re.compile(
    r"(?i)[\s,;(-]*\b(?:ramal|ram|r|ext|extension|extens[aã]o|x|poste)(?:\.|:|\b|(?=\d))\s*:?\s*(\d{1,6})\)?\s*$"
)
_HASH_EXTENSION = re.compile(r"\s*#\s*(\d{1,6})\s*$")
_GLUED_X = re.compile(r"(?i)(\d)\s*x\s*(\d{1,6})\s*$")
_CARRIER = re.compile(r"\(?\s*0\s*[xX*]{2}\s*(?=\(?\d)")
_AREA_ONLY = frozenset({"area_code"})
_NO_DIGITS = str.maketrans("", "", " ()-.+/\u00a0")
_PARTS = re.compile(r"\s*(?:[/;,|\n]|\be\b|\bou\b|\bor\b|\bet\b|\band\b)\s*", re.IGNORECASE)
_LABEL = re.compile(r"[A-Za-zÀ-ÿ.:()\s-]*[A-Za-zÀ-ÿ][A-Za-zÀ-ÿ.:()\s-]*")


@dataclass(frozen=True, slots=True)
class PhoneColumns:
    """The places of one telephone and what stands beside it; `hint` is the kind of line its heading names."""

    field: str
    place: int
    heading: str
    hint: str | None
    beside: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class ReadPhones:
    """The usable numbers in order of rank, and what was left out as (field, reason)."""

    numbers: tuple[ListedNumber, ...]
    left_out: tuple[tuple[str, str], ...] = ()


def phone_plan(columns: Sequence[str], assigned: Mapping[str, int]) -> list[PhoneColumns]:
    """The telephones of a file in the order of their fields."""
    beside: dict[int, dict[str, int]] = {}
    for field, place in assigned.items():
        if parts := parted(field):
            beside.setdefault(parts[1], {})[parts[0]] = place
    return [
        PhoneColumns(named("phone", number), place, columns[place], _hint(columns[place]), one)
        for number, one in sorted(beside.items())
        if (place := one.pop("phone", -1)) >= 0
    ]


def read_phones(
    plan: Sequence[PhoneColumns], cells: Sequence[str], country: str | None, best: str = ""
) -> ReadPhones:
    """The numbers of a record; `best` is the cell that names the best of them: its number, place or heading.

    `country` None: only numbers with their country code can be read.
    """
    usable: dict[str, ListedNumber] = {}
    ranks: dict[str, tuple[float, float]] = {}
    left_out: list[tuple[str, str]] = []
    for columns in plan:
        text = cells[columns.place]
        if not text:
            continue
        for found in _read_cell(text, columns, cells, country):
            if isinstance(found, Rejected):
                left_out.append((columns.field, found.reason))
            elif found.number.e164 not in usable:
                usable[found.number.e164] = found
                ranks[found.number.e164] = _rank(columns, cells, best)
    if len(usable) > 1 and any(rank != (UNRANKED, 0.0) for rank in ranks.values()):
        usable = dict(sorted(usable.items(), key=lambda one: ranks[one[0]]))
    if best and len(re.sub(r"\D", "", best)) >= 7:
        usable = _with_best(usable, best, country, left_out)
    return ReadPhones(tuple(usable.values()), tuple(left_out))


def _read_cell(
    text: str, columns: PhoneColumns, cells: Sequence[str], country: str | None
) -> list[ListedNumber | Rejected]:
    beside = columns.beside
    usual = _USUAL.fullmatch(text) is not None and text[-2:] != ".0"
    if usual and not beside:
        number = _read_number(text, country or "ZZ")
        return [_listed(number, columns.hint, None) if isinstance(number, PhoneNumber) else number]
    if usual and beside.keys() == _AREA_ONLY and (area := cells[beside["area_code"]])[:1] != "+":
        written = _with_area(text, area, country)  # the usual two columns, without the detours below
        number = written if isinstance(written, Rejected) else _read_number(written, country or "ZZ")
        if isinstance(number, PhoneNumber):
            return [_listed(number, columns.hint, None)]
    area, calling = (cells[beside[name]] if name in beside else "" for name in ("area_code", "calling_code"))
    written = text if usual else _without_damage(text)
    if isinstance(written, Rejected):
        return [written]
    kind = meaning("line_types", cells[beside["phone_type"]]) if "phone_type" in beside else None
    extension = re.sub(r"\D", "", cells[beside["extension"]])[:10] or None if "extension" in beside else None
    found: list[ListedNumber | Rejected] = []
    for number, own_extension in _numbers_in(written, _Dialling(area, calling, country)):
        if isinstance(number, PhoneNumber):
            found.append(_listed(number, kind or columns.hint, own_extension or extension))
        else:
            found.append(number)
    return found


@dataclass(frozen=True, slots=True)
class _Dialling:
    """What must stand before a number: the cells of area code and country code, and the country of the row."""

    area: str
    calling: str
    country: str | None


def _without_damage(text: str) -> str | Rejected:
    if SCIENTIFIC.fullmatch(text):
        return Rejected(
            "a spreadsheet shortened it (like 5,5119E+12), digits are lost; format the column as text, export again"
        )
    text = text.removesuffix(".0").strip("'\"")
    return _CARRIER.sub("", text)


def _numbers_in(text: str, dialling: _Dialling) -> list[tuple[PhoneNumber | Rejected, str | None]]:
    """The numbers of a cell with their extensions: the whole cell if it is one number, else its parts."""
    whole = _one_number(text, dialling)
    if isinstance(whole[0], PhoneNumber):
        return [whole]
    parts = [part for part in _PARTS.split(text) if re.search(r"\d", part)]
    if not 2 <= len(parts) <= MOST_IN_A_CELL:
        return [whole]
    found: list[tuple[PhoneNumber | Rejected, str | None]] = []
    for part in parts:
        one = _one_number(part, dialling)
        if isinstance(one[0], PhoneNumber) and not dialling.area:
            dialling = _Dialling(_area_of(one[0]), dialling.calling, dialling.country)
        found.append(one)
    return found if any(isinstance(one, PhoneNumber) for one, _ in found) else [whole]


def _one_number(text: str, dialling: _Dialling) -> tuple[PhoneNumber | Rejected, str | None]:
    extension = None
    if not _USUAL.fullmatch(text):
        text, extension = _without_extension(text)
        text = _without_labels(text)
    country, calling = dialling.country, _digits(dialling.calling)
    if dialling.area.startswith("+"):
        calling = _digits(dialling.area)
    if calling and not text.startswith("+"):
        country = region_code_for_country_code(int(calling[:4])) if len(calling) <= 4 else None
        if country in (None, "ZZ"):
            return Rejected(f"the column beside it gives a country code that does not exist ({calling[:6]})"), None
    written = _with_area(text, "" if dialling.area.startswith("+") else dialling.area, country)
    number = written if isinstance(written, Rejected) else _read_number(written, country or "ZZ")
    return number, extension


def _with_area(text: str, area: str, country: str | None) -> str | Rejected:
    """The number with the area code of the column beside it, unless it has one; two that differ are refused."""
    area_digits = _digits(area.removesuffix(".0")).lstrip("0")
    digits = _digits(text)
    if not area_digits or text.startswith("+") or len(digits) < 6:
        return text
    local = LOCAL_DIGITS.get(country or "", ())
    if len(digits) in local:
        return f"0{area_digits}{digits}" if country == "FR" else f"{area_digits}{digits}"
    if country == "BR" and len(digits) in (10, 11) and not digits.startswith(area_digits) and digits[0] != "0":
        return Rejected(f"the column beside it says area code {area_digits[:4]}, the number has another")
    return text


def _without_extension(text: str) -> tuple[str, str | None]:
    if not re.search(r"[A-Za-z#]", text):
        return text, None
    if glued := _GLUED_X.search(text):
        return text[: glued.start(0) + 1], glued[2]
    if found := _EXTENSION.search(text) or _HASH_EXTENSION.search(text):
        return text[: found.start()], found[1]
    return text, None


def _without_labels(text: str) -> str:
    """The number without words that only say what kind it is: "Cel:", "(whats)"."""
    if not re.search(r"[A-Za-z]", text):
        return text
    for label in _LABEL.findall(text):
        words = plain(label).split()
        if words and all(is_word("labels", word) for word in words):
            text = text.replace(label, "(" if label.endswith("(") else " ")
    return text.strip()


def _read_number(text: str, country: str) -> PhoneNumber | Rejected:
    digits = _digits(text)
    if len(digits) >= 8 and digits[-8:] == digits[-1] * 8:
        return Rejected("one digit over and over: a number that was made up")
    return read(text, country)


def _digits(text: str) -> str:
    plain = text.translate(_NO_DIGITS)
    return plain if plain.isdigit() else re.sub(r"\D", "", text)


def _listed(number: PhoneNumber, word: str | None, extension: str | None) -> ListedNumber:
    """The list's word for the kind of line counts where the number itself leaves it open."""
    own = number.line_type
    return ListedNumber(number, word if word and own == "mobile_or_landline" else own, extension)


def _area_of(number: PhoneNumber) -> str:
    return number.e164[3:5] if number.country == "BR" else number.e164[2:5] if number.e164.startswith("+1") else ""


def _rank(columns: PhoneColumns, cells: Sequence[str], best: str) -> tuple[float, float]:
    """Low first: the rank, then minus the score. The one that is named the best comes before all."""
    if best and _names(best, columns):
        return -1.0, 0.0
    rank = _figure(cells[columns.beside["phone_rank"]]) if "phone_rank" in columns.beside else None
    score = _figure(cells[columns.beside["phone_score"]]) if "phone_score" in columns.beside else None
    return UNRANKED if rank is None else rank, -(score or 0.0)


def _names(best: str, columns: PhoneColumns) -> bool:
    number = parted(columns.field)
    said = plain(best)
    return said == plain(columns.heading) or (said.isdigit() and number is not None and int(said) == number[1])


def _figure(text: str) -> float | None:
    found = re.match(r"-?\d+(?:[.,]\d+)?", text)
    return float(found[0].replace(",", ".")) if found else None


def _with_best(
    usable: dict[str, ListedNumber], best: str, country: str | None, left_out: list[tuple[str, str]]
) -> dict[str, ListedNumber]:
    """The numbers with the one first that a cell gives as the best."""
    match _read_number(best, country or "ZZ"):
        case PhoneNumber() as number:
            first = usable.get(number.e164) or _listed(number, None, None)
            return {number.e164: first} | usable
        case Rejected(reason=reason):
            left_out.append(("best_phone", reason))
    return usable


def _hint(heading: str) -> str | None:
    words = plain(heading).split()
    found = [
        kind for word in words if len(word) > 2 and (kind := meaning("line_types", word)) in ("mobile", "landline")
    ]
    weak = {"home", "work", "business", "com", "comercial", "res", "residencial", "bureau", "domicile", "whatsapp"}
    return found[0] if found and not weak & set(words) else None
