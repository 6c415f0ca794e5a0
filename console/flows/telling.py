"""What a node does and says, in plain words: for the boxes of the graph and for the panel beside it.

The English here is looked up in the catalogues like that of the templates.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from console.catalogues import Texts
from ivr_flows import nodes
from ivr_flows.drawing import edges
from ivr_flows.layout.ways import ANSWERED, ANY_WAIT
from ivr_flows.nodes import Flow, Node
from ivr_flows.templating import Line, Prompt

KINDS: Mapping[str, str] = {
    "Say": "speaks",
    "Menu": "asks for a key",
    "Choose": "offers debts to choose from",
    "Verify": "checks who it is",
    "Collect": "asks for figures",
    "Branch": "decides",
    "Message": "sends a text message",
    "Pay": "sends a code to pay with",
    "PayByCard": "takes a card",
    "Promise": "keeps a promise",
    "Hold": "lets collection rest",
    "Record": "records a message",
    "Transfer": "hands over to an agent",
    "Callback": "notes a call-back",
    "OptOut": "stops the calls",
    "Designate": "keeps a time free of calls",
    "WrongPerson": "notes that it is not this person",
    "Voicemail": "speaks to a machine",
    "Set": "notes something",
    "Hangup": "hangs up",
}
EXITS: Mapping[str, str] = {
    "silent": "no key",
    "invalid": "another key",
    "too many": "too many tries",
    "refused": "will not say",
    "unavailable": "not possible",
    "no mobile": "no mobile phone",
    "no code": "no code to send",
    "failed": "it failed",
    "stopped": "was stopped",
    "too late": "too far ahead",
    "talked": "talked to an agent",
    "nobody free": "nobody free",
    "closed": "no agent at work",
    "left": "left the queue",
    "callback": "wants a call-back",
    "none": "nothing to choose",
    "else": "otherwise",
    "machine": "a machine",
    "fax": "a fax",
    "later": "later on",
    "hung up": "hangs up the phone",
    "recalled opted out": "opted out elsewhere",
    "recalled nothing due": "nothing is due any more",
    "recalled stopped": "the campaign was stopped",
}
OUTSIDE: Mapping[str, str] = {ANSWERED: "The call is answered", ANY_WAIT: "Whenever the call waits"}
PURPOSES: Mapping[str, str] = {
    "lembrete": "A short, friendly call that settles one matter or hands it to a person.",
    "pre-vencimento": "A courtesy before the due date: nothing is late yet.",
    "recado": "A few words that anybody may hear. Nothing about a debt, no name.",
    "retorno": "Answers people who call back: who we are, a stop, or the usual choices after a check.",
    "segunda-tentativa": "The second attempt: a date has passed, or nobody has answered yet.",
    "torpedo": "A message by phone that names the person and asks for nothing.",
    "ultimo-aviso": "The last automated reminder: an invitation to find a way with a person.",
}
CLASSES: Mapping[str, str] = {
    "public": "Anybody may hear this.",
    "identity": "This names the person.",
    "debt": "This tells about the debt: only after the check.",
}


@dataclass(frozen=True, slots=True)
class Said:
    """Words of a node in one language: `when` is the condition of the line, "" for always."""

    when: str
    text: str


@dataclass(frozen=True, slots=True)
class Details:
    """A node for the panel: `said` by language, each with the heading of its prompt; `ways` are (label, target)."""

    name: str
    title: str
    kind: str
    line: int
    privacy: str
    said: tuple[tuple[str, tuple[tuple[str, tuple[Said, ...]], ...]], ...]
    ways: tuple[tuple[str, str, str], ...]
    seconds: int
    tries: int


def details(flow: Flow, node: Node, say: Texts) -> Details:
    """Everything about a node in the viewer's words."""
    said = tuple(
        (language, tuple((heading, lines_of(prompt, language)) for heading, prompt in prompts(node)))
        for language in flow.languages
    )
    ways = tuple((label_of(label, say), target, title_of(target, say)) for label, target in edges(flow, node))
    asks = isinstance(node, nodes.Asking)
    seconds = node.timeout_seconds if isinstance(node, nodes.Asking | nodes.PayByCard) else 0
    privacy = say(CLASSES[node.privacy])
    return Details(
        node.name, title_of(node.name, say), kind_of(node, say), node.line, privacy, said, ways,
        node.max_wait_seconds if isinstance(node, nodes.Transfer) else seconds,
        node.tries if asks and isinstance(node, nodes.Asking) else 0,
    )  # fmt: skip


def title_of(name: str, say: Texts) -> str:
    """A node's name as people read it."""
    return say(OUTSIDE[name]) if name in OUTSIDE else name.replace("_", " ")


def kind_of(node: Node, say: Texts) -> str:
    """What a node does."""
    return say(KINDS[type(node).__name__])


def label_of(label: str, say: Texts) -> str:
    """What takes a way: a key, a condition as written, or an exit in words."""
    return say(EXITS[label]) if label in EXITS else label


def prompts(node: Node) -> Iterator[tuple[str, Prompt]]:
    """Everything that a node can say or write, each with what it is for ("" for its own words)."""
    if node.prompt:
        yield "", node.prompt
    if isinstance(node, nodes.Choose):
        yield "", node.each
        yield node.more_key, node.more
    if isinstance(node, nodes.Menu | nodes.Choose | nodes.Collect | nodes.Transfer):
        yield from ((key.key, key.say) for key in node.keys if key.say)
    if isinstance(node, nodes.Verify | nodes.PayByCard):
        yield from ((name.replace("_", " "), prompt) for name, prompt in node.prompts.items())
    if isinstance(node, nodes.Transfer) and node.waiting:
        yield "⏳", node.waiting
    if isinstance(node, nodes.Message):
        yield "✉", node.text
    if isinstance(node, nodes.Pay):
        yield from ((f"✉ {name}", prompt) for name, prompt in node.texts.items())


def lines_of(prompt: Prompt, language: str) -> tuple[Said, ...]:
    """The lines of a prompt in a language, places for values in ‹angles›."""
    return tuple(Said(line.when.text if line.when else "", readable(line)) for line in prompt.get(language, ()))


def readable(line: Line) -> str:
    """A line of a prompt as a person reads it: ‹first name› where the name will be."""
    text = line.source
    for slot in line.slots:
        start, end = text.find("{"), text.find("}")
        text = f"{text[:start]}‹{slot.variable.replace('_', ' ')}›{text[end + 1 :]}"
    return text


def words_of(node: Node, language: str) -> str:
    """What a node says in one language, as one line; "" for a silent one."""
    return " ".join(said.text for _, prompt in prompts(node) for said in lines_of(prompt, language))
