"""Names of own flows: "own/" and a slug, so that none is ever mistaken for a flow of the library, or for a file."""

from __future__ import annotations

import re

from dialer.errors import BadInput

OWN = "own/"
LONGEST = 60
_SLUG = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")


def is_own(name: str) -> bool:
    """Whether this is the name of a company's own flow."""
    return name.startswith(OWN)


def own_name(typed: str) -> str:
    """The full name for what somebody typed, with or without "own/"; BadInput when it cannot be one."""
    slug = typed.strip().removeprefix(OWN)
    if not _SLUG.fullmatch(slug) or len(slug) > LONGEST:
        raise BadInput(
            f"A flow's name has small letters, digits and single hyphens, at most {LONGEST} characters:"
            " call it for example lembrete-natal."
        )
    return OWN + slug
