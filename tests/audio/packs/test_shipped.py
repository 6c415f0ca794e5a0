"""What is heard of the shipped packs: every piece of every language, and prompts joined from them."""

import hashlib
import json
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
import soundfile

from audio import wave_file, waveform
from audio.packs import lexicon
from audio.packs.index import SHIPPED, Pack, covering
from audio.packs.pack import PackEngine
from audio.prompts import PromptStore
from audio.waveform import RATE
from ivr_flows import wording
from ivr_flows.turn import Money
from tests.audio.voices import Hummer, Said, files

SHIPPED_LANGUAGES = [path.stem for path in sorted(SHIPPED.glob("*.json"))]
LANGUAGES = pytest.mark.parametrize("language", SHIPPED_LANGUAGES)

# The chain's filter halves the power at 300 and 3400 Hz and leaves 1/257 of it an octave below. A low voice's
# fundamental lies between the two, so what may not be there is looked for below 150 Hz and above 3400 Hz.
RUMBLE_HZ, HISS_HZ, OUTSIDE = 150, 3400, 0.01
MONEY = {"pt-BR": "BRL", "en-US": "USD", "fr-FR": "EUR"}
NAMES = {"pt-BR": "Ana Souza", "en-US": "Emma Clark", "fr-FR": "Élise Moreau"}


def outside_the_band(samples: np.ndarray) -> float:
    """The share of the energy that a telephone should not carry."""
    power = np.abs(np.fft.rfft(samples, 1 << (len(samples) - 1).bit_length())) ** 2
    hertz = np.linspace(0, RATE / 2, len(power))
    return float(power[(hertz < RUMBLE_HZ) | (hertz > HISS_HZ)].sum() / power.sum())


def faults(samples: np.ndarray) -> Iterator[str]:
    """What is wrong with a piece of speech."""
    level, peak, outside = waveform.speech_level(samples), np.abs(samples).max(), outside_the_band(samples)
    if abs(level - waveform.LEVEL_DBOV) > 1:
        yield f"{level:.1f} dBov"
    if peak > waveform.PEAK:
        yield f"a peak of {peak:.2f}"
    if outside > OUTSIDE:
        yield f"{outside:.1%} outside the band"
    if not 0.1 < len(samples) / RATE < 20:
        yield f"{len(samples) / RATE:.2f} seconds"


def usual_step(samples: np.ndarray) -> float:
    """How far speech itself moves from one sample to the next, half of the time that it is heard."""
    return float(np.median(np.abs(np.diff(samples))[np.abs(samples[1:]) > 0.01]))


@LANGUAGES
def test_every_piece_is_at_its_level_in_the_band_unclipped_and_joins_without_a_click(language: str) -> None:
    pack = Pack.load(SHIPPED / f"{language}.json")
    whole, _ = soundfile.read(pack.audio, dtype="float32")
    wrong, ends = {}, 0.0
    for key, (start, count) in pack.lines.items():
        samples = whole[start : start + count]
        if found := list(faults(samples)):
            wrong[key] = found
        ends = max(ends, abs(samples[0]), abs(samples[-1]))
    assert not wrong
    assert 2 * ends < usual_step(whole[: RATE * 60]) / 2, "two pieces can click where they are joined"


def spoken(language: str) -> list[str]:
    """Amounts, dates, numbers of telephones and names, as calls say them."""
    money = MONEY[language]
    return [
        NAMES[language],
        wording.amount(Money(123_456, money), language),
        wording.amount(Money(9_987_601, money), language),
        wording.digit_by_digit("0168-4927-35", language),
        wording.cardinal(37, language),
    ]


@LANGUAGES
def test_a_joined_prompt_moves_no_further_at_its_joints_than_speech_does(language: str) -> None:
    pack, engine = Pack.load(SHIPPED / f"{language}.json"), PackEngine()
    for text in spoken(language):
        heard, covered = engine.speak(text, language), covering(pack, text)
        assert heard is not None
        assert covered is not None
        ends = np.cumsum([pack.lines[key][1] + round(pause * RATE) for key, pause in covered])[:-1]
        joints = np.abs(np.diff(heard.samples))[ends - 1]
        assert joints.max(initial=0) < usual_step(heard.samples) / 2, text


@LANGUAGES
async def test_a_whole_prompt_is_at_its_level_in_the_band_and_unclipped(language: str, tmp_path: Path) -> None:
    store = PromptStore(tmp_path, [PackEngine()])
    for said in (*([Said(text, "name")] for text in spoken(language)), [Said(text) for text in spoken(language)]):
        prompt = await store.render(language, said)
        heard = wave_file.read(store.open(prompt.hash) or b"").sound().samples
        assert not list(faults(heard)), prompt.words


@LANGUAGES
def test_a_pack_holds_every_line_of_its_data_file_and_the_commonest_names(language: str) -> None:
    index = json.loads((SHIPPED / f"{language}.json").read_text(encoding="utf-8"))
    missing = set(lexicon.lines(language, common_names=index["first_names"])) - set(index["lines"])
    assert not missing, f"render the pack again: python -m audio.packs.render {language}"


@LANGUAGES
def test_a_pack_is_small_whole_and_says_where_it_comes_from(language: str) -> None:
    index = json.loads((SHIPPED / f"{language}.json").read_text(encoding="utf-8"))
    audio = SHIPPED / f"{language}.opus"
    assert audio.stat().st_size <= 4_000_000
    assert hashlib.sha256(audio.read_bytes()).hexdigest() == index["sha256"]
    assert index["licence"].startswith("Apache-2.0")
    last = max(line["start"] + line["samples"] for line in index["lines"].values())
    assert soundfile.info(audio).frames >= last


@LANGUAGES
def test_three_hundred_names_are_listed_once_each(language: str) -> None:
    names = lexicon.first_names(language)
    assert len(names) == len(set(names)) == 300
    assert all(name == name.strip() and name[0].isupper() for name in names)


async def test_a_common_name_comes_from_the_pack_and_a_rare_one_from_the_next_voice_at_one_level(
    tmp_path: Path,
) -> None:
    other = Hummer("next")
    store = PromptStore(tmp_path, [PackEngine(), other])
    said = [Said("Esta é uma ligação automática para"), Said("JOAO", "name"), Said("Zulmirete", "name")]
    prompt = await store.render("pt-BR", said)
    assert other.asked == ["Zulmirete"]
    kept = [wave_file.read(path.read_bytes()) for path in files(tmp_path)]
    voices = {file.info.words: file.info.voice for file in kept}
    assert voices == {
        prompt.words: "pack+next",
        said[0].text: "pack",
        "JOAO": "pack",
        "Zulmirete": "next",
    }
    for file in kept:
        assert waveform.speech_level(file.sound().samples) == pytest.approx(waveform.LEVEL_DBOV, abs=1)
