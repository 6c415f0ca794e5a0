"""Flows proven for the places that have a pack, once for each revision: the proof before a campaign may call."""

from __future__ import annotations

from audio.packs.lengths import seconds
from dialer.rules.flow_demands import demands
from dialer.rules.packs import Packs
from ivr_flows.nodes import Flow
from ivr_flows.proving.proof import Proof, prove

_REMEMBERED = 64
_proofs: dict[tuple[str, str, str], Proof] = {}


def proof_of(flow: Flow, packs: Packs, places: tuple[str, ...] = ()) -> Proof:
    """The proof of this revision for these countries (none named: all that have a pack), from memory if it is known.

    KeyError names a country without a pack.
    """
    asked = demands(packs, places)
    key = (flow.name, flow.revision, repr(asked))
    if key not in _proofs:
        while len(_proofs) >= _REMEMBERED:
            _proofs.pop(next(iter(_proofs)))
        _proofs[key] = prove(flow, asked, seconds=seconds)
    return _proofs[key]
