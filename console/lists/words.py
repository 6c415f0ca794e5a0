"""English words for what the lists' pages show by code: fields, kinds of files, states. Templates translate them."""

from __future__ import annotations

from babel import Locale

from dialer.lists import changes, headings
from dialer.lists.phone_columns import named, parted

FIELDS = {
    "key": "Your key of the person", "name": "Name", "first_name": "First name", "last_name": "Last name",
    "kind": "Person or company", "contact_name": "Contact person", "language": "Language", "country": "Country",
    "region": "State or region", "city": "City", "address": "Address", "house_number": "House number",
    "address_extra": "Address, further line", "district": "District", "postal_code": "Postal code",
    "birth_year": "Birth date or year", "email": "E-mail", "document": "Document (CPF …)",
    "company_document": "Company document (CNPJ …)", "best_phone": "Which telephone is best", "contract": "Contract",
    "invoice": "Invoice", "debt_kind": "Kind of debt",
    "instalment": "Instalment", "instalments": "Number of instalments",
    "amount": "Amount owed", "original_amount": "Original amount", "interest": "Interest", "fine": "Fine",
    "fees": "Fees", "discount": "Discount", "currency": "Currency", "due_date": "Due date",
    "payment_kind": "Kind of payment code", "payment_code": "Payment code", "payment_expires": "Code good until",
    "pix": "PIX code", "pix_expires": "PIX good until", "boleto": "Boleto line",
    "boleto_expires": "Boleto good until",
    "link": "Payment link", "link_expires": "Link good until", "notice_on": "Written notice sent on",
    "notice_date": "Written notice sent on", "consent": "Consent", "consent_calls": "Consent to calls",
    "consent_texts": "Consent to texts", "consent_email": "Consent to e-mail", "consent_on": "Consent given on",
    "consent_how": "Consent given how", "phone": "Telephone {n}", "area_code": "Area code {n}",
    "calling_code": "Country code {n}", "phone_type": "Kind of telephone {n}", "phone_rank": "Rank of telephone {n}",
    "phone_score": "Score of telephone {n}", "extension": "Extension {n}", "reason": "Reason", "paid_on": "Paid on",
    "method": "Method of payment", "reference": "Payment reference",
}  # fmt: skip
KINDS = {"import": "List", "update": "Update", "withdraw": "Withdrawal", "payments": "Payments"}
ORIGINS = {"chosen": "chosen", "remembered": "as last time", "guessed": "guessed"}
STATUSES = {
    "new": "waits for you", "checking": "being rehearsed", "checked": "rehearsed, not loaded", "loading": "loading",
    "done": "loaded", "failed": "failed",
}  # fmt: skip
DEBTS = {
    "open": "to be paid", "promised": "promised", "held": "held: disputed or said to be paid", "paid": "paid",
    "withdrawn": "withdrawn",
}  # fmt: skip
LINES = {
    "mobile": "mobile", "landline": "landline", "mobile_or_landline": "mobile or landline",
    "voip": "internet telephone", "toll_free": "toll-free",
}  # fmt: skip
NUMBERS = {"usable": "usable", "wrong_person": "reaches somebody else", "invalid": "does not exist"}
CAMPAIGNS = {
    "draft": "draft", "checked": "checked", "running": "running", "paused": "paused", "stopped": "stopped",
    "finished": "finished",
}  # fmt: skip
COUNTRIES = ("BR", "US", "CA", "FR", "GB", "PT", "MX", "AR", "CL", "CO", "BE", "CH", "ES", "DE", "IT")
MOST_PHONES = 8


def label(field: str) -> tuple[str, int]:
    """The English words for a field, and the number of its telephone."""
    if (parts := parted(field)) is not None:
        return FIELDS.get(parts[0], parts[0]), parts[1]
    return FIELDS.get(field, field), 0


def choices(kind: str, used: tuple[str, ...], unused: int = 0) -> list[str]:
    """Every field that a column of such a file can be; a telephone for each of the `unused` columns, and one more."""
    if kind != "import":
        return [field for one in changes.NEEDED if one == kind for field in changes.fields(one)]
    plain = [one for one in headings.fields() if parted(one) is None]
    numbers = [parts[1] for one in used if (parts := parted(one))]
    phones = min(max(numbers, default=0) + 1, MOST_PHONES)
    families = [one for one in headings.fields() if parted(one) is not None]
    numbered = [named(one, n) for n in range(1, phones + 1) for one in families]
    numbered += [named("phone", n) for n in range(phones + 1, min(phones + unused, MOST_PHONES) + 1)]
    return plain + numbered + [one for one in used if one not in plain and one not in numbered]


def country_name(language: str, code: str) -> str:
    """A country in a language; its code when that is no country."""
    return str(Locale.parse(language, sep="-").territories.get(code, code))
