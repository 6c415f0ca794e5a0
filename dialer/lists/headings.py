"""Which column is which field: what the operator says with --map, else what was used for this creditor before,
else known headings in three languages. Headings only: no cell is looked at here.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping, Sequence
from functools import cache, lru_cache
from importlib.resources import files
from typing import Any, Literal

import yaml

from dialer.errors import BadInput
from dialer.lists.phone_columns import FAMILIES, NUMBERED, named, parted, phone_columns

Origin = Literal["chosen", "remembered", "guessed"]

NO_COLUMN = "-"  # --map field=- : the field has no column in this file, whatever the headings say
SMALL_WORDS = frozenset(["de", "do", "da", "dos", "das", "du", "des", "of", "the", "d", "l", "la", "le", "les", "s"])


def assign(
    columns: Sequence[str], chosen: Mapping[str, str], remembered: Mapping[str, str] | None = None
) -> dict[str, int]:
    """Field -> place of its column. `chosen` (field -> heading, or "-" for none) goes before `remembered` (plain
    heading -> field, as `remember` gave it), and that before what is guessed.

    Telephones are `phone`, `phone2`, …; what goes with the second is `area_code2`, `phone_type2`, and so on.
    Raises BadInput for a field or a column that there is not, and for two columns between which nothing decides.
    """
    assigned, _ = _assign(columns, chosen, remembered or {})
    return assigned


def origins(
    columns: Sequence[str], chosen: Mapping[str, str], remembered: Mapping[str, str] | None = None
) -> dict[str, Origin]:
    """Where each assigned field came from, in the order of `listed`."""
    assigned, said = _assign(columns, chosen, remembered or {})
    return {field: said.get(field, "guessed") for field in listed(assigned)}


def remember(columns: Sequence[str], assigned: Mapping[str, int]) -> dict[str, str]:
    """Plain heading -> field, to be kept with the creditor: also "-" where a guess was turned down.

    Headings that stand twice are not kept: they would not say which of the two is meant.
    """
    plains = [plain(column) for column in columns]
    field_of = {place: field for field, place in assigned.items()}
    turned_down = _guessed_places(columns)
    kept: dict[str, str] = {}
    for place, heading in enumerate(plains):
        if heading and plains.count(heading) == 1 and (place in field_of or place in turned_down):
            kept[heading] = field_of.get(place, NO_COLUMN)
    return kept


def fields() -> list[str]:
    """Every field that a column can be; those of telephones also with a number (phone2, area_code2 …)."""
    return [field for field in known_headings() if field != "phone"] + list(NUMBERED)


def listed(assigned: Mapping[str, int]) -> list[str]:
    """The assigned fields in the order in which they are shown: people, telephones, debts."""
    order = {field: place for place, field in enumerate(known_headings())}
    family = {field: place for place, field in enumerate(NUMBERED)}

    def rank(field: str) -> tuple[int, int, int]:
        if parts := parted(field):
            return order["phone"], parts[1], family[parts[0]]
        return order.get(field, len(order)), 0, 0

    return sorted(assigned, key=rank)


@cache
def known_headings() -> dict[str, list[str]]:
    """Field -> its known headings, normalised, best first; the field's own name is always among them."""
    data: dict[str, Any] = yaml.safe_load((files("dialer.lists") / "headings.yaml").read_text("utf-8"))
    known = {field: [_bare(field), *map(_bare, map(str, synonyms))] for field, synonyms in data.items()}
    before = list(known)[: list(known).index("contract")]
    return {field: known[field] for field in before} | {"phone": ["phone"]} | known


@lru_cache(maxsize=8192)  # cells are compared by it too: it must not grow with a file
def plain(heading: str) -> str:
    """A heading without case, accents and punctuation: "Nº do Contrato" -> "n do contrato"."""
    bare = unicodedata.normalize("NFKD", heading.replace("º", "").replace("°", "")).casefold()
    bare = "".join(sign for sign in bare if not unicodedata.combining(sign))
    return " ".join(re.findall(r"[a-z0-9]+", bare))


def is_known(heading: str) -> bool:
    """Whether a heading would be guessed to be some field."""
    bare = _bare(heading)
    return bool(bare) and (bare in _all_known() or bool(phone_columns([plain(heading)], [0], [])))


def phone_fields(assigned: Mapping[str, int]) -> list[str]:
    """The phone fields in the order of their numbers."""
    found = [parts[1] for field in assigned if (parts := parted(field)) and parts[0] == "phone"]
    return [named("phone", number) for number in sorted(found)]


def _assign(
    columns: Sequence[str], chosen: Mapping[str, str], remembered: Mapping[str, str]
) -> tuple[dict[str, int], dict[str, Origin]]:
    without = {_field(field) for field, heading in chosen.items() if heading.strip() in ("", NO_COLUMN)}
    assigned = {
        _field(field): _place(columns, heading) for field, heading in chosen.items() if _field(field) not in without
    }
    said: dict[str, Origin] = dict.fromkeys(assigned, "chosen")
    turned_down = _recall(columns, remembered, assigned, without)
    said |= {field: "remembered" for field in assigned if field not in said}
    free = [place for place in range(len(columns)) if place not in {*assigned.values(), *turned_down}]
    _guess(columns, assigned, free, without)
    return assigned, said


def _recall(
    columns: Sequence[str], remembered: Mapping[str, str], assigned: dict[str, int], without: set[str]
) -> set[int]:
    """Add what is remembered and not chosen otherwise; the places that were turned down are returned."""
    turned_down: set[int] = set()
    plains = [plain(column) for column in columns]
    for heading, field in remembered.items():
        if plains.count(heading) != 1 or (place := plains.index(heading)) in assigned.values():
            continue
        if field == NO_COLUMN or field in without:
            turned_down.add(place)
        elif field not in assigned and (field in known_headings() or parted(field)):
            assigned[field] = place
    return turned_down


def _guess(columns: Sequence[str], assigned: dict[str, int], free: list[int], without: set[str]) -> None:
    """Telephones first: "Telefone contato" is no contact person."""
    phones = phone_columns([plain(column) for column in columns], free, assigned)
    assigned |= {field: place for field, place in phones.items() if field not in without}
    free = [place for place in free if place not in phones.values()]
    for field, synonyms in known_headings().items():
        if field in assigned or field in without or parted(field):
            continue
        if (place := _best(field, columns, free, synonyms)) is not None:
            assigned[field] = place
            free.remove(place)


def _guessed_places(columns: Sequence[str]) -> set[int]:
    try:
        return set(assign(columns, {}).values())
    except BadInput:  # two columns of one name: the operator has chosen between them
        return set()


@cache
def _all_known() -> frozenset[str]:
    return frozenset(heading for headings in known_headings().values() for heading in headings)


@cache
def _bare(heading: str) -> str:
    """A plain heading without what stands in brackets, money signs and small words: "Valor (R$) da dívida"."""
    outside = re.sub(r"\([^)]*\)|\[[^\]]*\]|\b(R|US|CA)?\$|€|\bEUR\b|\bBRL\b|\bUSD\b", " ", heading)
    words = [word for word in plain(outside).split() if word not in SMALL_WORDS]
    return " ".join(words) or plain(heading)


def _field(field: str) -> str:
    field = field.strip()
    parts = parted(field)
    if parts:
        return named(*parts)
    if field in known_headings():
        return field
    raise BadInput(
        f'--map: there is no field "{field}". The fields are {", ".join(fields())}'
        f" (and phone2, {FAMILIES[0]}2, phone3, …)"
    )


def address(columns: Sequence[str], place: int) -> str:
    """What names this column and no other in `chosen`: its heading, or "#3" where it has none or stands twice."""
    plains = [plain(column) for column in columns]
    own = columns[place].strip()
    unclear = own in ("", NO_COLUMN) or own.startswith("#") or plains.count(plains[place]) > 1
    return f"#{place + 1}" if unclear else own


def numbered(columns: Sequence[str], heading: str) -> int | None:
    """The place that "#3" names; None for any other text, and where there are fewer columns."""
    found = re.fullmatch(r"#([1-9]\d{0,3})", heading.strip())
    return int(found[1]) - 1 if found and int(found[1]) <= len(columns) else None


def _place(columns: Sequence[str], heading: str) -> int:
    if (place := numbered(columns, heading)) is not None:
        return place
    exact = [place for place, column in enumerate(columns) if column.strip() == heading.strip()]
    loose = [place for place, column in enumerate(columns) if plain(column) == plain(heading)]
    found = exact or loose
    if len(found) == 1:
        return found[0]
    what = "several columns" if found else "no column"
    raise BadInput(f'--map: there is {what} "{heading}". The columns are: {", ".join(columns)}')


def _best(field: str, columns: Sequence[str], free: Sequence[int], synonyms: Sequence[str]) -> int | None:
    for synonym in synonyms:
        found = [place for place in free if synonym == _bare(columns[place])]
        if len(found) > 1:
            raise BadInput(
                f'Two columns are called "{columns[found[0]]}": rename one, or choose with --map {field}=…'
            )
        if found:
            return found[0]
    return None
