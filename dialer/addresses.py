"""The addresses that the carrier is given and the webhooks answer: one place, so that both ends agree.

Each carries a random token of the attempt, agent leg or message. The fragment asks the carrier to repeat a
request that failed (https://www.twilio.com/docs/usage/webhooks/webhooks-connection-overrides).
"""

from __future__ import annotations

RETRY_VOICE = "#rc=3&rp=all"
RETRY_NEWS = "#rc=5&rp=all"


class Addresses:
    """Absolute addresses under TOQUE_PUBLIC_URL."""

    def __init__(self, public_url: str) -> None:
        self.root = public_url.rstrip("/")

    def voice(self, token: str, turn: int) -> str:
        """Where turn number `turn` of a call is answered."""
        return f"{self.root}/voice/{token}/{turn}{RETRY_VOICE}"

    def recall(self, token: str, reason: str) -> str:
        """Where a live call is sent when it must end politely."""
        return f"{self.root}/voice/{token}/recall/{reason}{RETRY_VOICE}"

    def machine(self, token: str) -> str:
        """Where a live call is sent when a machine was heard late."""
        return f"{self.root}/voice/{token}/machine{RETRY_VOICE}"

    def connect(self, token: str, reservation: int) -> str:
        """Where a waiting caller is sent when an agent was reserved."""
        return f"{self.root}/voice/{token}/connect/{reservation}{RETRY_VOICE}"

    def requeue(self, token: str) -> str:
        """Where a caller whose agent did not come is sent: back to waiting."""
        return f"{self.root}/voice/{token}/requeue{RETRY_VOICE}"

    def card(self, token: str, turn: int) -> str:
        """Progress and result of the card that turn `turn` waits for, beside the turn itself."""
        return f"{self.root}/voice/{token}/card/{turn}{RETRY_NEWS}"

    def capture(self, token: str) -> str:
        """Progress and result of a card that an agent takes."""
        return f"{self.root}/voice/capture/{token}/status{RETRY_NEWS}"

    def status(self, token: str) -> str:
        """Progress of a call."""
        return f"{self.root}/voice/{token}/status{RETRY_NEWS}"

    def recording(self, token: str) -> str:
        """News of a recording of the call."""
        return f"{self.root}/voice/{token}/recording{RETRY_NEWS}"

    def detection(self, token: str) -> str:
        """The verdict of asynchronous machine detection."""
        return f"{self.root}/voice/{token}/amd{RETRY_NEWS}"

    def agent(self, token: str) -> str:
        """What an agent's own leg does: stand in the agent's conference."""
        return f"{self.root}/voice/agent/{token}{RETRY_VOICE}"

    def agent_status(self, token: str) -> str:
        """Progress of an agent's leg."""
        return f"{self.root}/voice/agent/{token}/status{RETRY_NEWS}"

    def conference(self, token: str) -> str:
        """Who joined and left an agent's conference."""
        return f"{self.root}/voice/agent/{token}/conference{RETRY_NEWS}"

    def supervisor(self, token: str) -> str:
        """What a supervisor's own line does: go into the conference of the talk."""
        return f"{self.root}/voice/supervisor/{token}{RETRY_VOICE}"

    def supervisor_status(self, token: str) -> str:
        """Progress of a supervisor's line."""
        return f"{self.root}/voice/supervisor/{token}/status{RETRY_NEWS}"

    def hold(self) -> str:
        """What is heard while a conference waits for its other side."""
        return f"{self.root}/voice/hold"

    def incoming_calls(self) -> str:
        """Where the carrier sends calls to our numbers (set there for each number)."""
        return f"{self.root}/voice/inbound"

    def incoming_calls_status(self) -> str:
        """Where it tells of their end."""
        return f"{self.root}/voice/inbound/status"

    def incoming_texts(self) -> str:
        """Where it sends text messages to our numbers."""
        return f"{self.root}/messaging/inbound"

    def message_status(self, token: str) -> str:
        """Progress of a text message."""
        return f"{self.root}/messaging/{token}/status{RETRY_NEWS}"

    def desk(self, ticket: str) -> str:
        """The link that signs an agent in to the desk, once."""
        return f"{self.root}/desk/enter?ticket={ticket}"

    def media(self, digest: str) -> str:
        """One prompt."""
        return f"{self.root}/media/{digest}.wav"


def conference_name(leg_token: str) -> str:
    """The name of the conference in which an agent stands for the shift."""
    return f"agent-{leg_token}"
