"""Decides which of several columns of dates says when an order was placed."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence

from winback.intake.contents import Table, is_written_date
from winback.intake.headers import ALIASES, NOT_WORDS, is_word_of
from winback.intake.months import month_of
from winback.results.base import Fact, fact

# Of a hundred lines at most two may differ by chance or mistake.
_SHARE = 0.98
_LEAST_PEOPLE = 3
_CLOCK = re.compile(r"[T ,(]+(\d{1,2})[:.h](\d\d)|\d{1,2}[:h]\d\d")
_MIDNIGHT = re.compile(r"[T ,]+0?0[:.]00([:.]00([.,]0+)?)?\s*(Z|[+-]00:?00)?$|12:00(:00)? ?AM$")
_PARTS = {
    "year": "year orderyear saleyear purchaseyear yyyy yr rok roksprzedazy rokzamowienia jahr "
    "annee an ano anno jaar rocnik ev ar",
    "month": "month ordermonth salemonth purchasemonth monthnum monthnumber mm miesiac "
    "miesiacsprzedazy miesiaczamowienia monat mois mes mese maand mesic mesiac honap luna manad "
    "maned",
    "day": "day orderday saleday purchaseday dayofmonth dd dzien dziensprzedazy dzienzamowienia "
    "dzienmiesiaca tag jour dia giorno dag den nap zi",
}  # fmt: skip
_PART_NAMES = {part: frozenset(names.split()) for part, names in _PARTS.items()}
_SINCE = re.compile(r"days?(since|between)|dni(od|miedzy)|tageseit|jours?depuis")
_COUNTED = re.compile(r"^\d{1,4}(\.0)?$")
_WHOLE = re.compile(r"^\d{1,2}(\.0)?$")


def day_of(cell: str) -> str:
    """What a cell says of the day, whatever its clock."""
    return re.split(r"[T ,(]+\d{1,2}[:.h]\d\d", cell.strip(), maxsplit=1)[0]


def of_orders(table: Table, columns: Sequence[int], customer: int | None) -> list[int]:
    """Those of some columns of dates that can date orders; all of them where none can.

    A day that is the same in every line is when the file was made; and one that is the same in
    all lines of a customer, while another is not, is of the customer: account, birthday, first
    order.
    """
    if len(columns) < 2:
        return list(columns)
    varied = [i for i in columns if len({day_of(cell) for cell in table.cells[i]}) > 1]
    if customer is not None:
        varied = [
            i for i in varied if not any(_is_of_customer(table, customer, i, j) for j in varied)
        ]
    return varied or list(columns)


def _is_of_customer(table: Table, customer: int, column: int, other: int) -> bool:
    """Whether customers have one day in a column each, though several in another."""
    days: dict[str, set[str]] = defaultdict(set)
    others: dict[str, set[str]] = defaultdict(set)
    for row in table.rows:
        who, one, two = row[customer], row[column], row[other]
        if who and one and two:
            days[who].add(day_of(one))
            others[who].add(day_of(two))
    several = [who for who, found in others.items() if len(found) > 1]
    single = sum(len(days[who]) == 1 for who in several)
    return len(several) >= _LEAST_PEOPLE and single >= _SHARE * len(several)


def better_dates(table: Table, found: Mapping[str, int]) -> tuple[list[int], list[Fact]]:
    """The column that dates orders, given the one that was found, and what decided against that.

    Another takes its place where this one cannot date orders but another can, and where another
    tells the time of the same days. Several are equally likely.
    """
    chosen = found["date"]
    reasons: list[Fact] = []
    others = [
        i
        for i in range(len(table.cells))
        if i not in found.values()
        and not NOT_WORDS["date"].search(table.keys[i])
        and _dates(table, i)
    ]
    if not others:
        return [chosen], []
    fit = of_orders(table, [chosen, *others], found.get("customer"))
    later = bool(NOT_WORDS["date"].search(table.keys[chosen]))
    likely = [i for i in fit if i != chosen]
    if likely and (chosen not in fit or later):
        least = min(_rank(table, i) for i in likely)
        likely = [i for i in likely if _rank(table, i) == least]
        if len(likely) > 1 and not table.equal(likely):
            return likely, []
        names = {"column": table.names[likely[0]], "other": table.names[chosen]}
        reasons.append(fact("intake.date_not_later" if later else "intake.date_of_orders", **names))
        chosen = likely[0]
    if tells_no_time(table, chosen):
        timed = [i for i in others if i != chosen and not tells_no_time(table, i)]
        same = [i for i in timed if _same_days(table, chosen, i)]
        if same:
            best = min(same, key=lambda i: (_rank(table, i), table.keys[i], i))
            reasons.append(
                fact("intake.date_with_time", column=table.names[best], other=table.names[chosen])
            )
            chosen = best
    return [chosen], reasons


def _dates(table: Table, column: int) -> bool:
    """Whether a column holds dates that are no numbers."""
    typed = table.types[column].startswith(("TIMESTAMP", "DATE"))
    return typed or table.mostly(column, is_written_date)


def _rank(table: Table, column: int) -> int:
    """How likely a name makes a column the date: the lower the likelier."""
    ranks, key = ALIASES["date"], table.keys[column]
    return ranks.get(key, len(ranks) + (not is_word_of("date", key)))


def tells_no_time(table: Table, column: int) -> bool:
    """Whether a column of dates leaves the time of day to another."""
    return not table.mostly(column, lambda cell: bool(_CLOCK.search(cell))) or all(
        _MIDNIGHT.search(cell) for cell in table.cells[column]
    )


def _same_days(table: Table, one: int, other: int) -> bool:
    """Whether two columns hold the same days, each written in its own way."""
    pairs = [(a, b) for row in table.rows if (a := row[one]) and (b := row[other])]
    same = sum(_numbers(a) == _numbers(b) for a, b in pairs)
    return bool(pairs) and same >= _SHARE * len(pairs)


def _numbers(cell: str) -> list[str]:
    """The numbers and words of a day in no order, for two forms may differ in it."""
    parts = re.findall(r"\d+|[^\W\d_]{3,}", day_of(cell))
    return sorted(part.lstrip("0").lower() for part in parts)


def running_days(table: Table, named: Sequence[int]) -> Fact | None:
    """What to say of a file whose days are counted and dated nowhere."""
    for i, key in enumerate(table.keys):
        if _SINCE.search(key) and table.mostly(i, lambda cell: bool(_COUNTED.match(cell))):
            return fact("intake.named_but_days_since", column=table.names[i])
    for i in named:
        cells = table.cells[i]
        if cells and all(_COUNTED.match(cell) for cell in cells) and "hour" not in table.keys[i]:
            days = [int(float(cell)) for cell in cells]
            return fact(
                "intake.named_but_counts_days",
                column=table.names[i], first=min(days), last=max(days),
            )  # fmt: skip
    return None


def date_parts(table: Table, taken: Collection[int]) -> dict[str, int] | None:
    """The columns of year, month and day, where a date stands in three."""
    found: dict[str, int] = {}
    for part, names in _PART_NAMES.items():
        fitting = [
            i
            for i, key in enumerate(table.keys)
            if key in names and i not in taken and table.mostly(i, _TESTS[part])
        ]
        if len(fitting) != 1:
            return None
        found[part] = fitting[0]
    return found


def _is_month(cell: str) -> bool:
    text = cell.strip()
    return (bool(_WHOLE.match(text)) and 1 <= int(float(text)) <= 12) or bool(month_of(text))


_TESTS = {
    "year": lambda cell: bool(re.match(r"^(19|20)\d\d(\.0)?$", cell.strip())),
    "month": _is_month,
    "day": lambda cell: bool(_WHOLE.match(cell.strip())) and 1 <= int(float(cell)) <= 31,
}


def joined_parts(columns: Sequence[str]) -> str:
    """SQL of year, month and day as one text; null where one of them is missing."""
    whole = (f"regexp_replace(trim(CAST({c} AS VARCHAR)), '\\.0$', '')" for c in columns)
    return " || '-' || ".join(f"regexp_replace({part}, '^(\\d)$', '0\\1')" for part in whole)
