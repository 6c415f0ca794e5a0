"""What a prompt offers, as a listener understands it: which key does what, and which figures are asked for.

Pure. Works on words alone, by the phrase lists of personas/vocabulary; it knows no flow.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from importlib import resources

import yaml

Language = str


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """The phrase lists of one language; a `*` in a phrase stands for up to five words."""

    language: Language
    digits: Mapping[str, str]
    press: str
    connectors: frozenset[str]
    intents: Mapping[str, tuple[str, ...]]
    questions: Mapping[str, tuple[str, ...]]
    finish: tuple[str, ...]
    fillers: frozenset[str] = field(default_factory=frozenset)


@dataclass(frozen=True, slots=True)
class Option:
    """One key on offer and the intents that its clause names."""

    key: str
    intents: frozenset[str]
    clause: str


@dataclass(frozen=True, slots=True)
class Offer:
    """All that a prompt offers: keys for intents, figures asked for, whether they end with a finish key."""

    options: tuple[Option, ...]
    questions: tuple[str, ...]
    finish_key: str = ""

    def key_for(self, intent: str) -> str | None:
        """Return the key whose clause names this intent."""
        return next((option.key for option in self.options if intent in option.intents), None)


def plain(text: str) -> str:
    """Lower case without accents, punctuation other than sentence marks dropped, spaces single."""
    bare = "".join(c for c in unicodedata.normalize("NFD", text.lower()) if not unicodedata.combining(c))
    return " ".join(re.sub(r"[^a-z0-9.,;:?!*#]+", " ", bare.replace("’", "'").replace("'", " ")).split())


def _template(phrase: str) -> str:
    return " ".join("{name}" if word == "NAME" else plain(word) for word in phrase.split())


@cache
def vocabulary(language: Language) -> Vocabulary:
    """Load a language's lists; a language without any falls back to the first that shares its main tag."""
    folder = resources.files("local_carrier") / "personas" / "vocabulary"
    names = sorted(entry.name.removesuffix(".yaml") for entry in folder.iterdir() if entry.name.endswith(".yaml"))
    near = [n for n in names if n.split("-")[0] == language.split("-")[0]]
    chosen = language if language in names else (near or ["en-US"])[0]
    data = yaml.safe_load((folder / f"{chosen}.yaml").read_text(encoding="utf-8"))
    return Vocabulary(
        language=chosen,
        digits={plain(word): key for key, words in data["digits"].items() for word in words},
        press="|".join(sorted((plain(p).replace(" ", r"\s+") for p in data["press"]), key=len, reverse=True)),
        connectors=frozenset(plain(word) for word in data["connectors"]),
        intents={name: tuple(_template(p) for p in phrases) for name, phrases in data["intents"].items()},
        questions={name: tuple(plain(p) for p in phrases) for name, phrases in data["questions"].items()},
        finish=tuple(plain(p) for p in data["finish"]),
        fillers=frozenset(plain(word) for word in data["fillers"]),
    )


@cache
def _phrase(phrase: str) -> re.Pattern[str]:
    words = [r"(?:[a-z0-9]+ ){0,5}?" if word == "*" else re.escape(word) + " " for word in phrase.split()]
    return re.compile(r"(?:^|(?<= ))" + "".join(words).replace(r"\ ", " "))


def _spans(phrases: Sequence[str], words: str, names: Sequence[str]) -> list[tuple[int, int]]:
    spans = []
    for phrase in phrases:
        for filled in [phrase.replace("{name}", n) for n in names] if "{name}" in phrase else [phrase]:
            spans += [match.span() for match in _phrase(filled).finditer(words)]
    return spans


def intents_in(clause: str, vocab: Vocabulary, names: Sequence[str] = ()) -> frozenset[str]:
    """Return the intents a clause names; a phrase inside a longer one of another intent does not count."""
    words = re.sub(r"[.,;:?!*#]+", " ", clause) + " "
    words = " ".join(words.split()) + " "
    found = [(intent, span) for intent, phrases in vocab.intents.items() for span in _spans(phrases, words, names)]

    def covered(intent: str, span: tuple[int, int]) -> bool:
        return any(
            other != intent and a <= span[0] and span[1] <= b and (b - a) > (span[1] - span[0])
            for other, (a, b) in found
        )

    return frozenset(intent for intent, span in found if not covered(intent, span))


def understand(heard: str, vocab: Vocabulary, names: Sequence[str] = ()) -> Offer:
    """Read a whole prompt. `names` are the listener's own names, for clauses such as "if you are Ana"."""
    text = plain(heard)
    spoken = tuple(plain(name) for name in names)
    options: list[Option] = []
    before = ""
    for sentence in (s.strip() for s in re.split(r"[.;?!]+", text)):
        if not sentence:
            continue
        options += _options(sentence, before, vocab, spoken)
        before = sentence
    words = " ".join(re.sub(r"[.,;:?!*#]+", " ", text).split()) + " "
    questions = tuple(name for name, phrases in vocab.questions.items() if _spans(phrases, words, ()))
    ends = any(_spans((phrase,), words, ()) for phrase in vocab.finish)
    return Offer(tuple(options), questions, "#" if ends else "")


def _mentions(sentence: str, vocab: Vocabulary) -> list[tuple[int, int, str]]:
    """Find every key named in a sentence as (start, end, key): after a pressing verb, or in a list after one."""
    keys = "|".join(sorted(map(re.escape, vocab.digits), key=len, reverse=True))
    fillers = "|".join(sorted(vocab.fillers, key=len, reverse=True))
    key = rf"(?:(?:{fillers})\s+)*(?P<key>{keys})(?![a-z0-9])"
    pressed = re.compile(rf"(?<![a-z])(?:{vocab.press})\s+{key}")
    follows = "|".join(sorted(vocab.connectors))
    listed = re.compile(
        rf"(?:(?<=, )|(?<= ou )|(?<= or )|(?<= e )|(?<= et )|(?<= and )){key}(?=\s*:?,?\s+(?:{follows})\b)"
    )
    found = {m.end(): (m.start(), m.end(), vocab.digits[m["key"]]) for m in pressed.finditer(sentence)}
    if found:
        first = min(found)
        for m in listed.finditer(sentence, first):
            found.setdefault(m.end(), (m.start(), m.end(), vocab.digits[m["key"]]))
    return [found[end] for end in sorted(found)]


def _options(sentence: str, previous: str, vocab: Vocabulary, names: Sequence[str]) -> list[Option]:
    mentions = _mentions(sentence, vocab)
    options = []
    used = 0
    for index, (start, end, key) in enumerate(mentions):
        limit = mentions[index + 1][0] if index + 1 < len(mentions) else len(sentence)
        before, after = sentence[used:start].strip(" ,:"), sentence[end:limit].strip(" ,:")
        if not before and index == 0 and not after:
            before = previous
        opens_after = bool(after) and after.split()[0] in vocab.connectors and sentence[end : end + 1] != ","
        led = bool(before) and before.split()[0] in vocab.connectors
        order = [after, before] if opens_after and not led else [before, after]
        clause, named = order[0], frozenset[str]()
        for part in order:
            named = intents_in(part, vocab, names)
            if named:
                clause = part
                break
        used = limit if clause == after and named else end
        options.append(Option(key, named, clause))
    return options
