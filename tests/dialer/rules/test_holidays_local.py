"""Holidays of cities: fixed and movable ones, by any way to write the city."""

from datetime import date

import pytest
from dateutil.easter import easter as easter_of_dateutil

from dialer.errors import NotConfigured
from dialer.rules.holidays_local import (
    easter,
    municipal_holidays,
    read_local_holidays,
    shipped_local_holidays,
)

CAPITALS = (
    "AC:Rio Branco AL:Maceió AM:Manaus AP:Macapá BA:Salvador CE:Fortaleza DF:Brasília ES:Vitória GO:Goiânia"
    " MA:São Luís MG:Belo Horizonte MS:Campo Grande MT:Cuiabá PA:Belém PB:João Pessoa PE:Recife PI:Teresina"
    " PR:Curitiba RJ:Rio de Janeiro RN:Natal RO:Porto Velho RR:Boa Vista RS:Porto Alegre SC:Florianópolis"
    " SE:Aracaju SP:São Paulo TO:Palmas"
)


def test_every_state_capital_of_brazil_has_its_own_days() -> None:
    words = CAPITALS.replace(" ", "\n").split("\n")
    capitals: list[list[str]] = []
    for word in words:
        if ":" in word:
            capitals.append(word.split(":"))
        else:
            capitals[-1][1] += f" {word}"
    assert len(capitals) == 27
    assert [city for state, city in capitals if not municipal_holidays("BR", state, city, 2026)] == []


@pytest.mark.parametrize("city", ["São Paulo", "SAO PAULO", " sao  paulo", "São-Paulo"])
@pytest.mark.parametrize("region", ["SP", "BR-SP", "sp", None])
def test_a_city_is_found_however_it_is_written(city: str, region: str | None) -> None:
    assert date(2026, 1, 25) in municipal_holidays("BR", region, city, 2026)


@pytest.mark.parametrize(("year", "day"), [(2024, date(2024, 5, 30)), (2026, date(2026, 6, 4))])
def test_corpus_christi_moves_with_easter(year: int, day: date) -> None:
    assert day in municipal_holidays("BR", "SP", "São Paulo", year)


def test_carnival_is_no_holiday_of_the_city_of_sao_paulo() -> None:
    assert date(2026, 2, 17) not in municipal_holidays("BR", "SP", "São Paulo", 2026)


def test_a_city_of_the_same_name_elsewhere_does_not_lend_its_days() -> None:
    assert municipal_holidays("BR", "MG", "São Paulo", 2026) == frozenset()
    assert municipal_holidays("US", "SP", "São Paulo", 2026) == frozenset()
    assert municipal_holidays("BR", "SP", "Nenhures", 2026) == frozenset()


def test_easter_is_the_one_of_the_church_for_five_centuries() -> None:
    assert [year for year in range(1700, 2300) if easter(year) != easter_of_dateutil(year)] == []


def test_what_is_added_never_opens_a_closed_day() -> None:
    own = read_local_holidays("last_checked: 2026-01-01\nplaces: {BR: {SP: {São Paulo: {07-09: x}}}}", "own.yaml")
    days = (shipped_local_holidays() + own).on("BR", "SP", "são paulo", 2026)
    assert {date(2026, 1, 25), date(2026, 7, 9)} <= days


def test_a_leap_day_holds_in_leap_years_only() -> None:
    own = read_local_holidays("last_checked: 2026-01-01\nplaces: {BR: {SP: {Santos: {02-29: x}}}}", "own.yaml")
    assert own.on("BR", "SP", "Santos", 2028) == {date(2028, 2, 29)}
    assert own.on("BR", "SP", "Santos", 2026) == frozenset()


@pytest.mark.parametrize("day", ["13-01", "2-3", "easter", "01-25-2026", "02-30"])
def test_a_day_that_does_not_exist_is_named_with_its_city_and_file(day: str) -> None:
    with pytest.raises(NotConfigured, match=r"own\.yaml.*(?s:.*)Santos"):
        read_local_holidays(
            f'last_checked: 2026-01-01\nplaces: {{BR: {{SP: {{Santos: {{"{day}": x}}}}}}}}', "own.yaml"
        )
