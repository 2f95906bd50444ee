"""Finds out whether money is written in cents or the like, and what makes it whole units."""

from __future__ import annotations

import re
from collections.abc import Mapping

import duckdb

from winback.intake.cells import listed, one_row
from winback.intake.contents import Table
from winback.intake.currencies import meanings, minor_unit
from winback.intake.findings import Findings
from winback.intake.headers import normalised
from winback.intake.numbers import rough_number
from winback.intake.told import Told
from winback.results.base import fact

MONEY = (
    "amount", "price", "refunded", "discount", "adjusted", "order_total", "gift", "refund_unsure",
    "before_gift",
)  # fmt: skip
_MINOR = re.compile(
    r"cents?|cts?|minor|minorunits?|subunits?|eurocents?|pence|pennies|centimes?|centi?mos?|"
    r"centavos?|centesimi|grosz[ey]?|groszach|gr|haler\w*|halir\w*|kop[ei][jyi]k\w*|kurus\w*|"
    r"ore|oere|bani|paise|paisa|fils|filler|stotink\w*"
)
_JOINED = re.compile(
    r"(amount|total|price|value|sum|revenue|paid|charge|fee|refund(ed)?|kwota|cena|wartosc|suma|"
    r"betrag|preis|summe|montant|prix|importe|precio)(in|w|en)?"
    r"(cents?|pence|centimes|grosze|groszach|minor(units?)?)$|(x|times|mal|razy)100$"
)
_MICROS = re.compile(r"micros?$")
_DIVISOR = re.compile(r"divisor|divideby|dzielnik|teiler|diviseur")
_EXPONENT = re.compile(r"exponent|minorunits?$|decimal(place|digit)?s?$|fractiondigits")
_POWERS = {10.0**n for n in range(7)}
# So many amounts with decimals are no error of typing.
_SHARE = 0.02
# Nothing can be charged below half of a unit, so that no half of all amounts is.
_STRIPE_LEAST = 50
_STRIPE_MARKS = {"amountrefunded", "amountcaptured", "paymentintent", "balancetransaction"}


def is_minor(header: str) -> bool:
    """Whether a column's name says that it is in the smallest unit of a currency."""
    key = normalised(header)
    if _JOINED.search(key):
        return True
    words = [normalised(word) for word in re.findall(r"[A-Z]?[^\WA-Z_]+|[A-Z]+", header)]
    return any(
        _MINOR.fullmatch(word) and (not place or words[place - 1] != "per")
        for place, word in enumerate(words)
    )


def find_divisor(table: Table, found: dict[str, int], told: Told) -> None:
    """Take the column that says by what, or by which power of ten, the money is divided."""
    money = found.get("amount", found.get("price"))
    if money is None or told.minor_units is not None:
        return
    for role, words, right in (
        ("divisor", _DIVISOR, _POWERS),
        ("exponent", _EXPONENT, {0.0, 1.0, 2.0, 3.0, 4.0}),
    ):
        near = []
        for i, key in enumerate(table.keys):
            word = words.search(key)
            if word is None or i in found.values() or not table.cells[i]:
                continue
            # "grandtotal.divisor" is that of "grandtotal.amount".
            begin = key[: word.start()]
            fits = table.keys[money].startswith(begin) or begin in ("currency", "amount")
            if fits and {rough_number(cell) for cell in set(table.cells[i])} <= right:
                near.append((-len(begin), key, i))
        if near:
            found[role] = min(near)[2]
            return


class Units:
    """What the money of some lines is divided by, role by role.

    ``headers`` names the columns of the roles, ``parsed`` has the SQL of their numbers over
    ``relation``, and ``keys`` are all normalised headers of the file.
    """

    def __init__(
        self, con: duckdb.DuckDBPyConnection, relation: str, headers: Mapping[str, str],
        parsed: Mapping[str, str], keys: set[str], told: Told, findings: Findings,
    ) -> None:  # fmt: skip
        self.con, self.relation, self.headers, self.parsed = con, relation, headers, parsed
        self.told, self.findings = told, findings
        self.is_stripe = {"amount", "created", "currency"} <= keys and bool(_STRIPE_MARKS & keys)

    def divisors(self) -> dict[str, str]:
        """SQL of the divisor of each role of money that has one."""
        roles = [role for role in MONEY if role in self.headers]
        if self.findings.settled.get("discount") in ("share", "percent"):
            roles.remove("discount")
        if self.told.minor_units is not None:
            if not self.told.minor_units:
                return {}
            self.findings.understood.append(fact("intake.minor_told"))
            return dict.fromkeys(roles, self._unit())
        main = "amount" if "amount" in roles else "price"
        for role, sql in (("divisor", "nullif({0}, 0)"), ("exponent", "power(10, {0})")):
            if role in self.headers and self._is_whole(main):
                self._say("divisor_used", self.headers[main], by=self.headers[role])
                return dict.fromkeys(roles, sql.format(f"({self.parsed[role]})"))
        found = {role: by for role in roles if (by := self._named(role))}
        if main in found:
            return found | self._partners(main, [r for r in roles if r not in found])
        if self.is_stripe and main == "amount" and self._is_stripes_own():
            self.findings.understood.append(fact("intake.smallest_unit"))
            return {role: self._unit() for role in ("amount", "refunded") if role in roles}
        return found

    def _named(self, role: str) -> str | None:
        """The divisor of a column whose name speaks of a smallest unit, and its cells allow it."""
        header = self.headers[role]
        micros = bool(_MICROS.search(normalised(header)))
        if not micros and not is_minor(header):
            return None
        if not self._is_whole(role):
            self._say("minor_disproved", header)
            return None
        if micros:
            self._say("micros", header)
            return "1000000"
        self._say("minor_named", header)
        return self._unit()

    def _partners(self, main: str, others: list[str]) -> dict[str, str]:
        """The divisors of columns beside one in cents: the same, where it makes them fit it."""
        found = {}
        for role in others:
            large, all_ = one_row(
                self.con,
                f"SELECT count_if(abs(o) > 1.01 * abs(m) / {self._unit()}), count(*) FROM "
                f"(SELECT ({self.parsed[role]}) AS o, ({self.parsed[main]}) AS m, * "
                f"FROM {self.relation}) WHERE o <> 0 AND m <> 0",
            )
            if 2 * large > all_ and self._is_whole(role):
                found[role] = self._unit()
        return found

    def _is_stripes_own(self) -> bool:
        """Stripe's API writes whole numbers of cents; a script may have made dollars of them."""
        if not self._is_whole("amount"):
            self._say("minor_disproved_stripe", self.headers["amount"])
            return False
        middle = one_row(
            self.con,
            f"SELECT median(abs(v)) FROM (SELECT ({self.parsed['amount']}) AS v "
            f"FROM {self.relation}) WHERE v <> 0",
        )[0]
        return bool(middle >= _STRIPE_LEAST)

    def _is_whole(self, role: str) -> bool:
        """Whether (nearly) all numbers of a role are whole."""
        broken, filled = one_row(
            self.con,
            f"SELECT count_if(abs(v - round(v)) > 1e-6), count(v) FROM "
            f"(SELECT {self.parsed[role]} AS v FROM {self.relation})",
        )
        return bool(broken < _SHARE * filled)

    def _unit(self) -> str:
        """SQL of how many of the smallest unit make one of a line's currency."""
        if "currency" not in self.headers:
            return str(minor_unit(meanings(self.told.currency or "")[0]))
        currency = f"upper({self.parsed['currency']})"
        marks = self.con.execute(
            f"SELECT DISTINCT {currency} AS c FROM {self.relation} WHERE c IS NOT NULL "
            "ORDER BY c LIMIT 1000"
        ).fetchall()
        odd: dict[int, list[str]] = {}
        for (mark,) in marks:
            odd.setdefault(minor_unit(meanings(mark)[0]), []).append(mark)
        usual = odd.pop(100, None)
        if len(odd) == 1 and not usual:
            return str(next(iter(odd)))
        cases = "".join(
            f"WHEN {currency} IN {listed(some)} THEN {unit} " for unit, some in sorted(odd.items())
        )
        return f"(CASE {cases}ELSE 100 END)" if cases else "100"

    def _say(self, code: str, column: str, **more: str) -> None:
        self.findings.understood.append(fact(f"intake.{code}", column=column, **more))
