"""What flows say, for those who record or render it. Gathers words; renders nothing and starts no server."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from audio import words
from audio.packs import lexicon
from audio.recordings import RecordingsEngine
from dialer.calling import FLOW as BY_HAND
from dialer.speaking import APOLOGIES
from ivr_flows import loading
from ivr_flows.nodes import Flow
from ivr_flows.phrases import phrases
from ivr_flows.turn import Language


@dataclass(frozen=True, slots=True)
class Recorded:
    """How much of a flow an operator has recorded in a language.

    `missing` are the sentences that another voice speaks, in the order of the alphabet; `unused` the names of files
    whose words are no sentence of this flow: those of other flows, names of firms, and typing errors.
    """

    language: Language
    recorded: int
    missing: tuple[str, ...]
    unused: tuple[str, ...]


def gather() -> list[Path]:
    """Write every fixed phrase of the library's flows into the data files of the packs; the files written.

    A language that no flow speaks keeps its phrases.
    """
    flows = [loading.load(name) for name in (*loading.library(), BY_HAND)]
    written = []
    for language in lexicon.languages():
        spoken = [phrases(flow, language) for flow in flows if language in flow.languages]
        if spoken:
            written.append(lexicon.keep_phrases(language, {APOLOGIES[language]}.union(*spoken)))
    return written


def sentences(flow: Flow, language: Language) -> dict[str, str]:
    """Every fixed sentence that a flow can speak in a language, once, as it is looked for: key -> words."""
    said = (sentence for phrase in sorted(phrases(flow, language)) for sentence in words.sentences(phrase))
    return {words.key(sentence): sentence for sentence in said}


def recorded(flow: Flow, language: Language, recordings: RecordingsEngine) -> Recorded:
    """What of a flow is among an operator's recordings, and what is not."""
    said, files = sentences(flow, language), recordings.files(language)
    missing = sorted(sentence for key, sentence in said.items() if key not in files)
    unused = sorted(path.name for key, path in files.items() if key not in said)
    return Recorded(language, len(said) - len(missing), tuple(missing), tuple(unused))
