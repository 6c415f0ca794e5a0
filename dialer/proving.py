"""Flows proven for the places that have a pack, once for each revision: the proof before a campaign may call.

A proof is seconds of pure processor time. Where calls are being answered it is made in a process of its own (this
module, run by itself), which is ended when it takes too long.
"""

from __future__ import annotations

import asyncio
import pickle
import sys
from weakref import WeakKeyDictionary

from audio.packs.lengths import seconds
from dialer.errors import Refused
from dialer.rules.flow_demands import demands
from dialer.rules.packs import Packs
from ivr_flows.nodes import Flow
from ivr_flows.proving.proof import Proof, prove
from ivr_flows.proving.requirements import Requirements

_REMEMBERED = 64
LONGEST_SECONDS = 60.0  # real; a flow of the library takes three
_proofs: dict[tuple[str, str, str], Proof] = {}
_turns: WeakKeyDictionary[asyncio.AbstractEventLoop, asyncio.Lock] = WeakKeyDictionary()


def proof_of(flow: Flow, packs: Packs, places: tuple[str, ...] = ()) -> Proof:
    """The proof of this revision for these countries (none named: all that have a pack), from memory if it is known.

    KeyError names a country without a pack.
    """
    asked = demands(packs, places)
    key = _key(flow, asked)
    if key not in _proofs:
        _remember(key, prove(flow, asked, seconds=seconds))
    return _proofs[key]


def known(flow: Flow, packs: Packs, places: tuple[str, ...] = ()) -> Proof | None:
    """The proof for these places (none named: all), if it was made in this process before."""
    return _proofs.get(_key(flow, demands(packs, places)))


async def proof_apart(flow: Flow, packs: Packs, places: tuple[str, ...] = ()) -> Proof:
    """As `proof_of`, made in another process, one at a time. Refused after a minute without an end."""
    asked = demands(packs, places)
    key = _key(flow, asked)
    async with _turns.setdefault(asyncio.get_running_loop(), asyncio.Lock()):
        if key not in _proofs:
            _remember(key, await _in_another_process(flow, asked))
    return _proofs[key]


async def _in_another_process(flow: Flow, asked: tuple[Requirements, ...]) -> Proof:
    child = await asyncio.create_subprocess_exec(
        sys.executable, "-m", __name__, stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE
    )
    try:
        async with asyncio.timeout(LONGEST_SECONDS):
            told, _ = await child.communicate(pickle.dumps((flow, asked)))
    except TimeoutError:
        what = f"{flow.name} could not be looked at to the end in {LONGEST_SECONDS:.0f} s."
        raise Refused(f"{what} Split it, or let fewer variables decide on its ways.") from None
    finally:
        if child.returncode is None:
            child.kill()
            await child.wait()
    if child.returncode:
        raise Refused(f"The proof of {flow.name} broke off. Look at it with: toque flow check {flow.name}")
    proof: Proof = pickle.loads(told)
    return proof


def _key(flow: Flow, asked: tuple[Requirements, ...]) -> tuple[str, str, str]:
    return flow.name, flow.revision, repr(asked)


def _remember(key: tuple[str, str, str], proof: Proof) -> None:
    while len(_proofs) >= _REMEMBERED:
        _proofs.pop(next(iter(_proofs)))
    _proofs[key] = proof


def _prove_what_is_asked() -> None:
    flow, asked = pickle.load(sys.stdin.buffer)
    sys.stdout.buffer.write(pickle.dumps(prove(flow, asked, seconds=seconds)))


if __name__ == "__main__":
    _prove_what_is_asked()
