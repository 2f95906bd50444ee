"""Holds the column of customers against all others that tell people apart."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

import duckdb

from winback.errors import UsageError
from winback.intake.cells import as_text, nothing
from winback.intake.contents import Table, mostly
from winback.intake.doubts import masked
from winback.intake.guests import is_nobody, may_be_nobody
from winback.intake.headers import normalised
from winback.intake.phones import PHONE_NAMES, digits_of, looks_like_phones
from winback.intake.shapes import Source

Kind = Literal["mail", "phone", "account"]
_KINDS: tuple[Kind, ...] = ("mail", "phone", "account")

_ADDRESS = re.compile(r"^\S+@\S+\.[A-Za-z]{2,}$")
# Addresses and numbers of somebody else than the buyer.
_OTHERS = re.compile(
    r"^to(email|mail)|seller|sales|agent|(^|[^p])rep(email|$)|merchant|shop|store|vendor|owner|manager"
    r"|employee|staff|cashier|courier|carrier|driver|support|sprzedaw|handlow|opiekun|pracown|kasjer"
    r"|kurier|verkauf|haendler|handler|mitarbeit|vendeur|ship|delivery|wysyl|dostaw|liefer|livraison"
    r"|supplier|dostawc|lieferant|fax"
)
# A login, a nick or a card of one person; a household's or a company's account holds several.
_ACCOUNTS = re.compile(
    r"login|username|nick|loyal|lojaln|stalegoklienta|treue|fidel|cardid|cardno|cardnumber|nrkarty"
    r"|numerkarty|kartaklienta|kundenkarte|memberid|memberno|clubcard|customeruniqueid"
)
_NOT_ACCOUNTS = re.compile(r"type|typ|level|tier|point|punkt|date|data|status|amount|kwota|point")
# What is asked: so many of the others' values that come again have several ids.
_LEAST, _SPLIT = 3, {"mail": 0.05, "phone": 0.2, "account": 0.2}
_JOINED, _LEAST_JOINED, _MANY = 0.1, 5, 3
_TILL, _TILL_SHARE = 20, 0.02
_MOST_IDS_EACH = 10
_LEAST_ROWS = 10


def find_addresses(sources: Sequence[Source]) -> tuple[str, ...]:
    """Headers of columns that hold the buyers' e-mail addresses or phone numbers."""
    found: dict[str, None] = {}
    for shape in (one.shape for one in sources):
        for place, name in enumerate(shape.names):
            key = normalised(name)
            cells = [c for c in (row[place] for row in shape.sample) if c and not nothing(c)]
            if not cells or _OTHERS.search(key):
                continue
            mails = sum(bool(_ADDRESS.match(cell.strip())) for cell in cells)
            if 2 * mails > len(cells) or looks_like_phones(key, cells):
                found[name] = None
    return tuple(found)


@dataclass(frozen=True)
class Identity:
    """Another column that tells people apart."""

    column: int
    name: str
    kind: Kind


@dataclass(frozen=True)
class Columns:
    """What the customers are held against others with: the chosen header, SQL of ids and orders.

    ``types`` are of all columns of the file, by position.
    """

    file: str
    customer: str
    ids: str
    order: str
    types: Sequence[str]


@dataclass(frozen=True)
class _Held:
    """How the ids lie against another column.

    ``ids`` and ``values`` are how many there are; of these come ``again`` those with several
    orders, ``split`` of them have several ids; ``joined`` values share an id with two others, and
    ``most`` values share one.
    """

    ids: int
    values: int
    again: int
    split: int
    joined: int
    most: int

    def is_split(self, kind: Kind, ease: float = 1.0) -> bool:
        """Whether the ids part the other's values, which are those of persons."""
        plausible = self.values >= 5 and self.ids <= _MOST_IDS_EACH * self.values
        share = ease * _SPLIT[kind] * self.again
        return plausible and self.split >= _LEAST and self.split > share

    def is_joined(self, kind: Kind, ease: float = 1.0) -> bool:
        """Whether ids hold several persons' addresses; those of a marketplace never come again."""
        comes_again = self.again >= 0.2 * self.values
        many = max(_LEAST_JOINED, ease * _JOINED * self.values)
        # A till's id holds more people than any company's.
        till = self.most >= ease * max(_TILL, _TILL_SHARE * self.values)
        return kind == "mail" and comes_again and (self.joined >= many or till)


def others(table: Table, found: Mapping[str, int], guests: Sequence[str]) -> list[Identity]:
    """Columns that the customers are to be held against, by what the first rows show."""
    customer = found["customer"]
    key = found.get("order", found["date"])
    suspects = []
    for column in range(len(table.names)):
        kind = _kind(table, column)
        if column in found.values() or kind is None:
            continue
        held = _in_sample(table, customer, column, key, kind, guests)
        if held.is_split(kind, 0.5) or held.is_joined(kind, 0.5):
            suspects.append(Identity(column, table.names[column], kind))
    return suspects


def ask_for_several(table: Table, customer: int) -> None:
    """Ask for another column where the customers' tells nobody apart, and one of addresses does.

    Raises:
        UsageError: nearly all of the first rows have one customer.
    """
    counts = Counter(table.cells[customer]).most_common(1)
    if not counts or counts[0][1] < 0.98 * len(table.cells[customer]) or counts[0][1] < _LEAST_ROWS:
        return
    told = [
        (len(set(table.cells[i])), table.names[i])
        for i in range(len(table.names))
        if i != customer and _kind(table, i) is not None
    ]
    values, other = max(told, default=(0, ""))
    if values >= _LEAST_ROWS:
        raise UsageError(
            "intake.one_customer", file=table.label, column=table.names[customer], other=other,
            values=values,
        )  # fmt: skip


def hold(
    con: duckdb.DuckDBPyConnection, relation: str, columns: Columns, suspects: Sequence[Identity]
) -> None:
    """Ask which column tells customers apart where the chosen one contradicts another.

    Raises:
        UsageError: ids part the values of another column, or hold many of them.
    """
    for other in sorted(suspects, key=lambda one: (_KINDS.index(one.kind), one.name)):
        value = as_text(f"c{other.column}", columns.types[other.column])
        events = _events(columns, _same(value, other.kind), relation)
        held = _in_relation(con, events)
        asked = {"file": columns.file, "column": columns.customer, "other": other.name}
        if held.is_split(other.kind):
            raise UsageError(
                "intake.ids_split", ids=held.ids, values=held.values, split=held.split,
                again=held.again, **asked,
            )  # fmt: skip
        if held.is_joined(other.kind):
            one, n = con.execute(
                f"SELECT i, count(DISTINCT v) AS n FROM ({events}) GROUP BY i ORDER BY n DESC, i "
                "LIMIT 1"
            ).fetchall()[0]
            raise UsageError(
                "intake.ids_join", values=held.values, joined=held.joined, one=masked(one), n=n,
                **asked,
            )  # fmt: skip


def _kind(table: Table, column: int) -> Kind | None:
    key, cells = table.keys[column], table.cells[column]
    if _OTHERS.search(key) or len(cells) < 0.3 * len(table.rows):
        return None
    if mostly(cells, lambda cell: bool(_ADDRESS.match(cell.strip()))):
        return "mail"
    if PHONE_NAMES.search(key) and looks_like_phones(key, cells):
        return "phone"
    if _ACCOUNTS.search(key) and not _NOT_ACCOUNTS.search(key):
        return "account"
    return None


def _in_sample(
    table: Table, customer: int, other: int, key: int, kind: Kind, guests: Sequence[str]
) -> _Held:
    ids: dict[str, set[str]] = defaultdict(set)
    values: dict[str, set[str]] = defaultdict(set)
    orders: dict[str, set[str | None]] = defaultdict(set)
    for row in table.rows:
        one, value = row[customer], row[other]
        if one is None or value is None or nothing(one) or nothing(value):
            continue
        value = value.strip().lower()
        if kind == "phone":
            value = re.sub(r"\D", "", value)[-9:]
        if one in ("0", "0.0") or is_nobody(one, guests) or is_nobody(value, guests):
            continue
        ids[value].add(one)
        values[one].add(value)
        orders[value].add(row[key])
    return _Held(
        ids=len(values),
        values=len(ids),
        again=sum(len(found) > 1 for found in orders.values()),
        split=sum(len(found) > 1 for found in ids.values()),
        joined=sum(any(len(values[one]) >= _MANY for one in found) for found in ids.values()),
        most=max(map(len, values.values()), default=0),
    )


def _same(value: str, kind: Kind) -> str:
    """SQL of what is equal where two values are one person's."""
    if kind == "phone":
        return f"right({digits_of(value)}, 9)"
    return f"lower(trim({value}))"


def _events(columns: Columns, value: str, relation: str) -> str:
    """SQL of each order's id and other value, without those of nobody."""
    return f"""SELECT * FROM (SELECT DISTINCT CAST({columns.ids} AS VARCHAR) AS i, {value} AS v,
            {columns.order} AS o FROM {relation})
        WHERE i IS NOT NULL AND i NOT IN ('0', '0.0') AND coalesce(v, '') <> ''
            AND NOT ({may_be_nobody("v")})"""


def _in_relation(con: duckdb.DuckDBPyConnection, events: str) -> _Held:
    found = con.execute(
        f"""WITH known AS ({events}),
        people AS (SELECT i, count(DISTINCT v) AS n FROM known GROUP BY i),
        each AS (SELECT v, count(DISTINCT i) AS ids, count(DISTINCT o) AS orders,
                max(n) AS most FROM known JOIN people USING (i) GROUP BY v)
        SELECT (SELECT count(*) FROM people), count(*), count_if(orders > 1), count_if(ids > 1),
            count_if(most >= {_MANY}), max(most) FROM each"""
    ).fetchall()[0]
    return _Held(*(int(n or 0) for n in found))
