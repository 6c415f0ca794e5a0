from pathlib import Path

import pytest

from audio.packs import lexicon
from ivr_flows import loading
from ivr_flows.phrases import phrases
from toque.voices import gather

HAND = "language: {}\nnumbers: []\nwords: []\ndates: []\nnames: []\nphrases:\n- Velha frase.\n"


def test_every_phrase_of_the_library_reaches_the_data_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lexicon, "FOLDER", tmp_path)
    for language in ("pt-BR", "xx-XX"):
        (tmp_path / f"{language}.yaml").write_text(HAND.format(language), encoding="utf-8")
    assert [path.stem for path in gather()] == ["pt-BR"]
    text = (tmp_path / "pt-BR.yaml").read_text(encoding="utf-8")
    for name in loading.library():
        assert all(phrase.split(":")[0] in text for phrase in phrases(loading.load(name), "pt-BR"))
    assert "Velha frase" not in text
    assert "Velha frase" in (tmp_path / "xx-XX.yaml").read_text(encoding="utf-8")
