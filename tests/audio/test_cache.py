import subprocess
import sys
from pathlib import Path

import pytest

from audio.cache import AudioCache
from tests.audio.voices import Said

PARTS = [Said("Olá, "), Said("Ana", "name")]


def test_a_hash_is_the_same_in_another_process(tmp_path: Path) -> None:
    here = AudioCache(tmp_path, secret=b"k").hash_of("pack/1", "pt-BR", PARTS)
    code = (
        "from pathlib import Path; from audio.cache import AudioCache; from tests.audio.voices import Said;"
        "print(AudioCache(Path('.'), secret=b'k').hash_of('pack/1', 'pt-BR', [Said('Olá, '), Said('Ana', 'name')]))"
    )
    there = subprocess.run([sys.executable, "-W", "ignore", "-c", code], capture_output=True, text=True, check=True)
    assert there.stdout.strip() == here
    assert len(here) == 32
    assert set(here) <= set("0123456789abcdef")


def test_every_input_counts(tmp_path: Path) -> None:
    plain, keyed = AudioCache(tmp_path), AudioCache(tmp_path, secret=b"k")
    hashes = {
        plain.hash_of("a", "pt-BR", PARTS),
        keyed.hash_of("a", "pt-BR", PARTS),
        plain.hash_of("b", "pt-BR", PARTS),
        plain.hash_of("a", "en-US", PARTS),
        plain.hash_of("a", "pt-BR", PARTS[:1]),
        plain.hash_of("a", "pt-BR", [Said("Olá, "), Said("Ana", "digits")]),
        plain.hash_of("a", "pt-BR", [Said("Olá"), Said(", Ana", "name")]),
    }
    assert len(hashes) == 7


@pytest.mark.parametrize("name", ["", "..", "../../etc/passwd", "A" * 32, "a" * 31, "a" * 31 + "/"])
def test_only_a_hash_leads_to_a_file(tmp_path: Path, name: str) -> None:
    with pytest.raises(ValueError, match="32 lower-case hex"):
        AudioCache(tmp_path).path(name)


def test_a_file_appears_whole_or_not_at_all(tmp_path: Path) -> None:
    cache, digest = AudioCache(tmp_path), "0" * 32
    assert cache.open(digest) is None
    cache.keep(digest, b"one")
    cache.keep(digest, b"two")
    assert cache.open(digest) == b"two"
    assert [path.name for path in cache.path(digest).parent.iterdir()] == [f"{digest}.wav"]


def test_a_failed_write_leaves_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object) -> None:
        raise OSError("disk full")

    monkeypatch.setattr("audio.cache.os.replace", full)
    cache = AudioCache(tmp_path)
    with pytest.raises(OSError, match="disk full"):
        cache.keep("0" * 32, b"one")
    assert not list(cache.path("0" * 32).parent.iterdir())
