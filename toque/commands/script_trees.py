"""A script drawn as a tree for the terminal. Draws what is there; judges nothing."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from rich.text import Text
from rich.tree import Tree

from ivr_flows.scripts.catalogue import DISPOSITIONS, FIELDS, REASONS, TASKS
from ivr_flows.scripts.script import Branch, End, Script, Step, Words
from ivr_flows.turn import Language

Way = tuple[str, str]  # the step and the key by which another step is reached


def picture(script: Script, language: Language) -> Tree:
    """Each step in full once, as near to the beginning as a call can come to it; elsewhere an arrow and its name."""
    drawing = _Drawing(script, language, _first_ways(script))
    tree = Tree(_text(f"{script.number} · {script.title.get(language, '')} ({script.name}, {language})", "bold"))
    for start in dict.fromkeys((script.start, script.start_known or script.start)):
        drawing.grow(tree, _text(), script.step(start))
    if script.anywhere:
        common = tree.add(_text("from anywhere", "bold"))
        for branch in script.anywhere:
            drawing.follow(common, "", branch)
    return tree


@dataclass(frozen=True, slots=True)
class _Drawing:
    script: Script
    language: Language
    first: Mapping[str, Way]

    def grow(self, tree: Tree, label: Text, step: Step) -> None:
        """A step in full, with its own branches."""
        grown = tree.add(label + _text(step.name, "bold") + self._words(step))
        for branch in step.branches:
            self.follow(grown, step.name, branch)

    def follow(self, tree: Tree, at: str, branch: Branch) -> None:
        """One branch: the step behind it if this is the first way to it, else an arrow; an end with what is kept."""
        mark = " (identity confirmed)" if branch.confirms else ""
        label = _text(f"{branch.key} {branch.label.get(self.language, '')}{mark}: ", "cyan")
        place = self.script.at(branch.to)
        if isinstance(place, End):
            tree.add(label + _text(f"■ {place.title.get(self.language, place.name)} ({self._kept(place)})", "green"))
        elif self.first.get(place.name) == (at, branch.key):
            self.grow(tree, label, place)
        else:
            tree.add(label + _text(f"→ {place.name}", "dim"))

    def _words(self, step: Step) -> Text:
        words = _text(f" [{step.discloses}]", "dim")
        for line in (step.say or {}).get(self.language, ()):
            words.append(f"\n« {line.source} »", style="default")
            if line.when:
                words.append(f"  if {line.when.text}", style="dim")
        if step.note:
            words.append(f"\n✎ {step.note.get(self.language, '')}", style="yellow")
        return words

    def _kept(self, end: End) -> str:
        fields = {name: field.label for name, field in FIELDS.items()}
        parts = [self._word(DISPOSITIONS, end.disposition)]
        parts += [self._word(REASONS, end.reason)] if end.reason else []
        parts += [f"+ {self._word(fields, name)}" for name in end.requires]
        parts += [f"→ {self._word(TASKS, end.task)}"] if end.task else []
        return "; ".join(parts)

    def _word(self, labels: Mapping[str, Words], word: str) -> str:
        """The label of a word, or the word as written: what is drawn need not have passed the check."""
        return labels.get(word, {}).get(self.language, word)


def _first_ways(script: Script) -> dict[str, Way]:
    """For each step that a branch leads to: the way by which it is reached with the fewest answers."""
    starts = list(dict.fromkeys(filter(None, (script.start, script.start_known))))
    first: dict[str, Way] = dict.fromkeys(starts, ("", ""))
    ahead = starts
    while ahead:
        ahead = [new for name in ahead for new in _new(script, first, name, script.step(name).branches)]
    behind = _new(script, first, "", script.anywhere)
    while behind:
        behind = [new for name in behind for new in _new(script, first, name, script.step(name).branches)]
    return first


def _new(script: Script, first: dict[str, Way], at: str, branches: Iterable[Branch]) -> list[str]:
    """The steps that these branches are the first to lead to, noted in `first`."""
    found = []
    for branch in branches:
        if branch.to in script.steps and branch.to not in first:
            first[branch.to] = (at, branch.key)
            found.append(branch.to)
    return found


def _text(words: str = "", style: str = "") -> Text:
    """Text that is wrapped inside the tree, not cut off at its edge."""
    return Text(no_wrap=False, overflow="fold").append(words, style=style or None)
