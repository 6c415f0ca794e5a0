"""What is shown of a file is veiled, and what is chosen column by column is what is read."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from dialer.lists import changes, headings
from dialer.uploads.previewing import Reading, chosen
from dialer.uploads.veiling import veiled

HEADINGS = ("codigo", "nome", "celular", "telefone 2", "contrato", "valor", "vencimento", "cidade", "obs", "e-mail")
FIELDS = ("key", "name", "phone", "phone2", "contract", "amount", "due_date", "city", "email", "document")


@settings(max_examples=60, deadline=None)
@given(
    columns=st.lists(st.sampled_from(HEADINGS), min_size=1, unique=True),
    fields=st.permutations(FIELDS),
    used=st.lists(st.booleans(), min_size=len(HEADINGS), max_size=len(HEADINGS)),
    remembered=st.dictionaries(st.sampled_from(HEADINGS), st.sampled_from((*FIELDS, "-")), max_size=3),
)
def test_the_columns_are_read_just_as_they_were_chosen(
    columns: list[str], fields: list[str], used: list[bool], remembered: dict[str, str]
) -> None:
    wanted = [field if on else "" for field, on in zip(fields, used, strict=True)][: len(columns)]
    reading = Reading("import", None, {}, remembered)
    mapping = chosen(columns, wanted, reading)
    assigned = headings.assign(columns, mapping, remembered)
    assert {place: field for field, place in assigned.items()} == {
        place: field for place, field in enumerate(wanted) if field
    }


def test_a_guess_of_a_payments_file_can_be_turned_down() -> None:
    columns = ("contrato", "valor", "data pagamento", "forma")
    reading = Reading("payments", None, {})
    mapping = chosen(columns, ("contract", "amount", "paid_on", ""), reading)
    assert changes.assign("payments", columns, mapping) == {"contract": 0, "amount": 1, "paid_on": 2}


@settings(max_examples=40)
@given(st.sampled_from(("phone", "phone3", "document", "key", "contract")), st.text("0123456789 ()-+.", min_size=6))
def test_of_a_number_no_more_than_four_digits_are_shown(field: str, value: str) -> None:
    assert sum(sign.isdigit() for sign in veiled(field, value)) <= 4


@settings(max_examples=40)
@given(st.text("0123456789", min_size=7, max_size=15))
def test_a_column_that_is_taken_for_nothing_shows_no_whole_number_either(value: str) -> None:
    assert value not in veiled("", value)


@settings(max_examples=30)
@given(st.lists(st.sampled_from(("Marina", "Prado", "Sá", "Éric", "Otto")), min_size=1, max_size=4))
def test_of_a_name_only_first_letters_are_shown(parts: list[str]) -> None:
    shown = veiled("name", " ".join(parts))
    assert [word.strip("•") for word in shown.split()] == [part[0] for part in parts]


def test_days_and_amounts_are_shown_because_they_are_what_is_read_wrongly() -> None:
    assert veiled("due_date", "03/11/2025") == "03/11/2025"
    assert veiled("amount", "1.234.567,89") == "1.234.567,89"
    assert veiled("", "03/11/2025") == "••/••/2025"
    assert veiled("address", "Rua das Flores 10") == "•••"
