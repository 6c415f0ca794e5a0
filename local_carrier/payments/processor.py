"""The payment processor behind the connectors: charges or refuses a card. Keeps what was charged, never the card."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import datetime

from local_carrier.payments.cards import DECLINED


@dataclass(frozen=True, slots=True)
class Charge:
    """Money that was taken: amount as written in the document, the card by kind and last four digits."""

    call_sid: str
    amount: str
    currency: str
    confirmation: str
    card_kind: str
    last4: str
    at: datetime


class Processor:
    """Every charge of the account, oldest first."""

    def __init__(self) -> None:
        self.charges: list[Charge] = []

    def charge(self, number: str, kind: str, *, about: tuple[str, str, str], at: datetime) -> Charge | None:
        """Charge `about` = (call SID, amount, currency) to a card; None when the issuer declines it."""
        if number in DECLINED:
            return None
        made = Charge(*about, f"CH{secrets.token_hex(8)}", kind, number[-4:], at)
        self.charges.append(made)
        return made
