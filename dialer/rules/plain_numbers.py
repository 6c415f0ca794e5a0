"""Telephone numbers in plain writing, read straight by the patterns of the phone number library's own metadata.

A shorter way to the same answer: what is not surely understood here is None, and the library itself reads it. No
range and no rule of a country stands here.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache

from phonenumbers import (
    COUNTRY_CODE_TO_REGION_CODE,
    SUPPORTED_REGIONS,
    PhoneMetadata,
    PhoneNumberDesc,
    PhoneNumberType,
)

__all__ = ["Known", "read"]

FEWEST, MOST = 7, 17  # digits; the library takes longer numbers, and shorter ones are no debtor's
_PLAIN = re.compile(r"\+?[ (]*\d[\d ().-]*", re.ASCII)
_SIGNS = str.maketrans("", "", "+ ().-")
_NEVER = re.compile(r"(?!)")
_LONGEST_CODE = 3  # digits of a calling code (ITU-T E.164)
# The order in which the library tries the kinds of a number; lines in the ground and mobiles come after them.
_SPECIAL = (
    ("premium_rate", PhoneNumberType.PREMIUM_RATE),
    ("toll_free", PhoneNumberType.TOLL_FREE),
    ("shared_cost", PhoneNumberType.SHARED_COST),
    ("voip", PhoneNumberType.VOIP),
    ("personal_number", PhoneNumberType.PERSONAL_NUMBER),
    ("pager", PhoneNumberType.PAGER),
    ("uan", PhoneNumberType.UAN),
    ("voicemail", PhoneNumberType.VOICEMAIL),
)


@dataclass(frozen=True, slots=True)
class Known:
    """What is surely understood: calling code, national number, kind (a PhoneNumberType), region (ISO 3166).

    The kind is UNKNOWN for a number that cannot exist.
    """

    code: str
    national: str
    kind: int
    region: str


@dataclass(frozen=True, slots=True)
class _Pattern:
    """Which national numbers there are of one kind: by their lengths and by a pattern."""

    lengths: frozenset[int]
    whole: re.Pattern[str]

    def fits(self, national: str) -> bool:
        return (not self.lengths or len(national) in self.lengths) and self.whole.fullmatch(national) is not None


@dataclass(frozen=True, slots=True)
class _Plan:
    """A region's numbering plan as the library tells it. `leading` is what tells it from others of its code."""

    region: str
    code: str
    abroad: re.Pattern[str]
    trunk: re.Pattern[str]
    leading: re.Pattern[str] | None
    every: _Pattern
    lengths: frozenset[int]
    special: tuple[tuple[_Pattern, int], ...]
    fixed: _Pattern
    mobile: _Pattern
    alike: bool

    def kind(self, national: str) -> int:
        """The kind of a national number; UNKNOWN for one that cannot exist."""
        if not self.every.fits(national):
            return PhoneNumberType.UNKNOWN
        for pattern, kind in self.special:
            if pattern.fits(national):
                return kind
        if self.fixed.fits(national):
            both = self.alike or self.mobile.fits(national)
            return PhoneNumberType.FIXED_LINE_OR_MOBILE if both else PhoneNumberType.FIXED_LINE
        mobile = not self.alike and self.mobile.fits(national)
        return PhoneNumberType.MOBILE if mobile else PhoneNumberType.UNKNOWN

    def without_trunk(self, digits: str) -> str | None:
        """The digits without what is dialled before them inside the country; None where that is not sure."""
        found = self.trunk.match(digits)
        if found is None:
            return digits
        rest = digits[found.end() :]
        if found.lastindex is not None or len(rest) not in self.lengths:
            return None
        if self.every.whole.fullmatch(digits) and not self.every.whole.fullmatch(rest):
            return digits
        return rest


def read(text: str, country: str) -> Known | None:
    """The number that a text means when written in `country` (ISO 3166); None: ask the library."""
    if not _PLAIN.fullmatch(text):
        return None
    digits = text.translate(_SIGNS)
    if not FEWEST <= len(digits) <= MOST:
        return None
    parts = _parted(digits) if text[0] == "+" else _national(digits, country)
    if parts is None:
        return None
    plans, national = parts
    return _placed(plans, national)


def _national(digits: str, country: str) -> tuple[tuple[_Plan, ...], str] | None:
    """The plans of the country's calling code, and the national number in digits that begin with no code."""
    plan = _plan(country)
    if plan is None or plan.abroad.match(digits):
        return None
    if digits.startswith(plan.code):
        rest = digits[len(plan.code) :]
        every = plan.every.whole
        if every.fullmatch(digits) or plan.trunk.match(rest) or not every.fullmatch(rest):
            return None
        return _parted(digits)
    national = plan.without_trunk(digits)
    return None if national is None else (_plans(plan.code), national)


def _parted(digits: str) -> tuple[tuple[_Plan, ...], str] | None:
    """The plans of the calling code with which the digits begin, and the national number."""
    for length in range(1, _LONGEST_CODE + 1):
        if plans := _plans(digits[:length]):
            national = plans[0].without_trunk(digits[length:])
            return None if national is None else (plans, national)
    return None


def _placed(plans: tuple[_Plan, ...], national: str) -> Known:
    """Among several regions of one calling code the first that the number fits is its own."""
    for plan in plans:
        if plan.leading is not None and len(plans) > 1:
            if plan.leading.match(national):
                return Known(plan.code, national, plan.kind(national), plan.region)
        elif (kind := plan.kind(national)) != PhoneNumberType.UNKNOWN:
            return Known(plan.code, national, kind, plan.region)
    return Known(plans[0].code, national, PhoneNumberType.UNKNOWN, plans[0].region)


@cache
def _plans(code: str) -> tuple[_Plan, ...]:
    """The plans of all regions of a calling code, the main one first; none where the code is no country's."""
    regions = COUNTRY_CODE_TO_REGION_CODE.get(int(code), ()) if code[0] != "0" else ()
    found = [_plan(region) for region in regions]
    return tuple(plan for plan in found if plan is not None) if all(found) else ()


@cache
def _plan(region: str) -> _Plan | None:
    """None for what is no region, and for a plan of which something is missing."""
    data = PhoneMetadata.metadata_for_region(region, None) if region in SUPPORTED_REGIONS else None
    every = data.general_desc if data else None
    if data is None or every is None:
        return None
    return _Plan(
        region=region,
        code=str(data.country_code),
        abroad=re.compile(data.international_prefix) if data.international_prefix else _NEVER,
        trunk=re.compile(data.national_prefix_for_parsing) if data.national_prefix_for_parsing else _NEVER,
        leading=re.compile(data.leading_digits) if data.leading_digits is not None else None,
        every=_pattern(every),
        lengths=frozenset(every.possible_length).difference(every.possible_length_local_only),
        special=tuple((_pattern(desc), kind) for name, kind in _SPECIAL if (desc := getattr(data, name)) is not None),
        fixed=_pattern(data.fixed_line),
        mobile=_pattern(data.mobile),
        alike=bool(data.same_mobile_and_fixed_line_pattern),
    )


def _pattern(desc: PhoneNumberDesc | None) -> _Pattern:
    if desc is None or not desc.national_number_pattern:
        return _Pattern(frozenset(), _NEVER)
    return _Pattern(frozenset(desc.possible_length), re.compile(desc.national_number_pattern))
