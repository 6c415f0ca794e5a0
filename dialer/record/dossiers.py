"""The dossier of a person: all that is on record, masked unless somebody says why not, with its own proof.

The proof needs no key of ours: a chain of SHA-256 over the rows, a digest over the whole, and a signature that the
installation's public key verifies. That the dossier was made, by whom and why, is on record before it is given out.
"""

from __future__ import annotations

import base64
import hashlib
from dataclasses import dataclass
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from dialer.errors import BadInput
from dialer.operation import Operation
from dialer.record import attesting, gathering, verifying
from dialer.rules import masking
from dialer.store import campaigns, interactions, people, seals
from dialer.store.chain import canonical, public_link
from dialer.store.models import Person
from dialer.store.sealing import Keyring

FORMAT = "toque-dossier-1"


@dataclass(frozen=True, slots=True)
class Asked:
    """Who asks for a dossier, and why. A reason gives the numbers and names in clear; it stays on record."""

    actor: str
    reason: str = ""


async def make(op: Operation, key: str, asked: Asked) -> dict[str, Any]:
    """The dossier of the person with this key, as JSON holds it. Raises NotFound."""
    await _note(op, key, asked, "dossier_made")
    content, finding = await _held(op, key)
    if not asked.reason.strip():
        content = masked(content)
    content["person"]["document"] = _hidden(content["person"]["document"])
    return sealed(op, content, finding)


async def export(op: Operation, key: str, asked: Asked) -> dict[str, Any]:
    """Everything that is held about a person, in clear, for the person who asks for it. Raises NotFound, BadInput."""
    if not asked.reason.strip():
        raise BadInput("Say why: --reason TEXT, such as the date of the person's request. It is kept in the record.")
    await _note(op, key, asked, "person_exported")
    content, finding = await _held(op, key)
    return sealed(op, content, finding)


async def _held(op: Operation, key: str) -> tuple[dict[str, Any], verifying.Finding]:
    """All that is held about the person, and whether their record stands. Sealed first: no worker may be running."""
    await attesting.seal_new(op)
    async with op.database.survey() as session:
        person = await people.by_key(session, (await campaigns.tenant(session)).id, key)
        content = await gathering.of_person(session, op.database.keyring, person)
        rows = await seals.of_person(session, person.id)
    return content, verifying.check_person(op.database.keyring, person, rows)


def sealed(op: Operation, content: dict[str, Any], finding: verifying.Finding) -> dict[str, Any]:
    """The content with its chain, digest and signature."""
    before = ""
    for row in content["record"]:
        before = row["link"] = public_link(before, row)
    made = {"format": FORMAT, "made_at": gathering.plain(op.clock.now()), **content}
    digest = digest_of(made)
    key = _signing_key(op.database.keyring)
    proof = {
        "rows": len(content["record"]),
        "head": before,
        "sealed": finding.rows,
        "faults": [f"{fault.where}: {fault.what}" for fault in finding.faults],
        "digest": digest,
        "public_key": public_key(op.database.keyring),
        "signature": base64.b64encode(key.sign(digest.encode())).decode(),
    }
    return made | {"proof": proof}


def digest_of(dossier: dict[str, Any]) -> str:
    """SHA-256 over the whole dossier without its proof. 64 hex digits."""
    return hashlib.sha256(canonical({k: v for k, v in dossier.items() if k != "proof"}).encode()).hexdigest()


def public_key(keyring: Keyring) -> str:
    """The key that verifies the newest signatures, base64."""
    return base64.b64encode(_signing_key(keyring).public_key().public_bytes_raw()).decode()


def faults_of(dossier: dict[str, Any], keyring: Keyring | None = None) -> list[str]:
    """What does not fit in a dossier, in words; with a keyring also whether this installation made it.

    Raises BadInput when it is no dossier at all.
    """
    proof, rows = dossier.get("proof"), dossier.get("record")
    if dossier.get("format") != FORMAT or not isinstance(proof, dict) or not isinstance(rows, list):
        raise BadInput(f"This is no dossier of format {FORMAT}; give the JSON file as it was written.")
    faults = _broken_links(rows, proof)
    if digest_of(dossier) != proof.get("digest"):
        faults.append("the content is not what was signed: its digest differs")
    if not _is_signed(proof):
        faults.append("the signature does not fit the digest and the public key")
    if keyring is not None and proof.get("public_key") not in _public_keys(keyring):
        faults.append("another installation made it, or one with keys that this one no longer has")
    return faults


def masked(content: dict[str, Any]) -> dict[str, Any]:
    """The dossier as it is shown to those who gave no reason: no name, number, address or e-mail in clear."""
    person = dict(content["person"])
    for field in ("name", "contact_name"):
        person[field] = masking.name(person[field]) if person[field] else None
    person["email"] = masking.email(person["email"]) if person["email"] else None
    for field in ("address", "postal_code", "birth_year"):
        person[field] = masking.HIDDEN if person[field] else None
    secrets = [word for word in (content["person"]["name"], content["person"]["contact_name"]) if word]
    rest = {name: _without(value, secrets) for name, value in content.items() if name != "person"}
    return {"person": person, **rest, "screens": []}


def _without(value: Any, secrets: list[str], field: str = "") -> Any:
    """A structure without these words and without telephone numbers."""
    if isinstance(value, str):
        for secret in secrets:
            value = value.replace(secret, masking.name(secret)) if len(secret) > 2 else value
        if field in ("to_number", "from_number", "e164", "number"):
            return masking.number(value)
        return masking.last_resort(value)
    if isinstance(value, dict):
        return {name: _without(one, secrets, name) for name, one in value.items()}
    return [_without(one, secrets) for one in value] if isinstance(value, list) else value


def _broken_links(rows: list[dict[str, Any]], proof: dict[str, Any]) -> list[str]:
    before = ""
    for at, row in enumerate(rows, start=1):
        link = public_link(before, {name: value for name, value in row.items() if name != "link"})
        if link != row.get("link"):
            return [f"line {at} of the record is not what it was, or not in its place"]
        before = link
    return (
        [] if (len(rows), before) == (proof.get("rows"), proof.get("head")) else ["lines of the record are missing"]
    )


def _is_signed(proof: dict[str, Any]) -> bool:
    try:
        key = Ed25519PublicKey.from_public_bytes(base64.b64decode(str(proof["public_key"])))
        key.verify(base64.b64decode(str(proof["signature"])), str(proof["digest"]).encode())
    except (KeyError, ValueError, InvalidSignature):
        return False
    return True


def _hidden(document: str | None) -> str | None:
    return None if document is None else masking.document(document)


def _signing_key(keyring: Keyring) -> Ed25519PrivateKey:
    return Ed25519PrivateKey.from_private_bytes(keyring.seeds()[0])


def _public_keys(keyring: Keyring) -> list[str]:
    keys = (Ed25519PrivateKey.from_private_bytes(seed).public_key() for seed in keyring.seeds())
    return [base64.b64encode(key.public_bytes_raw()).decode() for key in keys]


async def _note(op: Operation, key: str, asked: Asked, kind: str) -> Person:
    async with op.database.write() as session:
        person = await people.by_key(session, (await campaigns.tenant(session)).id, key)
        detail = {"reason": masking.last_resort(asked.reason.strip()[:200]), "masked": not asked.reason.strip()}
        await interactions.add(
            session, tenant_id=person.tenant_id, person_id=person.id, at=op.clock.now(), kind=kind,
            actor=asked.actor[:100], detail=detail,
        )  # fmt: skip
    return person
