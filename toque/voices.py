"""The voice packs' phrases out of the flows. Gathers words; renders nothing and starts no server."""

from __future__ import annotations

from pathlib import Path

from audio.packs import lexicon
from ivr_flows import loading
from ivr_flows.phrases import phrases


def gather() -> list[Path]:
    """Write every fixed phrase of the library's flows into the data files of the packs; the files written.

    A language that no flow speaks keeps its phrases.
    """
    flows = [loading.load(name) for name in loading.library()]
    written = []
    for language in lexicon.languages():
        spoken = [phrases(flow, language) for flow in flows if language in flow.languages]
        if spoken:
            written.append(lexicon.keep_phrases(language, set().union(*spoken)))
    return written
