"""The words of each language, as data: currencies, digits, signs. Another language is another entry here."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class CurrencyWords:
    """The names of a currency's units: one and several of the major unit, one and several hundredths."""

    one: str
    many: str
    cent_one: str
    cent_many: str


@dataclass(frozen=True, slots=True)
class Lexicon:
    """What the wording of one language needs beyond the libraries.

    `numerals` is the language's name in num2words, `locale` in babel. `below_two_is_one`: French counts
    "zéro euro" and "un euro" in the singular. `of` joins round millions to a noun ("um milhão de reais").
    """

    numerals: str
    locale: str
    and_word: str
    of: str
    below_two_is_one: bool
    first: str
    currencies: dict[str, CurrencyWords]
    digits: tuple[str, ...]
    phone_six: str
    signs: dict[str, str]
    date_format: str
    number_noise: tuple[tuple[str, str], ...] = ((",", ""),)


PORTUGUESE = Lexicon(
    numerals="pt_BR",
    locale="pt_BR",
    and_word="e",
    of="de",
    below_two_is_one=False,
    first="primeiro",
    currencies={
        "BRL": CurrencyWords("real", "reais", "centavo", "centavos"),
        "USD": CurrencyWords("dólar", "dólares", "centavo", "centavos"),
        "EUR": CurrencyWords("euro", "euros", "centavo", "centavos"),
        "CAD": CurrencyWords("dólar canadense", "dólares canadenses", "centavo", "centavos"),
    },
    digits=("zero", "um", "dois", "três", "quatro", "cinco", "seis", "sete", "oito", "nove"),
    phone_six="meia",  # on the phone "seis" and "três" sound alike: Brazilians say "meia"
    signs={".": "ponto", "/": "barra", "-": "traço", "_": "sublinhado", "&": "e", "@": "arroba"},
    date_format="dd/MM/yyyy",
)

ENGLISH = Lexicon(
    numerals="en",
    locale="en_US",
    and_word="and",
    of="",
    below_two_is_one=False,
    first="first",
    currencies={
        "BRL": CurrencyWords("Brazilian real", "Brazilian reais", "centavo", "centavos"),
        "USD": CurrencyWords("dollar", "dollars", "cent", "cents"),
        "EUR": CurrencyWords("euro", "euros", "cent", "cents"),
        "CAD": CurrencyWords("Canadian dollar", "Canadian dollars", "cent", "cents"),
    },
    digits=("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine"),
    phone_six="six",
    signs={".": "dot", "/": "slash", "-": "dash", "_": "underscore", "&": "and", "@": "at"},
    date_format="MM/dd/yyyy",
    number_noise=((",", ""), (" and ", " ")),  # num2words speaks British English: "one hundred and one"
)

FRENCH = Lexicon(
    numerals="fr",
    locale="fr_FR",
    and_word="et",
    of="de",
    below_two_is_one=True,
    first="premier",
    currencies={  # "cents" would be heard as hundreds
        "BRL": CurrencyWords("réal brésilien", "réaux brésiliens", "centavo", "centavos"),
        "USD": CurrencyWords("dollar", "dollars", "centime", "centimes"),
        "EUR": CurrencyWords("euro", "euros", "centime", "centimes"),
        "CAD": CurrencyWords("dollar canadien", "dollars canadiens", "centime", "centimes"),
    },
    digits=("zéro", "un", "deux", "trois", "quatre", "cinq", "six", "sept", "huit", "neuf"),
    phone_six="six",
    signs={".": "point", "/": "barre oblique", "-": "tiret", "_": "tiret bas", "&": "et", "@": "arobase"},
    date_format="dd/MM/yyyy",
)

LEXICONS: dict[str, Lexicon] = {"pt-BR": PORTUGUESE, "en-US": ENGLISH, "fr-FR": FRENCH}
