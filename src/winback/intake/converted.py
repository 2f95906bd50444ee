"""Where orders are in several currencies, finds the column that has all of them in one."""

from __future__ import annotations

import math
import re
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from statistics import median

from winback.intake.cells import literal
from winback.intake.contents import Table
from winback.intake.currencies import CODES, is_currency, one_meaning
from winback.intake.findings import Findings
from winback.intake.headers import normalised
from winback.intake.numbers import rough_number
from winback.intake.told import Told
from winback.intake.units import MONEY
from winback.results.base import fact

_CURRENCY = re.compile(
    r"curr(ency)?|walut|wahrung|waehrung|devise|moneda|moeda|valuta|penznem|mena$"
)
_RATE = re.compile(
    r"exchange|conversion|currencyrate|fxrate|^fx$|^rate$|kurs|wechsel|umrechnung|cambio|taux|"
    r"to(base|order|store|global)rate|(base|order|store|global)rate$"
)
_NO_RATE = re.compile(r"tax|vat|discount|rabat|commission|rating|score|fee|id$|date|data|datum")
_COMMON = frozenset(
    ["currency", "code", "iso", "amount", "total", "sum", "value", "price", "of", "in", "the"]
)
# Roles of columns that only turn others into money of one currency, or into whole units.
FACTORS = ("divisor", "exponent", "rate", "rate_below", "unconverted")
# What was paid back, or otherwise, in the currency of the order.
_BACK = ("refunded", "adjusted", "order_total", "gift", "refund_unsure", "before_gift")
_SHARE = 0.98
# How far a rate may be off its middle over some years.
_SPREAD = 0.35
# What one of a currency is worth in dollars, roughly: enough to tell a rate from its inverse.
_WORTH = {
    "USD": 1.0, "EUR": 1.12, "GBP": 1.3, "CHF": 1.1, "PLN": 0.255, "CZK": 0.044, "HUF": 0.003,
    "SEK": 0.1, "NOK": 0.1, "DKK": 0.15, "RON": 0.23, "BGN": 0.57, "UAH": 0.027, "JPY": 0.008,
    "CNY": 0.142, "INR": 0.0125, "AUD": 0.68, "CAD": 0.75, "NZD": 0.63, "BRL": 0.2, "MXN": 0.052,
    "ILS": 0.28, "ZAR": 0.058, "KRW": 0.0008, "HKD": 0.128, "SGD": 0.74, "THB": 0.029,
}  # fmt: skip
_CLEAR = math.log(1.15)


def in_one_currency(parsed: Mapping[str, str], settled: Mapping[str, str]) -> dict[str, str]:
    """SQL of the money that is turned into one currency, and of that currency, if it is noted."""
    found: dict[str, str] = {}
    if "unconverted" in parsed:
        rate = f"({parsed[settled['by_rate_of']]}) / nullif({parsed['unconverted']}, 0)"
        found = {role: f"({parsed[role]}) * {rate}" for role in settled["by_rate"].split()}
    roles = [role for role in MONEY if role in parsed]
    if settled.get("discount") in ("share", "percent"):
        roles.remove("discount")
    for factor, turned in (("rate", "({0}) * {1}"), ("rate_below", "({0}) / nullif({1}, 0)")):
        if factor in parsed:
            found = {role: turned.format(parsed[role], f"({parsed[factor]})") for role in roles}
    if "currency" in settled and "currency" not in parsed:
        found["currency"] = literal(settled["currency"])
    return found


def settle_currencies(table: Table, found: dict[str, int], told: Told, findings: Findings) -> None:
    """Take a column of currencies that has no usual name, and of several pairs the one that adds.

    An amount in one currency stands beside that in the order's where both are equal for one
    currency and at a steady rate for each other one; or a column holds the rate. What is taken
    is noted in ``findings``, the currency in its ``settled``.
    """
    money = "amount" if "amount" in found else "price"
    if money not in found:
        return
    if "currency" not in found:
        _find_column(table, found, money)
    if "currency" not in found or "currency" in told.columns:
        return
    search = _Search(table, found, told, money)
    if len(search.codes) < 2:
        return
    if money in told.columns:
        search.currency_of(found[money])
    elif not search.converted(findings):
        search.rate(findings)


def pair_beside(table: Table, found: Mapping[str, int]) -> tuple[str, str] | None:
    """Headers of an amount and of its currency, by their names a pair beside those found."""
    near = []
    for at, key in enumerate(table.keys):
        values = set(table.cells[at])
        if at in found.values() or not _CURRENCY.search(key) or not values:
            continue
        if not all(map(is_currency, values)) or len(one_meaning(dict.fromkeys(values, 1))) > 1:
            continue
        ours = words_of(table.names[at])
        near += [
            (-len(shared), table.keys[i], table.names[i], table.names[at])
            for i in range(len(table.keys))
            if i not in found.values()
            and table.is_number(i)
            and (shared := ours & words_of(table.names[i]))
        ]
    return min(near)[2:] if near else None


def words_of(header: str) -> set[str]:
    """The words of a header that tell it from others of its kind."""
    parts = re.findall(r"[A-Z]?[^\WA-Z_]+|[A-Z]+", header)
    return {normalised(part) for part in parts} - _COMMON


def _find_column(table: Table, found: dict[str, int], money: str) -> None:
    """A column whose name speaks of a currency and whose cells are all currencies."""
    near = [
        i
        for i, key in enumerate(table.keys)
        if i not in found.values()
        and _CURRENCY.search(key)
        and table.cells[i]
        and sum(map(is_currency, table.cells[i])) >= _SHARE * len(table.cells[i])
    ]
    ours = words_of(table.names[found[money]])

    def closeness(i: int) -> tuple[int, int, str]:
        theirs = words_of(table.names[i])
        return -len(ours & theirs), len(theirs - ours), table.keys[i]

    if near:
        found["currency"] = min(near, key=closeness)


class _Search:
    """The search for an amount in one currency."""

    def __init__(self, table: Table, found: dict[str, int], told: Told, money: str) -> None:
        self.table, self.found, self.money = table, found, money
        at = found["currency"]
        marks = Counter(cell.upper() for cell in table.cells[at])
        left_out = {
            value.upper()
            for column, values in told.leave_out.items()
            if column.strip().lower() == table.names[at].lower()
            for value in values
        }
        self.codes = set(
            one_meaning({m: n for m, n in marks.items() if m not in left_out}, told.currency)
        )
        self.rows: list[tuple[str, float, Sequence[str | None]]] = []
        # Codes and signs of one currency are one.
        meaning = {mark: next(iter(one_meaning({mark: 1}, told.currency))) for mark in marks}
        for row in table.rows:
            cell, amount = row[at], rough_number(row[found[money]])
            if cell and cell.upper() in meaning and cell.upper() not in left_out and amount:
                self.rows.append((meaning[cell.upper()], amount, row))

    def _single(self) -> list[tuple[int, str]]:
        """Other columns of one currency all through, with its code."""
        table, singles = self.table, []
        for i, key in enumerate(table.keys):
            if i == self.found["currency"] or not table.cells[i]:
                continue
            values = set(table.cells[i])
            if _CURRENCY.search(key) and all(map(is_currency, values)):
                codes = one_meaning(Counter(cell.upper() for cell in values))
                if len(codes) == 1:
                    singles.append((i, next(iter(codes))))
        return singles

    def currency_of(self, amount: int) -> None:
        """Take the currency whose column is named like a given amount's."""
        ours = words_of(self.table.names[amount])
        near = [
            (-len(shared), self.table.keys[i], i)
            for i, _ in self._single()
            if (shared := ours & words_of(self.table.names[i]))
        ]
        if near:
            self.found["currency"] = min(near)[2]

    def _ratios(self, column: int) -> dict[str, list[float]]:
        """By currency, how many times the amount another column holds."""
        found: dict[str, list[float]] = defaultdict(list)
        for code, amount, row in self.rows:
            other = rough_number(row[column])
            if other is not None:
                found[code].append(other / amount)
        return found

    def _base(self, column: int) -> str | None:
        """The currency of all lines of a column of converted amounts, if it is one."""
        ratios = self._ratios(column)
        if sum(map(len, ratios.values())) < _SHARE * len(self.rows) or set(ratios) != self.codes:
            return None
        same = [
            code
            for code, some in ratios.items()
            if sum(abs(r - 1) < 1e-3 for r in some) >= _SHARE * len(some)
        ]
        others = [code for code in ratios if code not in same]
        steady = all(
            _steady(ratios[code]) and abs(median(ratios[code]) - 1) > 2e-3 for code in others
        )
        if not others or not steady:
            return None
        if len(same) == 1:
            return same[0]
        ours = words_of(self.table.names[column])
        named = [
            code for i, code in self._single()
            if not same and ours & words_of(self.table.names[i]) and _worth_it(ratios, code)
        ]  # fmt: skip
        return named[0] if named else None

    def converted(self, findings: Findings) -> bool:
        """Take a column of amounts in one currency; say whether there is one."""
        table, found = self.table, self.found
        near = []
        singles = self._single()
        original = words_of(table.names[found[self.money]])
        for i in range(len(table.keys)):
            taken = {role for role, at in found.items() if at == i}
            if taken - {"price", "amount"} or i == found[self.money] or not table.is_number(i):
                continue
            base = self._base(i)
            if base is None:
                continue
            words = words_of(table.names[i])
            pairs = [
                (-len(words & words_of(table.names[at])), table.keys[at], at)
                for at, code in singles
                if code == base
            ]
            pair = min(pairs)[2] if pairs else None
            shared = -min(pairs)[0] if pairs else 0
            near.append((-shared, -len(words & original), table.keys[i], i, pair, base))
        if not near:
            return False
        _, _, _, column, pair, base = min(near, key=lambda one: one[:3])
        original_column = found[self.money]
        self._refunds(column, original_column, findings)
        found[self.money] = column
        findings.rules[self.money] = "fits"
        findings.settled["currency"] = base
        if pair is not None:
            found["currency"] = pair
            findings.rules["currency"] = "fits"
        else:
            del found["currency"]
        findings.understood.append(
            fact(
                "intake.converted_used", column=table.names[column], currency=base,
                original=table.names[original_column], codes=tuple(sorted(self.codes)),
            )
        )  # fmt: skip
        return True

    def _refunds(self, column: int, original: int, findings: Findings) -> None:
        """What was paid back, in the same currency: by its own column, or at the order's rate."""
        table, found = self.table, self.found
        extra = words_of(table.names[column]) - words_of(table.names[original])
        by_rate = []
        for role in _BACK:
            if role not in found:
                continue
            wanted = words_of(table.names[found[role]]) | extra
            twins = [
                i
                for i in range(len(table.keys))
                if i not in found.values()
                and table.is_number(i)
                and words_of(table.names[i]) == wanted
            ]
            if len(twins) == 1 and role == "refunded":
                found[role] = twins[0]
            else:
                by_rate.append(role)
        if by_rate:
            found["unconverted"] = original
            findings.settled["by_rate_of"] = self.money
            findings.settled["by_rate"] = " ".join(by_rate)

    def rate(self, findings: Findings) -> bool:
        """Take a column of rates; say whether there is one that is clear."""
        table, found = self.table, self.found
        for i, key in sorted(enumerate(table.keys), key=lambda one: one[1]):
            named = _RATE.search(key) and not _NO_RATE.search(key)
            if not named or i in found.values() or not table.is_number(i):
                continue
            rates: dict[str, list[float]] = defaultdict(list)
            for code, _, row in self.rows:
                rate = rough_number(row[i])
                if rate and rate > 0:
                    rates[code].append(rate)
            if sum(map(len, rates.values())) < _SHARE * len(self.rows):
                continue
            bases = [
                code
                for code, some in rates.items()
                if sum(abs(r - 1) < 1e-6 for r in some) >= _SHARE * len(some)
            ]
            singles = {code for _, code in self._single()}
            base = bases[0] if len(bases) == 1 else next(iter(singles), None)
            if len(bases) > 1 or base is None or (not bases and len(singles) != 1):
                continue
            others = {code: some for code, some in rates.items() if code != base}
            times = self._direction(base, others)
            if times is None:
                continue
            found["rate" if times else "rate_below"] = i
            del found["currency"]
            findings.settled["currency"] = base
            code = "rate_times" if times else "rate_divided"
            findings.understood.append(
                fact(
                    f"intake.{code}", column=table.names[i], currency=base,
                    amount=table.names[found[self.money]], codes=tuple(sorted(self.codes)),
                )
            )  # fmt: skip
            return True
        return False

    def _direction(self, base: str, rates: dict[str, list[float]]) -> bool | None:
        """Whether amounts are multiplied by their rates, or divided; None where it is unclear."""
        votes: set[bool] = set()
        for code, some in rates.items():
            if not _steady(some):
                return None
            rate = math.log(median(some))
            if code in _WORTH and base in _WORTH:
                worth = math.log(_WORTH[code] / _WORTH[base])
                near, far = sorted((abs(rate - worth), abs(rate + worth)))
                if near > math.log(2.5):
                    return None
                if far - near > _CLEAR:
                    votes.add(abs(rate - worth) < abs(rate + worth))
                continue
            ours = median(abs(a) for c, a, _ in self.rows if c == code)
            theirs = [abs(a) for c, a, _ in self.rows if c == base]
            if not theirs:
                return None
            # A shop's orders are of a size, in whatever currency.
            gap = math.log(median(theirs) / ours)
            near, far = sorted((abs(rate - gap), abs(rate + gap)))
            if far - near > math.log(4):
                votes.add(abs(rate - gap) < abs(rate + gap))
        return votes.pop() if len(votes) == 1 else None


def _steady(ratios: Sequence[float]) -> bool:
    middle = median(ratios) if ratios else 0.0
    near = sum(abs(r / middle - 1) < _SPREAD for r in ratios) if middle > 0 else 0
    return near >= 0.9 * len(ratios) > 0


def _worth_it(ratios: dict[str, list[float]], base: str) -> bool:
    """Whether the rates are those to a base, as far as they are known."""
    known = [code for code in ratios if code in _WORTH and base in CODES]
    return base in _WORTH and all(
        abs(math.log(median(ratios[code]) * _WORTH[base] / _WORTH[code])) < math.log(2)
        for code in known
    )
