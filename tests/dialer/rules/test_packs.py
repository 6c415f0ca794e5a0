from dataclasses import replace
from datetime import date
from importlib.resources import files

import pytest

from dialer.errors import NotConfigured
from dialer.rules.packs import Pack, Rule, load_packs, read_pack

TEXT = (files("dialer.rules") / "jurisdictions" / "us.yaml").read_text("utf-8")


def rules_of(pack: Pack) -> list[Rule]:
    optional = [pack.hours_without_region, pack.recording]
    for region in pack.regions.values():
        optional += [region.hours, region.recording, *region.caps]
    return [pack.hours, *pack.caps, *pack.quiet, *pack.bars.values(), *(rule for rule in optional if rule)]


@pytest.mark.parametrize("country", ["BR", "US", "FR"])
def test_every_rule_is_cited_and_was_in_force_when_checked(country: str) -> None:
    pack = load_packs().by_country[country]
    for rule in rules_of(pack):
        assert rule.citation
        assert rule.effective_from <= rule.last_checked <= pack.last_checked
        assert rule.confidence == "HOUSE" or "house rule" not in rule.citation.split(",")[0]


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ('open: "mon-sun 08:00-21:00"', 'open: "always"'),
        ("confidence: H", "confidence: certain"),
        ("limit: 7", "limit: 0"),
        ("US-MA:", "CA-ON:"),
        ("country: US", "land: US"),
        ("pack: us", "pack: [us"),
    ],
)
def test_a_malformed_pack_is_refused_by_its_name(old: str, new: str) -> None:
    assert old in TEXT
    with pytest.raises(NotConfigured, match=r"rule pack broken\.yaml cannot be used"):
        read_pack(TEXT.replace(old, new), "broken.yaml")


def test_an_announced_rule_waits_for_its_date_and_an_old_one_always_holds() -> None:
    pack = load_packs().by_country["US"]
    announced = pack.hours.model_copy(update={"effective_from": date(2027, 3, 1)})
    assert not pack.in_force(announced, date(2027, 2, 28))
    assert pack.in_force(announced, date(2027, 3, 1))
    assert pack.in_force(pack.hours, date(2020, 4, 1))
    ended = pack.hours.model_copy(update={"effective_to": date(2027, 1, 1)})
    assert not pack.in_force(ended, date(2027, 1, 2))


def test_disclosure_is_strictest_where_no_pack_exists() -> None:
    assert load_packs().required_level("BR") == "checked"
    assert load_packs().required_level("PT") == "confirmed"


def test_recording_duties_are_found_by_place() -> None:
    packs = load_packs()
    rule = packs.recording("BR", ("BR-MG", "BR-RJ"))
    assert rule is not None
    assert rule.code == "BR_RJ_RECORDING_NOTICE"
    assert (rule.wanted, rule.keep_days, rule.copy_business_days) == ("required", 180, 7)
    elsewhere = packs.recording("BR", ("BR-MG",))
    assert elsewhere is not None
    assert [elsewhere.asks(choice) for choice in ("pack", "all", "off")] == [False, True, False]
    assert [rule.asks(choice) for choice in ("pack", "all", "off")] == [True, True, False]
    assert replace(packs, by_country={}).recording("BR", ("BR-RJ",)) is None
