"""What listeners make of prompts: keys for intents, figures asked for, in three languages and many wordings."""

from __future__ import annotations

import pytest

from audio import wave_file
from local_carrier.hearing import NotAudio, read_wav
from local_carrier.lines.mind import Mind
from local_carrier.lines.people import Person
from local_carrier.lines.persona import personas
from local_carrier.lines.understanding import understand, vocabulary

MENUS = [
    (
        "pt-BR",
        "Olá! Aqui é a Alfa. Se você é Ana Souza, tecle um. Se a pessoa não está, tecle dois. Se é engano, tecle "
        "três. Para falar com um atendente, tecle zero. Para não receber mais ligações, tecle nove.",
        {"it_is_me": "1", "absent": "2", "wrong_number": "3", "agent": "0", "opt_out": "9"},
    ),
    (
        "pt-BR",
        "Tecle 1 se for você, 2 se não for um bom momento, 3 se não conhece essa pessoa, 0 para falar com um "
        "atendente, ou 9 para não receber mais estas ligações.",
        {"it_is_me": "1", "absent": "2", "wrong_number": "3", "agent": "0", "opt_out": "9"},
    ),
    (
        "pt-BR",
        "Para pagar agora, tecle um. Para prometer uma data, tecle dois. Se já pagou ou não concorda, tecle três. "
        "Para ouvir de novo, tecle estrela.",
        {"pay": "1", "promise": "2", "already_paid": "3", "dispute": "3", "repeat": "*"},
    ),
    (
        "pt-BR",
        "Hoje, tecle 1. Amanhã, tecle 2. No dia do seu pagamento, tecle 3.",
        {"today": "1", "tomorrow": "2", "pay_day": "3"},
    ),
    (
        "pt-BR",
        "Você promete pagar cem reais amanhã. Para confirmar, tecle 1. Para corrigir, tecle 2.",
        {"confirm": "1", "change": "2"},
    ),
    (
        "en-US",
        "Hello, this is Alfa. If this is Ana Souza, press 1. If Ana is not available, press 2. If this is the wrong "
        "number, press 3. To speak with an agent, press zero. To stop these calls, press nine.",
        {"it_is_me": "1", "absent": "2", "wrong_number": "3", "agent": "0", "opt_out": "9"},
    ),
    (
        "en-US",
        "Press one to pay now, two to promise a date, three if you already paid or disagree, or star to repeat.",
        {"pay": "1", "promise": "2", "already_paid": "3", "dispute": "3", "repeat": "*"},
    ),
    (
        "fr-FR",
        "Bonjour. Si c'est vous, tapez le 1. Si cette personne n'est pas là, tapez le 2. Si c'est un mauvais numéro, "
        "tapez le 3. Pour parler à un conseiller, tapez le zéro. Pour ne plus recevoir d'appels, tapez le 9.",
        {"it_is_me": "1", "absent": "2", "wrong_number": "3", "agent": "0", "opt_out": "9"},
    ),
    (
        "fr-FR",
        "Pour payer, appuyez sur la touche 1. Pour promettre une date, appuyez sur la touche 2. Si vous "
        "avez déjà payé "
        "ou si vous n'êtes pas d'accord, appuyez sur la touche 3. Pour réécouter, appuyez sur étoile.",
        {"pay": "1", "promise": "2", "already_paid": "3", "dispute": "3", "repeat": "*"},
    ),
]


@pytest.mark.parametrize(("language", "words", "keys"), MENUS)
def test_every_choice_of_a_menu_is_understood(language: str, words: str, keys: dict[str, str]) -> None:
    offer = understand(words, vocabulary(language), ["Ana Souza", "Ana", "Souza"])
    assert {intent: offer.key_for(intent) for intent in keys} == keys


@pytest.mark.parametrize(
    ("language", "words", "question", "finish"),
    [
        ("pt-BR", "Digite os três últimos números do seu CPF.", "document_last3", ""),
        ("pt-BR", "Informe o ano do seu nascimento com quatro dígitos.", "birth_year", ""),
        ("pt-BR", "Digite o dia e o mês, com dois dígitos cada.", "day_and_month", ""),
        ("pt-BR", "Digite os números do seu CEP, seguidos de jogo da velha.", "postal_code", "#"),
        ("en-US", "Please enter your ZIP code, followed by the pound key.", "postal_code", "#"),
        ("en-US", "Enter the last three digits of your document.", "document_last3", ""),
        ("en-US", "Enter the year you were born.", "birth_year", ""),
        ("en-US", "Enter the month and the day, two digits each.", "month_and_day", ""),
        ("fr-FR", "Tapez les trois derniers chiffres de votre numéro.", "document_last3", ""),
        ("fr-FR", "Tapez votre année de naissance.", "birth_year", ""),
        ("fr-FR", "Indiquez le jour et le mois, suivis de dièse.", "day_and_month", "#"),
    ],
)
def test_figures_that_are_asked_for_are_understood(language: str, words: str, question: str, finish: str) -> None:
    offer = understand(words, vocabulary(language))
    assert offer.questions == (question,)
    assert offer.finish_key == finish
    assert not offer.options


def test_a_denial_is_not_taken_for_the_thing_denied() -> None:
    offer = understand("Se não for você, tecle três.", vocabulary("pt-BR"))
    assert offer.key_for("it_is_me") is None
    assert offer.key_for("wrong_number") == "3"


def test_amounts_dates_and_names_are_not_keys() -> None:
    offer = understand("You owe one hundred two dollars, due on March 3. Call us at 2 0 2.", vocabulary("en-US"))
    assert not offer.options


def test_an_unknown_language_falls_back_to_its_nearest() -> None:
    assert vocabulary("pt-PT").language == "pt-BR"
    assert vocabulary("sw-KE").language == "en-US"


@pytest.mark.parametrize(
    ("language", "words", "keys"),
    [
        ("pt-BR", "Digite o dia e o mês do pagamento, com quatro números.", "2802"),
        ("en-US", "Enter the month and the day you paid, with four digits.", "0228"),
        ("fr-FR", "Saisissez le jour et le mois du paiement, en quatre chiffres.", "2802"),
        ("pt-BR", "Digite o dia e o mês, com quatro números. Por exemplo: um, dois, zero, cinco.", "0503"),
        ("en-US", "Enter the month and the day, with four digits. For example: one, two, zero, five.", "0305"),
    ],
)
def test_days_are_keyed_in_the_order_asked_for(language: str, words: str, keys: str) -> None:
    knows = {"pay_day": "0503", "paid_day": "2802"}
    mind = Mind(Person("+12025550111", personas()["promiser"], language, "", knows))
    mind.hears(words, language)
    assert mind.decides() == keys


def test_a_file_made_by_the_audio_package_is_heard() -> None:
    info = wave_file.Info(words="Se é você, tecle o número um.", language="pt-BR", voice="any")
    sound = read_wav(wave_file.write_raw(b"\xff" * 12_000, info))
    assert (sound.words, sound.language, sound.seconds) == ("Se é você, tecle o número um.", "pt-BR", 1.5)


@pytest.mark.parametrize("data", [b"", b"RIFF\0\0\0\0AVI ", b"RIFF\x04\0\0\0WAVE", b"ID3 mp3"])
def test_what_is_no_wav_is_refused(data: bytes) -> None:
    with pytest.raises(NotAudio):
        read_wav(data)
