"""The law as it stands now: the shipped packs and the operator's own files over them. It decides nothing.

A file that changes is taken over whole, or not at all: then its country is refused until it is mended, because the
law before it may be the one that is no longer lawful.
"""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

import structlog

from dialer.errors import NotConfigured
from dialer.rules.holidays_local import FILE, LocalHolidays, read_local_holidays
from dialer.rules.packs import Pack, Packs, load_packs, read_pack

log = structlog.get_logger("toque.law")

LOOK_EVERY = 1.0  # real seconds; a running campaign obeys a changed file by then
FAULT_LENGTH = 240

_Files = Mapping[str, bytes | OSError]


@dataclass(slots=True)
class Law:
    """The packs of one process. `folder` holds the operator's own files (None, or absent: there are none)."""

    folder: Path | None = None
    shipped: Callable[[], Packs] = load_packs
    seconds: Callable[[], float] = time.monotonic
    _looked: float | None = None
    _files: _Files | None = None
    _packs: Packs | None = None
    _countries: dict[str, frozenset[str]] = field(default_factory=dict)

    @classmethod
    def of(cls, packs: Packs) -> Law:
        """A law that never changes: these packs."""
        return cls(shipped=partial(_same, packs))

    def now(self) -> Packs:
        """The packs in force: the same object until a file has changed. Never raises for a file."""
        at = self.seconds()
        if self._packs is not None and self._looked is not None and at - self._looked < LOOK_EVERY:
            return self._packs
        self._looked = at
        files = _files_in(self.folder)
        if self._packs is None or _differ(files, self._files):
            self._packs, self._files = self._over(files), files
        return self._packs

    def _over(self, files: _Files) -> Packs:
        """The shipped packs with these files over them."""
        shipped = self.shipped()
        own: dict[str, Pack] = {}
        broken, local = dict(shipped.broken), shipped.local
        for name, content in files.items():
            try:
                text = _text(name, content)
                if name == FILE:
                    local = local + read_local_holidays(text, name)
                    continue
                pack = read_pack(text, name)
                if pack.country in own:
                    raise NotConfigured(f"rule pack {name}: another file is of {pack.country} too; keep one of them")
                own[pack.country] = pack
                self._countries[name] = frozenset({pack.country})
            except NotConfigured as fault:
                broken |= self._refused(name, content, fault)
        return Packs({**shipped.by_country, **own}, local, broken)

    def _refused(self, name: str, content: bytes | OSError, fault: NotConfigured) -> dict[str, str]:
        """Which countries this file could have been about, each with the fault in words."""
        known = {*self.shipped().by_country, *(one for of in self._countries.values() for one in of)}
        countries = _meant_by(name, content, self.shipped().local) or self._countries.get(name) or known
        words = " ".join(str(fault).split())[:FAULT_LENGTH]
        todo = f"correct or remove {name} in the folder of your own rules, then: toque law list"
        log.error("law_broken", file=name, refused=sorted(countries), fault=words, todo=todo)
        return dict.fromkeys(countries, f"{words} Nobody there is called until it is mended.")


def own_folder(home: Path, chosen: Path | None) -> Path:
    """Where the operator's own files lie: TOQUE_LAW_DIR, or `law` under TOQUE_HOME."""
    return chosen or home / "law"


def _same(packs: Packs) -> Packs:
    return packs


def _files_in(folder: Path | None) -> _Files:
    if folder is None:
        return {}
    found: dict[str, bytes | OSError] = {}
    try:
        paths = sorted(one for one in folder.iterdir() if one.suffix in (".yaml", ".yml"))
    except FileNotFoundError:
        return {}
    except OSError as fault:
        return {folder.name: fault}
    for path in paths:
        try:
            found[path.name] = path.read_bytes()
        except FileNotFoundError:  # removed this moment
            continue
        except OSError as fault:
            found[path.name] = fault
    return found


def _differ(new: _Files, old: _Files | None) -> bool:
    return old is None or {n: _stamp(c) for n, c in new.items()} != {n: _stamp(c) for n, c in old.items()}


def _stamp(content: bytes | OSError) -> bytes | str:
    return content if isinstance(content, bytes) else repr(content)


def _text(name: str, content: bytes | OSError) -> str:
    if isinstance(content, OSError):
        raise NotConfigured(f"{name} cannot be read ({content.strerror}): check who may read it.")
    try:
        return content.decode("utf-8")
    except UnicodeDecodeError as fault:
        raise NotConfigured(f"{name} is not UTF-8 text: save it as UTF-8.") from fault


def _meant_by(name: str, content: bytes | OSError, shipped: LocalHolidays) -> Iterable[str]:
    """The country that a broken file names; else the one that its own name says; none when neither tells."""
    if name == FILE:
        return {country for country, _, _ in shipped.days}
    text = content.decode("utf-8", "replace") if isinstance(content, bytes) else ""
    if named := set(re.findall(r"^country:\s*[\"']?([A-Z]{2})\b", text, re.MULTILINE)):
        return named
    stem = Path(name).stem.upper()
    return {stem} if stem in load_packs().by_country else set()
