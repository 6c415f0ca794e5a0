"""One difference between two flows as a value, and its sentence in English; other languages translate it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

SENTENCES: Mapping[str, str] = {
    "title": "The title was “{before}” and is “{after}”.",
    "language_added": "It is spoken in {after} as well.",
    "language_removed": "It is not spoken in {before} any more.",
    "start": "Calls begin at {after}, no longer at {before}.",
    "flow_setting": "For the whole flow: {what} was {before} and is {after}.",
    "variable_added": "It wants to know {what} ({after}).",
    "variable_removed": "It does not want to know {what} any more.",
    "variable_changed": "What it wants to know as {what} was {before} and is {after}.",
    "node_removed": "{node} is gone.",
    "node_added": "{node} is new.",
    "node_kind": "{node} was of the kind {before} and is of the kind {after}.",
    "words_added": "{node} says in {language}: “{after}”",
    "words_removed": "{node} does not say in {language} any more: “{before}”",
    "words": "{node} says in {language}, instead of “{before}”: “{after}”",
    "way_added": "{node}: {what} leads to {after}.",
    "way_removed": "{node}: {what} does not lead to {before} any more.",
    "way_moved": "{node}: {what} leads to {after}, no longer to {before}.",
    "setting": "{node}: {what} was {before} and is {after}.",
}


@dataclass(frozen=True, slots=True)
class Change:
    """One difference. `kind` is a key of SENTENCES; what a kind has no place for is empty.

    `what` names a way, a setting or a variable; `language` is BCP 47.
    """

    kind: str
    node: str = ""
    what: str = ""
    language: str = ""
    before: str = ""
    after: str = ""

    @property
    def places(self) -> dict[str, str]:
        """What goes into the places of the sentence; names as people read them."""
        ways = ("node_", "way_", "start")
        plain = self.kind.startswith(ways)
        return {
            "node": _read(self.node),
            "what": _read(self.what),
            "language": self.language,
            "before": _read(self.before) if plain else self.before,
            "after": _read(self.after) if plain else self.after,
        }

    def __str__(self) -> str:
        return SENTENCES[self.kind].format(**self.places)


def _read(name: str) -> str:
    return name.replace("_", " ")
