"""Every text of the console has its translations, with the same places to fill, and is told in the right number."""

from __future__ import annotations

import ast
import string
from collections.abc import Iterator
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from jinja2 import Environment, nodes
from markupsafe import Markup

import console
from console import pofiles
from console.catalogues import Texts

HERE = Path(console.__file__).parent
OWN_WORDS = ("desk", "door.html", "entering.html")  # these read texts/*.yaml, which has a test of its own
LANGUAGES = ("pt-BR", "fr-FR")


def in_templates() -> Iterator[tuple[str, str]]:
    reader = Environment(autoescape=True)
    for path in sorted((HERE / "templates").rglob("*.html")):
        name = str(path.relative_to(HERE / "templates"))
        if name.startswith(OWN_WORDS):
            continue
        for call in reader.parse(path.read_text("utf-8")).find_all(nodes.Call):
            told = call.node
            said = isinstance(told, nodes.Name) and told.name == "say"
            counted = isinstance(told, nodes.Getattr) and told.attr == "n" and isinstance(told.node, nodes.Name)
            if said or counted:  # of a counted text the singular is the key
                yield from ((one, name) for one in _told(call.args[0]))


def _told(text: nodes.Expr) -> Iterator[str]:
    """The text, or both of `a if b else c`; what comes from a variable is looked at where it is written."""
    if isinstance(text, nodes.Const) and isinstance(text.value, str):
        yield text.value
    elif isinstance(text, nodes.CondExpr):
        yield from _told(text.expr1)
        if text.expr2 is not None:
            yield from _told(text.expr2)


def in_code() -> Iterator[tuple[str, str]]:
    for path in sorted(HERE.rglob("*.py")):
        for call in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(call, ast.Call) and call.args and isinstance(call.args[0], ast.Constant):
                told = ast.unparse(call.func)
                if isinstance(call.args[0].value, str) and told.endswith(("visitor.say", "found.say", "say.n")):
                    yield call.args[0].value, str(path.relative_to(HERE))


@cache
def every() -> list[tuple[str, str]]:
    return sorted({*in_templates(), *in_code()})


def places(text: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(text) if name}


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_text_of_the_pages_is_translated(language: str) -> None:
    known = pofiles.of_pages(language)
    assert len(every()) > 60
    assert not [(text, where) for text, where in every() if text and text not in known]


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_translation_has_the_places_of_its_text(language: str) -> None:
    for text, forms in pofiles.of_pages(language).items():
        for form in forms:
            assert places(form) <= places(text) | {"count"}, (text, form)
            assert places(text) - {"count"} <= places(form), (text, form)


def texts(language: str) -> Texts:
    return Texts(language, ZoneInfo("America/Sao_Paulo"))


def test_nothing_is_many_in_english_and_one_in_portuguese_and_french() -> None:
    forms = ("{count} person can sign in.", "{count} people can sign in.")
    assert texts("en-US").n(*forms, 0) == "0 people can sign in."
    assert texts("pt-BR").n(*forms, 0) == "0 pessoa pode entrar."
    assert texts("pt-BR").n(*forms, 1200) == "1.200 pessoas podem entrar."
    assert texts("fr-FR").n(*forms, 1) == "1 personne peut se connecter."


def test_what_is_filled_in_is_escaped_when_the_text_holds_markup() -> None:
    say = texts("en-US")
    made = say("{name} waits {tag}", name="<b>", tag=Markup("<i>now</i>"))
    assert made == "&lt;b&gt; waits <i>now</i>"


def test_figures_and_times_are_those_of_the_language_and_the_zone() -> None:
    noon = datetime(2026, 3, 2, 15, 0, tzinfo=UTC)
    assert texts("pt-BR").money(123450, "BRL").replace("\xa0", " ") == "R$ 1.234,50"
    assert texts("en-US").percent(0.034, 1) == "3.4%"
    assert texts("fr-FR").time(noon).startswith("02/03/2026 12:00")
