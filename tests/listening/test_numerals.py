from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ivr_flows import wording
from ivr_flows.turn import Money
from tests.listening.distance import misheard
from tests.listening.spelling import plain, spelling
from tests.listening.writing import elements

WRITTEN = [
    ("pt-BR", "R$ 120,00", "cento e vinte reais"),
    ("pt-BR", "R$120", "cento e vinte reais"),
    ("pt-BR", "R$ 1.247,89", "mil duzentos e quarenta e sete reais e oitenta e nove centavos"),
    ("pt-BR", "1.247,89 reais", "mil duzentos e quarenta e sete reais e oitenta e nove centavos"),
    ("pt-BR", "120 reais e 5 centavos", "cento e vinte reais e cinco centavos"),
    ("pt-BR", "às 11h", "às onze horas"),
    ("pt-BR", "às 14:30", "às catorze horas e trinta minutos"),
    ("pt-BR", "às 14h30", "às quatorze horas e trinta"),
    ("pt-BR", "às 9 horas", "às nove horas"),
    ("pt-BR", "1º de novembro", "primeiro de novembro"),
    ("pt-BR", "1 de novembro", "primeiro de novembro"),
    ("pt-BR", "a 2ª parcela", "a segunda parcela"),
    ("pt-BR", "23 de novembro de 2026", "vinte e três de novembro de dois mil e vinte e seis"),
    ("pt-BR", "10%", "dez por cento"),
    ("pt-BR", "2,5%", "dois vírgula cinco por cento"),
    ("pt-BR", "0800-555-0101", "zero oito zero zero, cinco cinco cinco, zero um zero um"),
    ("pt-BR", "0,8,0,0,5,5,5", "zero oito zero zero, cinco cinco cinco"),
    ("pt-BR", "tecle o nº 2: agora", "tecle o número dois: agora"),
    ("pt-BR", "2 pendências", "duas pendências"),
    ("pt-BR", "o CPF", "o C P F"),
    ("pt-BR", "horizonte.example", "horizonte ponto example"),
    ("en-US", "$1,247.89", "one thousand two hundred forty-seven dollars and eighty-nine cents"),
    ("en-US", "$1", "one dollar"),
    ("en-US", "12.50 dollars", "twelve dollars and fifty cents"),
    ("en-US", "at 3:30 in the afternoon", "at three thirty in the afternoon"),
    ("en-US", "at 9:05", "at nine oh five"),
    ("en-US", "at 9 o'clock", "at nine o'clock"),
    ("en-US", "November 23rd", "November twenty-third"),
    ("en-US", "November 23", "November twenty-third"),
    ("en-US", "in 2026", "in twenty twenty-six"),
    ("en-US", "202-555-0142", "two zero two, five five five, zero one four two"),
    ("en-US", "We're here", "we are here"),
    ("en-US", "100%", "one hundred percent"),
    ("fr-FR", "1 247,89 €", "mille deux cent quarante-sept euros et quatre-vingt-neuf centimes"),
    ("fr-FR", "1\u202f247,89\u00a0€", "mille deux cent quarante-sept euros et quatre-vingt-neuf centimes"),
    ("fr-FR", "300 euros", "trois cents euros"),
    ("fr-FR", "12,50 euros", "douze euros et cinquante centimes"),
    ("fr-FR", "le 1er mai", "le premier mai"),
    ("fr-FR", "à 11h30", "à onze heures trente"),
    ("fr-FR", "15 h", "quinze heures"),
    ("fr-FR", "01 99 00 12 34", "zéro un, quatre-vingt-dix-neuf, zéro zéro, douze, trente-quatre"),
    ("fr-FR", "01.99.00.12.34", "zéro un, quatre-vingt-dix-neuf, zéro zéro, douze, trente-quatre"),
    ("fr-FR", "0199001234", "zéro un, quatre-vingt-dix-neuf, zéro zéro, douze, trente-quatre"),
    ("fr-FR", "5 %", "cinq pour cent"),
]

WRONG = [
    ("pt-BR", "R$ 120,00", "cento e vinte e um reais", 2),
    ("pt-BR", "às 11h", "às doze horas", 1),
    ("pt-BR", "0800", "oito zero zero", 1),
    ("pt-BR", "1 dia", "primeiro dia", 1),
    ("en-US", "$12.50", "twelve dollars and fifteen cents", 1),
    ("en-US", "$2,500", "two thousand dollars", 2),
    ("fr-FR", "12,50 €", "deux euros et cinquante centimes", 1),
    ("fr-FR", "le 2 mai", "le douze mai", 1),
]


def errors(language: str, written: str, said: str) -> int:
    return misheard(plain(said, language), elements(written, language)).errors


@pytest.mark.parametrize(("language", "written", "said"), WRITTEN)
def test_figures_are_the_words_that_they_stand_for(language: str, written: str, said: str) -> None:
    assert errors(language, written, said) == 0


@pytest.mark.parametrize(("language", "written", "said", "wrong"), WRONG)
def test_other_figures_are_words_misheard(language: str, written: str, said: str, wrong: int) -> None:
    assert errors(language, written, said) == wrong


@pytest.mark.parametrize("language", ["pt-BR", "en-US", "fr-FR"])
@settings(max_examples=25, deadline=None)
@given(minor=st.integers(100, 9_999_999))
def test_any_sum_is_understood_however_it_is_written(language: str, minor: int) -> None:
    how = spelling(language)
    said = wording.amount(Money(minor, how.currency), language)
    whole = f"{minor // 100:,}".replace(",", how.thousands)
    cents = f"{how.decimal}{minor % 100:02}"
    sum_of_money = f"{whole}{cents} €" if language == "fr-FR" else f"{how.sign[-1]}{whole}{cents}"
    assert errors(language, sum_of_money, said) == 0
    assert errors(language, said, said) == 0


@pytest.mark.parametrize("language", ["pt-BR", "en-US", "fr-FR"])
@settings(max_examples=25, deadline=None)
@given(digits=st.text("0123456789", min_size=1, max_size=11))
def test_figures_one_by_one_are_understood_alone_and_in_a_run(language: str, digits: str) -> None:
    said = wording.digit_by_digit(digits, language)
    assert errors(language, digits, said) == 0
    assert errors(language, " ".join(digits), said) == 0
    assert errors(language, ", ".join(digits), said) == 0
