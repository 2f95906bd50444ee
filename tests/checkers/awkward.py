"""Contacts such as shops have: every awkward value in turn, and what must become of it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, timedelta

Plain = str | int | float | date | None

# As the shop wrote it, and the address that it is; {n} keeps people apart.
EMAILS: tuple[tuple[str, str | None], ...] = (
    ("Klient{n}@Sklep.PL", "klient{n}@sklep.pl"),
    ("  ola.kot{n}@sklep.pl ", "ola.kot{n}@sklep.pl"),
    ("", None),
    ("anna.nowak+{n}@gmail.com", "anna.nowak+{n}@gmail.com"),
    ("=cmd{n}@sklep.pl", None),
    ("+kot{n}@sklep.pl", None),
    ("-kot{n}@sklep.pl", None),
    ("nie mam {n}", None),
    ("o'neil_{n}@sklep.com.pl", "o'neil_{n}@sklep.com.pl"),
    ("żółw{n}@sklep.pl", None),
    ('"a;b,{n}"@sklep.pl', None),
    ("kot{n}@", None),
)
PHONES: tuple[tuple[str, str | None], ...] = (
    ("501{n:06d}", "+48501{n:06d}"),
    ("", None),
    ("+48 601 {a:03d} {b:03d}", "+48601{n:06d}"),
    ("12", None),
    ("0048-502-{a:03d}-{b:03d}", "+48502{n:06d}"),
    ("brak", None),
    ("'+48503{n:06d}", "+48503{n:06d}"),
)
_EVERY = 41  # of so many addresses one is of each awkward kind
IDS = ("K{n:06d}", "00{n:05d}", "K-{n}", "{n}", "K{n}/ą")
BAD_IDS = ("=1+1{n}", "@{n}", "+-{n}")
TEXTS = (
    'Zoë "Kid" Łęcka; sp. z o.o., "X"', "=1+1", "@SUM(A1:A9)", "007", "-5", "+48", "\t=1",
    'a";=1', '=HYPERLINK("http://x";"y")', "😀👩‍👩‍👧 Ala", "Żółć,\nNowa\r\nlinia",
    "ż" * 150, "x" * 300, "a" * 254 + "żż", "e\u0301" * 200, "#N/A", "null", "1-2", "O'Neil",
    "10% rabatu | \\ / <b>", " ", "\ufeffbom", "\u00a0=x", "a\x00b", "|" * 5, "🇵🇱" * 60, None,
)  # fmt: skip
NUMBERS = (0.0, -12.5, 1234567.891, 0.00004, -0.0, 99.995, None)
SHARES = (0.0, 1.0, 0.37125, 0.5, 0.9999999, None)
DAYS = (date(2025, 1, 29), date(2024, 2, 29), date(2030, 12, 31), None)
BANDS = ("low", "medium", "high", "new", "lost", None)
SEGMENTS = ("at_risk", "champions", "cannot_lose", None)
BY_KIND = {
    "text": TEXTS, "number": NUMBERS, "money": NUMBERS, "share": SHARES, "day": DAYS,
    "whole": (0, 7, 12345, None), "flag": (True, False, None),
}  # fmt: skip


@dataclass(frozen=True)
class Person:
    """One customer: what the shop wrote, what must become of it, and the values of each field."""

    customer_id: str
    sound_id: bool
    raw_email: str
    email: str | None
    raw_phone: str
    phone: str | None
    values: dict[str, Plain] = field(default_factory=dict)


def people(count: int, kinds: dict[str, str]) -> Iterator[Person]:
    """People with awkward values of these fields.

    Args:
        count: how many.
        kinds: of each field, such as ``text``, by its name.
    """
    for n in range(count):
        bad = n % 97 == 13
        pattern = BAD_IDS[n % len(BAD_IDS)] if bad else IDS[n % len(IDS)]
        raw_email, email = EMAILS[n % _EVERY] if n % _EVERY < len(EMAILS) else EMAILS[0]
        raw_phone, phone = PHONES[n % len(PHONES)]
        places = {"n": n, "a": n // 1000, "b": n % 1000}
        values: dict[str, Plain] = {}
        for k, (name, kind) in enumerate(kinds.items()):
            some = {"churn_risk": BANDS, "value_band": BANDS[:3], "rfm_segment": SEGMENTS}.get(
                name, BY_KIND[kind]
            )
            value = some[(n + 3 * k) % len(some)]
            values[name] = value + timedelta(days=n % 5) if isinstance(value, date) else value
        yield Person(
            customer_id=pattern.format(**places),
            sound_id=not bad,
            raw_email=raw_email.format(**places),
            email=email and email.format(**places),
            raw_phone=raw_phone.format(**places),
            phone=phone and phone.format(**places),
            values=values,
        )
