"""Two versions of an own flow beside each other: what people will hear differently, in sentences; then the text."""

from __future__ import annotations

from dataclasses import dataclass

from fastapi import APIRouter, Depends, Request
from fastapi.responses import Response

from console.catalogues import Texts
from console.flows.choosing import OWNS, Chosen, chooser, own_flow
from console.flows.showing import language_of
from console.flows.telling import KINDS, PURPOSES, label_of
from console.frame import page
from console.guard import LOOKS, Guard, Visitor
from dialer.flows.naming import OWN
from dialer.operation import Operation
from ivr_flows.comparing.change import SENTENCES, Change
from ivr_flows.comparing.changes import changes
from ivr_flows.comparing.lines import side_by_side, word_by_word

SETTINGS = {  # of nodes -> what the screen calls it; the others are called as in the text
    "tries": "number of tries",
    "timeout_seconds": "seconds to answer",
    "max_wait_seconds": "longest wait in seconds",
    "privacy": "what it gives away",
    "skill": "agents' skill",
    "disposition": "the outcome of the call",
}
_KIND_WORDS = {name.lower(): words for name, words in KINDS.items()}


@dataclass(frozen=True, slots=True)
class Said:
    """One difference in the viewer's words; of changed words `marked` is each piece with what became of it."""

    sentence: str
    marked: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Group:
    """Differences under one heading."""

    heading: str
    said: tuple[Said, ...]


def comparing_routes(op: Operation, guard: Guard) -> APIRouter:
    """/flows/own/{name}/diff?a=1&b=2."""
    router = APIRouter(prefix=OWNS, include_in_schema=False)
    looks, chosen = Depends(guard.lets(*LOOKS)), chooser(op, guard, OWNS, newest=True)

    @router.get("/{name}/diff")
    async def diff(
        request: Request, a: int = 0, b: int = 0, visitor: Visitor = looks, what: Chosen = chosen
    ) -> Response:
        """From version a to version b; without them from the one in force to the newest."""
        name = what.flow.name.removeprefix(OWN)
        usual = what.live if what.live not in (None, what.newest) else max(what.newest - 1, 1)
        before = await own_flow(op, visitor, name, a or usual)
        after = await own_flow(op, visitor, name, b or what.newest)
        return page(
            request, "flows/diff.html", visitor, flow=what.flow, purpose=PURPOSES.get(what.flow.name, ""),
            language=language_of(what.flow, "", visitor), before=before.version, after=after.version,
            groups=groups_of(changes(before.flow, after.flow), visitor.say),
            rows=side_by_side(before.flow.texts[""], after.flow.texts[""]), **what.values,
        )  # fmt: skip

    return router


def groups_of(found: list[Change], say: Texts) -> list[Group]:
    """The differences by what they are: words of each language, ways, nodes, everything else."""
    languages = dict.fromkeys(one.language for one in found if one.language)
    parts = [
        (say("What is said in {language}", language=language), [one for one in found if one.language == language])
        for language in languages
    ]
    kinds = {
        one: "nodes" if one.startswith("node_") else "ways" if one.startswith("way_") else "" for one in SENTENCES
    }
    for part, heading in (("ways", say("Where it leads")), ("nodes", say("Parts")), ("", say("Everything else"))):
        parts.append((heading, [one for one in found if not one.language and kinds[one.kind] == part]))
    return [Group(heading, tuple(_said(one, say) for one in some)) for heading, some in parts if some]


def _part(change: Change) -> str:
    kind = change.kind.partition("_")[0]
    return kind if kind in ("way", "node") else ""


def _said(change: Change, say: Texts) -> Said:
    places = {**change.places}
    if change.node == "every question":
        places["node"] = say("Every question")
    if change.kind.startswith("way_"):
        places["what"] = say("and then") if change.what == "the way on" else label_of(change.what, say)
    if change.kind == "node_kind":
        places |= {one: say(_KIND_WORDS[getattr(change, one)]) for one in ("before", "after")}
    if change.kind == "setting":
        places["what"] = say(SETTINGS[change.what]) if change.what in SETTINGS else places["what"]
    for one in ("before", "after"):
        if places[one] in ("nothing", "the same question"):
            places[one] = say(places[one])
    if change.kind == "words":
        return Said(places["node"], word_by_word(change.before, change.after))
    return Said(say(SENTENCES[change.kind], **places))
