"""An independent little grammar: words back to numbers, by adding and multiplying word values."""

from __future__ import annotations

from ivr_flows.lexicon import CurrencyWords

_PT = (
    "zero um dois três quatro cinco seis sete oito nove dez onze doze treze catorze quinze "
    "dezesseis dezessete dezoito dezenove"
)
_EN = (
    "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen "
    "sixteen seventeen eighteen nineteen"
)
_FR = "zéro un deux trois quatre cinq six sept huit neuf dix onze douze treize quatorze quinze seize"
_ENT = "duzent trezent quatrocent quinhent seiscent setecent oitocent novecent"


def _numbered(words: str, start: int = 0, step: int = 1) -> dict[str, int]:
    return {word: start + index * step for index, word in enumerate(words.split())}


UNITS = {
    "pt-BR": {
        **_numbered(_PT),
        **_numbered("vinte trinta quarenta cinquenta sessenta setenta oitenta noventa", 20, 10),
        **_numbered(" ".join(f"{stem}os" for stem in _ENT.split()), 200, 100),
        "cento": 100,
        "cem": 100,
        "uma": 1,
        "duas": 2,
        **_numbered(" ".join(f"{stem}as" for stem in _ENT.split()), 200, 100),
    },
    "en-US": {**_numbered(_EN), **_numbered("twenty thirty forty fifty sixty seventy eighty ninety", 20, 10)},
    "fr-FR": {
        **_numbered(_FR),
        **_numbered("vingt trente quarante cinquante soixante", 20, 10),
        "vingts": 20,
        "une": 1,
    },
}
HUNDREDS = {"hundred": 100, "cent": 100, "cents": 100}
BIG = {
    **dict.fromkeys(("mil", "thousand", "mille"), 10**3),
    **dict.fromkeys(("milhão", "milhões", "million", "millions"), 10**6),
    **dict.fromkeys(("bilhão", "bilhões", "billion", "milliard", "milliards"), 10**9),
}


def number(words: str, language: str) -> int:
    """The number that the words stand for; KeyError for a word that is none."""
    total = group = 0
    for word in words.replace("-", " ").split():
        if word in ("e", "et"):
            continue
        if word in BIG:
            total += max(group, 1) * BIG[word]
            group = 0
        elif word in HUNDREDS and language != "pt-BR":
            group = max(group, 1) * 100 if group < 100 else group + 100
        elif word in ("vingt", "vingts") and group % 10 == 4 and group % 100 == 4:
            group += 76  # quatre-vingts
        else:
            group += UNITS[language][word]
    return total + group


def minor_units(words: str, names: CurrencyWords, and_word: str, language: str) -> int:
    """The amount that the words stand for, in hundredths."""
    for cents in (names.cent_many, names.cent_one):
        if words.endswith(f" {cents}"):
            words = words.removesuffix(f" {cents}")
            for major in (names.many, names.one):
                whole, found, rest = words.partition(f"{major} {and_word} ")
                if found:
                    return 100 * _counted(whole, language) + number(rest, language)
            return number(words, language)
    noun = names.many if words.endswith(names.many) else names.one
    assert words.endswith(noun)
    return 100 * _counted(words.removesuffix(noun), language)


def _counted(words: str, language: str) -> int:
    return number(words.strip().removesuffix(" de").removesuffix(" d'"), language)
