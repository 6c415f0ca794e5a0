"""What acts, the gate, the reading of lists and the proofs of flows say in English, said in the viewer's language.

They say it once, for the command line, the API and the pages alike, and much of it is kept as it was said. The
catalogues `locales/LANGUAGE/acts/*.po` hold each such text with {places} for what was filled in; a text is recognised
by what stands between the places. What none of them knows stays in English.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from string import Formatter

from babel import Locale
from babel.dates import format_datetime
from babel.numbers import format_decimal

from console import pofiles

JOINTS = (". ", "; ", ": ")  # acts join what they have to say by these
ARROW = " → "  # between the events of a call's way
FRENCH_JOINTS = {"; ": " ; ", ": ": " : "}
DEEPEST = 3  # texts within texts
MOST_PARTS = 12  # of a joined text; more are a list of something
NAMES = ("n", "w")  # kinds of places
_FIGURE = re.compile(r"\d{1,3}(,\d{3})*")
_DECIMAL = re.compile(r"\d{1,3}\.\d")
_MOMENT = re.compile(r"[A-Z][a-z]{2} (\d{4}-\d\d-\d\d \d\d:\d\d:\d\d)")
_KEYS = re.compile(r"[0-9*#]+")
_AGAIN = re.compile(r"(?P<what>.+?)(?P<times> ×\d+)")
_TURNED_OUT = re.compile(r"(?P<what>.+?) \((?P<values>[a-z][a-z0-9_]* [^()]+)\)")


@dataclass(frozen=True, slots=True)
class Known:
    """A text of an act: the pieces around its places, the names of the places, and the text in another language.

    A place that comes twice is filled twice with the same; one like {calls:d} with a figure, one like {flow:s} with
    a single word. What stands in quotes, or fills one like {names:n} or {node:w} (a single one), is a name or what
    somebody typed: it is never translated.
    """

    pieces: tuple[str, ...]
    names: tuple[str, ...]
    quoted: frozenset[str]
    kinds: tuple[str, ...]
    translation: str

    @property
    def bare(self) -> bool:
        """Whether no word of its own stands in it."""
        return not any(letter.isalpha() for piece in self.pieces for letter in piece)

    def values_in(self, text: str) -> dict[str, str] | None:
        """What was filled in, if this is such a text; each piece is looked for from left to right."""
        first, last = self.pieces[0], self.pieces[-1]
        if not text.startswith(first) or not text.endswith(last) or len(text) < len(first) + len(last):
            return None
        inner, found = text[len(first) : len(text) - len(last)], []
        for piece in self.pieces[1:-1]:
            value, _, inner = inner.partition(piece)
            found.append(value)
        found.append(inner)
        values = dict(zip(self.names, found, strict=True))
        fits = all(map(_is_of, found, self.kinds)) and [values[one] for one in self.names] == found
        return values if fits else None


def _is_of(value: str, kind: str) -> bool:
    """Whether a value can stand in a place of this kind; none is empty."""
    match kind:
        case "d":
            return bool(_FIGURE.fullmatch(value))
        case "s" | "w":
            return bool(value) and " " not in value
    return bool(value)


def rendition(text: str, language: str, depth: int = 0) -> str:
    """The text in this language; parts of it that nobody knows stay as they are."""
    told = _whole(text, language, depth)
    if told is None and " " in text and depth < DEEPEST:
        told = _joined(text, language, depth) or _filled(text, language, depth)
    return told or text


def _whole(text: str, language: str, depth: int) -> str | None:
    """The text if it is known as one."""
    exact, _ = all_known(language)
    if text in exact:
        return exact[text]
    if (forms := pofiles.of_pages(language).get(text)) is not None:
        return forms[0]
    if " " not in text:
        return None
    found = recognised(text, language)
    if found is None or found[0].bare:  # one without a word of its own may be several texts
        return _way(text, language, depth)
    return _filled(text, language, depth)


def _filled(text: str, language: str, depth: int) -> str | None:
    found = recognised(text, language)
    return found and found[0].translation.format(**_told(*found, language, depth + 1))


def recognised(text: str, language: str) -> tuple[Known, dict[str, str]] | None:
    """The text with places that this is, and what was filled in; of several the one with most words."""
    fitting = ((one, values) for one in all_known(language)[1] if (values := one.values_in(text)) is not None)
    return next(fitting, None)


def _told(known: Known, values: dict[str, str], language: str, depth: int) -> dict[str, str]:
    """What was filled in: figures and moments as this language writes them, texts within the text in it."""
    locale = Locale.parse(language, sep="-")
    told = {}
    for name, value in values.items():
        if _FIGURE.fullmatch(value):
            told[name] = format_decimal(int(value.replace(",", "")), locale=locale)
        elif _DECIMAL.fullmatch(value):
            told[name] = format_decimal(float(value), locale=locale)
        elif moment := _MOMENT.fullmatch(value):
            told[name] = format_datetime(datetime.fromisoformat(moment[1]), "EEE d MMM HH:mm", locale=locale)
        else:
            told[name] = value if name in known.quoted else rendition(value, language, depth)
    return told


def _way(text: str, language: str, depth: int) -> str | None:
    """The events of a call on its way, if all of them are known as such: "answered → 1 (debts 2) → silence ×3"."""
    events = text.split(ARROW)
    if len(events) == 1:
        return _event(text, language, depth)
    told = [_pressed(one, language, depth) for one in events]
    return None if None in told else ARROW.join(one for one in told if one)


def _event(text: str, language: str, depth: int) -> str | None:
    if again := _AGAIN.fullmatch(text):
        what = _pressed(again["what"], language, depth)
        return what and f"{what}{again['times']}"
    found = _TURNED_OUT.fullmatch(text)
    if found is None or (what := _pressed(found["what"], language, depth)) is None:
        return None
    pairs = (pair.partition(" ") for pair in found["values"].split(", "))
    told = ", ".join(f"{name} {rendition(value, language, depth + 1)}" for name, _, value in pairs)
    return f"{what} ({told})"


def _pressed(text: str, language: str, depth: int) -> str | None:
    return text if _KEYS.fullmatch(text) else _whole(text, language, depth + 1)


def _joined(text: str, language: str, depth: int) -> str | None:
    """Several texts in one: as much as is known as one text, then the rest. A word that is known alone is no text."""
    for joint in JOINTS:
        parts, told, known = _apart(text, joint), [], False
        if not 1 < len(parts) <= MOST_PARTS:
            continue
        while parts:
            size, part = _longest(parts, joint, language, depth)
            whole = joint.join(parts[:size])
            known |= part != whole and " " in whole
            told.append(part)
            del parts[:size]
        if known:
            return (FRENCH_JOINTS.get(joint, joint) if language == "fr-FR" else joint).join(told)
    return None


def _apart(text: str, joint: str) -> list[str]:
    """The parts between joints; what stands in quotes is of one part."""
    parts: list[str] = []
    for part in text.split(joint):
        if parts and parts[-1].count('"') % 2:
            parts[-1] += joint + part
        else:
            parts.append(part)
    return parts


def _longest(parts: list[str], joint: str, language: str, depth: int) -> tuple[int, str]:
    """How many of the parts are one known text, and that text; else the first alone, as far as it is known."""
    for size in range(len(parts), 0, -1):
        if (found := _part(joint.join(parts[:size]), language, depth)) is not None:
            return size, found
    return 1, rendition(parts[0], language, depth + 1)


def _part(text: str, language: str, depth: int) -> str | None:
    """A part that is known, whether or not with the point that the joint took from it, or that its last one has."""
    if (told := _whole(text, language, depth)) is not None:
        return told
    if text.endswith("."):
        return None if (told := _whole(text[:-1], language, depth)) is None else f"{told}."
    return None if (told := _whole(f"{text}.", language, depth)) is None else told.removesuffix(".")


@cache
def all_known(language: str) -> tuple[dict[str, str], list[Known]]:
    """Texts that stand as they are, and those with places, the one with most words of its own first."""
    exact: dict[str, str] = {}
    patterns: list[Known] = []
    for text, translation in pofiles.of_acts(language).items():
        known = _taken_apart(text, translation)
        if known.names:
            patterns.append(known)
        else:
            exact[known.pieces[0]] = translation.format()
    return exact, sorted(patterns, key=lambda one: -sum(map(len, one.pieces)))


def _taken_apart(text: str, translation: str) -> Known:
    pieces, names, kinds = [""], [], []
    for literal, name, spec, _ in Formatter().parse(text):
        pieces[-1] += literal
        if name is not None:
            names.append(name)
            kinds.append(spec or "")
            pieces.append("")
    quoted = {name for n, name in enumerate(names) if kinds[n] in NAMES or pieces[n][-1:] == pieces[n + 1][:1] == '"'}
    return Known(tuple(pieces), tuple(names), frozenset(quoted), tuple(kinds), translation)
