"""The gettext catalogues as they stand in `locales/`: read once, nothing is compiled."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path

from babel.messages.pofile import read_po

FOLDER = Path(__file__).parent / "locales"
Forms = tuple[str, ...]


@cache
def of_pages(language: str) -> Mapping[str, Forms]:
    """What pages say: English text -> its translation (and that of its plural)."""
    return dict(_messages(_folder(language)))


@cache
def of_acts(language: str) -> Mapping[str, str]:
    """What acts, the gate and the reading of lists say: English text -> its translation."""
    return {text: forms[0] for text, forms in _messages(_folder(language) / "acts")}


def _folder(language: str) -> Path:
    return FOLDER / language.replace("-", "_")


def _messages(folder: Path) -> Iterator[tuple[str, Forms]]:
    for path in sorted(folder.glob("*.po")):
        with path.open("rb") as file:
            for message in read_po(file):
                if message.id and message.string:
                    key = message.id if isinstance(message.id, str) else message.id[0]
                    yield key, (message.string,) if isinstance(message.string, str) else tuple(message.string)
