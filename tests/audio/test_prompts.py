import asyncio
import threading
from pathlib import Path

import numpy as np
import pytest

from audio import wave_file, waveform
from audio.pauses import CLAUSE_PAUSE, PART_PAUSE, SENTENCE_PAUSE
from audio.prompts import PromptStore, segments
from audio.sound import Sound
from audio.speech import SpeechError
from tests.audio.voices import Hummer, Said, files

GREETING = [
    Said("Olá! Aqui é"),
    Said("Central Aurora.", "name"),
    Said("No valor de"),
    Said("cem reais", "amount"),
    Said(", tecle o número um."),
]


def test_sentences_and_personal_words_are_cut_apart() -> None:
    assert [(s.text, s.kind, s.pause) for s in segments(GREETING)] == [
        ("Olá!", "phrase", SENTENCE_PAUSE),
        ("Aqui é", "phrase", PART_PAUSE),
        ("Central Aurora.", "name", SENTENCE_PAUSE),
        ("No valor de", "phrase", PART_PAUSE),
        ("cem reais", "amount", CLAUSE_PAUSE),
        (", tecle o número um.", "phrase", SENTENCE_PAUSE),
    ]


def test_figures_that_are_read_out_one_by_one_are_waited_for() -> None:
    first, second = segments([Said("no número"), Said("um um, dois", "digits")])
    assert (first.pause, second.pause) == (CLAUSE_PAUSE, PART_PAUSE)


async def test_what_was_rendered_is_found_and_what_was_not_is_not(tmp_path: Path) -> None:
    store = PromptStore(tmp_path, [Hummer()])
    assert store.find("pt-BR", GREETING) is None
    prompt = await store.render("pt-BR", GREETING)
    assert store.find("pt-BR", GREETING) == prompt
    assert store.find("en-US", GREETING) is None
    assert prompt.words == "Olá! Aqui é Central Aurora. No valor de cem reais, tecle o número um."


async def test_another_process_finds_it_on_disk(tmp_path: Path) -> None:
    prompt = await PromptStore(tmp_path, [Hummer()], secret=b"k").render("pt-BR", GREETING)
    assert PromptStore(tmp_path, [Hummer()], secret=b"k").find("pt-BR", GREETING) == prompt
    assert PromptStore(tmp_path, [Hummer()], secret=b"other").find("pt-BR", GREETING) is None


async def test_the_file_says_its_words_and_keeps_its_level(tmp_path: Path) -> None:
    store = PromptStore(tmp_path, [Hummer()])
    prompt = await store.render("pt-BR", GREETING)
    raw = store.open(prompt.hash)
    assert raw is not None
    parsed = wave_file.read(raw)
    assert parsed.info == wave_file.Info(prompt.words, "pt-BR", "hummer")
    assert (parsed.tag, parsed.rate) == (wave_file.MULAW, 8000)
    assert waveform.speech_level(parsed.sound().samples) == pytest.approx(-26, abs=1)
    assert store.path(prompt.hash) is not None
    assert store.path("0" * 32) is None
    assert store.open("0" * 32) is None


async def test_the_whole_is_its_segments_and_their_pauses(tmp_path: Path) -> None:
    store = PromptStore(tmp_path, [Hummer()])
    prompt = await store.render("pt-BR", GREETING)
    kept = [path for path in files(tmp_path) if path.stem != prompt.hash]
    assert len(kept) == len(files(tmp_path)) - 1 == 6
    pauses = sum(segment.pause for segment in segments(GREETING)[:-1])
    lengths = sum(wave_file.read(path.read_bytes()).seconds for path in kept)
    assert prompt.seconds == pytest.approx(lengths + pauses, abs=1e-6)


async def test_a_segment_is_spoken_once_over_all_prompts(tmp_path: Path) -> None:
    voice = Hummer()
    store = PromptStore(tmp_path, [voice])
    await store.render_many([("pt-BR", [Said("Olá!"), Said(name, "name")]) for name in ("Ana", "Bruno", "Ana")])
    assert sorted(voice.asked) == ["Ana", "Bruno", "Olá!"]


async def test_the_same_prompt_asked_for_at_once_is_made_once(tmp_path: Path) -> None:
    voice = Hummer()
    store = PromptStore(tmp_path, [voice])
    prompts = await asyncio.gather(*(store.render("pt-BR", [Said("Olá!")]) for _ in range(20)))
    assert len(set(prompts)) == 1
    assert voice.asked == ["Olá!"]


async def test_two_stores_at_once_leave_one_whole_file(tmp_path: Path) -> None:
    stores = [PromptStore(tmp_path, [Hummer()]) for _ in range(4)]
    prompts = await asyncio.gather(*(store.render("pt-BR", GREETING) for store in stores))
    assert len(set(prompts)) == 1
    assert len(files(tmp_path)) == 7
    assert wave_file.words_in(stores[0].open(prompts[0].hash) or b"") == prompts[0].words


async def test_one_who_stops_waiting_does_not_stop_the_others(tmp_path: Path) -> None:
    gate = threading.Event()

    class Slow(Hummer):
        def speak(self, text: str, language: str) -> Sound | None:
            gate.wait(5)
            return super().speak(text, language)

    store = PromptStore(tmp_path, [Slow()])
    leaves = asyncio.create_task(store.render("pt-BR", [Said("Olá!")]))
    stays = asyncio.create_task(store.render("pt-BR", [Said("Olá!")]))
    await asyncio.sleep(0)
    leaves.cancel()
    gate.set()
    assert (await stays).words == "Olá!"


async def test_progress_counts_each_distinct_prompt_and_failures_do_not_stop_the_rest(tmp_path: Path) -> None:
    store = PromptStore(tmp_path, [Hummer(dumb=("???x",))])
    seen: list[tuple[int, int]] = []
    items = [("pt-BR", [Said(text, "name")]) for text in ("Ana", "???x", "Bruno", "Ana")]
    result = await store.render_many(items, lambda done, total: seen.append((done, total)))
    assert (result.prompts, result.failed) == (2, 1)
    assert "person's own words" in result.reason
    assert seen == [(1, 3), (2, 3), (3, 3)]


async def test_an_utterance_without_a_word_is_refused(tmp_path: Path) -> None:
    with pytest.raises(SpeechError, match="without a word"):
        await PromptStore(tmp_path, [Hummer()]).render("pt-BR", [Said(" . ")])


async def test_a_new_voice_makes_new_files(tmp_path: Path) -> None:
    old = await PromptStore(tmp_path, [Hummer()]).render("pt-BR", GREETING)
    new = await PromptStore(tmp_path, [Hummer(revision="2")]).render("pt-BR", GREETING)
    assert old.hash != new.hash


async def test_a_torn_file_is_as_good_as_none(tmp_path: Path) -> None:
    store = PromptStore(tmp_path, [Hummer()])
    prompt = await store.render("pt-BR", GREETING)
    path = store.path(prompt.hash)
    assert path is not None
    path.write_bytes(path.read_bytes()[:20])
    assert PromptStore(tmp_path, [Hummer()]).find("pt-BR", GREETING) is None


async def test_a_deleted_file_is_not_found_any_more_and_is_made_again(tmp_path: Path) -> None:
    store = PromptStore(tmp_path, [Hummer()])
    prompt = await store.render("pt-BR", GREETING)
    for path in files(tmp_path):
        path.unlink()
    assert store.find("pt-BR", GREETING) is None
    assert await store.render("pt-BR", GREETING) == prompt


async def test_music_is_one_file_that_calls_itself_music(tmp_path: Path) -> None:
    store = PromptStore(tmp_path, [])
    first, second = await store.music(), await store.music()
    assert first == second
    parsed = wave_file.read(store.open(first.hash) or b"")
    assert parsed.info.words == "(music)"
    assert parsed.seconds == first.seconds == 20
    assert float(np.abs(parsed.sound().samples).max()) < 0.5
