"""How a call begins. F2: who calls, at once. F9: that it is recorded, and no secret that a recording could hold."""

from __future__ import annotations

from collections.abc import Iterator

from ivr_flows import nodes
from ivr_flows.proving import phrasing
from ivr_flows.proving.case import Case
from ivr_flows.proving.exploring import Step
from ivr_flows.proving.telling import Violation
from ivr_flows.templating import Line, Slot
from ivr_flows.turn import Keys, Language

_NAME = "caller_name"


def who_calls_first(case: Case) -> Iterator[Violation]:
    """F2: the first words name the caller within the limit; where the place asks for it, the way to stop is next."""
    for step in _answered(case):
        for language in case.flow.languages:
            lines = _said(case, step, language)
            if not lines or _name_at(lines[0]) is None or lines[0].when is not None:
                what = f"does not begin with who calls ({language})."
                yield case.violation("F2", step, what, f"Let the first line say {{{_NAME}}}.", node=case.flow.start)
                continue
            before = case.seconds(language, " ".join(_words_before(lines[0])))
            if before > case.asked.identify_seconds:
                limit = case.asked.identify_seconds
                what = f"takes {before:.1f} s to say who calls ({language}); {limit:g} s are allowed."
                yield case.violation("F2", step, what, "Put the name earlier.", node=case.flow.start)
            yield from _stop_is_next(case, step, language, lines)


def recorded_with_notice(case: Case) -> Iterator[Violation]:
    """F9: the notice before the first question, and checks only where the keys are kept out of the recording."""
    if case.asked.recording_notice:
        for step in _answered(case):
            for language in case.flow.languages:
                if not any(_is_notice(line) for line in _said(case, step, language)):
                    what = f"asks something without a word that the call is recorded ({language})."
                    remedy = "Add {when: recorded, say: …} to the first words."
                    yield case.violation("F9", step, what, remedy, node=case.flow.start)
    for step in case.steps:
        node = case.flow.nodes.get(step.path[-1]) if step.path else None
        if isinstance(node, nodes.Verify) and isinstance(step.wait, Keys) and not step.wait.secret:
            yield case.violation("F9", step, "asks for a secret that would be recorded.", "Wait for secret keys.")
        if isinstance(node, nodes.Collect) and case.flow.variables[node.into].privacy == "identity":
            what = f"has {node.into} keyed in, which is of class identity, while the call is recorded."
            yield case.violation("F9", step, what, "Use a verify node: the recording pauses there.")
        elif isinstance(node, nodes.Collect) and case.flow.variables[node.into].type == "secret":
            what = f"has {node.into} keyed in, which is secret, while the call is recorded."
            yield case.violation("F9", step, what, "Use a verify node: the recording pauses there.")


def _answered(case: Case) -> Iterator[Step]:
    seen = (step for step in case.steps if step.before < 0 and step.happening.words == "answered")
    first = next(seen, None)
    return iter((first,) if first else ())


def _said(case: Case, step: Step, language: Language) -> list[Line]:
    """The lines of the first turn in one language, those left out that cannot be said at this place."""
    country = {"country": case.asked.country}
    lines = [line for said in step.said for line in said.lines.get(language, ())]
    return [one for one in lines if one.when is None or one.when.names != {"country"} or one.when.holds(country)]


def _name_at(line: Line) -> int | None:
    return next((n for n, each in enumerate(line.pieces) if isinstance(each, Slot) and each.variable == _NAME), None)


def _words_before(line: Line) -> list[str]:
    return [piece.text for piece in line.pieces[: _name_at(line)] if not isinstance(piece, Slot)]


def _stop_is_next(case: Case, step: Step, language: Language, lines: list[Line]) -> Iterator[Violation]:
    limit = case.asked.opt_out_seconds
    if limit is None or case.flow.inbound:
        return
    passed = case.seconds(language, " ".join(_words_after(lines[0])))
    for line in lines[1:]:
        if phrasing.found_in(line.source, "offers_stop", language):
            break
        passed += case.seconds(language, phrasing.fixed([line]))
    else:
        passed = float("inf")
    if passed > limit:
        what = f"does not tell the way to stop the calls within {limit:g} s after the name ({language})."
        remedy = "Let the next line say it (47 CFR 64.1200(b)(3))."
        yield case.violation("F2", step, what, remedy, node=case.flow.start)


def _words_after(line: Line) -> list[str]:
    at = _name_at(line)
    return [piece.text for piece in line.pieces[(at or 0) + 1 :] if not isinstance(piece, Slot)]


def _is_notice(line: Line) -> bool:
    only = line.when is not None and line.when.names == {"recorded"}
    return only and line.when is not None and line.when.holds({"recorded": True})
