"""Numbers, amounts, dates and names come out as words that say the same, the way people of the language say it."""

from __future__ import annotations

import re
from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from number_words import minor_units, number

from ivr_flows import hours, slips, wording
from ivr_flows.errors import FlowFailed
from ivr_flows.lexicon import LEXICONS
from ivr_flows.turn import Money

LANGUAGES = st.sampled_from(sorted(LEXICONS))
CURRENCIES = st.sampled_from(["BRL", "USD", "EUR", "CAD"])
MINORS = st.one_of(st.integers(0, 250_000), st.integers(0, 99_999_999_999))
NUMBERS = st.one_of(st.integers(0, 3_000), st.integers(0, wording.LARGEST))
DATES = st.dates(date(2000, 1, 1), date(2099, 12, 31))


@settings(deadline=None)
@given(NUMBERS, LANGUAGES, st.booleans())
def test_a_number_in_words_reads_back_as_the_number(value: int, language: str, feminine: bool) -> None:
    assert number(wording.cardinal(value, language, feminine=feminine), language) == value


@settings(deadline=None)
@given(MINORS, CURRENCIES, LANGUAGES)
def test_an_amount_in_words_reads_back_as_the_amount(minor: int, currency: str, language: str) -> None:
    words = LEXICONS[language]
    spoken = wording.amount(Money(minor, currency), language)
    assert minor_units(spoken, words.currencies[currency], words.and_word, language) == minor


@settings(deadline=None)
@given(MINORS, CURRENCIES, LANGUAGES)
def test_an_amount_has_no_digits_no_commas_no_double_spaces(minor: int, currency: str, language: str) -> None:
    spoken = wording.amount(Money(minor, currency), language)
    assert not re.search(r"[\d,]|  |^ | $", spoken)


@settings(deadline=None)
@given(st.integers(0, 9_999_999), CURRENCIES, LANGUAGES)
def test_whole_amounts_leave_the_cents_unsaid(whole: int, currency: str, language: str) -> None:
    names = LEXICONS[language].currencies[currency]
    spoken = wording.amount(Money(whole * 100, currency), language)
    assert not spoken.endswith((names.cent_one, names.cent_many))


@settings(deadline=None)
@given(DATES, LANGUAGES)
def test_dates_are_words_and_differ_from_day_to_day(day: date, language: str) -> None:
    spoken = wording.calendar_day(day, language)
    assert not re.search(r"[\d,]", spoken)
    other = date(day.year, day.month, day.day - 1 if day.day > 1 else day.day + 1)
    assert wording.calendar_day(other, language) != spoken


@settings(deadline=None)
@given(st.from_regex(r"\+?[0-9]{3,14}", fullmatch=True), LANGUAGES)
def test_a_phone_number_is_words_only(digits: str, language: str) -> None:
    assert not re.search(r"[\d+]", wording.phone_number(digits, language))


@settings(deadline=None)
@given(st.text(max_size=40), LANGUAGES)
def test_a_name_never_carries_digits_or_markup(name: str, language: str) -> None:
    assert not re.search(r"[0-9<>&{}|_\n]", wording.proper_name(name, language))


AMOUNTS = [
    (0, "BRL", "pt-BR", "zero reais"),
    (1, "BRL", "pt-BR", "um centavo"),
    (5, "BRL", "pt-BR", "cinco centavos"),
    (100, "BRL", "pt-BR", "um real"),
    (101, "BRL", "pt-BR", "um real e um centavo"),
    (123456, "BRL", "pt-BR", "mil duzentos e trinta e quatro reais e cinquenta e seis centavos"),
    (100_000_000, "BRL", "pt-BR", "um milhão de reais"),
    (200_000_000, "BRL", "pt-BR", "dois milhões de reais"),
    (120_000_000, "BRL", "pt-BR", "um milhão e duzentos mil reais"),
    (110_050, "USD", "pt-BR", "mil e cem dólares e cinquenta centavos"),
    (200, "CAD", "pt-BR", "dois dólares canadenses"),
    (100, "USD", "en-US", "one dollar"),
    (101, "USD", "en-US", "one dollar and one cent"),
    (12305, "USD", "en-US", "one hundred twenty-three dollars and five cents"),
    (100, "BRL", "en-US", "one Brazilian real"),
    (250, "BRL", "en-US", "two Brazilian reais and fifty centavos"),
    (100_000_000, "EUR", "en-US", "one million euros"),
    (0, "EUR", "fr-FR", "zéro euro"),
    (150, "EUR", "fr-FR", "un euro et cinquante centimes"),
    (8000, "EUR", "fr-FR", "quatre-vingts euros"),
    (100_000_000, "EUR", "fr-FR", "un million d'euros"),
    (200_000_000, "USD", "fr-FR", "deux millions de dollars"),
    (250, "BRL", "fr-FR", "deux réaux brésiliens et cinquante centavos"),
]


@pytest.mark.parametrize(("minor", "currency", "language", "spoken"), AMOUNTS)
def test_amounts_as_people_say_them(minor: int, currency: str, language: str, spoken: str) -> None:
    assert wording.amount(Money(minor, currency), language) == spoken


DAYS = [
    (date(2026, 11, 1), "pt-BR", "primeiro de novembro"),
    (date(2026, 11, 21), "pt-BR", "vinte e um de novembro"),
    (date(2027, 3, 2), "pt-BR", "dois de março de dois mil e vinte e sete"),
    (date(2026, 11, 1), "en-US", "November first"),
    (date(2026, 12, 22), "en-US", "December twenty-second"),
    (date(2027, 3, 2), "en-US", "March second twenty twenty-seven"),
    (date(2026, 11, 1), "fr-FR", "premier novembre"),
    (date(2027, 8, 31), "fr-FR", "trente et un août deux mille vingt-sept"),
]


@pytest.mark.parametrize(("day", "language", "spoken"), DAYS)
def test_dates_as_people_say_them(day: date, language: str, spoken: str) -> None:
    assert wording.calendar_day(day, language, today=date(2026, 6, 1)) == spoken


@pytest.mark.parametrize(
    ("language", "spoken"),
    [
        ("pt-BR", "segunda-feira, vinte e três de novembro"),
        ("en-US", "Monday, November twenty-third"),
        ("fr-FR", "lundi vingt-trois novembre"),
    ],
)
def test_a_weekday_comes_before_its_date(language: str, spoken: str) -> None:
    assert wording.weekday_and_day(date(2026, 11, 23), language, today=date(2026, 1, 1)) == spoken


@pytest.mark.parametrize(
    ("count", "language", "spoken"),
    [
        (1, "pt-BR", "uma"),
        (2, "pt-BR", "duas"),
        (21, "pt-BR", "vinte e uma"),
        (202, "pt-BR", "duzentas e duas"),
        (2_000, "pt-BR", "duas mil"),
        (2_000_002, "pt-BR", "dois milhões e duas"),
        (21, "fr-FR", "vingt et une"),
        (21, "en-US", "twenty-one"),
    ],
)
def test_counts_agree_with_a_feminine_noun(count: int, language: str, spoken: str) -> None:
    assert wording.cardinal(count, language, feminine=True) == spoken


@pytest.mark.parametrize(
    ("number_written", "language", "spoken"),
    [
        ("0800 555 0101", "pt-BR", "zero oito zero zero, cinco cinco cinco, zero um zero um"),
        ("+5511999996789", "pt-BR", "um um, nove nove nove nove nove, meia sete oito nove"),
        ("+12125550134", "en-US", "two one two, five five five, zero one three four"),
        ("(212) 555-0134", "en-US", "two one two, five five five, zero one three four"),
        ("+33199001234", "fr-FR", "zéro un, quatre-vingt-dix-neuf, zéro zéro, douze, trente-quatre"),
    ],
)
def test_phone_numbers_in_groups(number_written: str, language: str, spoken: str) -> None:
    assert wording.phone_number(number_written, language) == spoken


@pytest.mark.parametrize(
    ("name", "spoken"),
    [
        ("MARIA DA SILVA", "Maria da Silva"),
        ("Loja 24 Horas & Cia.", "Loja vinte e quatro Horas e Cia."),
        ("D'Ávila", "D'Ávila"),
        ("<b>Ana</b>", "b Ana b"),
        ("IBM", "IBM"),
    ],
)
def test_names_fit_to_be_spoken(name: str, spoken: str) -> None:
    assert wording.proper_name(name, "pt-BR") == spoken


def test_sites_and_codes_are_read_out() -> None:
    assert (
        wording.web_address("https://www.loja.com.br/ver-2", "pt-BR")
        == "loja ponto com ponto B R barra ver traço dois"
    )
    assert wording.digit_by_digit("ab-10", "en-US") == "A B, one zero"


@pytest.mark.parametrize(
    "ask",
    [
        lambda: wording.amount(Money(-1, "BRL"), "pt-BR"),
        lambda: wording.amount(Money(1, "XYZ"), "pt-BR"),
        lambda: wording.cardinal(-1, "pt-BR"),
        lambda: wording.cardinal(wording.LARGEST + 1, "pt-BR"),
        lambda: wording.cardinal(1, "xx"),
    ],
)
def test_what_cannot_be_said_is_refused_without_the_value(ask: object) -> None:
    with pytest.raises(FlowFailed):
        ask()  # type: ignore[operator]


@pytest.mark.parametrize(
    ("minutes", "language", "spoken"),
    [
        (930, "pt-BR", "às quinze horas e trinta minutos"),
        (1260, "pt-BR", "às vinte e uma horas"),
        (61, "pt-BR", "à uma hora e um minuto"),
        (930, "en-US", "at three thirty in the afternoon"),
        (545, "en-US", "at nine oh five in the morning"),
        (720, "en-US", "at twelve o'clock in the afternoon"),
        (1140 + 1440, "en-US", "at seven o'clock in the evening"),
        (930, "fr-FR", "à quinze heures trente"),
        (1261, "fr-FR", "à vingt et une heures un"),
        (60, "fr-FR", "à une heure"),
    ],
)
def test_times_of_day_are_said_as_people_say_them(minutes: int, language: str, spoken: str) -> None:
    assert hours.time_of_day(minutes, language) == spoken


@settings(deadline=None)
@given(st.integers(0, 1439), st.integers(0, 1439), LANGUAGES)
def test_two_times_of_a_day_never_sound_alike(one: int, other: int, language: str) -> None:
    assert (hours.time_of_day(one, language) == hours.time_of_day(other, language)) == (one == other)


def test_a_time_before_midnight_is_refused() -> None:
    with pytest.raises(FlowFailed, match="negative"):
        hours.time_of_day(-1, "pt-BR")


@settings(deadline=None)
@given(st.from_regex(r"[0-9]{1,60}", fullmatch=True), LANGUAGES)
def test_a_slip_is_read_digit_by_digit_and_whole(digits: str, language: str) -> None:
    names = LEXICONS[language].digits
    spoken = slips.slip_number(digits, language)
    assert "".join(str(names.index(word)) for word in re.split(r"[,.] ", spoken)) == digits


@pytest.mark.parametrize(
    ("code", "sizes"),
    [
        ("23793.38128 60007.827136 95000.063305 9 84660000015050", [5, 5, 5, 6, 5, 6, 1, 4, 5, 5]),
        ("846700000017 435900240209 024050002435 842210108119", [4] * 12),
        ("123456789", [4, 4, 1]),
    ],
)
def test_a_slip_is_read_in_the_groups_it_is_printed_in(code: str, sizes: list[int]) -> None:
    assert [len(group.split(", ")) for group in slips.slip_number(code, "pt-BR").split(". ")] == sizes


@pytest.mark.parametrize(
    ("text", "language", "spoken"),
    [
        ("3/12", "pt-BR", "três de doze"),
        ("03/12", "en-US", "three of twelve"),
        ("3 de 12", "fr-FR", "trois sur douze"),
        ("7", "pt-BR", "sete"),
        ("A7", "pt-BR", "A sete"),
    ],
)
def test_an_instalment_is_said_as_one_of_so_many(text: str, language: str, spoken: str) -> None:
    assert slips.instalment(text, language) == spoken
