"""The script that fits a call comes first, something always fits, and no person is read what is for a machine."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ivr_flows import loading
from ivr_flows.scripts.fitting import _HEARD, Situation, scripts_for, wish_heard
from ivr_flows.scripts.loading import library, load
from ivr_flows.scripts.reading import KINDS, WISHES

BEST = [
    (Situation(), "esqueceu-de-pagar"),
    (Situation(days_past_due=3), "esqueceu-de-pagar"),
    (Situation(days_past_due=15), "cortesia-15-dias"),
    (Situation(days_past_due=15, attempt=2), "nova-tentativa"),
    (Situation(days_past_due=45), "esqueceu-de-pagar"),
    (Situation(days_past_due=45, promise_broken=True), "promessa-quebrada"),
    (Situation(days_past_due=75), "ultima-etapa"),
    (Situation(days_past_due=75, attempt=4), "ultima-etapa"),
    (Situation(flow="ultimo-aviso"), "ultima-etapa"),
    (Situation(step=4), "ultima-etapa"),
    (Situation(attempt=2), "nova-tentativa"),
    (Situation(person="company"), "empresa"),
    (Situation(person="company", days_past_due=75), "empresa"),
    (Situation(person="company", wish="not_approved"), "aguarda-aprovacao"),
    (Situation(person="person", wish="not_approved"), "esqueceu-de-pagar"),
    (Situation(wish="not_received"), "conta-nao-recebida"),
    (Situation(wish="wrong_bill"), "conta-errada"),
    (Situation(wish="dispute", promise_broken=True, days_past_due=80), "conta-errada"),
    (Situation(wish="paid", promise_broken=True), "ja-pagou"),
    (Situation(wish="no_money", debt_kind="payroll_loan", days_past_due=5), "sem-dinheiro"),
    (Situation(wish="busy"), "nao-pode-falar"),
    (Situation(wish="pay", days_past_due=15), "cortesia-15-dias"),
    (Situation(wish="promise", promise_broken=True), "promessa-quebrada"),
    (Situation(debt_kind="loan", days_past_due=-3), "emprestimo-vencimento"),
    (Situation(debt_kind="payroll_loan", days_past_due=0), "emprestimo-vencimento"),
    (Situation(debt_kind="payroll_loan", days_past_due=4), "emprestimo-desconto"),
    (Situation(debt_kind="payroll_loan", days_past_due=4, promise_broken=True), "promessa-quebrada"),
    (Situation(debt_kind="loan", days_past_due=15), "cortesia-15-dias"),
    (Situation(machine=True), "correio-de-voz"),
    (Situation(machine=True, wish="paid", person="company"), "correio-de-voz"),
]

situations = st.builds(
    Situation,
    flow=st.sampled_from(["", "lembrete", "ultimo-aviso"]),
    step=st.none() | st.integers(1, 5),
    days_past_due=st.none() | st.integers(-30, 400),
    person=st.sampled_from(KINDS),
    debt_kind=st.sampled_from(["", "loan", "payroll_loan", "invoice"]),
    promise_broken=st.booleans(),
    attempt=st.integers(1, 20),
    wish=st.none() | st.sampled_from(WISHES),
    machine=st.booleans(),
)


@pytest.mark.parametrize(("situation", "best"), BEST)
def test_the_best_script_comes_first(situation: Situation, best: str) -> None:
    assert scripts_for(situation)[0] == best


def test_every_script_is_the_best_for_somebody() -> None:
    assert {best for _situation, best in BEST} == set(library())


@given(situations)
def test_something_fits_every_call_each_script_once_and_machines_hear_only_theirs(situation: Situation) -> None:
    names = scripts_for(situation)
    assert names
    assert len(set(names)) == len(names)
    assert ("correio-de-voz" in names) == situation.machine
    assert not situation.machine or names == ("correio-de-voz",)


@given(situations)
def test_nobody_is_read_a_script_for_another_kind_of_person(situation: Situation) -> None:
    for name in scripts_for(situation):
        assert any(fits.person in (None, situation.person) for fits in load(name).fits)


def test_the_last_wish_that_was_made_clear_counts() -> None:
    assert wish_heard(["greeting", "first_menu", "check", "second_menu"]) is None
    assert wish_heard(["second_menu", "pay", "second_menu", "paid_date", "agent"]) == "paid"
    assert wish_heard(["dispute_why"]) == "dispute"
    assert wish_heard([]) is None


def test_wishes_are_read_off_nodes_that_the_flows_have() -> None:
    assert set(_HEARD) <= set(loading.load("lembrete").nodes)
