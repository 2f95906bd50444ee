"""Who is to be forgotten: the ids, addresses and numbers by which files may know a person."""

from __future__ import annotations

import hashlib
import html
import re
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property

from winback.intake.erased import KeyKind
from winback.intake.phones import CALLING_CODE, is_phone

ERASED = "(erased)"
"""What takes the place of an address in a text that stays."""

_SIGNS = r"[ ().\-/\u00a0]{0,3}"
# An id of fewer signs may be any number or word: in a text it proves nobody.
_LEAST_ID, _LEAST_DIGITS, _LEAST_LETTERS = 5, 7, 8
_SHOWN = "•••"
_DATE = re.compile(r"\d{4}([-./])\d{1,2}\1\d{1,2}\b|\d{1,2}([-./])\d{1,2}\2\d{4}\b")
_NAME = re.compile(r"[^\W\d_][\w.'’-]*(?:\s+[^\W_][\w.'’-]*)+")
_HASH = re.compile(r"(?<!\w)[0-9a-f]{32,64}(?!\w)")


@dataclass(frozen=True)
class People:
    """What the people to be forgotten are known by, of all of them together.

    Attributes:
        ids: plain, as `plain_id` gives them.
        emails: in lower case.
        phones: their digits, without signs and zeros before them, with and without the calling
            code.
        names: whatever else of words their contacts hold, in lower case, if nobody else has it.
    """

    ids: frozenset[str] = frozenset()
    emails: frozenset[str] = frozenset()
    phones: frozenset[str] = frozenset()
    names: frozenset[str] = frozenset()

    def __bool__(self) -> bool:
        return bool(self.ids or self.emails or self.phones)

    def __or__(self, other: People) -> People:
        return People(
            self.ids | other.ids, self.emails | other.emails, self.phones | other.phones,
            self.names | other.names,
        )  # fmt: skip

    def has_id(self, cell: str | None) -> bool:
        """Whether a cell of a column of ids is one of theirs."""
        return cell is not None and plain_id(cell) in self.ids

    def hides_behind(self, cell: str) -> bool:
        """Whether a cell of a page is one of their ids, its address perhaps half covered."""
        text = html.unescape(cell).strip()
        if "***" not in text:
            return self.has_id(text)
        covered = re.compile(".*".join(map(re.escape, text.lower().split("***"))))
        return any(covered.fullmatch(each) for each in self.ids | self.emails)

    def may_be_in(self, record: str) -> bool:
        """Whether a row is worth a closer look; next to none is."""
        return self._hint.search(record) is not None

    @cached_property
    def _hint(self) -> re.Pattern[str]:
        signs = [r"\s*".join(map(re.escape, each)) for each in sorted(self.ids)]
        signs += [re.escape(each) for each in sorted(self.emails | self.names)]
        signs += [r"\D{0,3}".join(number[-_LEAST_DIGITS:]) for number in sorted(self.phones)]
        signs += [r"[0-9a-fA-F]{32}"] if self.emails or self.phones else []
        return re.compile("|".join(signs), re.IGNORECASE)

    def is_in(self, text: str, *, phones: bool = True, ids: bool = True) -> bool:
        """Whether a text names one of them; of ids only such as no other number can be."""
        return next(self._places(text, phones=phones, ids=ids), None) is not None

    def without(self, text: str, *, phones: bool = True, ids: bool = True) -> str:
        """The text with what names them replaced."""
        parts, end = [], 0
        for start, stop in sorted(self._places(text, phones=phones, ids=ids)):
            if start >= end:
                parts += [text[end:start], ERASED]
                end = stop
        return "".join([*parts, text[end:]])

    def shows(self, text: str) -> bool:
        """Whether a text shows an id as a word, however short."""
        return self.is_in(text) or any(
            re.search(rf"(?<![\w.-]){re.escape(each)}(?![\w-])", text, re.IGNORECASE)
            for each in self.ids
        )

    def _places(self, text: str, *, phones: bool, ids: bool) -> Iterator[tuple[int, int]]:
        lowered = text.lower()
        # A few letters change their number in lower case, and their places with it.
        if len(lowered) != len(text):
            lowered = "".join(c.lower() if len(c.lower()) == 1 else c for c in text)
        if "@" in lowered or "%40" in lowered:
            for email in sorted(self.emails):
                for each in (email, email.replace("@", "%40")):
                    yield from _whole(lowered, each, r"\w.+-")
        if self.emails or self.phones:
            for found in _HASH.finditer(lowered):
                if found.group() in self._hashes:
                    yield found.span()
        if ids:
            for each in sorted({*filter(_is_telling, self.ids), *self.names}):
                yield from _whole(lowered, each, r"\w.@-")
        if phones and self._numbers is not None:
            for found in self._numbers.finditer(lowered):
                yield found.span()

    @cached_property
    def _numbers(self) -> re.Pattern[str] | None:
        if not self.phones:
            return None
        each = "|".join(_SIGNS.join(number) for number in sorted(self.phones, key=len)[::-1])
        # Without a sign that says so, one digit before a number makes another number of it.
        code = rf"(?:\+|00){_SIGNS}(?:{CALLING_CODE})|(?:{CALLING_CODE.removeprefix('[17]|')})"
        before = rf"(?:{code})?{_SIGNS}0?{_SIGNS}"
        return re.compile(rf"(?<![\w.+])(?:{before})?(?:{each})(?!\w|[.,]\d)")

    @cached_property
    def _hashes(self) -> frozenset[str]:
        """As ads platforms and Mailchimp are told of them."""
        plain = set(self.emails)
        for email in self.emails:
            name, _, domain = email.partition("@")
            if domain in ("gmail.com", "googlemail.com"):
                plain.add(f"{name.partition('+')[0].replace('.', '')}@{domain}")
        plain |= {
            f"{sign}{code}{number}"
            for number in self.phones
            for code in ("", *map(str, range(1, 1000)))
            for sign in ("", "+")
        }
        found = {hashlib.sha256(each.encode()).hexdigest() for each in plain}
        addresses = {each.encode() for each in plain if "@" in each}
        return frozenset(
            found | {hashlib.md5(each, usedforsecurity=False).hexdigest() for each in addresses}
        )


def plain_id(text: str) -> str:
    """An id without case, blanks, zeros before it and ``.0`` behind it."""
    bare = re.sub(r"\s+", "", text).lstrip("'").lower()
    bare = re.sub(r"^(-?\d+)\.0+$", r"\1", bare)
    return bare.lstrip("0") or bare


def phone_forms(text: str) -> frozenset[str]:
    """Digits by which a number is found in other spellings; none of what is no number."""
    if not is_phone(text.strip()) or _DATE.match(text.strip()):
        return frozenset()
    bare = re.sub(r"^(\+|00)(.*)\(0\)", r"\1\2", re.sub(r"\.0+$", "", text.strip()))
    own = re.sub(r"\D", "", bare)
    stated = bare.startswith("+") or own.startswith("00")
    own = own.lstrip("0")
    forms = {own}
    if stated:
        forms.add(re.sub(rf"^({CALLING_CODE})0?", "", own))
    return frozenset(each for each in forms if _LEAST_DIGITS <= len(each) <= 15)


def kinds_of(key: str) -> tuple[KeyKind, ...]:
    """What a key that somebody gives can be: an address, or an id that may be a number too."""
    if "@" in key:
        return ("email",)
    return ("id", "phone") if phone_forms(key) else ("id",)


def people_of(keys: Iterable[tuple[KeyKind, str]]) -> People:
    """The people of these keys; what is an address is one, whatever it was called."""
    ids: set[str] = set()
    emails: set[str] = set()
    phones: set[str] = set()
    for kind, key in keys:
        if "@" in key:
            emails.add(re.sub(r"\s+", "", key).lower())
        if kind == "id":
            ids.add(plain_id(key))
        elif kind == "phone":
            phones |= phone_forms(key)
    return People(frozenset(ids), frozenset(emails), frozenset(phones))


def addresses_of(cells: Collection[str]) -> list[tuple[KeyKind, str]]:
    """What of a person's cells is an address or a number, of whatever column."""
    found: list[tuple[KeyKind, str]] = []
    for cell in cells:
        if re.fullmatch(r"[^\s@]+@[^\s@]+", cell.strip()):
            found.append(("email", cell.strip()))
        elif phone_forms(cell):
            found.append(("phone", cell))
    return found


def name_of(cell: str) -> str | None:
    """The words of a cell in lower case where they can be a name, of two words or more."""
    text = cell.strip()
    return text.lower() if _NAME.fullmatch(text) and len(text) >= _LEAST_LETTERS else None


def masked(key: str) -> str:
    """A key as it may be printed: its first sign, and what kind it is of."""
    return f"{key.strip()[:1]}{_SHOWN}{f'@{_SHOWN}' if '@' in key else ''}"


def _is_telling(number: str) -> bool:
    letters, digits = any(map(str.isalpha, number)), any(map(str.isdigit, number))
    least = _LEAST_ID if letters and digits else _LEAST_DIGITS if digits else _LEAST_LETTERS
    return len(number) >= least


def _whole(text: str, each: str, signs: str) -> Iterator[tuple[int, int]]:
    """Where it stands as a whole, not as a part of a longer one."""
    place = text.find(each)
    while place >= 0:
        stop = place + len(each)
        before, after = text[max(place - 1, 0) : place], text[stop : stop + 2]
        # A full stop behind it ends a sentence.
        goes_on = re.match(rf"[{signs}]", after) and not re.match(r"[.-](\W|$)", after)
        if not (re.match(rf"[{signs}]", before) or goes_on):
            yield place, stop
        place = text.find(each, place + 1)
