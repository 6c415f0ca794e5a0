"""A flow file is read whole or refused with its file and line."""

from __future__ import annotations

from pathlib import Path

import pytest

from ivr_flows.errors import FlowInvalid
from ivr_flows.loading import library, load, parse
from ivr_flows.nodes import Ladder

GOOD = """title: Short
languages: [en-US]
start: hello
exits: {hung_up: bye}
variables:
  who: {type: text, privacy: identity}
nodes:
  hello:
    kind: say
    prompt: {en-US: "Hello, {who|name}."}
    next: bye
  bye: {kind: hangup}
"""


def refused(text: str, line: int, match: str) -> None:
    with pytest.raises(FlowInvalid, match=match) as refusal:
        parse(text, "short.yaml")
    assert refusal.value.line == line
    assert str(refusal.value).startswith(f"short.yaml:{line}: ")


def test_a_good_flow_is_read() -> None:
    flow = parse(GOOD, "somewhere/short.yaml")
    assert (flow.name, flow.title, flow.languages, flow.start) == ("short", "Short", ("en-US",), "hello")
    assert list(flow.nodes) == ["hello", "bye"]
    assert flow.variables["who"].privacy == "identity"


@pytest.mark.parametrize(
    ("old", "new", "line", "match"),
    [
        ("    kind: say", "    kind: sing", 9, "'sing' is not known here; use one of say"),
        ("    next: bye", "    nxt: bye", 11, "'nxt' is not known here"),
        ("    next: bye", "    next: goodbye", 11, "leads to 'goodbye', which is no node"),
        ("    next: bye\n", "", 9, "'next' is missing"),
        ("    kind: say\n", "", 9, "has no kind"),
        ("start: hello", "start: hullo", 3, "starts at 'hullo'"),
        ("title: Short\n", "", 1, "'title' is missing"),
        ("{who|name}", "{who|name", 10, "A brace stands alone"),
        ("{who|name}", "{}", 10, "names no variable"),
        ("{hung_up: bye}", "{hung_up: gone}", 4, "leads to 'gone'"),
        ("type: text", "type: string", 6, "'string' is not known here"),
        ("  bye: {kind: hangup}", "  hello: {kind: hangup}", 12, "'hello' is given twice"),
        ("  bye: {kind: hangup}", "  bye: {kind: hangup, disposition: happy}", 12, "'happy' is not known"),
        ("languages: [en-US]", "languages: en-US", 2, "Expected a list"),
        ("variables:", "include: [nothing]\nvariables:", 5, "There is no fragment 'nothing'"),
        ("{kind: hangup}", "{kind: hangup", 13, "not YAML"),
        ("{kind: hangup}", '{kind: menu, keys: {"12": bye}}', 12, "no key of a telephone"),
        ("{kind: hangup}", '{kind: menu, keys: {"1": {to: bye, when: a b}}}', 12, "cannot be read"),
        ("{kind: hangup}", "{kind: menu, keys: {}, tries: many}", 12, "Expected a whole number"),
        ("{kind: hangup}", "{kind: set, level: checked, next: bye}", 12, "'checked' is not known here"),
    ],
)
def test_a_fault_is_refused_at_its_line(old: str, new: str, line: int, match: str) -> None:
    assert old in GOOD
    refused(GOOD.replace(old, new), line, match)


def test_an_empty_file_is_refused() -> None:
    refused("", 1, "empty")


def test_an_unknown_name_is_refused_with_the_known_ones() -> None:
    with pytest.raises(FlowInvalid, match=r"give a path or one of lembrete, pre-vencimento"):
        load("nothing")


def test_a_path_is_loaded_with_fragments_beside_it(tmp_path: Path) -> None:
    (tmp_path / "fragments").mkdir()
    (tmp_path / "fragments" / "end.yaml").write_text("nodes:\n  bye: {kind: hangup}\n")
    file = tmp_path / "mine.yaml"
    file.write_text(GOOD.replace("  bye: {kind: hangup}\n", "").replace("variables:", "include: [end]\nvariables:"))
    flow = load(file)
    assert set(flow.nodes) == {"hello", "bye"}
    before = flow.revision
    (tmp_path / "fragments" / "end.yaml").write_text("nodes:\n  bye: {kind: hangup, disposition: recalled}\n")
    assert load(file).revision != before


def test_the_library_loads_and_shares_one_first_way_out() -> None:
    flows = [load(name) for name in library()]
    assert [flow.name for flow in flows] == [
        "lembrete",
        "pre-vencimento",
        "recado",
        "retorno",
        "segunda-tentativa",
        "torpedo",
        "ultimo-aviso",
    ]
    assert all(flow.nodes["opt_out"] == flows[0].nodes["opt_out"] for flow in flows)


def test_the_steps_of_the_library_climb_the_ladder() -> None:
    steps = {name: load(name).ladder for name in library()}
    assert steps == {
        "pre-vencimento": Ladder(1, -10, 0),
        "lembrete": Ladder(2, 1),
        "torpedo": Ladder(2, 1),
        "recado": Ladder(2, 1),
        "segunda-tentativa": Ladder(3, 1),
        "ultimo-aviso": Ladder(4, 60),
        "retorno": None,
    }
    assert [name for name in library() if load(name).inbound] == ["retorno"]


@pytest.mark.parametrize("name", ["lembrete", "pre-vencimento", "segunda-tentativa", "ultimo-aviso", "retorno"])
def test_the_second_menu_is_the_same_in_every_flow(name: str) -> None:
    ours, first = load(name).nodes, load("lembrete").nodes
    for node in ("second_menu", "which", "detail_menu", "pay_how", "promise_when", "dispute_why"):
        assert ours[node] == first[node]


def test_a_page_of_debts_leaves_the_other_keys_alone() -> None:
    words = '{en-US: "a"}'
    nodes = f"  which: {{kind: choose, page: 8, each: {words}, more: {words}, keys: {{}}, next: bye}}\n  bye:"
    refused(GOOD.replace("  bye:", nodes), 12, "A page holds 1 to 7 debts")
