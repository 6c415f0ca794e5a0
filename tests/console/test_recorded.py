"""Lines of the record are told in the viewer's language: kinds, the names in details, codes, days, sums."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from console import audit, pofiles
from console.catalogues import Texts
from console.recorded import CODES, NAMES, about, named
from dialer.store.models import Interaction
from tests.console import recorded

LANGUAGES = ("pt-BR", "fr-FR")
AT = datetime(2026, 3, 2, 15, 0, tzinfo=UTC)


def told(language: str, detail: dict[str, Any]) -> str:
    line = Interaction(kind="any", at=AT, actor="user 7", detail=detail)
    return about(line, Texts(language, ZoneInfo("America/Sao_Paulo"))).replace("\xa0", " ")


def test_every_kind_of_line_and_every_name_in_a_detail_has_words() -> None:
    assert len(recorded.names()) > 80
    assert len(recorded.kinds()) > 90
    assert not {name: where for name, where in recorded.names().items() if name not in NAMES}
    assert not {kind: where for kind, where in recorded.kinds().items() if kind not in audit.KINDS}


@pytest.mark.parametrize("language", LANGUAGES)
def test_these_words_are_translated(language: str) -> None:
    said = [*audit.KINDS.values(), *map(named, NAMES), *(one for codes in CODES.values() for one in codes.values())]
    assert not [one for one in said if one not in pofiles.of_pages(language)]


def test_codes_days_and_sums_are_said_and_names_stay() -> None:
    promised = {"promise": 31, "due_on": "2026-03-05", "amount_minor": 123450, "currency": "BRL", "debts": [4, 7]}
    assert told("pt-BR", promised) == (
        "promessa: 31 · para o dia: 5 de mar. de 2026 · valor: R$ 1.234,50 · moeda: BRL · dívidas: 4, 7"
    )
    assert told("en-US", promised).startswith("promise: 31 · due on: Mar 5, 2026 · amount: R$1,234.50")
    assert told("fr-FR", {"kind": "texts", "given_to": "paid"}) == "genre : messages · donné à : paid"
    assert told("pt-BR", {"campaign": "paused", "changed": ["ratio"]}) == "campanha: paused · alterado: ratio"


def test_days_of_the_week_and_minutes_of_the_day_are_those_of_a_clock_and_a_calendar() -> None:
    assert told("pt-BR", {"days": [1, 7], "from_minute": 540, "to_minute": 1440}) == (
        "dias: seg., dom. · de: 09:00 · até: 24:00"
    )
    assert told("fr-FR", {"days": "mon, tue", "back": False}) == "jours : lun., mar. · un pas en arrière : non"


def test_a_reason_of_the_gate_is_said_in_the_language_and_what_somebody_typed_as_they_typed_it() -> None:
    refused = {"rule": "CAP", "reason": "no debt of the person is due"}
    assert told("pt-BR", refused) == "regra: CAP · motivo: nenhuma dívida da pessoa está vencida"
    assert told("pt-BR", {"because": "asked on the telephone, twice"}) == "porque: asked on the telephone, twice"


def test_a_name_that_nobody_foresaw_and_a_day_that_is_none_are_told_as_they_stand() -> None:
    assert told("pt-BR", {"some_thing": 3, "until": "2026-13-45"}) == "some thing: 3 · até: 2026-13-45"
    assert told("pt-BR", {"fields": {"paid_on": "2026-03-05"}}) == "campos: paid on: 5 de mar. de 2026"
