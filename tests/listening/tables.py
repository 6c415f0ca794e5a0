"""What was found, as Markdown for docs/speech.md, and each prompt that the telephone makes worse. Text only."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from tests.listening.judging import KINDS, Hearing, Listened, Rate, Text, difference, gives_away, rate, rates_by_kind

REACH = 5.0  # points of word error that the telephone may add to the studio's

_HEAD = """\
| language | prompts | words | misheard at 8 kHz | of them also from the studio | 8 kHz | studio 24 kHz | \
studio at 8 kHz | file less studio, points (95 %) | reach |
| --- | --- | --- | --- | --- | --- | --- | --- | --- | --- |"""


def figures(found: Mapping[str, Sequence[Listened]]) -> Iterator[str]:
    """A line a language: all prompts over the telephone, and those heard both ways beside each other."""
    yield _HEAD
    for language, listened in found.items():
        both = [one for one in listened if one.studio]
        every = rate((one.text, one.telephone) for one in listened)
        yield f"| {language} | {len(listened)} | {every.words} | {every.share:.1%} | {_beside(both)} |"


def _beside(both: Sequence[Listened]) -> str:
    if not both:
        return "0 | – | – | – | – | –"
    telephone, studio = rate(_telephone(both)), rate(_studio(both))
    narrow = rate((one.text, one.narrowed) for one in both if one.narrowed)
    gap = difference(both)
    met = "met" if gap.points <= REACH else "missed"
    spread = f"{gap.points:+.1f} ({gap.low:+.1f} to {gap.high:+.1f})"
    return f"{len(both)} | {telephone.share:.1%} | {studio.share:.1%} | {narrow.share:.1%} | {spread} | {met}"


def all_met(found: Mapping[str, Sequence[Listened]]) -> bool:
    """Whether every language that was heard both ways is within reach of the studio."""
    pairs = [both for listened in found.values() if (both := [one for one in listened if one.studio])]
    return all(difference(both).points <= REACH for both in pairs)


def by_kind(found: Mapping[str, Sequence[Listened]]) -> Iterator[str]:
    """Where the errors are: over the telephone / from the studio, on the prompts heard both ways."""
    yield f"| language | {' | '.join(KINDS)} |"
    yield "| --- |" + " --- |" * len(KINDS)
    for language, listened in found.items():
        both = [one for one in listened if one.studio] or listened
        telephone, studio = rates_by_kind(_telephone(both)), rates_by_kind(_studio(both))
        cells = [_cell(telephone.get(kind), studio.get(kind)) for kind in KINDS]
        yield f"| {language} | {' | '.join(cells)} |"


def _cell(telephone: Rate | None, studio: Rate | None) -> str:
    if telephone is None:
        return "–"
    clean = f" / {studio.share:.0%}" if studio else ""
    return f"{telephone.share:.0%}{clean} of {telephone.words}"


def worse(listened: Sequence[Listened]) -> Iterator[str]:
    """The prompts with more errors over the telephone than from the studio (any error, where it was not asked)."""
    ranked = sorted(listened, key=_excess, reverse=True)
    for one in ranked:
        if _excess(one) > 0:
            yield f"{_excess(one):+d} errors ({one.voice})"
            yield f"  said   {_marked(one)}"
            yield f"  8 kHz  {one.telephone.written}"
            if one.studio:
                yield f"  studio {one.studio.written}"


def disclosures(found: Mapping[str, Sequence[Listened]]) -> Iterator[str]:
    """Whether a word of debt was heard in what may be said before anybody has told who they are."""
    for language, listened in found.items():
        early = [one for one in listened if one.said.privacy != "debt"]
        slips = [(word, one.said.text) for one in early if (word := gives_away(one))]
        told = "; ".join(f"{word!r} in {text!r}" for word, text in slips) or "none"
        yield f"{language}: {len(early)} prompts that anybody may hear, words of debt heard in them: {told}"


def _excess(one: Listened) -> int:
    return one.telephone.wrong.errors - (one.studio.wrong.errors if one.studio else 0)


def _marked(one: Listened) -> str:
    wrong = set(one.telephone.wrong.places)
    return " ".join(word.upper() if at in wrong else word for at, word in enumerate(one.text.words))


def _telephone(listened: Sequence[Listened]) -> list[tuple[Text, Hearing]]:
    return [(one.text, one.telephone) for one in listened]


def _studio(listened: Sequence[Listened]) -> list[tuple[Text, Hearing]]:
    return [(one.text, one.studio) for one in listened if one.studio]
