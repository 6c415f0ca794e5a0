"""Whether a message says only what it may: by a list of what is allowed, so that whatever is unknown is refused."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

import yaml

PHONE = re.compile(r"\+?\(?\d[\d\-.\s()]{5,}\d")
_TIME = re.compile(
    r"\b\d{1,2}(?:[:.h]\d{2})?\s*(?:[ap]\.?\s?m\.?|o'clock|heures|h\b)|\b\d{1,2}[:h]\d{2}\b", re.IGNORECASE
)
_DATE = re.compile(
    r"\b(?:january|february|march|april|may|june|july|august|september|october|november|december|janvier|février|mars|"
    r"avril|mai|juin|juillet|août|septembre|octobre|novembre|décembre)\s+\d{1,2}(?:st|nd|rd|th)?(?:,?\s+\d{4})?\b"
    r"|\b\d{1,2}(?:er)?\s+(?:janvier|février|mars|avril|mai|juin|juillet|août|septembre|octobre|novembre|décembre)\b",
    re.IGNORECASE,
)
_WORD = re.compile(r"[^\W\d_]+(?:['’&.\-][^\W\d_]+)*")
_PHRASES = re.compile(r"at your (?:earliest )?convenience|s['’]il vous pla[iî]t", re.IGNORECASE)
_REPLY = re.compile(
    r"\b(?:contact|call|phone|reach|return|reply|respond|ring|get back|rappeler|appeler|contacter|joindre|rappelez|"
    r"appelez|contactez|joignez)\b",
    re.IGNORECASE,
)
_OPT_OUT = re.compile(
    r"\b(?:opt[ -]?out|unsubscribe|to (?:stop|end) (?:receiving|these|text|all|message|e-?mail)|"
    r"(?:reply|text|send|respond|write|answer)\b.{0,30}\b(?:stop|end|quit|cancel|no)\b|"
    r"stop (?:to|=|for)|(?:responda|envie|répondez|envoyez)\b.{0,30}\b(?:parar|sair|stop|arr[eê]t))",
    re.IGNORECASE | re.DOTALL,
)
_NAME = r"(?:(?:Mr|Ms|Mrs|Mx|Dr|M|Mme|Mlle)\.?\s+)?[A-ZÀ-Ý][^\W\d_]*[a-zà-ÿ][\w'’\-]*(?:\s+[A-ZÀ-Ý][\w'’\-]*\.?){0,3}"
_PERSON = re.compile(
    r"(?:(?i:this is|my name is|i am|i['’]m|it is|ask for|speak (?:to|with)|contact|call|reach|reply to|ici|je suis|"
    r"je m['’]appelle|mon nom est|demandez|rappeler|appeler|contacter|joindre|or|ou)\s+)(?P<name>" + _NAME + r")"
)
_FIRM = re.compile(
    r"(?:(?i:from|with|of|on behalf of|calling for|de la part de|de|chez)\s+)(?P<name>[A-ZÀ-Ý0-9][\w&'’\-]*)"
)
_FIRM_END = re.compile(r"\b(?:Inc|LLC|L\.L\.C|Ltd|Corp|Corporation|Company|Co|LLP|PLC|GmbH|Limited|Group|Services)\b")


def fault_in_limited(text: str) -> str | None:
    """Why this is no limited-content message (12 CFR 1006.2(j)), or None if it is one."""
    if fault := _says_more(text):
        return fault
    firm = _FIRM.search(text) or _FIRM_END.search(text)
    if not firm:
        return "it does not name the business that calls"
    if not _gives_number(text):
        return "it gives no number to call back"
    if not _REPLY.search(text):
        return "it does not ask for a reply"
    if not any(not _FIRM_END.search(found["name"]) for found in _PERSON.finditer(text)):
        return "it names no natural person to ask for"
    return None


def fault_in_contact_only(text: str) -> str | None:
    """Why this says more, or less, than whom to call back under which number; None if it is just that."""
    if fault := _says_more(text):
        return fault
    if _FIRM_END.search(text):
        return "it names a business; only the person to contact and the number may be given"
    return None if _gives_number(text) else "it gives no number to call back"


def offers_opt_out(text: str) -> bool:
    """Whether a message says how to end such messages."""
    return bool(_OPT_OUT.search(text))


def _gives_number(text: str) -> bool:
    return any(sum(map(str.isdigit, found[0])) >= 7 for found in PHONE.finditer(text))


def _says_more(text: str) -> str | None:
    """What is in it beside names, numbers, times and the few words that such a message needs."""
    words = _words()
    if told := words.telling.search(text):
        return f"{told[0].lower()!r} tells what it is about, or presses"
    rest = _PHRASES.sub(" ", text)
    for pattern in (PHONE, _DATE, _TIME):
        rest = pattern.sub(" ", rest)
    if re.search(r"[\d$€£%]", rest):
        return "it has figures that are neither telephone, date nor time"
    for found in _WORD.finditer(rest):
        word = found[0]
        plain = word.casefold().replace("’", "'")
        is_name = word[0].isupper() and not _starts_sentence(rest, found.start())
        if plain not in words.allowed and not is_name:
            return f"{word!r} is more than such a message may say"
    return None


@dataclass(frozen=True, slots=True)
class _Words:
    allowed: frozenset[str]
    telling: re.Pattern[str]


@cache
def _words() -> _Words:
    data = yaml.safe_load((files("dialer.rules") / "limited_words.yaml").read_text("utf-8"))
    telling = "|".join(map(re.escape, data["telling"]))
    whole = "|".join(map(re.escape, data["telling_whole"]))
    return _Words(
        frozenset(" ".join(data["allowed"].values()).split()),
        re.compile(rf"\b(?:(?:{telling})|(?:{whole})\b)", re.IGNORECASE),
    )


def _starts_sentence(text: str, at: int) -> bool:
    before = text[:at].rstrip()
    # "Mr. Smith" and "Inc. Please": after an abbreviation a capital may be either, so only the allowed words pass
    return not before or before[-1] in ".!?:"
