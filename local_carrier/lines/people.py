"""Who lives behind which address: a file of people, and a stable answer for everybody who is not in it."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any

import yaml

from local_carrier.lines.persona import Persona, PersonaRefused, personas

COUNTRY_LANGUAGES = {"+1": "en-US", "+33": "fr-FR", "+55": "pt-BR"}
DEFAULT_MIX = (
    "promiser",
    "payer",
    "agent_seeker",
    "no_answer",
    "machine_with_beep",
    "silent",
    "opts_out",
    "wrong_number",
    "hangs_up_at_once",
    "already_paid",
)


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody with a phone. `knows` holds what they can key in: document_last3, birth_year, postal_code, pay_day."""

    address: str
    persona: Persona
    language: str = "en-US"
    name: str = ""
    knows: Mapping[str, str] = field(default_factory=dict)


def language_of(address: str) -> str:
    """Guess a language from a number's country code; English for everything else."""
    longest_first = sorted(COUNTRY_LANGUAGES, key=len, reverse=True)
    return next((COUNTRY_LANGUAGES[code] for code in longest_first if address.startswith(code)), "en-US")


class People:
    """Persons by address. An unknown address gets `default`, or a persona by a stable hash of the address."""

    def __init__(self, people: Iterable[Person] = (), *, default: str | None = None) -> None:
        self._people = {person.address: person for person in people}
        self._default = default
        if default is not None and default not in personas():
            raise PersonaRefused(f"default persona {default!r} is unknown; use one of {', '.join(personas())}")

    def add(self, person: Person) -> None:
        """Put somebody behind an address, replacing whoever was there."""
        self._people[person.address] = person

    def at(self, address: str) -> Person:
        """Return who answers at this address."""
        key = address.split(";")[0].split("?")[0]
        if key not in self._people:
            self._people[key] = self._stranger(key)
        return self._people[key]

    def _stranger(self, address: str) -> Person:
        if self._default is not None:
            name = self._default
        elif address.startswith(("client:", "sip:", "sips:")):
            name = "agent"
        else:
            name = DEFAULT_MIX[hashlib.sha256(address.encode()).digest()[0] % len(DEFAULT_MIX)]
        return Person(address, personas()[name], language_of(address))


def read_person(given: Mapping[str, Any]) -> Person:
    """Build a person from {"address", "persona", "language", "name", "knows", "overrides"}."""
    address = str(given.get("address") or "")
    if not address:
        raise PersonaRefused(f"a person without an address: {sorted(given)}; give address: E.164, sip: or client:")
    unknown = sorted(set(given) - {"address", "persona", "language", "name", "knows", "overrides"})
    if unknown:
        raise PersonaRefused(f"person {address} says {', '.join(unknown)}; see docs/local-carrier.md")
    name = str(given.get("persona", "promiser"))
    if name not in personas():
        raise PersonaRefused(f"person {address}: persona {name!r} is unknown; use {', '.join(personas())}")
    persona = personas()[name]
    if given.get("overrides"):
        base = {f.name: getattr(persona, f.name) for f in fields(Persona)}
        persona = Persona(**{**base, **given["overrides"]})
    knows = {str(key): str(value) for key, value in (given.get("knows") or {}).items()}
    language = str(given.get("language") or language_of(address))
    return Person(address, persona, language, str(given.get("name") or ""), knows)


def load_people(path: Path) -> People:
    """Load a people file (YAML or JSON): {"default": persona or null, "people": [person, …]}."""
    text = path.read_text(encoding="utf-8")
    try:
        data = json.loads(text) if path.suffix == ".json" else yaml.safe_load(text)
    except (ValueError, yaml.YAMLError) as error:
        raise PersonaRefused(f"people file {path} is not readable as YAML or JSON: {error}") from None
    if not isinstance(data, dict) or not isinstance(data.get("people", []), list):
        raise PersonaRefused(f"people file {path} must hold a mapping with a list under 'people'")
    return People([read_person(person) for person in data.get("people", [])], default=data.get("default"))
