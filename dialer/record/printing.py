"""Prints a dossier as a PDF that people can read: what happened, in the order in which it happened, with its words.

It says what the JSON file says and decides nothing. The words of the three languages are in dossier_words.yaml.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Sequence
from functools import cache, partial
from importlib.resources import files
from pathlib import Path
from typing import Any
from xml.sax.saxutils import escape

import yaml
from babel.dates import get_day_names
from babel.numbers import format_currency
from reportlab.lib.colors import HexColor
from reportlab.lib.pagesizes import A4
from reportlab.lib.styles import ParagraphStyle
from reportlab.lib.units import mm
from reportlab.pdfgen.canvas import Canvas
from reportlab.platypus import Flowable, Paragraph, SimpleDocTemplate, Table, TableStyle

INK, SOFT, RULE, SHADE = HexColor("#1c2733"), HexColor("#5b6b7a"), HexColor("#c9d2da"), HexColor("#f1f4f7")
TEXT = ParagraphStyle("text", fontName="Helvetica", fontSize=9, leading=12, textColor=INK)
SMALL = ParagraphStyle("small", parent=TEXT, fontSize=7.5, leading=10, textColor=SOFT)
CELL = ParagraphStyle("cell", parent=TEXT, fontSize=7.5, leading=9.5)
HEAD = ParagraphStyle("head", parent=CELL, fontName="Helvetica-Bold", textColor=SOFT)
TITLE = ParagraphStyle("title", parent=TEXT, fontName="Helvetica-Bold", fontSize=18, leading=23)
SECTION = ParagraphStyle(
    "section",
    parent=TEXT,
    keepWithNext=1,
    fontName="Helvetica-Bold",
    fontSize=12,
    leading=15,
    spaceBefore=10,
    spaceAfter=3,
)
CALL = ParagraphStyle(
    "call", parent=TEXT, keepWithNext=1, fontName="Helvetica-Bold", fontSize=9.5, leading=13, spaceBefore=6
)
SAID = ParagraphStyle("said", parent=TEXT, leftIndent=8, spaceAfter=2)

TABLES = {  # section -> columns; "amount" is put together of amount_minor and currency
    "numbers": ("e164", "line_type", "status", "place"),
    "debts": ("creditor", "contract", "instalment", "amount", "due_on", "status"),
    "payments": ("paid_on", "reference", "amount"),
    "promises": ("due_on", "amount", "status"),
    "consents": ("kind", "given_on", "how", "number", "revoked_at"),
    "designations": ("days", "from_minute", "to_minute", "until", "place"),
    "suppressions": ("kind", "number", "channel", "since", "until", "source"),
    "tasks": ("kind", "status", "outcome", "due_at"),
}
NOT_TOLD = ("rule", "reason", "citation", "inputs", "also")  # told first, or of no use on paper
WIDTH = A4[0] - 36 * mm - 12  # margins, and what a frame keeps free


def write(dossier: dict[str, Any], out: Path, language: str) -> None:
    """Write the PDF; in English where we do not have the language's words."""
    language = language if language in _words() else "en-US"
    words = _words()[language]
    story: list[Flowable] = [
        Paragraph(words["title"], TITLE),
        _line(f"{words['made']} {_when(dossier['made_at'])}. {words['times']}", SMALL),
        *_section(words, "person", [_person(words, dossier["person"])]),
    ]
    for name, columns in TABLES.items():
        if dossier[name] or name in ("numbers", "debts", "suppressions"):
            story += _section(words, name, [_table(words, columns, dossier[name], language)])
    story += _section(words, "calls", [part for call in dossier["calls"] for part in _call(words, call)])
    story += _section(words, "messages", [part for one in dossier["messages"] for part in _message(one)])
    story += _section(words, "record", [_record(words, dossier["record"])])
    story += _section(words, "proof", _proof(words, dossier["proof"]))
    footer = partial(_footer, words=words, title=_drawable(str(dossier["person"]["key"])))
    margins: dict[str, Any] = {
        "leftMargin": 18 * mm,
        "rightMargin": 18 * mm,
        "topMargin": 16 * mm,
        "bottomMargin": 18 * mm,
    }
    SimpleDocTemplate(str(out), pagesize=A4, title=words["title"], lang=language, **margins).build(
        story, onFirstPage=footer, onLaterPages=footer
    )


@cache
def _words() -> dict[str, Any]:
    loaded: dict[str, Any] = yaml.safe_load(
        files("dialer.record").joinpath("dossier_words.yaml").read_text(encoding="utf-8")
    )
    return loaded


def _section(words: dict[str, Any], name: str, parts: Sequence[Flowable]) -> list[Flowable]:
    parts = parts or [_line(words["none"], SMALL)]
    return [Paragraph(words["sections"][name], SECTION), *parts]


def _person(words: dict[str, Any], person: dict[str, Any]) -> Table:
    shown = ("name", "key", "document", "language", "country", "region", "city")
    rows = [[_line(words["columns"][one], HEAD), _line(person[one], CELL)] for one in shown if person[one]]
    return Table(rows, colWidths=[32 * mm, WIDTH - 32 * mm], style=_grid(head=False), hAlign="LEFT")


def _table(words: dict[str, Any], columns: Sequence[str], rows: Sequence[dict[str, Any]], language: str) -> Flowable:
    if not rows:
        return _line(words["none"], SMALL)
    head = [_line(words["columns"][one], HEAD) for one in columns]
    body = [[_line(_value(row, one, language), CELL) for one in columns] for row in rows]
    return Table(
        [head, *body], colWidths=[WIDTH / len(columns)] * len(columns), style=_grid(), repeatRows=1, hAlign="LEFT"
    )


def _call(words: dict[str, Any], call: dict[str, Any]) -> list[Flowable]:
    outcome = call["disposition"] or call["status"]
    arrow = "->" if call["direction"] == "out" else "<-"
    facts = [call["campaign"], call["pack"] or "", call["mode"]]
    if call["answered_by"]:
        facts.append(f"{words['answered']} {call['answered_by']}")
    if call["seconds"] is not None:
        facts.append(f"{call['seconds']} s")
    parts: list[Flowable] = [
        _line(f"{_when(call['intent_at'])}  {arrow} {call['to_number']}  {outcome}", CALL),
        _line(" | ".join(one for one in facts if one), SMALL),
    ]
    if tape := call["recording"]:
        told = f"{words['recording']} {tape['id']}: {tape['status']}, {words['until']} {tape['keep_until']}"
        parts.append(_line(f"{told}, SHA-256 {tape['digest'] or '-'}", SMALL))
    for turn in call["turns"]:
        keys = turn["heard"].get("digits")
        if keys:
            parts.append(_line(f"{_when(turn['at'])}  {words['heard']}: {words['keys']} {keys}", SAID))
        if turn["said"]:
            parts.append(_line(f"{words['said']}: {turn['said']}", SAID))
    return parts


def _message(one: dict[str, Any]) -> list[Flowable]:
    arrow = "->" if one["direction"] == "out" else "<-"
    head = _line(f"{_when(one['created_at'])}  {arrow} {one['to_number']}  {one['purpose']}, {one['status']}", CALL)
    return [head, _line(one["text"], SAID)]


def _record(words: dict[str, Any], rows: Sequence[dict[str, Any]]) -> Flowable:
    if not rows:
        return _line(words["none"], SMALL)
    columns = ("n", "at", "kind", "actor", "detail")
    body = [[_line(words["columns"][one], HEAD) for one in columns]]
    for row in rows:
        kind = words["kinds"].get(row["kind"], row["kind"].replace("_", " "))
        cells = (row["n"] or "-", _when(row["at"]), kind, row["actor"], _detail(row["detail"]))
        body.append([_line(one, CELL) for one in cells])
    widths = [10 * mm, 31 * mm, 38 * mm, 20 * mm, WIDTH - 99 * mm]
    return Table(body, colWidths=widths, style=_grid(), repeatRows=1, hAlign="LEFT")


def _detail(detail: dict[str, Any]) -> str:
    """What the record adds, the rule and its citation first."""
    first = [detail[one] for one in ("rule", "reason", "citation") if detail.get(one)]
    left = {name: one for name, one in detail.items() if name not in NOT_TOLD and one not in (None, [], "")}
    return "; ".join([*map(str, first), *(f"{name}: {_short(one)}" for name, one in left.items())])


def _short(value: object) -> str:
    text = ", ".join(map(str, value)) if isinstance(value, list) else str(value)
    return text if len(text) <= 60 else f"{text[:24]}..."


def _proof(words: dict[str, Any], proof: dict[str, Any]) -> list[Flowable]:
    state = words["broken"] if proof["faults"] else words["intact"]
    lines = [state, *proof["faults"], words["proof"]]
    codes = [f"{name}: {proof[name]}" for name in ("head", "digest", "public_key", "signature")]
    return [*(_line(one, TEXT) for one in lines), *(_line(one, SMALL) for one in codes)]


def _value(row: dict[str, Any], name: str, language: str) -> Any:
    if name == "amount":
        return format_currency(row["amount_minor"] / 100, row["currency"], locale=language.replace("-", "_"))
    value = row.get(name)
    if name == "days" and value:
        return [get_day_names("abbreviated", locale=language.replace("-", "_"))[day] for day in value]
    if name.endswith("_minute") and value is not None:
        return f"{value // 60:02}:{value % 60:02}"
    return _when(value) if isinstance(value, str) and value.endswith("Z") and "T" in value else value


def _when(instant: str) -> str:
    return instant[:19].replace("T", " ")


def _line(value: object, style: ParagraphStyle) -> Paragraph:
    text = "-" if value in (None, "", []) else ", ".join(map(str, value)) if isinstance(value, list) else str(value)
    return Paragraph(escape(_drawable(text)), style)


def _drawable(text: str) -> str:
    """The characters that the built-in fonts have (Latin-1 and some); others without their accents, or as "?"."""
    return "".join(_nearest(one) for one in text)


def _nearest(one: str) -> str:
    form: str
    for form in (one, *unicodedata.normalize("NFKD", one)[:1]):
        if form.encode("cp1252", "ignore"):
            return form
    return "?"


def _grid(*, head: bool = True) -> TableStyle:
    lines: list[Any] = [
        ("VALIGN", (0, 0), (-1, -1), "TOP"),
        ("LINEBELOW", (0, 0), (-1, -1), 0.4, RULE),
        ("TOPPADDING", (0, 0), (-1, -1), 2),
        ("BOTTOMPADDING", (0, 0), (-1, -1), 3),
        ("LEFTPADDING", (0, 0), (-1, -1), 3),
    ]
    return TableStyle([*lines, *([("BACKGROUND", (0, 0), (-1, 0), SHADE)] if head else [])])


def _footer(canvas: Canvas, document: SimpleDocTemplate, *, words: dict[str, Any], title: str) -> None:
    canvas.saveState()
    canvas.setFont("Helvetica", 7.5)
    canvas.setFillColor(SOFT)
    canvas.drawString(18 * mm, 10 * mm, f"{words['title']}  {title}")
    canvas.drawRightString(A4[0] - 18 * mm, 10 * mm, f"{words['page']} {document.page}")
    canvas.restoreState()


def languages() -> Iterable[str]:
    """The languages that there are words for."""
    return _words().keys()
