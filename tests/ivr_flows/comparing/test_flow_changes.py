"""Each kind of change between two flows has its sentence, and nothing else is told."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ivr_flows.comparing.change import SENTENCES
from ivr_flows.comparing.changes import changes
from ivr_flows.comparing.lines import side_by_side, word_by_word
from ivr_flows.loading import library, load, parse

TEXT = load("recado").texts[""]
NODE = """
  extra:
    kind: say
    prompt: {pt-BR: "Mais isto.", en-US: "This too.", fr-FR: "Ceci aussi."}
    next: choice
"""


def told(before: str, after: str) -> list[str]:
    return [str(one) for one in changes(parse(before, "a.yaml"), parse(after, "a.yaml"))]


@pytest.mark.parametrize(
    ("old", "new", "sentences"),
    [
        ("title: Recado", "title: Natal", ["The title was “Recado” and is “Natal”."]),
        ("start: greeting", "start: choice", ["Calls begin at choice, no longer at greeting."]),
        (
            "from_day: 1}", "from_day: 5, to_day: 9}",
            ["For the whole flow: ladder was step 2, day 1 and is step 2, day 5 to 9."],
        ),
        ("tries: 2", "tries: 4", ["choice: tries was 2 and is 4."]),
        ("    tries: 2", "    tries: 2\n    repeat_key: \"7\"", ["choice: repeat key was nothing and is 7."]),
        ('to: wrong_who', 'to: agent', ["choice: 3 leads to agent, no longer to wrong who."]),
        ("silent: message_heard, ", "", ["choice: silent does not lead to message heard any more."]),
        (
            "silent: message_heard", "silent: again",
            ["choice: silent leads to the same question, no longer to message heard."],
        ),
        ("    next: choice\n", "    next: agent\n", ["greeting: the way on leads to agent, no longer to choice."]),
        (
            "Para ouvir de novo, tecle asterisco.", "De novo? Asterisco.",
            ["choice says in pt-BR, instead of “Para ouvir de novo, tecle asterisco.”: “De novo? Asterisco.”"],
        ),
        ("    tries: 2", "    tries: 2\n    privacy: identity", ["choice: privacy was public and is identity."]),
        (
            "  recorded: {type: flag", "  minimum: {type: money, privacy: debt}\n  recorded: {type: flag",
            ["It wants to know minimum (money, debt)."],
        ),
        (
            "official_site: {type: text, privacy: public, optional: true}",
            "official_site: {type: text, privacy: public}",
            ["What it wants to know as official site was text, public, optional and is text, public."],
        ),
        (
            "\n  choice:", NODE + "\n  choice:",
            [
                "extra is new.", "extra says in pt-BR: “Mais isto.”", "extra says in en-US: “This too.”",
                "extra says in fr-FR: “Ceci aussi.”", "extra: the way on leads to choice.",
            ],
        ),
    ],
)  # fmt: skip
def test_every_kind_of_change_is_told_and_nothing_else(old: str, new: str, sentences: list[str]) -> None:
    assert old in TEXT
    assert told(TEXT, TEXT.replace(old, new, 1)) == sentences


def test_what_is_taken_away_is_told_as_what_is_added() -> None:
    more = TEXT.replace("\n  choice:", NODE + "\n  choice:", 1)
    assert told(more, TEXT) == ["extra is gone."]
    needing = TEXT.replace("  recorded: {", "  minimum: {type: money, privacy: debt}\n  recorded: {", 1)
    assert told(needing, TEXT) == ["It does not want to know minimum any more."]
    spoken = TEXT.replace("languages: [pt-BR, en-US, fr-FR]", "languages: [pt-BR, en-US]")
    assert told(TEXT, spoken) == ["It is not spoken in fr-FR any more."]
    assert told(spoken, TEXT) == ["It is spoken in fr-FR as well."]
    without = TEXT.replace('          fr-FR: "Pour réécouter, appuyez sur la touche étoile."\n', "", 1)
    assert told(TEXT, without) == [
        "choice does not say in fr-FR any more: “Pour réécouter, appuyez sur la touche étoile.”"
    ]


def test_another_kind_of_node_is_told() -> None:
    said = changes(
        parse(TEXT.replace("\n  choice:", NODE + "\n  choice:", 1), "a.yaml"),
        parse(TEXT.replace("\n  choice:", NODE.replace("kind: say", "kind: voicemail") + "\n  choice:", 1), "a.yaml"),
    )
    assert [str(one) for one in said] == ["extra was of the kind say and is of the kind voicemail."]


def test_every_sentence_can_be_filled() -> None:
    lembrete = load("lembrete")
    found = [one for name in library() for one in (*changes(lembrete, load(name)), *changes(load(name), lembrete))]
    assert all(str(one) for one in found)
    assert {"node_added", "node_removed", "way_moved", "words"} < {one.kind for one in found}
    assert {one.kind for one in found} <= set(SENTENCES)


@pytest.mark.parametrize("name", library())
def test_a_flow_does_not_differ_from_itself(name: str) -> None:
    assert changes(load(name), load(name)) == []


def test_a_changed_fragment_is_told_though_the_text_is_the_same(tmp_path: Path) -> None:
    flow = load("recado")
    kept = {name: text for name, text in flow.texts.items() if name}
    other = kept | {"message-end": kept["message-end"].replace("Thank you for your time.", "Thanks.")}
    if other == kept:
        other = kept | {"common": kept["common"].replace("Goodbye", "Bye")}
    again = parse(TEXT, "a.yaml", fragments=other)
    assert changes(parse(TEXT, "a.yaml", fragments=kept), again)
    assert side_by_side(TEXT, again.texts[""]) == ()


words = st.lists(st.sampled_from(["a", "b", "c", "d"]), max_size=8).map(" ".join)


@given(words, words)
def test_a_marked_sentence_holds_both(before: str, after: str) -> None:
    marked = word_by_word(before, after)
    assert " ".join(text for kind, text in marked if kind != "new") == before
    assert " ".join(text for kind, text in marked if kind != "gone") == after


@given(st.lists(st.sampled_from("abc"), max_size=30), st.lists(st.sampled_from("abc"), max_size=30))
def test_rows_show_every_changed_line_once_with_its_number(before: list[str], after: list[str]) -> None:
    rows = side_by_side("\n".join(before), "\n".join(after))
    assert all(before[one.left - 1] == one.before for one in rows if one.left is not None)
    assert all(after[one.right - 1] == one.after for one in rows if one.right is not None)
    assert all(one.before == one.after for one in rows if one.kind == "same")
    lefts = [one.left for one in rows if one.left is not None]
    assert lefts == sorted(set(lefts))
    assert bool(rows) == (before != after)
