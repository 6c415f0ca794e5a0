"""Whose requests we answer: what the vendor's own validator signs passes, and nothing that was touched does."""

from __future__ import annotations

import base64
import hashlib
import hmac
from urllib.parse import parse_qsl, urlencode

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from twilio.request_validator import RequestValidator

from webhooks.signature import SignatureCheck, read_form

ROOT, SECRET = "https://ours.example", "the account's secret"
PATH = b"/voice/a%C3%A9-_/0"
FORM = {"CallSid": "CA1", "Digits": "1", "From": "+12125550100", "CallerCity": "", "Note": "é & = +"}
FORM_TYPE = b"application/x-www-form-urlencoded; charset=UTF-8"
SHA256_SETTINGS = b"algorithm=HMAC_SHA256"


def sign(url: str, form: dict[str, str], algorithm: str = "sha1", secret: str = SECRET) -> bytes:
    """The published algorithm, written down a second time."""
    text = url + "".join(name + form[name] for name in sorted(form))
    return base64.b64encode(hmac.new(secret.encode(), text.encode(), getattr(hashlib, algorithm)).digest())


def accepts(
    signature: bytes,
    *,
    path: bytes = PATH,
    query: bytes = b"",
    body: bytes | None = None,
    root: str = ROOT,
    settings: bytes = b"",
    kind: bytes = FORM_TYPE,
) -> bool:
    headers = {b"x-twilio-signature": signature, b"content-type": kind}
    if settings:
        headers[b"x-twilio-webhooks-signature-settings"] = settings
    form = urlencode(FORM).encode() if body is None else body
    return SignatureCheck(root, SECRET).accepts(raw_path=path, query=query, headers=headers, body=form)


GOOD = sign(ROOT + PATH.decode(), FORM)


def test_what_the_vendors_validator_computes_is_accepted() -> None:
    assert RequestValidator(SECRET).compute_signature(ROOT + PATH.decode(), FORM).encode() == GOOD
    assert accepts(GOOD)


NAMES = st.text("abcXYZ09_", min_size=1, max_size=8)


@given(st.dictionaries(NAMES, st.text(st.characters(codec="utf-8"), max_size=20), max_size=6))
def test_every_form_that_the_vendor_signs_passes(form: dict[str, str]) -> None:
    signature = RequestValidator(SECRET).compute_signature(ROOT + PATH.decode(), form).encode()
    assert accepts(signature, body=urlencode(form).encode())


@pytest.mark.parametrize(
    "touched",
    [
        {"path": b"/voice/a%C3%A9-_/1"},
        {"path": b"/voice/a\xc3\xa9-_/0"},
        {"query": b"x=1"},
        {"body": urlencode(FORM | {"Digits": "2"}).encode()},
        {"body": urlencode(FORM | {"Extra": ""}).encode()},
        {"body": urlencode({k: v for k, v in FORM.items() if k != "Digits"}).encode()},
        {"body": b""},
        {"root": "https://theirs.example"},
        {"root": "http://ours.example"},
        {"settings": SHA256_SETTINGS},
        {"settings": b"algorithm=NONE"},
    ],
    ids=lambda touched: "-".join(f"{name}" for name in touched),
)
def test_nothing_that_was_touched_passes(touched: dict[str, object]) -> None:
    assert not accepts(GOOD, **touched)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "signature", [b"", b"x", GOOD[:-4], GOOD.lower(), sign(ROOT + PATH.decode(), FORM, secret="other")]
)
def test_a_wrong_signature_is_refused(signature: bytes) -> None:
    assert not accepts(signature)


def test_without_a_secret_everything_is_refused() -> None:
    check = SignatureCheck(ROOT, "")
    signature = sign(ROOT + PATH.decode(), {}, secret="")
    assert not check.accepts(raw_path=PATH, query=b"", headers={b"x-twilio-signature": signature}, body=b"")


def test_the_longer_algorithm_is_accepted_where_it_is_announced() -> None:
    long = sign(ROOT + PATH.decode(), FORM, "sha256")
    assert accepts(long, settings=SHA256_SETTINGS)
    assert not accepts(long)
    assert not accepts(sign(ROOT + PATH.decode(), FORM | {"Digits": "2"}, "sha256"), settings=SHA256_SETTINGS)


@pytest.mark.parametrize("signed", ["https://ours.example:443", "https://ours.example"])
@pytest.mark.parametrize("ours", ["https://ours.example:443", "https://ours.example", "https://ours.example/"])
def test_the_default_port_may_be_named_or_not(signed: str, ours: str) -> None:
    assert accepts(sign(signed + PATH.decode(), FORM), root=ours)


def test_another_port_is_another_address() -> None:
    assert not accepts(sign("https://ours.example:8443" + PATH.decode(), FORM))


def test_a_json_body_is_signed_by_its_hash_in_the_query() -> None:
    body = b'{"CallSid": "CA1"}'
    query = f"bodySHA256={hashlib.sha256(body).hexdigest()}"
    signature = sign(f"{ROOT}{PATH.decode()}?{query}", {})
    said = {"query": query.encode(), "kind": b"application/json"}
    assert RequestValidator(SECRET).validate(f"{ROOT}{PATH.decode()}?{query}", body.decode(), signature.decode())
    assert accepts(signature, body=body, **said)  # type: ignore[arg-type]
    assert not accepts(signature, body=body + b" ", **said)  # type: ignore[arg-type]
    assert not accepts(sign(ROOT + PATH.decode(), {}), body=body, kind=b"application/json")


@given(st.one_of(st.binary(), st.text(alphabet="a=&+%;é2FBc3\x00 ").map(str.encode)))
@example(b"To=%2B5511999990001&From=%2B%2B1&Body=%2Ba+b&X=%2B&%2B1=%2b1")
def test_a_form_is_read_as_the_standard_library_reads_it(body: bytes) -> None:
    try:
        expected = parse_qsl(body.decode("utf-8", "replace"), keep_blank_values=True)
    except ValueError:  # more fields than it takes
        return
    assert read_form(body) == expected
