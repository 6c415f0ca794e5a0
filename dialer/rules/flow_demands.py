"""What the packs ask of flows, as the proofs take it: one set of demands for each country that has a pack."""

from __future__ import annotations

from collections.abc import Iterable

from dialer.rules.packs import Pack, Packs
from ivr_flows.proving.requirements import Requirements

_USUAL = Requirements("", "")


def demands(packs: Packs, places: Iterable[str] = ()) -> tuple[Requirements, ...]:
    """What each of these countries (ISO 3166; none named: all that have a pack) asks of a flow, in order.

    KeyError names a country without a pack.
    """
    wanted = {place.upper() for place in places} or set(packs.by_country)
    return tuple(_of(packs.by_country[country]) for country in sorted(wanted))


def _of(pack: Pack) -> Requirements:
    rule = pack.flows
    local = (region.recording for region in pack.regions.values())
    notice = any(one.notice for one in (pack.recording, *local) if one is not None)
    return Requirements(
        place=pack.country,
        country=pack.country,
        level=pack.disclosure_level,
        identify_seconds=rule.identify_seconds if rule else _USUAL.identify_seconds,
        opt_out_seconds=rule.opt_out_seconds if rule else None,
        voicemail=rule.voicemail if rule else _USUAL.voicemail,
        recording_notice=notice,
        disclosures=rule.disclosures if rule else {},
    )
