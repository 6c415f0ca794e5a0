"""Whatever a name or a text holds, the document that the carrier gets is well-formed XML."""

from __future__ import annotations

from xml.etree import ElementTree

from hypothesis import example, given
from hypothesis import strategies as st

from dialer.addresses import Addresses
from dialer.speaking import Answer
from ivr_flows.turn import End, Keys, Part, Speech, Transfer
from webhooks.writing import SAY_LIMIT, TwimlWriter

WRITER = TwimlWriter(Addresses("http://x"), lambda *_: None, lambda: None)
ANYTHING = st.text(st.characters(), max_size=60)  # surrogates and all


@given(words=ANYTHING, wait=st.sampled_from([End(), Keys(), Transfer("", 60)]), room=ANYTHING)
@example("Olá, Ana\x02 Lima", End(), "")
@example("]]></Say><Dial>1</Dial>", Keys(), "<\x00>")
def test_any_words_leave_the_document_whole(words: str, wait: End | Keys | Transfer, room: str) -> None:
    speech = Speech("pt-BR", (Part(words, "text"),))
    document = ElementTree.fromstring(WRITER.answer("t", Answer((speech,), wait, 1, room=room)))
    assert {one.tag for one in document.iter()} <= {
        "Response", "Say", "Hangup", "Gather", "Redirect", "Dial", "Conference", "Pause"
    }  # fmt: skip
    (said,) = document.iter("Say")
    carried = "".join(one for one in words if one in "\t\n\r" or (one >= " " and one not in "\ufffe\uffff"))
    carried = "".join(one for one in carried if not "\ud800" <= one <= "\udfff")
    assert (said.text or "") == carried.replace("\r\n", "\n").replace("\r", "\n")[:SAY_LIMIT]


@given(ANYTHING)
def test_any_room_leaves_an_agents_document_whole(room: str) -> None:
    ElementTree.fromstring(WRITER.agent_room("t", room))
