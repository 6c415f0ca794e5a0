"""An invented list as creditors send them: many formats in one column, several debts a person, some errors."""

from __future__ import annotations

import csv
import random
from collections.abc import Iterator
from pathlib import Path

from dialer.lists.documents import cpf_check_digits

HEADINGS = (
    "Código Cliente", "Nome do Cliente", "CPF", "E-mail", "UF", "Cidade", "CEP", "País", "Fone 1", "Fone 2",
    "Contrato", "Parcela", "Valor Atualizado", "Valor Original", "Vencimento",
)  # fmt: skip
PLACES = (
    ("SP", "São Paulo", "01001-000", "11"),
    ("RJ", "Rio de Janeiro", "20040002", "21"),
    ("BA", "SALVADOR", "", "71"),
)
NAMES = ("Ana", "Bia", "Caio", "Davi", "Eva", "Ícaro", "João", "Lia")
SURNAMES = ("Prado", "LIMA", "de Souza", "Ávila", "Conceição", "Reis")
MOBILES = ("({0}) 9{1}-{2}", "{0}9{1}{2}", "+55 {0} 9{1}-{2}", "0{0} 9{1} {2}", "{0} {1}-{2}")  # the last lacks its 9
LANDLINES = ("({0}) 3{1:.3}-{2}", "{0}3{1:.3}{2}", "3{1:.3}{2}")  # the last lacks its area code
PEOPLE_A_DEBT = 5 / 6  # one row in six is a further debt of the person before
FOREIGN, WITHOUT_DOCUMENT, BROKEN = 0.06, 0.15, 0.02


def write_list(path: Path, rows: int, *, seed: int = 1) -> None:
    """A file of so many records, the same for the same seed: about 94 % from Brazil, 2 % that cannot be loaded."""
    with path.open("w", encoding="cp1252", newline="") as file:
        writer = csv.writer(file, delimiter=";")
        writer.writerow(HEADINGS)
        writer.writerows(_records(random.Random(seed), rows))


def phone_texts(path: Path) -> Iterator[tuple[str, str]]:
    """Each number of the list as it is written, with the country of its row."""
    with path.open(encoding="cp1252", newline="") as file:
        for record in csv.DictReader(file, delimiter=";"):
            country = record["País"] or "BR"
            yield from ((record[name], country) for name in ("Fone 1", "Fone 2") if record[name])


def _records(dice: random.Random, rows: int) -> Iterator[list[str]]:
    person: list[str] = []
    for n in range(rows):
        if not person or dice.random() < PEOPLE_A_DEBT:
            person = _person(dice, n)
        yield person + _debt(dice, n, person[7])


def _person(dice: random.Random, n: int) -> list[str]:
    state, city, postal, area = dice.choice(PLACES)
    name = f"{dice.choice(NAMES)} {dice.choice(SURNAMES)} {n}"
    head, middle = f"{n % 10_000:04}", f"{n // 10_000 + 8000:04}"
    key = str(100_000 + n)
    if dice.random() < FOREIGN / 2:
        return [
            key,
            name,
            "",
            "",
            "NY",
            "New York",
            "10001",
            "US",
            f"(212) 555-{n % 10_000:04}",
            "",
        ]
    if dice.random() < FOREIGN / 2:
        return [key, name, "", "", "", "Paris", "75001", "FR", f"06 39 98 {n % 100:02} {n // 100 % 100:02}", ""]
    nine = f"{n:09}"
    document = "" if dice.random() < WITHOUT_DOCUMENT else nine + cpf_check_digits(nine)
    if document and dice.random() < BROKEN / 2:
        document = document[:10] + str((int(document[10]) + 1) % 10)
    if document and dice.random() < 0.3:
        document = f"{document[:3]}.{document[3:6]}.{document[6:9]}-{document[9:]}"
    mobile = dice.choice(MOBILES).format(area, middle, head)
    second = dice.choice((*LANDLINES, *MOBILES[:2])).format(area, middle[::-1], head)
    email = f"pessoa{n}@example.com" if dice.random() < 0.4 else ""
    return [key, name, document, email, state, city, postal, "", mobile, second]


def _debt(dice: random.Random, n: int, country: str) -> list[str]:
    cents = dice.randrange(500, 900_000)
    units, rest = divmod(cents, 100)
    written = f"{units},{rest:02}" if dice.random() < 0.5 or country else _grouped(units, rest)
    written = written.replace(",", ".") if country == "US" else written
    if dice.random() < BROKEN / 2:
        written = "a combinar"
    day = f"{dice.randrange(1, 29):02}/{dice.randrange(1, 13):02}/2025"
    if country or dice.random() < 0.3:
        day = f"2025-{day[3:5]}-{day[:2]}"
    original = "" if dice.random() < 0.5 else f"{units - units // 10}.{rest:02}" if country else f"{units},{rest:02}"
    return [f"CT-{n}", f"{n % 12 + 1}/12" if n % 4 == 0 else "", written, original, day]


def _grouped(units: int, rest: int) -> str:
    return f"R$ {units:,}".replace(",", ".") + f",{rest:02}"
